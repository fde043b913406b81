package partition

import (
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
)

// Part is a piece of a device that can fail by itself: a fan, a supply.
type Part struct{ Device, Sensor, Object string }

// PartStatus is what was told of a part last.
type PartStatus struct {
	OK      bool
	Seen    int64     // Unix nanoseconds
	Applied time.Time // when it was applied here
}

// part tells of a part what a message said of it. What is polled again and again has interval_s, and is no event; nothing
// of it is kept here, so it does not matter which partition the line came to.
func (o *owner) part(w *point.Walker) {
	v := o.pick.part.Pick(w.Fields())
	ok, told := v[partOK].Bool()
	if !told || v[partInterval].Kind != 0 {
		o.m.notNeeded.Inc()
		return
	}
	s, err := point.ParseKey(w.Key())
	if err != nil || tooLong(s) {
		o.m.tooLong.Inc()
		return
	}
	p := Part{strings.Clone(s.Tag("device")), strings.Clone(s.Tag("sensor")), strings.Clone(s.Tag("object"))}
	o.m.observed.Inc()
	o.Changes.put(func(n *News) {
		if was, before := n.Parts[p]; !before || newer(w.Time(), ok, was) {
			n.Parts[p] = PartStatus{OK: ok, Seen: w.Time(), Applied: o.now}
		}
	})
}

// newer: the later message counts; of two of one instant the worse one.
func newer(ns int64, ok bool, was PartStatus) bool {
	return ns > was.Seen || ns == was.Seen && !ok
}
