//go:build real

package dashboards

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/loopback"
)

// told is what Alertmanager posts to a receiver.
type told struct {
	Status      string            `json:"status"`
	GroupLabels map[string]string `json:"groupLabels"`
	Alerts      []struct {
		Status string            `json:"status"`
		Labels map[string]string `json:"labels"`
	} `json:"alerts"`
}

// receiver is who is called.
func receiver(t *testing.T) (url string, calls <-chan told) {
	t.Helper()
	ch := make(chan told, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var call told
		if err := json.NewDecoder(r.Body).Decode(&call); err != nil {
			t.Error(err)
		}
		ch <- call
	}))
	t.Cleanup(server.Close)
	return server.URL, ch
}

// A core router fails, with all that is behind it: Debian's Prometheus and Alertmanager call once, for the
// router, and say so when it is back.
func TestRealAlarmCallsOnce(t *testing.T) {
	s := newSite(t)
	url, calls := receiver(t)
	alertmanager := loopback.Address(t)
	s.edit("configs/collector.yaml", "clear_after: 30s", "clear_after: 1s")
	s.edit("prometheus.yaml", "targets: []", fmt.Sprintf("targets: [%q]", alertmanager))
	s.write("alertmanager.yaml", fmt.Sprintf(`route: {receiver: called, group_by: [alertname, province], group_wait: 1s, group_interval: 1s}
receivers: [{name: called, webhook_configs: [{url: %q}]}]
`, url))
	s.start("prometheus-alertmanager", "--config.file="+s.path("alertmanager.yaml"), "--storage.path="+s.path("alerts"),
		"--web.listen-address="+alertmanager, "--cluster.listen-address=")
	s.start("bin/haidang-collector", "serve", "--config", s.path("configs/collector.yaml"))
	s.until("the collector is ready", func() bool { return status("http://"+s.collector+"/-/ready") == http.StatusOK })
	s.start("prometheus", "--config.file="+s.path("prometheus.yaml"), "--storage.tsdb.path="+s.path("tsdb"), "--web.listen-address="+s.prometheus)
	s.until("Prometheus is ready", func() bool { return status("http://"+s.prometheus+"/-/ready") == http.StatusOK })

	now := time.Now()
	s.core(now.Add(-90*time.Second), true)
	s.core(now.Add(-60*time.Second), false)
	s.core(now.Add(-30*time.Second), false)
	s.called(calls, "firing")
	s.core(time.Now(), true)
	s.called(calls, "resolved")
}

// core is a poll of the core router in Hà Nội, and of what is behind it; it says enough for the time until somebody is called.
func (s *site) core(at time.Time, up bool) {
	s.t.Helper()
	var lines strings.Builder
	for _, d := range []string{"vn2-hni-p1,method=gnmi", "hni-mane-agg1,method=snmp", "hni-olt-cgy1,method=snmp", "hni-olt-txn1,method=snmp"} {
		fmt.Fprintf(&lines, "reach,device=%s up=%t,interval_s=3600i %d\n", d, up, at.UnixNano())
	}
	s.feed([][]byte{[]byte(lines.String())})
}

// called waits for the call about the router. No other element may be called for meanwhile.
func (s *site) called(calls <-chan told, status string) {
	s.t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		select {
		case <-limit.C:
			s.t.Fatalf("nobody was called: %s", status)
		case c := <-calls:
			if c.GroupLabels["alertname"] == "AlarmMajor" || c.GroupLabels["alertname"] == "AlarmMinor" {
				s.t.Errorf("called for what is beneath: %+v", c)
			}
			if c.GroupLabels["alertname"] != "AlarmCritical" || c.Status != status {
				continue
			}
			if len(c.Alerts) != 1 || c.Alerts[0].Labels["province"] != "vn" || c.Alerts[0].Labels["cause"] != "device_down" {
				s.t.Errorf("%+v", c)
			}
			return
		}
	}
}
