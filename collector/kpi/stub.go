package kpi

import "github.com/haidang-noc/haidang/collector/model"

// NewPlan prepares an inventory.
func NewPlan(inv *model.Inventory) *Plan {
	return &Plan{inv: inv, hash: inv.Hash + "/" + inv.Targets.Hash}
}

// Month computes every number of one month.
func Month(in MonthInput) MonthResult { return MonthResult{Month: in.Month} }

// Traffic adds up one local day's link traffic; chunks are those of all partitions for that day.
// end cuts a running day (0: the whole day).
func (p *Plan) Traffic(d model.Day, end int64, chunks []*DayChunk) *Traffic { return nil }

// MergeTraffic joins sums of the same plan over disjoint days.
func MergeTraffic(parts ...*Traffic) *Traffic { return nil }

// MergeDays joins one partition's chunks of consecutive days into one; Ports are kept as they are.
func MergeDays(days ...*DayChunk) *DayChunk { return nil }

// AppendRange appends the canonical encoding of the observations in seconds [from, to) of the day,
// and of all the starts the series knows.
func (s *Series) AppendRange(dst []byte, from, to int64) []byte { return nil }

// MergeEncoded adds what AppendRange wrote and returns the bytes after it.
func (s *Series) MergeEncoded(data []byte) (rest []byte, err error) { return nil, nil }

// AppendTo appends the encoding of one hour of counters.
func (h *CounterHour) AppendTo(dst []byte) []byte { return nil }

// DecodeCounterHour reads what CounterHour.AppendTo wrote and returns the bytes after it.
func DecodeCounterHour(data []byte) (h CounterHour, rest []byte, err error) { return h, nil, nil }

// AppendTo appends the machine's encoding.
func (m Machine) AppendTo(dst []byte) []byte { return nil }

// DecodeMachine reads what Machine.AppendTo wrote and returns the bytes after it.
func DecodeMachine(data []byte) (m Machine, rest []byte, err error) { return m, nil, nil }

// AppendTo appends the chunk's columnar encoding; the caller compresses it.
func (c *DayChunk) AppendTo(dst []byte) []byte { return nil }

// DecodeDayChunk reads what DayChunk.AppendTo wrote.
func DecodeDayChunk(data []byte) (*DayChunk, error) { return nil, nil }

// AppendTo appends the traffic's encoding; the caller compresses it.
func (t *Traffic) AppendTo(dst []byte) []byte { return nil }

// DecodeTraffic reads what Traffic.AppendTo wrote.
func DecodeTraffic(data []byte) (*Traffic, error) { return nil, nil }
