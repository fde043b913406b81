package main

// qualityPage leads from a row of a table to that unit's scores.
const qualityPage = "/d/haidang-quality?var-province=${__data.fields.province}&${__url_time_range}"

// The scores of the units, and the targets that they are held against.
const (
	combined   = `max by (province) (haidang_score{kind="combined", service="all", province!="vn"})`
	scoreFloor = `max(haidang_score_target{gate="floor"})`
	belowFloor = `max(haidang_score_units{outcome="below_floor"})`
	noScore    = `max(haidang_score_units{outcome="no_score"})`
	goodShare  = `max(haidang_score_units{outcome="good"}) / sum(max by (outcome) (haidang_score_units))`
	goodMargin = goodShare + ` - max(haidang_score_good_units_target_ratio)`
)

// quality is QoS and QoE: targets T2 and T3, the services of one unit, and what each KPI earns.
func quality() dashboard {
	return dashboard{
		uid: "haidang-quality", title: "Chất lượng dịch vụ / Quality of services", from: "now-30d",
		about: "Điểm QoS và QoE, 1 đến 5, từ đầu tháng. / QoS and QoE scores, 1 to 5, month to date.",
		variables: []variable{
			{name: "province", title: "Đơn vị / Province", metric: "haidang_change_freeze", of: "province", defaultValue: "vn"},
			{name: "service", title: "Dịch vụ / Service", metric: "haidang_score_points", of: "service", multi: true},
		},
		rows: []row{
			{"T2, T3 – Mọi đơn vị / All units", 4, []panel{
				stat(6, "T2: dưới điểm sàn / Below the floor", count, query{"", belowFloor}).coloured(zeroGood),
				stat(6, "T2: chưa có điểm / Without a score", count, query{"", noScore}).coloured(zeroGood).
					saying("Thiếu số liệu nên không đạt. / Too little is known: not met."),
				stat(6, "T3: tỷ lệ đơn vị tốt / Share of good units", ratio, query{"", goodShare}).digits(1),
				stat(6, "T3: "+margin, ratio, query{"", goodMargin}).coloured(sign).digits(1),
			}},
			{"$province", 8, []panel{
				trend(12, "Điểm / Scores", "none", query{"{{kind}}", `max by (kind) (haidang_score{province="$province", service="all"})`},
					query{target, scoreFloor}).digits(2),
				table(12, "Theo dịch vụ / By service", "none", []string{"service"},
					query{"QoS", `max by (service) (haidang_score{province="$province", kind="qos", service=~"$service"})`},
					query{"QoE", `max by (service) (haidang_score{province="$province", kind="qoe", service=~"$service"})`}).digits(2),
				trend(12, "QoS", "none", query{"{{service}}", `max by (service) (haidang_score{province="$province", kind="qos", service=~"$service"})`}).digits(2),
				trend(12, "QoE", "none", query{"{{service}}", `max by (service) (haidang_score{province="$province", kind="qoe", service=~"$service"})`}).digits(2),
			}},
			{"Điểm từ đâu / What makes the scores", 10, []panel{
				table(12, "Điểm từng KPI / Points of each KPI", "none", []string{"service", "kind", "kpi"},
					query{"Điểm / Points", `max by (service, kind, kpi) (haidang_score_points{province="$province", service=~"$service"})`}).digits(2),
				bars(12, "KPI thấp điểm nhất / KPIs with the fewest points", "none", query{"{{service}} {{kpi}}",
					`bottomk(10, max by (service, kind, kpi) (haidang_score_points{province="$province", service=~"$service"}))`}).digits(2),
				table(24, "Thăm dò chủ động / Active probes", "none", []string{"service", "kpi", "unit"},
					query{"Giá trị / Value", `max by (service, kpi, unit) (haidang_probe_kpi{province="$province"})`}).digits(3),
				table(24, "Số mẫu / Samples", count, []string{"service", "kpi"},
					query{"Số mẫu / Samples", `max by (service, kpi) (haidang_probe_kpi_samples{province="$province"})`}),
			}},
			{"Đơn vị / Units", 10, []panel{
				table(24, "Tháng này theo đơn vị / This month by unit", "none", []string{"province"},
					query{"QoS", `max by (province) (haidang_score{kind="qos", service="all", province!="vn"})`},
					query{"QoE", `max by (province) (haidang_score{kind="qoe", service="all", province!="vn"})`},
					query{"Chung / Combined", combined},
					query{margin, combined + ` - scalar(` + scoreFloor + `)`},
				).digits(2).leading(qualityPage),
			}},
		},
	}
}
