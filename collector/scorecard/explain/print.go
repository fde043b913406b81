package explain

import (
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// listed is how many rows of a list are printed, unless all are asked for; the rest is named by their number.
const listed = 20

// Printer writes explanations in a language (vi or en). The first error of the writer stays.
type Printer struct {
	out io.Writer
	fmt report.Report
	all bool // every row of lists
	err error
}

// NewPrinter makes one.
func NewPrinter(out io.Writer, lang string) *Printer {
	return &Printer{out: out, fmt: report.Report{Lang: lang}}
}

// Err is the first error of the writer.
func (p *Printer) Err() error { return p.err }

func (p *Printer) say(vi, en string) string {
	if p.fmt.Lang == "en" {
		return en
	}
	return vi
}

func (p *Printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format+"\n", args...)
	}
}

func (p *Printer) lasting(seconds int64) string {
	return p.fmt.Print(report.Cell{Kind: report.Duration, Value: strconv.FormatInt(seconds, 10)})
}

func (p *Printer) at(sec int64) string {
	return p.fmt.Print(report.Cell{Kind: report.Time, Value: time.Unix(sec, 0).In(model.Local).Format(time.RFC3339)})
}

func (p *Printer) share(n kpi.Number) string {
	if !n.Valid() {
		return "–"
	}
	return p.fmt.Print(report.Cell{Kind: report.Percent, Value: n.Format(6)})
}

// ratio prints a limit with the numbers that it is compared by.
func (p *Printer) ratio(r model.Ratio) string {
	if r.Den == 0 {
		return p.say("chưa có", "none")
	}
	return p.exact(kpi.Quo(r.Num, r.Den))
}

func (p *Printer) tenths(v int32) string {
	if v < 0 {
		return "–"
	}
	return p.fmt.Print(report.Cell{Kind: report.Tenths, Value: strconv.Itoa(int(v))})
}

// list prints up to listed rows under a title; none at all is said too.
func (p *Printer) list(title string, n int, row func(i int) string) {
	p.line("")
	p.line("%s: %d", title, n)
	most := listed
	if p.all {
		most = n
	}
	for i := range min(n, most) {
		p.line("  %s", row(i))
	}
	if n > most {
		p.line(p.say("  … và %d dòng nữa (--all)", "  … and %d more (--all)"), n-most)
	}
}

// Availability prints one explanation.
func (p *Printer) Availability(a *Availability) {
	g := &a.Group
	p.line("%s %s (%s)", p.say("Khả dụng:", "Availability:"), p.say(a.NameVI, a.NameEN), g.Level)
	p.line("")
	p.seconds(g)
	p.ratios(g)
	if g.WLo.Valid() {
		p.line("  %s", p.say("Theo trọng số w (thuê bao hoặc Mbit/s):", "By weight w (subscribers or Mbit/s):"))
		p.byWeight(g, true)
	}
	p.verdict(a)
	p.list(p.say("Sự cố, dài nhất trước", "Outages, the longest first"), len(a.Outages), func(i int) string { return p.outage(&a.Outages[i]) })
	p.list(p.say("Góp vào thời gian mất, theo trọng số", "Down time by weight"), len(a.Heavy), func(i int) string { return p.heavy(&a.Heavy[i]) })
	p.list(p.say("Đợt bảo trì đã duyệt trước: phần mất bên trong không tính", "Maintenance approved in time: down time inside is not counted"), len(a.Planned), func(i int) string { return p.window(&a.Planned[i]) })
	p.list(p.say("Đợt bảo trì duyệt muộn: không được trừ", "Maintenance approved too late: nothing is subtracted"), len(a.Late), func(i int) string { return p.window(&a.Late[i]) })
	p.list(p.say("Có thời gian không rõ (không có số liệu)", "With unknown time (no data)"), len(a.Unknown), func(i int) string { return p.lasting(a.Unknown[i].Seconds) + "  " + a.Unknown[i].Name })
	p.list(p.say("Có thời gian loại trừ (ngoài danh mục hoặc tắt chủ động)", "With excluded time (not in the inventory, or shut down by hand)"), len(a.Excluded), func(i int) string { return p.lasting(a.Excluded[i].Seconds) + "  " + a.Excluded[i].Name })
}

