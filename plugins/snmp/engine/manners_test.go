package engine

import (
	"context"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"pgregory.net/rapid"
)

var usual = Config{Timeout: 2 * time.Second, Window: 4096}

func anyone(netip.AddrPort) bool { return true }

// after answers everything so late.
func after(d time.Duration) []delivery { return []delivery{{after: d}} }

// A twentieth of the devices is dead and another is slow: the others begin and end as they would without.
func TestDeadAndSlowDevicesDoNotTouchTheOthers(t *testing.T) {
	const devices, every, rtt = 1000, 10 * time.Second, 5 * time.Millisecond
	for name, behave := range map[string]func(to netip.AddrPort, nth int) []delivery{
		"all well": func(netip.AddrPort, int) []delivery { return after(rtt) },
		"a tenth is not": func(to netip.AddrPort, _ int) []delivery {
			switch a := to.Addr().As4(); a[3] % 20 {
			case 0:
				return nil
			case 1:
				return after(1900 * time.Millisecond)
			}
			return after(rtt)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				w := newWorld(heard(t), usual, devices, every, behave)
				w.run(t.Context(), 6*every)
				for i, s := range w.stations {
					if a := address(i).Addr().As4(); a[3]%20 < 2 {
						continue
					}
					if len(s.begun) < 5 || len(s.answered) < 5 {
						t.Fatalf("station %d: %d rounds, %d of them to their end", i, len(s.begun), len(s.answered))
					}
					for n, at := range s.answered {
						phase := s.begun[n].Sub(start) % every
						first := s.begun[0].Sub(start) % every
						if (phase-first).Abs() > tick || at.Sub(s.begun[n]) > 2*(rtt+tick) || s.rtts[n] != rtt {
							t.Errorf("station %d, round %d: begins at %v, ends %v later, rtt %v", i, n, phase, at.Sub(s.begun[n]), s.rtts[n])
						}
					}
				}
				for _, metric := range []string{"haidang_snmp_datagrams_dropped_total", "haidang_snmp_rounds_skipped_total", "haidang_snmp_requests_held_total"} {
					if n := w.metric(t, metric, ""); n != 0 {
						t.Errorf("%s is %v", metric, n)
					}
				}
			})
		})
	}
}

// Neither a start nor the end of a standstill is a thundering herd.
func TestRoundsAreSpreadAtTheStartAndAfterAStandstill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const devices, every = 1000, time.Minute
		cfg, start := usual, time.Now()
		still := func() bool { d := time.Since(start); return d > 2*every && d < 5*every }
		cfg.Pause = still
		w := newWorld(heard(t), cfg, devices, every, func(netip.AddrPort, int) []delivery { return after(time.Millisecond) })
		w.run(t.Context(), 2*every)
		if n := len(w.sent); n < 2*2*devices-100 {
			t.Errorf("%d requests in the first two rounds", n)
		}
		if n := w.busiest(time.Second, anyone); n > 4*2*devices/60 {
			t.Errorf("%d requests in the busiest second, the mean is %d", n, 2*devices/60)
		}
		w.sent = nil
		w.run(t.Context(), 4*every)
		if n := w.busiest(time.Second, anyone); n > 2*(100+2*catchUp*devices/60) {
			t.Errorf("%d requests in the second after the standstill", n)
		}
		if n := w.metric(t, "haidang_snmp_rounds_skipped_total", ""); n < 2*devices || n > 3*devices {
			t.Errorf("%v rounds skipped by a standstill of three intervals", n)
		}
		for i, s := range w.stations {
			if len(s.answered) < 3 {
				t.Errorf("station %d had %d rounds", i, len(s.answered))
			}
		}
	})
}

