package scorecard

// term is how people call a service, KPI or technology of the operator's thresholds; one that is not known here keeps
// the name it has in the file.
func (p *paper) term(key string) string {
	t, ok := terms()[key]
	if !ok {
		return key
	}
	return p.say(t[0], t[1])
}

func terms() map[string][2]string {
	return map[string][2]string{
		"lte": {"4G", "4G"}, "nr": {"5G", "5G"},
		"mobile_voice": {"Thoại di động", "Mobile voice"}, "mobile_data": {"Dữ liệu di động", "Mobile data"},
		"fixed_broadband": {"Băng rộng cố định", "Fixed broadband"}, "iptv": {"Truyền hình IPTV", "IPTV"}, "transport": {"Mạng truyền tải", "Transport network"},

		"coverage": {"Phủ sóng vô tuyến", "Radio coverage"}, "population": {"Dân số được phủ sóng", "Population covered"}, "area": {"Diện tích được phủ sóng", "Area covered"},

		"call_setup_failure": {"Thiết lập cuộc gọi không thành công", "Call set-up failure"}, "call_drop": {"Cuộc gọi bị rơi", "Call drop"},
		"handover_success": {"Chuyển giao thành công", "Handover success"}, "radio_readiness": {"Độ sẵn sàng mạng vô tuyến", "Radio readiness"},
		"cell_availability": {"Khả dụng cell", "Cell availability"}, "cell_availability_gross": {"Khả dụng cell, kể cả bảo trì", "Cell availability, gross"},
		"erab_drb_accessibility": {"Truy nhập E-RAB/DRB", "E-RAB/DRB accessibility"}, "abnormal_release": {"Giải phóng bất thường", "Abnormal release"},
		"bh_user_throughput_dl_4g": {"Tốc độ tải xuống 4G giờ bận", "4G download speed, busy hour"}, "user_throughput_dl_5g": {"Tốc độ tải xuống 5G", "5G download speed"},
		"congested_cells": {"Cell nghẽn", "Congested cells"}, "service_availability": {"Khả dụng dịch vụ", "Service availability"},
		"congested_pon_and_uplinks": {"PON và đường lên bị nghẽn", "Congested PON and uplinks"}, "mean_latency": {"Trễ trung bình", "Mean latency"},
		"packet_loss": {"Mất gói", "Packet loss"}, "ont_rx_in_budget": {"ONT thu đủ công suất", "ONTs with enough light"},
		"stream_packet_loss": {"Mất gói luồng hình", "Stream packet loss"}, "head_end_channel_up": {"Kênh hoạt động tại đầu cuối", "Channels up at the head end"},
		"system_availability": {"Khả dụng hệ thống", "System availability"}, "congested_links": {"Đường truyền nghẽn", "Congested links"},
		"one_way_delay": {"Trễ một chiều", "One-way delay"}, "delay_variation": {"Biến động trễ", "Delay variation"},
		"mos_p95_low": {"MOS, 5 % cuộc gọi thấp nhất", "MOS, lowest 5 % of calls"}, "bh_user_throughput_dl": {"Tốc độ tải xuống giờ bận", "Download speed, busy hour"},
		"rtt": {"Trễ khứ hồi", "Round-trip time"}, "samples_above_floor": {"Mẫu đạt tốc độ sàn", "Samples above the floor"},
		"speed_ratio": {"Tốc độ đo so với gói cước", "Measured to subscribed speed"}, "web_load_time": {"Thời gian tải trang", "Web load time"},
		"repair_within_limit": {"Sửa chữa đúng hạn", "Repaired in time"}, "video_mos": {"MOS hình ảnh", "Video MOS"}, "zapping_time_p95": {"Chuyển kênh, P95", "Zapping time, P95"},

		"accessibility": {"Truy nhập", "Accessibility"}, "rrc_setup": {"Thiết lập RRC", "RRC set-up"}, "signalling_setup": {"Thiết lập báo hiệu", "Signalling set-up"},
		"bearer_setup": {"Thiết lập kênh mang", "Bearer set-up"}, "added_bearer_setup": {"Thiết lập kênh mang thêm", "Added bearer set-up"},
		"pdu_session_setup": {"Thiết lập phiên PDU", "PDU session set-up"}, "voice_setup": {"Thiết lập kênh thoại", "Voice set-up"}, "voice_drop": {"Rớt kênh thoại", "Voice drop"},
		"retainability": {"Duy trì", "Retainability"}, "drb_retainability": {"Duy trì DRB", "DRB retainability"}, "drop": {"Rớt kênh mang", "Drop"},
		"throughput_dl": {"Tốc độ tải xuống", "Download speed"}, "ue_throughput_dl": {"Tốc độ tải xuống của UE", "UE download speed"},
		"busy_throughput_dl": {"Tốc độ tải xuống giờ bận", "Download speed, busy hour"}, "mobility": {"Chuyển giao", "Mobility"},
		"handover_preparation": {"Chuẩn bị chuyển giao", "Handover preparation"}, "handover_execution": {"Thực hiện chuyển giao", "Handover execution"},
		"prb_dl": {"Sử dụng PRB tải xuống", "PRB use, down"}, "prb_ul": {"Sử dụng PRB tải lên", "PRB use, up"}, "prb_used_dl": {"PRB đã dùng, tải xuống", "PRB used, down"},
		"availability": {"Khả dụng", "Availability"}, "availability_gross": {"Khả dụng, kể cả bảo trì", "Availability, gross"},
		"voice_retainability": {"Duy trì thoại", "Voice retainability"}, "ue_throughput_ul": {"Tốc độ tải lên của UE", "UE upload speed"},
		"prb_used_ul": {"PRB đã dùng, tải lên", "PRB used, up"}, "prb_full_dl": {"Thời gian hết PRB tải xuống", "Time without a free PRB, down"},
		"prb_full_ul": {"Thời gian hết PRB tải lên", "Time without a free PRB, up"}, "cqi_mean": {"CQI trung bình", "Mean CQI"}, "cqi": {"CQI", "CQI"},
		"site": {"Trạm", "Sites"}, "energy": {"Điện năng", "Energy"}, "power": {"Công suất", "Power"}, "energy_per_gb": {"Điện năng mỗi GB", "Energy per GB"},
		"latency_dl": {"Trễ IP tải xuống", "IP latency, down"}, "voice_latency_dl": {"Trễ IP thoại", "IP latency of voice"},
		"active_users_dl": {"UE đang nhận số liệu", "UEs receiving data"}, "connected_users": {"UE kết nối", "Connected UEs"},
		"connected_users_max": {"UE kết nối, nhiều nhất", "Connected UEs, most"},
		"air_delay_dl":        {"Trễ vô tuyến tải xuống", "Air delay, down"}, "air_delay_ul": {"Trễ vô tuyến tải lên", "Air delay, up"},
		"rlc_delay_dl": {"Trễ RLC tải xuống", "RLC delay, down"}, "packet_loss_ul": {"Mất gói tải lên", "Packet loss, up"},
		"f1_loss_dl": {"Mất gói F1 tải xuống", "F1 packet loss, down"}, "f1_loss_ul": {"Mất gói F1 tải lên", "F1 packet loss, up"},
		"users": {"UE", "UEs"}, "kwh": {"kWh", "kWh"}, "w": {"W", "W"}, "kwh_per_gb": {"kWh/GB", "kWh/GB"},
		"kbit_per_s": {"kbit/s", "kbit/s"}, "releases_per_hour": {"lần/giờ", "releases/hour"}, "ratio": {"%", "%"},
	}
}
