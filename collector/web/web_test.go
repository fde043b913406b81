package web_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/ingest"
	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/view"
	"github.com/haidang-noc/haidang/collector/web"
)

const people = `principals:
  - {name: a1, role: agent, token: env:TOKEN_AGENT, devices: ["*"]}
  - {name: all, role: viewer, token: env:TOKEN_VIEWER}
  - {name: hanoi, role: viewer, token: env:TOKEN_HANOI, provinces: ["01"]}
  - {name: shift, role: operator, token: env:TOKEN_OPERATOR}
  - {name: head, role: approver, token: env:TOKEN_APPROVER}
  - {name: root, role: admin, token: env:TOKEN_ADMIN}
`

// site is the handler over a result that a test may change.
type site struct {
	t       *testing.T
	deps    web.Deps
	handler http.Handler
	result  *view.Result
	reload  error

	replanned int
	log       strings.Builder
}

func newSite(t *testing.T) *site {
	for _, who := range []string{"AGENT", "VIEWER", "HANOI", "OPERATOR", "APPROVER", "ADMIN"} {
		t.Setenv("TOKEN_"+who, "token-of-"+strings.ToLower(who)+"-0123456789")
	}
	file := filepath.Join(t.TempDir(), "principals.yaml")
	if err := os.WriteFile(file, []byte(people), 0o600); err != nil {
		t.Fatal(err)
	}
	reg := prometheus.NewRegistry()
	directory, err := principal.Open(file, reg)
	if err != nil {
		t.Fatal(err)
	}
	in, err := ingest.New(ingest.DefaultConfig(), ingest.Deps{Principals: directory, Registerer: reg, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, result: someResult()}
	s.deps = web.Deps{Ingest: in, Principals: directory, Registry: reg, Log: zerolog.New(&s.log),
		Maintenance: register(t), Replan: s.replan,
		Latest: func() *view.Result { return s.result },
		Reload: func() error { return s.reload },
		Ready: func() error {
			if s.result == nil {
				return errors.New("no KPIs are computed yet")
			}
			return nil
		}}
	s.handler = web.New(s.deps)
	return s
}

// someResult has a device in each of two provinces, a national one, an unknown one with an odd name,
// and a link between the provinces.
func someResult() *view.Result {
	always := model.Validity{To: model.Forever}
	device := func(name, province string) kpi.EntityMonth {
		return kpi.EntityMonth{Level: kpi.LevelDevice, Name: name, Province: province, System: "man-e", Sums: kpi.Sums{Up: 60, Down: 5}}
	}
	return &view.Result{
		MonthResult: kpi.MonthResult{
			Availability: []kpi.Availability{{Level: kpi.LevelDevice, System: "man-e", Entities: 3}, {Province: "01", Level: kpi.LevelDevice, System: "man-e", Entities: 1},
				{Province: "79", Level: kpi.LevelDevice, System: "man-e", Entities: 1}},
			Entities: []kpi.EntityMonth{device("core", ""), device("hni", "01"), device("hcm", "79"), device("odd\xff", kpi.UnknownProvince)},
			Outages: []kpi.Outage{
				{Level: kpi.LevelDevice, Name: "core", From: 1_790_000_000, To: 1_790_000_100, Seconds: 100},
				{Level: kpi.LevelDevice, Name: "hni", Province: "01", System: "man-e", From: 1_790_000_000, To: 1_790_000_100, Open: true, Windows: []string{"w1"}},
				{Level: kpi.LevelLink, Name: "north-south", Provinces: []string{"01", "79"}, Class: model.Transport, From: 1_790_000_000, To: 1_790_000_100},
				{Level: kpi.LevelDevice, Name: "hcm", Province: "79", From: 1_790_000_000, To: 1_790_000_100}},
			Links: []kpi.LinkMonth{
				{Link: "north-south", Port: model.Port{Device: "hni", IfName: "ge0"}, Class: model.Transport, Provinces: []string{"01", "79"}, CapacityMbps: 1000, P95: 812, Coverage: kpi.Quo(1, 2), Congested: true},
				{Link: "cable", P95: -1, NotEvaluated: kpi.LowCoverage}},
		},
		Inventory: inventory.NewIndex(&model.Inventory{Provinces: []model.Province{{Code: "01", Validity: always}, {Code: "79", Validity: always}}}),
		At:        time.Unix(1_790_000_200, 0),
	}
}

func (s *site) do(method, path, who string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader("reach,device=d up=true\n"))
	if who != "" {
		r.Header.Set("Authorization", "Token token-of-"+who+"-0123456789")
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if strings.Contains(w.Body.String(), "token-of-") {
		s.t.Errorf("%s %s shows a token: %s", method, path, w.Body)
	}
	return w
}

// Each route for each caller.
func TestWhoMayDoWhat(t *testing.T) {
	s := newSite(t)
	callers := []string{"", "stranger", "agent", "viewer", "hanoi", "operator", "admin"}
	for route, want := range map[string][]int{
		"GET /-/healthy":                   {200, 200, 200, 200, 200, 200, 200},
		"GET /-/ready":                     {200, 200, 200, 200, 200, 200, 200},
		"GET /metrics":                     {200, 200, 200, 200, 200, 200, 200},
		"GET /metrics/province/01":         {401, 401, 403, 200, 200, 200, 200},
		"GET /metrics/province/79":         {401, 401, 403, 200, 403, 200, 200},
		"GET /metrics/province/vn":         {401, 401, 403, 200, 403, 200, 200},
		"GET /metrics/province/unknown":    {401, 401, 403, 200, 403, 200, 200},
		"GET /metrics/province/99":         {401, 401, 403, 404, 403, 404, 404},
		"GET /api/v1/outages":              {401, 401, 403, 200, 200, 200, 200},
		"GET /api/v1/outages?province=79":  {401, 401, 403, 200, 403, 200, 200},
		"GET /api/v1/links":                {401, 401, 403, 200, 200, 200, 200},
		"GET /api/v1/links?province=99":    {401, 401, 403, 404, 403, 404, 404},
		"GET /api/v1/explain":              {401, 401, 403, 200, 403, 200, 200},
		"GET /api/v1/explain?province=01":  {401, 401, 403, 200, 200, 200, 200},
		"GET /api/v1/explain?province=79":  {401, 401, 403, 200, 403, 200, 200},
		"GET /api/v1/explain?kpi=mos":      {401, 401, 403, 404, 403, 404, 404},
		"POST /-/reload":                   {401, 401, 403, 403, 403, 200, 200},
		"GET /-/reload":                    {405, 405, 405, 405, 405, 405, 405},
		"GET /api/v1/nothing":              {404, 404, 404, 404, 404, 404, 404},
		"POST /api/v2/write?precision=bad": {401, 401, 400, 403, 403, 403, 400},
	} {
		method, path, _ := strings.Cut(route, " ")
		for i, who := range callers {
			if w := s.do(method, path, who); w.Code != want[i] {
				t.Errorf("%s as %q: %d, want %d: %s", route, who, w.Code, want[i], w.Body)
			}
		}
	}
	s.result = nil
	for _, path := range []string{"/-/ready", "/metrics/province/01", "/api/v1/outages", "/api/v1/links"} {
		if w := s.do("GET", path, "viewer"); w.Code != 503 {
			t.Errorf("%s before there are KPIs: %d", path, w.Code)
		}
	}
}

func (s *site) names(path, who string) (names []string) {
	s.t.Helper()
	var rows []struct{ Name, Link string }
	if err := json.Unmarshal(s.do("GET", path, who).Body.Bytes(), &rows); err != nil {
		s.t.Fatal(err)
	}
	for _, r := range rows {
		names = append(names, r.Name+r.Link)
	}
	return names
}

// A caller sees its provinces, and a link that ends in one of them; what belongs to the nation alone is
// for those who see all.
func TestProvinceScope(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		path, who string
		want      []string
	}{
		{"/api/v1/outages", "viewer", []string{"core", "hni", "north-south", "hcm"}},
		{"/api/v1/outages", "hanoi", []string{"hni", "north-south"}},
		{"/api/v1/outages?province=79", "viewer", []string{"north-south", "hcm"}},
		{"/api/v1/outages?province=vn", "viewer", []string{"core"}},
		{"/api/v1/links", "viewer", []string{"north-south", "cable"}},
		{"/api/v1/links", "hanoi", []string{"north-south"}},
	} {
		if diff := cmp.Diff(c.want, s.names(c.path, c.who)); diff != "" {
			t.Errorf("%s as %s (-want +got):\n%s", c.path, c.who, diff)
		}
	}
	for code, want := range map[string]string{"01": `device="hni"`, "vn": `device="core"`, "unknown": "device=\"odd\uFFFD\""} {
		text := s.do("GET", "/metrics/province/"+code, "viewer").Body.String()
		if strings.Count(text, "\nhaidang_device_state_seconds{") != 5 || !strings.Contains(text, want) {
			t.Errorf("province %s: want the five states of %s:\n%s", code, want, text)
		}
	}
}

