package partition_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
)

// points is some hours around a midnight: a device that fails across it, one that reboots, a port with
// traffic and a counter of unavailable seconds, an event, a device that no inventory row names.
func points() []string {
	var out []string
	start := partitiontest.Month().First().Start() + 9*model.DaySeconds + 21*3600
	for i := range int64(360) {
		t := start + i*60 + i%2
		failing := i >= 170 && i < 195
		out = append(out, fmt.Sprintf("reach,agent=a1,device=r1,method=snmp up=%t,interval_s=60i %d000000000", !failing, t))
		if !failing {
			out = append(out,
				fmt.Sprintf("system,agent=a1,device=r1 uptime_cs=%du %d000000000", 6000*(i%200), t),
				fmt.Sprintf("interface,agent=a1,device=r1,ifname=ge0 admin=1i,oper=1i,speed_mbps=1000u,in_octets=%du,out_octets=%du,out_ucast_pkts=%du,out_discards=%du,uptime_cs=%du,interval_s=60i %d000000000",
					i*3e9, i*1e9, i*1000, i/10, 100000+6000*i+(i%2)*100, t))
		}
		out = append(out, fmt.Sprintf("reach,agent=a2,device=r2,method=snmp up=%t,interval_s=60i %d000000000", i%50 != 7, t+3))
		out = append(out, fmt.Sprintf("reach,agent=a2,device=stranger,method=snmp up=true,interval_s=60i %d000000000", t+5))
		if i%15 == 0 {
			out = append(out, cellReports(start+i*60, i)...)
		}
		if i%7 == 0 {
			out = append(out, fmt.Sprintf("probe,agent=a2,device=r2,service=iptv,target=vtv1 loss_ratio=0.%03d,zap_s=1.5 %d500000000", i%90, t),
				fmt.Sprintf("probe,agent=a2,province=01,service=fixed_broadband,target=ix rtt_ms=%d.25 %d000000000", 10+i%5, t))
		}
		if i%90 > 2 {
			out = append(out, fmt.Sprintf("otn,agent=a1,device=r1,object=ge0 unavailable_s=%du,errored_s=1u,interval_s=60i %d000000000", 7+max(0, i-178)*20-i/300*5000, t))
		}
		if i == 100 || i == 140 {
			out = append(out, fmt.Sprintf("state,agent=a2,device=r2,ifname=ge0,source=trap up=%t %d000000000", i == 140, t))
		}
	}
	return out
}

// cellReports are the counters of a cell in two groups, for the quarter of an hour that ends at t. Some are
// suspect, some restated by a later file, and some said differently by two messages of one file.
func cellReports(t, i int64) (out []string) {
	line := func(group, rest string) string {
		return fmt.Sprintf("pm,agent=a1,device=r1,object=ENB\\=1\\,Cell\\=2,rat=lte,group=%s period_s=900i,%s %d000000000", group, rest, t)
	}
	out = append(out, line("RRC", fmt.Sprintf("RRC.ConnEstabAtt.sum=%di,RRC.ConnEstabSucc.sum=%di,suspect=%t", 1000+i, 990+i, i%60 == 0)),
		line("Load", fmt.Sprintf("RRU.PrbTotDl=%d.5,DRB.IPVolDl.9=%du,DRB.IPTimeDl.9=%di,revision=1i", 30+i%40, 1_000_000+i, 50_000-i)))
	if i%45 == 0 {
		out = append(out, line("Load", fmt.Sprintf("RRU.PrbTotDl=99,DRB.IPVolDl.9=%du,revision=2i", i)))
	}
	if i%75 == 0 {
		out = append(out, line("RRC", fmt.Sprintf("RRC.ConnEstabAtt.sum=%di", i)))
	}
	return append(out, fmt.Sprintf("pm,agent=a1,device=r1,group=Power,object=ENB\\=1 period_s=900i,PEE.Energy=0.%d %d000000000", 100+i, t),
		fmt.Sprintf("pm,agent=a1,device=r1,group=Ports,object=ENB\\=1\\,Port\\=1 period_s=900i,ifInOctets=%di %d000000000", i, t))
}

// batches cuts lines into pieces of random size.
func batches(r *rand.Rand, lines []string) (out [][]string) {
	for len(lines) > 0 {
		n := min(1+r.IntN(200), len(lines))
		out = append(out, lines[:n])
		lines = lines[n:]
	}
	return out
}

