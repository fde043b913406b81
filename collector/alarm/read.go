package alarm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
)

// ErrUnknown says that there is no alarm with the id, or not any more.
var ErrUnknown = errors.New("there is no such alarm")

// snapshot is the open alarms after a round.
type snapshot struct {
	alarms []*Alarm // the worst first
	byID   map[int64]*Alarm
}

func newSnapshot(alarms []*Alarm) *snapshot {
	s := &snapshot{alarms, make(map[int64]*Alarm, len(alarms))}
	for _, a := range alarms {
		s.byID[a.ID] = a
	}
	return s
}

// List returns the open alarms that the filter lets through, the worst first, then the newest.
func (e *Engine) List(f Filter) []Alarm {
	out := []Alarm{}
	text := plain(f.Text)
	for _, a := range e.latest.Load().alarms {
		if f.matches(a) && (text == "" || strings.Contains(searchable(a), text)) {
			out = append(out, *a)
		}
	}
	return out
}

// Validate says what in a filter there is not.
func (f *Filter) Validate() error {
	for _, s := range f.Severity {
		if s.rank() < 0 {
			return fmt.Errorf("severity: %q: want critical, major, minor, warning or indeterminate", s)
		}
	}
	for _, c := range f.Cause {
		if kind, _ := x733(c); kind == "" {
			return fmt.Errorf("cause: %q: want device_down, link_down, redundancy_lost, part_failed, agent_lost or devices_silent", c)
		}
	}
	states := []string{"", "active", "suppressed", "acknowledged", "unacknowledged", "maintenance", "flapping", "all"}
	if !slices.Contains(states, f.State) {
		return fmt.Errorf("state: %q: want one of %s", f.State, strings.Join(states[1:], ", "))
	}
	return nil
}

func (f *Filter) matches(a *Alarm) bool {
	switch {
	case f.Visible != nil && !f.Visible(a.Provinces):
		return false
	case f.Province == "vn" && len(a.Provinces) > 0, f.Province != "" && f.Province != "vn" && !slices.Contains(a.Provinces, f.Province):
		return false
	case len(f.Severity) > 0 && !slices.Contains(f.Severity, a.Severity), len(f.Cause) > 0 && !slices.Contains(f.Cause, a.Cause):
		return false
	}
	return f.inState(a)
}

func (f *Filter) inState(a *Alarm) bool {
	switch f.State {
	case "":
		return a.State == Active
	case "acknowledged":
		return a.Acknowledged != nil
	case "unacknowledged":
		return a.State == Active && a.Acknowledged == nil && a.Maintenance == ""
	case "maintenance":
		return a.Maintenance != ""
	case "flapping":
		return a.Flapping
	case "all":
		return true
	}
	return string(a.State) == f.State
}

// searchable is what a text is looked for in.
func searchable(a *Alarm) string {
	var b strings.Builder
	for _, part := range [...]string{a.Name, a.Site, a.Owner, string(a.System), string(a.Cause)} {
		b.WriteString(part + "\n")
	}
	for _, n := range a.Notes {
		b.WriteString(n.Text + "\n")
	}
	return plain(b.String())
}

// plain is text without case and diacritics: "Đà Nẵng" is found by "da nang".
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r == 'đ' || r == 'Đ':
			return 'd'
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}

// Get returns an alarm, open or over, with what is beneath it and what happened to it.
func (e *Engine) Get(ctx context.Context, id int64) (Detail, error) {
	d := Detail{Dependants: []Dependant{}, Events: []Event{}}
	err := e.Store.View(ctx, func(v *store.View) error {
		a, err := e.alarm(v, id)
		if err != nil {
			return err
		}
		d.Alarm = *a
		rows, err := v.AlarmEvents(id, 0, maxMissed)
		for _, row := range rows {
			d.Events = append(d.Events, eventOf(row))
		}
		return err
	})
	if err != nil || d.State != Active {
		return d, err
	}
	return d, e.ask(ctx, func() error {
		d.Dependants = append(d.Dependants, e.beneath(d.thing())...)
		return nil
	})
}

// alarm is an alarm as it is now: open, or as the store has it.
func (e *Engine) alarm(v *store.View, id int64) (*Alarm, error) {
	if a := e.latest.Load().byID[id]; a != nil {
		return a, nil
	}
	rows, err := v.Alarms(store.AlarmQuery{ID: id})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, ErrUnknown
	}
	return decode(rows[0])
}

func eventOf(row store.AlarmEvent) Event {
	return Event{Seq: row.Seq, AlarmID: row.AlarmID, At: time.UnixMilli(row.At).In(model.Local), Kind: EventKind(row.Kind), Who: row.Who, Text: row.Text}
}

// beneath lists what is beneath a root, by name.
func (e *Engine) beneath(t thing) []Dependant {
	var out []Dependant
	for _, f := range e.findings {
		switch {
		case f.Cause == DevicesSilent && (f.thing == t || f.verdict == symptom && f.root == t):
			for _, i := range e.net.silent[f.Name] {
				d := &e.net.devices[i]
				out = append(out, Dependant{Device, d.row.Name, d.row.Province, d.row.System, "unknown", local(d.Until)})
			}
		case f.verdict == symptom && f.root == t:
			d := Dependant{Kind: kindOf(f.Cause), Name: f.Name, State: "down", Since: local(f.since)}
			if p, known := e.net.describe(f.thing); known {
				d.System, d.State = p.system, cmp.Or(p.protection, d.State)
				if len(p.provinces) > 0 {
					d.Province = p.provinces[0]
				}
			}
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b Dependant) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind)) })
	return out[:min(len(out), MaxDependants)]
}

// History lists alarms that were cleared in a time, the latest first and at most limit.
func (e *Engine) History(ctx context.Context, from, to time.Time, f Filter, limit int) ([]Alarm, error) {
	out := []Alarm{}
	f.State = "all"
	text := plain(f.Text)
	err := e.Store.View(ctx, func(v *store.View) error {
		rows, err := v.Alarms(store.AlarmQuery{From: from.UnixMilli(), To: to.UnixMilli(), Limit: maxHistory})
		if err != nil {
			return err
		}
		for _, row := range rows {
			a, err := decode(row)
			if err != nil {
				return err
			}
			if len(out) < limit && f.matches(a) && (text == "" || strings.Contains(searchable(a), text)) {
				out = append(out, *a)
			}
		}
		return nil
	})
	return out, err
}

// maxHistory bounds how many alarms one look at the history reads.
const maxHistory = 100_000
