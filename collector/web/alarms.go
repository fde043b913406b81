package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/principal"
)

// alarmRoutes adds what concerns alarms: everybody sees those of their provinces, operators act on them.
func (d Deps) alarmRoutes(mux *http.ServeMux, viewer, operator func(http.HandlerFunc) http.Handler) {
	mux.Handle("GET /api/v1/alarms", viewer(d.alarms))
	mux.Handle("GET /api/v1/alarms/{id}", viewer(d.oneAlarm))
	mux.Handle("GET /api/v1/alarms/history", viewer(d.alarmHistory))
	mux.Handle("GET /api/v1/alarms/handover", viewer(d.handover))
	mux.Handle("GET /api/v1/alarms/stream", viewer(d.alarmStream))
	mux.Handle("POST /api/v1/alarms/{id}/acknowledge", operator(d.act(d.Alarms.Acknowledge)))
	mux.Handle("POST /api/v1/alarms/{id}/assign", operator(d.act(d.Alarms.Assign)))
	mux.Handle("POST /api/v1/alarms/{id}/note", operator(d.act(d.Alarms.Note)))
}

// alarmList is a part of the alarms that were asked for.
type alarmList struct {
	Total  int           `json:"total"`
	Alarms []alarm.Alarm `json:"alarms"`
}

const (
	defaultAlarms = 1000
	mostAlarms    = 10_000
)

// alarms lists the open alarms, the worst first.
func (d Deps) alarms(w http.ResponseWriter, r *http.Request) {
	f, limit, ok := d.alarmFilter(w, r)
	if !ok {
		return
	}
	all := d.Alarms.List(f)
	skip, err := whole(r, "offset", 0)
	if err != nil {
		principal.WriteError(w, http.StatusBadRequest, err.Error())
		return
	}
	page := all[min(skip, len(all)):]
	d.alarmPage(w, r, alarmList{len(all), page[:min(limit, len(page))]})
}

// alarmHistory lists alarms that were cleared in a time, by default the last day, the latest first.
func (d Deps) alarmHistory(w http.ResponseWriter, r *http.Request) {
	f, limit, ok := d.alarmFilter(w, r)
	if !ok {
		return
	}
	from, to, err := lastHours(r, 24)
	if err != nil {
		principal.WriteError(w, http.StatusBadRequest, err.Error())
		return
	}
	all, err := d.Alarms.History(r.Context(), from, to, f, limit)
	if err != nil {
		d.noAlarm(w, err)
		return
	}
	d.alarmPage(w, r, alarmList{len(all), all})
}

