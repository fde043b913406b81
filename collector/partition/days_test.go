package partition_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
)

// midnight is where the tests' days meet.
func midnight() int64 { return (partitiontest.Month().First() + 10).Start() }

func reach(device string, up bool, at, interval int64) string {
	return fmt.Sprintf("reach,agent=a1,device=%s,method=snmp up=%t,interval_s=%di %d000000000", device, up, interval, at)
}

func uptime(at, start int64) string {
	return fmt.Sprintf("system,agent=a1,device=r1 uptime_cs=%du %d000000000", (at-start)*100, at)
}

// polled is r1 answering every minute of [from, to).
func polled(from, to int64) (out []string) {
	for at := from; at < to; at += 60 {
		out = append(out, reach("r1", true, at, 60))
	}
	return out
}

// closedInSteps sends the steps one after the other, each after all days of the one before are closed,
// and says what the days are in the end.
func closedInSteps(t *testing.T, restart func(*partitiontest.Site), steps ...[]string) []string {
	t.Helper()
	s := partitiontest.New(t, 1)
	s.CloseIdle = 0
	s.Start()
	defer func() { s.Stop() }()
	for i, lines := range steps {
		s.Send(0, fmt.Sprintf("%s/%d", spool, i+1), lines)
		s.Settle()
		s.Until(func() bool {
			return len(s.Live(partition.Days{From: partitiontest.Month().First() - 60, To: partitiontest.Month().Next().First()})) == 0
		})
		restart(s)
	}
	return s.Chunks()
}

// A closed day must be closed anew for whatever came later than it should have. The result is that of
// all points at once.
func TestLatePointsReachBackOverMidnight(t *testing.T) {
	m, hour := midnight(), int64(3600)
	evening := slices.Clip(polled(m-2*hour, m-90))
	for name, steps := range map[string][][]string{
		"a failure is confirmed exactly at midnight": {
			append(evening, reach("r1", false, m-30, 60)), {reach("r1", false, m, 60)}},
		"a failure is confirmed within its hold": {
			append(evening, reach("r1", false, m-30, 60)), {reach("r1", false, m+119, 60)}, {reach("r1", true, m+120, 60)}},
		"a failure is refuted after all": {
			append(evening, reach("r1", false, m-30, 60), reach("r1", false, m+60, 60)), {reach("r1", true, m+1, 60)}},
		"the greatest hold": {
			{reach("r1", true, m-7200, 3600), reach("r1", false, m-3600, 3600)}, {reach("r1", false, m+5400, 3600)}},
		"a restart is told of hours later": {
			append(evening, uptime(m-hour, m-50*hour)), {uptime(m+9*hour, m-60)}, {reach("r1", true, m+9*hour, 60)}},
		"and the other way round": {
			append(evening, uptime(m-hour, m-50*hour)), {reach("r1", true, m+9*hour, 60)}, {uptime(m+9*hour, m-60)}},
		"a last slot ends with the next day's boundary": {
			{port(m-600, 1000), port(m-300, 2000)}, {port(m, 3000)}},
		"unavailable seconds are read after midnight": {
			{unavailable(m-90, 0), unavailable(m-30, 5)}, {unavailable(m+30, 60)}, {unavailable(m+60, 60)}},
		"readings of the evening before": {
			{unavailable(m+30, 60), unavailable(m+90, 100)}, {unavailable(m-30, 5)}, {unavailable(m-90, 0)}},
		"a day between closed days": {
			evening, polled(m+2*model.DaySeconds, m+2*model.DaySeconds+hour), polled(m+60, m+2*hour)},
		"days before the first one": {
			polled(m+3*model.DaySeconds, m+3*model.DaySeconds+hour), evening, polled(m-3*model.DaySeconds, m-3*model.DaySeconds+hour)},
		"an outage over days, its beginning last": {
			append(polled(m+2*model.DaySeconds, m+2*model.DaySeconds+hour), failing(m+hour, m+2*model.DaySeconds)...), failing(m-hour, m+hour)},
	} {
		t.Run(name, func(t *testing.T) {
			stay := func(*partitiontest.Site) {}
			want := closedInSteps(t, stay, slices.Concat(steps...))
			same(t, "step by step", closedInSteps(t, stay, steps...), want)
			slices.Reverse(steps)
			same(t, "the last first", closedInSteps(t, stay, steps...), want)
			same(t, "with crashes", closedInSteps(t, func(s *partitiontest.Site) { s.Crash(); s.Start() }, steps...), want)
		})
	}
}

func failing(from, to int64) (out []string) {
	for at := from; at < to; at += 900 {
		out = append(out, reach("r1", false, at, 900))
	}
	return out
}

