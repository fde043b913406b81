//go:build conformance

package meas_test

import (
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/plugins/pmfile/meas"
)

// node is an element as encoding/xml has it: the oracle knows nothing of ours.
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

// all are the children with one of the names.
func (n *node) all(names ...string) (out []*node) {
	for i := range n.Children {
		if slices.Contains(names, n.Children[i].XMLName.Local) {
			out = append(out, &n.Children[i])
		}
	}
	return out
}

// text is that of the first child with one of the names.
func (n *node) text(names ...string) string {
	for _, c := range n.all(names...) {
		return strings.TrimSpace(c.Text)
	}
	return ""
}

// oracle is every value of a file, one a line, by brute force.
func oracle(root *node) (lines []string, types, missing int) {
	for _, data := range root.all("measData", "md") {
		element := ""
		for _, e := range data.all("managedElement", "measEntity") {
			element = e.attr("localDn")
		}
		for _, e := range data.all("neid") {
			element = e.text("nedn")
		}
		for _, info := range data.all("measInfo", "mi") {
			names := map[string]string{}
			for i, t := range info.all("measType", "mt") {
				p := t.attr("p")
				if p == "" {
					p = strconv.Itoa(i + 1)
				}
				names[p] = strings.TrimSpace(t.Text)
			}
			for i, name := range strings.Fields(info.text("measTypes")) {
				names[strconv.Itoa(i+1)] = name
			}
			types += len(names)
			for _, v := range info.all("measValue", "mv") {
				object := v.attr("measObjLdn") + v.text("moid")
				put := func(p, text string) {
					switch name := names[p]; {
					case name == "":
					case text == "" || text == "NIL":
						missing++
					default:
						lines = append(lines, strings.Join([]string{element, info.attr("measInfoId"), object, ends(info), name, text}, "|"))
					}
				}
				for i, r := range v.all("r") {
					p := r.attr("p")
					if p == "" {
						p = strconv.Itoa(i + 1)
					}
					put(p, strings.TrimSpace(r.Text))
				}
				for i, text := range strings.Fields(v.text("measResults")) {
					put(strconv.Itoa(i+1), text)
				}
			}
		}
	}
	slices.Sort(lines)
	return lines, types, missing
}

// ends is when the periods of a measInfo end.
func ends(info *node) string {
	if s := info.text("mts"); s != "" {
		t, err := time.ParseInLocation("20060102150405", s, hanoi)
		return fmt.Sprint(t.Unix(), info.text("gp"), err)
	}
	g := info.all("granPeriod")[0]
	t, err := time.Parse(time.RFC3339, g.attr("endTime"))
	return fmt.Sprint(t.Unix(), strings.Trim(g.attr("duration"), "PTS"), err)
}

// flatten is what our reader makes of a file, in the oracle's words.
func flatten(f *meas.File) (lines []string) {
	for i := range f.Records {
		r := &f.Records[i]
		for v := range f.Values(r) {
			text := string(f.Text(v))
			if !v.IsText {
				text = strconv.FormatFloat(v.Number, 'f', -1, 64)
			}
			lines = append(lines, strings.Join([]string{f.Elements[r.Element].Name, r.Group, r.Object, fmt.Sprint(r.End, strconv.FormatInt(r.Period, 10), nil), f.Name(v.Counter), text}, "|"))
		}
	}
	slices.Sort(lines)
	return lines
}

// refused are the files that are wrong, by the end of their path, and what is wrong with them.
func refused() map[string]meas.Reason {
	return map[string]meas.Reason{
		"A_no_managed_element.xml": meas.NoElement, "no_managed_element/test.xml": meas.NoElement, "no_measured_entity/test.xml": meas.NoElement,
		"A_no_measdata.xml": meas.NoData, "no_measdata.xml": meas.NoData, "no_measdata/test.xml": meas.NoData,
		"no_file_header/test.xml": meas.NoHeader, "tag_mismatch.xml": meas.NotMeasurement,
	}
}

func TestConformanceFiles(t *testing.T) {
	shared := os.Getenv("SHARED")
	if shared == "" {
		t.Fatal("SHARED is not set")
	}
	good, bad, values := 0, 0, 0
	err := filepath.WalkDir(filepath.Join(shared, "data", "pm-xml"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".xml") && !strings.HasSuffix(path, ".gz") {
			return err
		}
		f, err := conform(path)
		for end, reason := range refused() {
			if !strings.HasSuffix(path, string(filepath.Separator)+end) {
				continue
			}
			var r *meas.Refusal
			if !errors.As(err, &r) || r.Reason != reason {
				t.Errorf("%s: %v, want %s", path, err, reason)
			}
			bad++
			return nil
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		compareFile(t, path, f)
		good++
		values += f.Count()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("files of measurements: %d of %d, %d of them refused for the right reason; %d values", good+bad, good+bad, bad, values)
	if good < 40 || bad < 9 || values < 8000 {
		t.Error("there is less than there was")
	}
}

func conform(path string) (*meas.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	plain, err := meas.Plain(f)
	if err != nil {
		return nil, err
	}
	return meas.NewReader(meas.Options{MaxSize: 1 << 24, Local: hanoi}).Read(plain)
}

func compareFile(t *testing.T, path string, f *meas.File) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var src io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if src, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	var tree node
	if err := xml.NewDecoder(src).Decode(&tree); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	want, types, missing := oracle(&tree)
	for i, line := range want {
		at := strings.LastIndexByte(line, '|') + 1
		if n, err := strconv.ParseFloat(line[at:], 64); err == nil {
			want[i] = line[:at] + strconv.FormatFloat(n, 'f', -1, 64)
		}
	}
	slices.Sort(want)
	if got := flatten(f); !slices.Equal(got, want) {
		t.Errorf("%s: %d values, want %d:\n%v\n%v", path, len(got), len(want), got[:min(3, len(got))], want[:min(3, len(want))])
	}
	if f.Types != types || f.Missing != missing {
		t.Errorf("%s: %d types, %d missing, want %d and %d", path, f.Types, f.Missing, types, missing)
	}
	if strings.Contains(path, "oran-sc") && (f.Types != 880 || f.Count()+f.Missing != 2667 || len(f.Records) != 96 || f.Merged != 29) {
		t.Errorf("%s: %d types, %d values, %d records, %d merged", path, f.Types, f.Count()+f.Missing, len(f.Records), f.Merged)
	}
	// two of the values are lists of nine numbers
	if strings.Contains(path, "PM202007171301") && (f.SuspectOf != 2 || f.Merged != 3 || len(slices.DeleteFunc(flatten(f), func(l string) bool { return !strings.Contains(l, "86,87,2,6") })) == 0) {
		t.Errorf("%s: %d suspect, %d merged", path, f.SuspectOf, f.Merged)
	}
}
