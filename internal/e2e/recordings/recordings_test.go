//go:build conformance

package recordings

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// folder is where the recordings are.
func folder(t *testing.T) string {
	t.Helper()
	shared := os.Getenv("SHARED")
	if shared == "" {
		t.Fatal("SHARED is not set: want the folder with data/snmprec")
	}
	return filepath.Join(shared, "data", "snmprec")
}

// Every recorded device, simulated by haidang-simnet and polled by haidang-agent, is up and has all its
// ports with all their values; where LibreNMS read something else, the recording shows why.
func TestConformanceRecordings(t *testing.T) {
	dir, bin := folder(t), build(t)
	s := simulate(t, bin, dir)
	got := s.once(t, bin)
	sums := map[bool]*summary{false: newSummary(), true: newSummary()}
	for _, name := range slices.Sorted(maps.Keys(s.addresses)) {
		sums[strings.HasPrefix(name, repaired)].judge(t, dir, name, got[name])
	}
	fmt.Printf("SNMP recordings by way of the agent: %v\n", sums[false])
	fmt.Printf("SNMP recordings, repaired, by way of the agent: %v\n", sums[true])
}

// repaired is the folder with valid copies of the recordings whose lines are not in order.
const repaired = "repaired/"

// summary is a tally of recordings.
type summary struct {
	tally
	recordings, good int
}

func newSummary() *summary { return &summary{tally: tally{readings: map[string]int{}, tested: true}} }

// judge compares one recording and prints what came out.
func (s *summary) judge(t *testing.T, dir, name string, got *polled) {
	t.Helper()
	rec, err := readRecording(filepath.Join(dir, name+".snmprec"))
	if err != nil {
		t.Fatal(err)
	}
	lib, err := readLibreNMS(filepath.Join(dir, "expected", strings.TrimPrefix(name, repaired)+".json"))
	if err != nil {
		t.Fatal(err)
	}
	one := compare(got, rec, lib)
	fmt.Printf("%s: %v\n", name, &one)
	for _, fault := range one.faults {
		t.Errorf("%s: %s", name, fault)
	}
	if s.recordings++; len(one.faults) == 0 {
		s.good++
	}
	s.add(one)
}

func (s *summary) String() string {
	return fmt.Sprintf("%d of %d recordings, %v, %d faults", s.good, s.recordings, &s.tally, len(s.faults))
}

// Agents whose objects are out of order or come twice are polled to an end, and nothing wrong is written.
func TestConformanceRecordingsOutOfOrder(t *testing.T) {
	dir, bin := folder(t), build(t)
	paths, err := filepath.Glob(filepath.Join(dir, repaired, "*.snmprec"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no repaired recordings in %s (%v): their originals are the disordered ones", dir, err)
	}
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = strings.TrimSuffix(filepath.Base(path), ".snmprec")
	}
	got, sum := misbehave(t, dir, names).once(t, bin), newSummary()
	for _, name := range names {
		sum.judge(t, dir, name, got[name])
	}
	fmt.Printf("SNMP recordings with their lines as they stand: %v\n", sum)
}
