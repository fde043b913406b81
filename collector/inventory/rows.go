package inventory

import (
	"cmp"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

// The headers of the CSV files. Columns are read in this order.
const (
	deviceHeader = "device,address,province,system,site,parent,vendor,role,subscribers," +
		"capacity_mbps,primary_method,agent,profile,valid_from,valid_to"
	tagHead       = ",tags" // may follow
	linkHeader    = "link,a_device,a_ifname,b_device,b_ifname,class,capacity_mbps,valid_from,valid_to"
	lagHead       = ",a_members,min_links" // may follow
	windowHeader  = "id,scope,start,end,created_at,approved_by,approved_at,reason"
	overrideHead  = ",freeze_override" // may follow
	holidayHeader = "first,last,name_vi,name_en"
)

func (l *loader) readDevices(path string) {
	l.devices.file = path
	l.devices.broken = !l.readTable(path, "devices.csv", deviceHeader+"["+tagHead+"]", func(r *row) {
		d := model.Device{
			Name: r.name(), Address: r.address(), Province: r.text(), System: r.system(l.targets), Site: r.text(),
			Parent: r.text(), Vendor: r.text(), Role: r.text(), Subscribers: r.count(), CapacityMbps: r.count(),
			PrimaryMethod: r.token(), Agent: r.text(), Profile: r.text(), Validity: r.validity(),
		}
		d.Tags = r.tags()
		l.settle(r, &d)
		l.devices.add(r, d)
	})
	l.devices.sort(func(a, b *model.Device) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.From, b.From))
	})
	for i := 1; i < len(l.devices.rows); i++ {
		if d, before := &l.devices.rows[i], &l.devices.rows[i-1]; d.Name == before.Name {
			d.Former = l.units.former(home{d.Province, d.Former}, home{before.Province, before.Former}, d.From)
		}
	}
}

// tags reads the column that may be missing.
func (r *row) tags() string {
	if r.next == len(r.cells) {
		return ""
	}
	s := r.text()
	for tag := range strings.SplitSeq(s, "|") {
		if s != "" && !slices.Contains(model.Tags(), tag) {
			r.fail("%s is not a tag: want %s, several separated by |", quote(tag), strings.Join(model.Tags(), " or "))
		}
	}
	return s
}

// system reads the name of a system that targets.yaml declares.
func (r *row) system(t targetsFile) model.System {
	s := model.System(r.name())
	if _, known := t.Availability[s]; !known && s != "" && t.Availability != nil {
		r.fail("%s is not declared in %s (availability.systems)", quote(string(s)), t.path)
	}
	return s
}

// settle puts the device into the unit it is counted under: a national one into none.
func (l *loader) settle(r *row, d *model.Device) {
	t, known := l.targets.Availability[d.System]
	switch {
	case !known && d.Province == "":
	case known && t.National && d.Province != "":
		r.found.add(r.file, r.line, "province", "%s: want none, %s is a national system", quote(d.Province), d.System)
	case known && !t.National && d.Province == "":
		r.found.add(r.file, r.line, "province", "is empty: want a code, %s is not a national system", d.System)
	case d.Province != "":
		d.Province, d.Former = l.home(r, "province", d.Province, d.Validity)
	}
}

// home is where what lies in a province for all of v is counted, and what it lies in if that is another unit.
func (l *loader) home(r *row, column, code string, v model.Validity) (counted, former string) {
	if len(l.units.list) == 0 {
		return code, "" // the registries could not be read
	}
	counted, err := l.units.resolve(code, v)
	if err != nil {
		r.found.add(r.file, r.line, column, "%v", err)
	}
	if counted != code && err == nil {
		former = code
	}
	return counted, former
}

// begins checks that the scope of what begins at the instant at exists then, if it is a province.
func (l *loader) begins(r *row, s model.Scope, at int64) {
	if s.Kind == model.ScopeProvince && at > 0 {
		l.home(r, "scope", s.Key, model.Validity{From: at, To: at + 1})
	}
}

