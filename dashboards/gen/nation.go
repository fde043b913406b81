package main

// margin is the title of columns and panels that show the distance to a target; below 0 it is missed.
const margin = "Dư so với chỉ tiêu / Margin"

// provincePage leads from a row of a table to the province's own dashboard.
const provincePage = "/d/haidang-province?var-province=${__data.fields.province}&${__url_time_range}"

// nation holds the network against the targets: T1 availability, T2 and T3 scores, T4 congestion, T5 4G speed.
func nation() dashboard {
	return dashboard{
		uid: "haidang-nation", title: "Toàn quốc / Nation", from: "now-7d",
		about: "Mạng lưới toàn quốc so với chỉ tiêu tháng. / The whole network against the month's targets.",
		rows: []row{
			{"Tổng quan / Overview", 4, []panel{
				stat(5, "Hệ thống dưới chỉ tiêu / Systems below target", count, query{"", bad(`max by (system) (max by (system, kind) (haidang_availability_ratio{province="vn", level="device", window="month"}) < max by (system, kind) (haidang_availability_target_ratio{province="vn", level="device"}))`, `haidang_availability_ratio{province="vn", window="month"}`)}).coloured(zeroGood),
				stat(5, "Đơn vị có hệ thống dưới chỉ tiêu / Units with a system below target", count, query{"", bad(`count by (province) (max by (province, system) (max by (province, system, kind) (haidang_availability_ratio{province!~"vn|unknown", level="device", window="month"}) < max by (province, system, kind) (haidang_availability_target_ratio{level="device"})))`, `haidang_availability_ratio{province!~"vn|unknown", window="month"}`)}).coloured(zeroGood),
				stat(5, "Đơn vị nghẽn đến mức chỉ tiêu / Units at the congestion target", count, query{"", bad(`count by (province) (max by (province, class) (haidang_congestion_ratio{province!="vn", by="links"}) >= max by (province, class) (haidang_congestion_target_ratio))`, `haidang_congestion_ratio{province!="vn"}`)}).coloured(zeroGood),
				stat(5, "Số liệu tính đến / Computed", "dateTimeAsLocal", query{"", `max(haidang_kpi_as_of_timestamp_seconds) * 1000`}),
				stat(4, "Ngày đã qua của tháng / Days of the month elapsed", count, query{"", elapsed}).digits(1).
					saying("Số liệu của vài giờ đầu tháng còn dao động mạnh. / What the first hours of a month show changes much."),
			}},
			{"T1 – Khả dụng hệ thống / Availability of systems", 9, []panel{
				table(12, "Tháng này theo hệ thống / This month by system", ratio, []string{"system"},
					query{"Khả dụng / Net", `max by (system) (haidang_availability_ratio{province="vn", level="device", kind="net", window="month"})`},
					query{target, `max by (system) (haidang_availability_target_ratio{province="vn", level="device"})`},
					query{margin, `max by (system) (max by (system, kind) (haidang_availability_ratio{province="vn", level="device", window="month"}) - max by (system, kind) (haidang_availability_target_ratio{province="vn", level="device"}))`},
					query{"Thấp nhất / Lowest", `max by (system) (haidang_availability_ratio{province="vn", level="device", kind="lo", window="month"})`},
					query{"Cao nhất / Highest", `max by (system) (haidang_availability_ratio{province="vn", level="device", kind="hi", window="month"})`},
					query{"Độ phủ / Coverage", `max by (system) (haidang_kpi_coverage_ratio{province="vn", level="device"})`},
				).digits(4).saying("Thấp nhất, cao nhất: thời gian chưa biết tính là gián đoạn, là hoạt động. / Lowest, highest: unknown time counted as down, as up."),
				trend(12, "Khả dụng tháng / Month to date", ratio, query{"{{system}}", `max by (system) (haidang_availability_ratio{province="vn", level="device", kind="net", window="month"})`}).digits(4),
				bars(12, "Quỹ gián đoạn còn lại / Remaining error budget", seconds, query{"{{system}}", `min by (system) (haidang_availability_budget_remaining_seconds{province="vn", level="device"})`}).coloured(sign).
					saying("Số giây gián đoạn mà chỉ tiêu còn cho phép, tính đến nay; âm: đã vi phạm. / Down seconds that the target still allows so far; negative: missed."),
				trend(12, margin, ratio, query{"{{system}}", `max by (system) (max by (system, kind) (haidang_availability_ratio{province="vn", level="device", window="month"}) - max by (system, kind) (haidang_availability_target_ratio{province="vn", level="device"}))`}).coloured(sign).digits(4),
				table(24, "Đơn vị xa chỉ tiêu nhất / Units farthest from their target", ratio, []string{"province", "system"},
					query{margin, `bottomk(15, max by (province, system) (max by (province, system, kind) (haidang_availability_ratio{province!~"vn|unknown", level="device", window="month"}) - max by (province, system, kind) (haidang_availability_target_ratio{level="device"})))`}).digits(4).leading(provincePage),
			}},
			{"T2, T3, T5 – Chất lượng và tốc độ / Quality and speed", 4, []panel{
				stat(6, "T2: dưới điểm sàn / Units below the floor", count, query{"", belowFloor}).coloured(zeroGood).leading("/d/haidang-quality?var-province=vn"),
				stat(6, "T2: chưa có điểm / Units without a score", count, query{"", noScore}).coloured(zeroGood).leading("/d/haidang-quality?var-province=vn"),
				stat(6, "T3: dư tỷ lệ đơn vị tốt / Margin of good units", ratio, query{"", goodMargin}).coloured(sign).digits(1).leading("/d/haidang-quality?var-province=vn"),
				stat(6, "T5: dư tăng tốc độ 4G / Margin of 4G speed growth", ratio, query{"", growthMargin}).coloured(sign).digits(1).leading("/d/haidang-radio?var-province=vn"),
			}},
			{"T4 – Nghẽn băng thông / Congestion", 8, []panel{
				table(12, "Tháng này theo lớp / This month by class", ratio, []string{"class"},
					query{"Tỷ lệ nghẽn / Congested", `max by (class) (haidang_congestion_ratio{province="vn", by="links"})`},
					query{target, `max by (class) (haidang_congestion_target_ratio{province="vn"})`},
					query{margin, `max by (class) (haidang_congestion_target_ratio{province="vn"}) - max by (class) (haidang_congestion_ratio{province="vn", by="links"})`},
					query{"Theo dung lượng / By capacity", `max by (class) (haidang_congestion_ratio{province="vn", by="capacity"})`},
				).digits(2).saying("Phải thấp hơn chỉ tiêu: dư bằng 0 là không đạt. / It must stay below the target: a margin of 0 misses it."),
				trend(12, margin, ratio, query{"{{class}}", `max by (class) (haidang_congestion_target_ratio{province="vn"}) - max by (class) (haidang_congestion_ratio{province="vn", by="links"})`}).coloured(sign).digits(2),
			}},
			{"Độ phủ số liệu / Coverage", 8, []panel{
				trend(12, "Thời gian có số liệu / Known share of time", ratio, query{"{{level}} {{system}}", `max by (level, system) (haidang_kpi_coverage_ratio{province="vn"})`}).digits(2),
				bars(12, "Thiết bị chưa có số liệu / Devices never heard of", count, query{"{{province}}", `topk(10, max by (province) (haidang_devices_unseen{province!="vn"}))`}).coloured(zeroGood),
			}},
			{"Cảnh báo / Alarms and alerts", 8, []panel{
				table(24, "Nguyên nhân gốc / Root causes", count, []string{"severity", "province", "system", "cause"},
					query{"Số / Number", `sum by (severity, province, system, cause) (haidang_alarm_active)`}).leading(provincePage),
				table(24, "Đang bật / Firing", count, []string{"severity", "alertname", "province", "system", "class", "agent", "partition"},
					query{"Số / Number", `count by (severity, alertname, province, system, class, agent, partition) (ALERTS{alertstate="firing"})`}),
			}},
		},
	}
}