// Answers come late, twice, out of order, from strangers, from another process's requests, or not at all.
// Each station checks that what it is given is the answer to the very request it has under way; every other
// datagram is counted as dropped.
func TestAnAnswerGoesToItsRequestOnly(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		devices := rapid.IntRange(1, 6).Draw(rt, "devices")
		cfg := Config{Timeout: time.Second, Window: rapid.IntRange(1, 8).Draw(rt, "window")}
		one := rapid.Custom(func(rt *rapid.T) delivery {
			d := delivery{after: time.Duration(rapid.IntRange(0, 4000).Draw(rt, "ms")) * time.Millisecond}
			if who := rapid.IntRange(0, 2*devices).Draw(rt, "from"); who < devices {
				d.from = address(who)
			}
			return d
		})
		script := rapid.SliceOfN(rapid.SliceOfN(one, 0, 3), 1, 40).Draw(rt, "script")
		bubble(t, rt, func(ctx context.Context, c *complaints) {
			n := 0
			behave := func(netip.AddrPort, int) []delivery {
				n++
				return script[n%len(script)]
			}
			var ghosts []datagram // of the process before, on the same port
			for range 2 {
				w := newWorld(c, cfg, devices, 3*time.Second, behave)
				for _, g := range ghosts {
					w.deliver(g)
				}
				w.run(ctx, 10*time.Second)
				ghosts = w.air
				told := counted(w.lane.metrics.answers)
				for _, dropped := range w.lane.metrics.droppedFast {
					told += counted(dropped)
				}
				if told != float64(w.read) {
					c.add("%v of %d datagrams are counted", told, w.read)
				}
				if w.lane.flights.awaited < 0 || w.lane.flights.awaited > devices {
					c.add("%d answers are awaited", w.lane.flights.awaited)
				}
			}
		})
	})
}

func TestLimitsHold(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limit := func(name string) Limit {
			return Limit{PerSecond: rapid.SampledFrom([]int{0, 5, 20, 100}).Draw(rt, name), InFlight: rapid.IntRange(0, 3).Draw(rt, name+" in flight")}
		}
		cfg := usual
		cfg.Limits = Limits{Device: limit("device"), Subnet: limit("subnet"), V4: 30, V6: 64}
		rtt := time.Duration(rapid.IntRange(0, 300).Draw(rt, "rtt")) * time.Millisecond
		bubble(t, rt, func(ctx context.Context, c *complaints) {
			w := newWorld(c, cfg, 10, 0, func(netip.AddrPort, int) []delivery { return after(rtt) })
			for _, s := range w.stations {
				s.asks = 10
			}
			w.run(ctx, time.Hour)
			for i, s := range w.stations {
				if len(s.answered) != 1 {
					c.add("station %d did not end its round", i)
				}
				a := address(i)
				w.within(c, "device", cfg.Limits.Device, rtt, func(b netip.AddrPort) bool { return a == b })
				w.within(c, "subnet", cfg.Limits.Subnet, rtt, func(b netip.AddrPort) bool {
					return cfg.Limits.subnet(b.Addr()) == cfg.Limits.subnet(a.Addr())
				})
			}
		})
	})
}

// within checks that requests held to a limit. All are answered after the same time, so those that were under
// way at once are those that went out within it.
func (w *world) within(c *complaints, what string, l Limit, rtt time.Duration, counts func(netip.AddrPort) bool) {
	if n := w.busiest(time.Second, counts); l.PerSecond > 0 && n > l.PerSecond+l.PerSecond/10+1 {
		c.add("%d requests to a %s in a second, the limit is %+v", n, what, l)
	}
	if l.InFlight == 0 || rtt == 0 {
		return
	}
	if n := w.busiest(rtt, counts); n > l.InFlight {
		c.add("%d requests to a %s under way, the limit is %+v", n, what, l)
	}
}

// An agent with one thread loses what comes while it works. Two targets at its address take turns.
func TestAnAgentThatCanDoOneThingAtATimeIsAskedOneThingAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const work = 50 * time.Millisecond
		var idle time.Time
		cfg := usual
		cfg.Limits.Device.InFlight = 1
		w := newWorld(heard(t), cfg, 5, 0, func(netip.AddrPort, int) []delivery {
			now := time.Now()
			if now.Before(idle) {
				return nil
			}
			idle = now.Add(work)
			return after(work)
		})
		for i := range w.lane.peers {
			w.lane.peers[i].addr = address(0)
			w.lane.peers[i].gates = w.lane.peers[0].gates
		}
		w.run(t.Context(), time.Minute)
		if n := w.metric(t, "haidang_snmp_answers_total", ""); n != 10 || len(w.sent) != 10 {
			t.Errorf("%v answers to %d requests, want 10", n, len(w.sent))
		}
		if w.metric(t, "haidang_snmp_requests_held_total", deviceLimit) == 0 {
			t.Error("nobody had to wait")
		}
	})
}