func unavailable(at, seconds int64) string {
	return fmt.Sprintf("otn,agent=a1,device=r1,ifname=ge0 up=true,unavailable_s=%du,interval_s=60i %d000000000", seconds, at)
}

func port(at int64, octets int) string {
	return fmt.Sprintf("interface,agent=a1,device=r1,ifname=ge0 in_octets=%du,out_octets=%du,uptime_cs=%du,interval_s=300i %d000000000",
		octets*1000, octets, at%1e6*100, at)
}

// After keep_days the observations of a closed day are gone: a late point is refused and counted, also
// right after a point that changed nothing, and the days beside it still open.
func TestSealedDaysRefusePoints(t *testing.T) {
	s := partitiontest.New(t, 1)
	s.CloseIdle, s.KeepDays = 0, 30
	s.Now = time.Unix(midnight(), 0).AddDate(0, 0, 2)
	s.Start()
	s.Send(0, "", polled(midnight()-600, midnight()))
	s.Settle()
	day := model.DayOf(midnight() - 1)
	s.Until(func() bool { return s.Revision(day) == 1 })
	want := s.Chunks()
	s.Stop()

	s.Now = s.Now.AddDate(0, 0, 31)
	s.Start()
	defer s.Stop()
	s.Send(0, "", polled(midnight()-600, midnight())) // again: loads the day and changes nothing
	s.Settle()
	s.Until(func() bool {
		blocks, err := s.Store.Blocks(t.Context(), 0, int32(day))
		s.Must(err)
		return len(blocks) == 0
	})
	before := s.Value("haidang_partition_dropped_points_total", "day_sealed") // those sent again, where forgetting was quicker
	s.Send(0, "", []string{reach("r1", false, midnight()-30, 60)})
	s.Settle()
	if n := s.Value("haidang_partition_dropped_points_total", "day_sealed") - before; n != 1 {
		t.Errorf("%v points refused, want 1", n)
	}
	same(t, "the sealed day", s.Chunks(), want)
	s.Send(0, "", polled(midnight(), midnight()+600))
	s.Settle()
	s.Until(func() bool { return s.Revision(day+1) == 1 })
	if s.Revision(day) != 1 {
		t.Error("a sealed day was revised")
	}
}

// Many open days do not fit into memory: they are read back when they are needed, and what the owner
// says is what the store says.
func TestDaysComeAndGo(t *testing.T) {
	s := partitiontest.New(t, 1)
	s.Start()
	defer func() { s.Stop() }()
	days := partition.Days{From: partitiontest.Month().First(), To: partitiontest.Month().Next().First()}
	for round := range int64(3) {
		for d := days.From; d < days.To; d += 2 {
			s.Send(0, "", polled(d.Start()+round*600+80000, d.Start()+round*600+80300))
		}
		s.Settle()
		s.Until(func() bool { return s.Value("haidang_partition_day_sets_in_memory", "") <= 3 })
		stored := s.Stored(days, 0)
		live := s.Live(days)
		if len(live) != len(stored) || len(live) < 15 {
			t.Fatalf("%d live chunks, %d from the store", len(live), len(stored))
		}
		for i := range live {
			same(t, "live chunk", []string{fmt.Sprintf("%+v", *live[i])}, []string{fmt.Sprintf("%+v", *stored[i])})
		}
		if round == 1 {
			s.Crash()
			s.Start()
		}
	}
}

// Who asks the store for some days only must see what came into them from open days before.
func TestAPartFromTheStoreIsThePart(t *testing.T) {
	s := partitiontest.New(t, 1)
	s.CloseIdle = 0
	s.Now = time.Unix(midnight(), 0).Add(7 * time.Hour) // the day before midnight closes, those after do not
	s.Start()
	defer s.Stop()
	s.Send(0, "", append(polled(midnight()-7200, midnight()-3600), failing(midnight()-3600, midnight()+5*model.DaySeconds/4)...))
	s.Settle()
	day := model.DayOf(midnight())
	s.Until(func() bool { return s.Revision(day-1) == 1 })
	for from := day; from < day+2; from++ {
		part := s.Stored(partition.Days{From: from, To: from + 1}, 0)
		live := s.Live(partition.Days{From: from, To: from + 1})
		if len(part) != 1 || len(live) != 1 {
			t.Fatalf("%s: %d chunks from the store, %d live", from, len(part), len(live))
		}
		same(t, from.String(), []string{fmt.Sprintf("%+v", *part[0])}, []string{fmt.Sprintf("%+v", *live[0])})
		if len(live[0].Entities[0].NonUp) == 0 || live[0].Entities[0].DownSince != midnight()-3600 {
			t.Errorf("%s: %+v: want an outage since the day before", from, live[0].Entities[0])
		}
	}
}
