package view_test

import (
	"bytes"
	"context"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/collector/view"
)

// now is seven hours into a day of the month: the days before it can close.
func now() time.Time {
	return time.Unix((partitiontest.Month().First() + 5).Start(), 0).Add(7 * time.Hour)
}

// points are a link's ends polled for some hours, one of which fails for a while.
func points(from time.Time, hours int64) (out []string) {
	for i := range hours * 12 {
		t := from.Unix() + i*300
		out = append(out,
			fmt.Sprintf("reach,agent=a1,device=r1,method=snmp up=%t,interval_s=300i %d000000000", i%40 > 3, t),
			fmt.Sprintf("reach,agent=a1,device=r2,method=snmp up=true,interval_s=300i %d000000000", t),
			fmt.Sprintf("interface,agent=a1,device=r1,ifname=ge0 oper=1i,speed_mbps=1000u,in_octets=%du,out_octets=%du,uptime_cs=%du,interval_s=300i %d000000000",
				i*9e9, i*33e9, i*30000, t))
		if i%3 == 0 {
			out = append(out, fmt.Sprintf("pm,agent=a1,device=r1,object=Cell\\=1,rat=lte,group=g period_s=900i,RRC.ConnEstabAtt.sum=%di,RRC.ConnEstabSucc.sum=%di,RRU.PrbTotDl=%d,DRB.IPVolDl.9=%di,DRB.IPTimeDl.9=900i,RRU.CellUnavailableTime.sum=%di %d000000000",
				100+i, 99+i, 40+i%60, 1000*i, i%7, t),
				fmt.Sprintf("probe,agent=a1,device=r2,service=iptv,target=x loss_ratio=0.00%d,zap_s=1.%d %d000000000", i%9, i%8, t))
		}
	}
	return out
}

// exactly compares fractions by their value.
func exactly() cmp.Option {
	return cmp.Options{cmp.Comparer(func(a, b *big.Rat) bool { return a == b || a != nil && b != nil && a.Cmp(b) == 0 }),
		cmp.Comparer(func(a, b *big.Int) bool { return a == b || a != nil && b != nil && a.Cmp(b) == 0 })}
}

