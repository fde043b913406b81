package partition

import (
	"fmt"

	"github.com/cespare/xxhash/v2"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
)

// Closed reads and writes closed days as the store keeps them: the time lines as the day's chunk, the rates
// of each shard's ports and the reports as parts of their own.
type Closed struct{ codec *codec }

// NewClosed makes one, for one goroutine.
func NewClosed() (Closed, error) {
	c, err := newCodec()
	return Closed{c}, err
}

// Decode makes a chunk of the store's row. What stands in parts is not in it.
func (c Closed) Decode(row store.DayChunk) (*kpi.DayChunk, error) {
	chunk, err := c.Unpack(row.Data)
	if err != nil {
		return nil, fmt.Errorf("partition %d: chunk of %s: %w", row.Partition, model.Day(row.Day), err)
	}
	return chunk, nil
}

// Whole is Decode together with the parts.
func (c Closed) Whole(v *store.View, row store.DayChunk) (*kpi.DayChunk, error) {
	chunk, err := c.Decode(row)
	if err != nil || !row.Split {
		return chunk, err
	}
	for shard := store.ReportsPart; shard < kpi.Shards; shard++ {
		part, err := c.Part(v, row.Day, row.Partition, shard)
		if err != nil {
			return nil, err
		}
		chunk.Ports = append(chunk.Ports, part.Ports...)
		chunk.Reports = append(chunk.Reports, part.Reports...)
	}
	chunk.SortPorts()
	return chunk, nil
}

// Part is one partition's part of a closed day: a chunk of nothing else, empty if there is none.
func (c Closed) Part(v *store.View, day int32, partition, shard int) (*kpi.DayChunk, error) {
	data, err := v.Part(day, partition, shard)
	if err != nil {
		return nil, err
	}
	if data == nil {
		return &kpi.DayChunk{Day: model.Day(day)}, nil
	}
	chunk, err := c.Unpack(data)
	if err != nil {
		return nil, fmt.Errorf("partition %d: part %d of %s: %w", partition, shard, model.Day(day), err)
	}
	return chunk, nil
}

// Unpack decompresses and decodes a chunk.
func (c Closed) Unpack(data []byte) (*kpi.DayChunk, error) {
	text, err := c.codec.dec.DecodeAll(data, nil)
	if err != nil {
		return nil, err
	}
	return kpi.DecodeDayChunk(text)
}

// Lines is Unpack of time lines, and of nothing else, into a chunk that is no longer used.
func (c Closed) Lines(data []byte, chunk *kpi.DayChunk) (err error) {
	if c.codec.lines, err = c.codec.dec.DecodeAll(data, c.codec.lines[:0]); err != nil {
		return err
	}
	return chunk.Decode(c.codec.lines)
}

// One compresses a chunk in one piece.
func (c Closed) One(chunk *kpi.DayChunk) []byte {
	return c.codec.enc.EncodeAll(chunk.AppendTo(nil), nil)
}

// Pack makes the store's row of a closed day, but for its revision.
func (c Closed) Pack(chunk *kpi.DayChunk) store.DayChunk {
	shards := kpi.SplitPorts(chunk.Ports)
	return c.pack(chunk, func(shard int) []kpi.PortDay { return shards[shard] })
}

// pack is Pack with ports that are made when they are needed, a shard at a time; those of the chunk do not count.
func (c Closed) pack(chunk *kpi.DayChunk, ports func(shard int) []kpi.PortDay) store.DayChunk {
	row := store.DayChunk{Day: int32(chunk.Day), Split: true}
	lines := *chunk
	lines.Ports, lines.Reports = nil, nil
	text := lines.AppendTo(nil)
	row.Data = c.codec.enc.EncodeAll(text, nil)
	part := func(shard int, p *kpi.DayChunk) {
		text = p.AppendTo(text[:0])
		row.Parts = append(row.Parts, store.DayPart{Shard: shard, Digest: xxhash.Sum64(text), Data: c.codec.enc.EncodeAll(text, nil)})
	}
	if len(chunk.Reports) > 0 {
		part(store.ReportsPart, &kpi.DayChunk{Day: chunk.Day, Reports: chunk.Reports})
	}
	for shard := range kpi.Shards {
		if own := ports(shard); len(own) > 0 {
			part(shard, &kpi.DayChunk{Day: chunk.Day, Ports: own})
		}
	}
	return row
}

// chunkAt is one partition's chunk of a closed day, nil if there is none.
func chunkAt(v *store.View, c *codec, partition int, date model.Day) (*kpi.DayChunk, error) {
	row, ok, err := v.Chunk(int32(date), partition)
	if err != nil || !ok {
		return nil, err
	}
	return Closed{c}.Decode(row)
}