func (d Deps) alarmPage(w http.ResponseWriter, r *http.Request, l alarmList) {
	if r.URL.Query().Get("format") == "csv" {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="alarms.csv"`)
		if err := alarm.WriteCSV(w, l.Alarms); err != nil {
			d.Log.Debug().Err(err).Msg("answer not delivered")
		}
		return
	}
	d.json(w, l)
}

// alarmFilter reads what of the alarms is wanted, within what the caller may see. It answers the request
// itself, and says so, if that is nothing.
func (d Deps) alarmFilter(w http.ResponseWriter, r *http.Request) (f alarm.Filter, limit int, ok bool) {
	q, who := r.URL.Query(), principal.From(r.Context())
	f = alarm.Filter{Province: q.Get("province"), State: q.Get("state"), Text: q.Get("text"), Visible: sees(who)}
	for _, s := range split(q.Get("severity")) {
		f.Severity = append(f.Severity, alarm.Severity(s))
	}
	for _, c := range split(q.Get("cause")) {
		f.Cause = append(f.Cause, alarm.Cause(c))
	}
	if f.Province != "" && !who.MaySee(provinceOf(f.Province)) {
		principal.WriteError(w, http.StatusForbidden, "province "+f.Province+" is not among yours")
		return f, 0, false
	}
	err := f.Validate()
	if err == nil {
		limit, err = whole(r, "limit", defaultAlarms)
	}
	if err != nil {
		principal.WriteError(w, http.StatusBadRequest, err.Error())
		return f, 0, false
	}
	return f, min(limit, mostAlarms), true
}

// sees says whether the caller may see something of these provinces; of none: of the nation's own.
func sees(who *principal.Principal) func([]string) bool {
	return func(provinces []string) bool {
		if len(provinces) == 0 {
			return who.MaySee("")
		}
		return slices.ContainsFunc(provinces, who.MaySee)
	}
}

func split(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' })
}

// whole reads a number that is not negative.
func whole(r *http.Request, key string, without int) (int, error) {
	text := r.URL.Query().Get(key)
	if text == "" {
		return without, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s: want a number from 0 on", key)
	}
	return n, nil
}

// lastHours reads from and to; without them it is the last hours until now.
func lastHours(r *http.Request, hours int) (from, to time.Time, err error) {
	first, last, err := period(r)
	if err != nil {
		return from, to, err
	}
	if last == forever {
		last = time.Now().Unix()
	}
	if first == 0 {
		first = last - int64(hours)*3600
	}
	return local(first), local(last), nil
}

// oneAlarm shows an alarm with what is beneath it, as far as the caller may see that, and its events.
func (d Deps) oneAlarm(w http.ResponseWriter, r *http.Request) {
	a, err := d.visible(r)
	if err != nil {
		d.noAlarm(w, err)
		return
	}
	who := principal.From(r.Context())
	a.Dependants = slices.DeleteFunc(a.Dependants, func(x alarm.Dependant) bool { return !who.MaySee(x.Province) })
	d.json(w, a)
}

// visible is the alarm that the path names; one that the caller may not see is unknown.
func (d Deps) visible(r *http.Request) (alarm.Detail, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return alarm.Detail{}, alarm.ErrUnknown
	}
	a, err := d.Alarms.Get(r.Context(), id)
	if err == nil && !sees(principal.From(r.Context()))(a.Provinces) {
		err = alarm.ErrUnknown
	}
	return a, err
}

// act makes a handler of something that an operator does to an alarm.
func (d Deps) act(do func(ctx context.Context, id int64, who, text string) (alarm.Alarm, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var said struct {
			Text string `json:"text"`
		}
		if !d.read(w, r, &said) {
			return
		}
		a, err := d.visible(r)
		if err != nil {
			d.noAlarm(w, err)
			return
		}
		changed, err := do(r.Context(), a.ID, principal.From(r.Context()).Name, said.Text)
		if err != nil {
			d.noAlarm(w, err)
			return
		}
		d.json(w, changed)
	}
}

// noAlarm tells why something was not done.
func (d Deps) noAlarm(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, alarm.ErrUnknown):
		principal.WriteError(w, http.StatusNotFound, err.Error())
	case errors.Is(err, alarm.ErrNotOpen):
		principal.WriteError(w, http.StatusConflict, err.Error())
	case errors.Is(err, alarm.ErrText):
		principal.WriteError(w, http.StatusBadRequest, err.Error())
	default:
		d.Log.Error().Err(err).Msg("the alarm engine does not answer")
		principal.WriteError(w, http.StatusServiceUnavailable, "the alarm engine does not answer")
	}
}

// handover is what the shift that ends hands to the next one, by default the last eight hours.
func (d Deps) handover(w http.ResponseWriter, r *http.Request) {
	f, _, ok := d.alarmFilter(w, r)
	if !ok {
		return
	}
	from, to, err := lastHours(r, 8)
	if err != nil {
		principal.WriteError(w, http.StatusBadRequest, err.Error())
		return
	}
	sheet, err := d.Alarms.Handover(r.Context(), from, to, f)
	switch {
	case err != nil:
		d.noAlarm(w, err)
	case r.URL.Query().Get("format") == "text":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if _, err := sheet.WriteTo(w); err != nil {
			d.Log.Debug().Err(err).Msg("answer not delivered")
		}
	default:
		d.json(w, sheet)
	}
}

// lastSeen is the last event that a listener has: what the browser repeats when it connects again.
func lastSeen(r *http.Request) (int64, error) {
	text := cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("after"))
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, errors.New("Last-Event-ID: want a number")
	}
	return n, nil
}