func (l *loader) readLinks(path string) {
	l.links.file = path
	l.readTable(path, "links.csv", linkHeader+"["+lagHead+"]", func(r *row) {
		link := model.Link{
			Name: r.name(), A: model.Port{Device: r.name(), IfName: r.name()}, B: model.Port{Device: r.text(), IfName: r.text()},
			Class: r.class(), CapacityMbps: r.count(), Validity: r.validity(),
		}
		link.LAG = r.lag(link.A.IfName)
		if link.B.Device == "" && link.B.IfName != "" {
			r.found.add(r.file, r.line, "b_device", "is empty beside b_ifname %s: want both or neither", quote(link.B.IfName))
		}
		l.links.add(r, link)
	})
	l.links.sort(func(a, b *model.Link) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.From, b.From))
	})
}

// lag reads the columns that may be missing.
func (r *row) lag(aggregate string) *model.LAG {
	if r.next == len(r.cells) {
		return nil
	}
	list, need := r.text(), r.count()
	switch members := strings.Split(list, "|"); {
	case list == "" && need == 0:
		return nil
	case list == "":
		r.fail("%d: want none, as a_members is empty", need)
	case int(need) > len(members):
		r.fail("%d: want at most the %d members", need, len(members))
	case slices.Contains(members, "") || slices.Contains(members, aggregate) || repeats(members):
		r.found.add(r.file, r.line, "a_members", "%s: want the names of ports, each once, that are not the aggregate, separated by |", quote(list))
	default:
		return &model.LAG{Members: members, MinLinks: max(int(need), 1)}
	}
	return nil
}

func repeats(names []string) bool {
	sorted := slices.Sorted(slices.Values(names))
	return len(slices.Compact(sorted)) < len(names)
}

func (r *row) class() model.LinkClass {
	c := model.LinkClass(r.text())
	if defaultTheta(c) == "" {
		r.fail("%s is not a link class: want transport, broadband or international", quote(string(c)))
	}
	return c
}

func (l *loader) readWindows(path string) {
	l.windows.file = path
	l.readTable(path, "maintenance.csv", windowHeader+"["+overrideHead+"]", func(r *row) {
		w := model.Window{ID: r.name()}
		w.Kind, w.Key = r.scope()
		w.Start, w.End = r.mustInstant(), r.mustInstant()
		if w.End <= w.Start && w.End > 0 && w.Start > 0 {
			r.fail("%s is not after start %s", quote(r.cells[r.next-1]), quote(r.cells[r.next-2]))
		}
		w.CreatedAt, w.ApprovedBy, w.ApprovedAt, w.Reason = r.instant(0), r.text(), r.instant(0), r.text()
		if r.next < len(r.cells) {
			w.Override = r.text()
		}
		if (w.ApprovedBy == "") != (w.ApprovedAt == 0) {
			r.found.add(r.file, r.line, "approved_at", "want both approved_by and approved_at, or neither")
		}
		l.begins(r, w.Scope(), w.Start)
		l.windows.add(r, w)
	})
	l.windows.sort(func(a, b *model.Window) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), strings.Compare(a.ID, b.ID))
	})
}

func (r *row) scope() (model.ScopeKind, string) {
	s, err := ParseScope(r.text())
	if err != nil {
		r.fail("%v", err)
	}
	return s.Kind, s.Key
}

// readHolidays reads the national holidays, each from its first to its last day.
func (l *loader) readHolidays(path string) {
	if path == "" {
		return
	}
	l.readTable(path, "holidays.csv", holidayHeader, func(r *row) {
		first, last := r.day(), r.day()
		switch {
		case first == 0 || last == 0: // reported
		case first > last || last-first > 31:
			r.fail("%s: want a day from first on, within a month", quote(r.cells[r.next-1]))
		default:
			for day := first; day <= last; day++ {
				l.holidays = append(l.holidays, day)
			}
		}
		r.text()
		r.text()
	})
	slices.Sort(l.holidays)
	l.holidays = slices.Compact(l.holidays)
}
