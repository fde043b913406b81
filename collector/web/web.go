// Package web is the collector's HTTP face: the write API, metrics, health, and the views of provinces.
// Whatever shows topology needs a viewer, and shows the viewer's provinces only.
package web

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/ingest"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/view"
	"github.com/haidang-noc/haidang/internal/obs"
)

// Deps are what the routes work with.
type Deps struct {
	Ingest     *ingest.Handler
	Principals *principal.Directory
	Latest     func() *view.Result
	Reload     func() error
	Ready      func() error
	Registry   *prometheus.Registry
	Log        zerolog.Logger
}

// New is the collector's HTTP handler.
func New(d Deps) http.Handler {
	mux := http.NewServeMux()
	d.Ingest.Register(mux)
	obs.Health(mux, d.Ready)
	mux.Handle("GET /metrics", obs.Handler(d.Registry))
	viewer := func(h http.HandlerFunc) http.Handler { return d.Principals.Require(principal.Viewer, h) }
	mux.Handle("GET /metrics/province/{code}", viewer(d.province))
	mux.Handle("GET /api/v1/outages", viewer(d.outages))
	mux.Handle("GET /api/v1/links", viewer(d.links))
	mux.Handle("POST /-/reload", d.Principals.Require(principal.Operator, http.HandlerFunc(d.reload)))
	return mux
}

func (d Deps) reload(w http.ResponseWriter, r *http.Request) {
	if err := d.Reload(); err != nil {
		d.Log.Error().Err(err).Msg("reload refused, everything stays as it was")
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	d.Log.Info().Str("by", principal.From(r.Context()).Name).Msg("inventory and principals reloaded")
	fmt.Fprintln(w, "reloaded")
}

// allowed answers the request itself if there is no result yet or the caller may not see the province.
func (d Deps) allowed(w http.ResponseWriter, r *http.Request, province string) *view.Result {
	switch result := d.Latest(); {
	case province != "" && !principal.From(r.Context()).MaySee(province):
		principal.WriteError(w, http.StatusForbidden, "province "+province+" is not among yours")
	case result == nil:
		principal.WriteError(w, http.StatusServiceUnavailable, "no KPIs are computed yet")
	default:
		return result
	}
	return nil
}

// province shows every device of one province to Prometheus.
func (d Deps) province(w http.ResponseWriter, r *http.Request) {
	code := r.PathValue("code")
	result := d.allowed(w, r, code)
	if result == nil {
		return
	}
	seconds := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "haidang_device_state_seconds",
		Help: "Seconds of the month to date that the device spent in each state."}, []string{"device", "province", "system", "state"})
	for i := range result.Entities {
		e := &result.Entities[i]
		if e.Level != kpi.LevelDevice || e.Province != code {
			continue
		}
		for state, v := range map[string]int64{"up": e.Sums.Up, "down": e.Sums.Down, "unknown": e.Sums.Unknown,
			"maintenance": e.Sums.MaintDown + e.Sums.MaintUnknown, "excluded": e.Sums.Excluded} {
			seconds.WithLabelValues(e.Name, e.Province, string(e.System), state).Set(float64(v))
		}
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(seconds)
	obs.Handler(reg).ServeHTTP(w, r)
}

// outages lists the month's outages, of one province or of all that the caller may see.
func (d Deps) outages(w http.ResponseWriter, r *http.Request) {
	code := r.URL.Query().Get("province")
	result := d.allowed(w, r, code)
	if result == nil {
		return
	}
	who := principal.From(r.Context())
	out := []kpi.Outage{}
	for _, o := range result.Outages {
		if visible(who, code, append([]string{o.Province}, o.Provinces...)) {
			out = append(out, o)
		}
	}
	d.json(w, out)
}

// links lists the month's links with their utilisation.
func (d Deps) links(w http.ResponseWriter, r *http.Request) {
	code := r.URL.Query().Get("province")
	result := d.allowed(w, r, code)
	if result == nil {
		return
	}
	who := principal.From(r.Context())
	out := []kpi.LinkMonth{}
	for _, l := range result.Links {
		if visible(who, code, l.Provinces) {
			out = append(out, l)
		}
	}
	d.json(w, out)
}

// visible says whether something of these provinces is shown: to the caller at all, and under the
// asked-for province. What belongs to the nation alone is shown to those who see all provinces.
func visible(who *principal.Principal, asked string, provinces []string) bool {
	for _, p := range provinces {
		if (asked == "" || p == asked) && who.MaySee(p) {
			return true
		}
	}
	return asked == "" && len(provinces) == 0 && who.MaySee("")
}

func (d Deps) json(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		d.Log.Debug().Err(err).Msg("answer not delivered")
	}
}
