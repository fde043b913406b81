package pm

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// The dialects of element managers: how counters are called, and how values are written down.
const (
	Standard = "standard" // names of 3GPP, values by p
	Huawei   = "huawei"   // Huawei's names for LTE, in Huawei's units; values by position
)

// manager is an element manager: that of the base stations of one province.
type manager struct {
	name    string
	dialect string
	sites   []*Site
}

// managers are the element managers of a network. The dialects are dealt out to them in turn.
func managers(n *nation.Network, sites []Site, dialects []string) []*manager {
	var all []*manager
	byProvince := map[string]*manager{}
	for i := range sites {
		province := n.Devices[sites[i].Device].Province
		m := byProvince[province]
		if m == nil {
			m = &manager{name: "em-" + province, dialect: dialects[len(all)%len(dialects)]}
			byProvince[province] = m
			all = append(all, m)
		}
		m.sites = append(m.sites, &sites[i])
	}
	return all
}

// document is a file that is being written.
type document struct {
	strings.Builder
	overlay *nation.Overlay
	dialect string
	end     fault.Tick
}

// file is the text of a file with the counters of sites for the period that ends at end: TS 32.435.
func (m *manager) file(o *nation.Overlay, sites []*Site, end fault.Tick) string {
	d := &document{overlay: o, dialect: m.dialect, end: end}
	vendor := "Simnet"
	if m.dialect == Huawei {
		vendor = "Huawei Technologies"
	}
	d.WriteString(xml.Header)
	d.printf(`<measCollecFile xmlns="http://www.3gpp.org/ftp/specs/archive/32_series/32.435#measCollec">`+"\n"+
		`<fileHeader fileFormatVersion="32.435 V10.0" vendorName=%q dnPrefix="SubNetwork=simnet">`+"\n"+
		`<fileSender localDn="ManagementNode=%s" elementType="RadioNode"/><measCollec beginTime=%q/></fileHeader>`+"\n",
		vendor, m.name, stamp(end-Period))
	for _, s := range sites {
		d.site(s)
	}
	d.printf("<fileFooter><measCollec endTime=%q/></fileFooter></measCollecFile>\n", stamp(end))
	return d.String()
}

func (d *document) printf(format string, args ...any) { _, _ = fmt.Fprintf(d, format, args...) } // a Builder takes everything

// site writes one base station: a measInfo for each of its groups.
func (d *document) site(s *Site) {
	var order []string
	groups := map[string][]Group{}
	for g := range s.Count(d.overlay, d.end) {
		one := *g
		one.Values = append([]Value(nil), g.Values...)
		if d.dialect == Huawei && g.RAT == nation.LTE {
			one.Values = huawei(one.Values, s.blocks(g.Object))
		}
		if groups[g.Name] == nil {
			order = append(order, g.Name)
		}
		groups[g.Name] = append(groups[g.Name], one)
	}
	device := d.overlay.Devices[s.Device].Name
	d.printf("<measData><managedElement localDn=\"SubNetwork=simnet,ManagedElement=%s\" swVersion=\"S1\"/>\n", device)
	for _, name := range order {
		d.group(name, groups[name])
	}
	d.WriteString("</measData>\n")
}

// blocks is N_RB of the cell whose object it is.
func (s *Site) blocks(object string) uint32 {
	for i := range s.cells {
		for _, o := range s.cells[i].Objects {
			if o == object {
				return s.cells[i].RBs
			}
		}
	}
	return 0
}

