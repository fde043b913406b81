package model

import "strings"

// Coverage is the service of radio coverage in measured.csv and in the coverage section of targets.yaml.
const Coverage = "coverage"

// Measured is one row of measured.csv: what others measured in a month.
type Measured struct {
	Month        Month
	Province     string // the code as the file has it, a unit's of that month; "" the nation
	Service, KPI string
	Num, Den     int64 // of 0 nothing was measured
	Source       string
	Line         int // of the file
}

// Unit is what a KPI is given in: coverage in %, any other as its threshold says. One without a threshold is not known.
func (r *ScoreRules) Unit(service, kpi string) (unit string, known bool) {
	if service == Coverage && (kpi == "population" || kpi == "area") {
		return "%", true
	}
	for i := range r.Thresholds {
		if t := &r.Thresholds[i]; t.Service == service && t.KPI == kpi {
			return t.Unit, true
		}
	}
	return "", false
}

// IsPercent says whether a ratio in this unit is multiplied by 100, and no part exceeds its whole.
func IsPercent(unit string) bool { return strings.HasPrefix(unit, "%") }
