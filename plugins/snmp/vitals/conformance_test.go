//go:build conformance

package vitals_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
)

// reading is what another program read of a recording, cut down to the tables that are read here.
type reading struct {
	Modules    []string `json:"modules_tested"`
	Processors []struct {
		OID   string  `json:"processor_oid"`
		Usage float64 `json:"processor_usage"`
	} `json:"processors"`
	Sensors []struct {
		OID     string  `json:"sensor_oid"`
		Class   string  `json:"sensor_class"`
		Current float64 `json:"sensor_current"`
	} `json:"sensors"`
}

// Recordings of real devices: processors and temperatures as another program read them, where it looked for them.
func TestConformanceVitals(t *testing.T) {
	shared := os.Getenv("SHARED")
	if shared == "" {
		t.Fatal("SHARED is not set: want the folder with data/snmprec")
	}
	files, err := filepath.Glob(filepath.Join(shared, "data", "snmprec", "*.snmprec"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings in %s (%v)", shared, err)
	}
	var processors, temperatures, memories tally
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".snmprec"), func(t *testing.T) {
			line, want := replay(t, file), expected(t, file)
			if mean, ok := want.processorMean(); ok {
				processors.compare(t, "cpu_ratio", line, mean)
			}
			if hottest, ok := want.hottest(); ok {
				temperatures.compare(t, "temp_c", line, hottest)
			}
			if ratio, ok := recordedMemory(t, file); ok {
				memories.compare(t, "mem_used_ratio", line, ratio)
			}
		})
	}
	fmt.Printf("processors: %v, temperatures: %v, memories: %v devices\n", processors, temperatures, memories)
}

// tally is how many comparisons were made and how many agreed.
type tally struct{ good, all int }

func (c tally) String() string { return fmt.Sprintf("%d of %d", c.good, c.all) }

func (c *tally) compare(t *testing.T, key, line string, want float64) {
	t.Helper()
	c.all++
	_, rest, _ := strings.Cut(line, key+"=")
	text, _, _ := strings.Cut(rest, ",")
	if got, err := strconv.ParseFloat(text, 64); err != nil || got < want-1e-9 || got > want+1e-9 {
		t.Errorf("%s is %q, want %v", key, text, want)
		return
	}
	c.good++
}

func replay(t *testing.T, file string) string {
	t.Helper()
	r := newRig(t)
	r.agent.Load(recording(t, file))
	return r.round()
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

// processorMean is that of hrProcessorLoad: processors that were read from a vendor's MIB are another matter.
func (r reading) processorMean() (mean float64, ok bool) {
	n := 0
	for _, p := range r.Processors {
		if strings.HasPrefix(p.OID, ".1.3.6.1.2.1.25.3.3.1.2.") {
			mean += p.Usage / 100
			n++
		}
	}
	return mean / float64(max(n, 1)), n > 0 && slices.Contains(r.Modules, "processors")
}

// hottest is the highest entPhySensorValue in degrees.
func (r reading) hottest() (degrees float64, ok bool) {
	for _, s := range r.Sensors {
		if s.Class == "temperature" && strings.HasPrefix(s.OID, ".1.3.6.1.2.1.99.1.1.1.4.") && (!ok || s.Current > degrees) {
			degrees, ok = s.Current, true
		}
	}
	return degrees, ok && slices.Contains(r.Modules, "sensors")
}

// recordedMemory finds the RAM in the text of the recording.
func recordedMemory(t *testing.T, file string) (ratio float64, ok bool) {
	t.Helper()
	table := map[string]string{}
	for _, r := range recording(t, file) {
		table[strings.Trim(strings.ReplaceAll(fmt.Sprint(r.Name), " ", "."), "[]")] = r.Text
	}
	const storage = "1.3.6.1.2.1.25.2.3.1."
	for _, row := range []string{"1", "65536"} { // where agents have it
		if table[storage+"2."+row] != "1.3.6.1.2.1.25.2.1.2" || strings.Contains(table[storage+"3."+row], "mounted") {
			continue
		}
		size, errSize := strconv.ParseFloat(table[storage+"5."+row], 64)
		used, errUsed := strconv.ParseFloat(table[storage+"6."+row], 64)
		return used / size, errSize == nil && errUsed == nil
	}
	return 0, false
}
