package partition

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/probe"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/internal/point"
)

// reporters numbers the series of reports as entities are numbered.
type reporters struct {
	series []report.Series
	ids    map[report.Series]uint32
	byKey  []uint32 // ids by key, while none was added
}

func newReporters() reporters { return reporters{ids: map[report.Series]uint32{}} }

func (r *reporters) reporterID(k report.Series) uint32 {
	id, ok := r.ids[k]
	if !ok {
		id = uint32(len(r.series))
		r.series = append(r.series, k)
		r.ids[k] = id
	}
	return id
}

func (r *reporters) byName() []uint32 {
	if len(r.byKey) != len(r.series) {
		r.byKey = make([]uint32, len(r.series))
		for i := range r.byKey {
			r.byKey[i] = uint32(i)
		}
		slices.SortFunc(r.byKey, func(a, b uint32) int { return r.series[a].Compare(r.series[b]) })
	}
	return r.byKey
}

// reportsOf is nil for a day that is not there.
func (d *day) reportsOf(id uint32) *report.Set {
	if d == nil {
		return nil
	}
	return get(d.reports, int(id))
}

// foldReports joins the groups of each object.
func (s *state) foldReports(date model.Day, d *day) (out []report.Day) {
	if d == nil || len(d.reports) == 0 {
		return nil
	}
	var groups []*report.Set
	var key report.Series
	end := func() {
		if len(groups) == 0 {
			return
		}
		one := report.Fold(date, groups)
		one.Device, one.Object, one.Kind = key.Device, key.Object, key.Kind
		out, groups = append(out, one), groups[:0]
	}
	for _, id := range s.byName() {
		set := d.reportsOf(id)
		if set.Empty() {
			continue
		}
		k := s.series[id]
		if k.Group = ""; k != key {
			end()
			key = k
		}
		groups = append(groups, set)
	}
	end()
	return out
}

// appendReports writes the reports of one hour: per series its key and the reports.
func (s *state) appendReports(dst []byte, d *day, hour int) []byte {
	if len(d.reports) == 0 {
		return dst
	}
	var set []byte
	for _, id := range s.byName() {
		reports := d.reportsOf(id)
		if reports.Empty() {
			continue
		}
		if set = reports.AppendRange(set[:0], int64(hour)*3600, int64(hour+1)*3600); len(set) == 1 {
			continue // only its length: none in this hour
		}
		k := s.series[id]
		for _, text := range [...]string{k.Device, k.Object, k.Kind, k.Group} {
			dst = binary.AppendUvarint(dst, uint64(len(text)))
			dst = append(dst, text...)
		}
		dst = append(dst, set...)
	}
	return dst
}

// mergeReports adds what appendReports wrote to the day.
func (s *state) mergeReports(d *day, data []byte) error {
	if d.edge {
		return nil
	}
	r := reader{rest: data}
	for len(r.rest) > 0 {
		var k report.Series
		for _, text := range [...]*string{&k.Device, &k.Object, &k.Kind, &k.Group} {
			*text = string(r.bytes(r.uvarint()))
		}
		if r.bad || k.Device == "" {
			return fmt.Errorf("the block is damaged")
		}
		rest, err := at(&d.reports, s.reporterID(k)).MergeEncoded(r.rest)
		if err != nil {
			return err
		}
		r.rest = rest
	}
	return nil
}

// reading is what turns lines into reports.
type reading struct {
	counters *ran.Reader
	scanner  *point.Scanner
	samples  *point.Picker
	values   []float64
	line     []byte
	report   report.Report
}

func newReading() reading {
	fields := probe.Fields()
	return reading{counters: ran.NewReader(), scanner: point.NewScanner(nil, point.Options{}),
		samples: point.NewPicker(fields...), values: make([]float64, len(fields))}
}

