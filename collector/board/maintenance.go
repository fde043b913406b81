package board

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/maintenance"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/view"
)

// maintenancePage is the register of windows and the form for a new one.
type maintenancePage struct {
	Form    windowForm
	Problem string
	Running []windowRow
	Coming  []windowRow
	Past    []windowRow
	Systems []systemName
	Places  []*model.Province
}

// windowForm is what somebody typed.
type windowForm struct{ Kind, Key, Start, End, Reason, Override string }

// windowRow is one window of a list.
type windowRow struct {
	maintenance.Entry
	Covers  string
	State   string // key of the words
	Approve bool   // the caller may
	Cancel  bool
}

type systemName struct {
	Key   string
	Names names
}

// maxPast is how many windows that are over are listed.
const maxPast = 50

// actor is the caller for the register.
func (v *visit) actor() maintenance.Actor {
	return maintenance.Actor{Name: v.who.Name, May: v.who.MaySee}
}

func (b *Board) windows(v *visit) error {
	tomorrow := b.Now().In(model.Local).AddDate(0, 0, 1).Format("2006-01-02")
	return b.showWindows(v, http.StatusOK, windowForm{Kind: "device", Start: tomorrow + "T01:00", End: tomorrow + "T04:00"}, "")
}

func (b *Board) showWindows(v *visit, status int, form windowForm, problem string) error {
	r, err := b.latest()
	if err != nil {
		return err
	}
	all, err := b.Windows.List(v.r.Context())
	if err != nil {
		return err
	}
	p := &maintenancePage{Form: form, Problem: problem, Places: units(r, v.who)}
	now := b.Now().Unix()
	for _, e := range all {
		if !b.Windows.Sees(v.actor(), &e) {
			continue
		}
		switch x := windowRowOf(r, v, e, now, b.Windows.FourEyes); {
		case e.End <= now:
			p.Past = append(p.Past, x)
		case e.Start <= now:
			p.Running = append(p.Running, x)
		default:
			p.Coming = append(p.Coming, x)
		}
	}
	slices.Reverse(p.Past)
	p.Past = p.Past[:min(len(p.Past), maxPast)]
	for s := range r.Inventory.Targets.Availability {
		p.Systems = append(p.Systems, systemName{string(s), systemNames(r, s)})
	}
	slices.SortFunc(p.Systems, func(a, b systemName) int { return strings.Compare(a.Key, b.Key) })
	return b.show(v, status, "maintenance", v.words.Say("nav.maintenance"), p)
}

func windowRowOf(r *view.Result, v *visit, e maintenance.Entry, now int64, fourEyes bool) windowRow {
	x := windowRow{Entry: e, Covers: e.Scope().String(), State: "window." + e.State}
	switch {
	case e.State == maintenance.Approved && !e.Planned():
		x.State = "window.late"
	case e.State == maintenance.Proposed && e.Start <= now:
		x.State = "window.missed"
	}
	if e.Kind == model.ScopeProvince {
		x.Covers = provinceNames(r, e.Key).in(v.words)
	}
	own := e.Source == maintenance.Register && e.End > now
	x.Approve = own && e.State == maintenance.Proposed && v.who.Role.Covers(principal.Approver) && (!fourEyes || e.CreatedBy != v.who.Name)
	x.Cancel = own && e.State != maintenance.Cancelled && v.who.Role.Covers(principal.Operator)
	return x
}

// propose enters a window. Only another person's approval makes it count.
func (b *Board) propose(v *visit) error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	if err := v.r.ParseForm(); err != nil {
		return refuse(http.StatusBadRequest, "error.form")
	}
	get := func(name string) string { return strings.TrimSpace(v.r.PostForm.Get(name)) }
	form := windowForm{get("kind"), get("key"), get("start"), get("end"), get("reason"), get("override")}
	start, err1 := time.ParseInLocation("2006-01-02T15:04", form.Start, model.Local)
	end, err2 := time.ParseInLocation("2006-01-02T15:04", form.End, model.Local)
	if err1 != nil || err2 != nil {
		return b.showWindows(v, http.StatusBadRequest, form, v.words.Say("window.times"))
	}
	scope := form.Kind + ":" + form.Key
	if err := b.note(v, "window_propose", scope, form.Reason); err != nil {
		return err
	}
	_, err := b.Windows.Propose(v.r.Context(), v.actor(), maintenance.Request{Scope: scope, Start: start.Unix(), End: end.Unix(), Reason: form.Reason, Override: form.Override})
	if status, known := windowStatus(err); known {
		return b.showWindows(v, status, form, err.Error())
	}
	if err != nil {
		return err
	}
	if err := b.Replan(v.r.Context()); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, "/maintenance", http.StatusSeeOther)
	return nil
}

func (b *Board) approveWindow(v *visit) error {
	return b.stepWindow(v, "window_approve", b.Windows.Approve)
}

func (b *Board) cancelWindow(v *visit) error {
	return b.stepWindow(v, "window_cancel", b.Windows.Cancel)
}

func (b *Board) stepWindow(v *visit, action string, step func(context.Context, maintenance.Actor, string, string) (maintenance.Entry, error)) error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	if err := v.r.ParseForm(); err != nil {
		return refuse(http.StatusBadRequest, "error.form")
	}
	id := v.r.PathValue("id")
	if err := b.note(v, action, id, ""); err != nil {
		return err
	}
	_, err := step(v.r.Context(), v.actor(), id, strings.TrimSpace(v.r.PostForm.Get("note")))
	if status, known := windowStatus(err); known {
		return b.showWindows(v, status, windowForm{}, err.Error())
	}
	if err != nil {
		return err
	}
	if err := b.Replan(v.r.Context()); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, "/maintenance", http.StatusSeeOther)
	return nil
}

// windowStatus is the answer for what the register refuses.
func windowStatus(err error) (status int, known bool) {
	switch {
	case errors.Is(err, maintenance.ErrInvalid):
		return http.StatusBadRequest, true
	case errors.Is(err, maintenance.ErrNotFound):
		return http.StatusNotFound, true
	case errors.Is(err, maintenance.ErrConflict):
		return http.StatusConflict, true
	case errors.Is(err, maintenance.ErrForbidden):
		return http.StatusForbidden, true
	}
	return 0, false
}
