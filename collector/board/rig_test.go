package board

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/crypto/bcrypt"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/maintenance"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/view"
)

// rig is a board over a collector without ingest: two provinces, a router in each, one between them and
// the nation's, and alarms of those that the test lets down.
type rig struct {
	*partitiontest.Site
	t         *testing.T
	board     *Board
	view      *view.View
	alarms    *alarm.Engine
	registry  *prometheus.Registry
	url       string
	usersFile string
	later     atomic.Int64 // seconds that the board's clock is ahead
	replanned atomic.Int64
}

const secret = "đèn biển 123" // every user's password

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{Site: partitiontest.New(t, 1), t: t, registry: prometheus.NewRegistry()}
	r.Now = time.Unix((partitiontest.Month().First() + 5).Start(), 0).Add(10 * time.Hour)
	r.Reload(country)
	r.Changes = partition.NewChanges()
	r.Start()
	config := alarm.DefaultConfig()
	config.ClearAfter = 0
	now := func() time.Time { return r.Now }
	var err error
	r.alarms, err = alarm.New(config, alarm.Deps{Store: r.Store, Partitions: r.Parts, Changes: r.Changes, Inventory: r.Inventory.Load,
		Now: now, Log: zerolog.Nop(), Registerer: r.registry})
	r.Must(err)
	r.view, err = view.New(view.Deps{Every: 50 * time.Millisecond, Store: r.Store, Partitions: r.Parts, Inventory: r.Inventory.Load,
		Now: now, Log: zerolog.Nop(), Registerer: r.registry})
	r.Must(err)
	r.usersFile = filepath.Join(t.TempDir(), "users.yaml")
	r.users("noc viewer", "lan operator 48", "truong approver", "sếp admin")
	users, err := principal.OpenUsers(r.usersFile)
	r.Must(err)
	r.board, err = New(t.Context(), Deps{Users: users, Latest: r.view.Latest, Days: r.days, Alarms: r.alarms, Store: r.Store, Log: zerolog.Nop(), Registerer: r.registry,
		Windows: maintenance.New(maintenance.Deps{Store: r.Store, Files: r.Inventory.Load, Now: now, FourEyes: true}),
		Replan:  func(context.Context) error { r.replanned.Add(1); return nil },
		Now:     func() time.Time { return r.Now.Add(time.Duration(r.later.Load()) * time.Second) }})
	r.Must(err)
	r.run(r.alarms.Run, r.view.Run, r.board.Run)
	mux := http.NewServeMux()
	r.board.Register(mux)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// run runs the actors until the test ends; the site stops after them.
func (r *rig) run(actors ...func(context.Context) error) {
	r.t.Cleanup(r.Stop)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, len(actors))
	for _, a := range actors {
		go func() { ended <- a(ctx) }()
	}
	r.t.Cleanup(func() {
		cancel()
		for range actors {
			<-ended
		}
	})
}

// country puts the site's three devices into two provinces and the nation.
func country(inv *partitiontest.Inventory) {
	always := model.Validity{To: model.Forever}
	inv.Provinces = []model.Province{
		{Set: "34", Code: "01", Slug: "ha-noi", NameVI: "Hà Nội", NameEN: "Hanoi", Row: 2, Col: 2, Validity: always},
		{Set: "34", Code: "48", Slug: "da-nang", NameVI: "Đà Nẵng", NameEN: "Da Nang", Row: 9, Col: 4, Validity: always, Islands: []model.Tile{{Name: "Hoàng Sa", Row: 9, Col: 7}}}}
	inv.Devices[1].Province = "48"
	inv.Devices[1].Site = "Hải Châu"
	inv.Devices[2].Province, inv.Devices[2].System = "", "vn2"
	inv.Composites = []model.Composite{{Name: "pair", NameVI: "Cặp Bắc – Trung", NameEN: "North – centre pair", System: "vn2", Rule: model.Capacity, Validity: always,
		Members: []model.CompositeMember{{Scope: model.Scope{Kind: model.ScopeLink, Key: "l1"}}}}}
	inv.Targets = model.Targets{Availability: map[model.System]model.SystemTarget{
		"man-e": {Target: model.Ratio{Num: 999, Den: 1000}, NameVI: "Mạng MAN-E", NameEN: "MAN-E metro"},
		"vn2":   {Target: model.Ratio{Num: 999, Den: 1000}, National: true, NameVI: "Mạng lõi VN2", NameEN: "VN2 core"}},
		Congestion:      map[model.LinkClass]model.ClassRule{model.Transport: {ThetaPerMille: 800, MaxRatio: model.Ratio{Num: 3, Den: 100}, MinCoverage: model.Ratio{Num: 9, Den: 10}, OverflowPerMill: 1050}},
		MaxUnknownMonth: model.Ratio{Num: 1, Den: 1}, MaxUnknownDay: model.Ratio{Num: 1, Den: 1}, MinOutage: 10}
}

