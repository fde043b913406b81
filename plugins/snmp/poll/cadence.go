package poll

import (
	"slices"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
)

// Table is how often a table, or any group of objects that is read together, is to be read.
type Table struct {
	Name  string
	Usual time.Duration // unless the configuration says otherwise
	Floor time.Duration // reading it more often harms the device; 0: no floor
}

// Wish is what the configuration says of a table.
type Wish struct {
	Every      time.Duration
	BelowFloor bool // the floor is known and to be ignored
	File       string
	Line       int
}

// Cadences are the wishes of a configuration, by name of the table. The zero value has none.
type Cadences struct {
	wishes map[string]Wish
	asked  map[string]bool
}

// Set takes a wish; a second one for the same table is an error.
func (c *Cadences) Set(table string, w Wish) error {
	if first, ok := c.wishes[table]; ok {
		return conf.At(w.File, w.Line, "table", "%s has an interval already at %s:%d", table, first.File, first.Line)
	}
	if c.wishes == nil {
		c.wishes = map[string]Wish{}
	}
	c.wishes[table] = w
	return nil
}

// Of returns how often a table is to be read. It is never more often than the table's floor unless the
// configuration says in so many words that it wants that.
func (c *Cadences) Of(t Table) (time.Duration, error) {
	if c.asked == nil {
		c.asked = map[string]bool{}
	}
	c.asked[t.Name] = true
	w, ok := c.wishes[t.Name]
	switch {
	case !ok:
		return max(t.Usual, t.Floor), nil
	case w.Every < t.Floor && !w.BelowFloor:
		return 0, conf.At(w.File, w.Line, "every", "%v is below the floor of table %s: want at least %v, or below_floor: true", w.Every, t.Name, t.Floor)
	}
	return w.Every, nil
}

// Unknown says which wish names a table that nobody has asked about: ask when Of was called for every table.
func (c *Cadences) Unknown() error {
	for _, table := range c.names() {
		if w := c.wishes[table]; !c.asked[table] {
			return conf.At(w.File, w.Line, "table", "%q: there is no such table", table)
		}
	}
	return nil
}

func (c *Cadences) names() (names []string) {
	for table := range c.wishes {
		names = append(names, table)
	}
	slices.Sort(names)
	return names
}

// NextDue is when a table that was read in the round at now is due again, for a caller that looks once a
// round: in the round nearest to every from now, whatever the rounds' lateness.
func NextDue(now time.Time, every, round time.Duration) time.Time {
	return now.Add(every - round/2)
}