// cellReport adds the counters of one object and group for one period.
func (o *owner) cellReport(ctx context.Context, r *route, w *point.Walker) {
	if r.kind == ran.Site && !o.consumes(r, w) {
		o.m.notNeeded.Inc()
		return
	}
	in, rules := &o.in, &o.inv.Targets.RAN
	in.line = appendLine(in.line[:0], w)
	in.scanner.Reset(in.line, point.Options{})
	if !in.scanner.Next() || in.scanner.Err() != nil {
		o.m.noField.Inc()
		return
	}
	fields := in.scanner.Line().Fields
	in.report = report.Report{End: floorSec(w.Time())}
	for i := range fields {
		switch string(fields[i].Key) {
		case "period_s":
			in.report.Period, _ = fields[i].Int()
		case "suspect":
			suspect, _ := fields[i].Bool()
			in.report.Suspect = suspect && !rules.UseSuspect
		case "revision":
			in.report.Revision, _ = fields[i].Uint()
		}
	}
	if in.report.Period < report.MinPeriod || in.report.Period > report.MaxPeriod {
		o.m.badPeriod.Inc()
		return
	}
	in.counters.LTEExcluded = rules.LTEExcluded
	in.counters.Begin(r.kind, in.report.Period)
	for i := range fields {
		if v, ok := fields[i].Float(); ok {
			in.counters.Counter(fields[i].Key, v)
		}
	}
	o.addReport(ctx, r, in.counters.Report(&in.report))
}

// sample adds what a probe measured once.
func (o *owner) sample(ctx context.Context, r *route, w *point.Walker) {
	in := &o.in
	for i, v := range in.samples.Pick(w.Fields()) {
		f, ok := v.Float()
		if !ok {
			f = math.NaN()
		}
		in.values[i] = f
	}
	o.addReport(ctx, r, probe.Sample(&in.report, floorSec(w.Time()), in.values))
}

// addReport keeps the report that was read, if it says something.
func (o *owner) addReport(ctx context.Context, r *route, says bool) {
	if !says {
		o.m.notNeeded.Inc()
		return
	}
	one := &o.in.report
	date, second := one.Day()
	d := o.day(ctx, date)
	if d == nil {
		return
	}
	o.m.reported.Inc()
	if one.Suspect {
		o.m.suspect.Inc()
	}
	if at(&d.reports, r.entity).Add(date, one) {
		o.changed(d, second, false)
	}
}

// trimmed is a chunk with sums in place of the reports of cells that no window and no edge of validity, as the
// inventory has them now, touches on that day. What is entered later for the day finds the sums only.
func (o *owner) trimmed(c *kpi.DayChunk) *kpi.DayChunk {
	if len(c.Reports) == 0 {
		return c
	}
	if o.radio == nil {
		o.radio = kpi.NewPlan(o.inv.Inventory).RadioPlan()
	}
	out := *c
	out.Reports = slices.Clone(c.Reports)
	ran.Trim(c.Day, out.Reports, func(d *report.Day) bool { return o.radio.Touched(c.Day, d) })
	return &out
}

// reporterRoute routes to the series of a pm or probe line.
func (s *state) reporterRoute(series point.Series) route {
	k := report.Series{Device: subject(series)}
	switch {
	case series.Measurement == "probe":
		k.Object, k.Kind = series.Tag("target"), probe.KindPrefix+series.Tag("service")
		return route{use: useSample, entity: s.reporterID(k)}
	case series.Tag("rat") == "":
		return route{use: useCounters, kind: ran.Site, entity: unnumbered}
	case ran.KindOf(series.Tag("rat")) != "":
		k.Object, k.Kind, k.Group = series.Tag("object"), series.Tag("rat"), series.Tag("group")
		return route{use: useCounters, kind: k.Kind, entity: s.reporterID(k)}
	}
	return route{}
}

// unnumbered is the entity of what is numbered when it says something for the first time: of the many objects
// that are no cells, few do.
const unnumbered = math.MaxUint32

// consumes says whether the line of an object that is no cell tells what it consumes, and numbers the object then.
func (o *owner) consumes(r *route, w *point.Walker) bool {
	if !bytes.Contains(w.Fields(), []byte("PEE.")) {
		return false
	}
	if r.entity == unnumbered {
		series, err := point.ParseKey(w.Key())
		if err != nil {
			return false
		}
		r.entity = o.reporterID(report.Series{Device: subject(series), Object: series.Tag("object"), Kind: ran.Site, Group: series.Tag("group")})
	}
	return true
}

// subject is what a series belongs to, which decides its partition: a device, or for the samples of a whole
// province a name that no device has.
func subject(series point.Series) string {
	device := series.Tag("device")
	if province := series.Tag("province"); device == "" && series.Measurement == "probe" && province != "" {
		return probe.ProvincePrefix + province
	}
	return device
}

// isProvince says whether a subject is a province of the registries.
func (o *owner) isProvince(subject string) bool {
	code, ok := strings.CutPrefix(subject, probe.ProvincePrefix)
	return ok && slices.ContainsFunc(o.inv.Provinces, func(p model.Province) bool { return p.Code == code })
}
