package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/collector/view"
	"github.com/haidang-noc/haidang/internal/bench/proc"
)

// Question is what a process of its own is asked about a stored month, as the daemon would be: with the
// operator's files read and the plan made of them.
type Question struct {
	Dir     string // where the files of storedMonth lie
	Configs string
	Month   model.Month
	Runs    int
	AddUp   bool // with nothing added up: all but the last day, then the last day
}

// Answer says what it took, in seconds by the clock and of processor time.
type Answer struct {
	Files, Plan Took
	Runs        []Took
	Groups      int                // of availability and congestion in the result
	PeakMB      float64            // of the process, from its start
	Net         map[string]float64 // the devices' availability by province, of all systems
}

// Took is one measured step.
type Took struct{ Seconds, CPU float64 }

// Ask answers the question and prints the Answer.
func (q Question) Ask(ctx context.Context, to io.Writer) error {
	var a Answer
	plan, err := q.plan(&a)
	if err != nil {
		return err
	}
	if !q.AddUp { // which the collector does: it spares nothing
		view.Sparing()
	}
	s, err := store.Open(ctx, store.Config{Path: filepath.Join(q.Dir, "data", "store.db"), ReadOnly: !q.AddUp}, nil)
	if err != nil {
		return err
	}
	defer s.Close()
	for _, until := range q.instants() {
		var took Took
		err := timing(&took, func() error {
			r, err := view.Month(ctx, s, kpi.MonthInput{Plan: plan, Month: q.Month, End: until, Listed: true})
			a.note(&r)
			return err
		})
		if err != nil {
			return err
		}
		a.Runs = append(a.Runs, took)
	}
	peak, err := proc.PeakRSS(os.Getpid())
	if err != nil {
		return err
	}
	a.PeakMB = float64(peak) / 1e6
	return json.NewEncoder(to).Encode(a)
}

// note keeps what tells that the right thing was computed.
func (a *Answer) note(r *kpi.MonthResult) {
	a.Groups, a.Net = len(r.Availability)+len(r.Congestion), map[string]float64{}
	for i := range r.Availability {
		if g := &r.Availability[i]; g.Level == kpi.LevelDevice && g.Province != "" {
			a.Net[g.Province] = g.Net.Float()
		}
	}
}

// plan reads the operator's files, of which nothing but what the plan needs is kept.
func (q Question) plan(a *Answer) (plan *kpi.Plan, err error) {
	var inv *inventory.Index
	err = timing(&a.Files, func() error {
		inv, err = inventory.Load(q.files())
		return err
	})
	if err != nil {
		return nil, err
	}
	err = timing(&a.Plan, func() error { plan = kpi.NewPlan(inv.Inventory); return nil })
	return plan, err
}

func (q Question) files() inventory.Config {
	in := func(name string) string { return filepath.Join(q.Dir, name) }
	return inventory.Config{Devices: in("devices.csv"), Links: in("links.csv"), Maintenance: in("maintenance.csv"), UnitSet: "63",
		Targets: filepath.Join(q.Configs, "targets.yaml"), Holidays: filepath.Join(q.Configs, "holidays.csv"), Provinces: filepath.Join(q.Configs, "provinces")}
}

func (q Question) instants() []int64 {
	if q.AddUp {
		return []int64{q.Month.End() - model.DaySeconds, q.Month.End()}
	}
	out := make([]int64, q.Runs)
	for i := range out {
		out[i] = q.Month.End()
	}
	return out
}

// timing measures this process while it does something.
func timing(took *Took, do func() error) error {
	before, start := proc.Self(), time.Now()
	if err := do(); err != nil {
		return err
	}
	took.Seconds, took.CPU = time.Since(start).Seconds(), proc.Self().Minus(before).Total().Seconds()
	return nil
}

// asked runs the question in a process and adds its rows.
func (c Config) asked(p *Part, q Question) error {
	a, err := q.apart()
	if err != nil {
		return err
	}
	row := func(name string, took Took) {
		p.Rows = append(p.Rows, Row{Name: name, Values: []float64{took.Seconds, took.CPU, a.PeakMB}})
	}
	if q.AddUp {
		row("add up all days but the last, and keep the sums", a.Runs[0])
		row("add up one more day", a.Runs[1])
		return nil
	}
	row("read the operator's files", a.Files)
	row("make the plan of them", a.Plan)
	row("all KPIs of the month, from the sums", Took{median(a.Runs, seconds), median(a.Runs, func(t Took) float64 { return t.CPU })})
	p.Rows[len(p.Rows)-1].Spread = spread(a.Runs, seconds)
	return nil
}

func seconds(t Took) float64 { return t.Seconds }

// apart asks in a process of its own, for it to be measured alone.
func (q Question) apart() (a Answer, err error) {
	self, err := os.Executable()
	if err != nil {
		return a, err
	}
	cmd := exec.Command(self, "month", q.Dir, q.Month.String(), "--configs", q.Configs, "--runs", fmt.Sprint(q.Runs), fmt.Sprintf("--add-up=%t", q.AddUp))
	var errors bytes.Buffer
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		return a, fmt.Errorf("month: %w: %.500s", err, errors.Bytes())
	}
	return a, json.Unmarshal(out, &a)
}
