package tables

import (
	"time"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/profile"
)

// atOnce is how many values of a walk are made into rows at once. More take longer than all other devices should wait: the
// tens of thousands of ONTs of one OLT take a third of a second.
const atOnce = 2000

// making is a turn that waits while rows are made of what its walk found.
type making struct {
	turn *turn
	made chan *layout // holds one
}

// walked makes the rows of what a walk found, or has them made; false means that the round ends here and a later one goes
// on with them.
func (d *Dialog) walked(now time.Time) bool {
	t, old, names := d.turn, d.layout, d.interfaces.Names()
	d.poller.metrics.walks.Inc()
	d.poller.metrics.leftOut.Add(float64(t.walk.leftOut))
	if t.walk.whole() {
		t.reading.due = ^uint64(0)
	}
	work := func() *layout {
		l := t.walk.layout(old, names)
		d.writeWalked(now, l, t)
		return d.poller.catalog.Intern(l.digest(), l)
	}
	if t.walk.values <= atOnce {
		d.settle(work())
		return true
	}
	made := make(chan *layout, 1)
	d.turn, d.making = nil, &making{t, made}
	d.poller.later(func() { made <- work() })
	return false
}

// resume goes on with rows that were made meanwhile.
func (d *Dialog) resume(now time.Time) *ber.Request {
	select {
	case l := <-d.making.made:
		d.turn, d.making = d.making.turn, nil
		d.settle(l)
		return d.next(now)
	default:
		return nil
	}
}

// settle takes the rows of the turn's walk; tables that were not walked stay due when they were.
func (d *Dialog) settle(l *layout) {
	due := map[int]time.Duration{}
	for i, at := range d.due {
		due[d.layout.tables[i].place] = at
	}
	d.stale &^= d.turn.walk.tables
	d.layout = l
	d.due = make([]time.Duration, len(l.tables))
	for i, rows := range l.tables {
		d.due[i] = due[rows.place]
	}
	d.turn.walk = nil
}

// together is how many rows are written at a time: whoever polls waits for no more of them.
const together = 256

// writeWalked writes the rows of tables that are walked each time.
func (d *Dialog) writeWalked(now time.Time, l *layout, t *turn) {
	for i := range l.tables {
		rows := &l.tables[i]
		if rows.table.Polled > 0 || t.walk.tables>>rows.place&1 == 0 {
			continue
		}
		for from := 0; from < len(rows.rows); from += together {
			d.writeRows(now, t, rows.table, rows.rows[from:min(from+together, len(rows.rows))])
		}
		rows.rows = nil // they are walked again before they are needed
	}
}

func (d *Dialog) writeRows(now time.Time, t *turn, table *profile.Table, rows []profile.Row) {
	e := d.poller.cfg.Box.Open()
	defer d.poller.cfg.Box.Close()
	r := &t.reading
	out := profile.Output{Encoder: e, Device: d.Tags, At: now.UnixNano(), Summary: &r.summary}
	for i := range rows {
		r.values.Clear()
		table.Write(out, &rows[i], &r.values)
	}
	r.values.Clear()
}
