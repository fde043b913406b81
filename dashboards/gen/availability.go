package main

// burnRate is how fast the error budget of devices is spent, by the labels named.
func burnRate(by, of, window string) string {
	return `max by (` + by + `) (haidang_availability_burn_rate{` + of + `, level="device", system=~"$system", window="` + window + `"})`
}

// availability compares provinces and shows outages as they happen, by system.
func availability() dashboard {
	return dashboard{
		uid: "haidang-availability", title: "Khả dụng và gián đoạn / Availability and outages", from: "now-24h",
		about: "Theo hệ thống, mọi đơn vị. / By system, every unit.",
		variables: []variable{
			{name: "system", title: "Hệ thống / System", metric: `haidang_entities{level="device"}`, of: "system", multi: true},
		},
		rows: []row{
			{"Ngay lúc này / Right now", 8, []panel{
				trend(12, "Số thiết bị gián đoạn / Devices down", count, query{"{{system}}", `max by (system) (rate(haidang_state_seconds_total{province="vn", level="device", system=~"$system", state="down"}[$__rate_interval]))`}).stack().
					saying("Giây gián đoạn mỗi giây: số thiết bị trung bình. / Down seconds per second: how many devices on average."),
				trend(12, "Số thiết bị không rõ / Devices unknown", count, query{"{{system}}", `max by (system) (rate(haidang_state_seconds_total{province="vn", level="device", system=~"$system", state="unknown"}[$__rate_interval]))`}).stack(),
				trend(12, "Trong bảo trì / In maintenance", count, query{"{{system}}", `max by (system) (rate(haidang_state_seconds_total{province="vn", level="device", system=~"$system", state="maintenance"}[$__rate_interval]))`}).stack(),
				trend(12, "Lỗi chưa xác nhận / Unconfirmed failures", perSec, query{"{{system}}", `max by (system) (rate(haidang_unconfirmed_failures_total{province="vn", level="device", system=~"$system"}[$__rate_interval]))`}).
					saying("Lần thăm dò hỏng mà lần sau không xác nhận: mạng quản lý chập chờn. / Failed polls that the next one did not confirm: an unsteady management network."),
			}},
			{"Đơn vị / Units", 10, []panel{
				table(24, "Tháng này theo đơn vị / This month by unit", ratio, []string{"province", "system"},
					query{"Hôm nay / Today", `max by (province, system) (haidang_availability_ratio{province!="unknown", level="device", system=~"$system", window="day"})`},
					query{"Tháng / Month", `max by (province, system) (haidang_availability_ratio{province!="unknown", level="device", system=~"$system", kind="net", window="month"})`},
					query{target, `max by (province, system) (haidang_availability_target_ratio{level="device", system=~"$system"})`},
					query{margin, `max by (province, system) (max by (province, system, kind) (haidang_availability_ratio{level="device", system=~"$system", window="month"}) - max by (province, system, kind) (haidang_availability_target_ratio{level="device"}))`},
				).digits(4).leading(provincePage),
			}},
			{"Tốc độ dùng quỹ / Burn rate", 8, []panel{
				trend(12, "1 giờ, toàn quốc / 1 hour, nation", "none", query{"{{system}}", burnRate("system", `province="vn"`, "1h")}),
				trend(12, "3 ngày, toàn quốc / 3 days, nation", "none", query{"{{system}}", burnRate("system", `province="vn"`, "3d")}),
				bars(24, "1 giờ, đơn vị nhanh nhất / 1 hour, fastest units", "none", query{"{{province}} {{system}}", `topk(15, ` + burnRate("province, system", `province!="vn"`, "1h") + `)`}),
			}},
		},
	}
}
