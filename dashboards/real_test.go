//go:build real

package dashboards

import (
	"os/exec"
	"strings"
	"testing"
)

// tool runs a program of Debian's packages prometheus or prometheus-alertmanager.
func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestRealPromtool(t *testing.T) {
	tool(t, "promtool", append([]string{"check", "rules"}, files(t, "rules/*.yaml")...)...)
	tool(t, "promtool", "check", "config", "prometheus.yaml")
	tool(t, "promtool", append([]string{"test", "rules"}, files(t, "rules/tests/*.yaml")...)...)
}

func TestRealAmtool(t *testing.T) {
	tool(t, "amtool", "check-config", "alertmanager.yaml")
	for labels, want := range map[string]string{
		"alertname=Watchdog severity=warning area=collector":                                "deadman",
		"alertname=AvailabilityBurnFast severity=critical area=availability province=01":    "noc,region-north",
		"alertname=AvailabilityBurnSlow severity=major area=availability province=48":       "region-central",
		"alertname=AvailabilityBurnFast severity=critical area=availability province=vn":    "noc",
		"alertname=CongestionCapacityAtTarget severity=warning area=congestion province=79": "planning",
		"alertname=AgentLost severity=major area=agent province=96":                         "region-south",
		"alertname=CollectorBehind severity=major area=collector partition=0":               "noc",
	} {
		out := tool(t, "amtool", append([]string{"config", "routes", "test", "--config.file=alertmanager.yaml"}, strings.Fields(labels)...)...)
		if !strings.Contains("\n"+out, "\n"+want+"\n") {
			t.Errorf("%s is led to %q, want %s", labels, out, want)
		}
	}
}
