package partition

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/internal/point"
)

// channelOf is the port that a point of measurement otn is about: the channel goes by the interface's name, or by its own.
func channelOf(series point.Series) model.Port {
	name := series.Tag("ifname")
	if name == "" {
		name = series.Tag("object")
	}
	return model.Port{Device: series.Tag("device"), IfName: name}
}

// otn takes the state of a channel and the reading of its counter, of which a line may have either.
func (o *owner) otn(ctx context.Context, r *route, ns int64, v []point.Value) {
	if v[up].Kind == point.Bool {
		o.observe(ctx, r, ns, upObs(v, kpi.ObsDown), whole(v[interval]))
	}
	count, ok := v[unavailable].Uint()
	if !ok {
		return
	}
	sec := floorSec(ns)
	d := o.day(ctx, model.DayOf(sec))
	if d == nil {
		return
	}
	o.m.observed.Inc()
	in := sec - d.date.Start()
	if readings := at(&d.readings, r.beside); readings.Add(in, count, whole(v[interval])) {
		first, _ := readings.First()
		o.changed(d, in, first == in)
	}
}

// readingsOf is nil for a day that is not there.
func (d *day) readingsOf(id int) *kpi.Readings {
	if d == nil {
		return nil
	}
	return get(d.readings, id)
}

// appendReadings writes what the counters of channels said in one hour: per channel its port and its readings.
func (s *state) appendReadings(dst []byte, d *day, hour int, ids []uint32) []byte {
	if len(d.readings) == 0 {
		return dst
	}
	from, to := int64(hour)*3600, int64(hour+1)*3600
	for _, id := range ids {
		readings := d.readingsOf(int(id))
		if !readings.Within(from, to) {
			continue
		}
		for _, text := range [...]string{s.entities[id].device, s.entities[id].ifname} {
			dst = binary.AppendUvarint(dst, uint64(len(text)))
			dst = append(dst, text...)
		}
		dst = readings.AppendRange(dst, from, to)
	}
	return dst
}

// mergeReadings adds what appendReadings wrote.
func (s *state) mergeReadings(d *day, data []byte) error {
	r := reader{rest: data}
	for len(r.rest) > 0 {
		k := entityKey{device: string(r.bytes(r.uvarint())), ifname: string(r.bytes(r.uvarint())), method: kpi.MethodOTN}
		if r.bad || k.device == "" || k.ifname == "" {
			return fmt.Errorf("the block is damaged")
		}
		rest, err := at(&d.readings, s.entity(k)).MergeEncoded(r.rest)
		if err != nil {
			return err
		}
		r.rest = rest
	}
	return nil
}