func (p *Printer) heavy(h *Weight) string {
	return fmt.Sprintf("%s  %d s × %d = %s", h.Name, h.Seconds, h.Weight, new(big.Int).Mul(big.NewInt(h.Seconds), big.NewInt(h.Weight)))
}

func (p *Printer) verdict(a *Availability) {
	p.line("  %s %s%s", p.say("Mục tiêu", "Target"), p.ratio(a.Group.Target), p.tests(a.Group.Test))
	if a.Group.Target.Den == 0 {
		return
	}
	if a.Group.Meets {
		p.line("  %s", p.say("=> ĐẠT", "=> MET"))
		return
	}
	p.line("  %s", p.say("=> KHÔNG ĐẠT. Để đạt, lẽ ra phải:", "=> NOT MET. To meet it, there would have had to be:"))
	if a.Group.Status == kpi.NoData {
		p.line(p.say("   - có số liệu: chưa thấy gì", "   - data: nothing was seen"))
		return
	}
	if a.Unseen > 0 {
		p.line(p.say("   - bớt %d s (%s) thời gian không rõ", "   - %d s (%s) less of unknown time"), a.Unseen, p.lasting(a.Unseen))
	}
	if a.Needed > 0 {
		p.line(p.say("   - bớt %d s (%s) thời gian mất: tránh %d sự cố dài nhất là đủ", "   - %d s (%s) less of down time: avoiding the %d longest outages is enough"), a.Needed, p.lasting(a.Needed), a.Enough)
	}
	if a.UnseenWeight != "" {
		p.line(p.say("   - bớt %s thuê bao × s không rõ", "   - %s subscribers × s less of unknown time"), a.UnseenWeight)
	}
	if a.NeededWeight != "" {
		p.line(p.say("   - bớt %s thuê bao × s mất", "   - %s subscribers × s less of down time"), a.NeededWeight)
	}
}

// tests says what a target tests, if that is not the net availability of all devices alike.
func (p *Printer) tests(t model.Test) (text string) {
	if t.Gross {
		text = p.say(", kể cả bảo trì", ", gross")
	}
	if t.Weighted {
		text += p.say(", theo thuê bao", ", by subscribers")
	}
	return text
}

func (p *Printer) outage(o *kpi.Outage) string {
	out := fmt.Sprintf("%s (%d s)  %s  %s – %s", p.lasting(o.Seconds), o.Seconds, o.Name, p.at(o.From), p.at(o.To))
	if o.Planned > 0 {
		out += fmt.Sprintf(p.say("  (bảo trì %s lấy đi %s = %d s)", "  (maintenance %s took out %s = %d s)"), strings.Join(o.Windows, ", "), p.lasting(o.Planned), o.Planned)
	}
	if o.Open {
		out += p.say("  còn kéo dài", "  still open")
	}
	if !o.Counted {
		out += p.say("  tính giây, không tính lần", "  seconds count, not as an outage")
	}
	return out
}

func (p *Printer) window(w *model.Window) string {
	out := fmt.Sprintf("%s  %s:%s  %s – %s  %s", w.ID, w.Kind, w.Key, p.at(w.Start), p.at(w.End), w.Reason)
	if w.ApprovedAt == 0 {
		return out + p.say("  (chưa duyệt)", "  (not approved)")
	}
	return out + fmt.Sprintf(p.say("  (duyệt %s)", "  (approved %s)"), p.at(w.ApprovedAt))
}