// group writes a measInfo; all objects of a group have the same counters.
func (d *document) group(name string, objects []Group) {
	if len(objects[0].Values) == 0 {
		return // nothing that this dialect has a word for
	}
	d.printf("<measInfo measInfoId=%q><job jobId=\"1\"/><granPeriod duration=\"PT%dS\" endTime=%q/><repPeriod duration=\"PT%dS\"/>\n",
		name, PeriodSeconds, stamp(d.end), PeriodSeconds)
	positional := d.dialect == Huawei
	names := make([]string, 0, len(objects[0].Values))
	for i, v := range objects[0].Values {
		if names = append(names, v.Name); !positional {
			d.printf("<measType p=\"%d\">%s</measType>\n", i+1, v.Name)
		}
	}
	if positional {
		d.printf("<measTypes>%s</measTypes>\n", strings.Join(names, " "))
	}
	for i := range objects {
		d.printf("<measValue measObjLdn=%q>", below(objects[i].Object))
		var list []string
		for p, v := range objects[i].Values {
			text := strconv.FormatFloat(v.Value, 'f', -1, 64)
			if list = append(list, text); !positional {
				d.printf(`<r p="%d">%s</r>`, p+1, text)
			}
		}
		if positional {
			d.printf("<measResults>%s</measResults>", strings.Join(list, " "))
		}
		d.WriteString("</measValue>\n")
	}
	d.WriteString("</measInfo>\n")
}

// below is an object's name without its managed element, as element managers write it.
func below(object string) string {
	if _, rest, ok := strings.Cut(object, ","); ok {
		return rest
	}
	return object // the element itself
}

func stamp(t fault.Tick) string { return at(t).Format(time.RFC3339) }

func at(t fault.Tick) time.Time { return time.Unix(0, t.UnixNano()).In(nation.Local) }

// huawei is what Huawei's counters would have said: totals for classes, bits for kilobits, resource blocks for per cent.
func huawei(standard []Value, blocks uint32) []Value {
	sum := func(family string) (total float64, any bool) {
		for _, v := range standard {
			if v.Name == family || strings.HasPrefix(v.Name, family+".") && !strings.HasPrefix(v.Name, "RRU.CellUnavailableTime.s") {
				total, any = total+v.Value, true
			}
		}
		return total, any
	}
	var out []Value
	for _, v := range standard {
		if v.Name == "DRB.IPLateDl.9" { // as a sum, and of how many packets
			out = append(out, Value{"L.Traffic.DL.PktDelay.Time", 1000 * v.Value}, Value{"L.Traffic.DL.PktDelay.Num", 1000})
		}
	}
	for _, one := range [...]struct {
		name, family string
		scale        float64
	}{
		{"L.RRC.ConnReq.Att", "RRC.ConnEstabAtt", 1}, {"L.RRC.ConnReq.Succ", "RRC.ConnEstabSucc", 1},
		{"L.S1Sig.ConnEst.Att", "S1SIG.ConnEstabAtt", 1}, {"L.S1Sig.ConnEst.Succ", "S1SIG.ConnEstabSucc", 1},
		{"L.E-RAB.AttEst", "ERAB.EstabInitAttNbr", 1}, {"L.E-RAB.SuccEst", "ERAB.EstabInitSuccNbr", 1}, {"L.E-RAB.AbnormRel", "ERAB.RelActNbr", 1},
		{"L.HHO.IntraeNB.IntraFreq.ExecAttOut", "HO.IntraEnbOutAtt", 1}, {"L.HHO.IntraeNB.IntraFreq.ExecSuccOut", "HO.IntraEnbOutSucc", 1},
		{"L.HHO.IntereNB.IntraFreq.ExecAttOut", "HO.InterEnbOutAtt", 1}, {"L.HHO.IntereNB.IntraFreq.ExecSuccOut", "HO.InterEnbOutSucc", 1},
		{"L.Thrp.bits.DL", "DRB.IPVolDl", 1000}, {"L.Thrp.Time.DL", "DRB.IPTimeDl", 1},
		{"L.ChMeas.PRB.DL.Used.Avg", "RRU.PrbTotDl", float64(blocks) / 100}, {"L.Cell.Unavail.Dur.Sys", "RRU.CellUnavailableTime", 1},
		{"L.Traffic.User.Avg", "RRC.ConnMean", 1}, {"L.Traffic.User.Max", "RRC.ConnMax", 1},
	} {
		if v, ok := sum(one.family); ok {
			out = append(out, Value{one.name, v * one.scale})
		}
		if one.family == "RRU.PrbTotDl" && len(out) > 0 && out[len(out)-1].Name == one.name {
			out = append(out, Value{"L.ChMeas.PRB.DL.Avail", float64(blocks)})
		}
	}
	return out
}
