package main

// radioPage leads from a row of a table to that unit's radio.
const radioPage = "/d/haidang-radio?var-province=${__data.fields.province}&${__url_time_range}"

// The growth of the 4G speed (T5), of all cells, which the target tests.
const (
	growth       = `max(haidang_ran_speed_growth_ratio{province="vn", cells="all"})`
	growthMargin = growth + ` - max(haidang_ran_speed_growth_target_ratio)`
)

// cellsTarget is what the share of congested cells must be below.
const cellsTarget = `max(haidang_ran_congested_cells_target_ratio)`

// radioKPIs draws KPIs of the radio cells of one unit.
func radioKPIs(title, unit, names string) panel {
	return trend(6, title, unit, query{"{{technology}} {{kpi}}", `max by (technology, kpi) (haidang_ran_kpi{province="$province", technology=~"$technology", kpi=~"` + names + `"})`}).digits(2)
}

// spread draws the 95th percentiles over one unit's cells of means that cannot be pooled.
func spread(title, unit, names string) panel {
	return trend(6, title, unit, query{"{{technology}} {{kpi}}", `max by (technology, kpi) (haidang_ran_cells_p95{province="$province", technology=~"$technology", kpi=~"` + names + `"})`}).digits(2)
}

// site is what one unit's base stations consume.
func site(title, unit, name string) panel {
	return trend(6, title, unit, query{"", `max(haidang_ran_kpi{province="$province", technology="site", kpi="` + name + `"})`}).digits(3)
}

// radioOf is one KPI of every unit, for a table.
func radioOf(name string) string {
	return `max by (province, technology) (haidang_ran_kpi{technology=~"$technology", kpi="` + name + `"})`
}

// radio is 4G and 5G: target T5, the cells' KPIs, and how full they are.
func radio() dashboard {
	congested := `max by (province, technology) (haidang_ran_congested_cells_ratio{technology=~"$technology"})`
	return dashboard{
		uid: "haidang-radio", title: "Vô tuyến 4G, 5G / 4G and 5G radio", from: "now-30d",
		about: "Từ bộ đếm 3GPP, từ đầu tháng; ngày hôm nay tính khi đã hết, nên ngày đầu tháng còn trống. / From 3GPP counters, month to date; today counts once it is over, so the first of a month shows nothing yet.",
		variables: []variable{
			{name: "province", title: "Đơn vị / Province", metric: "haidang_ran_kpi", of: "province", defaultValue: "vn"},
			{name: "technology", title: "Công nghệ / Technology", metric: "haidang_ran_kpi", of: "technology", multi: true},
		},
		rows: []row{
			{"T5 – Tăng tốc độ 4G / Growth of the 4G speed", 4, []panel{
				stat(5, "Mọi cell / All cells", ratio, query{"", growth}).digits(1),
				stat(5, margin, ratio, query{"", growthMargin}).coloured(sign).digits(1),
				stat(5, "Cell có ở cả hai kỳ / Like for like", ratio, query{"", `max(haidang_ran_speed_growth_ratio{province="vn", cells="like_for_like"})`}).digits(1),
				stat(5, "Không có trong cells.csv / Not in cells.csv", count, query{"", `max(haidang_ran_unlisted_objects)`}).coloured(zeroGood),
				stat(4, "Ngày đã tính / Days counted", count, query{"", `floor(` + elapsed + `)`}),
			}},
			{"$province: KPI", 8, []panel{
				radioKPIs("Truy nhập / Access", ratio, "accessibility|voice_setup|pdu_session_setup"),
				radioKPIs("Rớt / Drops", ratio, "drop|voice_drop"),
				radioKPIs("Chuyển giao / Mobility", ratio, "mobility"),
				radioKPIs("Khả dụng / Availability", ratio, "availability|availability_gross"),
				radioKPIs("Duy trì (lần/giờ) / Retainability (per hour)", "none", "retainability|voice_retainability"),
				radioKPIs("Tốc độ tải xuống / Downlink speed", "Kbits", "busy_throughput_dl|throughput_dl|ue_throughput_dl"),
				radioKPIs("Tốc độ tải lên 5G / 5G uplink speed", "Kbits", "ue_throughput_ul"),
				radioKPIs("Tải PRB / PRB load", ratio, "prb_dl|prb_ul"),
			}},
			{"$province: P95 theo cell / P95 over cells", 8, []panel{
				spread("Trễ 4G / 4G latency", "ms", "latency_dl"),
				spread("Trễ 5G / 5G delay", "ms", "air_delay_dl|rlc_delay_dl"),
				spread("Mất gói tải lên 5G / 5G packet loss, up", ratio, "packet_loss_ul"),
				spread("UE kết nối / Connected UEs", count, "connected_users"),
			}},
			{"$province: điện năng / Energy", 8, []panel{
				site("Từ đầu tháng / Month to date", "kwatth", "energy"),
				site("Công suất / Power", "watt", "power"),
				site("kWh mỗi GB / kWh per GB", "none", "energy_per_gb"),
				bars(6, "Độ phủ / Coverage", ratio, query{"", `max(haidang_ran_coverage_ratio{province="$province", technology="site"})`}).digits(2),
			}},
			{"$province: cell", 8, []panel{
				trend(12, "Tỷ lệ cell nghẽn / Congested cells", ratio,
					query{"{{technology}}", `max by (technology) (haidang_ran_congested_cells_ratio{province="$province", technology=~"$technology"})`},
					query{target, cellsTarget}).digits(2),
				trend(12, "Số cell / Cells", count, query{"{{technology}} {{outcome}}", `max by (technology, outcome) (haidang_ran_cells{province="$province", technology=~"$technology"})`}).stack(),
				bars(12, "Độ phủ bộ đếm thấp nhất / Least coverage of counters", ratio, query{"{{technology}} {{kpi}}",
					`bottomk(10, max by (technology, kpi) (haidang_ran_coverage_ratio{province="$province", technology=~"$technology"}))`}).digits(2),
				bars(12, "Điểm di động / Mobile scores", "none", query{"{{kind}} {{service}}", `max by (kind, service) (haidang_score{province="$province", service=~"mobile_.*"})`}).digits(2).
					leading("/d/haidang-quality?var-province=$province&${__url_time_range}"),
			}},
			{"Đơn vị / Units", 10, []panel{
				table(24, "Tháng này theo đơn vị / This month by unit", ratio, []string{"province", "technology"},
					query{"Truy nhập / Accessibility", radioOf("accessibility")},
					query{"Rớt / Drops", radioOf("drop")},
					query{"Khả dụng / Availability", radioOf("availability")},
					query{"PRB", radioOf("prb_dl")},
					query{"Cell nghẽn / Congested", congested},
					query{margin, `scalar(` + cellsTarget + `) - ` + congested},
				).digits(2).leading(radioPage),
			}},
		},
	}
}
