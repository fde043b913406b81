package nation

import "strconv"

// goal is something that the operator plans to have more of: what there is now and was at the year's start.
type goal struct {
	id, vi, en, unit    string
	start, now, planned int
}

// goalYears is for how many years from the first one on there is the same plan.
const goalYears = 3

// goals are plans that are some months under way: a tenth of what there is was built this year, an eighth was planned.
func (n *Network) goals() []goal {
	count := func(kind uint8) int { return len(n.devicesOf(kind)) }
	all := []goal{
		{id: "units-4g", vi: "Trạm 4G", en: "4G units", unit: "trạm", now: count(enb)},
		{id: "units-5g", vi: "Trạm 5G", en: "5G units", unit: "trạm", now: count(gnb)},
		{id: "olts", vi: "OLT-GPON", en: "OLTs", unit: "OLT", now: count(olt)},
	}
	for i := range all {
		g := &all[i]
		g.start, g.planned = g.now-g.now/10, max(g.now/8, 1)
	}
	return all
}

func (g goal) row(year int) []string {
	return []string{g.id, g.vi, g.en, strconv.Itoa(year), g.unit, strconv.Itoa(g.planned), "given", "", strconv.Itoa(g.start), strconv.Itoa(g.now)}
}
