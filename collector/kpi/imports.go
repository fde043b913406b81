package kpi

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

// Measured is a KPI that others measured, of one unit or, "", the nation: the sums of its rows in the period.
type Measured struct {
	Province     string
	Service, KPI string
	Unit         string
	Num, Den     int64
	Value        *big.Rat // in Unit; nil: nothing was measured
	Status       Status
	Target       model.Ratio // of coverage; Den 0: there is none
	Meets        bool
	Rows         []*model.Measured // in the order of the file; they are the inventory's
}

// imports gathers rows of measured.csv by unit and KPI.
type imports struct {
	inv  *model.Inventory
	sums map[imported]*Measured
}

type imported struct{ province, service, kpi string }

// measured adds up what was measured in some months. A row counts in the unit that its code is counted under in its own
// month. The nation's are its own rows and, of a KPI and month without one, those of all units.
func measured(inv *model.Inventory, in func(model.Month) bool) []Measured {
	type monthly struct {
		month        model.Month
		service, kpi string
	}
	national := map[monthly]bool{}
	for i := range inv.Measured {
		if m := &inv.Measured[i]; m.Province == "" {
			national[monthly{m.Month, m.Service, m.KPI}] = true
		}
	}
	g := imports{inv, map[imported]*Measured{}}
	for i := range inv.Measured {
		m := &inv.Measured[i]
		if !in(m.Month) {
			continue
		}
		if unit, known := inv.Unit(m.Province, m.Month.Start()); known {
			g.of(imported{unit, m.Service, m.KPI}).add(m)
		}
		if m.Province == "" || !national[monthly{m.Month, m.Service, m.KPI}] {
			g.of(imported{"", m.Service, m.KPI}).add(m)
		}
	}
	return g.judged()
}

// of is the sum of a KPI, begun if there is none.
func (g *imports) of(at imported) *Measured {
	if g.sums[at] == nil {
		unit, _ := g.inv.Targets.Scores.Unit(at.service, at.kpi)
		g.sums[at] = &Measured{Province: at.province, Service: at.service, KPI: at.kpi, Unit: unit}
	}
	return g.sums[at]
}

func (m *Measured) add(row *model.Measured) {
	m.Num += row.Num
	m.Den += row.Den
	m.Rows = append(m.Rows, row)
}

// judged are all sums, also those that have a target and no rows.
func (g *imports) judged() (out []Measured) {
	for unit, targets := range g.inv.Targets.Coverage {
		for kpi, target := range targets {
			g.of(imported{unit, model.Coverage, kpi}).Target = target
		}
	}
	for _, m := range g.sums {
		m.judge(g.inv.Targets.Scores.MinSamples)
		out = append(out, *m)
	}
	slices.SortFunc(out, func(a, b Measured) int {
		return cmp.Or(strings.Compare(a.Province, b.Province), strings.Compare(a.Service, b.Service), strings.Compare(a.KPI, b.KPI))
	})
	return out
}

func (m *Measured) judge(minSamples int64) {
	m.Status = NoData
	if m.Den == 0 {
		return
	}
	m.Status = OK
	if m.Den < minSamples {
		m.Status = Insufficient
	}
	share := big.NewRat(m.Num, m.Den)
	m.Meets = m.Status == OK && m.Target.Den != 0 && share.Cmp(big.NewRat(m.Target.Num, m.Target.Den)) >= 0
	m.Value = share
	if model.IsPercent(m.Unit) {
		m.Value = times(share, 100)
	}
}
