package probe

import (
	"time"

	"github.com/haidang-noc/haidang/plugins/probe/emodel"
	"github.com/haidang-noc/haidang/plugins/probe/train"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// reporter makes points of the rounds of one test.
type reporter struct {
	test    *trainTest
	probe   []byte // the key of its points; nil: only reach
	reach   []byte // of the device; nil: none
	clock   *clock
	judge   *judge
	metrics *metrics
	enc     *sdk.Encoder // shared by all tests
}

func newReporter(t *trainTest, c sdk.Config, p *parts) *reporter {
	r := &reporter{test: t, clock: p.clock, judge: p.judge, metrics: p.metrics, enc: &p.enc}
	if t.Service != "" {
		r.probe = c.Key("probe", t.tags()...)
	}
	if t.reach {
		r.reach = c.Key("reach", sdk.Tag{Key: "device", Value: t.Device}, sdk.Tag{Key: "method", Value: methodICMP})
	}
	return r
}

// round writes what a round brought. It is called by the schedule alone.
func (r *reporter) round(x *train.Round) {
	if x.Unknown != "" {
		r.metrics.lost(r.test.method, x.Unknown)
		return
	}
	r.enc.Reset()
	if r.probe != nil {
		r.enc.Begin(r.probe)
		r.fields(x)
		r.enc.Int("interval_s", int64(r.test.packets.Interval/time.Second))
		r.enc.End(x.Ended.UnixNano())
	}
	if r.reach != nil {
		r.enc.Begin(r.reach)
		r.enc.Bool("up", x.Answers > 0)
		if x.Trip.N > 0 {
			r.enc.Float("rtt_ms", ms(x.Trip.Mean))
		}
		r.enc.Int("interval_s", int64(r.test.packets.Interval/time.Second))
		r.enc.End(x.Ended.UnixNano())
	}
	r.judge.settle(finding{method: r.test.method, began: x.Began, ended: x.Ended, answered: x.Answers > 0, lossy: x.Answers < x.Sent}, r.enc)
}

func (r *reporter) fields(x *train.Round) {
	e := r.enc
	e.Float("loss_ratio", x.Loss())
	e.Int("samples", int64(x.Sent))
	if x.Trip.N > 0 {
		e.Float("rtt_ms", ms(x.Trip.Mean))
		e.Float("rtt_min_ms", ms(x.Trip.Min))
		e.Float("rtt_max_ms", ms(x.Trip.Max))
	}
	if x.HasJitter {
		e.Float("jitter_ms", ms(x.Jitter))
	}
	if x.Answers > 0 {
		e.Int("reordered", int64(x.Swapped))
		e.Int("duplicates", int64(x.Twice))
	}
	oneWay, both := r.oneWay(x)
	if both {
		e.Float("delay_there_ms", ms(x.There.Mean))
		e.Float("delay_back_ms", ms(x.Back.Mean))
		e.Float("clock_error_ms", ms(oneWay))
	}
	if x.Direction.Known {
		e.Float("loss_there_ratio", x.Direction.There)
		e.Float("loss_back_ratio", x.Direction.Back)
	}
	if v := r.test.voice; v != nil {
		e.Float("mos", v.rate(x, both))
	}
}

// oneWay is the error of one-way delays; false: they are not to be told.
func (r *reporter) oneWay(x *train.Round) (time.Duration, bool) {
	if !x.Synced {
		return 0, false
	}
	return r.clock.with(x.ClockError)
}

// rate makes a MOS: of the delay there if it is known, else of half of that there and back. A path that lost everything is
// as bad as can be.
func (v *voice) rate(x *train.Round, oneWay bool) float64 {
	if x.Trip.N == 0 {
		return emodel.MOS(0)
	}
	delay := ms(x.Trip.Mean) / 2
	if oneWay {
		delay = ms(max(x.There.Mean, x.Back.Mean))
	}
	heard := float64(x.Answers-x.TooLate) / float64(x.Sent)
	path := emodel.Voice{DelayMs: delay + ms(v.buffer) + v.DelayMs, Loss: 1 - heard, BurstR: x.Burst, Ie: v.Ie, Bpl: v.Bpl}
	return emodel.MOS(path.R())
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
