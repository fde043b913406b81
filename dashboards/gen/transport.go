package main

// transport is what the whole network hangs on: rings, backbone and submarine cables, as systems with redundancy.
func transport() dashboard {
	const of = `composite=~"$composite"`
	peak := func(metric string) string { return `max by (composite, direction) (` + metric + `{` + of + `})` }
	spent := func(state string) query {
		return query{"{{composite}}", `max by (composite) (haidang_composite_state_seconds{` + of + `, state="` + state + `"})`}
	}
	kind := func(kind string) string {
		return `max by (composite, system) (haidang_composite_availability_ratio{` + of + `, kind="` + kind + `"})`
	}
	goal := `max by (composite, system) (haidang_composite_target_ratio{` + of + `})`
	return dashboard{
		uid: "haidang-transport", title: "Vòng ring, trục, cáp biển / Rings, backbone, submarine", from: "now-7d",
		about: "Hệ thống có dự phòng và tuyến của chúng. Từng tuyến: /api/v1/links. / Systems with redundancy, and their links. Single links: /api/v1/links.",
		variables: []variable{
			{name: "composite", title: "Hệ thống / Composite", metric: "haidang_composite_state", of: "composite", multi: true},
		},
		rows: []row{
			{"Ngay lúc này / Right now", 4, []panel{
				stat(6, "Gián đoạn / Down", count, query{"", bad(`max by (composite) (haidang_composite_state{state="down"}) == 1`, `haidang_composite_state`)}).coloured(zeroGood),
				stat(6, "Mất dự phòng / Unprotected", count, query{"", bad(`max by (composite) (haidang_composite_state{state="degraded"}) == 1`, `haidang_composite_state`)}).coloured(zeroGood),
				stat(6, "Dưới chỉ tiêu / Below target", count, query{"", bad(`max by (composite) (haidang_composite_availability_ratio{kind="net"}) < max by (composite) (haidang_composite_target_ratio)`, `haidang_composite_availability_ratio`)}).coloured(zeroGood),
				stat(6, "Quá tải nếu mất tuyến lớn nhất / Overloaded without the largest", count, query{"", bad(`max by (composite) (haidang_composite_peak_n1_ratio) >= max by (composite) (haidang_composite_peak_n1_target_ratio)`, `haidang_composite_peak_n1_ratio`)}).coloured(zeroGood),
			}},
			{"Hệ thống có dự phòng / Systems with redundancy", 8, []panel{
				table(24, "Tháng này / This month", ratio, []string{"composite", "system"},
					query{"Khả dụng / Net", kind("net")}, query{"Kể cả bảo trì / Gross", kind("gross")},
					query{"Thấp nhất / Lowest", kind("lo")}, query{"Cao nhất / Highest", kind("hi")},
					query{target, goal}, query{margin, kind("net") + ` - ` + goal},
				).digits(4),
				bars(12, "Giây gián đoạn trong tháng / Down seconds of the month", seconds, spent("down")).coloured(zeroGood),
				bars(12, "Giây mất dự phòng trong tháng / Unprotected seconds of the month", seconds, spent("degraded")).coloured(zeroGood).
					saying("Vẫn hoạt động, nhưng không được hỏng thêm gì nữa. / Up, but nothing more might fail."),
				trend(12, "Tải đỉnh / Peak load", ratio, query{"{{composite}} {{direction}}", peak("haidang_composite_peak_ratio")}).digits(1),
				trend(12, "N-1: tải đỉnh khi mất tuyến lớn nhất / Peak load without the largest", ratio,
					query{"{{composite}} {{direction}}", peak("haidang_composite_peak_n1_ratio")}, query{target, `max(haidang_composite_peak_n1_target_ratio{` + of + `})`}).digits(1),
			}},
			{"Thiết bị / Devices", 8, []panel{
				trend(12, "Khả dụng tháng / Month to date", ratio, query{"{{system}}", `max by (system) (haidang_availability_ratio{province="vn", level="device", system=~"ring-.*|backbone|submarine|vn2", kind="net", window="month"})`}).digits(4),
				trend(12, "Số thiết bị gián đoạn / Devices down", count, query{"{{system}}", `max by (system) (rate(haidang_state_seconds_total{province="vn", level="device", system=~"ring-.*|backbone|submarine|vn2", state="down"}[$__rate_interval]))`}).stack(),
			}},
			{"Tuyến / Links", 8, []panel{
				trend(12, "Tuyến nghẽn / Congested links", ratio, query{"{{class}}", `max by (class) (haidang_congestion_ratio{province="vn", class=~"transport|international", by="links"})`},
					query{target, `max(haidang_congestion_target_ratio{province="vn", class="transport"})`}).digits(2),
				bars(12, "Đơn vị nhiều tuyến nghẽn nhất / Units with the most congested links", count, query{"{{province}} {{class}}",
					`topk(10, max by (province, class) (haidang_congestion_links{province!="vn", class=~"transport|international", outcome="congested"}))`}).
					leading("/d/haidang-congestion?var-class=${__field.labels.class}&${__url_time_range}"),
			}},
			{"Tuyến tải nặng nhất / Links loaded most", 9, []panel{worstLinks(`class=~"transport|international"`)}},
		},
	}
}