// The rows' names are an interface.
func TestANumberIsExplained(t *testing.T) {
	s := newSite(t)
	for lang, want := range map[string]string{"vi": "Sự cố", "en": "Outages"} {
		text := s.do("GET", "/api/v1/explain?province=01&kpi=availability&system=man-e&lang="+lang, "hanoi").Body.String()
		if !strings.Contains(text, want) || !strings.Contains(text, "hni") || strings.Contains(text, "hcm") {
			t.Errorf("%s: %s", lang, text)
		}
	}
}

func TestRows(t *testing.T) {
	s := newSite(t)
	const outage = `{"level":"device","name":"hni","provinces":["01"],"system":"man-e","from":"2026-09-21T21:13:20+07:00",` +
		`"to":"2026-09-21T21:15:00+07:00","open":true,"seconds":0,"planned_seconds":0,"windows":["w1"]}`
	if got := s.do("GET", "/api/v1/outages?province=01", "viewer").Body.String(); !strings.Contains(got, outage) {
		t.Errorf("outages: %s\nwant %s", got, outage)
	}
	const links = `[{"link":"north-south","class":"transport","device":"hni","ifname":"ge0","provinces":["01","79"],"capacity_mbps":1000,` +
		`"p95_ratio":0.812,"coverage_ratio":0.5,"congested":true},{"link":"cable","class":"","device":"","ifname":"","provinces":[],` +
		`"capacity_mbps":0,"p95_ratio":null,"coverage_ratio":null,"congested":false,"not_evaluated":"coverage"}]`
	if got := strings.TrimSpace(s.do("GET", "/api/v1/links", "viewer").Body.String()); got != links {
		t.Errorf("links: %s\nwant %s", got, links)
	}
}

// A refused reload says every mistake and changes nothing; who reloaded is in the log.
func TestReload(t *testing.T) {
	s := newSite(t)
	s.reload = errors.New("devices.csv:3: province: no such code\nlinks.csv:9: class: unknown")
	if w := s.do("POST", "/-/reload", "operator"); w.Code != 400 || !strings.Contains(w.Body.String(), "links.csv:9") || !strings.Contains(w.Body.String(), "devices.csv:3") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	s.reload = nil
	if w := s.do("POST", "/-/reload", "operator"); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if log := s.log.String(); !strings.Contains(log, `"by":"shift"`) || !strings.Contains(log, "refused") || strings.Contains(log, "token-of") {
		t.Errorf("log: %s", log)
	}
}