// users writes the file of users: name, role, provinces.
func (r *rig) users(all ...string) {
	r.t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.MinCost)
	r.Must(err)
	var b strings.Builder
	b.WriteString("users:\n")
	for _, u := range all {
		parts := strings.Fields(u)
		fmt.Fprintf(&b, "  - {name: %q, role: %s, password: '%s'", parts[0], parts[1], hash)
		if len(parts) > 2 {
			fmt.Fprintf(&b, ", provinces: [%q]", parts[2])
		}
		b.WriteString("}\n")
	}
	r.Must(os.WriteFile(r.usersFile, []byte(b.String()), 0o600))
}

func (r *rig) days(ctx context.Context, days partition.Days) ([]*kpi.DayChunk, error) {
	return r.Parts[0].Open(ctx, days, false)
}

// fall lets devices answer for some minutes and then fail, up to now.
func (r *rig) fall(devices ...string) {
	r.t.Helper()
	var lines []string
	for i := range int64(8) {
		at := r.Now.Unix() - 480 + i*60
		for _, d := range []string{"r1", "r2", "r3"} {
			up := i < 3 || !slices.Contains(devices, d)
			lines = append(lines, fmt.Sprintf("reach,agent=a1,device=%s,method=snmp up=%t,interval_s=60i %d000000000", d, up, at))
			if up {
				lines = append(lines, fmt.Sprintf("interface,agent=a1,device=%s,ifname=ge0 oper=1i,admin=1i,speed_mbps=1000u,in_octets=%du,out_octets=1u,uptime_cs=%du,interval_s=60i %d000000000",
					d, i*1e6, i*6000, at))
			}
		}
	}
	r.Send(0, "", lines)
	r.Settle()
	r.until(func() bool {
		return len(r.alarms.List(alarm.Filter{})) >= len(devices) && r.view.Latest() != nil && r.seen(devices)
	})
}

// seen says whether the view shows the devices' outages.
func (r *rig) seen(devices []string) bool {
	n := 0
	for _, o := range r.view.Latest().Outages {
		if slices.Contains(devices, o.Name) {
			n++
		}
	}
	return n >= len(devices)
}

func (r *rig) until(done func() bool) {
	r.t.Helper()
	deadline, tick := time.NewTimer(5*time.Minute), time.NewTicker(10*time.Millisecond)
	defer deadline.Stop()
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline.C:
			r.t.Fatal("waited for five minutes in vain")
		}
	}
}

// browser is somebody's browser.
type browser struct {
	*http.Client
	r *rig
}

// stranger is one that nobody logged in with.
func (r *rig) stranger() *browser {
	jar, err := cookiejar.New(nil)
	r.Must(err)
	return &browser{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, r}
}

// login gives a browser in which the user is logged in.
func (r *rig) login(name string) *browser {
	r.t.Helper()
	b := r.stranger()
	if a := b.post("/login", "name", name, "password", secret); a.status != http.StatusSeeOther {
		r.t.Fatalf("%s is not let in: %d %s", name, a.status, a.text)
	}
	return b
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
}

func (b *browser) get(path string) answer {
	b.r.t.Helper()
	return b.do(http.MethodGet, path, nil, "")
}

func (b *browser) post(path string, form ...string) answer {
	b.r.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	return b.do(http.MethodPost, path, http.Header{"Sec-Fetch-Site": {"same-origin"}}, values.Encode())
}

func (b *browser) do(method, path string, header http.Header, body string) answer {
	b.r.t.Helper()
	q, err := http.NewRequestWithContext(b.r.t.Context(), method, b.r.url+path, strings.NewReader(body))
	b.r.Must(err)
	if header != nil {
		q.Header = header
	}
	if body != "" {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	got, err := b.Do(q)
	b.r.Must(err)
	text, err := io.ReadAll(got.Body)
	b.r.Must(errors.Join(err, got.Body.Close()))
	return answer{got.StatusCode, got.Header, string(text)}
}

// alarmOf is the open alarm of a device.
func (r *rig) alarmOf(device string) alarm.Alarm {
	r.t.Helper()
	for _, a := range r.alarms.List(alarm.Filter{}) {
		if a.Name == device {
			return a
		}
	}
	r.t.Fatalf("%s has no alarm", device)
	return alarm.Alarm{}
}
