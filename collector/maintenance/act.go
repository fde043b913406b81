package maintenance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
)

// longest is the most bytes that a name or a text of a window may have.
const longest = 500

// longestWindow keeps a slip of the year from hiding a year's outages.
const longestWindow = 31 * model.DaySeconds

// Propose enters a window, which has no effect until somebody approves it. It may lie in the past:
// then it will be shown as registered late.
func (b *Book) Propose(ctx context.Context, by Actor, q Request) (Entry, error) {
	w, err := b.check(by.Name, q)
	if err != nil {
		return Entry{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if err := b.owns(by, &w); err != nil {
		return Entry{}, err
	}
	row := store.MaintenanceWindow{ID: w.ID, Scope: w.Scope().String(), Start: w.Start, End: w.End, Reason: w.Reason, Override: w.Override}
	first := store.MaintenanceEvent{At: b.Now().Unix(), By: by.Name, Action: Proposed}
	for n := 1; ; n++ {
		if w.ID == "" {
			row.ID = fmt.Sprintf("MW-%s-%02d", time.Unix(w.Start, 0).In(model.Local).Format("20060102"), n)
		}
		taken := b.inFile(row.ID)
		if !taken {
			err = b.Store.AddWindow(ctx, row, first)
			taken = errors.Is(err, store.ErrWindowExists)
		}
		switch {
		case taken && w.ID != "":
			return Entry{}, fmt.Errorf("%w: id %s is used already", ErrConflict, w.ID)
		case taken:
			continue
		case err != nil:
			return Entry{}, err
		}
		return b.Find(ctx, row.ID)
	}
}

func (b *Book) inFile(id string) bool {
	for _, w := range b.Files().Windows {
		if w.ID == id {
			return true
		}
	}
	return false
}

// check reads a request and says what is wrong with it.
func (b *Book) check(by string, q Request) (model.Window, error) {
	for _, t := range []struct{ name, text string }{{"by", by}, {"id", q.ID}, {"reason", q.Reason}, {"override", q.Override}} {
		if why := unclean(t.text); why != "" {
			return model.Window{}, fmt.Errorf("%s %s", t.name, why)
		}
	}
	scope, err := inventory.ParseScope(q.Scope)
	if err != nil {
		return model.Window{}, fmt.Errorf("scope %w", err)
	}
	w := model.Window{ID: q.ID, Kind: scope.Kind, Key: scope.Key, Start: q.Start, End: q.End, Reason: q.Reason, Override: q.Override}
	switch {
	case by == "":
		return w, errors.New("by: want the name of who proposes it")
	case strings.ContainsAny(q.ID, "/ "):
		return w, errors.New("id: want no space and no /")
	case q.Reason == "":
		return w, errors.New("reason: want what will be done")
	case q.Start <= 0 || q.End <= q.Start:
		return w, errors.New("end: want an instant after start")
	case q.End-q.Start > longestWindow:
		return w, errors.New("end: want at most 31 days after start")
	}
	if err := b.Files().Aims(&w); err != nil {
		return w, fmt.Errorf("scope %w", err)
	}
	return w, nil
}

func unclean(s string) string {
	switch {
	case len(s) > longest:
		return fmt.Sprintf("has %d bytes: want at most %d", len(s), longest)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return "holds what is no text"
	case strings.TrimSpace(s) != s:
		return "has spaces at its edge"
	}
	return ""
}

// Approve approves a proposed window. After its start that is on record, but changes no number: the
// window is shown as registered late.
func (b *Book) Approve(ctx context.Context, by Actor, id, note string) (Entry, error) {
	return b.step(ctx, by, id, Event{Action: Approved, Note: note}, func(e Entry) error {
		switch {
		case e.State != Proposed:
			return fmt.Errorf("%w: %s is %s", ErrConflict, id, e.State)
		case b.FourEyes && e.CreatedBy == by.Name:
			return fmt.Errorf("%w: %s proposed %s: somebody else has to approve it", ErrForbidden, by.Name, id)
		}
		return nil
	})
}

// Cancel ends a window: one that has not begun never will, one that has begun ends now. One that is
// over stays as it is.
func (b *Book) Cancel(ctx context.Context, by Actor, id, note string) (Entry, error) {
	return b.step(ctx, by, id, Event{Action: Cancelled, Note: note}, func(e Entry) error {
		switch {
		case e.State == Cancelled:
			return fmt.Errorf("%w: %s is cancelled", ErrConflict, id)
		case e.End <= b.Now().Unix():
			return fmt.Errorf("%w: %s is over", ErrConflict, id)
		}
		return nil
	})
}

// step adds an event to one of the register's windows if allowed says so.
func (b *Book) step(ctx context.Context, by Actor, id string, step Event, allowed func(Entry) error) (Entry, error) {
	step.By, step.At = by.Name, b.Now().Unix()
	if err := step.check(); err != nil {
		return Entry{}, err
	}
	e, err := b.Find(ctx, id)
	switch {
	case err != nil:
		return Entry{}, err
	case e.Source == File:
		return Entry{}, fmt.Errorf("%w: %s stands in maintenance.csv: change it there", ErrConflict, id)
	}
	if err := errors.Join(b.owns(by, &e.Window), allowed(e)); err != nil {
		return Entry{}, err
	}
	err = b.Store.AddWindowEvent(ctx, id, len(e.Trail), store.MaintenanceEvent(step))
	if errors.Is(err, store.ErrWindowChanged) {
		err = fmt.Errorf("%w: %w", ErrConflict, err)
	}
	if err != nil {
		return Entry{}, err
	}
	return b.Find(ctx, id)
}

func (e Event) check() error {
	if e.By == "" {
		return fmt.Errorf("%w: by: want the name of who does it", ErrInvalid)
	}
	for _, text := range []string{e.By, e.Note} {
		if why := unclean(text); why != "" {
			return fmt.Errorf("%w: %.40q %s", ErrInvalid, text, why)
		}
	}
	return nil
}

// owns says whether everything that the window covers is the actor's.
func (b *Book) owns(by Actor, w *model.Window) error {
	if by.May == nil || by.May("") {
		return nil
	}
	for _, province := range b.Files().Touched(w) {
		if !by.May(province) {
			return fmt.Errorf("%w: %s covers more than the provinces of %s", ErrForbidden, w.Scope(), by.Name)
		}
	}
	return nil
}

// Sees says whether the window covers anything of the actor's.
func (b *Book) Sees(by Actor, e *Entry) bool {
	return by.May == nil || by.May("") || slices.ContainsFunc(b.Files().Touched(&e.Window), by.May)
}
