package main

// inputRate is a counter of an input by labels, per second.
func inputRate(by, metric string) string {
	return `sum by (agent` + by + `) (rate(` + metric + `{agent=~"$agent"}[$__rate_interval]))`
}

// lossRate is the same of something that should never happen: 0 where it never did and the input, which counts alive, runs.
func lossRate(by, metric, alive string) string {
	return inputRate(by, metric) + ` or on (agent) 0 * ` + inputRate("", alive)
}

// inputs is each way on which data come to an agent. An input that no agent has shows nothing.
func inputs() dashboard {
	of := func(metric string) string { return metric + `{agent=~"$agent"}` }
	return dashboard{
		uid: "haidang-inputs", title: "Đầu vào / Inputs", from: "now-6h",
		about: "SNMP, trap, tệp PM, gNMI, thăm dò, syslog, MDT trên các agent. / SNMP, traps, PM files, gNMI, probes, syslog and MDT at the agents.",
		variables: []variable{
			{name: "agent", title: "Agent", metric: "haidang_pluginhost_input_state", of: "agent", multi: true},
		},
		rows: []row{
			{"Mọi đầu vào / All inputs", 8, []panel{
				trend(8, "Điểm / Points", perSec, query{"{{agent}} {{input}}", inputRate(", input", "haidang_pluginhost_points_total")}).stack(),
				trend(8, "Bộ nhớ / Memory", size, query{"{{agent}} {{input}}", of("haidang_input_process_resident_memory_bytes")}),
				trend(8, "CPU", "none", query{"{{agent}} {{input}}", inputRate(", input", "haidang_input_process_cpu_seconds_total")}),
			}},
			{"SNMP", 8, []panel{
				trend(8, "Lượt thăm dò / Rounds", perSec, query{"{{agent}} {{result}}", inputRate(", result", "haidang_snmp_rounds_total")},
					query{"{{agent}} skipped", inputRate("", "haidang_snmp_rounds_skipped_total")}),
				trend(8, "Không trả lời / Silences", perSec, query{"{{agent}}", inputRate("", "haidang_snmp_silences_total")},
					query{"{{agent}} retransmissions", inputRate("", "haidang_snmp_retransmissions_total")}),
				trend(8, "Trễ, p99 / Lateness, p99", seconds, query{"{{agent}}", `histogram_quantile(0.99, ` + inputRate(", le", "haidang_snmp_round_lateness_seconds_bucket") + `)`}),
			}},
			{"Trap", 8, []panel{
				trend(12, "Thông báo / Notifications", perSec, query{"{{agent}}", inputRate("", "haidang_snmptrap_datagrams_total")},
					query{"{{agent}} states", inputRate("", "haidang_snmptrap_states_total")}),
				trend(12, "Không dùng được / Of no use", perSec, query{"{{agent}} unknown trap", inputRate("", "haidang_snmptrap_unknown_traps_total")},
					query{"{{agent}} unknown device", inputRate("", "haidang_snmptrap_unknown_devices_total")},
					query{"{{agent}} {{reason}}", lossRate(", reason", "haidang_snmptrap_dropped_total", "haidang_snmptrap_datagrams_total")}),
			}},
			{"Tệp PM / PM files", 8, []panel{
				trend(6, "Đủ phần tử / Completeness", ratio, query{"{{agent}}", of("haidang_pmfile_elements_reported") + ` / ` + of("haidang_pmfile_elements_expected")}).digits(1).
					saying("Phần tử đã báo quý giờ gần nhất. / Elements that have reported the last quarter of an hour that is due."),
				trend(6, "Tệp / Files", perSec, query{"{{agent}} {{outcome}}", inputRate(", outcome", "haidang_pmfile_files_total")}),
				trend(6, "Giá trị / Values", perSec, query{"{{agent}}", inputRate("", "haidang_pmfile_numbers_total")},
					query{"{{agent}} unmapped", lossRate("", "haidang_pmfile_unmapped_values_total", "haidang_pmfile_numbers_total")}),
				trend(6, "Muộn, lỗi / Late, refused", perSec, query{"{{agent}} late", inputRate("", "haidang_pmfile_late_files_total")},
					query{"{{agent}} {{reason}}", lossRate(", reason", "haidang_pmfile_rejected_files_total", "haidang_pmfile_numbers_total")},
					query{"{{agent}} {{source}}", lossRate(", source", "haidang_pmfile_source_failures_total", "haidang_pmfile_numbers_total")}),
			}},
			{"gNMI", 8, []panel{
				trend(6, "Phiên / Sessions", count, query{"{{agent}}", of("haidang_gnmi_sessions")}),
				trend(6, "Bản tin / Notifications", perSec, query{"{{agent}}", inputRate("", "haidang_gnmi_notifications_total")}),
				trend(6, "Thay đổi trạng thái / Changes of states", perSec, query{"{{agent}}", inputRate("", "haidang_gnmi_events_total")}),
				trend(6, "Mất / Lost", perSec, query{"{{agent}} heartbeats", inputRate("", "haidang_gnmi_heartbeats_missed_total")},
					query{"{{agent}} {{reason}}", lossRate(", reason", "haidang_gnmi_dropped_total", "haidang_gnmi_notifications_total")},
					query{"{{agent}} unmapped", inputRate("", "haidang_gnmi_unmapped_total")}),
			}},
			{"Thăm dò / Probes", 8, []panel{
				trend(8, "Lượt / Rounds", perSec, query{"{{agent}} {{method}} {{result}}", inputRate(", method, result", "haidang_probe_rounds_total")}),
				trend(8, "Không kết luận / Of which nothing is said", perSec, query{"{{agent}} {{method}} {{reason}}", lossRate(", method, reason", "haidang_probe_unknown_rounds_total", "haidang_probe_rounds_total")}),
				trend(8, "Bị cô lập / Cut off", count, query{"{{agent}}", of("haidang_probe_isolated")}).coloured(zeroGood).
					saying("Không mốc nào trả lời: không tin các mất gói. / No anchor answers, so losses are not believed."),
			}},
			{"Syslog, MDT", 8, []panel{
				trend(6, "Bản tin syslog / Messages", perSec, query{"{{agent}} {{transport}}", inputRate(", transport", "haidang_syslog_messages_total")},
					query{"{{agent}} states", inputRate("", "haidang_syslog_states_total")}),
				trend(6, "Syslog: không biết, bị bỏ / Unknown, dropped", perSec, query{"{{agent}} unknown", inputRate("", "haidang_syslog_unknown_messages_total")},
					query{"{{agent}} unknown device", inputRate("", "haidang_syslog_unknown_devices_total")},
					query{"{{agent}} {{reason}}", lossRate(", reason", "haidang_syslog_dropped_total", "haidang_syslog_known_messages_total")}),
				trend(6, "Bản tin MDT / Messages", perSec, query{"{{agent}}", inputRate("", "haidang_mdt_known_messages_total")},
					query{"{{agent}} rows", inputRate("", "haidang_mdt_rows_total")}),
				trend(6, "MDT: không biết, bị bỏ / Unknown, dropped", perSec, query{"{{agent}} unknown path", inputRate("", "haidang_mdt_unknown_paths_total")},
					query{"{{agent}} unknown device", inputRate("", "haidang_mdt_unknown_devices_total")},
					query{"{{agent}} {{reason}}", lossRate(", reason", "haidang_mdt_dropped_total", "haidang_mdt_known_messages_total")}),
			}},
		},
	}
}
