package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
	"github.com/haidang-noc/haidang/collector/web"
)

// watched is an engine over partitions in which r1 of province 01 and r3 of 79 are down.
func watched(t *testing.T) *alarm.Engine {
	t.Helper()
	s := partitiontest.New(t, 1)
	s.Now = time.Now()
	s.Reload(func(inv *partitiontest.Inventory) { inv.Devices[2].Province = "79" })
	s.Changes = partition.NewChanges()
	s.Start()
	e, err := alarm.New(alarm.DefaultConfig(), alarm.Deps{Store: s.Store, Partitions: s.Parts, Changes: s.Changes, Inventory: s.Inventory.Load,
		Now: time.Now, Log: zerolog.Nop(), Registerer: prometheus.NewRegistry()})
	s.Must(err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended; s.Stop() })
	lines := make([]string, 0, 4)
	for _, ago := range []time.Duration{2 * time.Minute, time.Minute} {
		at := time.Now().Add(-ago).UnixNano()
		for _, d := range []string{"r1", "r3"} {
			lines = append(lines, fmt.Sprintf("reach,agent=a1,device=%s,method=snmp up=false,interval_s=60i %d", d, at))
		}
	}
	s.Send(0, "", lines)
	s.Until(func() bool { return len(e.List(alarm.Filter{})) == 2 })
	return e
}

// watch gives the site an engine.
func (s *site) watch(e *alarm.Engine) {
	s.deps.Alarms = e
	s.handler = web.New(s.deps)
}

// Each route for each caller, and only what concerns one's provinces.
func TestAlarms(t *testing.T) {
	s := newSite(t)
	s.watch(watched(t))
	id := map[string]string{}
	for _, a := range s.listed("/api/v1/alarms", "viewer") {
		id[a.Name] = strconv.FormatInt(a.ID, 10)
	}
	if len(id) != 2 || len(s.listed("/api/v1/alarms", "hanoi")) != 1 {
		t.Fatalf("listed: %v, hanoi sees %v", id, s.listed("/api/v1/alarms", "hanoi"))
	}
	callers := []string{"", "agent", "viewer", "hanoi", "operator"}
	for route, want := range map[string][]int{
		"GET /api/v1/alarms":                                  {401, 403, 200, 200, 200},
		"GET /api/v1/alarms?province=79":                      {401, 403, 200, 403, 200},
		"GET /api/v1/alarms?province=vn":                      {401, 403, 200, 403, 200},
		"GET /api/v1/alarms?severity=loud":                    {401, 403, 400, 400, 400},
		"GET /api/v1/alarms?cause=magic":                      {401, 403, 400, 400, 400},
		"GET /api/v1/alarms?state=odd":                        {401, 403, 400, 400, 400},
		"GET /api/v1/alarms?limit=-1":                         {401, 403, 400, 400, 400},
		"GET /api/v1/alarms?format=csv&severity=minor,major":  {401, 403, 200, 200, 200},
		"GET /api/v1/alarms/" + id["r1"]:                      {401, 403, 200, 200, 200},
		"GET /api/v1/alarms/" + id["r3"]:                      {401, 403, 200, 404, 200},
		"GET /api/v1/alarms/99":                               {401, 403, 404, 404, 404},
		"GET /api/v1/alarms/x":                                {401, 403, 404, 404, 404},
		"GET /api/v1/alarms/history":                          {401, 403, 200, 200, 200},
		"GET /api/v1/alarms/history?from=yesterday":           {401, 403, 400, 400, 400},
		"GET /api/v1/alarms/handover?format=text":             {401, 403, 200, 200, 200},
		"GET /api/v1/alarms/stream?after=x":                   {401, 403, 400, 400, 400},
		"POST /api/v1/alarms/" + id["r1"] + "/acknowledge":    {401, 403, 403, 403, 400}, // the body is no JSON
		"POST /api/v1/alarms/" + id["r1"] + "/assign/nothing": {404, 404, 404, 404, 404},
	} {
		method, path, _ := strings.Cut(route, " ")
		for i, who := range callers {
			if w := s.do(method, path, who); w.Code != want[i] {
				t.Errorf("%s as %q: %d, want %d: %s", route, who, w.Code, want[i], w.Body)
			}
		}
	}
	for path, status := range map[string]int{id["r1"] + "/acknowledge": 200, id["r1"] + "/note": 200, id["r3"] + "/assign": 200, "99/note": 404} {
		if w := s.post("/api/v1/alarms/"+path, "operator", `{"text":"đã rõ"}`); w.Code != status {
			t.Errorf("%s: %d: %s", path, w.Code, w.Body)
		}
	}
	if w := s.post("/api/v1/alarms/"+id["r1"]+"/note", "operator", `{}`); w.Code != 400 {
		t.Errorf("an empty note: %d", w.Code)
	}
	if got := s.listed("/api/v1/alarms?state=acknowledged&text=DA+RO", "viewer"); len(got) != 1 || got[0].Acknowledged.Who != "shift" {
		t.Errorf("acknowledged: %+v", got)
	}
	if text := s.do("GET", "/api/v1/alarms/handover?format=text", "hanoi").Body.String(); !strings.Contains(text, "r1") || strings.Contains(text, "r3") {
		t.Errorf("handover of hanoi:\n%s", text)
	}
}

// A listener hears what concerns its provinces, and after a pause what it missed.
func TestAlarmStream(t *testing.T) {
	s := newSite(t)
	e := watched(t)
	s.watch(e)
	server := httptest.NewServer(s.handler)
	defer server.Close()
	for _, c := range []struct{ who, after, first, second string }{
		{"hanoi", "", "event: ready", `"name":"r1"`},
		{"viewer", "1", "event: raised", `"name":"r`},
		{"viewer", "999999", "event: reset", `"name":"r`},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		lines := s.listen(ctx, server.URL, c.who, c.after)
		if got := next(lines, "event: "); got != c.first {
			t.Errorf("%s after %q begins with %q, want %q", c.who, c.after, got, c.first)
		}
		for _, a := range e.List(alarm.Filter{}) {
			if _, err := e.Note(t.Context(), a.ID, "lan", "x"); err != nil {
				t.Fatal(err)
			}
		}
		if got := next(lines, "data: {\""); !strings.Contains(got, c.second) {
			t.Errorf("%s after %q: %q, want %s", c.who, c.after, got, c.second)
		}
		cancel()
	}
}

func (s *site) listen(ctx context.Context, url, who, after string) *bufio.Scanner {
	s.t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/v1/alarms/stream", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Token token-of-"+who+"-0123456789")
	if after != "" {
		r.Header.Set("Last-Event-ID", after)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { res.Body.Close() })
	return bufio.NewScanner(res.Body)
}

// next is the next line that begins so.
func next(lines *bufio.Scanner, prefix string) string {
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), prefix) {
			return lines.Text()
		}
	}
	return ""
}

func (s *site) listed(path, who string) []alarm.Alarm {
	s.t.Helper()
	var page struct{ Alarms []alarm.Alarm }
	if err := json.Unmarshal(s.do("GET", path, who).Body.Bytes(), &page); err != nil {
		s.t.Fatal(err)
	}
	return page.Alarms
}
