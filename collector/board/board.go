// Package board is the page that the NOC looks at all shift: what is wrong, where, since when, and who
// has it; and behind it each province and device, maintenance, and the published scorecards.
//
// The pages are written here, whole, for the caller's provinces and in the caller's language; a browser
// without script can do everything. With script, an event on /live makes the page fetch itself and take
// over the sections that changed, so there is one place that writes each number.
package board

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/board/session"
	"github.com/haidang-noc/haidang/collector/board/words"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/maintenance"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/collector/view"
)

// Deps are what the board works with.
type Deps struct {
	Users  *principal.Users
	Latest func() *view.Result
	// Days are the chunks of some days, of all partitions, as of now; traffic may be missing.
	Days       func(context.Context, partition.Days) ([]*kpi.DayChunk, error)
	Alarms     *alarm.Engine
	Windows    *maintenance.Book
	Replan     func(context.Context) error // makes what changed in the windows count
	Store      *store.Store
	Now        func() time.Time
	Log        zerolog.Logger
	Registerer prometheus.Registerer
}

// Board is the board. Run keeps its pages live, Register puts them into a mux.
type Board struct {
	Deps
	sessions *session.Sessions
	guesses  *session.Limiter // by user name and by address
	assets   *assets
	pages    *pages
	hub      *hub
	metrics  *metrics
	index    atomic.Pointer[searchIndex]
}

// How long people stay logged in: over a shift without a click, over a week in all. A board on a wall
// uses its session all the time.
const (
	idle        = 12 * time.Hour
	longest     = 7 * 24 * time.Hour
	maxSessions = 2000
	perUser     = 20
)

// A user name and an address may each guess ten passwords at once and then two a minute.
const (
	guessEvery = 30 * time.Second
	guessBurst = 10
	maxGuesses = 20_000
)

// New makes a board; who was logged in still is.
func New(ctx context.Context, d Deps) (*Board, error) {
	vi, en, err := words.Load()
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	b := &Board{Deps: d, hub: newHub(), guesses: session.NewLimiter(guessEvery, guessBurst, maxGuesses, d.Now)}
	if b.sessions, err = session.New(ctx, session.Config{Idle: idle, Longest: longest, Max: maxSessions, PerUser: perUser}, d.Store, d.Now); err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	if b.assets, err = loadAssets(); err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	if b.pages, err = parsePages(b.assets.prefix(), vi, en); err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	if b.metrics, err = newMetrics(d.Registerer, b); err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	return b, nil
}

// Register puts the board's routes into the mux.
func (b *Board) Register(mux *http.ServeMux) {
	cross := http.NewCrossOriginProtection()
	plain := func(pattern string, h http.Handler) {
		mux.Handle(pattern, cross.Handler(headers(gzhttp.GzipHandler(h))))
	}
	page := func(pattern string, need principal.Role, h handler) {
		plain(pattern, b.require(need, h))
	}
	mux.Handle("GET "+assetPath+"{version}/{name}", headers(b.assets))
	mux.Handle("GET /live", headers(b.require(principal.Viewer, b.live)))
	plain("GET /login", b.open(b.loginPage))
	plain("POST /login", b.open(b.login))
	plain("POST /logout", b.open(b.logout))
	page("GET /{$}", principal.Viewer, b.home)
	page("GET /wall", principal.Viewer, b.wall)
	page("GET /province/{code}", principal.Viewer, b.province)
	page("GET /device/{name...}", principal.Viewer, b.device)
	page("GET /composite/{name...}", principal.Viewer, b.composite)
	page("GET /explain", principal.Viewer, b.explain)
	page("GET /alarms", principal.Viewer, b.alarmList)
	page("GET /alarm/{id}", principal.Viewer, b.alarmPage)
	page("POST /alarm/{id}/{act}", principal.Operator, b.actOn)
	page("GET /shift", principal.Viewer, b.shift)
	page("GET /maintenance", principal.Viewer, b.windows)
	page("POST /maintenance", principal.Operator, b.propose)
	page("POST /maintenance/{id}/approve", principal.Approver, b.approveWindow)
	page("POST /maintenance/{id}/cancel", principal.Operator, b.cancelWindow)
	page("GET /search", principal.Viewer, b.search)
	page("GET /outages.csv", principal.Viewer, b.outagesCSV)
	page("GET /scorecards", principal.Viewer, b.scorecards)
	page("GET /scorecards/{month}/{revision}/{file}", principal.Viewer, b.scorecard)
	page("GET /audit", principal.Approver, b.audit)
}

// Run tells the open pages when there is something new, until ctx ends; then it ends their streams.
func (b *Board) Run(ctx context.Context) error {
	defer b.hub.close()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	var shown *view.Result
	var pruned, kept time.Time
	defer func() { b.keep(context.WithoutCancel(ctx)) }()
	var sub *alarm.Subscription
	defer func() { leave(sub) }()
	for {
		if sub == nil {
			sub = b.subscribe(ctx)
		}
		if r := b.Latest(); r != shown {
			shown = r
			b.hub.tell()
		}
		now := b.Now()
		if now.Sub(pruned) > 24*time.Hour {
			pruned = now
			b.prune(ctx, now)
		}
		if now.Sub(kept) > keepSessions {
			kept = now
			b.keep(ctx)
		}
		select {
		case _, more := <-events(sub):
			b.hub.tell()
			if !more {
				sub = nil // too slow, or the engine ended
			}
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// subscribe listens to the alarms; nil if that is not possible now.
func (b *Board) subscribe(ctx context.Context) *alarm.Subscription {
	wait, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	sub, err := b.Alarms.Subscribe(wait, 0)
	if err != nil {
		return nil
	}
	return sub
}

// events is where a subscription's events come from; nothing comes from none.
func events(sub *alarm.Subscription) <-chan alarm.Event {
	if sub == nil {
		return nil
	}
	return sub.C
}

func leave(sub *alarm.Subscription) {
	if sub != nil {
		sub.Close()
	}
}

// keepSessions is how often it is written down which sessions were used. A kill makes them look so much older.
const keepSessions = time.Minute

func (b *Board) keep(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := b.sessions.Keep(ctx); err != nil {
		b.Log.Error().Err(err).Msg("the use of sessions was not written down")
	}
}

// keepAudit is how long the trail is kept.
const keepAudit = 2 * 365 * 24 * time.Hour

func (b *Board) prune(ctx context.Context, now time.Time) {
	if _, err := b.Store.ForgetAudit(ctx, now.Add(-keepAudit).Unix()); err != nil && ctx.Err() == nil {
		b.Log.Error().Err(err).Msg("the audit trail was not shortened")
	}
}
