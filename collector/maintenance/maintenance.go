// Package maintenance keeps the register of maintenance windows: those of the operator's file and
// those that people propose, approve and cancel while the collector runs. Whether a window counts as
// planned is decided by the instants on record alone: approved before it starts.
package maintenance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
)

// The reasons for which the register refuses something; each error of its methods is one of them, or
// the store's.
var (
	ErrInvalid   = errors.New("not a window")
	ErrNotFound  = errors.New("no such window")
	ErrConflict  = errors.New("not possible now")
	ErrForbidden = errors.New("not allowed")
)

// The sources of a window.
const (
	File     = "file"     // maintenance.csv
	Register = "register" // entered while the collector ran
)

// The states of a window.
const (
	Proposed  = "proposed"
	Approved  = "approved"
	Cancelled = "cancelled"
)

// Actor is who does something. May says which provinces are theirs, "" standing for the nation; nil
// is all of them.
type Actor struct {
	Name string
	May  func(province string) bool
}

// Event is one step of a window's history.
type Event store.MaintenanceEvent

// Entry is one window of the register. Its End is where it really ends: cancelling a window that
// has begun cuts it short.
type Entry struct {
	model.Window
	Source    string
	State     string
	CreatedBy string
	Frozen    []string // the change freezes that take something from it, by start
	Trail     []Event  // of the register's own, the first step first
}

// Void says that the window never took effect: it was cancelled before it began.
func (e Entry) Void() bool { return e.Start >= e.End }

// Request is a window that somebody wants.
type Request struct {
	ID         string // empty: the register makes one
	Scope      string // device:X, site:X, province:X, system:X, link:X or composite:X
	Start, End int64
	Reason     string
	Override   string // why it has to go on in a change freeze; empty: it has not
}

// Deps are what a Book works with.
type Deps struct {
	Store    *store.Store
	Files    func() *inventory.Index // as the files are, without the register's own windows
	Now      func() time.Time
	FourEyes bool // who proposed a window may not approve it
}

// Book is the register. It is safe for concurrent use, also by several processes on one store.
type Book struct{ Deps }

// New opens the register.
func New(d Deps) *Book { return &Book{d} }

// List is every window of both sources, by start and id.
func (b *Book) List(ctx context.Context) ([]Entry, error) {
	return b.list(ctx, "")
}

// list is the windows of this id, or all.
func (b *Book) list(ctx context.Context, id string) ([]Entry, error) {
	all, err := entries(ctx, b.Store, id)
	if err != nil {
		return nil, err
	}
	for _, w := range b.Files().Windows {
		if id == "" || w.ID == id {
			all = append(all, ofFile(w))
		}
	}
	for i := range all {
		all[i].Frozen = b.frozen(&all[i].Window)
	}
	slices.SortStableFunc(all, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), strings.Compare(a.ID, b.ID))
	})
	return all, nil
}

func (b *Book) frozen(w *model.Window) (ids []string) {
	for _, f := range b.Files().Frozen(w) {
		ids = append(ids, f.ID)
	}
	return ids
}

func ofFile(w model.Window) Entry {
	e := Entry{Window: w, Source: File, State: Proposed, Trail: []Event{}}
	if w.ApprovedAt != 0 {
		e.State = Approved
	}
	return e
}

// Find is the window of this id, or ErrNotFound.
func (b *Book) Find(ctx context.Context, id string) (Entry, error) {
	if id == "" {
		return Entry{}, fmt.Errorf("%w: it has no id", ErrNotFound)
	}
	all, err := b.list(ctx, id)
	if err != nil {
		return Entry{}, err
	}
	if len(all) == 0 {
		return Entry{}, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return all[0], nil
}

// entries reads the windows that were entered into the store: the one of this id, or all.
func entries(ctx context.Context, s *store.Store, id string) ([]Entry, error) {
	rows, err := s.MaintenanceWindows(ctx, id)
	if err != nil {
		return nil, err
	}
	all := make([]Entry, 0, len(rows))
	for _, w := range rows {
		e, err := entered(w)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// Windows are the entered windows that take effect, for the plan.
func Windows(ctx context.Context, s *store.Store) ([]model.Window, error) {
	all, err := entries(ctx, s, "")
	if err != nil {
		return nil, err
	}
	var out []model.Window
	for _, e := range all {
		if !e.Void() {
			out = append(out, e.Window)
		}
	}
	return out, nil
}

// entered tells what a window is from its history.
func entered(w store.MaintenanceWindow) (Entry, error) {
	scope, err := inventory.ParseScope(w.Scope)
	if err != nil {
		return Entry{}, fmt.Errorf("maintenance: window %s: %w", w.ID, err)
	}
	e := Entry{Source: Register, Window: model.Window{ID: w.ID, Kind: scope.Kind, Key: scope.Key, Start: w.Start, End: w.End,
		Reason: w.Reason, Override: w.Override}}
	for _, step := range w.Events {
		e.Trail = append(e.Trail, Event(step))
		switch e.State = step.Action; step.Action {
		case Proposed:
			e.CreatedBy, e.CreatedAt = step.By, step.At
		case Approved:
			e.ApprovedBy, e.ApprovedAt = step.By, step.At
		case Cancelled:
			e.End = max(min(e.End, step.At), e.Start)
			if e.ApprovedAt == 0 {
				e.End = e.Start
			}
		}
	}
	return e, nil
}
