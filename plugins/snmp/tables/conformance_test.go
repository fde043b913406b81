//go:build conformance

package tables_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/snmp/profile"
	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
)

// reading is what another program read of a recording.
type reading struct {
	Processors []struct {
		Usage float64 `json:"processor_usage"`
	} `json:"processors"`
	Mempools []struct {
		Percent float64 `json:"mempool_perc"`
	} `json:"mempools"`
	Peers []struct {
		Peer  string `json:"bgpPeerIdentifier"`
		State string `json:"bgpPeerState"`
	} `json:"bgp-peers"`
	Sensors  []sensor `json:"sensors"`
	Wireless []sensor `json:"wireless"`
}

type sensor struct {
	Class   string  `json:"sensor_class"`
	OID     string  `json:"sensor_oid"`
	Current float64 `json:"sensor_current"`
}

// class says in which fields a class of the other program's readings is to be found here, and what to multiply its numbers by.
type class struct {
	suffixes  []string
	factor    float64
	tolerance float64
}

func classes() map[string]class {
	return map[string]class{
		"processor":            {[]string{"cpu:used_ratio"}, 0.01, 0.0051},
		"memory":               {[]string{"memory:used_ratio"}, 0.01, 0.0101},
		"bgp":                  {[]string{"bgp:up"}, 1, 0},
		"temperature":          {[]string{"_c"}, 1, 0.006},
		"voltage":              {[]string{"_v"}, 1, 0.0006},
		"current":              {[]string{"_a", "_ma"}, 1, 0.0006},
		"dbm":                  {[]string{"_dbm"}, 1, 0.006},
		"power":                {[]string{"_w"}, 1, 0.0006},
		"fanspeed":             {[]string{"_rpm"}, 1, 0.5},
		"percent":              {[]string{"_ratio"}, 0.01, 0.0051},
		"load":                 {[]string{"_ratio"}, 0.01, 0.0051},
		"charge":               {[]string{"_ratio"}, 0.01, 0.0051},
		"humidity":             {[]string{"humidity_ratio"}, 0.01, 0.0051},
		"frequency":            {[]string{"_hz"}, 1, 0.06},
		"runtime":              {[]string{"runtime_s", "_s"}, 60, 1},
		"ber":                  {[]string{"_ber"}, 1, 1e-12},
		"chromatic_dispersion": {[]string{"_ps_nm"}, 1, 0.06},
		"snr":                  {[]string{"snr_db", "q_db"}, 1, 0.06},
		"wireless power":       {[]string{"_dbm"}, 1, 0.06},
		"wireless rssi":        {[]string{"_dbm"}, 1, 0.06},
		"wireless snr":         {[]string{"snr_db"}, 1, 0.06},
		"wireless mse":         {[]string{"mse_db"}, 1, 0.06},
		"wireless xpi":         {[]string{"xpi_db"}, 1, 0.06},
		"wireless rate":        {[]string{"_mbps"}, 1e-6, 0.06},
		"wireless frequency":   {[]string{"_hz"}, 1e6, 1e4},
		"wireless distance":    {[]string{"distance_m"}, 1000, 1},
	}
}

// want are the readings by class.
func (r reading) want() map[string][]float64 {
	out := map[string][]float64{}
	for _, p := range r.Processors {
		out["processor"] = append(out["processor"], p.Usage)
	}
	for _, m := range r.Mempools {
		out["memory"] = append(out["memory"], m.Percent)
	}
	seen := map[string]bool{} // some are in two tables of a device
	for _, p := range r.Peers {
		if seen[p.Peer] {
			continue
		}
		seen[p.Peer] = true
		up := 0.0
		if p.State == "established" {
			up = 1
		}
		out["bgp"] = append(out["bgp"], up)
	}
	for _, s := range r.once() {
		out[s.Class] = append(out[s.Class], s.Current)
	}
	for _, s := range r.Wireless {
		out["wireless "+s.Class] = append(out["wireless "+s.Class], s.Current)
	}
	return out
}

// once leaves out the sensors of ENTITY-SENSOR-MIB that the other program read a second time from Cisco's own table.
func (r reading) once() (out []sensor) {
	const standard, cisco = ".1.3.6.1.2.1.99.1.1.1.4.", ".1.3.6.1.4.1.9.9.91.1.1.1.1.4."
	twice := map[string]bool{}
	for _, s := range r.Sensors {
		if index, ok := strings.CutPrefix(s.OID, cisco); ok {
			twice[s.Class+index] = true
		}
	}
	for _, s := range r.Sensors {
		if index, ok := strings.CutPrefix(s.OID, standard); !ok || !twice[s.Class+index] {
			out = append(out, s)
		}
	}
	return out
}

// named are recordings of devices whose sysObjectID says nothing: the inventory has to.
func named(recording string) string {
	return map[string]string{"himoinsa-gensets": "himoinsa"}[recording]
}

// tally is how many comparisons were made and how many agreed.
type tally struct{ good, all int }

func (c tally) String() string { return fmt.Sprintf("%d of %d", c.good, c.all) }

// rate is the tallies of one family.
type rate struct {
	recordings int
	total      tally
	classes    map[string]*tally
}

