package partition

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sort"

	"github.com/klauspost/compress/zstd"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
)

// A block without reports, or without readings of unavailable seconds, has the version that programs knew before there
// were any.
const (
	blockVersion         = 1
	blockReportsVersion  = 2
	blockReadingsVersion = 3
	maxBlock             = 1 << 30 // bytes of one block decompressed
)

// codec compresses what goes into the store. One per partition, for one goroutine.
type codec struct {
	enc   *zstd.Encoder
	dec   *zstd.Decoder
	lines []byte // as decompressed last
}

func newCodec() (*codec, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxBlock))
	return &codec{enc: enc, dec: dec}, err
}

// sorted is the entities' ids in the order of their keys: what is written must not depend on which
// entity was seen first.
func (s *state) sorted() []uint32 {
	if len(s.order) == len(s.entities) {
		return s.order
	}
	s.order = make([]uint32, len(s.entities))
	for i := range s.order {
		s.order[i] = uint32(i)
	}
	sort.Slice(s.order, func(i, j int) bool { return s.entities[s.order[i]].less(s.entities[s.order[j]]) })
	return s.order
}

func (k entityKey) less(o entityKey) bool {
	switch {
	case k.device != o.device:
		return k.device < o.device
	case k.ifname != o.ifname:
		return k.ifname < o.ifname
	}
	return k.method < o.method
}

// appendHour writes what was observed in one hour: readings and reports, if there are any, each after its version and
// length, and states.
func (s *state) appendHour(dst []byte, d *day, hour int, ids []uint32) []byte {
	dst = appendSection(dst, blockReadingsVersion, s.appendReadings(nil, d, hour, ids))
	dst = appendSection(dst, blockReportsVersion, s.appendReports(nil, d, hour))
	return s.appendStates(dst, d, hour, ids)
}

func appendSection(dst []byte, version byte, text []byte) []byte {
	if len(text) == 0 {
		return dst
	}
	dst = binary.AppendUvarint(append(dst, version), uint64(len(text)))
	return append(dst, text...)
}

// appendStates writes the observations of one hour: per entity its key, its series and its counters.
func (s *state) appendStates(dst []byte, d *day, hour int, ids []uint32) []byte {
	dst = append(dst, blockVersion)
	for _, id := range ids {
		series := d.seriesOf(int(id))
		readings, counted := d.countersOf(int(id)).Hour(hour)
		if series == nil && !counted {
			continue
		}
		k := s.entities[id]
		for _, text := range [...]string{k.device, k.ifname, k.method} {
			dst = binary.AppendUvarint(dst, uint64(len(text)))
			dst = append(dst, text...)
		}
		if series == nil {
			series = &kpi.Series{}
		}
		dst = series.AppendRange(dst, int64(hour)*3600, int64(hour+1)*3600)
		if !counted {
			dst = append(dst, 0)
			continue
		}
		dst = readings.AppendTo(append(dst, 1))
	}
	return dst
}

// mergeHour adds what appendHour wrote to the day.
func (s *state) mergeHour(d *day, hour int, data []byte) error {
	rest, err := s.mergeSections(d, data)
	if err != nil {
		return err
	}
	if len(rest) == 0 || rest[0] != blockVersion {
		return fmt.Errorf("unknown version of the block")
	}
	return s.mergeStates(d, hour, rest[1:])
}

// mergeSections adds what comes before the states, and returns the bytes after it.
func (s *state) mergeSections(d *day, data []byte) (rest []byte, err error) {
	for _, section := range [...]struct {
		version byte
		merge   func(*day, []byte) error
	}{{blockReadingsVersion, s.mergeReadings}, {blockReportsVersion, s.mergeReports}} {
		if len(data) == 0 || data[0] != section.version {
			continue
		}
		r := reader{rest: data[1:]}
		text := r.bytes(r.uvarint())
		if r.bad {
			return nil, fmt.Errorf("the block is damaged")
		}
		if err := section.merge(d, text); err != nil {
			return nil, err
		}
		data = r.rest
	}
	return data, nil
}

// mergeStates adds what appendStates wrote behind the version.
func (s *state) mergeStates(d *day, hour int, data []byte) error {
	r := reader{rest: data}
	for len(r.rest) > 0 {
		k := entityKey{string(r.bytes(r.uvarint())), string(r.bytes(r.uvarint())), string(r.bytes(r.uvarint()))}
		if r.bad || k.device == "" {
			return fmt.Errorf("the block is damaged")
		}
		id := s.entity(k)
		rest, err := at(&d.series, id).MergeEncoded(r.rest)
		if err != nil {
			return err
		}
		r.rest = rest
		switch counted := r.uvarint(); {
		case r.bad || counted > 1:
			return fmt.Errorf("the block is damaged")
		case counted == 0:
			continue
		}
		h, rest, err := kpi.DecodeCounterHour(r.rest)
		if err != nil {
			return err
		}
		r.rest = rest
		if !d.edge || hour == 0 || hour == 23 {
			at(&d.counters, id).MergeHour(hour, &h)
		}
	}
	return nil
}

// blocks encodes the day's hours that no checkpoint has.
func (s *state) blocks(c *codec, d *day, ids []uint32) (out []store.Block) {
	var text []byte
	for hour := range 24 {
		if d.dirty&(1<<hour) == 0 {
			continue
		}
		text = s.appendHour(text[:0], d, hour, ids)
		out = append(out, store.Block{Day: int32(d.date), Hour: uint8(hour), Data: c.enc.EncodeAll(text, nil)})
	}
	return out
}

// merge reads one block back.
func (s *state) merge(c *codec, d *day, b store.Block) error {
	text, err := c.dec.DecodeAll(b.Data, nil)
	if err == nil && b.Hour > 23 {
		err = errors.New("there is no such hour")
	}
	if err == nil {
		err = s.mergeHour(d, int(b.Hour), text)
	}
	if err != nil {
		return fmt.Errorf("partition %d: block %s hour %d: %w", b.Partition, model.Day(b.Day), b.Hour, err)
	}
	return nil
}
