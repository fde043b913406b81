package board

import (
	"net/http"

	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/view"
)

// maxRows bounds the list of alarms on the first page; the rest is counted. A wall shows what it can hold.
const (
	maxRows     = 200
	maxWallRows = 9
)

// homePage is the first page.
type homePage struct {
	Wall   bool
	Acts   bool // the caller may take alarms here
	Tally  *tally
	Missed int
	Unseen int // devices of which nothing was heard this month
	Strip  []card
	Map    tileMap
	Rows   []row
	More   int
	Old    bool // the KPIs have not been computed for a while
}

// stale is how old, in seconds, KPIs may be before the page says so.
const stale = 120

func (b *Board) home(v *visit) error { return b.overview(v, false) }

// wall is the first page for a screen that everybody sees from afar.
func (b *Board) wall(v *visit) error { return b.overview(v, true) }

func (b *Board) overview(v *visit, wall bool) error {
	r, err := b.latest()
	if err != nil {
		return err
	}
	p := &homePage{Wall: wall, Acts: !wall && v.who.Role.Covers(principal.Operator), Rows: b.alarms(r, v.who), Strip: strip(r, v.who, ""), Old: b.stale(r)}
	all := tallies(p.Rows)
	p.Tally, p.Missed, p.Unseen = all[""], missed(p.Strip), unseen(r, v.who)
	m := mapMaker{result: r, who: v.who, words: v.words, alarms: all}
	p.Map = m.make(v.r.URL.Query().Get("kpi"))
	most := maxRows
	if wall {
		most = maxWallRows
	}
	if p.More = len(p.Rows) - most; p.More > 0 {
		p.Rows = p.Rows[:most]
	}
	return b.show(v, http.StatusOK, "home", v.words.Say("home.title"), p)
}

// unseen counts the devices, among the caller's, of which nothing was heard this month.
func unseen(r *view.Result, who *principal.Principal) (n int) {
	if who.SeesAll() {
		return r.Unseen[""]
	}
	for _, u := range units(r, who) {
		n += r.Unseen[u.Code]
	}
	return n
}

func (b *Board) stale(r *view.Result) bool { return b.Now().Unix()-r.At.Unix() > stale }
