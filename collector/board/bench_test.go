package board

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/collector/view"
)

// The size of the whole nation.
const (
	benchDevices = 83_000
	benchLinks   = 260_000
	benchUnits   = 34
	benchSystems = 13
)

// BenchmarkPages is what one page of a nation costs the collector.
func BenchmarkPages(b *testing.B) {
	r := nationwide()
	s, err := store.Open(b.Context(), store.Config{Path: filepath.Join(b.TempDir(), "s.db"), Partitions: 1}, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	engine, err := alarm.New(alarm.DefaultConfig(), alarm.Deps{Store: s, Registerer: prometheus.NewRegistry()})
	if err != nil {
		b.Fatal(err)
	}
	board, err := New(b.Context(), Deps{Latest: func() *view.Result { return r }, Alarms: engine, Store: s, Now: time.Now, Log: zerolog.Nop(), Registerer: prometheus.NewRegistry(),
		Days: func(context.Context, partition.Days) ([]*kpi.DayChunk, error) { return nil, nil }})
	if err != nil {
		b.Fatal(err)
	}
	who := &principal.Principal{Name: "all", Role: principal.Viewer}
	for name, page := range map[string]struct {
		do   handler
		path string
		set  [2]string
	}{"home": {board.home, "/", [2]string{}}, "province": {board.province, "/province/03", [2]string{"code", "03"}},
		"device": {board.device, "/device/d000777", [2]string{"name", "d000777"}}, "search": {board.search, "/search?q=d0007", [2]string{}}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				w, q := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, page.path, nil)
				q.SetPathValue(page.set[0], page.set[1])
				if err := page.do(&visit{w: w, r: q, who: who, words: board.pages.vi}); err != nil || w.Code != 200 {
					b.Fatal(w.Code, err)
				}
			}
		})
	}
}

// nationwide is a result with every device and link of a nation, and an outage of each tenth device.
func nationwide() *view.Result {
	always := model.Validity{To: model.Forever}
	inv := &model.Inventory{Targets: model.Targets{Availability: map[model.System]model.SystemTarget{}}}
	r := &view.Result{At: time.Unix(1_790_000_000, 0)}
	r.Month, r.From, r.End = model.MonthOf(r.At.Unix()), model.MonthOf(r.At.Unix()).Start(), r.At.Unix()
	system := func(i int) model.System { return model.System(fmt.Sprintf("s%02d", i%benchSystems)) }
	unit := func(i int) string { return fmt.Sprintf("%02d", i%benchUnits+1) }
	for i := range benchUnits {
		inv.Provinces = append(inv.Provinces, model.Province{Code: unit(i), NameVI: "Tỉnh " + unit(i), Row: i / 8, Col: i % 8, Validity: always})
		for j := range benchSystems {
			r.Availability = append(r.Availability, kpi.Availability{Province: unit(i), Level: kpi.LevelDevice, System: system(j), Net: kpi.Quo(999, 1000), Status: kpi.OK,
				Target: model.Ratio{Num: 99, Den: 100}, Meets: true, Budget: kpi.Quo(9, 1), Left: kpi.Quo(5, 1)})
		}
	}
	for i := range benchDevices {
		name := fmt.Sprintf("d%06d", i)
		inv.Devices = append(inv.Devices, model.Device{Name: name, Province: unit(i), System: system(i), Site: "trạm", Validity: always})
		r.Entities = append(r.Entities, kpi.EntityMonth{Level: kpi.LevelDevice, Name: name, Province: unit(i), System: system(i), Sums: kpi.Sums{Up: 1e6, Down: int64(i % 10)}})
		if i%10 == 0 {
			r.Outages = append(r.Outages, kpi.Outage{Level: kpi.LevelDevice, Name: name, Province: unit(i), System: system(i), From: r.From, To: r.From + 600})
		}
	}
	for i := range benchLinks {
		l := model.Link{Name: fmt.Sprintf("l%06d", i), A: model.Port{Device: fmt.Sprintf("d%06d", i%benchDevices), IfName: fmt.Sprint(i)}, Class: model.Transport, Validity: always}
		inv.Links = append(inv.Links, l)
		r.Links = append(r.Links, kpi.LinkMonth{Link: l.Name, Port: l.A, Class: l.Class, Provinces: []string{unit(i)}, P95: int32(i % 1000)})
	}
	r.Inventory = inventory.NewIndex(inv)
	return r
}
