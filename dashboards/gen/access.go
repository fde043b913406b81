package main

// accessPage leads from a row of a table to that unit's access network.
const accessPage = "/d/haidang-access?var-province=${__data.fields.province}&${__url_time_range}"

// access is what fixed broadband customers hang on: OLTs, PON ports and uplinks, and the service as probes see it.
func access() dashboard {
	olt := func(metric, more string) string {
		return `max(` + metric + `{province="$province", level="device", system="olt-gpon"` + more + `})`
	}
	down := func(state string) string {
		return `max(rate(haidang_state_seconds_total{province="$province", level="device", system="olt-gpon", state="` + state + `"}[$__rate_interval]))`
	}
	links := func(by string) string {
		return `max(haidang_congestion_ratio{province="$province", class="broadband", by="` + by + `"})`
	}
	const congested = `max by (province) (haidang_congestion_ratio{class="broadband", by="links"})`
	const goal = `max by (province) (haidang_congestion_target_ratio{class="broadband"})`
	unit := func(kind string) string {
		return `max by (province) (haidang_availability_ratio{province!="unknown", level="device", system="olt-gpon", kind="` + kind + `", window="month"})`
	}
	return dashboard{
		uid: "haidang-access", title: "Truy nhập GPON / GPON access", from: "now-7d",
		about: "OLT-GPON, cổng PON, tuyến lên và băng rộng cố định. / OLTs, PON ports, uplinks and fixed broadband.",
		variables: []variable{
			{name: "province", title: "Đơn vị / Province", metric: `haidang_entities{system="olt-gpon"}`, of: "province", defaultValue: "vn"},
		},
		rows: []row{
			{"OLT", 8, []panel{
				trend(12, "Khả dụng / Availability", ratio,
					query{"Tháng / Month", olt("haidang_availability_ratio", `, kind="net", window="month"`)},
					query{"Theo thuê bao / By subscribers", olt("haidang_availability_ratio", `, kind="weighted", window="month"`)},
					query{"Hôm nay / Today", olt("haidang_availability_ratio", `, window="day"`)},
					query{target, olt("haidang_availability_target_ratio", "")}).digits(4),
				trend(12, "Số OLT gián đoạn, không rõ / OLTs down, unknown", count,
					query{"Gián đoạn / Down", down("down")}, query{"Không rõ / Unknown", down("unknown")}),
				stat(8, "Số OLT / OLTs", count, query{"", olt("haidang_entities", "")}),
				stat(8, "Quỹ gián đoạn còn lại / Remaining error budget", seconds, query{"", `min(haidang_availability_budget_remaining_seconds{province="$province", level="device", system="olt-gpon"})`}).coloured(sign),
				stat(8, "Cảnh báo / Alarms", count, query{"", `sum(haidang_alarm_active{province="$province", system="olt-gpon"}) or vector(0)`}).coloured(zeroGood),
			}},
			{"Cổng PON và tuyến lên / PON ports and uplinks", 8, []panel{
				trend(12, "Tuyến nghẽn / Congested", ratio, query{"Theo số tuyến / By links", links("links")}, query{"Theo dung lượng / By capacity", links("capacity")},
					query{target, `max(haidang_congestion_target_ratio{province="$province", class="broadband"})`}).digits(2),
				trend(12, "Số tuyến / Links", count, query{"{{outcome}}", `max by (outcome) (haidang_congestion_links{province="$province", class="broadband"})`}).stack(),
			}},
			{"Cổng PON tải nặng nhất, toàn quốc / PON ports loaded most, nation", 9, []panel{worstLinks(`class="broadband"`)}},
			{"Dịch vụ / The service", 8, []panel{
				trend(8, "Điểm / Scores", "none", query{"{{kind}}", `max by (kind) (haidang_score{province="$province", service="fixed_broadband"})`}).digits(2),
				bars(8, "Điểm từng KPI / Points of each KPI", "none", query{"{{kpi}}", `max by (kpi) (haidang_score_points{province="$province", service="fixed_broadband"})`}).digits(2).
					leading("/d/haidang-quality?var-province=$province&${__url_time_range}"),
				table(8, "Thăm dò / Probes", "none", []string{"kpi", "unit"}, query{"Giá trị / Value", `max by (kpi, unit) (haidang_probe_kpi{province="$province", service="fixed_broadband"})`}).digits(3),
			}},
			{"Đơn vị / Units", 10, []panel{
				table(24, "Tháng này theo đơn vị / This month by unit", ratio, []string{"province"},
					query{"OLT", unit("net")}, query{"Theo thuê bao / By subscribers", unit("weighted")},
					query{"Tuyến nghẽn / Congested links", congested}, query{target, goal}, query{margin, goal + ` - ` + congested},
				).digits(4).leading(accessPage),
			}},
		},
	}
}
