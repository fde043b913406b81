package profile

import (
	"bytes"
	"math"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// Row is a row of a table as it is polled: what was learned of it, and which columns it has.
type Row struct {
	Suffix []byte // the index as it ends an object identifier
	Polled uint64 // the columns to ask for, as a set

	kept  []kept
	lines []rowLine
}

// kept is a number that was learned and is needed in each poll.
type kept struct {
	name uint8
	number
}

// rowLine is a line that the row makes.
type rowLine struct {
	line  int
	tail  []byte   // the tags as they continue the device's
	texts []string // of the fields that are text; nil: none is
	tags  []point.Tag
}

// Cell is a value that a walk found.
type Cell struct {
	Column int
	ber.Varbind
}

// Learning is what is needed to make rows of what a walk found.
type Learning struct {
	Lookup    func(column int, suffix []byte) (ber.Varbind, bool) // a value of a column of another table
	Interface func(index uint32) (name string, ok bool)           // ifName
}

// Learn makes the row with this index of what a walk found in it; false if it has nothing to tell.
func (t *Table) Learn(suffix []byte, cells []Cell, how Learning) (r Row, ok bool) {
	words, ok := t.words(suffix, cells, how)
	if !ok {
		return r, false
	}
	var v Values
	for i := range words {
		if words[i].isNum {
			v.set(i, words[i].num)
		}
	}
	r.Suffix = bytes.Clone(suffix)
	have := v.known | t.late
	var needs uint64
	for i := range t.lines {
		if l, used, ok := t.learnLine(i, words, &v, how.Interface); ok {
			r.lines = append(r.lines, l)
			needs |= used
		}
	}
	r.Polled = needs & have & (1<<t.Polled - 1)
	for i := t.Polled; i < len(words); i++ {
		if needs>>i&1 == 1 && words[i].isNum {
			r.kept = append(r.kept, kept{uint8(i), words[i].num})
		}
	}
	return r, len(r.lines) > 0
}

// words are all that is known of a row, by name.
func (t *Table) words(suffix []byte, cells []Cell, how Learning) ([]word, bool) {
	words := make([]word, len(t.Columns), len(t.Columns)+len(t.index)+len(t.derive))
	for i := range cells {
		words[cells[i].Column] = wordOf(&cells[i].Varbind)
	}
	if t.scalar {
		suffix = bytes.TrimPrefix(suffix, []byte{0}) // what stands behind every scalar is no index
	}
	parts, ok := decodeIndex(t.index, suffix)
	if !ok {
		return nil, false
	}
	words = t.derived(append(words, parts...))
	for i, c := range t.Columns {
		if c.By == nil {
			continue
		}
		if at, ok := foreignIndex(words, c.By); ok {
			if v, ok := how.Lookup(i, at); ok {
				words[i] = wordOf(&v)
			}
		}
	}
	return t.rederive(words), true
}

// foreignIndex is the index of a row of another table, from numbers of this one.
func foreignIndex(words []word, by []int) (suffix []byte, ok bool) {
	for _, name := range by {
		if !words[name].isNum {
			return nil, false
		}
		suffix = ber.AppendArc(suffix, uint32(words[name].num.whole))
	}
	return suffix, true
}

// derived appends what is made of other names; rederive makes it again when more is known.
func (t *Table) derived(words []word) []word {
	for range t.derive {
		words = append(words, word{})
	}
	return t.rederive(words)
}

func (t *Table) rederive(words []word) []word {
	first := len(words) - len(t.derive)
	for i, d := range t.derive {
		words[first+i] = d.from(words[d.of])
	}
	return words
}

// learnLine makes one line of a row, if the row has it.
func (t *Table) learnLine(i int, words []word, v *Values, find interfaces) (out rowLine, needs uint64, ok bool) {
	l := &t.lines[i]
	if !allHold(l.rows, v) || !allHold(t.settled(l.where), v) {
		return out, 0, false
	}
	out = rowLine{line: i}
	for i := range l.fields {
		f := &l.fields[i]
		if f.text >= 0 {
			if out.texts == nil {
				out.texts = make([]string, len(l.fields))
			}
			out.texts[i] = words[f.text].text
			ok = ok || words[f.text].text != ""
			continue
		}
		if has := f.of.needs; has&(v.known|t.late) == has && allHold(t.settled(f.when), v) {
			needs |= f.of.uses | columnsOf(f.when)
			ok = true
		}
	}
	needs |= columnsOf(l.where)
	for _, tag := range l.tags {
		value, known := tag.value.fill(words, find)
		if !known {
			return out, 0, false
		}
		out.tags = append(out.tags, point.Tag{Key: tag.key, Value: value})
	}
	return out, needs, ok
}

func columnsOf(list []condition) (set uint64) {
	for _, c := range list {
		set |= 1 << c.column
	}
	return set
}

// settled are the conditions on what does not change between two walks.
func (t *Table) settled(where []condition) (out []condition) {
	for _, c := range where {
		if c.column >= t.Polled {
			out = append(out, c)
		}
	}
	return out
}

// Distinguish ends the learning of a table: rows whose lines would be one series get their index behind the last tag.
func (t *Table) Distinguish(rows []Row) {
	seen := make([]map[string]int, len(t.lines))
	each := func(do func(r *Row, l *rowLine)) {
		for i := range rows {
			for j := range rows[i].lines {
				do(&rows[i], &rows[i].lines[j])
			}
		}
	}
	each(func(_ *Row, l *rowLine) {
		if seen[l.line] == nil {
			seen[l.line] = map[string]int{}
		}
		l.tail = tail(l.tags)
		seen[l.line][string(l.tail)]++
	})
	each(func(r *Row, l *rowLine) {
		if n := len(l.tags); seen[l.line][string(l.tail)] > 1 && n > 0 {
			tags := slices.Clone(l.tags)
			tags[n-1].Value = strings.TrimSpace(tags[n-1].Value + " #" + arcs(r.Suffix))
			l.tail = tail(tags)
		}
	})
	each(func(_ *Row, l *rowLine) { l.tags = nil })
}

func tail(tags []point.Tag) []byte {
	return bytes.TrimPrefix(point.AppendKey(nil, "m", tags...), []byte("m"))
}

// AppendDigest appends all that a row is, so that devices with the same rows can share them.
func (r *Row) AppendDigest(dst []byte) []byte {
	put := func(b []byte) { dst = append(append(dst, byte(len(b)), byte(len(b)>>8)), b...) }
	put(r.Suffix)
	for _, l := range r.lines {
		dst = append(dst, 'l', byte(l.line))
		put(l.tail)
		for _, s := range l.texts {
			put([]byte(s))
		}
	}
	for _, k := range r.kept {
		dst = append(dst, 'k', k.name)
		dst = ber.AppendUint(dst, ber.Counter64, k.whole)
		dst = ber.AppendUint(dst, ber.Counter64, math.Float64bits(k.float))
	}
	return ber.AppendUint(dst, ber.Counter64, r.Polled)
}
