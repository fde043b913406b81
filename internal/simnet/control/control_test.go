package control_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/control"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

func serve(t *testing.T) (*control.Script, *httptest.Server) {
	t.Helper()
	cfg := nation.Defaults()
	cfg.Provinces, cfg.Devices, cfg.Only = "../../../configs/provinces/provinces-34.csv", 60, []string{"01", "48", "79"}
	n, err := nation.Build(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s, err := control.NewScript(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	s.Routes(mux)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return s, server
}

func call(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func answers(t *testing.T, s *control.Script, device string, at time.Time) bool {
	t.Helper()
	o := s.Overlay().Load()
	d, err := o.Find(device)
	if err != nil {
		t.Fatal(err)
	}
	var r nation.Reading
	c := o.Clock(fault.TickOf(at))
	r.Read(o, d, &c)
	return r.Answers()
}

func TestFaultsOverHTTP(t *testing.T) {
	s, server := serve(t)
	status, text := call(t, "POST", server.URL+"/faults", `{"kind":"dead","device":"vn2-p-01"}`)
	var made []fault.Fault
	if err := json.Unmarshal([]byte(text), &made); err != nil || status != 201 || made[0].ID != "fault-1" {
		t.Fatalf("POST: %d %s", status, text)
	}
	soon := time.Now().Add(time.Minute)
	if answers(t, s, "vn2-p-01", soon) {
		t.Error("the dead device answers")
	}
	if status, text = call(t, "GET", server.URL+"/faults", ""); status != 200 || !strings.Contains(text, `"fault-1"`) {
		t.Errorf("GET: %d %s", status, text)
	}
	if status, text = call(t, "DELETE", server.URL+"/faults/fault-1", ""); status != 204 {
		t.Errorf("DELETE: %d %s", status, text)
	}
	if !answers(t, s, "vn2-p-01", soon) {
		t.Error("the device does not answer after its fault was ended")
	}
	if len(s.Faults()) != 1 {
		t.Error("the ended fault is forgotten: what it did to counters would be undone")
	}
	call(t, "POST", server.URL+"/faults", `[{"kind":"latency","device":"vn2-p-01","delay":"250ms"},{"id":"x","kind":"link_down","link":"sjc2"}]`)
	if status, _ = call(t, "DELETE", server.URL+"/faults", ""); status != 204 {
		t.Errorf("DELETE all: %d", status)
	}
}

// A pattern is about every device that it fits, and about no other one.
func TestPatterns(t *testing.T) {
	s, server := serve(t)
	if status, text := call(t, "POST", server.URL+"/faults", `{"kind":"dead","device":"*-enb-*"}`); status != 201 {
		t.Fatalf("%d %s", status, text)
	}
	soon, dead := time.Now().Add(time.Minute), 0
	for _, d := range s.Overlay().Load().Devices {
		if fits := d.Role == "enb"; answers(t, s, d.Name, soon) == fits {
			t.Errorf("%s answers: %v", d.Name, !fits)
		} else if fits {
			dead++
		}
	}
	if dead == 0 {
		t.Error("there is no such device")
	}
}

func TestRefusals(t *testing.T) {
	s, server := serve(t)
	for body, want := range map[string]string{
		`{"kind":"dead"}`:                                          "names a device",
		`{"kind":"dead","device":"nowhere"}`:                       "no device",
		`{"kind":"fire","device":"vn2-p-01"}`:                      "want one of",
		`{"kind":"dead","device":"vn2-p-01","colour":"red"}`:       "colour",
		`[{"kind":"dead","device":"vn2-p-01"},{"kind":"reboot"}]`:  "names a device",
		`{"kind":"reboot","device":"vn2-p-01"}`:                    "a reboot ends",
		`{"kind":"congestion","link":"sjc2"}`:                      "factor",
		`{"kind":"loss","device":"vn2-p-01","ratio":2}`:            "ratio",
		`{"kind":"too_big","device":"vn2-p-01","bytes":3}`:         "bytes",
		`{"kind":"admin_down","device":"vn2-p-01","ifname":"x"}`:   "no interface",
		`{"kind":"latency","device":"vn2-p-01","delay":"forever"}`: "duration",
		`{"kind":"dead","device":"no-such-*"}`:                     "no device fits",
		`{"kind":"dead","device":"[*"}`:                            "syntax error in pattern",
		`{"kind":"link_down","link":"sjc*"}`:                       "no link",
		`{"kind":"slow","device":"*"}`:                             "delay",
		`{"kind":"wrong_id","device":"*","ratio":-1}`:              "ratio",
		`nonsense`: "invalid character",
	} {
		status, text := call(t, "POST", server.URL+"/faults", body)
		if status != 400 || !strings.Contains(text, want) {
			t.Errorf("%s: %d %s, want %q", body, status, text, want)
		}
	}
	if len(s.Faults()) != 0 {
		t.Errorf("refused faults are on the list: %v", s.Faults())
	}
	if status, _ := call(t, "DELETE", server.URL+"/faults/none", ""); status != 404 {
		t.Errorf("DELETE of an unknown fault: %d", status)
	}
	if status, _ := call(t, "POST", server.URL+"/faults", strings.Repeat(" ", 1<<20+1)); status != 413 {
		t.Errorf("a body that is too long: %d", status)
	}
}
