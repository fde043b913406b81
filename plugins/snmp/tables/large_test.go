package tables_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// Whoever polls never waits for the rows of a large table: no step of the dialog makes one, nor keeps requests for them.
// The round that ends the walk ends there; a later one goes on when the rows are made.
func TestLargeTablesAreLearnedBesideThePolling(t *testing.T) {
	const lamps = 4000
	r := lampRig(t)
	for i := range uint32(lamps) {
		r.lamp(1+i/100, fmt.Sprintf("b%02d", i%100), 215, 30, 7, 2, 1, 7)
	}
	var work []func()
	r.dialog.Later(func(f func()) { work = append(work, f) })
	steps := 0
	for request := r.dialog.Begin(r.now); request != nil; steps++ {
		request = r.exchange(request)
		if rows, _ := r.dialog.Rows(); rows != 0 {
			t.Fatalf("step %d has made %d rows", steps, rows)
		}
	}
	if r.lines("") != "" || len(work) != 1 {
		t.Fatalf("after the walk %d works wait, want 1", len(work))
	}
	if got := r.all(""); got != "" || r.requests != 1 {
		t.Errorf("while the rows are made %d requests go out:\n%.200s", r.requests, got)
	}
	work[0]()
	got := r.all("")
	rows, kept := r.dialog.Rows()
	if n := strings.Count(got, "sensor,"); n != lamps || rows != lamps || kept != 0 {
		t.Errorf("%d lines of %d rows, %d requests kept, want %d, as many, and none", n, rows, kept, lamps)
	}
	if r.requests < steps/4 {
		t.Errorf("%d requests for what took %d to learn", r.requests, steps)
	}
	equal(t, "failures", r.metric("haidang_snmp_tables_failures_total"), 0)
}

// A large table that is walked each time is written in pieces between which others find the box open.
func TestLargeTablesAreWrittenInPieces(t *testing.T) {
	const visitors = 3000
	r := lampRig(t)
	for i := range uint32(visitors) {
		r.text(fmt.Sprintf("v%d", i), 1, 3, 6, 1, 4, 1, 99999, 9, 1, i+1)
	}
	r.agent.SetNumber(ber.Integer, 1, 1, 3, 6, 1, 4, 1, 99999, 7, 1, 1, 2, 1, 1, 65)
	done := make(chan struct{})
	r.dialog.Later(func(f func()) {
		go func() {
			defer close(done)
			f()
		}()
	})
	r.all("")
	<-done
	if got := r.lines("lldp,"); strings.Count(got, "\n")+1 != visitors {
		t.Errorf("%d lines, want %d", strings.Count(got, "\n")+1, visitors)
	}
}
