package partition_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
)

// polls are an hour of a device and a port, a minute apart, before the site's present.
func polls(now time.Time) (out []string) {
	for i := range int64(60) {
		t := now.Unix() - 3600 + i*60
		out = append(out, fmt.Sprintf("reach,agent=a1,device=r1,method=snmp up=%t,interval_s=60i %d000000000", i%20 < 15, t),
			fmt.Sprintf("interface,agent=a1,device=r1,ifname=ge0 oper=%di,interval_s=60i %d000000000", 1+i%30/25, t+1))
	}
	return out
}

// states asks every partition.
func states(t *testing.T, s *partitiontest.Site, wanted map[model.Port]bool) map[partition.Entity]partition.Status {
	out := map[partition.Entity]partition.Status{}
	for _, p := range s.Parts {
		all, err := p.States(t.Context(), wanted)
		s.Must(err)
		for _, st := range all {
			st.Applied, st.Agent = time.Time{}, ""
			out[st.Entity] = st
		}
	}
	return out
}

// Whether the states are asked for before the points come or afterwards, in whatever order and however
// often they come: they are the same, and what was told last is what is so.
func TestStatesAreOfTheSetOfPoints(t *testing.T) {
	port := map[model.Port]bool{{Device: "r1", IfName: "ge0"}: true}
	var want map[partition.Entity]partition.Status
	for seed := range uint64(6) {
		s := partitiontest.New(t, 2)
		s.Changes = partition.NewChanges()
		s.Start()
		if seed%2 == 1 {
			states(t, s, port)
		}
		lines := polls(s.Now)
		if chance := rand.New(rand.NewPCG(seed, 0)); seed > 1 {
			lines = append(lines, lines[:40]...)
			chance.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		}
		for len(lines) > 0 {
			n := min(len(lines), 7)
			s.Send(0, "", lines[:n])
			lines = lines[n:]
		}
		s.Settle()
		got := states(t, s, port)
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("seed %d (-first +this):\n%s", seed, diff)
		}
		for e, told := range s.Changes.Take().States {
			told.Applied, told.Agent = time.Time{}, ""
			if diff := cmp.Diff(got[e], told); seed%2 == 1 && diff != "" {
				t.Errorf("seed %d: told (-is +told):\n%s", seed, diff)
			}
		}
		s.Stop()
	}
	device := want[partition.Entity{Device: "r1", Method: "snmp"}]
	if len(want) != 2 || device.State != kpi.Down || device.Since != device.Seen-4*60 {
		t.Errorf("states: %+v", want)
	}
}

// Ports that stay up are no news; that one is up when it is seen first, agents, the monitor's own points and ownership are.
func TestWhatIsTold(t *testing.T) {
	s := partitiontest.New(t, 2)
	s.Changes = partition.NewChanges()
	s.Start()
	if got := states(t, s, nil); len(got) != 0 {
		t.Fatalf("before anything: %v", got)
	}
	at := s.Now.Unix()
	s.Send(1, "", []string{
		fmt.Sprintf("interface,agent=a1,device=r2,ifname=ge0 oper=1i,interval_s=60i %d000000000", at),
		fmt.Sprintf("reach,agent=a9,device=r2,method=snmp up=true,interval_s=60i %d000000000", at),
		fmt.Sprintf("agent,agent=a9 up=true,interval_s=20i %d000000000", at),
		fmt.Sprintf("agent,agent=%s up=true %d000000000", partition.WatchdogAgent, at),
		fmt.Sprintf("state,agent=a1,device=r1,ifname=ge0 up=false %d000000000", at)})
	s.Settle()
	<-s.Changes.Wake()
	if n := s.Changes.Waiting(); n != 3 {
		t.Errorf("%d entities wait, want r2, its port and that of r1", n)
	}
	news := s.Changes.Take()
	s.Send(1, "", []string{fmt.Sprintf("interface,agent=a1,device=r2,ifname=ge0 oper=1i,interval_s=60i %d000000000", at+60)})
	s.Settle()
	if n := s.Changes.Waiting(); n != 0 {
		t.Errorf("%d entities wait, and a port stays up", n)
	}
	if p, told := news.States[partition.Entity{Device: "r2", IfName: "ge0"}]; !told || p.State != kpi.Up {
		t.Errorf("the port of r2: %+v, told %v", p, told)
	}
	if r2 := news.States[partition.Entity{Device: "r2", Method: "snmp"}]; r2.Agent != "a9" || r2.Partition != 1 || r2.Seen != at {
		t.Errorf("r2: %+v", r2)
	}
	if p := news.States[partition.Entity{Device: "r1", IfName: "ge0"}]; p.State != kpi.Down {
		t.Errorf("port: %+v", p)
	}
	if diff := cmp.Diff(map[string]partition.Heartbeat{"a9": {At: at, Until: at + 50, Partition: 1}}, news.Agents); diff != "" {
		t.Errorf("agents (-want +got):\n%s", diff)
	}
	if news.Clocks[1] != at || len(news.Owned) != 2 || !news.Owned[0] {
		t.Errorf("clocks %v, owned %v", news.Clocks, news.Owned)
	}
	s.Stop()
	if lost := s.Changes.Take().Owned; len(lost) != 2 || lost[0] {
		t.Errorf("after the stop: %v", lost)
	}
	if _, err := s.Parts[0].States(t.Context(), nil); err == nil {
		t.Error("a partition that nobody owns told its states")
	}
}
