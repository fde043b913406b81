//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/loopback"
)

// hold is how long the state of a device of a live site lasts without another poll: two and a half intervals.
const hold = 7500 * time.Millisecond

// live is a site whose agent polls the simulated network every three seconds, and waits long enough for a slow machine.
func live(t *testing.T) (*site, *daemon, string) {
	t.Helper()
	s := newSite(t, root("internal/e2e/testdata/nation.yaml"))
	control := loopback.Address(t)
	text := read(t, s.nation)
	text = strings.Replace(text, "port: 0", fmt.Sprintf("port: %d\n  community: public", loopback.Port(t)), 1)
	text = strings.Replace(text, `listen: ""`, `listen: "`+control+`"`, 1)
	text = strings.Replace(text, "../../../configs", root("configs"), 1)
	s.write("nation.yaml", text)
	s.nation = s.path("nation.yaml")
	s.output("haidang-simnet", "inventory", "--config", s.nation, "--out", s.dir)
	s.start("haidang-simnet", "--config", s.nation)
	s.until("the simulated network answers", func() bool { _, status := get("http://"+control+"/faults", ""); return status == http.StatusOK })
	s.write("agent.yaml", fmt.Sprintf(`name: agent-01
listen: %s
heartbeat: 2s
spool: {dir: spool}
collector: {url: "http://%s", token: env:E2E_AGENT, retry_min: 50ms, retry_max: 500ms}
plugins: %s
inputs:
  - type: snmp
    env: [COMMUNITY]
    config:
      interval: 3s
      timeout: 1400ms
      retries: 1
      inventory: %s
      credentials:
        - {name: public, version: 2c, community: env:COMMUNITY}
`, loopback.Address(t), s.listen, root("bin"), s.path("devices.csv")))
	t.Setenv("COMMUNITY", "public")
	s.collector()
	agent := s.agent()
	s.until("every device of the agent is up", func() bool { up, down := s.seconds(); return up > 0 && down == 0 && s.lines() > 500 })
	return s, agent, control
}

// seconds adds up the nation's devices by state.
func (s *site) seconds() (up, down float64) {
	for sample, v := range metrics(s.listen) {
		if !strings.HasPrefix(sample, `haidang_state_seconds_total{level="device",province="vn"`) {
			continue
		}
		switch {
		case strings.Contains(sample, `state="up"`):
			up += v
		case strings.Contains(sample, `state="down"`):
			down += v
		}
	}
	return up, down
}

func (s *site) lines() (n float64) {
	for sample, v := range metrics(s.listen) {
		if strings.HasPrefix(sample, "haidang_partition_lines_total") {
			n += v
		}
	}
	return n
}

// A dead device goes down, is one outage, and nobody else is polled less for it. A stopped agent makes
// nothing go down: its devices become unknown, and no longer gain time up.
func TestDeadDeviceAndStoppedAgent(t *testing.T) {
	s, agent, control := live(t)
	device := s.polled()
	answer, status := do(http.MethodPost, "http://"+control+"/faults", "", strings.NewReader(
		fmt.Sprintf(`{"id":"test","kind":"dead","device":%q,"from":"2026-01-02T00:00:00+07:00"}`, device)))
	if status/100 != 2 {
		t.Fatalf("the fault was not taken: %d %s", status, answer)
	}
	s.until("the device is down", func() bool { _, down := s.seconds(); return down > 0 })
	before := s.polls()
	others := float64(s.devices("agent-01") - 1)
	s.until("the others go on being polled", func() bool { return s.polls() >= before+3*others })

	agent.stop()
	stopped := time.Now()
	s.until("its devices gain no time up", s.standstill())
	list := s.outages()
	if len(list) == 0 {
		t.Errorf("the outage of %s is not listed", device)
	}
	for _, o := range list {
		if !strings.Contains(o.Name, device) || o.Open || o.To.Sub(stopped) > hold+time.Second {
			t.Errorf("%+v, after the agent was stopped at %v: want %s and its link only, for %v after the last poll at most: silence is not down", o, stopped, device, hold)
		}
	}
}

