package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/view"
	"github.com/haidang-noc/haidang/internal/obs"
)

// nation is the code under which one asks for what belongs to no province: the national systems.
const nation = "vn"

// asked is what one request may show.
type asked struct {
	*view.Result
	who  *principal.Principal
	code string // of a province, or nation; empty: all that the caller may see
}

// ask answers the request itself, and says so, if there is nothing to show to the caller.
func (d Deps) ask(w http.ResponseWriter, r *http.Request, code string) (asked, bool) {
	a := asked{d.Latest(), principal.From(r.Context()), code}
	switch {
	case code != "" && !a.who.MaySee(provinceOf(code)):
		principal.WriteError(w, http.StatusForbidden, "province "+code+" is not among yours")
	case a.Result == nil:
		principal.WriteError(w, http.StatusServiceUnavailable, "no KPIs are computed yet")
	case code != "" && code != nation && code != kpi.UnknownProvince && a.Inventory.Province(code, a.At.Unix()) == nil:
		principal.WriteError(w, http.StatusNotFound, "there is no province "+code)
	default:
		return a, true
	}
	return a, false
}

// provinceOf is the province that a code stands for: none for the nation's own.
func provinceOf(code string) string {
	if code == nation {
		return ""
	}
	return code
}

// shows says whether something of these provinces, or of none, is among what was asked for.
func (a asked) shows(provinces ...string) bool {
	if len(provinces) == 0 {
		provinces = []string{""}
	}
	return slices.ContainsFunc(provinces, func(p string) bool {
		return (a.code == "" || p == provinceOf(a.code)) && a.who.MaySee(p)
	})
}

// province shows every device of one province to Prometheus.
func (d Deps) province(w http.ResponseWriter, r *http.Request) {
	a, ok := d.ask(w, r, r.PathValue("code"))
	if !ok {
		return
	}
	seconds := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "haidang_device_state_seconds",
		Help: "Seconds of the month to date that the device spent in each state."}, []string{"device", "province", "system", "state"})
	for i := range a.Entities {
		e := &a.Entities[i]
		if e.Level != kpi.LevelDevice || !a.shows(e.Province) {
			continue
		}
		name := strings.ToValidUTF8(e.Name, "\uFFFD") // an unknown device may call itself anything
		for state, v := range map[string]int64{"up": e.Sums.Up, "down": e.Sums.Down, "unknown": e.Sums.Unknown,
			"maintenance": e.Sums.MaintDown + e.Sums.MaintUnknown, "excluded": e.Sums.Excluded} {
			seconds.WithLabelValues(name, a.code, string(e.System), state).Set(float64(v))
		}
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(seconds)
	obs.Handler(reg).ServeHTTP(w, r)
}

// outage is one failure of the month.
type outage struct {
	Level     kpi.Level       `json:"level"`
	Name      string          `json:"name"`
	Provinces []string        `json:"provinces"`
	System    model.System    `json:"system,omitempty"`
	Class     model.LinkClass `json:"class,omitempty"`
	From      time.Time       `json:"from"`
	To        time.Time       `json:"to"`
	Open      bool            `json:"open"` // it goes on
	Seconds   int64           `json:"seconds"`
	Planned   int64           `json:"planned_seconds"` // that windows took out of it
	Windows   []string        `json:"windows"`
}

// outages lists the month's outages.
func (d Deps) outages(w http.ResponseWriter, r *http.Request) {
	a, ok := d.ask(w, r, r.URL.Query().Get("province"))
	if !ok {
		return
	}
	out := []outage{}
	for i := range a.Outages {
		o := &a.Outages[i]
		provinces := o.Provinces
		if o.Province != "" {
			provinces = []string{o.Province}
		}
		if a.shows(provinces...) {
			out = append(out, outage{Level: o.Level, Name: o.Name, Provinces: list(provinces), System: o.System, Class: o.Class,
				From: local(o.From), To: local(o.To), Open: o.Open, Seconds: o.Seconds, Planned: o.Planned, Windows: list(o.Windows)})
		}
	}
	d.json(w, out)
}

// link is one link's load in the month.
type link struct {
	Link         string          `json:"link"`
	Class        model.LinkClass `json:"class"`
	Device       string          `json:"device"`
	IfName       string          `json:"ifname"`
	Provinces    []string        `json:"provinces"`
	CapacityMbps int64           `json:"capacity_mbps"`
	P95          *float64        `json:"p95_ratio"` // of the busier direction; null: no sample
	Coverage     *float64        `json:"coverage_ratio"`
	Congested    bool            `json:"congested"`
	NotEvaluated kpi.Reason      `json:"not_evaluated,omitempty"`
}

// links lists the month's links with their utilisation.
func (d Deps) links(w http.ResponseWriter, r *http.Request) {
	a, ok := d.ask(w, r, r.URL.Query().Get("province"))
	if !ok {
		return
	}
	out := []link{}
	for i := range a.Links {
		l := &a.Links[i]
		if a.shows(l.Provinces...) {
			out = append(out, link{Link: l.Link, Class: l.Class, Device: l.Port.Device, IfName: l.Port.IfName, Provinces: list(l.Provinces),
				CapacityMbps: l.CapacityMbps, P95: number(l.P95 >= 0, float64(l.P95)/1000), Coverage: number(l.Coverage.Valid(), l.Coverage.Float()),
				Congested: l.Congested, NotEvaluated: l.NotEvaluated})
		}
	}
	d.json(w, out)
}

func local(sec int64) time.Time { return time.Unix(sec, 0).In(model.Local) }

// list is never null in JSON.
func list(s []string) []string { return append([]string{}, s...) }

// number is null in JSON where there is none.
func number(ok bool, v float64) *float64 {
	if !ok {
		return nil
	}
	return &v
}

func (d Deps) json(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		d.Log.Debug().Err(err).Msg("answer not delivered")
	}
}
