//go:build conformance

package pmfile

import (
	"encoding/xml"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
	shipped "github.com/haidang-noc/haidang/configs/counters"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// Every real file goes through the input with the shipped counter maps, and what it writes through the collector's
// KPIs: which of them its counters reach, with sums that are worked out from the file's XML alone.
func TestConformanceSamplesToKPIs(t *testing.T) {
	dir := os.Getenv("SHARED")
	if dir == "" {
		t.Fatal("SHARED must name the folder of the shared material")
	}
	root, files, done := filepath.Join(dir, "data", "pm-xml"), 0, 0
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".xml") {
			return err
		}
		files++
		name, _ := filepath.Rel(root, path)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		got := reached(t, string(text))
		if len(got) > 0 {
			t.Logf("%s: %s", name, strings.Join(got, ", "))
		}
		if want := slowly(t, text); !slices.Equal(got, want) {
			t.Errorf("%s reaches\n%s, want\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		} else {
			done++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("PM files to KPIs: %d of %d", done, files)
}

// reached are the KPIs of a file's cells, each with its two sums.
func reached(t *testing.T, text string) (out []string) {
	t.Helper()
	s := newSite(t)
	s.put(t, "A.xml", text)
	lines, err := plugintest.Once(t, New(), s.config(""))
	if err != nil {
		return []string{"refused"}
	}
	days, cells := stageOne(t, lines)
	for day, reports := range days {
		plan := ran.NewPlan("p", slices.Clone(cells), func(string) []ran.Stay { return []ran.Stay{{Span: forever}} })
		r := ran.Evaluate(plan.Sum(day, reports), &model.RANRules{}, model.DaySeconds, model.DaySeconds)
		for _, k := range r.KPIs {
			if k.Kind != ran.Site && k.Num != nil && k.Name != ran.Gross && (k.Num.Sign() != 0 || k.Den.Sign() != 0 || k.Coverage != nil && k.Coverage.Sign() > 0) {
				out = append(out, fmt.Sprintf("%s %s %s/%s", k.Kind, k.Name, k.Num, k.Den))
			}
		}
	}
	slices.Sort(out)
	return out
}

var forever = ran.Span{To: model.Forever} //nolint:gochecknoglobals // a constant

// stageOne makes reports of lines, and a cell of each object that is called one.
func stageOne(t *testing.T, lines plugintest.Lines) (map[model.Day][]report.Day, []ran.Cell) {
	t.Helper()
	type key struct {
		report.Series
		day model.Day
	}
	sets, cells := map[key]*report.Set{}, map[string]ran.Cell{}
	scan := point.NewScanner([]byte(strings.Join(lines, "\n")+"\n"), point.Options{})
	for scan.Next() {
		l := scan.Line()
		s, err := point.ParseKey(l.Key)
		if err != nil || scan.Err() != nil {
			t.Fatal(err, scan.Err())
		}
		kind := ran.KindOf(s.Tag("rat"))
		one := reportOf(l, kind)
		if one == nil {
			continue
		}
		day, _ := one.Day()
		k := key{report.Series{Device: s.Tag("device"), Object: s.Tag("object"), Kind: kind, Group: s.Tag("group")}, day}
		if sets[k] == nil {
			sets[k] = &report.Set{}
		}
		sets[k].Add(day, one)
		if isCell(k.Object) && kind != ran.Site {
			name := cellOf(k.Object)
			objects := append(cells[name].Objects, k.Object)
			slices.Sort(objects)
			cells[name] = ran.Cell{Name: name, Device: k.Device, Objects: slices.Compact(objects), Kind: kind, RBs: 1, Span: forever, Stays: []ran.Stay{{Span: forever}}}
		}
	}
	groups := map[key][]*report.Set{}
	for k, set := range sets {
		k.Group = ""
		groups[k] = append(groups[k], set)
	}
	days := map[model.Day][]report.Day{}
	for k, of := range groups {
		d := report.Fold(k.day, of)
		d.Device, d.Object, d.Kind = k.Device, k.Object, k.Kind
		days[k.day] = append(days[k.day], d)
	}
	var list []ran.Cell
	for _, c := range cells {
		list = append(list, c)
	}
	return days, list
}

// isCell says whether an object is a cell by its last name.
func isCell(object string) bool {
	class, _, _ := strings.Cut(object[strings.LastIndexByte(object, ',')+1:], "=")
	return strings.Contains(class, "Cell") && !strings.Contains(class, "Relation")
}

// cellOf is an object's cell: the CU and the DU of an NR cell, of the same number, are one.
func cellOf(object string) string {
	class, number, _ := strings.Cut(object[strings.LastIndexByte(object, ',')+1:], "=")
	if strings.HasPrefix(class, "NRCell") {
		return "NRCell=" + number
	}
	return object
}

func reportOf(l *point.Line, kind string) *report.Report {
	one, reader := &report.Report{End: l.Time / 1e9}, ran.NewReader()
	for _, f := range l.Fields {
		if n, ok := f.Int(); ok && string(f.Key) == "period_s" {
			one.Period = n
		}
		if yes, ok := f.Bool(); ok && string(f.Key) == "suspect" {
			one.Suspect = yes
		}
	}
	reader.Begin(kind, one.Period)
	for _, f := range l.Fields {
		if v, ok := f.Float(); ok {
			reader.Counter(f.Key, v)
		}
	}
	if !reader.Report(one) {
		return nil
	}
	return one
}

// node is an element as encoding/xml has it: what follows knows nothing of our reader, our maps' loader or the KPIs.
type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []node     `xml:",any"`
	Text     string     `xml:",chardata"`
}

func (n *node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// each calls f for all elements of a name below n.
func (n *node) each(name string, f func(*node)) {
	for i := range n.Children {
		if n.Children[i].XMLName.Local == name {
			f(&n.Children[i])
		}
		n.Children[i].each(name, f)
	}
}

// formulas are the KPIs of docs/kpi.md that divide a sum of counters by another, LTE's and NR's.
var formulas = []struct{ kind, name, num, den string }{ //nolint:gochecknoglobals // a table
	{"lte", "rrc_setup", "RRC.ConnEstabSucc", "RRC.ConnEstabAtt"}, {"lte", "signalling_setup", "S1SIG.ConnEstabSucc", "S1SIG.ConnEstabAtt"},
	{"lte", "bearer_setup", "ERAB.EstabInitSuccNbr", "ERAB.EstabInitAttNbr"}, {"lte", "added_bearer_setup", "ERAB.EstabAddSuccNbr", "ERAB.EstabAddAttNbr"},
	{"lte", "retainability", "ERAB.RelActNbr", "ERAB.SessionTimeUE"}, {"lte", "drop", "ERAB.RelActNbr", "ERAB.EstabInitSuccNbr"},
	{"lte", "throughput_dl", "DRB.IPVolDl", "DRB.IPTimeDl"}, {"lte", "handover_execution", "HO.OutSuccTarget", "HO.OutAttTarget"},
	{"nr", "rrc_setup", "RRC.ConnEstabSucc", "RRC.ConnEstabAtt"}, {"nr", "signalling_setup", "UECNTX.ConnEstabSucc", "UECNTX.ConnEstabAtt"},
	{"nr", "bearer_setup", "DRB.EstabSucc", "DRB.EstabAtt"}, {"nr", "pdu_session_setup", "SM.PDUSessionSetupSucc", "SM.PDUSessionSetupReq"},
	{"nr", "handover_preparation", "MM.HoPrepInterSucc", "MM.HoPrepInterReq"}, {"nr", "handover_execution", "MM.HoExeInterSucc", "MM.HoExeInterReq"},
	{"nr", "prb_used_dl", "RRU.PrbUsedDl", "RRU.PrbAvailDl"},
}

// slowly adds up the sums of every KPI from the file's text.
func slowly(t *testing.T, text []byte) (out []string) {
	t.Helper()
	var root node
	if xml.Unmarshal(text, &root) != nil || !whole(&root) {
		return []string{"refused"}
	}
	cells := cellsOf(&root, vendorRows(t, &root))
	sums := map[string][2]float64{}
	add := func(name string, num, den float64) {
		old := sums[name]
		sums[name] = [2]float64{old[0] + num, old[1] + den}
	}
	away := map[string]float64{}
	for object, values := range cells {
		kind := "lte"
		if strings.Contains(object, "NRCell") {
			kind = "nr"
		}
		for _, f := range formulas {
			num, some := counterOf(values, f.num)
			den, both := counterOf(values, f.den)
			if f.kind == kind && some && both {
				add(kind+" "+f.name, num, den)
			}
		}
		if seconds, ok := counterOf(values, "RRU.CellUnavailableTime"); ok {
			away[kind+" "+cellOf(object)] = max(away[kind+" "+cellOf(object)], seconds)
		}
	}
	for cell, seconds := range away {
		kind, _, _ := strings.Cut(cell, " ")
		add(kind+" availability", 900-seconds, 900)
	}
	for name, s := range sums {
		out = append(out, fmt.Sprintf("%s %.0f/%.0f", name, s[0], s[1]))
	}
	slices.Sort(out)
	return out
}

// whole says whether a file has what values need to mean something.
func whole(root *node) bool {
	parts := map[string]int{}
	for _, name := range []string{"fileHeader", "mfh", "measData", "md", "managedElement", "measEntity", "neid"} {
		root.each(name, func(*node) { parts[name]++ })
	}
	return parts["fileHeader"]+parts["mfh"] > 0 && parts["measData"]+parts["md"] > 0 && parts["managedElement"]+parts["measEntity"]+parts["neid"] > 0
}

// rowOf is a row of a map: a counter, the standard's name, and what is taken off it.
var rowOf = regexp.MustCompile(`\{counter: (\w+), name: ([^,]+),(?:.*minus: (\w+))?`) //nolint:gochecknoglobals // a pattern

// vendorRows are the rows of the shipped map of the file's vendor.
func vendorRows(t *testing.T, root *node) (rows [][]string) {
	t.Helper()
	root.each("fileHeader", func(h *node) {
		vendor, _, _ := strings.Cut(strings.ToLower(h.attr("vendorName")), " ") // and what kind of company it is
		text, err := fs.ReadFile(shipped.Files(), vendor+".yaml")
		if err != nil {
			return // of no vendor with a map
		}
		rows = rowOf.FindAllStringSubmatch(string(text), -1)
	})
	return rows
}

// cellsOf are the counters of each cell, by the standard's names.
func cellsOf(root *node, rows [][]string) map[string]map[string]float64 {
	cells := map[string]map[string]float64{}
	root.each("measInfo", func(info *node) {
		names := map[string]string{}
		info.each("measType", func(n *node) { names[n.attr("p")] = strings.TrimSpace(n.Text) })
		info.each("measTypes", func(n *node) {
			for i, name := range strings.Fields(n.Text) {
				names[fmt.Sprint(i+1)] = name
			}
		})
		info.each("measValue", func(v *node) {
			object := v.attr("measObjLdn")
			if !isCell(object) {
				return
			}
			raw := map[string]float64{}
			put := func(p, text string) {
				if n, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err == nil {
					raw[names[p]] = n
				}
			}
			v.each("r", func(r *node) { put(r.attr("p"), r.Text) })
			v.each("measResults", func(r *node) {
				for i, text := range strings.Fields(r.Text) {
					put(fmt.Sprint(i+1), text)
				}
			})
			if cells[object] == nil {
				cells[object] = map[string]float64{}
			}
			for name, n := range translate(raw, rows) {
				cells[object][name] += n
			}
		})
	})
	return cells
}

// translate gives counters the standard's names; those that no row has keep theirs.
func translate(raw map[string]float64, rows [][]string) map[string]float64 {
	out := maps.Clone(raw)
	for _, row := range rows {
		n, has := raw[row[1]]
		less, known := raw[row[3]]
		delete(out, row[1])
		if has && (row[3] == "" || known) {
			out[row[2]] += n - less
		}
	}
	return out
}

// counterOf is a counter's total; without one, its members, of which no signalling is an attempt of a user.
func counterOf(values map[string]float64, name string) (sum float64, some bool) {
	for _, total := range []string{name + ".sum", name} {
		if n, ok := values[total]; ok {
			return n, true
		}
	}
	for member, n := range values {
		if strings.HasPrefix(member, name+".") {
			some = true
			if !strings.HasSuffix(member, ".mo-Signalling") {
				sum += n
			}
		}
	}
	return sum, some
}
