package view

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/zstd"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/store"
)

// summing adds up the traffic of a month, shard by shard: of the closed days what the store has added up
// before, as far as it was made of the same inputs, then the rest from the rates.
type summing struct {
	lines *kpi.Lines
	plan  *kpi.Plan
	month model.Month
	until int64
	save  func(store.MonthSum) error // nil: what was added up is not kept

	mu      sync.Mutex // guards view: a database connection does one thing at a time
	view    *store.View
	closed  int                        // how many days, from the month's first, are closed in parts by all who have them
	digests map[int32][]store.DayPart  // of parts of ports, by day
	loose   map[model.Day][]loosePorts // of live days and of closed ones in one piece
	reports map[model.Day][]store.DayPart
	whole   []*kpi.DayChunk // what loose is made of, with their reports
}

type loosePorts [kpi.Shards][]kpi.PortDay

// newSumming finds out what there is. The live days have their ports.
func newSumming(v *store.View, in kpi.MonthInput, days monthDays) (*summing, error) {
	s := &summing{plan: in.Plan, lines: in.Lines, month: in.Month, until: in.End, view: v,
		digests: map[int32][]store.DayPart{}, loose: map[model.Day][]loosePorts{}, reports: map[model.Day][]store.DayPart{}}
	for _, chunk := range days.live {
		s.addLoose(chunk)
	}
	if err := s.addUnsplit(days.closed); err != nil {
		return nil, err
	}
	if err := s.addParts(days.closed); err != nil {
		return nil, err
	}
	for d := s.month.First(); d < s.end() && s.loose[d] == nil && d.End() <= s.until; d++ {
		s.closed++
	}
	return s, nil
}

// end is the first day after the period.
func (s *summing) end() model.Day { return model.DayOf(s.until-1) + 1 }

func (s *summing) addLoose(chunk *kpi.DayChunk) {
	s.loose[chunk.Day] = append(s.loose[chunk.Day], kpi.SplitPorts(chunk.Ports))
	s.whole = append(s.whole, chunk)
}

// addUnsplit reads the closed days that an earlier program wrote in one piece.
func (s *summing) addUnsplit(states []store.DayState) error {
	decode, err := partition.NewClosed()
	if err != nil {
		return err
	}
	for _, d := range states {
		if day := model.Day(d.Day); d.Split || day < s.month.First() || day >= s.end() {
			continue
		}
		row, _, err := s.view.Chunk(d.Day, d.Partition)
		if err != nil {
			return err
		}
		chunk, err := decode.Decode(row)
		if err != nil {
			return err
		}
		s.addLoose(chunk)
	}
	return nil
}

// addParts lists the parts of the closed days that are not live.
func (s *summing) addParts(states []store.DayState) error {
	parts, err := s.view.Digests(int32(s.month.First()), int32(s.end()))
	if err != nil {
		return err
	}
	closed := map[dayOf]bool{}
	for _, d := range states {
		closed[dayOf{d.Partition, model.Day(d.Day)}] = true
	}
	for _, p := range parts {
		switch day := model.Day(p.Day); {
		case !closed[dayOf{p.Partition, day}]:
		case p.Shard == store.ReportsPart:
			s.reports[day] = append(s.reports[day], p)
		default:
			s.digests[p.Day] = append(s.digests[p.Day], p)
		}
	}
	return nil
}

