package partition

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
)

// entityKey names what has a time line: a device as one method sees it, or a port.
type entityKey struct{ device, ifname, method string }

// state is what a partition knows. It belongs to the one goroutine that owns the partition, and it is
// a function of the batches applied since the store was made, not of their order.
type state struct {
	progress
	seq  uint64             // last log sequence applied
	days map[model.Day]*day // those in memory

	entities []entityKey
	index    map[entityKey]uint32
	methods  map[string]uint8 // of each device
	order    []uint32         // ids by key, while no entity was added
	reporters
	clock uint64 // source of the days' versions: no two states of a day share one

	stored   map[model.Day]bool  // days with observations in the store
	chunks   map[model.Day]chunk // closed days
	closedTo model.Day           // latest of them
}

// chunk says of a closed day how often and when it was closed.
type chunk struct {
	revision int
	closedAt int64
	split    bool // it stands in the store in parts
}

// sealed says that the day is closed and its observations are gone: nothing can be added to it.
func (s *state) sealed(date model.Day) bool {
	_, closed := s.chunks[date]
	return closed && !s.stored[date]
}

// progress is saved with the log position of each checkpoint.
type progress struct {
	windows   windows
	staleFrom model.Day // chunks of this day and later ones do not match the observations; never: all do
}

const progressVersion = 2

func (p progress) encode() []byte {
	return p.windows.append(binary.AppendVarint([]byte{progressVersion}, int64(p.staleFrom)))
}

// decodeProgress reads what encode wrote. No bytes are a partition that never committed.
func decodeProgress(data []byte) (progress, error) {
	p := progress{windows: windows{}, staleFrom: never}
	if len(data) == 0 {
		return p, nil
	}
	if data[0] != progressVersion {
		return p, fmt.Errorf("partition: progress has version %d, this program knows %d", data[0], progressVersion)
	}
	r := reader{rest: data[1:]}
	p.staleFrom = model.Day(r.varint())
	p.windows = r.windows()
	if r.bad || len(r.rest) > 0 {
		return p, fmt.Errorf("partition: progress is damaged (%d bytes)", len(data))
	}
	return p, nil
}

// Days outside of all days.
const (
	never  = model.Day(1 << 30)
	always = -never
)

// day holds the observations of one day, by entity. A slot that is nil has none.
type day struct {
	date     model.Day
	series   []*kpi.Series
	counters []*kpi.CounterDay
	readings []*kpi.Readings
	reports  []*report.Set // by reporters' number
	edge     bool          // of counters, it has those of its first and last hour only; of reports none
	dirty    uint32        // bit h: hour h has what no checkpoint has
	version  uint64        // another one after every change
	touched  time.Time     // when a point last changed it
}

func newState() *state {
	return &state{progress: progress{windows{}, never}, days: map[model.Day]*day{}, stored: map[model.Day]bool{},
		chunks: map[model.Day]chunk{}, closedTo: always, index: map[entityKey]uint32{}, methods: map[string]uint8{}, reporters: newReporters()}
}

func (s *state) entity(k entityKey) uint32 {
	id, ok := s.index[k]
	if !ok {
		id = uint32(len(s.entities))
		s.entities = append(s.entities, k)
		s.index[k] = id
		if k.ifname == "" {
			s.methods[k.device]++
		}
	}
	return id
}

// at returns the slot of id, making it and all slots before it if need be.
func at[T any](all *[]*T, id uint32) *T {
	for int(id) >= len(*all) {
		*all = append(*all, nil)
	}
	if (*all)[id] == nil {
		(*all)[id] = new(T)
	}
	return (*all)[id]
}

// get is at without making anything.
func get[T any](all []*T, id int) *T {
	if id < len(all) {
		return all[id]
	}
	return nil
}

// seriesOf and countersOf are nil for a day that is not there.
func (d *day) seriesOf(id int) *kpi.Series {
	if d == nil {
		return nil
	}
	return get(d.series, id)
}

func (d *day) countersOf(id int) *kpi.CounterDay {
	if d == nil {
		return nil
	}
	return get(d.counters, id)
}
