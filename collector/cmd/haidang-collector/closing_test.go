package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/store"
)

// write sends polls of a device, one a minute, and waits until the days of the month are closed with them.
func (s *started) write(from int64, up bool, m model.Month) {
	s.t.Helper()
	before, err := dataOf(s.t.Context(), s.c.store, m)
	if err != nil {
		s.t.Fatal(err)
	}
	var lines strings.Builder
	for i := range int64(60) {
		fmt.Fprintf(&lines, "reach,device=hni-olt-cgy1,method=snmp up=%t,interval_s=60i %d000000000\n", up, from+i*60)
	}
	if status, text := s.do("POST", "/api/v2/write", "token-of-agent-0123456789", lines.String()); status != 204 {
		s.t.Fatal(status, text)
	}
	s.until("/-/healthy", func(string) bool {
		now, err := dataOf(s.t.Context(), s.c.store, m)
		return err == nil && now != "" && now != before
	})
}

// A month is published when it is due, once; later data make the next revision, which lists what changed.
func TestMonthsArePublishedOnTheirOwn(t *testing.T) {
	s := start(t, files(t, map[string]func(string) string{"collector.yaml": replacer("publish: true", "publish: false")}))
	m := previous(model.MonthOf(time.Now().Unix()))
	due := time.Unix((m.Next().First() + 3).Start(), 0)
	noon := m.End() - 36*3600 // of a day that is closed in the first hours of the next month, too
	s.write(noon, true, m)
	s.c.closeMonths(t.Context(), due.Add(-time.Second))
	if _, err := s.c.store.Published(t.Context(), m.String(), 0); !errors.Is(err, store.ErrNotPublished) {
		t.Errorf("published before day 4: %v", err)
	}
	for range 2 { // the second time nothing is new
		s.c.closeMonths(t.Context(), due)
	}
	first, err := s.c.store.Published(t.Context(), m.String(), 0)
	if err != nil || first.Revision != 1 || first.PublishedBy != publisher {
		t.Fatalf("revision %d by %s, %v", first.Revision, first.PublishedBy, err)
	}
	s.write(noon+3600, false, m)
	s.c.closeMonths(t.Context(), due.Add(time.Hour))
	second, err := s.c.store.Published(t.Context(), m.String(), 0)
	if err != nil || second.Revision != 2 {
		t.Fatalf("revision %d, %v; want 2", second.Revision, err)
	}
	d, err := scorecard.Parse(second.Scorecards[0].JSON)
	if err != nil || len(d.Changes) == 0 {
		t.Errorf("%d changed cells, %v", len(d.Changes), err)
	}
	// close_idle is none here: the day may have been closed and opened again with every request.
	if late := d.LateAfterClose; len(late) != 1 || late[0].Day != model.DayOf(noon).String() || late[0].Revisions < 1 {
		t.Errorf("came late: %+v; want the month's last day but one", late)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
}
