package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/haidang-noc/haidang/collector/maintenance"
	"github.com/haidang-noc/haidang/collector/principal"
)

// window is one maintenance window as the API tells it.
type window struct {
	ID         string     `json:"id"`
	Source     string     `json:"source"` // file, or register: entered while the collector ran
	Scope      string     `json:"scope"`
	Start      time.Time  `json:"start"`
	End        time.Time  `json:"end"`
	Reason     string     `json:"reason"`
	State      string     `json:"state"`           // proposed, approved, cancelled
	Planned    bool       `json:"planned"`         // approved before it starts: reclassifies down time
	Late       bool       `json:"late_registered"` // begun or approved, and not planned: shown, without effect
	CreatedBy  string     `json:"created_by"`
	CreatedAt  *time.Time `json:"created_at"`
	ApprovedBy string     `json:"approved_by"`
	ApprovedAt *time.Time `json:"approved_at"`
	Override   string     `json:"freeze_override"` // why it may go on in a change freeze
	Frozen     []string   `json:"frozen_by"`       // change freezes that take something from it
	Trail      []step     `json:"trail"`
}

// step is one event of a window's history.
type step struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Action string    `json:"action"` // proposed, approved, cancelled
	Note   string    `json:"note"`
}

func windowOf(e maintenance.Entry, now time.Time) window {
	w := window{ID: e.ID, Source: e.Source, Scope: e.Scope().String(), Start: local(e.Start), End: local(e.End), Reason: e.Reason, State: e.State,
		Planned: e.Planned() && !e.Void(), Late: !e.Planned() && !e.Void() && (e.ApprovedAt != 0 || e.Start <= now.Unix()), CreatedBy: e.CreatedBy,
		CreatedAt: instant(e.CreatedAt), ApprovedBy: e.ApprovedBy, ApprovedAt: instant(e.ApprovedAt), Override: e.Override, Frozen: list(e.Frozen), Trail: []step{}}
	for _, s := range e.Trail {
		w.Trail = append(w.Trail, step{local(s.At), s.By, s.Action, s.Note})
	}
	return w
}

// instant is null in JSON where there is none.
func instant(sec int64) *time.Time {
	if sec == 0 {
		return nil
	}
	t := local(sec)
	return &t
}

// windows lists the maintenance windows that the caller may see, by start; with from and to (RFC 3339)
// only those that touch that time.
func (d Deps) windows(w http.ResponseWriter, r *http.Request) {
	from, to, err := period(r)
	if err != nil {
		principal.WriteError(w, http.StatusBadRequest, err.Error())
		return
	}
	all, err := d.Maintenance.List(r.Context())
	if err != nil {
		d.refuse(w, err)
		return
	}
	out := []window{}
	for _, e := range all {
		if e.End > from && e.Start < to && d.Maintenance.Sees(actor(r), &e) {
			out = append(out, windowOf(e, d.Maintenance.Now()))
		}
	}
	d.json(w, out)
}

// forever ends a period without an end.
const forever = 1 << 62

// period reads from and to; what is left out is open.
func period(r *http.Request) (from, to int64, err error) {
	bounds := [2]int64{0, forever}
	for i, key := range []string{"from", "to"} {
		text := r.URL.Query().Get(key)
		if text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return 0, 0, fmt.Errorf("%s: want a time as 2026-10-01T22:00:00+07:00", key)
		}
		bounds[i] = t.Unix()
	}
	return bounds[0], bounds[1], nil
}

// oneWindow shows one window.
func (d Deps) oneWindow(w http.ResponseWriter, r *http.Request) {
	e, err := d.Maintenance.Find(r.Context(), r.PathValue("id"))
	if err == nil && !d.Maintenance.Sees(actor(r), &e) {
		err = fmt.Errorf("%w: %s", maintenance.ErrNotFound, r.PathValue("id"))
	}
	d.answer(w, r, http.StatusOK, e, err)
}

// wish is a window that somebody proposes.
type wish struct {
	ID       string    `json:"id"` // empty: the register makes one
	Scope    string    `json:"scope"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Reason   string    `json:"reason"`
	Override string    `json:"freeze_override"`
}

// maxWish bounds what is read of a caller's body.
const maxWish = 16 << 10

// propose enters a window.
func (d Deps) propose(w http.ResponseWriter, r *http.Request) {
	var q wish
	if !d.read(w, r, &q) {
		return
	}
	e, err := d.Maintenance.Propose(r.Context(), actor(r), maintenance.Request{ID: q.ID, Scope: q.Scope, Start: q.Start.Unix(), End: q.End.Unix(),
		Reason: q.Reason, Override: q.Override})
	d.answer(w, r, http.StatusCreated, e, err)
}

// approve approves a proposed window.
func (d Deps) approve(w http.ResponseWriter, r *http.Request) { d.step(w, r, d.Maintenance.Approve) }

// cancel ends a window.
func (d Deps) cancel(w http.ResponseWriter, r *http.Request) { d.step(w, r, d.Maintenance.Cancel) }

// act is a step of a window's life.
type act func(ctx context.Context, by maintenance.Actor, id, note string) (maintenance.Entry, error)

func (d Deps) step(w http.ResponseWriter, r *http.Request, do act) {
	var said struct {
		Note string `json:"note"`
	}
	if !d.read(w, r, &said) {
		return
	}
	e, err := do(r.Context(), actor(r), r.PathValue("id"), said.Note)
	d.answer(w, r, http.StatusOK, e, err)
}

// actor is the caller as the register knows it.
func actor(r *http.Request) maintenance.Actor {
	who := principal.From(r.Context())
	return maintenance.Actor{Name: who.Name, May: who.MaySee}
}

// read reads a JSON body strictly; an empty one leaves into as it is. It answers the request itself,
// and says so, if it cannot be read.
func (d Deps) read(w http.ResponseWriter, r *http.Request, into any) bool {
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxWish))
	body.DisallowUnknownFields()
	if err := body.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		principal.WriteError(w, http.StatusBadRequest, "body: "+err.Error())
		return false
	}
	return true
}

// answer tells what became of a window, or why nothing did. What changed takes effect before the caller
// knows of it.
func (d Deps) answer(w http.ResponseWriter, r *http.Request, status int, e maintenance.Entry, err error) {
	if err == nil && r.Method == http.MethodPost {
		d.Log.Info().Str("window", e.ID).Str("state", e.State).Str("by", actor(r).Name).Msg("maintenance window")
		err = d.Replan(r.Context())
	}
	if err != nil {
		d.refuse(w, err)
		return
	}
	body, err := json.Marshal(windowOf(e, d.Maintenance.Now()))
	if err != nil {
		d.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a caller that has gone needs no answer
}

// refuse tells why something was not done.
func (d Deps) refuse(w http.ResponseWriter, err error) {
	for reason, status := range map[error]int{maintenance.ErrInvalid: http.StatusBadRequest, maintenance.ErrNotFound: http.StatusNotFound,
		maintenance.ErrConflict: http.StatusConflict, maintenance.ErrForbidden: http.StatusForbidden} {
		if errors.Is(err, reason) {
			principal.WriteError(w, status, err.Error())
			return
		}
	}
	d.Log.Error().Err(err).Msg("the maintenance register does not answer")
	principal.WriteError(w, http.StatusServiceUnavailable, "the maintenance register does not answer")
}
