package month

import (
	"cmp"
	"math"
	"math/big"
	"slices"

	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/pm"
)

// CellSpread is how the months of a province's cells, or the nation's, are spread over a mean.
type CellSpread struct {
	Province   string `json:"province"`
	Technology string `json:"technology"`
	KPI        string `json:"kpi"`
	Median     string `json:"median"` // exact: fractions
	P95        string `json:"p95"`
	Cells      int    `json:"cells"`
	LeftOut    int    `json:"left_out"` // with less than nine tenths of their periods
}

// crowded is a cell's month among the others.
type crowded struct {
	province, technology string
	month                *cellMonth
}

// spreadOf is a mean: the counters of which the greatest counts (sum: which are added), and how many of their units are one.
type spreadOf struct {
	technology, kpi string
	counters        []string
	sum             bool
	unit            int64
}

func spreads() []spreadOf {
	return []spreadOf{
		{nation.LTE, "latency_dl", []string{"DRB.IPLateDl.1", "DRB.IPLateDl.9"}, false, 1},
		{nation.LTE, "voice_latency_dl", []string{"DRB.IPLateDl.1"}, false, 1},
		{nation.LTE, "active_users_dl", []string{"DRB.UEActiveDl.1", "DRB.UEActiveDl.9"}, true, 1},
		{nation.LTE, "connected_users", []string{"RRC.ConnMean"}, false, 1},
		{nation.LTE, "connected_users_max", []string{"RRC.ConnMax"}, false, 1},
		{nation.NR, "connected_users", []string{"RRC.ConnMean"}, false, 1},
		{nation.NR, "connected_users_max", []string{"RRC.ConnMax"}, false, 1},
		{nation.NR, "air_delay_dl", []string{"DRB.AirIfDelayDl"}, false, 10},
		{nation.NR, "air_delay_ul", []string{"DRB.AirIfDelayUl"}, false, 10},
		{nation.NR, "rlc_delay_dl", []string{"DRB.RlcSduDelayDl"}, false, 10},
		{nation.NR, "packet_loss_ul", []string{"DRB.PacketLossRateUl"}, false, 1_000_000},
		{nation.NR, "f1_loss_dl", []string{"DRB.F1UpacketLossRateDl"}, false, 1_000_000},
		{nation.NR, "f1_loss_ul", []string{"DRB.F1UpacketLossRateUl"}, false, 1_000_000},
	}
}

// count adds one period to the cell's means.
func (t *tower) count(m *cellMonth, technology string, planned bool, c counters) {
	if planned || c == nil {
		return
	}
	if m.means == nil {
		m.means = map[string]int64{}
	}
	for i := range t.means {
		s, v := &t.means[i], int64(0)
		if s.technology != technology {
			continue
		}
		for _, name := range s.counters {
			if s.sum {
				v += c[name]
			} else {
				v = max(v, c[name])
			}
		}
		m.means[s.kpi] += v
	}
}

// spreads sorts the cells of each province, and the nation's.
func (t *tower) spreads() (out []CellSpread) {
	for _, s := range t.means {
		values, left := map[string][]*big.Rat{}, map[string]int{}
		for _, c := range t.crowd {
			if c.technology != s.technology || c.month.expected == 0 {
				continue
			}
			for _, p := range []string{"", c.province} {
				if c.month.reported*10 < c.month.expected*9 {
					left[p]++
				} else {
					values[p] = append(values[p], big.NewRat(c.month.means[s.kpi], int64(c.month.reported)*s.unit))
				}
			}
		}
		for p, all := range values {
			slices.SortFunc(all, (*big.Rat).Cmp)
			out = append(out, CellSpread{p, s.technology, s.kpi, all[(len(all)+1)/2-1].RatString(), all[(95*len(all)+99)/100-1].RatString(), len(all), left[p]})
		}
	}
	slices.SortFunc(out, CellSpread.Compare)
	return out
}

// Compare orders by province, technology and KPI.
func (s CellSpread) Compare(o CellSpread) int {
	return cmp.Or(cmp.Compare(s.Province, o.Province), cmp.Compare(s.Technology, o.Technology), cmp.Compare(s.KPI, o.KPI))
}

// consumer is what a base station consumed.
type consumer struct {
	province   string
	windows    []run
	energy     map[int]int64 // mWh by day
	volume     map[int]int64 // kbit by day
	milliwatts int64         // of all periods
	periods    int64
}

func (c *consumer) told(from int, values []pm.Value) {
	if c.energy == nil {
		c.energy, c.volume = map[int]int64{}, map[int]int64{}
	}
	for _, v := range values {
		switch v.Name {
		case "PEE.Energy":
			c.energy[from/86400] += int64(math.Round(v.Value * 1e6))
		case "PEE.AvgPower":
			c.milliwatts += int64(math.Round(v.Value * 1000))
			c.periods++
		}
	}
}

// carried adds what a cell carried on days on which there is no window.
func (c *consumer) carried(from int, planned bool, n counters) {
	if day := from / 86400 * 86400; !planned && n != nil && c.volume != nil && overlap(c.windows, run{day, day + 86400}) == 0 {
		c.volume[from/86400] += n.sum([]string{"DRB.IPVolDl.1", "DRB.IPVolDl.9"}) + 1000*n["DRB.PdcpSduVolumeDL"]
	}
}

func (t *tower) consumed(c *consumer) {
	for day, mWh := range c.energy {
		t.add(c.province, "site", "energy", mWh, 0)
		if c.volume[day] > 0 {
			t.add(c.province, "site", "energy_per_gb", 8*mWh, c.volume[day])
		}
	}
	if c.periods == 0 {
		return
	}
	for _, p := range []string{"", c.province} {
		t.sums[CellKPI{Province: p, Technology: "site", KPI: "energy"}].den.SetInt64(1_000_000)
		t.milli[p] += c.milliwatts / c.periods
	}
}