// start runs a view over the partitions until the test ends.
func start(t *testing.T, s *partitiontest.Site, parts []*partition.Partition) *view.View {
	v, err := view.New(view.Deps{Every: 20 * time.Millisecond, Store: s.Store, Partitions: parts, Inventory: s.Inventory.Load,
		Now: func() time.Time { return s.Now }, Log: zerolog.Nop(), Registerer: prometheus.NewRegistry()})
	s.Must(err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- v.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	return v
}

// fromStore is the month of all the store's days, none of them joined. What the command scorecard computes must be the same.
func fromStore(t *testing.T, s *partitiontest.Site) kpi.MonthResult {
	t.Helper()
	month := model.MonthOf(s.Now.Unix())
	plan := kpi.NewPlan(s.Inventory.Load().Inventory)
	var want kpi.MonthResult
	for _, ago := range []int64{30 * 3600, 100_000, 0} {
		until := s.Now.Unix() - ago
		want = kpi.Month(kpi.MonthInput{Month: month, End: until, Plan: plan, Chunks: s.Stored(partition.Around(month), 0, 1)})
		got, err := view.Month(t.Context(), s.Store, kpi.MonthInput{Plan: plan, Month: month, End: until})
		s.Must(err)
		if diff := cmp.Diff(want, got, exactly()); diff != "" {
			t.Errorf("up to %d s ago, the joined days are another month (-single +joined):\n%s", ago, diff)
		}
	}
	return want
}

// agree waits until the view shows what the store says: days may still be closed meanwhile.
func agree(t *testing.T, what string, s *partitiontest.Site, v *view.View) {
	t.Helper()
	diff := "nothing yet"
	deadline := time.Now().Add(4 * time.Minute)
	s.Until(func() bool {
		if r := v.Latest(); r != nil {
			diff = cmp.Diff(fromStore(t, s), r.MonthResult, exactly())
		}
		return diff == "" || time.Now().After(deadline)
	})
	if diff != "" {
		t.Fatalf("%s: the view is not what the store says (-store +view):\n%s", what, diff)
	}
}

// Days that are open, closed, reopened and closed again, under one plan and another, owned here or
// elsewhere: the view and the store give the same month.
func TestViewIsWhatTheStoreSays(t *testing.T) {
	s := partitiontest.New(t, 2)
	s.Now, s.CloseIdle = now(), 0
	s.Start()
	t.Cleanup(func() { s.Stop() })
	v := start(t, s, s.Parts)
	agree(t, "nothing", s, v)
	if n := v.Latest().Unseen; n[""] != 3 || n["01"] != 3 {
		t.Errorf("%v devices were never heard of, want 3", n)
	}

	s.Send(0, "", points(now().Add(-6*time.Hour), 6)) // today
	s.Settle()
	agree(t, "an open day", s, v)

	s.Send(0, "", points(now().Add(-48*time.Hour), 20))
	s.Send(0, "", points(time.Unix(partitiontest.Month().Start(), 0).Add(-6*time.Hour), 12)) // over the edge of the month
	s.Send(1, "", []string{fmt.Sprintf("reach,agent=a1,device=r3,method=snmp up=true,interval_s=300i %d000000000", now().Unix()-86400)})
	s.Settle()
	yesterday := model.DayOf(now().Unix()) - 1
	s.Until(func() bool { return s.Revision(yesterday) >= 1 && s.Revision(yesterday-1) >= 1 })
	agree(t, "closed days", s, v)
	if r := v.Latest(); r.Radio.Find("01", "lte", "busy_throughput_dl") == nil || len(r.Samples) == 0 {
		t.Error("cells and probes are in no result")
	}
	agree(t, "closed days, remembered", s, v)
	if n := v.Latest().Unseen; n[""] != 0 {
		t.Errorf("%v devices were never heard of, want none", n)
	}

	s.Reload(func(inv *partitiontest.Inventory) {
		inv.Hash = "changed"
		inv.Links[0].CapacityMbps = 400
	})
	agree(t, "another plan", s, v)

	was := s.Revision(yesterday)
	s.Send(0, "", []string{fmt.Sprintf("reach,agent=a1,device=r2,method=snmp up=false,interval_s=300i %d000000000", now().Unix()-100000),
		fmt.Sprintf("reach,agent=a1,device=r2,method=snmp up=false,interval_s=300i %d000000000", now().Unix()-99990)})
	s.Settle()
	s.Until(func() bool { return s.Revision(yesterday) > was })
	agree(t, "a revision", s, v)

	s.Send(0, "", points(now().Add(-72*time.Hour), 2))
	s.Settle()
	s.Until(func() bool { return s.Revision(yesterday-2) >= 1 })
	s.Stop()
	s.CloseIdle = time.Hour
	s.Start()
	s.Send(0, "", points(now().Add(-47*time.Hour-7*time.Second), 1)[:1]) // the day in the midst is open again, and stays so
	s.Settle()
	agree(t, "an open day between closed ones", s, start(t, s, s.Parts))

	m, err := partition.NewMetrics(prometheus.NewRegistry())
	s.Must(err)
	var elsewhere []*partition.Partition
	for id := range 2 {
		p := partition.New(partition.Config{ID: id, Owner: "other", Lease: time.Second, CheckpointEvery: time.Hour},
			partition.Deps{Store: s.Store, Queue: s.Queue, Inventory: s.Inventory.Load, Now: time.Now, Log: zerolog.Nop(), Metrics: m})
		elsewhere = append(elsewhere, p)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-ended })
	}
	agree(t, "partitions owned elsewhere", s, start(t, s, elsewhere))
}

// Today is the last day's share of the month.
func TestToday(t *testing.T) {
	s := partitiontest.New(t, 2)
	s.Now = now()
	s.Start()
	t.Cleanup(func() { s.Stop() })
	s.Send(0, "", points(now().Add(-9*time.Hour), 9))
	s.Settle()
	v := start(t, s, s.Parts)
	agree(t, "the month", s, v)
	for _, a := range v.Latest().Today {
		if a.Level != kpi.LevelDevice || a.Province != "01" {
			continue
		}
		if got := a.Sums.Up + a.Sums.Down + a.Sums.Unknown; got != 3*7*3600 {
			t.Errorf("today has %d seconds, want three devices for seven hours", got)
		}
		if a.Sums.Down == 0 || a.Sums.Unknown != 7*3600 {
			t.Errorf("today: %+v: want some time down, and r3 unknown", a.Sums)
		}
		return
	}
	t.Errorf("no province in %+v", v.Latest().Today)
}

