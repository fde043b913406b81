package gnmi

import (
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
)

// What happened while the machine stood still is told afterwards as of when it happened: a link that was down for a moment
// was down.
func TestAStandstillIsCaughtUp(t *testing.T) {
	r := newRig(t)
	link, begin := r.net.Links[0], time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	cut := fault.Fault{Kind: fault.LinkDown, Link: link.Name, From: fault.Time{Time: begin.Add(700 * time.Millisecond)}, To: fault.Time{Time: begin.Add(1500 * time.Millisecond)}}
	must(t, r.script.Add([]fault.Fault{cut}, begin))
	told := map[string]time.Time{}
	s := &stream{device: link.A.Device, encoding: gpb.Encoding_PROTO,
		face: &Face{overlay: r.script.Overlay(), leaves: leaves(), updates: prometheus.NewCounter(prometheus.CounterOpts{Name: "updates", Help: "Updates."})},
		send: func(m *gpb.SubscribeResponse) error {
			n := m.GetUpdate()
			if n.GetPrefix().GetElem()[1].GetKey()["name"] == string(r.net.IfName(link.A)) {
				told[n.GetUpdate()[0].GetVal().GetStringVal()] = time.Unix(0, n.GetTimestamp())
			}
			return nil
		}}
	must(t, s.plan(&gpb.SubscriptionList{Subscription: []*gpb.Subscription{{Path: path("interfaces", "interface", "state", "oper-status"), Mode: gpb.SubscriptionMode_ON_CHANGE}}}))
	must(t, s.catchUp(begin.Add(-time.Second), begin)) // tells all there is
	must(t, s.catchUp(begin, begin.Add(4*time.Second)))
	for state, at := range map[string]time.Duration{"DOWN": 700 * time.Millisecond, "UP": 1500 * time.Millisecond} {
		if late := told[state].Sub(begin.Add(at)); late < 0 || late > watched {
			t.Errorf("%s is told as of %v, want %v", state, told[state].Sub(begin), at)
		}
	}
}
