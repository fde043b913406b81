package tables_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

func lampRig(t testing.TB) *rig {
	t.Helper()
	set, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	r := newRigWith(t, set, "lamps")
	r.interfaces.names = map[uint32]string{7: "ge-0/0/7"}
	return r
}

// lamp sets the columns of a row from heat on; those that are negative are left out.
func (r *rig) lamp(floor uint32, bulb string, columns ...int64) {
	index := append(make([]uint32, 0, 2+len(bulb)), floor, uint32(len(bulb)))
	for _, c := range bulb {
		index = append(index, uint32(c))
	}
	for i, n := range columns {
		if n != absent {
			name := append([]uint32{1, 3, 6, 1, 4, 1, 99999, 7, 1, 1, uint32(i + 2)}, index...)
			r.agent.Set(ber.Integer, ber.AppendInt(nil, n)[2:], name...)
		}
	}
}

const absent = -999

func (r *rig) text(s string, name ...uint32) { r.agent.Set(ber.OctetString, []byte(s), name...) }

// lines are all lines of a round, without what all have in common.
func (r *rig) short() string {
	var out []string
	for line := range strings.Lines(r.all("")) {
		out = append(out, strings.Replace(strings.TrimSpace(line), ",agent=a,device=d", "", 1))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// Every part of a profile: an index of two parts, names from another table and of interfaces, sentinels, enumerations,
// conditions, light and darkness, rows that would be one series.
func TestRows(t *testing.T) {
	for name, c := range map[string]struct {
		make func(*rig)
		want string
	}{
		"nothing": {func(*rig) {}, ""},
		"a row": {func(r *rig) { r.lamp(3, "a", 413, absent, absent, 2) },
			"sensor,object=3\\ a ok=true,state=\"lit\",temp_c=41.3,interval_s=120i\nsystem temp_c=41.3"},
		"its floor has a name": {func(r *rig) { r.lamp(3, "a", 413); r.text("deck", 1, 3, 6, 1, 4, 1, 99999, 8, 1, 1, 3) },
			"sensor,object=deck\\ a temp_c=41.3,interval_s=120i\nsystem temp_c=41.3"},
		"no value": {func(r *rig) { r.lamp(3, "a", 2147483647, absent, absent, 7) },
			"sensor,object=3\\ a state=\"odd\",interval_s=120i"},
		"no row that counts": {func(r *rig) { r.lamp(3, "a", 413, absent, absent, absent, 9) }, ""},
		"a field for some": {func(r *rig) {
			r.lamp(3, "a", absent, absent, 7, absent, 2)
			r.lamp(4, "b", absent, absent, 7, absent, 3)
		},
			"sensor,object=3\\ a count=7i,interval_s=120i"},
		"light":          {func(r *rig) { r.lamp(3, "a", absent, 500, absent, absent, 9, 7) }, "optic,ifname=ge-0/0/7 los=false,rx_dbm=-3.01,interval_s=120i"},
		"darkness":       {func(r *rig) { r.lamp(3, "a", absent, 0, absent, absent, 9, 7) }, "optic,ifname=ge-0/0/7 los=true,interval_s=120i"},
		"light in dBm":   {func(r *rig) { r.lamp(3, "a", absent, -1684, absent, absent, 9, 7) }, "optic,ifname=ge-0/0/7 los=false,rx_dbm=-16.84,interval_s=120i"},
		"dark in dBm":    {func(r *rig) { r.lamp(3, "a", absent, -4000, absent, absent, 9, 7) }, "optic,ifname=ge-0/0/7 los=true,interval_s=120i"},
		"no such port":   {func(r *rig) { r.lamp(3, "a", absent, 500, absent, absent, 9, 8) }, ""},
		"state is wrong": {func(r *rig) { r.lamp(3, "a", absent, 500, absent, 3, 9, 7) }, ""},
		"of one name": {func(r *rig) {
			r.lamp(3, "a", 413)
			r.lamp(4, "a", 420)
			for floor := range uint32(2) {
				r.text("deck", 1, 3, 6, 1, 4, 1, 99999, 8, 1, 1, 3+floor)
			}
		}, "sensor,object=deck\\ a\\ #3.1.97 temp_c=41.3,interval_s=120i\nsensor,object=deck\\ a\\ #4.1.97 temp_c=42,interval_s=120i\nsystem temp_c=42"},
		"not its index": {func(r *rig) { r.agent.SetNumber(ber.Integer, 1, 1, 3, 6, 1, 4, 1, 99999, 7, 1, 1, 2, 3) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := lampRig(t)
			c.make(r)
			if got := r.short(); got != c.want {
				t.Errorf("lines:\n%s\nwant:\n%s", got, c.want)
			}
			equal(t, "failures", r.metric("haidang_snmp_tables_failures_total"), 0)
		})
	}
}

// Each table has its own interval; what is only learned is walked each time.
func TestIntervals(t *testing.T) {
	r := lampRig(t)
	r.lamp(3, "a", 413)
	r.text("An", 1, 3, 6, 1, 4, 1, 99999, 9, 1, 1)
	written := make([]string, 0, 7)
	for i := range 7 {
		if i == 1 {
			r.agent.Remove(1, 3, 6, 1, 4, 1, 99999, 9)
			r.text("Bình", 1, 3, 6, 1, 4, 1, 99999, 9, 1, 2)
		}
		seen := "-"
		for line := range strings.Lines(r.short()) {
			switch {
			case strings.HasPrefix(line, "sensor"):
				seen += "s"
			case strings.HasPrefix(line, "lldp,ifname=door,neighbor=An "):
				seen += "a"
			case strings.HasPrefix(line, "lldp,ifname=door,neighbor=Bình "):
				seen += "b"
			}
		}
		written = append(written, seen)
	}
	if got := strings.Join(written, " "); got != "-as - -s -b -s - -bs" {
		t.Errorf("written: %s", got)
	}
}

// A row that is gone makes its table be walked again, so that one which came in its place is found.
func TestRowsThatGo(t *testing.T) {
	r := lampRig(t)
	r.lamp(3, "a", 413)
	r.lamp(3, "b", 420)
	r.short()
	r.agent.Remove(1, 3, 6, 1, 4, 1, 99999, 7)
	r.lamp(3, "b", 430)
	r.lamp(3, "c", 440)
	r.round()
	equal(t, "what is left", r.round() != "", true)
	equal(t, "missing", r.metric("haidang_snmp_tables_rows_missing_total"), 1)
	r.round()
	if got := r.short(); !strings.Contains(got, "object=3\\ b ") || !strings.Contains(got, "object=3\\ c ") {
		t.Errorf("lines:\n%s", got)
	}
	equal(t, "walks", r.metric("haidang_snmp_tables_walks_total"), 2)
}
