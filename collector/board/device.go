package board

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/view"
)

// devicePage is one device.
type devicePage struct {
	Name       string
	Row        *model.Device // nil: it is not in the inventory now
	Systems    names
	Place      names
	Code       string // of the province, for its address
	Month      *kpi.EntityMonth
	Net        kpi.Number
	State      string // up, down, unknown, excluded
	Since      int64  // of the state; 0: longer than is shown
	Line       timeline
	Interfaces []interfaceRow
	Outages    []outageRow
	Windows    []*model.Window
	Rows       []row
	Children   int
}

// interfaceRow is one interface.
type interfaceRow struct {
	Name  string
	State string
	Since int64
	Line  []stretch
	Link  *kpi.LinkMonth // nil: no link of the inventory is measured here
	Names names          // of the link's class
}

// timeline is what a device was, hour by hour, up to now.
type timeline struct {
	From, To  int64
	Stretches []stretch
	Hours     []hour
}

// hour is a mark on a time line.
type hour struct {
	At int64
	X  int
}

// stretch is a time in one state, placed on a line of lineWidth.
type stretch struct {
	State    string
	From, To int64
	X, Width int
}

const (
	lineHours = 24
	lineWidth = 960
)

func (b *Board) device(v *visit) error {
	r, err := b.latest()
	if err != nil {
		return err
	}
	now := r.At.Unix()
	p := &devicePage{Name: v.r.PathValue("name"), Row: r.Inventory.Device(v.r.PathValue("name"), now)}
	p.Month = entity(r, p.Name)
	province, known := p.province()
	switch {
	case !known:
		return refuse(http.StatusNotFound, "error.device", p.Name)
	case !v.who.MaySee(province):
		return refuse(http.StatusForbidden, "error.scope", province)
	}
	p.describe(r, province)
	from := now - lineHours*3600
	chunks, err := b.Days(v.r.Context(), partition.Days{From: model.DayOf(from), To: model.DayOf(now) + 1})
	if err != nil {
		return err
	}
	p.timelines(r, chunks, from, now)
	for i := range r.Outages {
		if o := &r.Outages[i]; o.Level == kpi.LevelDevice && o.Name == p.Name {
			p.Outages = append(p.Outages, outageRowOf(r, o))
		}
	}
	slices.Reverse(p.Outages)
	for _, x := range b.alarms(r, v.who) {
		if x.Device() == p.Name {
			p.Rows = append(p.Rows, x)
		}
	}
	return b.show(v, http.StatusOK, "device", p.Name, p)
}

// entity finds a device's month.
func entity(r *view.Result, name string) *kpi.EntityMonth {
	i, ok := slices.BinarySearchFunc(r.Entities, name, func(e kpi.EntityMonth, name string) int {
		if e.Level != kpi.LevelDevice {
			return 1
		}
		return cmp.Compare(e.Name, name)
	})
	if !ok {
		return nil
	}
	return &r.Entities[i]
}

// province is where the device is; not known: neither inventory nor data name it.
func (p *devicePage) province() (code string, known bool) {
	switch {
	case p.Month != nil:
		return p.Month.Province, true
	case p.Row != nil:
		return p.Row.Province, true
	}
	return "", false
}

func (p *devicePage) describe(r *view.Result, province string) {
	p.Place, p.Code = provinceNames(r, province), province
	switch province {
	case "":
		p.Code = nation
	case kpi.UnknownProvince:
		p.Code = ""
	}
	if p.Month != nil {
		p.Systems, p.Net = systemNames(r, p.Month.System), p.Month.Sums.Net()
	}
	if p.Row == nil {
		return
	}
	p.Systems = systemNames(r, p.Row.System)
	now := r.At.Unix()
	for i := range r.Inventory.Windows {
		if w := &r.Inventory.Windows[i]; w.End > now && p.Row.In(r.Inventory.Meant(w.Scope(), w.Start)) {
			p.Windows = append(p.Windows, w)
		}
	}
	for i := range r.Inventory.Devices {
		if d := &r.Inventory.Devices[i]; d.Parent == p.Name && d.Covers(now) {
			p.Children++
		}
	}
}