const spool = partitiontest.Spool

// reference is what the points give in order, in one partition, sent once.
func reference(t *testing.T) []string {
	t.Helper()
	s := partitiontest.New(t, 1)
	s.Start()
	defer s.Stop()
	for i, b := range batches(rand.New(rand.NewPCG(1, 1)), points()) {
		s.Send(0, fmt.Sprintf("%s/%d", spool, i+1), b)
	}
	s.Settle()
	got := s.Chunks()
	for _, part := range []string{"Kind:lte", "Kind:site", "Kind:probe/iptv", "Device:province:01", "IfName:ge0", "IfName:ge0 Method:otn"} {
		if !slices.ContainsFunc(got, func(row string) bool { return strings.Contains(row, part) }) {
			t.Fatalf("no row with %s: the test tests less than it should", part)
		}
	}
	if slices.ContainsFunc(got, func(row string) bool { return strings.Contains(row, "Port=1") }) {
		t.Fatal("an object that tells nothing of use was kept")
	}
	if len(got) < 8 {
		t.Fatalf("only %d rows: the test tests nothing", len(got))
	}
	return got
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("%s: %d rows, want %d; first difference at %d:\n got %.600s\nwant %.600s", what, len(got), len(want), i, at(got, i), want[i])
		}
	}
	t.Fatalf("%s: %d rows too many, first %.300s", what, len(got)-len(want), got[len(want)])
}

func at(s []string, i int) string {
	if i < len(s) {
		return s[i]
	}
	return "nothing"
}

// The same points in any order, in any batches, delivered once or three times, through one partition
// or several, with crashes in between, give the same chunks.
func TestOrderBatchesDuplicatesAndCrashesDoNotShow(t *testing.T) {
	want := reference(t)
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			lines := points()
			r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			s := partitiontest.New(t, 1+int(seed)%3)
			s.Start()
			type sent struct {
				p     int
				id    string
				lines []string
			}
			var all []sent
			for i, b := range batches(r, lines) {
				all = append(all, sent{r.IntN(s.Partitions), fmt.Sprintf("%s/%d", spool, i+1), b})
			}
			for i, m := range all {
				s.Send(m.p, m.id, m.lines)
				if r.IntN(3) == 0 {
					again := all[max(0, i-r.IntN(20))]
					s.Send(again.p, again.id, again.lines)
				}
				switch r.IntN(12) {
				case 0:
					s.Crash()
					s.Start()
				case 1:
					s.Stop()
					s.Start()
				}
			}
			s.Settle()
			same(t, "after disorder", s.Chunks(), want)
			s.Stop()
		})
	}
}

// Days close in order; a late point reopens its day, and what follows from it, and the result is the
// same as if it had come in time.
func TestLatePointsReviseClosedDays(t *testing.T) {
	want := reference(t)
	lines := points()
	late := slices.Clone(lines[len(lines)/3 : len(lines)/3+40])
	early := slices.Concat(lines[:len(lines)/3], lines[len(lines)/3+40:])
	s := partitiontest.New(t, 1)
	s.CloseIdle = 0
	s.Start()
	defer s.Stop()
	s.Send(0, spool+"/1", early)
	s.Settle()
	first := partitiontest.Month().First() + 9
	s.Until(func() bool { return s.Revision(first+1) == 1 })
	s.Send(0, spool+"/2", late)
	s.Settle()
	s.Until(func() bool { return s.Revision(first) == 2 })
	same(t, "after the revision", s.Chunks(), want)
	if open := s.Live(partition.Days{From: first - 1, To: first + 3}); len(open) != 0 {
		t.Errorf("%d days are open though all are closed", len(open))
	}
}

// What the owner sees of open days is what the store says of them.
func TestOwnerAndStoreAgree(t *testing.T) {
	s := partitiontest.New(t, 2)
	s.Start()
	defer s.Stop()
	s.Send(0, "", points())
	s.Settle()
	days := partition.Days{From: partitiontest.Month().First(), To: partitiontest.Month().Next().First()}
	stored := s.Stored(days, 0, 1)
	live := s.Live(days)
	if len(live) == 0 || len(live) != len(stored) {
		t.Fatalf("%d live chunks, %d from the store", len(live), len(stored))
	}
	for i := range live {
		same(t, "live chunk", []string{fmt.Sprintf("%+v", *live[i])}, []string{fmt.Sprintf("%+v", *stored[i])})
	}
}
