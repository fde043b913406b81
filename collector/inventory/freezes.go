package inventory

import (
	"cmp"
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

const freezeHeader = "id,name_vi,name_en,start,end,scope,changes,alert_sensitivity,note_vi,note_en"

// readFreezes reads the national events and their three effects.
func (l *loader) readFreezes(path string) {
	if path == "" {
		return
	}
	l.freezes.file = path
	seen := map[string]int{}
	l.readTable(path, "freezes.csv", freezeHeader, func(r *row) {
		f := model.Freeze{ID: r.name(), NameVI: r.name(), NameEN: r.name(), Start: r.mustInstant(), End: r.mustInstant()}
		if f.End <= f.Start && f.End > 0 && f.Start > 0 {
			r.fail("%s is not after start %s", quote(r.cells[r.next-1]), quote(r.cells[r.next-2]))
		}
		f.Scopes, f.Changes, f.Sensitivity = r.scopes(), r.choice("frozen", "open") == "frozen", r.share()
		f.NoteVI, f.NoteEN = r.text(), r.text()
		for _, s := range f.Scopes {
			l.begins(r, s, f.Start)
		}
		if before, twice := seen[f.ID]; twice {
			r.found.add(r.file, r.line, "id", "%s is used twice: first in line %d", quote(f.ID), before)
		}
		seen[f.ID] = r.line
		l.freezes.add(r, f)
	})
	l.freezes.sort(func(a, b *model.Freeze) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), strings.Compare(a.ID, b.ID))
	})
}

// scopes reads nation, or what a window may cover, separated by |.
func (r *row) scopes() []model.Scope {
	var out []model.Scope
	for part := range strings.SplitSeq(r.text(), "|") {
		if part == string(model.ScopeNation) {
			out = append(out, model.Scope{Kind: model.ScopeNation})
			continue
		}
		s, err := ParseScope(part)
		if err != nil {
			r.fail("%v, or nation; several separated by |", err)
			continue
		}
		out = append(out, s)
	}
	return out
}

func (r *row) choice(first, second string) string {
	s := r.text()
	if s != first && s != second {
		r.fail("%s: want %s or %s", quote(s), first, second)
	}
	return s
}

// share reads a decimal above 0 and at most 1; empty means 1.
func (r *row) share() model.Ratio {
	s := r.text()
	if s == "" {
		return model.Ratio{Num: 1, Den: 1}
	}
	v, ok := parseDecimal(s)
	if !ok || v.Num == 0 || v.Num > v.Den {
		r.fail("%s: want a decimal above 0 and at most 1, for example 0.5", quote(s))
		return model.Ratio{Num: 1, Den: 1}
	}
	return v
}
