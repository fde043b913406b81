package inventory

import (
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

// cycles finds devices that are, at some instant, their own gateway over others. Rows are the
// nodes: a device may have one parent this year and another one the next, so a walk carries the
// time for which all of its steps hold.
type cycles struct {
	x     *Index
	state []visit
	path  []int
	seen  map[string]bool
	found []cycle
}

type visit uint8

const (
	untouched visit = iota
	onPath
	done // every cycle that can be reached from here is known
)

// cycle is a ring of gateways: path begins and ends with the device of its first row.
type cycle struct {
	row  int
	path string
}

func findCycles(x *Index) []cycle {
	c := cycles{x: x, state: make([]visit, len(x.Devices)), seen: map[string]bool{}}
	for i := range x.Devices {
		c.walk(i, x.Devices[i].Validity)
	}
	return c.found
}

func (c *cycles) walk(row int, during model.Validity) {
	if c.state[row] == onPath {
		c.report(row)
	}
	if c.state[row] != untouched {
		return
	}
	c.state[row] = onPath
	c.path = append(c.path, row)
	d := &c.x.Devices[row]
	parents := c.x.entries[d.Parent].rows
	for p := parents.first; p < parents.end && d.Parent != ""; p++ {
		both := meet(during, c.x.Devices[p].Validity)
		if both.From < both.To {
			c.walk(int(p), both)
		}
	}
	c.path = c.path[:len(c.path)-1]
	c.state[row] = untouched
	if during == d.Validity {
		c.state[row] = done // seen for all of its time
	}
}

// report notes the ring that closes at row, once.
func (c *cycles) report(row int) {
	ring := c.path[slices.Index(c.path, row):]
	first := slices.Index(ring, slices.Min(ring))
	names := make([]string, 0, len(ring)+1)
	for i := range len(ring) + 1 {
		names = append(names, c.x.Devices[ring[(first+i)%len(ring)]].Name)
	}
	path := strings.Join(names, " → ")
	if !c.seen[path] {
		c.seen[path] = true
		c.found = append(c.found, cycle{ring[first], path})
	}
}
