package kpi

// MergeDays joins one partition's chunks of consecutive days into one; Ports are kept as they are.
func MergeDays(days ...*DayChunk) *DayChunk { return nil }

// AppendTo appends the traffic's encoding; the caller compresses it.
func (t *Traffic) AppendTo(dst []byte) []byte { return nil }

// DecodeTraffic reads what Traffic.AppendTo wrote.
func DecodeTraffic(data []byte) (*Traffic, error) { return nil, nil }
