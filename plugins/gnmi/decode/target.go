// Package decode makes lines of what a gNMI target sends.
//
// A target says the same paths again and again, in the same octets. So the octets of a prefix and of a path below it lead
// straight to the field that the value is of; only what comes for the first time is parsed, and looked for in the plan.
package decode

import (
	"log/slog"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
	"github.com/haidang-noc/haidang/plugins/gnmi/wire"
	"github.com/haidang-noc/haidang/plugins/gnmi/xpath"
)

// Config is what all sessions of a target have in common.
type Config struct {
	Device    string
	Target    string // that prefixes have to name; empty: any
	Interval  time.Duration
	Heartbeat time.Duration // within which states that are told when they change are told again
	MaxRows   int           // entries of lists that are kept
	Key       func(measurement string, tags ...point.Tag) []byte
	Box       *outbox.Box
	Metrics   *Metrics
	Log       *slog.Logger
}

// Target is one session with a target. Nothing of it outlives the session, so that nothing of one device is taken for
// another's that answers in its place. Its methods may be called from several goroutines.
type Target struct {
	cfg    *Config
	plan   *pathset.Plan
	states time.Duration // within which states are told again
	who    *Identity

	mu       sync.Mutex // guards all below
	prefixes map[string]*prefix
	cached   int // octets
	rows     map[string]*row
	pending  []*row
	changed  []*row
	told     int64 // when a state was last told, in ns
	tally    tally
	rowKey   []byte
}

// Identity is who answered at an address, session after session. It is for one goroutine at a time.
type Identity struct{ said map[string]string }

// New begins a session. With sampled, states come at every sample, not when they change.
func New(cfg *Config, plan *pathset.Plan, sampled bool, who *Identity) *Target {
	t := &Target{cfg: cfg, plan: plan, states: cfg.Heartbeat, who: who}
	if sampled {
		t.states = cfg.Interval
	}
	t.forget()
	return t
}

// forget empties caches and rows.
func (t *Target) forget() {
	t.uncache()
	t.rows, t.pending, t.changed = map[string]*row{}, nil, nil
}

// uncache forgets where paths lead to. The prefix of the message that is being read is forgotten, too, and stays in use.
func (t *Target) uncache() {
	for _, p := range t.prefixes {
		clear(p.leaves)
	}
	t.prefixes, t.cached = map[string]*prefix{}, 0
}

// What is remembered of paths, those without use included.
const (
	cachedPerRow = 4 << 10 // octets, for each row that there may be
	overhead     = 256     // of a path beside its own octets
)

// prefix is what a prefix leads to.
type prefix struct {
	path   xpath.Path
	wrong  bool // another target's
	leaves map[string]*leaf
}

// leaf is what a path below a prefix leads to.
type leaf struct {
	node   *pathset.Node // nil: no set has a use for it
	source string
	elems  []xpath.Elem
	slots  []slot
	who    string // an identity's path
}

// slot is a field of a row.
type slot struct {
	row   *row
	field *pathset.Field
}