// What gets lost on the way to a quick device is asked for again long before the timeout; a device that is
// always slow is not asked twice for that.
func TestPatienceFollowsTheDevice(t *testing.T) {
	for name, c := range map[string]struct {
		rtt     time.Duration
		lost    int // of how many requests one is lost; 0: none
		rounds  time.Duration
		repeats [2]float64
	}{
		"quick, nothing is lost":   {10 * time.Millisecond, 0, 0, [2]float64{0, 0}},
		"quick, every tenth is":    {10 * time.Millisecond, 10, 300 * time.Millisecond, [2]float64{20, 23}},
		"slow":                     {700 * time.Millisecond, 0, 0, [2]float64{0, 0}},
		"slow, every tenth is":     {700 * time.Millisecond, 10, 2100 * time.Millisecond, [2]float64{20, 25}},
		"as slow as can be waited": {1990 * time.Millisecond, 0, 0, [2]float64{0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(heard(t), usual, 1, 10*time.Second, func(_ netip.AddrPort, nth int) []delivery {
					if c.lost > 0 && nth%c.lost == c.lost-1 {
						return nil
					}
					return after(c.rtt)
				})
				w.run(t.Context(), 1000*time.Second)
				if n := w.metric(t, "haidang_snmp_retransmissions_total", ""); n < c.repeats[0] || n > c.repeats[1] {
					t.Errorf("%v requests repeated, want %v to %v", n, c.repeats[0], c.repeats[1])
				}
				s := w.stations[0]
				for i, end := range s.answered {
					if took := end.Sub(s.begun[i]); c.rounds > 0 && took > 2*c.rtt+c.rounds+4*tick {
						t.Errorf("round %d took %v", i, took)
					}
				}
			})
		})
	}
}

// A device that becomes slower than it was, but not than the timeout, is never called silent.
func TestPatienceNeverCutsTheTimeoutShort(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rtts := rapid.SliceOfN(rapid.IntRange(0, 1999), 1, 40).Draw(rt, "rtt")
		bubble(t, rt, func(ctx context.Context, c *complaints) {
			w := newWorld(c, usual, 1, 10*time.Second, func(_ netip.AddrPort, nth int) []delivery {
				return after(time.Duration(rtts[nth%len(rtts)]) * time.Millisecond)
			})
			w.run(ctx, 100*time.Second)
			s := w.stations[0]
			if counted(w.lane.metrics.silences) != 0 || s.silent != 0 {
				c.add("called silent")
			}
			if n, most := len(w.sent), 4*len(s.begun); n > most {
				c.add("%d transmissions, want at most %d", n, most)
			}
		})
	})
}

// Many more answers are on their way than the socket keeps: it is emptied as often as it takes.
func TestAnswersAreReadBeforeTheSocketIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(heard(t), usual, 2000, 0, func(to netip.AddrPort, nth int) []delivery {
			a := to.Addr().As4()
			return after(time.Duration(10+(int(a[2])*256+int(a[3]))*7919%200) * time.Millisecond)
		})
		w.keeps = 100
		w.run(t.Context(), time.Minute)
		if n := w.metric(t, "haidang_snmp_answers_total", ""); n != 4000 || w.lost != 0 {
			t.Errorf("%v answers of 4000 were read, %d lost", n, w.lost)
		}
	})
}

func TestOtherAddressesAreAcceptedWhereAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := address(77)
		w := newWorld(heard(t), usual, 2, 0, func(netip.AddrPort, int) []delivery { return []delivery{{time.Millisecond, other}} })
		w.lane.peers[0].rare = &rare{others: []netip.Addr{other.Addr()}}
		w.run(t.Context(), time.Minute)
		if len(w.stations[0].answered) != 1 || w.stations[1].silent != 1 {
			t.Errorf("allowed: %d rounds, not allowed: %d silent rounds; want 1 each", len(w.stations[0].answered), w.stations[1].silent)
		}
		if got := w.metric(t, "haidang_snmp_answers_other_source_total", ""); got != 2 {
			t.Errorf("%v answers from another source counted, want 2", got)
		}
		if got := w.metric(t, "haidang_snmp_datagrams_dropped_total", wrongSource); got != 2 {
			t.Errorf("%v datagrams dropped, want one for each of 2 tries", got)
		}
	})
}

func counted(c prometheus.Counter) float64 {
	var m dto.Metric
	_ = c.Write(&m)
	return m.GetCounter().GetValue()
}