// polls is how many polls of a device the agent's input has made that were answered.
func (s *site) polls() float64 {
	return sum(metrics(s.agentAddress()), `haidang_snmp_rounds_total{input="snmp",result="up"}`)
}

// devices is how many devices an agent has.
func (s *site) devices(agent string) (n int) {
	s.t.Helper()
	for _, r := range s.rows("devices.csv") {
		if r["agent"] == agent {
			n++
		}
	}
	return n
}

// standstill says whether the time up has not grown for some seconds, as the collector counts them. While a single device is up
// it grows every second.
func (s *site) standstill() func() bool {
	var last, since float64
	return func() bool {
		up, _ := s.seconds()
		view := metrics(s.listen)["haidang_view_last_success_timestamp_seconds"]
		if up != last {
			last, since = up, view
		}
		return up > 0 && view >= since+5
	}
}

// outages is the collector's list.
func (s *site) outages() (list []outage) {
	s.t.Helper()
	text, status := get("http://"+s.listen+"/api/v1/outages", viewerToken)
	if status != http.StatusOK {
		s.t.Fatalf("outages: %d %s", status, text)
	}
	decode(s.t, text, &list)
	return list
}

// polled is a device of the test's agent that nobody depends on.
func (s *site) polled() string {
	s.t.Helper()
	for _, r := range s.rows("devices.csv") {
		if r["agent"] == "agent-01" && r["system"] == "olt-gpon" {
			return r["device"]
		}
	}
	s.t.Fatal("the agent polls no OLT")
	return ""
}

// What is wrong is answered clearly, counted, and harms nothing else.
func TestBadInput(t *testing.T) {
	s := newSite(t, root("internal/e2e/testdata/nation.yaml"))
	s.collector()
	s.until("the collector listens", func() bool { return metrics(s.listen) != nil })
	url := "http://" + s.listen + "/api/v2/write"
	device := s.polled()
	good := fmt.Sprintf("reach,agent=agent-01,device=%s,method=snmp up=true,interval_s=60i 1790787600000000000\n", device)
	for _, c := range []struct {
		name, token, body string
		status            int
		answer            string
	}{
		{"wrong token", "no-such-token-at-all", good, http.StatusUnauthorized, "unauthorized"},
		{"no token", "", good, http.StatusUnauthorized, "unauthorized"},
		{"a viewer writes", viewerToken, good, http.StatusForbidden, "forbidden"},
		{"another agent's device", agent2Token, strings.Replace(good, "agent-01", "agent-02", 1), http.StatusBadRequest, device},
		{"another agent's tag", agentToken, strings.Replace(good, "agent-01", "agent-02", 1), http.StatusBadRequest, "agent"},
		{"a bad line among good ones", agentToken, good + "reach,device= up\n" + good, http.StatusBadRequest, "line 2"},
		{"too long a body", agentToken, strings.Repeat(good, 9<<20/len(good)), http.StatusRequestEntityTooLarge, ""},
		{"an unknown device", agentToken, strings.Replace(good, device, "stranger", 1), http.StatusNoContent, ""},
		{"all is well", agentToken, good, http.StatusNoContent, ""},
	} {
		answer, status := do(http.MethodPost, url, c.token, strings.NewReader(c.body))
		if status != c.status || !strings.Contains(answer, c.answer) {
			t.Errorf("%s: %d %q; want %d and %q", c.name, status, answer, c.status, c.answer)
		}
	}
	s.settled()
	m := metrics(s.listen)
	if n := sum(m, "haidang_partition_unknown_devices"); n != 1 {
		t.Errorf("%v unknown devices are counted, want 1", n)
	}
	if n := sum(m, "haidang_principal_refused_total"); n != 3 {
		t.Errorf("%v refusals are counted, want 3", n)
	}
	if n := sum(m, `haidang_partition_lines_total`); n < 4 {
		t.Errorf("%v lines were applied; the good lines of a partly bad batch count", n)
	}
}

func sum(all map[string]float64, prefix string) (n float64) {
	for sample, v := range all {
		if strings.HasPrefix(sample, prefix) {
			n += v
		}
	}
	return n
}
