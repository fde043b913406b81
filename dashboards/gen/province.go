package main

// province is what a director or a NOC shift sees of one unit.
func province() dashboard {
	return dashboard{
		uid: "haidang-province", title: "Đơn vị / Province", from: "now-24h",
		about: "Một đơn vị; vn là phạm vi toàn quốc. / One unit; vn is the nation as a scope of its own.",
		variables: []variable{
			{name: "province", title: "Đơn vị / Province", metric: "haidang_entities", of: "province", defaultValue: "01"},
			{name: "system", title: "Hệ thống / System", metric: `haidang_entities{province="$province", level="device"}`, of: "system", multi: true},
		},
		rows: []row{
			{"Tháng này / This month", 8, []panel{
				table(16, "Hệ thống / Systems", ratio, []string{"system"},
					query{"Hôm nay / Today", `max by (system) (haidang_availability_ratio{province="$province", level="device", system=~"$system", window="day"})`},
					query{"Tháng / Month", `max by (system) (haidang_availability_ratio{province="$province", level="device", system=~"$system", kind="net", window="month"})`},
					query{"Kể cả bảo trì / Gross", `max by (system) (haidang_availability_ratio{province="$province", level="device", system=~"$system", kind="gross", window="month"})`},
					query{"Theo thuê bao / By subscribers", `max by (system) (haidang_availability_ratio{province="$province", level="device", system=~"$system", kind="weighted", window="month"})`},
					query{target, `max by (system) (haidang_availability_target_ratio{province="$province", level="device", system=~"$system"})`},
					query{margin, `max by (system) (max by (system, kind) (haidang_availability_ratio{province="$province", level="device", system=~"$system", window="month"}) - max by (system, kind) (haidang_availability_target_ratio{province="$province", level="device", system=~"$system"}))`},
					query{"Độ phủ / Coverage", `max by (system) (haidang_kpi_coverage_ratio{province="$province", level="device", system=~"$system"})`},
				).digits(4),
				bars(8, "Quỹ gián đoạn còn lại / Remaining error budget", seconds, query{"{{system}}", `min by (system) (haidang_availability_budget_remaining_seconds{province="$province", level="device", system=~"$system"})`}).coloured(sign),
			}},
			{"Cảnh báo / Alarms", 6, []panel{
				table(16, "Nguyên nhân gốc / Root causes", count, []string{"severity", "system", "cause"},
					query{"Số / Number", `sum by (severity, system, cause) (haidang_alarm_active{province="$province"})`}),
				bars(8, "Điểm chất lượng / Quality scores", "none", query{"{{kind}}", `max by (kind) (haidang_score{province="$province", service="all"})`}).digits(2).
					leading("/d/haidang-quality?var-province=$province&${__url_time_range}"),
			}},
			{"Khả dụng / Availability", 8, []panel{
				trend(12, "$system", ratio,
					query{"Tháng / Month", `max(haidang_availability_ratio{province="$province", level="device", system=~"$system", kind="net", window="month"})`},
					query{"Hôm nay / Today", `max(haidang_availability_ratio{province="$province", level="device", system=~"$system", window="day"})`},
					query{"Thấp nhất / Lowest", `max(haidang_availability_ratio{province="$province", level="device", system=~"$system", kind="lo", window="month"})`},
					query{"Cao nhất / Highest", `max(haidang_availability_ratio{province="$province", level="device", system=~"$system", kind="hi", window="month"})`},
					query{target, `max(haidang_availability_target_ratio{province="$province", level="device", system=~"$system"})`},
				).digits(4).repeated("system"),
			}},
			{"Trạng thái / States", 8, []panel{
				trend(8, "Số thiết bị gián đoạn / Devices down", count, query{"{{system}}", `max by (system) (rate(haidang_state_seconds_total{province="$province", level="device", system=~"$system", state="down"}[$__rate_interval]))`}).
					saying("Giây gián đoạn mỗi giây: số thiết bị trung bình. / Down seconds per second: how many devices on average."),
				trend(8, "Số thiết bị không rõ / Devices unknown", count, query{"{{system}}", `max by (system) (rate(haidang_state_seconds_total{province="$province", level="device", system=~"$system", state="unknown"}[$__rate_interval]))`}),
				trend(8, "Tốc độ dùng quỹ / Burn rate", "none",
					query{"{{system}} 1h", burnRate("system", `province="$province"`, "1h")},
					query{"{{system}} 6h", burnRate("system", `province="$province"`, "6h")}).
					saying("1 dùng đúng hết quỹ của tháng trong một tháng. / 1 spends exactly the month's budget in a month."),
			}},
			{"Tuyến / Links", 8, []panel{
				table(12, "Nghẽn tháng này / Congestion this month", ratio, []string{"class"},
					query{"Tỷ lệ nghẽn / Congested", `max by (class) (haidang_congestion_ratio{province="$province", by="links"})`},
					query{target, `max by (class) (haidang_congestion_target_ratio{province="$province"})`},
					query{margin, `max by (class) (haidang_congestion_target_ratio{province="$province"}) - max by (class) (haidang_congestion_ratio{province="$province", by="links"})`},
					query{"Theo dung lượng / By capacity", `max by (class) (haidang_congestion_ratio{province="$province", by="capacity"})`},
				).digits(2),
				trend(12, "Khả dụng tuyến / Availability of links", ratio, query{"{{system}}", `max by (system) (haidang_availability_ratio{province="$province", level="link", kind="net", window="month"})`}).digits(4),
			}},
			{"Độ phủ số liệu / Coverage", 6, []panel{
				stat(6, "Thiết bị / Devices", count, query{"", `sum(max by (system) (haidang_entities{province="$province", level="device"}))`}),
				stat(6, "Chưa có số liệu / Never heard of", count, query{"", `max(haidang_devices_unseen{province="$province"}) or 0 * max(haidang_kpi_as_of_timestamp_seconds)`}).coloured(zeroGood),
				trend(12, "Thời gian có số liệu / Known share of time", ratio, query{"{{level}} {{system}}", `max by (level, system) (haidang_kpi_coverage_ratio{province="$province"})`}).digits(2),
			}},
		},
	}
}
