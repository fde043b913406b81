package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// Composite explains the availability of one system with redundancy: when it was down, when without protection, and
// which members made it so.
type Composite struct {
	kpi.Composite
	NameVI, NameEN string
	Gross          bool        // the target tests gross
	Theta          model.Ratio // from which on its peak would be too much without the largest member
	Lost           []kpi.Loss  // down first, then unknown, in a planned window, without protection; the longest first
	// Needed is by how many seconds of down time, or Mbit/s × s of a capacity composite, less the target would have
	// been met, in decimal; empty: it is met, or nothing is tested.
	Needed string
}

// MonthComposites explains every composite of a province ("" the nation), or only the one named. It is an error if
// there is none.
func MonthComposites(result *kpi.MonthResult, inv *model.Inventory, province, name string) ([]Composite, error) {
	var out []Composite
	for i := range result.Composites {
		if c := &result.Composites[i]; c.Province == province && (name == "" || name == c.Name) {
			out = append(out, composite(inv, c))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("explain: composites: nothing of name %q in province %q in %s", name, province, result.Month)
	}
	return out, nil
}

func composite(inv *model.Inventory, c *kpi.Composite) Composite {
	out := Composite{Composite: *c, NameVI: c.Name, NameEN: c.Name, Gross: inv.Targets.Composites[c.Name].Gross,
		Theta: model.Ratio{Num: int64(inv.Targets.N1PerMille), Den: 1000}}
	for i := range inv.Composites {
		if row := &inv.Composites[i]; row.Name == c.Name && row.NameVI != "" {
			out.NameVI, out.NameEN = row.NameVI, row.NameEN
		}
	}
	out.Lost = slices.Clone(c.Losses)
	slices.SortStableFunc(out.Lost, func(a, b kpi.Loss) int {
		return cmp.Or(cmp.Compare(gravity(a.State), gravity(b.State)), cmp.Compare(b.To-b.From, a.To-a.From))
	})
	tested := c.Net
	if out.Gross {
		tested = c.Gross
	}
	out.Needed = needed(tested, c.Target)
	return out
}

// gravity orders the states of losses.
func gravity(s kpi.State) int {
	return slices.Index([]kpi.State{kpi.Down, kpi.Unknown, kpi.Maint, kpi.Up}, s)
}

// Composite prints one explanation.
func (p *Printer) Composite(c *Composite) {
	p.line("%s %s (%s, %s)", p.say("Khả dụng hệ thống có dự phòng:", "Availability of a system with redundancy:"), p.say(c.NameVI, c.NameEN), c.Name, p.rule(c))
	p.line("")
	p.seconds(&c.Availability)
	p.line(p.say("  Không còn dự phòng = %d s (%s), nằm trong U", "  Without protection = %d s (%s), part of U"), c.Degraded, p.lasting(c.Degraded))
	if c.Rule == model.Capacity {
		p.line(p.say("  Tỷ lệ tính theo Mbit/s × s của từng thành viên, không theo trạng thái chung:", "  The ratios are those of the members' Mbit/s × s, not of the common state:"))
		p.byWeight(&c.Availability, false)
	} else {
		p.ratios(&c.Availability)
	}
	p.compositeVerdict(c)
	p.list(p.say("Mất, không rõ, bảo trì hoặc không còn dự phòng: khi nào, do thành viên nào", "Down, unknown, in maintenance or without protection: when, and which members made it so"),
		len(c.Lost), func(i int) string { return p.loss(&c.Lost[i]) })
	p.list(p.say("Sự cố", "Outages"), len(c.Outages), func(i int) string { return p.outage(&c.Outages[i]) })
	p.list(p.say("Thành viên", "Members"), len(c.Members), func(i int) string { return p.member(&c.Members[i], c.Rule) })
	if c.Capacity != nil {
		p.peak(p.say("chiều vào", "in"), &c.Capacity.In, c)
		p.peak(p.say("chiều ra", "out"), &c.Capacity.Out, c)
	}
}

// rule says which members are needed.
func (p *Printer) rule(c *Composite) string {
	switch c.Rule {
	case model.Series:
		return p.say("cần mọi thành viên", "all members needed")
	case model.KofN:
		return fmt.Sprintf(p.say("cần %d trong %d thành viên", "%d of %d members needed"), c.Need, c.Entities)
	case model.Ring:
		return p.say("vòng: chịu được mất một nhánh", "ring: one arm may be lost")
	case model.Capacity:
		return p.say("theo dung lượng", "by capacity")
	case model.Parallel:
	}
	return p.say("cần một thành viên", "one member needed")
}

func (p *Printer) compositeVerdict(c *Composite) {
	p.line("  %s %s", p.say("Mục tiêu", "Target"), p.ratio(c.Target))
	switch {
	case c.Target.Den == 0:
	case c.Meets:
		p.line("  %s", p.say("=> ĐẠT", "=> MET"))
	case c.Status == kpi.NoData:
		p.line("  %s", p.say("=> KHÔNG ĐẠT: chưa có số liệu", "=> NOT MET: no data"))
	case c.Status == kpi.Insufficient:
		p.line("  %s", p.say("=> KHÔNG ĐẠT: quá nhiều thời gian không rõ", "=> NOT MET: too much unknown time"))
	default:
		unit := "s"
		if c.Rule == model.Capacity {
			unit = "Mbit/s × s"
		}
		p.line(p.say("  => KHÔNG ĐẠT. Để đạt, lẽ ra phải bớt %s %s mất", "  => NOT MET. To meet it, %s %s less would have had to be down"), c.Needed, unit)
	}
}

func (p *Printer) loss(l *kpi.Loss) string {
	out := fmt.Sprintf("%s  %s  %s – %s", p.lasting(l.To-l.From), p.state(l.State), p.at(l.From), p.at(l.To))
	members := make([]string, len(l.Members))
	for i, m := range l.Members {
		members[i] = fmt.Sprintf("%s %s", m.Scope, p.state(m.State))
	}
	return out + "  <= " + strings.Join(members, ", ")
}

// state names one; UP in a loss is without protection.
func (p *Printer) state(s kpi.State) string {
	switch s {
	case kpi.Down:
		return p.say("MẤT", "DOWN")
	case kpi.Unknown:
		return p.say("KHÔNG RÕ", "UNKNOWN")
	case kpi.Maint:
		return p.say("BẢO TRÌ", "MAINTENANCE")
	case kpi.Up:
		return p.say("KHÔNG CÒN DỰ PHÒNG", "WITHOUT PROTECTION")
	case kpi.Excluded:
	}
	return s.String()
}

func (p *Printer) member(m *kpi.CompositeMember, rule model.CompositeRule) string {
	s := &m.Sums
	out := fmt.Sprintf("%s  U = %d  D = %d  X = %d  Md = %d  Mx = %d  %s = %d s", m.Scope, s.Up, s.Down, s.Unknown, s.MaintDown, s.MaintUnknown, p.say("loại trừ", "excluded"), s.Excluded)
	if rule == model.Capacity || m.Mbps > 0 {
		out += fmt.Sprintf("  × %d Mbit/s", m.Mbps)
	}
	return out
}

// peak prints the slot of greatest traffic, and what its parts were.
func (p *Printer) peak(direction string, l *kpi.PeakLoad, c *Composite) {
	p.line("")
	p.line("%s %s: %s", p.say("Tải đỉnh", "Peak"), direction, p.at(l.At))
	p.line("  %d kbit/s / %d Mbit/s: %s", l.Kbps, l.Mbps, p.exact(l.Util))
	p.line("  N-1: %d kbit/s / (%d − %d) Mbit/s: %s %s %s", l.Kbps, l.Mbps, l.Largest, p.exact(l.N1), p.say("nghẽn khi >=", "congested when >="), p.ratio(c.Theta))
	p.line("  %s %d / %d = %s, %s", p.say("Khoảng 5 phút đủ mẫu", "5-minute slots with all samples"), l.Slots, c.Capacity.Expected, p.exact(c.Capacity.Coverage), c.Capacity.Status)
	for _, one := range l.Cables {
		p.line("  %s  %d kbit/s / %d Mbit/s", one.Link, one.Kbps, one.Mbps)
	}
}
