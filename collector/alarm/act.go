package alarm

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"
)

// MaxText is the longest remark, in characters.
const MaxText = 2000

// ErrText says that a remark is too long, empty where there must be one, or no text.
var ErrText = errors.New("want a text of at most 2000 characters")

// Acknowledge says that somebody has seen an alarm. Acknowledging it again replaces who has.
func (e *Engine) Acknowledge(ctx context.Context, id int64, who, text string) (Alarm, error) {
	return e.act(ctx, id, Event{Kind: Acknowledged, Who: who, Text: text}, func(a *Alarm, r Remark) error {
		a.Acknowledged = &r
		return nil
	})
}

// Assign says who works on an alarm; an empty owner: nobody.
func (e *Engine) Assign(ctx context.Context, id int64, who, owner string) (Alarm, error) {
	return e.act(ctx, id, Event{Kind: Assigned, Who: who, Text: owner}, func(a *Alarm, _ Remark) error {
		a.Owner = owner
		return nil
	})
}

// Note adds a remark to an alarm.
func (e *Engine) Note(ctx context.Context, id int64, who, text string) (Alarm, error) {
	return e.act(ctx, id, Event{Kind: Noted, Who: who, Text: text}, func(a *Alarm, r Remark) error {
		if strings.TrimSpace(text) == "" || len(a.Notes) >= maxNotes {
			return ErrText
		}
		a.Notes = append(a.Notes, r)
		return nil
	})
}

// act changes an open alarm for somebody. It returns when the change is durable, or with the error that
// kept it from being so; then it is tried again with every round.
func (e *Engine) act(ctx context.Context, id int64, ev Event, change func(*Alarm, Remark) error) (out Alarm, err error) {
	if utf8.RuneCountInString(ev.Text) > MaxText || !utf8.ValidString(ev.Text) {
		return out, ErrText
	}
	err = e.ask(ctx, func() error {
		if e.book == nil {
			return ErrNotOpen
		}
		a := e.book.find(id)
		if a == nil {
			return ErrNotOpen
		}
		now := e.now()
		draft := e.book.draft(a)
		if err := change(draft, Remark{ev.Who, now, ev.Text}); err != nil {
			return err
		}
		noted := e.book.note(draft, ev.Kind, now)
		noted.Who, noted.Text = ev.Who, ev.Text
		e.finish(ctx)
		out = *draft
		if len(e.book.unsaved) > 0 {
			return errors.New("the store does not take it now")
		}
		return nil
	})
	return out, err
}
