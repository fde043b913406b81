package engine

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

// sharedDevice is one that several targets are at. It has one thread, which drops what comes while it works, or many.
type sharedDevice struct {
	work    time.Duration
	many    bool
	idle    time.Time
	dropped int
}

func (d *sharedDevice) behave(netip.AddrPort, int) []delivery {
	now := time.Now()
	switch {
	case d.many:
		return after(d.work)
	case now.Before(d.idle):
		d.dropped++
		return nil
	}
	d.idle = now.Add(d.work)
	return after(d.work)
}

// A device of one thread is found out and asked one thing at a time; now and then that is tried again; and it is forgotten
// once the device has more threads.
func TestADeviceOfOneThreadIsLearnedAndForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const targets, every = 6, 2 * time.Second
		cfg := usual
		cfg.Limits.Device.InFlight = 4
		d := &sharedDevice{work: 45 * time.Millisecond}
		w := newWorld(heard(t), cfg, targets, every, d.behave)
		w.lane.peers[0].gates[ofDevice].shared()
		for i := range w.lane.peers {
			w.lane.peers[i].addr, w.lane.peers[i].gates = address(0), w.lane.peers[0].gates
			w.stations[i].asks = 4
		}
		rounds := func(minutes int) (silent int, serial float64) {
			d.dropped = 0
			w.run(t.Context(), time.Duration(minutes)*time.Minute)
			for _, s := range w.stations {
				silent, s.silent = silent+s.silent, 0
			}
			return silent, w.metric(t, "haidang_snmp_devices_serial", "")
		}

		if silent, serial := rounds(1); serial != 1 || silent != 0 || d.dropped < enoughStrikes {
			t.Errorf("after a minute: serial %v, %d rounds without an answer, %d requests dropped", serial, silent, d.dropped)
		}
		before := len(w.sent)
		rounds(10)
		if n := len(w.sent) - before; d.dropped == 0 || d.dropped*50 > n {
			t.Errorf("%d of %d requests dropped: want a few, when it is tried again", d.dropped, n)
		}
		d.many = true
		if _, serial := rounds(60); serial != 0 {
			t.Error("what the device no longer does is not forgotten")
		}
		held := w.metric(t, "haidang_snmp_requests_held_total", deviceLimit)
		if rounds(1); w.metric(t, "haidang_snmp_requests_held_total", deviceLimit) != held {
			t.Error("requests to a device of many threads wait for each other")
		}
	})
}

// Only answers that came since a request was sent show that the device had another one beside it.
func TestAnAnswerBesideAnotherShowsThreads(t *testing.T) {
	begin := time.Unix(1_800_000_000, 0)
	for name, c := range map[string]struct {
		heard    time.Duration // the answer before
		repeated bool
		want     int
	}{
		"the other came before this was sent": {40 * time.Millisecond, false, 2},
		"the other came after this was sent":  {60 * time.Millisecond, false, 1},
		"it was sent twice":                   {60 * time.Millisecond, true, 2},
	} {
		got := turns{strikes: 2, heard: begin.Add(c.heard)}
		got.answered(&flight{sent: begin.Add(50 * time.Millisecond), repeated: c.repeated}, begin.Add(80*time.Millisecond))
		if got.strikes != c.want {
			t.Errorf("%s: %d strikes, want %d", name, got.strikes, c.want)
		}
	}
}
