package board

import (
	"math/big"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/view"
)

// compositeCards are the targets of what has redundancy, as such: a ring, the submarine cables.
func compositeCards(r *view.Result, who *principal.Principal, scope string) []card {
	var cards []card
	for i := range r.Composites {
		c := &r.Composites[i]
		if c.Target.Den == 0 || !inScope(who, scope, c.Province) {
			continue
		}
		x := availabilityCard(r, &c.Availability)
		x.Names, x.KPI, x.Value = compositeNames(r, c.Name), "composite-"+c.Name, testedComposite(r, c)
		cards = append(cards, x)
	}
	return cards
}

// radioCards are the shares of congested cells, and how much the speed of 4G data has grown.
func radioCards(r *view.Result, who *principal.Principal, scope string) []card {
	var cards []card
	for i := range r.Radio.Congestion {
		if c := &r.Radio.Congestion[i]; inScope(who, scope, c.Province) {
			cards = worst(cards, cellsCard(r, c))
		}
	}
	for i := range r.Radio.Growth {
		if g := &r.Radio.Growth[i]; !g.LikeForLike && g.Status != ran.NoBaseline && inScope(who, scope, g.Province) {
			cards = worst(cards, growthCard(r, g))
		}
	}
	return cards
}

func cellsCard(r *view.Result, c *ran.Congestion) card {
	x := card{Names: cellNames(c.Kind), Place: provinceNames(r, c.Province), Grade: unknown,
		Value: kpi.Quo(int64(c.Congested), int64(c.Evaluated)), Places: 2, Target: r.Inventory.Targets.RAN.MaxRatio, Below: true, LeftPart: -1,
		Count: c.Congested, Of: c.Evaluated, Cells: true, KPI: "cells-" + c.Kind}
	switch {
	case c.Status != score.OK:
	case c.Meets:
		x.Grade = good
	default:
		x.Grade = bad
	}
	return x
}

// cellNames are how people call the congestion of a kind of cells.
func cellNames(kind string) names {
	if kind == ran.NR {
		return names{"Ô 5G nghẽn", "Congested 5G cells"}
	}
	return names{"Ô 4G nghẽn", "Congested 4G cells"}
}

func growthCard(r *view.Result, g *ran.Growth) card {
	wanted := rat(r.Inventory.Targets.RAN.SpeedGrowth)
	x := card{Names: names{"Tăng tốc độ 4G", "Growth of 4G speed"}, Place: provinceNames(r, g.Province), Grade: unknown, LeftPart: -1, KPI: "growth",
		Points: &points{Key: "target.growth", Arg: percent(wanted)}}
	if g.Value != nil {
		x.Points.Value, x.Points.Sign = percent(g.Value), "\u00a0%"
		x.rank, _ = g.Value.Float64()
		x.Grade = bad
	}
	if g.Meets {
		x.Grade = good
	}
	return x
}

func percent(r *big.Rat) string { return new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(2) }
