package score

import "slices"

// Computed says whether a KPI is made of what devices, cells and probes report. Any other is what others measure:
// it is read from measured.csv.
func Computed(n Name) bool {
	switch n.Service {
	case "mobile_voice":
		return slices.Contains([]string{"call_setup_failure", "call_drop", "handover_success", "cell_availability", "mos_p95_low"}, n.KPI)
	case "mobile_data":
		return slices.Contains([]string{"erab_drb_accessibility", "abnormal_release", "bh_user_throughput_dl_4g", "bh_user_throughput_dl",
			"user_throughput_dl_5g", "congested_cells", "cell_availability", "handover_success", "rtt", "samples_above_floor"}, n.KPI)
	case "fixed_broadband":
		return slices.Contains([]string{"service_availability", "congested_pon_and_uplinks", "mean_latency", "packet_loss", "speed_ratio", "web_load_time"}, n.KPI)
	case "iptv":
		return slices.Contains([]string{"stream_packet_loss", "service_availability", "head_end_channel_up", "video_mos", "zapping_time_p95"}, n.KPI)
	case "transport":
		return slices.Contains([]string{"system_availability", "congested_links", "one_way_delay", "delay_variation", "packet_loss"}, n.KPI)
	}
	return false
}