// Recordings of real devices, polled by the profile that their sysObjectID matches: the numbers that another program
// read have to be among the fields of the same kind. States are enumerations that both name in their own way, and are
// not compared. What is missing is printed with its reason in configs/profiles/README.md.
func TestConformanceProfiles(t *testing.T) {
	shared := os.Getenv("SHARED")
	if shared == "" {
		t.Fatal("SHARED is not set: want the folder with data/snmprec")
	}
	files, err := filepath.Glob(filepath.Join(shared, "data", "snmprec", "*.snmprec"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings in %s (%v)", shared, err)
	}
	set, err := profile.Load("")
	if err != nil {
		t.Fatal(err)
	}
	families := map[string]*rate{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".snmprec")
		t.Run(name, func(t *testing.T) {
			want := expected(t, file)
			family := named(name)
			if family == "" {
				family = set.Match(objectID(t, file)).Name
			}
			if families[family] == nil {
				families[family] = &rate{classes: map[string]*tally{}}
			}
			families[family].compare(t, name, want.want(), replay(t, set, file, named(name)))
		})
	}
	total, recordings := tally{}, 0
	for _, family := range slices.Sorted(maps.Keys(families)) {
		f := families[family]
		fmt.Printf("%-22s %2d recordings, %v values:", family, f.recordings, f.total)
		for _, c := range slices.Sorted(maps.Keys(f.classes)) {
			fmt.Printf(" %s %v,", c, f.classes[c])
		}
		fmt.Println()
		total.good, total.all, recordings = total.good+f.total.good, total.all+f.total.all, recordings+f.recordings
	}
	fmt.Printf("profiles: %d recordings, %v values\n", recordings, total)
}

// compare looks for each wanted value among the fields of its class; a field stands for one value only.
func (f *rate) compare(t *testing.T, name string, want map[string][]float64, got map[string][]float64) {
	f.recordings++
	known := classes()
	for _, kind := range slices.Sorted(maps.Keys(want)) {
		c, ok := known[kind]
		if !ok {
			continue
		}
		if f.classes[kind] == nil {
			f.classes[kind] = &tally{}
		}
		var missing []float64
		for _, w := range want[kind] {
			f.total.all++
			f.classes[kind].all++
			if c.take(got, w) {
				f.total.good++
				f.classes[kind].good++
				continue
			}
			missing = append(missing, w)
		}
		if len(missing) > 0 {
			t.Logf("%s: %s: %d of %d missing: %v", name, kind, len(missing), len(want[kind]), missing[:min(len(missing), 6)])
		}
	}
}

// take finds the nearest value and takes it away.
func (c class) take(got map[string][]float64, w float64) bool {
	best, at, distance := "", 0, math.Inf(1)
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if !slices.ContainsFunc(c.suffixes, func(s string) bool { return strings.HasSuffix(name, s) }) {
			continue
		}
		scale := 1.0
		if strings.HasSuffix(name, "_ma") {
			scale = 1000
		}
		for i, v := range got[name] {
			if d := math.Abs(v/scale - w*c.factor); d <= c.tolerance+1e-9*math.Abs(v) && d < distance {
				best, at, distance = name, i, d
			}
		}
	}
	if best == "" {
		return c.takeLight(got, w)
	}
	got[best] = slices.Delete(got[best], at, at+1)
	return true
}

// takeLight is for what is light: watts there are dBm here.
func (c class) takeLight(got map[string][]float64, w float64) bool {
	if c.suffixes[0] != "_w" || w <= 0 {
		return c.takeDark(got, w)
	}
	dbm := classes()["dbm"]
	dbm.tolerance = 0.01
	return dbm.take(got, 10*math.Log10(w*1000))
}

// takeDark is for light: where there is none, another program says a very low power or 0, and here it is a state.
func (c class) takeDark(got map[string][]float64, w float64) bool {
	power := c.suffixes[0] == "_w" && w == 0
	if !power && (c.suffixes[0] != "_dbm" || w > -39.9 && w != 0) {
		return false
	}
	for _, name := range []string{"optic:los", "optic:dark"} {
		if i := slices.Index(got[name], 1); i >= 0 {
			got[name] = slices.Delete(got[name], i, i+1)
			return true
		}
	}
	return false
}

// replay is all fields of one poll of a recording, by measurement and field.
func replay(t *testing.T, set *profile.Set, file, name string) map[string][]float64 {
	t.Helper()
	r := newRigWith(t, set, name)
	all := recording(t, file)
	r.agent.Load(all)
	r.interfaces.names = map[uint32]string{}
	for _, one := range all {
		if n := len(one.Name); n == 12 && slices.Equal(one.Name[:11], []uint32{1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1}) {
			r.interfaces.names[one.Name[11]] = one.Text
		}
	}
	got := map[string][]float64{}
	scanner := point.NewScanner([]byte(r.all("")+"\n"), point.Options{})
	for scanner.Next() {
		line := scanner.Line()
		series, err := point.ParseKey(line.Key)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range line.Fields {
			if text, ok := number(f); ok && string(f.Key) != "interval_s" && series.Measurement != "system" {
				got[series.Measurement+":"+string(f.Key)] = append(got[series.Measurement+":"+string(f.Key)], text)
			}
		}
	}
	return got
}

func number(f point.Field) (float64, bool) {
	if f.Kind == point.Bool {
		return float64(f.Bits), true
	}
	return f.Float()
}

func recording(t *testing.T, file string) []snmptest.Recorded {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, _, err := snmptest.ReadRecording(f)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// objectID is sysObjectID.
func objectID(t *testing.T, file string) string {
	for _, one := range recording(t, file) {
		if slices.Equal(one.Name, []uint32{1, 3, 6, 1, 2, 1, 1, 2, 0}) {
			return one.Text
		}
	}
	return ""
}

func expected(t *testing.T, file string) (r reading) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(filepath.Dir(file), "expected", strings.TrimSuffix(filepath.Base(file), ".snmprec")+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}
