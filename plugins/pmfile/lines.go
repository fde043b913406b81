package pmfile

import (
	"slices"
	"time"

	"github.com/haidang-noc/haidang/plugins/pmfile/counters"
	"github.com/haidang-noc/haidang/plugins/pmfile/meas"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// Limits of lines.
const (
	maxName = 512       // bytes of a device, object or group, as the collector has it
	maxLine = 200 << 10 // bytes, by a safe guess; a batch takes 256 KiB
	ahead   = 10 * time.Minute
	skew    = 300 * time.Second // of an element's clock that nobody has to doubt
)

// writer makes lines of files. It is for one goroutine.
type writer struct {
	key     func(measurement string, tags ...sdk.Tag) []byte
	maps    *counters.Maps
	places  *places
	vectors bool
	metrics *metrics

	lines    sdk.Encoder
	room     int             // of the line that is being written
	taken    map[string]bool // names in the line that is being written
	tally    tally
	reported map[string][]int64
}

// tally is what a file's values became.
type tally struct {
	numbers, texts, mapped, unmapped, incomplete int
	dropped                                      map[string]int // by reason
}

// origin is what of a file is not in it.
type origin struct {
	vendor   string // if the file says none
	revision uint64
	now      time.Time
}

// file makes the lines of a file. They are valid, as is what it says was reported, until the next one.
func (w *writer) file(f *meas.File, o origin) {
	w.lines.Reset()
	w.reported = map[string][]int64{}
	w.tally = tally{dropped: map[string]int{"missing": f.Missing, "nameless": f.Nameless}}
	vendor := f.Vendor
	if vendor == "" {
		vendor = o.vendor
	}
	var table counters.Table
	last := -1
	for i := range f.Records {
		r := &f.Records[i]
		if r.Element != last {
			last = r.Element
			table = w.maps.Table(vendor, f.Elements[last].Version)
		}
		w.record(f, r, &table, o)
	}
	w.metrics.values(&w.tally, table.Vendor())
}

// record makes one line.
func (w *writer) record(f *meas.File, r *meas.Record, table *counters.Table, o origin) {
	element := &f.Elements[r.Element]
	local := element.Name
	if local == "" {
		local = f.Sender
	}
	n := nameOf(local, element.Label, r.Object)
	device, rat := w.places.device(n, r.End)
	switch {
	case device == "" || len(device) > maxName || len(n.object) > maxName || len(r.Group) > maxName:
		w.drop(f, r, "name")
		return
	case r.End > o.now.Add(ahead).Unix():
		w.drop(f, r, "future")
		return
	}
	l := &w.lines
	l.Begin(w.key("pm", sdk.Tag{Key: "device", Value: device}, sdk.Tag{Key: "object", Value: n.object},
		sdk.Tag{Key: "rat", Value: rat}, sdk.Tag{Key: "group", Value: r.Group}))
	w.room = maxLine
	clear(w.taken)
	some := false
	for v := range f.Values(r) {
		some = w.value(f, r, v, table) || some
	}
	if some {
		w.marks(r, o)
		w.metrics.points.WithLabelValues(rat).Inc()
		w.report(device, r)
	}
	l.End(r.End * int64(time.Second))
}

// marks writes what the line says of itself.
func (w *writer) marks(r *meas.Record, o origin) {
	w.lines.Int("period_s", r.Period)
	w.lines.Uint("revision", o.revision)
	if r.End > o.now.Add(skew).Unix() {
		w.lines.Bool("clock_suspect", true)
	}
	if r.Suspect {
		w.lines.Bool("suspect", true)
		w.metrics.suspect.Inc()
	}
	if r.Period <= 3600 && r.End%r.Period != 0 {
		w.lines.Bool("unaligned", true)
		w.metrics.unaligned.Inc()
	}
}

// report notes that a device reported a period: the ends of the quarters of an hour in it.
func (w *writer) report(device string, r *meas.Record) {
	ends := w.reported[device]
	for end := r.End; end == r.End || end > r.End-min(r.Period, 86400); end -= quarter {
		if !slices.Contains(ends, end) {
			ends = append(ends, end)
		}
	}
	w.reported[device] = ends
}

// drop counts the values of a record that is not written.
func (w *writer) drop(f *meas.File, r *meas.Record, reason string) {
	for range f.Values(r) {
		w.tally.dropped[reason]++
	}
}

// value writes one, if it can be.
func (w *writer) value(f *meas.File, r *meas.Record, v *meas.Value, table *counters.Table) bool {
	name, number := f.Name(v.Counter), v.Number
	if v.IsText {
		return w.text(name, f.Text(v))
	}
	if rule := table.Rule(name, r.Group); rule != nil {
		if mapped, ok := apply(rule, f, r, number); ok {
			name, number = rule.Name, mapped
			w.tally.mapped++
		} else {
			w.tally.incomplete++
		}
	} else if !table.IsStandard(name) {
		w.tally.unmapped++
	}
	if !w.fits(name, 24) {
		return false
	}
	w.lines.Float(name, number)
	w.tally.numbers++
	return true
}

// text writes a vector, or whatever else is no number, as a string.
func (w *writer) text(name string, text []byte) bool {
	if !w.vectors {
		w.tally.dropped["vector"]++
		return false
	}
	if !w.fits(name, 2*len(text)+2) {
		return false
	}
	w.lines.String(name, string(text))
	w.tally.texts++
	return true
}

// fits says whether a field of the name may be written: a line has each name once, and an end.
func (w *writer) fits(name string, size int) bool {
	reason := ""
	switch name {
	case "period_s", "revision", "suspect", "clock_suspect", "unaligned":
		reason = "name"
	}
	if w.taken[name] {
		reason = "repeated"
	}
	if w.room -= 2*len(name) + 2 + size; w.room < 0 {
		reason = "line"
	}
	if reason != "" {
		w.tally.dropped[reason]++
		return false
	}
	w.taken[name] = true
	return true
}

// apply works a rule out, if the measurement has what it needs.
func apply(rule *counters.Rule, f *meas.File, r *meas.Record, number float64) (float64, bool) {
	if rule.Minus != "" {
		n, ok := find(f, r, rule.Minus)
		if !ok {
			return 0, false
		}
		number -= n
	}
	if rule.Over != "" {
		n, ok := find(f, r, rule.Over)
		if !ok || n == 0 {
			return 0, false
		}
		number /= n
	}
	return number * rule.Scale, true
}

// find is the number of a counter of the record.
func find(f *meas.File, r *meas.Record, name string) (float64, bool) {
	for v := range f.Values(r) {
		if !v.IsText && f.Name(v.Counter) == name {
			return v.Number, true
		}
	}
	return 0, false
}
