//go:build conformance

package emodel_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/haidang-noc/haidang/plugins/probe/emodel"
)

// The specification's example of the E-model, number by number.
func TestConformanceEModel(t *testing.T) {
	dir := os.Getenv("SHARED")
	if dir == "" {
		t.Fatal("SHARED must name the folder of the shared material")
	}
	text, err := os.ReadFile(filepath.Join(dir, "kpi", "examples.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Q1 struct {
			Delay  float64            `json:"delay_ms"`
			Ie     float64            `json:"Ie"`
			Bpl    float64            `json:"Bpl"`
			Ppl    float64            `json:"Ppl"`
			BurstR float64            `json:"BurstR"`
			Id     float64            `json:"Id"`
			IeEff  float64            `json:"Ie_eff"`
			R      float64            `json:"R"`
			MOS    float64            `json:"MOS"`
			At     map[string]float64 `json:"MOS_at"`
		} `json:"Q1_emodel"`
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	q, done, cases := all.Q1, 0, 0
	near := func(what string, got, want float64) {
		cases++
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s = %v, want %v", what, got, want)
			return
		}
		done++
	}
	v := emodel.Voice{DelayMs: q.Delay, Loss: q.Ppl / 100, BurstR: q.BurstR, Ie: q.Ie, Bpl: q.Bpl}
	delay, loss := v.Impairments()
	near("Id", delay, q.Id)
	near("Ie,eff", loss, q.IeEff)
	near("R", v.R(), q.R)
	near("MOS", emodel.MOS(v.R()), q.MOS)
	for rating, mos := range q.At {
		r, err := strconv.ParseFloat(rating, 64)
		if err != nil {
			t.Fatal(err)
		}
		near("MOS at "+rating, emodel.MOS(r), mos)
	}
	t.Logf("E-model: %d of %d", done, cases)
	if cases < 10 {
		t.Errorf("only %d numbers were found", cases)
	}
}