// Congestion prints one explanation.
func (p *Printer) Congestion(c *Congestion) {
	g := &c.Group
	p.line("%s %s", p.say("Tỷ lệ nghẽn, lớp", "Congested links, class"), g.Class)
	p.line("")
	p.line("  %s %d / %d = %s", p.say("nghẽn / đánh giá được =", "congested / evaluated ="), g.Congested, g.Evaluated, p.share(g.Ratio))
	lo, hi, seen := kpi.Quo(int64(g.Congested), int64(g.Links)), kpi.Quo(int64(g.Congested+g.NotEvaluated), int64(g.Links)), kpi.Quo(int64(g.Evaluated), int64(g.Links))
	p.line(p.say("  %d đường trong phạm vi, %d chưa đánh giá được: độ phủ %s, còn có thể từ %s tới %s", "  %d links in scope, %d not evaluated: coverage %s, could be from %s to %s"),
		g.Links, g.NotEvaluated, p.exact(seen), p.exact(lo), p.exact(hi))
	p.line("  %s %d / %d Mbit/s = %s", p.say("theo dung lượng (không xét) =", "by capacity (not tested) ="), g.CapCongested, g.CapEvaluated, p.share(g.CapRatio))
	p.line("  %s %s", p.say("Phải nhỏ hơn", "Must be below"), p.ratio(g.MaxRatio))
	p.line(p.say("  Nghẽn khi P95 >= %s", "  Congested when P95 >= %s"), p.tenths(int32(c.Rule.ThetaPerMille)))
	p.relief(c)
	p.list(p.say("Đường nghẽn, dễ giải tỏa nhất trước", "Congested links, the easiest to relieve first"), len(c.Congested), func(i int) string { return p.congested(&c.Congested[i]) })
	p.list(p.say("Chưa đánh giá được (thiếu số liệu, ngoài tỷ lệ)", "Not evaluated (too little data, outside of the ratio)"), len(c.NotEvaluated), func(i int) string {
		return c.NotEvaluated[i].Link + "  " + p.measured(&c.NotEvaluated[i])
	})
}

func (p *Printer) relief(c *Congestion) {
	switch {
	case c.Group.MaxRatio.Den == 0:
	case c.Group.Meets:
		p.line("  %s", p.say("=> ĐẠT", "=> MET"))
	case c.Group.Evaluated == 0:
		p.line("  %s", p.say("=> KHÔNG ĐẠT: chưa đánh giá được đường nào", "=> NOT MET: no link could be evaluated"))
	default:
		p.line(p.say("  => KHÔNG ĐẠT. Để đạt, lẽ ra chỉ được tối đa %d đường nghẽn: bớt %d", "  => NOT MET. To meet it, at most %d links could have been congested: %d fewer"), max(c.Allowed, 0), c.Needed)
	}
}

func (p *Printer) congested(l *Link) string {
	out := fmt.Sprintf("%s  P95 %s", l.Link, p.tenths(l.P95))
	if l.ByP95 {
		out += fmt.Sprintf(p.say("  vượt %s", "  over by %s"), p.tenths(l.Over))
	}
	if l.ByDrops {
		out += fmt.Sprintf(p.say("  rớt gói %d ngày", "  drops on %d days"), l.DropDays)
	}
	return out + fmt.Sprintf(p.say("  %d giờ nghẽn", "  %d congested hours"), l.CongestedHours) + "\n    " + p.measured(&l.LinkMonth)
}

// measured is what a link's month was made of.
func (p *Printer) measured(l *kpi.LinkMonth) string {
	return fmt.Sprintf(p.say("%s %s  %d Mbit/s  mẫu / phải có %s  đặt lại %d  rớt gói %d ngày  %d giờ nghẽn\n    vào: %s\n    ra: %s",
		"%s %s  %d Mbit/s  samples / expected %s  resets %d  drops on %d days  %d congested hours\n    in: %s\n    out: %s"),
		l.Port.Device, l.Port.IfName, l.CapacityMbps, p.exact(l.Coverage), l.Resets, l.DropDays, l.CongestedHours, p.direction(&l.In), p.direction(&l.Out))
}

// direction is one direction: the 95th percentile is the element of that rank of its samples in order.
func (p *Printer) direction(d *kpi.DirMonth) string {
	if d.Slots == 0 {
		return p.say("không có mẫu", "no samples")
	}
	out := fmt.Sprintf(p.say("%d mẫu (%d nghi ngờ bị bỏ), P95 = mẫu thứ %d = %d ‰, lớn nhất %d ‰, trung bình %s ‰", "%d samples (%d suspect ones left out), P95 = sample %d in order = %d ‰, greatest %d ‰, mean %s ‰"),
		d.Slots, d.Suspect, (95*int64(d.Slots)+99)/100, d.P95, d.Max, p.mean(d.Occ))
	if d.BusyHour < 0 {
		return out
	}
	return out + fmt.Sprintf(p.say(", giờ bận %d: %s ‰", ", busy hour %d: %s ‰"), d.BusyHour, p.mean(d.BusyMean))
}

func (p *Printer) mean(n kpi.Number) string {
	if !n.Valid() {
		return "–"
	}
	return fmt.Sprintf("%s / %s = %s", n.Num.Big(), n.Den.Big(), p.number(n.Format(3)))
}