// A store of an earlier program, whose closed days are in one piece, gives the same month; and again when the owner has
// put them into parts.
func TestOlderDaysGiveTheSameMonth(t *testing.T) {
	s := partitiontest.New(t, 2)
	s.Now, s.CloseIdle = now(), 0
	s.Start()
	s.Send(0, "", points(now().Add(-100*time.Hour), 70))
	s.Settle()
	yesterday := model.DayOf(now().Unix()) - 1
	s.Until(func() bool { return s.Revision(yesterday-1) >= 1 })
	want := fromStore(t, s)
	s.Stop()
	days := s.Unsplit()
	if days < 2 {
		t.Fatalf("%d days were closed, want several", days)
	}
	if diff := cmp.Diff(want, fromStore(t, s), exactly()); diff != "" {
		t.Errorf("days in one piece (-parts +whole):\n%s", diff)
	}
	s.Must(s.Store.Close())
	s.Start()
	t.Cleanup(func() { s.Stop() })
	s.Until(func() bool { return s.Split() == days })
	if diff := cmp.Diff(want, fromStore(t, s), exactly()); diff != "" {
		t.Errorf("days put into parts (-before +after):\n%s", diff)
	}
	agree(t, "days put into parts", s, start(t, s, s.Parts))
	s.Must(s.Store.View(t.Context(), func(v *store.View) error {
		line, err := v.MonthLine(int32(partitiontest.Month().First()), 0)
		if line.Made == "" {
			t.Error("the month's time lines are not joined")
		}
		return err
	}))
}

// What was added up is kept, is not made again, and after an edit only where the edit matters.
func TestSumsAreMadeOnce(t *testing.T) {
	s := partitiontest.New(t, 2)
	s.Now, s.CloseIdle = now(), 0
	s.Start()
	t.Cleanup(func() { s.Stop() })
	s.Send(0, "", points(now().Add(-100*time.Hour), 70))
	s.Settle()
	yesterday := model.DayOf(now().Unix()) - 1
	s.Until(func() bool { return s.Revision(yesterday-1) >= 1 })
	fromStore(t, s)
	kept := sums(t, s)
	if len(kept) != 1 {
		t.Fatalf("%d shards are added up, want that of the only link", len(kept))
	}
	s.Reload(func(inv *partitiontest.Inventory) { // nothing that a sum is made of
		inv.Hash = "other"
		inv.Devices[2].Province, inv.Devices[0].Subscribers = "48", 7
		inv.Targets.MinOutage = 100
	})
	fromStore(t, s)
	if diff := cmp.Diff(kept, sums(t, s)); diff != "" {
		t.Errorf("an edit of something else changes the sums:\n%s", diff)
	}
	start := model.Day(yesterday-2).Start() + 3600
	s.Reload(func(inv *partitiontest.Inventory) {
		inv.Windows = []model.Window{{ID: "w", Kind: model.ScopeDevice, Key: "r2", Start: start, End: start + 7200, ApprovedAt: start - 9}}
	})
	fromStore(t, s)
	edited := sums(t, s)
	differ := 0
	for shard, m := range edited {
		for i := 0; i < len(m.Made); i += 8 {
			if !bytes.Equal(m.Made[i:i+8], kept[shard].Made[i:i+8]) {
				differ++
			}
		}
	}
	if differ != 1 {
		t.Errorf("a window of one day changes what %d days are made of, want 1", differ)
	}
}

// sums are what is added up of the month, by shard.
func sums(t *testing.T, s *partitiontest.Site) map[int]store.MonthSum {
	t.Helper()
	out := map[int]store.MonthSum{}
	s.Must(s.Store.View(t.Context(), func(v *store.View) error {
		return v.MonthSums(int32(partitiontest.Month().First()), func(m store.MonthSum) error {
			out[m.Shard] = m
			return nil
		})
	}))
	return out
}
