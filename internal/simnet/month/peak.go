package month

import (
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// Peak is what a system of several links carried when it carried most, and whether what is left without the largest of
// them could have: N-1.
type Peak struct {
	Composite string     `json:"composite"`
	Expected  int        `json:"expected_slots"`
	In        PeakOneWay `json:"in"`
	Out       PeakOneWay `json:"out"`
	Congested bool       `json:"congested"`
}

// PeakOneWay is one direction's greatest 5 minutes, the first of equals.
type PeakOneWay struct {
	Slots   int    `json:"slots"` // with a sample of each link in service
	At      int64  `json:"at"`    // Unix seconds
	Kbps    uint64 `json:"kbps"`
	Mbps    uint64 `json:"capacity_mbps"` // of the links in service then
	Largest uint64 `json:"largest_mbps"`
}

// peaks are those of the polled systems whose capacity counts.
func (w *witness) peaks(polled map[int32]bool) (out []Peak) {
	for _, c := range w.Net.Composites() {
		if links, ok := w.cables(c, polled); ok {
			p := w.peak(links)
			p.Composite = c.Name
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Peak) int { return strings.Compare(a.Composite, b.Composite) })
	return out
}

// cables are the members of a system whose capacity counts, if they are links and polled.
func (w *witness) cables(c nation.Composite, polled map[int32]bool) (links []int32, ok bool) {
	for _, m := range c.Members {
		_, name, _ := strings.Cut(m, "link:")
		i, err := w.Net.FindLink(name)
		if err != nil || !w.polledLink(w.Net.Links[i], polled) {
			return nil, false
		}
		links = append(links, i)
	}
	return links, c.Rule == "capacity"
}

// peak adds the links up, slot by slot.
func (w *witness) peak(links []int32) (p Peak) {
	all := make([][]slot, len(links))
	for i, link := range links {
		line, windows := w.linkWhole(link)
		all[i], _ = w.slots(link, line, windows)
	}
	for i := range w.seconds / slotSeconds {
		at := w.start() + int64(i)*slotSeconds
		in, out, here := PeakOneWay{1, at, 0, 0, 0}, PeakOneWay{1, at, 0, 0, 0}, false
		for k, link := range links {
			s := &all[k][i]
			if s.away {
				continue
			}
			here = true
			mbps := uint64(w.Net.Capacity(link))
			in.carry(s.kbpsIn, mbps, s.in >= 0)
			out.carry(s.kbpsOut, mbps, s.out >= 0)
		}
		if here {
			p.Expected++
			p.In.meet(&in)
			p.Out.meet(&out)
		}
	}
	enough := min(p.In.Slots, p.Out.Slots)*10 >= p.Expected*9
	p.Congested = enough && (p.In.crowded() || p.Out.crowded())
	return p
}

// carry adds a link to a slot, which is of no use if one of them has no sample.
func (p *PeakOneWay) carry(kbps, mbps uint64, sampled bool) {
	p.Kbps, p.Mbps, p.Largest = p.Kbps+kbps, p.Mbps+mbps, max(p.Largest, mbps)
	if !sampled {
		p.Slots = 0
	}
}

// meet takes the slot's place if that carried more.
func (p *PeakOneWay) meet(s *PeakOneWay) {
	if s.Slots == 0 {
		return
	}
	slots := p.Slots + 1
	if p.Slots == 0 || s.Kbps > p.Kbps {
		*p = *s
	}
	p.Slots = slots
}

// crowded says whether the rest would have been loaded to 90 % or more without the largest.
func (p *PeakOneWay) crowded() bool {
	return p.Mbps > p.Largest && p.Kbps*10 >= 9*1000*(p.Mbps-p.Largest)
}
