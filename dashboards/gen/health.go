package main

// health answers whether the monitor itself works: agents first, then the collector from its door to its store.
func health() dashboard {
	return dashboard{
		uid: "haidang-health", title: "Agent và collector / Agents and collector", from: "now-6h",
		about: "Hệ thống giám sát có hoạt động không. / Does the monitor itself work?",
		variables: []variable{
			{name: "agent", title: "Agent", metric: "haidang_spool_size_bytes", of: "agent", multi: true},
		},
		rows: []row{
			{"Cả đường đi / The whole way", 4, []panel{
				stat(6, "Độ trễ xử lý / Behind", seconds, query{"{{partition}}", `time() - max by (partition) (haidang_watchdog_applied_timestamp_seconds)`}),
				stat(6, "Tuổi KPI / Age of the KPIs", seconds, query{"", `time() - max(haidang_view_last_success_timestamp_seconds)`}),
				stat(6, "Phân vùng không có chủ / Partitions without owner", count, query{"", bad(`max by (partition) (haidang_partition_owned) == 0`, `haidang_partition_owned`)}).coloured(zeroGood),
				stat(6, "Phiên bản / Version", "none", query{"{{program}} {{version}}", `count by (program, version) (haidang_build_info)`}),
			}},
			{"Agent / Agents", 8, []panel{
				bars(8, "Nhịp báo sống / Age of the heartbeat", seconds, query{"{{agent}}", `topk(20, time() - max by (agent) (haidang_agent_heartbeat_timestamp_seconds))`}),
				trend(8, "Spool đã dùng / Spool filled", ratio, query{"{{agent}}", `haidang_spool_size_bytes{agent=~"$agent"} / haidang_spool_limit_bytes{agent=~"$agent"}`}).digits(1),
				trend(8, "Lô cũ nhất chưa gửi / Oldest unsent batch", seconds, query{"{{agent}}", `haidang_shipper_oldest_unsent_seconds{agent=~"$agent"}`}),
				trend(8, "Điểm thu thập / Points collected", perSec, query{"{{agent}} {{input}}", `rate(haidang_pluginhost_points_total{agent=~"$agent"}[$__rate_interval])`}),
				trend(8, "Điểm đã gửi / Points sent", perSec, query{"{{agent}}", `rate(haidang_shipper_sent_points_total{agent=~"$agent"}[$__rate_interval])`}),
				trend(8, "Gửi lại / Retries", perSec, query{"{{agent}} {{reason}}", `rate(haidang_shipper_retries_total{agent=~"$agent"}[$__rate_interval]) or 0 * haidang_shipper_collector_up{agent=~"$agent"}`}),
				trend(8, "Mất hoặc bị từ chối / Lost or rejected", count,
					query{"{{agent}} {{reason}}", `increase(haidang_spool_dropped_points_total{agent=~"$agent"}[1h])`},
					query{"{{agent}} {{input}}", `increase(haidang_pluginhost_lost_points_total{agent=~"$agent"}[1h])`},
					query{"{{agent}} rejected", `increase(haidang_spool_rejected_batches_total{agent=~"$agent"}[1h])`}),
				trend(8, "Lượt thăm dò / Polling rounds", perSec,
					query{"{{agent}} {{result}}", `sum by (agent, result) (rate(haidang_snmp_rounds_total{agent=~"$agent"}[$__rate_interval]))`},
					query{"{{agent}} skipped", `sum by (agent) (rate(haidang_snmp_rounds_skipped_total{agent=~"$agent"}[$__rate_interval]))`}),
				trend(8, "Lệch đồng hồ / Clock skew", seconds, query{"{{agent}}", `max by (agent) (haidang_ingest_clock_skew_seconds)`}),
				table(24, "Input", count, []string{"agent", "input", "state"}, query{"Số / Number", `max by (agent, input, state) (haidang_pluginhost_input_state{agent=~"$agent"}) == 1`}),
			}},
			{"Collector: cửa vào / ingest", 8, []panel{
				trend(8, "Yêu cầu / Requests", perSec, query{"{{status}}", `sum by (status) (rate(haidang_ingest_requests_total[$__rate_interval]))`}),
				trend(8, "Dòng nhận / Lines accepted", perSec, query{"", `sum(rate(haidang_ingest_accepted_lines_total[$__rate_interval]))`}),
				trend(8, "Dòng từ chối / Lines refused", perSec, query{"{{reason}}", `sum by (reason) (rate(haidang_ingest_rejected_lines_total[$__rate_interval]))`}),
				trend(8, "Người gọi bị từ chối / Callers refused", perSec, query{"{{reason}}", `sum by (reason) (rate(haidang_principal_refused_total[$__rate_interval]))`}),
				trend(8, "Log đã dùng / Log filled", ratio, query{"{{instance}} {{partition}}", `haidang_log_size_bytes / on (job, instance) group_left () haidang_log_limit_bytes`}).digits(1),
				trend(8, "Ghi log, p99 / Publishing, p99", seconds, query{"", `histogram_quantile(0.99, sum by (le) (rate(haidang_log_publish_duration_seconds_bucket[$__rate_interval])))`}),
			}},
			{"Collector: phân vùng / partitions", 8, []panel{
				trend(8, "Lô chờ xử lý / Batches waiting", count, query{"{{partition}}", `max by (partition) (haidang_log_last_sequence) - max by (partition) (haidang_partition_applied_log_sequence)`}),
				trend(8, "Lô chưa checkpoint / Batches since the checkpoint", count, query{"{{partition}}", `max by (partition) (haidang_partition_applied_log_sequence) - max by (partition) (haidang_partition_committed_log_sequence)`}),
				trend(8, "Mức bận / Busy", ratio, query{"{{partition}}", `sum by (partition) (rate(haidang_partition_apply_seconds_total[$__rate_interval]))`}).digits(1),
				trend(8, "Dòng xử lý / Lines applied", perSec, query{"{{use}}", `sum by (use) (rate(haidang_partition_lines_total[$__rate_interval]))`}),
				trend(8, "Điểm bị bỏ / Points dropped", perSec, query{"{{reason}}", `sum by (reason) (rate(haidang_partition_dropped_points_total[$__rate_interval]))`}),
				trend(8, "Ngày chốt, mở lại / Days closed, reopened", count,
					query{"closed", `sum(increase(haidang_partition_day_closings_total[1h]))`}, query{"reopened", `sum(increase(haidang_partition_day_reopenings_total[1h]))`}),
			}},
			{"Collector: kho và KPI / store and KPIs", 8, []panel{
				trend(6, "Checkpoint", perSec, query{"{{result}}", `sum by (result) (rate(haidang_store_commits_total[$__rate_interval]))`}),
				trend(6, "Checkpoint, p99", seconds, query{"", `histogram_quantile(0.99, sum by (le) (rate(haidang_store_commit_duration_seconds_bucket[$__rate_interval])))`}),
				trend(6, "Kho trên đĩa / Store on disk", size, query{"{{instance}}", `haidang_store_size_bytes`}),
				trend(6, "Tính KPI / Computing the KPIs", seconds, query{"{{instance}}", `haidang_view_duration_seconds`}),
				trend(12, "Bộ nhớ / Memory", size, query{"{{job}} {{instance}}", `process_resident_memory_bytes{job=~"haidang-.*"}`}),
				trend(12, "CPU", "none", query{"{{job}} {{instance}}", `rate(process_cpu_seconds_total{job=~"haidang-.*"}[$__rate_interval])`}),
			}},
		},
	}
}