// timelines lays the device and its interfaces over the last hours.
func (p *devicePage) timelines(r *view.Result, chunks []*kpi.DayChunk, from, to int64) {
	p.Line = timeline{From: from, To: to}
	for at := (from/10800 + 1) * 10800; at < to; at += 10800 {
		p.Line.Hours = append(p.Line.Hours, hour{at, place(at, from, to)})
	}
	method := ""
	if p.Row != nil {
		method = p.Row.PrimaryMethod
	}
	lines := states(chunks, p.Name, method)
	p.Line.Stretches = stretches(lines[""], from, to)
	p.State, p.Since = last(p.Line.Stretches, from)
	links := linksOf(r, p.Name)
	for _, ifname := range sortedKeys(lines) {
		if ifname == "" {
			continue
		}
		x := interfaceRow{Name: ifname, Line: stretches(lines[ifname], from, to), Link: links[ifname]}
		x.State, x.Since = last(x.Line, from)
		if x.Link != nil {
			x.Names = classNames(x.Link.Class)
		}
		p.Interfaces = append(p.Interfaces, x)
	}
}

// states are the intervals of a device and, by name, of its interfaces, with the days that were seen.
func states(chunks []*kpi.DayChunk, device, method string) map[string]map[model.Day][]kpi.Interval {
	out := map[string]map[model.Day][]kpi.Interval{}
	for _, c := range chunks {
		first, _ := slices.BinarySearchFunc(c.Entities, device, func(e kpi.EntityDay, name string) int { return cmp.Compare(e.Device, name) })
		for i := first; i < len(c.Entities) && c.Entities[i].Device == device; i++ {
			e := &c.Entities[i]
			days := out[e.IfName]
			if days == nil {
				days = map[model.Day][]kpi.Interval{}
				out[e.IfName] = days
			}
			if _, twice := days[c.Day]; !twice || e.Method == method {
				days[c.Day] = e.NonUp
			}
		}
	}
	return out
}

// stretches are the states in [from, to): up where a day was seen and nothing else is said.
func stretches(days map[model.Day][]kpi.Interval, from, to int64) []stretch {
	var out []stretch
	add := func(a, b int64, state kpi.State) {
		a, b = max(a, from), min(b, to)
		if a >= b {
			return
		}
		if n := len(out); n > 0 && out[n-1].State == state.String() && out[n-1].To == a {
			out[n-1].To = b
			return
		}
		out = append(out, stretch{State: state.String(), From: a, To: b})
	}
	for d := model.DayOf(from); d.Start() < to; d++ {
		ivs, seen := days[d]
		if !seen {
			add(d.Start(), d.End(), kpi.Unknown)
			continue
		}
		at := d.Start()
		for _, iv := range ivs {
			add(at, iv.From, kpi.Up)
			add(iv.From, iv.To, iv.State)
			at = iv.To
		}
		add(at, d.End(), kpi.Up)
	}
	for i := range out {
		out[i].X = place(out[i].From, from, to)
		out[i].Width = max(place(out[i].To, from, to)-out[i].X, 1)
	}
	return out
}

func place(at, from, to int64) int { return int((at - from) * lineWidth / (to - from)) }

// last is the present state and since when; 0: for longer than is shown.
func last(line []stretch, from int64) (state string, since int64) {
	if len(line) == 0 {
		return kpi.Unknown.String(), 0
	}
	s := line[len(line)-1]
	if s.From == from {
		return s.State, 0
	}
	return s.State, s.From
}

// linksOf are the links that are measured at a device, by interface.
func linksOf(r *view.Result, device string) map[string]*kpi.LinkMonth {
	out := map[string]*kpi.LinkMonth{}
	for i := range r.Links {
		if l := &r.Links[i]; l.Port.Device == device {
			out[l.Port.IfName] = l
		}
	}
	return out
}
