package partition

import (
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
)

// Observed makes an open day's blocks without a log: for tools that need a store as a collector would have left it.
type Observed struct {
	state *state
	day   *day
	codec *codec
}

// NewObserved begins a day, for one goroutine.
func NewObserved(date model.Day) (*Observed, error) {
	c, err := newCodec()
	return &Observed{newState(), &day{date: date}, c}, err
}

// Series is what was observed of a device by a method, or of one of its ports, by none.
func (o *Observed) Series(device, ifName, method string) *kpi.Series {
	return at(&o.day.series, o.state.entity(entityKey{device, ifName, method}))
}

// Counters are those of a port.
func (o *Observed) Counters(device, ifName string) *kpi.CounterDay {
	return at(&o.day.counters, o.state.entity(entityKey{device, ifName, ""}))
}

// Block is what was observed in one hour.
func (o *Observed) Block(hour int) store.Block {
	o.day.dirty = 1 << hour
	return o.state.blocks(o.codec, o.day, o.state.sorted())[0]
}
