package pm_test

import (
	"compress/gzip"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/pm"
)

// delivered is what a test reads of a file.
type delivered struct {
	Header struct {
		Vendor string `xml:"vendorName,attr"`
	} `xml:"fileHeader"`
	Data []struct {
		Element struct {
			Name string `xml:"localDn,attr"`
		} `xml:"managedElement"`
		Info []struct {
			Group  string   `xml:"measInfoId,attr"`
			Types  []string `xml:"measType"`
			List   string   `xml:"measTypes"`
			Values []struct {
				Object string   `xml:"measObjLdn,attr"`
				R      []string `xml:"r"`
				List   string   `xml:"measResults"`
			} `xml:"measValue"`
		} `xml:"measInfo"`
	} `xml:"measData"`
}

// files reads all files of a folder, by name.
func files(t *testing.T, dir string) map[string]delivered {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]delivered{}
	for _, e := range entries {
		f, err := os.Open(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		var src io.Reader = f
		if strings.HasSuffix(e.Name(), ".gz") {
			if src, err = gzip.NewReader(f); err != nil {
				t.Fatal(err)
			}
		}
		var d delivered
		if err := xml.NewDecoder(src).Decode(&d); err != nil {
			t.Fatalf("%s: %v", e.Name(), err)
		}
		f.Close()
		out[e.Name()] = d
	}
	return out
}

func (d *delivered) elements() (names []string) {
	for _, one := range d.Data {
		names = append(names, one.Element.Name[strings.LastIndexByte(one.Element.Name, '=')+1:])
	}
	return names
}

func writer(t *testing.T, o *nation.Overlay, c pm.Config) (*pm.Writer, string) {
	t.Helper()
	c.Dir = t.TempDir()
	w, err := pm.NewWriter(o.Network, c)
	if err != nil {
		t.Fatal(err)
	}
	return w, c.Dir
}

func TestAFileForEachElementManagerAndPeriod(t *testing.T) {
	o := build(t)
	w, dir := writer(t, o, pm.Config{Dialects: []string{pm.Standard, pm.Huawei}})
	n, err := w.Past(t.Context(), o, noon.Add(-30*time.Minute), noon)
	if err != nil || n != 68 { // 34 provinces, two periods
		t.Fatalf("%d files: %v", n, err)
	}
	sites, vendors := 0, map[string]int{}
	for name, d := range files(t, dir) {
		sites += len(d.Data)
		vendors[d.Header.Vendor]++
		for _, one := range d.Data {
			for _, info := range one.Info {
				types := append(info.Types, strings.Fields(info.List)...)
				for _, v := range info.Values {
					if n := len(v.R) + len(strings.Fields(v.List)); n != len(types) || n == 0 {
						t.Fatalf("%s, %s: %d values of %d types", name, info.Group, n, len(types))
					}
				}
				if slices.Contains(types, "L.Thrp.bits.DL") != (d.Header.Vendor != "Simnet" && info.Group == "Traffic" && strings.Contains(one.Element.Name, "-enb-")) {
					t.Fatalf("%s of %s, %s: %v", one.Element.Name, d.Header.Vendor, info.Group, types)
				}
			}
		}
	}
	if want := 2 * len(pm.Sites(o.Network)); sites != want || len(vendors) != 2 {
		t.Errorf("%d sites, want %d; vendors %v", sites, want, vendors)
	}
}

// A site that cannot be reached when its file is due delivers later; one without power has nothing to deliver.
func TestWhatCannotBeReachedComesLater(t *testing.T) {
	quiet := build(t)
	all := pm.Sites(quiet.Network)
	cut, dead := &all[0], &all[1]
	name := func(s *pm.Site) string { return quiet.Devices[s.Device].Name }
	link := quiet.Links[quiet.LinkOf(nation.Port{Device: cut.Device})].Name
	from, to := fault.Time{Time: noon.Add(-time.Minute)}, fault.Time{Time: noon.Add(20 * time.Minute)}
	o := build(t, fault.Fault{Kind: fault.LinkDown, Link: link, From: from, To: to}, fault.Fault{Kind: fault.Dead, Device: name(dead), From: from, To: to})
	w, dir := writer(t, o, pm.Config{Plain: true})
	end := fault.TickOf(noon)
	has := func() (whole, late bool) {
		for file, d := range files(t, dir) {
			if strings.Contains(file, "1145+0700-1200+0700") && slices.Contains(d.elements(), name(cut)) {
				whole, late = whole || file[0] == 'C', late || file[0] == 'A'
			}
			if strings.Contains(file, "-1200+0700") && slices.Contains(d.elements(), name(dead)) {
				t.Errorf("%s has a site without power", file)
			}
		}
		return whole, late
	}
	if err := w.Deliver(o, end, end+fault.Minute); err != nil {
		t.Fatal(err)
	}
	if whole, late := has(); whole || late {
		t.Error("a site that cannot be reached has delivered")
	}
	if err := w.Deliver(o, end+pm.Period, end+pm.Period+10*fault.Minute); err != nil {
		t.Fatal(err)
	}
	if whole, late := has(); whole || !late {
		t.Errorf("in the manager's file: %v, in one of its own: %v", whole, late)
	}
}

// Files appear when they are due, and the faults are those of that time.
func TestFilesAppearWhenTheyAreDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := nation.Defaults()
		cfg.Provinces, cfg.Devices = "../../../configs/provinces/provinces-34.csv", 200
		cfg.Since = fault.Time{Time: time.Now().AddDate(-1, 0, 0)}
		n, err := nation.Build(cfg)
		if err != nil {
			t.Fatal(err)
		}
		o, err := n.Overlay(nil)
		if err != nil {
			t.Fatal(err)
		}
		var overlay atomic.Pointer[nation.Overlay]
		overlay.Store(o)
		w, dir := writer(t, o, pm.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx, &overlay) }()
		count := func() int { return len(files(t, dir)) }
		time.Sleep(time.Minute - time.Second) // the clock is that of the bubble: midnight
		if n := count(); n != 0 {
			t.Errorf("%d files before they are due", n)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		first := count()
		time.Sleep(15 * time.Minute)
		synctest.Wait()
		if second := count(); first == 0 || second != 2*first {
			t.Errorf("%d files after the first period, %d after the second", first, second)
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
