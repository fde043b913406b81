package main

// worstLinks are the single links that /metrics names: some of each class, those that are loaded most.
func worstLinks(of string) panel {
	p95 := `max by (class, link, province, direction) (haidang_worst_link_p95_ratio{` + of + `})`
	goal := `max by (class) (haidang_congestion_threshold_ratio)`
	return table(24, "P95 của tháng / P95 of the month", ratio, []string{"class", "link", "province", "direction"},
		query{"P95", p95},
		query{margin, goal + ` - on (class) group_right () ` + p95},
	).digits(1).saying("Dưới 0: tuyến nghẽn. / Below 0 the link is congested.")
}

// congestion is the planner's page: which units, which class, and what cannot be judged.
func congestion() dashboard {
	return dashboard{
		uid: "haidang-congestion", title: "Nghẽn / Congestion", from: "now-30d",
		about: "Tỷ lệ tuyến nghẽn từ đầu tháng. Từng tuyến: /api/v1/links. / Share of congested links, month to date. Single links: /api/v1/links.",
		variables: []variable{
			{name: "class", title: "Lớp / Class", metric: "haidang_congestion_links", of: "class", multi: true},
		},
		rows: []row{
			{"Toàn quốc / Nation", 8, []panel{
				trend(8, "$class", ratio,
					query{"Theo số tuyến / By links", `max(haidang_congestion_ratio{province="vn", class=~"$class", by="links"})`},
					query{"Theo dung lượng / By capacity", `max(haidang_congestion_ratio{province="vn", class=~"$class", by="capacity"})`},
					query{target, `max(haidang_congestion_target_ratio{province="vn", class=~"$class"})`}).digits(2).repeated("class"),
			}},
			{"Số tuyến / Links", 8, []panel{
				trend(12, "Số tuyến nghẽn / Congested links", count, query{"{{class}}", `max by (class) (haidang_congestion_links{province="vn", class=~"$class", outcome="congested"})`}).stack(),
				trend(12, "Không đánh giá được / Not evaluated", count, query{"{{class}}", `max by (class) (haidang_congestion_links{province="vn", class=~"$class", outcome="not_evaluated"})`}).stack().
					saying("Tuyến thiếu số liệu trong tháng. / Links that lack data in the month."),
			}},
			{"Tuyến tải nặng nhất / Links loaded most", 10, []panel{worstLinks(`class=~"$class"`)}},
			{"Đơn vị / Units", 10, []panel{
				table(24, "Tháng này theo đơn vị / This month by unit", ratio, []string{"province", "class"},
					query{"Tỷ lệ nghẽn / Congested", `max by (province, class) (haidang_congestion_ratio{class=~"$class", by="links"})`},
					query{target, `max by (province, class) (haidang_congestion_target_ratio{class=~"$class"})`},
					query{margin, `max by (province, class) (haidang_congestion_target_ratio{class=~"$class"}) - max by (province, class) (haidang_congestion_ratio{class=~"$class", by="links"})`},
					query{"Theo dung lượng / By capacity", `max by (province, class) (haidang_congestion_ratio{class=~"$class", by="capacity"})`},
				).digits(2).leading(provincePage).saying("Phải thấp hơn chỉ tiêu: dư bằng 0 là không đạt. / It must stay below the target: a margin of 0 misses it."),
				bars(12, "Nhiều tuyến nghẽn nhất / Most congested links", count, query{"{{province}} {{class}}", `topk(10, max by (province, class) (haidang_congestion_links{province!="vn", class=~"$class", outcome="congested"}))`}),
				bars(12, "Thiếu số liệu nhiều nhất / Most links without data", count, query{"{{province}} {{class}}", `topk(10, max by (province, class) (haidang_congestion_links{province!="vn", class=~"$class", outcome="not_evaluated"}))`}),
			}},
		},
	}
}
