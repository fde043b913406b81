package partition

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
)

// keeping is a day as checkpoints keep it, and what came since the last one.
type keeping struct {
	*state
	day   *day
	codec *codec
	saved map[int]store.Block
	since []counted
}

// counted is what one port's counters said.
type counted struct {
	port int
	kpi.Counters
}

func newKeeping(t *rapid.T, date model.Day) *keeping {
	c, err := newCodec()
	if err != nil {
		t.Fatal(err)
	}
	return &keeping{state: newState(), day: &day{date: date}, codec: c, saved: map[int]store.Block{}}
}

func (k *keeping) take(one counted) {
	_, boundary := kpi.BoundaryOf(one.Time)
	if at(&k.day.counters, k.entity(portKey(one.port))).Add(boundary, one.Counters) {
		k.day.dirty |= 1 << (boundary / 12)
	}
	k.since = append(k.since, one)
}

func portKey(port int) entityKey { return entityKey{device: fmt.Sprint("r", port), ifname: "p"} }

func (k *keeping) checkpoint() {
	for _, b := range k.blocks(k.codec, k.day, k.sorted()) {
		k.saved[int(b.Hour)] = b
	}
	k.day.dirty, k.since = 0, nil
}

// crash begins anew with the last checkpoint, and takes again what came since.
func (k *keeping) crash(t *rapid.T) {
	since := k.since
	k.state, k.day, k.since = newState(), &day{date: k.day.date}, nil
	for _, b := range k.saved { // in any order
		if err := k.merge(k.codec, k.day, b); err != nil {
			t.Fatal(err)
		}
	}
	for _, one := range since {
		k.take(one)
	}
}

// plainly is the readings of a day at their boundaries: the latest, those of one instant joined, and marked where they
// contradict each other.
func plainly(all []counted, port int) (out [kpi.SlotsPerDay]kpi.Counters) {
	for _, one := range all {
		if one.port != port {
			continue
		}
		_, boundary := kpi.BoundaryOf(one.Time)
		kept := &out[boundary]
		switch {
		case kept.Has == 0 || one.Time > kept.Time:
			*kept = one.Counters
		case one.Time == kept.Time:
			if kept.InOctets != one.InOctets || kept.OutOctets != one.OutOctets {
				kept.Has |= kpi.Conflicting
			}
			kept.InOctets, kept.OutOctets = max(kept.InOctets, one.InOctets), max(kept.OutOctets, one.OutOctets)
		}
	}
	return out
}

// However hours are packed meanwhile, a day holds what a plain list of its readings would: in any order, told again, late,
// in contradiction, and with a checkpoint or a crash at any step.
func TestADayIsTheSetOfItsReadings(t *testing.T) {
	const ports = 2
	date := model.Day(20_000)
	rapid.Check(t, func(t *rapid.T) {
		k, all := newKeeping(t, date), []counted(nil)
		at := int64(0)
		for n := rapid.IntRange(0, 150).Draw(t, "steps"); n > 0; n-- {
			switch rapid.IntRange(0, 19).Draw(t, "step") {
			case 0:
				k.checkpoint()
			case 1:
				k.crash(t)
			case 2:
				at = rapid.Int64Range(0, 86_100).Draw(t, "at")
			case 3:
				if len(all) > 0 {
					k.take(rapid.SampledFrom(all).Draw(t, "again"))
				}
			default:
				at = min(at+rapid.Int64Range(0, 2000).Draw(t, "later"), 86_100)
				one := counted{rapid.IntRange(0, ports-1).Draw(t, "port"), kpi.Counters{Time: (date.Start() + at) * 1e9, SpeedMbps: 1000,
					InOctets: uint64(rapid.Int64Range(0, 1<<50).Draw(t, "in")), OutOctets: uint64(at), Has: kpi.HasOctets}}
				k.take(one)
				all = append(all, one)
			}
		}
		for port := range ports {
			want := plainly(all, port)
			for hour := range 24 {
				got, _ := k.day.countersOf(int(k.entity(portKey(port)))).Hour(hour)
				if want := kpi.CounterHour(want[hour*12:]); got != want {
					t.Fatalf("port %d hour %d: %+v, want %+v", port, hour, got, want)
				}
			}
		}
	})
}
