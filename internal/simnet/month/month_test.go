package month_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/month"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

func network(t testing.TB, change func(*nation.Config), faults ...fault.Fault) *nation.Overlay {
	t.Helper()
	cfg := nation.Defaults()
	cfg.Provinces, cfg.Devices, cfg.Interfaces, cfg.Only = "../../../configs/provinces/provinces-34.csv", 40, 2, []string{"01", "48", "79"}
	if change != nil {
		change(&cfg)
	}
	n, err := nation.Build(cfg)
	if err != nil {
		t.Fatal(err)
	}
	o, err := n.Overlay(faults)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func plan(t testing.TB, o *nation.Overlay, interval time.Duration) *month.Plan {
	t.Helper()
	p, err := month.NewPlan(o, "2026-10", interval, "")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// days is the plan's first days only.
func days(p *month.Plan, n int) *month.Plan {
	p.To = p.From + fault.Tick(n)*fault.Day
	return p
}

// text is the month as one piece of line protocol.
func text(t *testing.T, p *month.Plan, o month.Options) ([]byte, month.Totals) {
	t.Helper()
	var frames bytes.Buffer
	totals, err := month.Write(t.Context(), p, o, month.Stream{W: &frames})
	if err != nil {
		t.Fatal(err)
	}
	lines, err := point.Unpack(nil, frames.Bytes(), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return lines, totals
}

func TestMonthIsLineProtocolInOrder(t *testing.T) {
	o := network(t, func(c *nation.Config) { c.Agents = 1 },
		fault.Fault{ID: "x", Kind: fault.Dead, Device: "vn2-p-01", From: instant(5, 0, 0), To: instant(6, 0, 0)})
	lines, totals := text(t, days(plan(t, o, 5*time.Minute), 6), month.Options{Heartbeats: true})
	dec := lineprotocol.NewDecoderWithBytes(lines)
	n, last, seen, failures := 0, time.Time{}, map[string]int{}, 0
	for dec.Next() {
		m, err := dec.Measurement()
		if err != nil {
			t.Fatal(err)
		}
		seen[string(m)]++
		for {
			k, _, err := dec.NextTag()
			if err != nil {
				t.Fatal(err)
			}
			if k == nil {
				break
			}
		}
		for {
			k, v, err := dec.NextField()
			if err != nil {
				t.Fatal(err)
			}
			if k == nil {
				break
			}
			if string(k) == "up" && !v.BoolV() {
				failures++
			}
		}
		at, err := dec.Time(lineprotocol.Nanosecond, time.Time{})
		if err != nil || at.Before(last) {
			t.Fatalf("line %d at %s after %s: %v", n, at, last, err)
		}
		last = at
		n++
	}
	if n != totals.Points || totals.Raw != len(lines) {
		t.Errorf("%d lines of %d bytes, totals %+v", n, len(lines), totals)
	}
	rounds := 6 * 288
	if seen["reach"] != 40*rounds || seen["agent"] != rounds || failures != 288 || len(seen) != 3 {
		t.Errorf("measurements %v, %d failed polls", seen, failures)
	}
}

// Disorder changes the order and repeats lines; the set of lines stays the same.
func TestDisorder(t *testing.T) {
	p := days(plan(t, network(t, nil), 5*time.Minute), 2)
	plain, _ := text(t, p, month.Options{})
	again, _ := text(t, p, month.Options{})
	if !bytes.Equal(plain, again) {
		t.Error("the same month is not the same bytes")
	}
	mixed, _ := text(t, p, month.Options{Disorder: 7})
	mixedAgain, _ := text(t, p, month.Options{Disorder: 7})
	if !bytes.Equal(mixed, mixedAgain) {
		t.Error("the same disorder is not the same bytes")
	}
	if len(mixed) <= len(plain) {
		t.Error("disorder repeats nothing")
	}
	if !slices.Equal(set(plain), set(mixed)) {
		t.Error("disorder loses or invents lines")
	}
}

func set(text []byte) []string {
	lines := strings.Split(string(text), "\n")
	slices.Sort(lines)
	return slices.Compact(lines)
}

// upload sends a month to a server that misbehaves and returns how often each batch was accepted.
func upload(t *testing.T, o month.Options) (accepted map[string]int, lines []byte) {
	t.Helper()
	var mu sync.Mutex
	accepted, bodies := map[string]int{}, map[string][]byte{}
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/api/v2/write" || r.Header.Get("Authorization") != "Token secret" ||
			r.Header.Get("Content-Encoding") != "zstd" || r.Header.Get("Haidang-Sent") == "" {
			t.Errorf("request %s %v, %v", r.URL.Path, r.Header, err)
		}
		mu.Lock()
		defer mu.Unlock()
		if requests++; requests == 3 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		id := r.Header.Get("Haidang-Batch")
		accepted[id]++
		bodies[id] = body
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	sink := &month.Upload{URL: server.URL, Token: "secret", Spool: strings.Repeat("0123456789abcdef", 2), Client: server.Client()}
	p := days(plan(t, network(t, nil), 5*time.Minute), 2)
	totals, err := month.Write(t.Context(), p, o, sink)
	if err != nil || len(accepted) != totals.Batches {
		t.Fatalf("%d batches accepted of %d: %v", len(accepted), totals.Batches, err)
	}
	for n := 1; n <= totals.Batches; n++ {
		id := fmt.Sprintf("%s/%d", sink.Spool, n)
		text, err := point.Unpack(nil, bodies[id], 64<<20)
		if err != nil {
			t.Fatalf("batch %s: %v", id, err)
		}
		lines = append(lines, text...)
	}
	return accepted, lines
}

func TestUpload(t *testing.T) {
	t.Parallel()
	p := days(plan(t, network(t, nil), 5*time.Minute), 2)
	plain, _ := text(t, p, month.Options{})
	accepted, lines := upload(t, month.Options{})
	if !bytes.Equal(lines, plain) {
		t.Error("the requests in the order of their numbers are not the month")
	}
	for id, n := range accepted {
		if n != 1 {
			t.Errorf("batch %s came %d times", id, n)
		}
	}
	accepted, lines = upload(t, month.Options{Disorder: 3})
	twice := 0
	for _, n := range accepted {
		if n > 1 {
			twice++
		}
	}
	if twice == 0 || !slices.Equal(set(lines), set(plain)) {
		t.Errorf("%d batches came twice; the lines are those of the month: %v", twice, slices.Equal(set(lines), set(plain)))
	}
}

func TestUploadGivesUp(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"code":"unauthorized"}`, http.StatusUnauthorized)
	}))
	defer server.Close()
	p := days(plan(t, network(t, nil), 5*time.Minute), 2)
	_, err := month.Write(t.Context(), p, month.Options{}, &month.Upload{URL: server.URL, Token: "x", Spool: "y", Client: server.Client()})
	if err == nil || !strings.Contains(err.Error(), "unauthorized") {
		t.Errorf("error %v", err)
	}
}
