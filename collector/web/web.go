// Package web is the collector's HTTP face: the write API, metrics, health, and the views of provinces.
// Whatever shows topology needs a viewer, and shows the viewer's provinces only.
package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/board"
	"github.com/haidang-noc/haidang/collector/ingest"
	"github.com/haidang-noc/haidang/collector/maintenance"
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
	// Maintenance is the register of windows; Replan makes what changed in it count.
	Maintenance *maintenance.Book
	Replan      func(context.Context) error
	Alarms      *alarm.Engine // nil: no routes for alarms
	Board       *board.Board  // nil: no pages
	Ready       func() error
	Registry    *prometheus.Registry
	Log         zerolog.Logger
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
	mux.Handle("GET /api/v1/explain", viewer(d.explain))
	operator := func(h http.HandlerFunc) http.Handler { return d.Principals.Require(principal.Operator, h) }
	mux.Handle("GET /api/v1/maintenance", viewer(d.windows))
	mux.Handle("GET /api/v1/maintenance/{id}", viewer(d.oneWindow))
	mux.Handle("POST /api/v1/maintenance", operator(d.propose))
	mux.Handle("POST /api/v1/maintenance/{id}/approve", d.Principals.Require(principal.Approver, http.HandlerFunc(d.approve)))
	mux.Handle("POST /api/v1/maintenance/{id}/cancel", operator(d.cancel))
	if d.Alarms != nil {
		d.alarmRoutes(mux, viewer, operator)
	}
	if d.Board != nil {
		d.Board.Register(mux)
	}
	mux.Handle("POST /-/reload", operator(d.reload))
	return mux
}

func (d Deps) reload(w http.ResponseWriter, r *http.Request) {
	if err := d.Reload(); err != nil {
		d.Log.Error().Err(err).Msg("reload refused, everything stays as it was")
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	d.Log.Info().Str("by", principal.From(r.Context()).Name).Msg("inventory and principals reloaded")
	_, _ = fmt.Fprintln(w, "reloaded") // a caller that has gone needs no answer
}
