package nation

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
)

// The headers of the files, in one line as they stand there.
const (
	deviceHead = "device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,primary_method,agent,profile,valid_from,valid_to"
	linkHead   = "link,a_device,a_ifname,b_device,b_ifname,class,capacity_mbps,valid_from,valid_to,a_members,min_links"
	windowHead = "id,scope,start,end,created_at,approved_by,approved_at,reason,freeze_override"
	groupHead  = "composite,name_vi,name_en,system,province,rule,need,members,valid_from,valid_to"
	cellHead   = "cell,device,object,technology,bandwidth_mhz,n_rb,valid_from,valid_to"
	goalHead   = "id,name_vi,name_en,year,unit,planned,measure,systems,start,now"
	freezeHead = "id,name_vi,name_en,start,end,scope,changes,alert_sensitivity,note_vi,note_en"
	importHead = "month,province,service,kpi,numerator,denominator,source"
)

// WriteInventory writes devices.csv, links.csv, maintenance.csv, composites.csv, cells.csv, goals.csv, freezes.csv and
// measured.csv into dir, which is made if needed.
// port is where the devices answer SNMP.
func (n *Network) WriteInventory(dir string, port int) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("nation: inventory: %w", err)
	}
	files := []struct {
		name string
		head string
		rows func(func([]string) bool)
	}{
		{"devices.csv", deviceHead, func(yield func([]string) bool) { n.deviceRows(port, yield) }},
		{"links.csv", linkHead, n.linkRows},
		{"maintenance.csv", windowHead, n.windowRows},
		{"composites.csv", groupHead, n.compositeRows},
		{"cells.csv", cellHead, n.cellRows},
		{"goals.csv", goalHead, n.goalRows},
		{"freezes.csv", freezeHead, n.freezeRows},
		{"measured.csv", importHead, n.measuredRows},
	}
	for _, f := range files {
		if err := writeCSV(filepath.Join(dir, f.name), f.head, f.rows); err != nil {
			return fmt.Errorf("nation: inventory: %w", err)
		}
	}
	return nil
}

func (n *Network) deviceRows(port int, yield func([]string) bool) {
	since := stamp(n.cfg.Since)
	for i := range n.Devices {
		d := &n.Devices[i]
		address := n.Address(int32(i)).String()
		if port != 0 && port != 161 {
			address += ":" + strconv.Itoa(port)
		}
		var parent, agent string
		if d.Parent >= 0 {
			parent = n.Devices[d.Parent].Name
		}
		if d.Agent >= 0 {
			agent = n.Agents[d.Agent]
		}
		row := []string{d.Name, address, d.Province, d.System, d.Site, parent, d.Vendor, d.Role, number(d.Subscribers),
			number(d.CapacityMbps), n.cfg.Method, agent, n.cfg.Profile, since, ""}
		if !yield(row) {
			return
		}
	}
}

func (n *Network) linkRows(yield func([]string) bool) {
	since := stamp(n.cfg.Since)
	for i := range n.Links {
		l := &n.Links[i]
		row := []string{l.Name, n.Devices[l.A.Device].Name, string(n.IfName(l.A)), "", "", l.Class, "", since, "", "", ""}
		if mbps := n.Capacity(int32(i)); mbps > 0 {
			row[6] = number(mbps)
		}
		row[9], row[10] = n.memberCells(int32(i))
		if l.HasB() {
			row[3], row[4] = n.Devices[l.B.Device].Name, string(n.IfName(l.B))
		}
		if !yield(row) {
			return
		}
	}
}

func (n *Network) windowRows(yield func([]string) bool) {
	for _, w := range n.cfg.Windows {
		row := []string{w.ID, w.Scope, stamp(w.Start), stamp(w.End), stamp(w.CreatedAt), w.ApprovedBy, stamp(w.ApprovedAt), w.Reason, w.Override}
		if !yield(row) {
			return
		}
	}
}

func (n *Network) freezeRows(yield func([]string) bool) {
	for _, f := range n.cfg.Freezes {
		changes := "frozen"
		if f.Open {
			changes = "open"
		}
		if !yield([]string{f.ID, f.Name, f.Name, stamp(f.Start), stamp(f.End), strings.Join(f.Scopes, "|"), changes, "", f.Name, f.Name}) {
			return
		}
	}
}

func (n *Network) measuredRows(yield func([]string) bool) {
	from := n.cfg.Since.In(Local)
	for i := range 12 * goalYears {
		month := time.Date(from.Year(), from.Month()+time.Month(i), 1, 0, 0, 0, 0, Local).Format("2006-01")
		for _, m := range n.Measured(month) {
			if !yield([]string{month, m.Province, m.Service, m.KPI, strconv.FormatInt(m.Num, 10), strconv.FormatInt(m.Den, 10), "simnet"}) {
				return
			}
		}
	}
}

func (n *Network) compositeRows(yield func([]string) bool) {
	for _, c := range n.Composites() {
		if !yield(c.row(stamp(n.cfg.Since))) {
			return
		}
	}
}

func (n *Network) cellRows(yield func([]string) bool) {
	since := stamp(n.cfg.Since)
	for i := range n.Devices {
		for _, c := range n.Cells(int32(i)) {
			row := []string{c.Name, n.Devices[i].Name, strings.Join(c.Objects, "|"), c.Technology, number(c.MHz), number(c.RBs), since, ""}
			if !yield(row) {
				return
			}
		}
	}
}

func (n *Network) goalRows(yield func([]string) bool) {
	first := n.cfg.Since.In(Local).Year()
	for _, g := range n.goals() {
		for year := first; year < first+goalYears; year++ {
			if !yield(g.row(year)) {
				return
			}
		}
	}
}

func writeCSV(path string, head string, rows func(func([]string) bool)) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	if w.Write(strings.Split(head, ",")) == nil { // an error is kept until Error
		rows(func(row []string) bool { return w.Write(row) == nil })
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return f.Close()
}

// stamp is RFC 3339 in local time; empty for no time.
func stamp(t fault.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(Local).Format(time.RFC3339)
}

func number(v uint32) string { return strconv.FormatUint(uint64(v), 10) }