// run adds everything up.
func (s *summing) run(ctx context.Context) (*kpi.MonthTraffic, error) {
	out := s.plan.NewMonthTraffic()
	known := map[int]store.MonthSum{}
	err := s.view.MonthSums(int32(s.month.First()), func(m store.MonthSum) error {
		known[m.Shard] = m
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = spread(kpi.Shards+1, func(next func() (int, bool)) error {
		w, err := newWorker(s)
		if err != nil {
			return err
		}
		defer w.enc.Close()
		for shard, ok := next(); ok && ctx.Err() == nil; shard, ok = next() {
			if err := w.shard(shard, known[shard], out); err != nil {
				return fmt.Errorf("shard %d: %w", shard, err)
			}
		}
		return ctx.Err()
	})
	return out, err
}

// worker adds up shards, one after the other.
type worker struct {
	*summing
	decode partition.Closed
	enc    *zstd.Encoder
	dec    *zstd.Decoder
	totals []byte // of the shard before, written over by the next
}

func newWorker(s *summing) (*worker, error) {
	decode, err := partition.NewClosed()
	if err != nil {
		return nil, err
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	return &worker{summing: s, decode: decode, enc: enc, dec: dec}, err
}

// shard puts the sums of one shard into out.
func (w *worker) shard(shard int, known store.MonthSum, out *kpi.MonthTraffic) error {
	if w.plan.LinksOf(shard) == 0 {
		return nil
	}
	made := w.made(shard)
	days := agree(known.Made, made)
	if days == w.closed && w.month.First()+model.Day(days) == w.end() {
		var err error
		if w.totals, err = w.dec.DecodeAll(known.Totals, w.totals[:0]); err == nil && out.DecodeTotals(w.totals, w.plan, shard) == nil {
			return nil
		}
		days = 0 // what cannot be read is made anew
	}
	sum, days, err := w.resume(shard, days)
	if err != nil {
		return err
	}
	for d := days; d < w.closed; d++ {
		if err := w.add(sum, shard, w.month.First()+model.Day(d)); err != nil {
			return err
		}
	}
	var state []byte
	keep := w.save != nil && w.closed > days && !bytes.HasPrefix(known.Made, made) // more is known than was asked for
	if keep {
		state = w.enc.EncodeAll(sum.Traffic().AppendTo(nil), nil)
	}
	for d := w.month.First() + model.Day(w.closed); d < w.end(); d++ {
		if err := w.add(sum, shard, d); err != nil {
			return err
		}
	}
	sum.Finish(out)
	if !keep {
		return nil
	}
	return w.save(store.MonthSum{Month: int32(w.month.First()), Shard: shard, Made: made, State: state,
		Totals: w.enc.EncodeAll(out.AppendTotals(nil, w.plan, shard), nil)})
}

// made names what the closed days' sums of a shard are made of, eight bytes a day.
func (s *summing) made(shard int) []byte {
	var out []byte
	for i, inputs := range s.lines.Inputs(shard, s.closed) {
		text := binary.LittleEndian.AppendUint64(nil, inputs)
		for _, p := range s.digests[int32(s.month.First())+int32(i)] {
			if slices.Contains(s.plan.Needs(shard), p.Shard) {
				text = binary.LittleEndian.AppendUint64(text, p.Digest)
			}
		}
		out = binary.LittleEndian.AppendUint64(out, xxhash.Sum64(text))
	}
	return out
}

// agree is how many days known holds, all made of what made says; 0 if there is any difference.
func agree(known, made []byte) int {
	if len(known) > len(made) || string(known) != string(made[:len(known)]) {
		return 0
	}
	return len(known) / 8
}

// resume takes up what the first days came to.
func (w *worker) resume(shard, days int) (*kpi.ShardSum, int, error) {
	if days == 0 {
		return w.lines.Sum(shard, nil), 0, nil
	}
	w.mu.Lock()
	data, err := w.view.MonthState(int32(w.month.First()), shard)
	w.mu.Unlock()
	if err != nil {
		return nil, 0, err
	}
	text, err := w.dec.DecodeAll(data, nil)
	if err != nil {
		return w.lines.Sum(shard, nil), 0, nil // what cannot be read is made anew
	}
	sofar, err := kpi.DecodeTraffic(text)
	if err != nil || len(sofar.Links) != w.plan.LinksOf(shard) {
		return w.lines.Sum(shard, nil), 0, nil
	}
	return w.lines.Sum(shard, sofar), days, nil
}

// add adds one day's rates, as far as the period reaches.
func (w *worker) add(sum *kpi.ShardSum, shard int, d model.Day) error {
	var ports [][]kpi.PortDay
	for _, need := range w.plan.Needs(shard) {
		for i := range w.loose[d] {
			ports = append(ports, w.loose[d][i][need])
		}
		for _, p := range w.digests[int32(d)] {
			if p.Shard != need {
				continue
			}
			chunk, err := w.part(p)
			if err != nil {
				return err
			}
			ports = append(ports, chunk.Ports)
		}
	}
	sum.Add(d, min(w.until, d.End()), ports...)
	return nil
}

func (w *worker) part(p store.DayPart) (*kpi.DayChunk, error) {
	w.mu.Lock()
	data, err := w.view.Part(p.Day, p.Partition, p.Shard)
	w.mu.Unlock()
	if err != nil {
		return nil, err
	}
	chunk, err := w.decode.Unpack(data)
	if err != nil {
		return nil, fmt.Errorf("partition %d: part %d of %s: %w", p.Partition, p.Shard, model.Day(p.Day), err)
	}
	return chunk, nil
}
