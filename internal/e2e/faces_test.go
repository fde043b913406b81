//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/loopback"
	"github.com/haidang-noc/haidang/internal/point"
)

// heard is one point that an agent sent.
type heard struct {
	series point.Series
	fields map[string]float64 // true is 1
	at     time.Time
}

// wire is the way between an agent and its collector, and remembers what went over it.
type wire struct {
	t      *testing.T
	mu     sync.Mutex // guards what follows
	points []heard
}

// tap puts a wire before the site's collector and returns its address.
func (s *site) tap() (*wire, string) {
	w := &wire{t: s.t}
	target := &url.URL{Scheme: "http", Host: s.listen}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // the collector begins later than the agent, and the agent ends first
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			w.take(body)
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		proxy.ServeHTTP(rw, r)
	}))
	s.t.Cleanup(server.Close)
	return w, server.URL
}

func (w *wire) take(frames []byte) {
	text, err := point.Unpack(nil, frames, 64<<20)
	if err != nil {
		w.t.Error(err)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for scan := point.NewScanner(text, point.Options{}); scan.Next(); {
		l := scan.Line()
		series, err := point.ParseKey(l.Key)
		if err != nil {
			w.t.Error(err)
			continue
		}
		one := heard{series, map[string]float64{}, time.Unix(0, l.Time)}
		for _, f := range l.Fields {
			if v, ok := f.Float(); ok {
				one.fields[string(f.Key)] = v
			} else if yes, ok := f.Bool(); ok {
				one.fields[string(f.Key)] = map[bool]float64{true: 1}[yes]
			}
		}
		w.points = append(w.points, one)
	}
}

// state is what is known of the failed thing at an instant.
type state struct {
	at time.Time
	up bool
}

// states are the points that a face makes states of, in order of time.
func (w *wire) states(of face) (out []state) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.points {
		p := &w.points[i]
		if v, ok := p.fields[of.field]; ok && p.series.Measurement == of.measurement && of.tags(p.series) {
			if v == of.up || v == of.down {
				out = append(out, state{p.at, v == of.up})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b state) int { return a.at.Compare(b.at) })
	return out
}

// face is one way of seeing the fault: which points tell of it, and which of their values mean up and down. Between
// samples nothing is known, so the ends of the fault lie between the last sample of one kind and the first of the other;
// an event tells the second.
type face struct {
	name, measurement string
	tags              func(point.Series) bool
	field             string
	up, down          float64
	event             bool
}

// tagged chooses series by tags and their values.
func tagged(tags ...string) func(point.Series) bool {
	return func(s point.Series) bool {
		for i := 0; i < len(tags); i += 2 {
			if s.Tag(tags[i]) != tags[i+1] {
				return false
			}
		}
		return true
	}
}

// failed says whether the face has seen the fault begin, and ended whether it has seen it end.
func failed(all []state) bool { return slices.ContainsFunc(all, func(s state) bool { return !s.up }) }
func ended(all []state) bool  { return failed(all) && all[len(all)-1].up }

// slack is what an answer may take until it is stamped.
const slack = 5 * time.Second

// ends are the places of the first state that is down and of the first that is up for good; there may be none.
func ends(all []state) (down, up int) {
	down, up = slices.IndexFunc(all, func(s state) bool { return !s.up }), len(all)
	for up > 0 && all[up-1].up {
		up--
	}
	return down, up
}

// check holds what a face has seen against the fault.
func (f face) check(t *testing.T, all []state, from, to time.Time) {
	t.Helper()
	down, up := ends(all)
	if down < 0 || up >= len(all) || !f.event && down == 0 {
		t.Errorf("%s: saw %v", f.name, all)
		return
	}
	begin, end := [2]time.Time{all[down].at, all[down].at}, [2]time.Time{all[up].at, all[up].at}
	resolution := time.Second
	if !f.event {
		begin[0], end[0], resolution = all[down-1].at, all[up-1].at, slack
	}
	for _, x := range []struct {
		what   string
		at     time.Time
		within [2]time.Time
	}{{"begin", from, begin}, {"end", to, end}} {
		if x.at.Before(x.within[0].Add(-resolution)) || x.at.After(x.within[1].Add(resolution)) {
			t.Errorf("%s: the fault's %s at %s is not within %s and %s", f.name, x.what, clock(x.at), clock(x.within[0]), clock(x.within[1]))
		}
		t.Logf("%-28s %s %s, told as %s to %s", f.name, x.what, clock(x.at), clock(x.within[0]), clock(x.within[1]))
	}
}

func clock(t time.Time) string { return t.Format("15:04:05.00") }

// A base station loses its power once. Whoever asks, streams, counts, probes or is told of it sees the same thing in the
// same time, and the collector makes one outage of all that.
func TestOneFaultShowsAlikeEverywhere(t *testing.T) {
	n := facesNetwork(t)
	s := newSite(t, n.file)
	s.start("haidang-simnet", "--config", n.file)
	s.until("the simulated network answers", func() bool { _, status := get("http://"+n.control+"/faults", ""); return status == http.StatusOK })
	n.resolve(s)
	w, collector := s.tap()
	s.write("agent.yaml", n.agent(collector))
	if err := os.Mkdir(s.path("pm"), 0o750); err != nil { // an input backs off from a source that is not there
		t.Fatal(err)
	}
	t.Setenv("COMMUNITY", "public")
	s.collector()
	s.agent()

	faces := n.faces()
	streamed := face{measurement: "reach", tags: tagged("device", n.gateway, "method", "gnmi"), field: "up", up: 1}
	for _, f := range faces {
		if !f.event {
			s.until(f.name+" sees that all is well", func() bool { return len(w.states(f)) > 0 })
		}
	}
	s.until("the gateway is streamed from", func() bool { return len(w.states(streamed)) > 0 })
	from, to := n.fail(s)
	for _, f := range faces {
		s.until(f.name+" sees the fault", func() bool { return failed(w.states(f)) })
	}
	for _, f := range faces {
		s.until(f.name+" sees that it is over", func() bool { return ended(w.states(f)) })
	}
	for _, f := range faces {
		f.check(t, w.states(f), from, to)
	}
	n.count(s, w, from, to)
	n.outage(s, w.states(faces[0]))
}

// faces is a simulated network with all its faces, and the station that fails there.
type faces struct {
	file, control             string
	snmp, gnmi, stamp, syslog string // ports
	device, gateway           string
	deviceIP, gateIP          string
	port                      string // of the gateway, towards the device
	text                      string
}

func facesNetwork(t *testing.T) *faces {
	t.Helper()
	port := func() string { return strconv.Itoa(loopback.Port(t)) }
	n := &faces{control: loopback.Address(t), snmp: port(), gnmi: port(), stamp: port(), syslog: port(), device: "ha-noi-enb-0001", gateway: "ha-noi-agg-001"}
	n.text = fmt.Sprintf(`nation: {seed: 42, since: 2026-01-01T00:00:00+07:00, provinces: %s, only: ["01"], devices: 34, interfaces: 3, cells: 1, address: 127.19.0.1}
snmp: {port: %s, community: public}
gnmi: {port: %s}
probes: {stamp: %s}
syslog: {target: "127.0.0.1:%s"}
`, root("configs/provinces/provinces-34.csv"), n.snmp, n.gnmi, n.stamp, n.syslog)
	s := &site{t: t, dir: t.TempDir()}
	s.write("nation.yaml", n.text+"control: {listen: \""+n.control+"\"}\n")
	n.file = s.path("nation.yaml")
	return n
}

// resolve finds the addresses, and the port that leads to the device.
func (n *faces) resolve(s *site) {
	for _, r := range s.rows("devices.csv") {
		address, err := netip.ParseAddrPort(r["address"])
		if err != nil {
			s.t.Fatal(err)
		}
		switch r["device"] {
		case n.device:
			n.deviceIP = address.Addr().String()
		case n.gateway:
			n.gateIP = address.Addr().String()
		}
	}
	for _, r := range s.rows("links.csv") {
		if r["a_device"] == n.device && r["b_device"] == n.gateway {
			n.port = r["b_ifname"]
		}
	}
	if n.deviceIP == "" || n.gateIP == "" || n.port == "" {
		s.t.Fatalf("the network lacks something: %+v", n)
	}
}

// agent is an agent with every input.
func (n *faces) agent(collector string) string {
	return fmt.Sprintf(`name: agent-01
listen: 127.0.0.1:0
heartbeat: 2s
spool: {dir: spool}
collector: {url: %q, token: env:E2E_AGENT, retry_min: 50ms, retry_max: 500ms}
plugins: %s
inputs:
  - type: snmp
    env: [COMMUNITY]
    config:
      interval: 3s
      timeout: 1400ms
      retries: 1
      inventory: devices.csv
      credentials: [{name: public, version: 2c, community: env:COMMUNITY}]
  - type: gnmi
    config:
      interval: 5s
      targets: [{device: %s, address: "%s:%s"}]
      credentials: [{name: lab, tls: {plaintext: true}}]
  - type: pmfile
    config:
      sources: [{name: em, dir: pm, done: delete}]
      cells: cells.csv
      scan: 1s
      settle: 100ms
      state: pmfile
      quarantine: {dir: quarantine}
  - type: probe
    config:
      interval: 5s
      packets: 3
      spacing: 20ms
      timeout: 2s
      state: probe
      tests: [{name: station, method: stamp, address: "%s:%s", device: %s, service: mobile_data}]
  - type: syslog
    config: {listen: ["udp://127.0.0.1:%s"], inventory: devices.csv}
`, collector, root("bin"), n.gateway, n.gateIP, n.gnmi, n.deviceIP, n.stamp, n.device, n.syslog)
}

// faces are the ways of seeing the fault. What counts for a whole period is looked at by count.
func (n *faces) faces() []face {
	return []face{
		{"SNMP, the station", "reach", tagged("device", n.device, "method", "snmp"), "up", 1, 0, false},
		{"SNMP, the gateway's port", "interface", tagged("device", n.gateway, "ifname", n.port), "oper", 1, 2, false},
		{"gNMI, the gateway's port", "state", tagged("device", n.gateway, "ifname", n.port, "source", "gnmi"), "up", 1, 0, true},
		{"syslog, the gateway's port", "state", tagged("device", n.gateway, "ifname", n.port, "source", "syslog"), "up", 1, 0, true},
		{"STAMP, the station", "probe", tagged("device", n.device, "service", "mobile_data"), "loss_ratio", 0, 1, false},
	}
}

// outageSeconds is how long the station has no power.
const outageSeconds = 20

// fail takes the station's power away, within one quarter of an hour, and says when.
func (n *faces) fail(s *site) (from, to time.Time) {
	from = time.Now().Add(3 * time.Second).Truncate(time.Second)
	if end := from.Add(quarter).Truncate(quarter); end.Before(from.Add((outageSeconds + 5) * time.Second)) {
		from = end.Add(time.Second)
	}
	to = from.Add(outageSeconds * time.Second)
	body, err := json.Marshal(map[string]any{"id": "power", "kind": "reboot", "device": n.device, "from": from, "to": to})
	if err != nil {
		s.t.Fatal(err)
	}
	if answer, status := do(http.MethodPost, "http://"+n.control+"/faults", "", bytes.NewReader(body)); status/100 != 2 {
		s.t.Fatalf("the fault was not taken: %d %s", status, answer)
	}
	return from, to
}

const quarter = 15 * time.Minute

// count has the element manager write the file of a quarter that is over, as the present one's is not due and would be refused
// as of the future: with the same fault a quarter of an hour earlier, the cells were without service as long as it lasted, to
// the second.
func (n *faces) count(s *site, w *wire, from, to time.Time) {
	s.t.Helper()
	from, to = from.Add(-quarter), to.Add(-quarter)
	s.write("past.yaml", fmt.Sprintf("%sfaults: [{id: power, kind: reboot, device: %s, from: %s, to: %s}]\n", n.text, n.device, from.Format(time.RFC3339), to.Format(time.RFC3339)))
	begin := from.Truncate(quarter)
	s.output("haidang-simnet", "pm", "--config", s.path("past.yaml"), "--from", begin.Format(time.RFC3339), "--to", begin.Add(quarter).Format(time.RFC3339), "--out", s.path("pm"))
	told := face{measurement: "pm", tags: tagged("device", n.device), field: "RRU.CellUnavailableTime.sum", down: to.Sub(from).Seconds(), up: -1}
	s.until("the counters of the period tell of the fault", func() bool { return len(w.states(told)) == 1 })
	if at := w.states(told)[0].at; !at.Equal(begin.Add(quarter)) {
		s.t.Errorf("PM file: the period ends at %s, want %s", at, begin.Add(quarter))
	}
	s.t.Logf("%-28s %v s in the quarter from %s on", "PM file, the cell", told.down, clock(begin))
}

// outage is what the test reads of the collector's list.
type outage struct {
	Name     string
	From, To time.Time
	Open     bool
}

// outage is what the collector makes of all that: one outage of the station, from its first poll in vain to the first that was
// answered.
func (n *faces) outage(s *site, polled []state) {
	s.t.Helper()
	down, up := ends(polled)
	from, to := polled[down].at.Truncate(time.Second), polled[up].at.Truncate(time.Second)
	var list []outage
	mine := func() bool {
		text, status := get("http://"+s.listen+"/api/v1/outages", viewerToken)
		if status != http.StatusOK {
			return false
		}
		list = nil
		decode(s.t, text, &list)
		list = slices.DeleteFunc(list, func(o outage) bool { return o.Name != n.device })
		return len(list) > 0 && !list[len(list)-1].Open
	}
	s.until("the collector lists the outage", mine)
	if len(list) != 1 || !list[0].From.Equal(from) || !list[0].To.Equal(to) {
		s.t.Errorf("the collector has %+v, want one from %s to %s", list, clock(from), clock(to))
	}
	s.t.Logf("%-28s from %s to %s", "the collector's outage", clock(list[0].From), clock(list[0].To))
}
