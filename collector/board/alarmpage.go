package board

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/view"
)

// openAlarms are the open alarms within the caller's provinces.
func (b *Board) openAlarms(who *principal.Principal) []alarm.Alarm {
	return b.Alarms.List(alarm.Filter{Visible: visible(who)})
}

// visible says whether the caller sees something of an alarm's provinces.
func visible(who *principal.Principal) func([]string) bool {
	return func(provinces []string) bool { return maySee(who, provinces...) }
}

// alarmsPage is the list of alarms with its filters.
type alarmsPage struct {
	Text, State string
	States      []string
	Rows        []row
	More        int
}

// states of the filter; the first one is what shows without.
func filterStates() []string {
	return []string{"active", "unacknowledged", "acknowledged", "flapping", "maintenance", "suppressed"}
}

func (b *Board) alarmList(v *visit) error {
	r, err := b.latest()
	if err != nil {
		return err
	}
	q := v.r.URL.Query()
	p := &alarmsPage{Text: clip(q.Get("q"), maxQuery), State: q.Get("state"), States: filterStates()}
	for _, a := range b.Alarms.List(alarm.Filter{Visible: visible(v.who), Text: p.Text, State: p.State}) {
		p.Rows = append(p.Rows, rowOf(r, a))
	}
	if p.More = len(p.Rows) - 5*maxRows; p.More > 0 {
		p.Rows = p.Rows[:5*maxRows]
	}
	return b.show(v, http.StatusOK, "alarms", v.words.Say("alarms.title"), p)
}

// alarmPage is one alarm with all that belongs to it.
type alarmPage struct {
	row
	Dependants []dependant
	Events     []alarm.Event
	Open       bool
	Mine       bool // the caller has it
	Problem    string
}

// dependant is one thing beneath the alarm; of one outside the caller's provinces nothing is said.
type dependant struct {
	alarm.Dependant
	Names names
	Place names
}

func (b *Board) alarmPage(v *visit) error { return b.showAlarm(v, http.StatusOK, "") }

func (b *Board) showAlarm(v *visit, status int, problem string) error {
	r, err := b.latest()
	if err != nil {
		return err
	}
	d, err := b.alarmOf(v)
	if err != nil {
		return err
	}
	p := &alarmPage{row: rowOf(r, d.Alarm), Events: d.Events, Open: d.State != alarm.Over, Problem: problem}
	p.Mine = d.Owner == v.who.Name
	p.Dependants = dependants(r, v.who, d.Dependants)
	return b.show(v, status, "alarm", d.Name, p)
}

func dependants(r *view.Result, who *principal.Principal, all []alarm.Dependant) []dependant {
	var out []dependant
	for _, d := range all {
		if !who.MaySee(d.Province) {
			continue
		}
		x := dependant{Dependant: d, Place: provinceNames(r, d.Province)}
		if d.System != "" {
			x.Names = systemNames(r, d.System)
		}
		out = append(out, x)
	}
	return out
}

// alarmOf is the alarm that the address names, if the caller may see it.
func (b *Board) alarmOf(v *visit) (alarm.Detail, error) {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return alarm.Detail{}, refuse(http.StatusNotFound, "error.alarm", v.r.PathValue("id"))
	}
	d, err := b.Alarms.Get(v.r.Context(), id)
	switch {
	case errors.Is(err, alarm.ErrUnknown):
		return d, refuse(http.StatusNotFound, "error.alarm", v.r.PathValue("id"))
	case err != nil:
		return d, err
	case !maySee(v.who, d.Provinces...):
		return d, refuse(http.StatusForbidden, "error.scope", strings.Join(d.Provinces, " "))
	}
	return d, nil
}

// actOn does to an alarm what the address says, for the caller, and notes it.
func (b *Board) actOn(v *visit) error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	if err := v.r.ParseForm(); err != nil {
		return refuse(http.StatusBadRequest, "error.form")
	}
	d, err := b.alarmOf(v)
	if err != nil {
		return err
	}
	act, text := v.r.PathValue("act"), strings.TrimSpace(v.r.PostForm.Get("text"))
	if err := b.note(v, "alarm_"+act, strconv.FormatInt(d.ID, 10)+" "+d.Name, text); err != nil {
		return err
	}
	err = b.change(v, d.ID, act, text)
	switch {
	case errors.Is(err, alarm.ErrNotOpen):
		return b.showAlarm(v, http.StatusConflict, v.words.Say("error.closed"))
	case errors.Is(err, alarm.ErrText):
		return b.showAlarm(v, http.StatusBadRequest, v.words.Say("error.text"))
	case err != nil:
		return err
	}
	http.Redirect(v.w, v.r, "/alarm/"+strconv.FormatInt(d.ID, 10), http.StatusSeeOther)
	return nil
}

func (b *Board) change(v *visit, id int64, act, text string) (err error) {
	ctx, who := v.r.Context(), v.who.Name
	switch act {
	case "take": // it is seen, and the caller works on it
		if _, err = b.Alarms.Acknowledge(ctx, id, who, text); err == nil {
			_, err = b.Alarms.Assign(ctx, id, who, who)
		}
	case "acknowledge":
		_, err = b.Alarms.Acknowledge(ctx, id, who, text)
	case "assign":
		_, err = b.Alarms.Assign(ctx, id, who, text)
	case "note":
		_, err = b.Alarms.Note(ctx, id, who, text)
	default:
		return refuse(http.StatusNotFound, "error.form")
	}
	return err
}
