package main

// devicePage leads from a row of a table to that device.
const devicePage = "/d/haidang-device?var-device=${__data.fields.device}&${__url_time_range}"

// boardPage leads to a device's page on the collector's board.
const boardPage = "${board}/device/$device"

// device is single elements. They are not on /metrics: it shows those provinces of which /metrics/province/{code} is scraped.
func device() dashboard {
	const one = `device="$device"`
	spent := func(of string) string { return `max by (device, system) (haidang_device_state_seconds{` + of + `})` }
	state := func(state string) string { return spent(`province="$province", state="` + state + `"`) }
	of := func(state string) string {
		return `max(haidang_device_state_seconds{` + one + `, state="` + state + `"})`
	}
	available := func(up, down string) string { return up + ` / (` + up + ` + ` + down + `)` }
	return dashboard{
		uid: "haidang-device", title: "Thiết bị / Devices", from: "now-24h",
		about: "Cần thu thập /metrics/province/{mã}, xem prometheus.yaml. / Needs the scrape job haidang-province, see prometheus.yaml.",
		variables: []variable{
			{name: "province", title: "Đơn vị / Province", metric: "haidang_device_state_seconds", of: "province", defaultValue: "01"},
			{name: "device", title: "Thiết bị / Device", metric: `haidang_device_state_seconds{province="$province"}`, of: "device", first: true},
			{name: "board", title: "Địa chỉ collector / Address of the collector", defaultValue: "http://127.0.0.1:8470"},
		},
		rows: []row{
			{"$device", 5, []panel{
				stat(6, "Khả dụng tháng / Availability of the month", ratio, query{"", available(of("up"), of("down"))}).digits(4).leading(boardPage).
					saying("Bấm để xem cổng, cảnh báo và diễn biến trên bảng NOC. / Leads to the board: ports, alarms, timeline."),
				stat(6, "Gián đoạn trong tháng / Down this month", seconds, query{"", of("down")}).coloured(zeroGood).leading(boardPage),
				stat(6, "Không rõ trong tháng / Unknown this month", seconds, query{"", of("unknown")}).coloured(zeroGood).leading(boardPage),
				stat(6, "Trong bảo trì / In maintenance", seconds, query{"", of("maintenance")}).leading(boardPage),
			}},
			{"$device: trạng thái / states", 8, []panel{
				trend(16, "Trạng thái / State", ratio, query{"{{state}}", `max by (state) (rate(haidang_device_state_seconds{` + one + `}[$__rate_interval]))`}).stack().
					saying("Phần thời gian ở mỗi trạng thái. / Share of the time in each state."),
				table(8, "Cảnh báo cùng hệ thống, đơn vị / Alarms of its system and unit", count, []string{"severity", "cause"},
					query{"Số / Number", `sum by (severity, cause) (haidang_alarm_active{province="$province"} and on (province, system) max by (province, system) (haidang_device_state_seconds{` + one + `})) or on () label_replace(vector(0), "severity", "–", "", "")`}),
			}},
			{"$province: thiết bị / devices", 12, []panel{
				table(24, "Gián đoạn nhiều nhất trong tháng / Down longest this month", seconds, []string{"device", "system"},
					query{"Gián đoạn / Down", `topk(25, ` + state("down") + `)`},
					query{"Không rõ / Unknown", state("unknown") + ` and topk(25, ` + state("down") + `)`},
					query{"Bảo trì / Maintenance", state("maintenance") + ` and topk(25, ` + state("down") + `)`},
				).leading(devicePage),
			}},
		},
	}
}
