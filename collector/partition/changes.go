package partition

import (
	"sync"
	"time"

	"github.com/haidang-noc/haidang/collector/kpi"
)

// Entity is what has a time line: a device as one method sees it, or a port.
type Entity struct {
	Device string
	IfName string // empty: the device itself
	Method string // of a device
}

// Status is what the observations of an entity say of it: its machine after the latest of them.
type Status struct {
	Entity
	Partition int
	Agent     string    // that made the latest observation of a device; empty: not known
	Seen      int64     // time of the latest observation
	Applied   time.Time // when it was applied here
	kpi.Machine
}

// Heartbeat is the latest word of an agent about itself.
type Heartbeat struct {
	At, Until int64 // when it spoke, and when it should have spoken again
	Partition int
}

// Changes hands what happens in the partitions of a process to one reader that must know it at once.
// It is a set, not a queue: of each entity only the latest status waits, so it is never larger than the
// network, and the partitions never wait for the reader.
type Changes struct {
	wake chan struct{}
	mu   sync.Mutex
	news News
}

// News is what changed since it was last taken.
type News struct {
	States map[Entity]Status    // of devices with every observation, of ports with the first one and when they are or were not up
	Parts  map[Part]PartStatus  // of which a message told something
	Agents map[string]Heartbeat // that spoke
	Clocks map[int]int64        // by partition: the monitor's own latest point, everything before which is applied
	Owned  map[int]bool         // partitions that this process took over (ask for all States) or lost
}

// NewChanges makes an empty set.
func NewChanges() *Changes {
	c := &Changes{wake: make(chan struct{}, 1)}
	c.Take()
	return c
}

// Wake delivers when there is something to take.
func (c *Changes) Wake() <-chan struct{} { return c.wake }

// Take empties the set.
func (c *Changes) Take() News {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.news
	c.news = News{States: map[Entity]Status{}, Parts: map[Part]PartStatus{}, Agents: map[string]Heartbeat{}, Clocks: map[int]int64{}, Owned: map[int]bool{}}
	return out
}

// Waiting is how many entities' changes are to be taken.
func (c *Changes) Waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.news.States)
}

// put changes the set; a nil set takes nothing.
func (c *Changes) put(change func(*News)) {
	if c == nil {
		return
	}
	c.mu.Lock()
	change(&c.news)
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default: // it is awake
	}
}
