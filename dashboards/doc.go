// Package dashboards holds what people look at and are called by: Prometheus rules, Grafana dashboards, the runbook. There is no
// Go code in it but tests: that every metric named exists, every alert has a runbook heading and fires when it should,
// and every expression runs against the real programs.
package dashboards
