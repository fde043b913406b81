//go:build conformance

package recordings

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// What LibreNMS reads otherwise than the recording says. Anything else that differs is a fault of ours.
const (
	leftOut     = "ports left out by LibreNMS's rules"
	elsewhere   = "ports that LibreNMS has from other tables than IF-MIB's"
	nothing     = "ports without state or counter in the recording"
	sharedName  = "names shared by ports, told apart by us with #ifIndex"
	hiddenName  = "names that LibreNMS takes from ifAlias, there being no ifName and no ifDescr"
	zeroed      = "values absent in the recording, 0 at LibreNMS"
	noValue     = "values that LibreNMS leaves out"
	inBits      = "ifHighSpeed given in bit/s, which LibreNMS knows of this model"
	narrow      = "packet counters that LibreNMS takes from the other table, or has as 0"
	vendorValue = "values that LibreNMS takes from the vendor's own table"
)

// tally is what came out for one recording, or for several.
type tally struct {
	ports, right   int // in the recording; written with every value
	theirs, agreed int // LibreNMS's ports; those equal in all that both know
	faults         []string
	readings       map[string]int
	tested         bool
}

func (t *tally) fault(format string, args ...any) {
	t.faults = append(t.faults, fmt.Sprintf(format, args...))
}

func (t *tally) add(o tally) {
	t.ports, t.right, t.theirs, t.agreed = t.ports+o.ports, t.right+o.right, t.theirs+o.theirs, t.agreed+o.agreed
	t.faults = append(t.faults, o.faults...)
	for what, n := range o.readings {
		t.readings[what] += n
	}
}

func (t *tally) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d ports", t.right, t.ports)
	if t.tested {
		fmt.Fprintf(&b, ", LibreNMS agrees on %d of its %d", t.agreed, t.theirs)
	} else {
		b.WriteString(", no expectation: LibreNMS did not read the ports")
	}
	for _, what := range slices.Sorted(maps.Keys(t.readings)) {
		fmt.Fprintf(&b, "; %d %s", t.readings[what], what)
	}
	if len(t.faults) > 0 {
		fmt.Fprintf(&b, "; %d FAULTS", len(t.faults))
	}
	return b.String()
}

// compare holds what the agent wrote against the recording, and LibreNMS's reading against both.
func compare(got *polled, rec recorded, lib reading) tally {
	t := tally{readings: map[string]int{}, tested: lib.tested}
	if rec.objects > 0 && !got.isUp() {
		t.fault("reach: %v, want up once: the device answers", got)
	}
	if got == nil {
		return t
	}
	truth := rec.ports()
	t.holdAgainstRecording(got, truth)
	if len(got.ports) == 0 && rec.hasTable() {
		t.fault("no interface although there is an ifTable")
	}
	if lib.tested {
		t.holdAgainstLibreNMS(rec, truth, lib)
	}
	return t
}

func (t *tally) holdAgainstRecording(got *polled, truth map[uint64]port) {
	known := map[string]bool{}
	for _, want := range truth {
		known[want.name] = true
		t.ports++
		p, ok := got.ports[want.name]
		if !ok {
			t.fault("%q is not written", want.name)
			continue
		}
		if d := differences(p.values, want.values); len(d) > 0 {
			t.fault("%q: %s", want.name, strings.Join(d, ", "))
			continue
		}
		t.right++
	}
	for name := range got.ports {
		if !known[name] {
			t.fault("%q is written and not in the recording", name)
		}
	}
	for _, name := range got.twice {
		t.fault("%q is written twice", name)
	}
}

// differences says what is wrong with an interface line; what a recording cannot tell is passed over.
func differences(got, want map[string]uint64) []string {
	var out []string
	for field, n := range want {
		if v, ok := got[field]; !ok || v != n {
			out = append(out, fmt.Sprintf("%s=%d (there: %v), want %d", field, v, ok, n))
		}
	}
	for field, v := range got {
		own := field == "interval_s" || field == "uptime_cs"
		if _, ok := want[field]; !ok && !own {
			out = append(out, fmt.Sprintf("%s=%d, want none", field, v))
		}
	}
	slices.Sort(out)
	return out
}

func (t *tally) holdAgainstLibreNMS(rec recorded, truth map[uint64]port, lib reading) {
	theirs := map[uint64]bool{}
	for _, their := range lib.ports {
		theirs[their.index] = true
		t.theirs++
		our, ok := truth[their.index]
		switch {
		case ok:
			t.hold(rec, our, their)
		case rec.rows[their.index] == nil:
			t.readings[elsewhere]++
		default:
			t.readings[nothing]++
		}
	}
	for index := range truth {
		if !theirs[index] {
			t.readings[leftOut]++
		}
	}
}

// hold compares one port; a difference for which there is no evidence in the recording is a fault.
func (t *tally) hold(rec recorded, our, their port) {
	agreed := true
	note := func(field, reading string, a, b any) {
		agreed = agreed && (reading == zeroed || reading == noValue) // only one of us knows it
		if reading == "" {
			t.fault("%q %s: %v, LibreNMS says %v", our.name, field, a, b)
			return
		}
		t.readings[reading]++
	}
	if our.name != their.name {
		note("name", nameReading(rec, our, their), our.name, their.name)
	}
	for field, n := range their.values {
		if v, ok := our.values[field]; !ok || v != n {
			note(field, valueReading(rec, our, field, n), v, n)
		}
	}
	for field := range our.values {
		if _, ok := their.values[field]; !ok && field != "bits" && field != "discontinuity_cs" {
			note(field, noValue, "", "")
		}
	}
	if agreed {
		t.agreed++
	}
}

func nameReading(rec recorded, our, their port) string {
	r := rec.rows[our.index]
	switch {
	case our.name == fmt.Sprintf("%s#%d", their.name, our.index):
		return sharedName
	case r.text(ifName) == "" && r.text(ifDescr) == "" && r.text(ifAlias) == their.name:
		return hiddenName
	}
	return ""
}

func valueReading(rec recorded, our port, field string, their uint64) string {
	v, ok := our.values[field]
	low, _ := rec.rows[our.index].number(counters()[field][1])
	switch {
	case !ok && their == 0:
		return zeroed
	case ok && field == "speed_mbps" && v == their*1e6:
		return inBits
	case ok && strings.HasSuffix(field, "_pkts") && (their == low || their == 0):
		return narrow
	case ok && their != 0 && rec.vendor[fmt.Sprint(their)]:
		return vendorValue
	}
	return ""
}