// Take reads a SubscribeResponse; the octets may be used again afterwards. What is wrong with a part of it is counted, and
// does not cost the rest.
func (t *Target) Take(message []byte, now time.Time) (wire.Kind, error) {
	r, err := wire.Parse(message)
	if err != nil {
		return r.Kind, err
	}
	if r.Kind != wire.Update {
		return r.Kind, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.cfg.Metrics.tell(&t.tally)
	n := &r.Notification
	p, err := t.prefix(n.Prefix)
	switch {
	case err != nil:
		t.tally.malformed += uint64(n.Updates + n.Deletes)
		return r.Kind, nil
	case p.wrong:
		t.tally.wrongTarget += uint64(n.Updates + n.Deletes)
		return r.Kind, nil
	}
	at := moment{arrived: now.UnixNano()}
	at.time = t.clock(n.Time, at.arrived)
	if n.Deletes > 0 {
		n.EachDelete(func(path []byte) { t.delete(p, path, at) })
	}
	n.EachUpdate(func(i *wire.Item, err error) { t.update(p, i, err, at) })
	t.writeEvents(at)
	return r.Kind, nil
}

// moment is when something was, and when it was heard of, in ns.
type moment struct{ time, arrived int64 }

// mostOff is how far a target's clock may be from ours.
const mostOff = 300 * time.Second

// clock is the target's time, or ours where it cannot be meant.
func (t *Target) clock(told, arrived int64) int64 {
	if off := arrived - told; told <= 0 || off > int64(mostOff) || off < -int64(mostOff) {
		t.cfg.Metrics.ownClock.Inc()
		return arrived
	}
	return told
}

// prefix finds what a prefix leads to.
func (t *Target) prefix(encoded []byte) (*prefix, error) {
	if p := t.prefixes[string(encoded)]; p != nil {
		return p, nil
	}
	path, err := xpath.Decode(encoded)
	if err != nil {
		return nil, err
	}
	p := &prefix{path: path, leaves: map[string]*leaf{}}
	p.wrong = t.cfg.Target != "" && path.Target != "" && path.Target != t.cfg.Target
	t.cache(encoded)
	t.prefixes[string(encoded)] = p
	return p, nil
}

// cache makes room for one more path. When they are too many, all are forgotten: the rows are not.
func (t *Target) cache(path []byte) {
	if t.cached += len(path) + overhead; t.cached > t.cfg.MaxRows*cachedPerRow {
		t.uncache()
	}
}

// update takes one value.
func (t *Target) update(p *prefix, i *wire.Item, err error, at moment) {
	if err != nil {
		t.tally.malformed++
		return
	}
	if i.Value.Kind == wire.None {
		return // nothing is said: some targets send an empty update beside deletes
	}
	t.tally.coalesced += i.Duplicates
	l := p.leaves[string(i.Path)]
	if l == nil {
		if l, err = t.leaf(p, i.Path); err != nil {
			t.tally.malformed++
			return
		}
	}
	switch {
	case l.node == nil:
		t.tally.unmapped++
	case i.Value.Kind == wire.JSON:
		t.json(l, i.Value.Text, at)
	default:
		t.value(l, &i.Value, at)
	}
}

// leaf finds what a path leads to.
func (t *Target) leaf(p *prefix, encoded []byte) (*leaf, error) {
	below, err := xpath.Decode(encoded)
	if err != nil {
		return nil, err
	}
	path := xpath.Join(p.path, below)
	l := &leaf{source: path.Source()}
	l.node, l.elems = t.plan.Find(&path)
	if l.node != nil {
		l.slots = t.slots(nil, l.node, l.source, l.elems)
		if l.node.Identity {
			l.who = path.String()
		}
		if l.node.Leaf() && len(l.slots) == 0 && l.who == "" {
			l.node = nil // from elsewhere, without the keys that count, or beyond the limit
		}
	}
	t.cache(encoded)
	p.leaves[string(encoded)] = l
	return l, nil
}

// slots appends the fields that a leaf with these elements is told in.
func (t *Target) slots(dst []slot, n *pathset.Node, source string, elems []xpath.Elem) []slot {
	n.Fields(source, func(f *pathset.Field) {
		if r := t.row(f.Line, elems); r != nil {
			dst = append(dst, slot{r, f})
		}
	})
	return dst
}

// value sets the fields of a leaf.
func (t *Target) value(l *leaf, v *wire.Value, at moment) {
	if l.who != "" && v.Kind == wire.Text && len(v.Text) <= pathset.MaxText && t.identify(l.who, string(v.Text)) {
		return // what l leads to is forgotten
	}
	if len(l.slots) == 0 && l.who == "" {
		t.tally.unmapped++
	}
	for _, s := range l.slots {
		t.set(s, v, at)
	}
}

// maxIdentities is how many leaves may tell who a target is.
const maxIdentities = 16

// identify notes who the target says it is. When it is another than before, all that was known is forgotten.
func (t *Target) identify(path, who string) (another bool) {
	before, known := t.who.said[path]
	if !known && len(t.who.said) >= maxIdentities {
		return false
	}
	if t.who.said == nil {
		t.who.said = map[string]string{}
	}
	t.who.said[path] = who
	if !known || before == who {
		return false
	}
	t.cfg.Metrics.swaps.Inc()
	t.cfg.Log.Warn("another device answers here", "device", t.cfg.Device, "path", path, "was", before, "is", who)
	t.forget()
	return true
}

// row finds the row of a line that a path is of, or begins one; nil if the path lacks a key, or there are too many.
func (t *Target) row(line *pathset.Line, elems []xpath.Elem) *row {
	var room [4]string
	values, ok := line.Values(room[:0], elems)
	if !ok {
		return nil
	}
	t.rowKey = append(t.rowKey[:0], byte(line.Number), byte(line.Number>>8))
	t.rowKey = append(append(t.rowKey, line.Set.Name...), 0)
	for _, v := range values {
		t.rowKey = append(append(t.rowKey, v...), 0)
	}
	if r := t.rows[string(t.rowKey)]; r != nil {
		return r
	}
	if len(t.rows) >= t.cfg.MaxRows {
		t.tally.rows++
		return nil
	}
	r := newRow(t, line, values)
	t.rows[string(t.rowKey)] = r
	return r
}

// delete forgets what lies at or below a path.
func (t *Target) delete(p *prefix, encoded []byte, at moment) {
	below, err := xpath.Decode(encoded)
	if err != nil {
		t.tally.malformed++
		return
	}
	path := xpath.Join(p.path, below)
	node, elems := t.plan.Find(&path)
	if node == nil || len(elems) == 0 { // nobody means to delete everything; some say so beside an update
		t.tally.unmapped++
		return
	}
	t.cfg.Metrics.deletes.Inc()
	gone := false
	for key, r := range t.rows {
		if !r.line.Covers(elems, r.values) || !r.line.Set.Takes(path.Source()) {
			continue
		}
		t.deleted(r, elems, at)
		if r.blank() {
			delete(t.rows, key)
			gone = true
		}
	}
	if gone { // leaves lead to rows
		t.uncache()
	}
}
