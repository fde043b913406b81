//go:build conformance

package decode_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/gnmi/decode"
	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
	"github.com/haidang-noc/haidang/plugins/gnmi/wire"
)

// event is gnmic's reading of an update.
type event struct {
	Timestamp int64
	Tags      map[string]string
	Values    map[string]any
	Deletes   []string
}

// reading is a value that we read.
type reading struct {
	time  int64
	path  string // without modules
	keys  []string
	value point.Value
}

// recorded is a folder of recordings.
func recorded(t *testing.T) string {
	shared := os.Getenv("SHARED")
	if shared == "" {
		t.Fatal("SHARED is not set: want the folder of the recordings")
	}
	return filepath.Join(shared, "data", "gnmi", "telegraf")
}

func load(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	must(t, json.Unmarshal(text, into))
}

// Every value that two other programs read in the recordings is read here, too: same time, same keys, same value.
func TestConformanceRecordings(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(recorded(t), "*", "responses.json"))
	must(t, err)
	var good, values, wantValues, fields, wantFields int
	for _, path := range folders {
		dir := filepath.Dir(path)
		var events []event
		load(t, filepath.Join(dir, "gnmic-event.json"), &events)
		read := readings(t, responses(t, dir), events)
		v, ofV := compareEvents(t, read, events)
		f, ofF := compareLines(t, read, filepath.Join(dir, "expected.out"))
		if v == ofV && f == ofF {
			good++
		}
		t.Logf("%s: %d of %d values as gnmic reads them, %d of %d fields as Telegraf does", filepath.Base(dir), v, ofV, f, ofF)
		values, wantValues, fields, wantFields = values+v, wantValues+ofV, fields+f, wantFields+ofF
	}
	t.Logf("recordings: %d of %d; gnmic's values: %d of %d; Telegraf's fields: %d of %d", good, len(folders), values, wantValues, fields, wantFields)
	if good != len(folders) || good == 0 {
		t.Error("not everything was read")
	}
}

// responses are the recorded messages, encoded as they were on the wire.
func responses(t *testing.T, dir string) (all [][]byte) {
	var raw []json.RawMessage
	load(t, filepath.Join(dir, "responses.json"), &raw)
	for _, r := range raw {
		var m gpb.SubscribeResponse
		must(t, protojson.Unmarshal(r, &m))
		b, err := proto.Marshal(&m)
		must(t, err)
		all = append(all, b)
	}
	return all
}

// take gives a target a message, at its own time.
func take(t testing.TB, target *decode.Target, message []byte) {
	t.Helper()
	now := time.Now()
	r, err := wire.Parse(message)
	must(t, err)
	if r.Kind == wire.Update && r.Notification.Time > 0 {
		now = time.Unix(0, r.Notification.Time)
	}
	if _, err := target.Take(message, now); err != nil {
		t.Fatal(err)
	}
	target.Flush(now)
}

// decodeAll is what some path sets make of some messages.
func decodeAll(t testing.TB, messages [][]byte, sets ...*pathset.Set) []line {
	t.Helper()
	box := outbox.New()
	target := decode.New(newConfig(box), pathset.NewPlan(sets), false, new(decode.Identity))
	for _, m := range messages {
		take(t, target, m)
	}
	return written(t, box)
}

// readings decodes with a path set that has a field for each path that gnmic saw.
func readings(t *testing.T, messages [][]byte, events []event) (all []reading) {
	text, leaves := everything(events)
	set, err := pathset.Read("recorded.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, l := range decodeAll(t, messages, set) {
		series, err := point.ParseKey(l.Key)
		must(t, err)
		var keys []string
		for _, tag := range series.Tags {
			if strings.HasPrefix(tag.Key, "k") {
				keys = append(keys, tag.Value)
			}
		}
		for _, f := range l.Fields {
			name := string(f.Key)
			n, err := strconv.Atoi(name[1:])
			if name == "interval_s" || err != nil {
				continue
			}
			f.Value.Text = slices.Clone(f.Value.Text)
			all = append(all, reading{l.Time, leaves[n], keys, f.Value})
		}
	}
	return all
}

// everything writes a path set for all paths of some events: text as text, and as a number where it can be one.
func everything(events []event) (text string, leaves []string) {
	var b strings.Builder
	b.WriteString("paths: recorded\ntitle: all of a recording\ntopic: all\ntested: true\naliases: ['*', '*/*']\nsubscribe: [{path: /}]\nlines:\n")
	for _, e := range events {
		for path, value := range e.Values {
			elems := split(path)
			id := strings.Join(elems, "/")
			if slices.Contains(leaves, id) {
				continue
			}
			at, tags, of := place(elems, e.Tags)
			n := len(leaves)
			leaves = append(leaves, id)
			fmt.Fprintf(&b, "  - measurement: x_%d\n    at: %q\n    tags: {%s}\n    fields:\n", n, at, strings.Join(tags, ", "))
			switch value.(type) {
			case bool:
				fmt.Fprintf(&b, "      f%d: {of: %q, kind: flag}\n", n, of)
			case string:
				fmt.Fprintf(&b, "      f%d: {of: %q, kind: text}\n      n%d: {of: %q, kind: float}\n      o%d: {of: %q, kind: float, as: float32}\n", n, of, n, of, n, of)
			default:
				fmt.Fprintf(&b, "      f%d: {of: %q, kind: float}\n", n, of)
			}
		}
	}
	return b.String(), leaves
}

// split takes a path apart, without origin and modules.
func split(path string) (elems []string) {
	for _, e := range strings.Split(path, "/") {
		if i := strings.LastIndexByte(e, ':'); i >= 0 {
			e = e[i+1:]
		}
		if e != "" {
			elems = append(elems, e)
		}
	}
	return elems
}

// place writes the keys of an event, element_key, where they belong.
func place(elems []string, tags map[string]string) (at string, names []string, of string) {
	last := 0
	var parts []string
	for i, e := range elems {
		part := e
		for _, tag := range sorted(tags) {
			if key, ok := strings.CutPrefix(tag, e+"_"); ok {
				part += fmt.Sprintf("[%s={v%d}]", key, len(names))
				names = append(names, fmt.Sprintf("k%d: '{v%d}'", len(names), len(names)))
				last = i
			}
		}
		parts = append(parts, part)
	}
	if of = strings.Join(parts[last+1:], "/"); of == "" {
		of = "."
	}
	return "/" + strings.Join(parts[:last+1], "/"), names, of
}

func sorted(m map[string]string) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// compareEvents looks for gnmic's values.
func compareEvents(t *testing.T, read []reading, events []event) (found, all int) {
	for _, e := range events {
		for path, want := range e.Values {
			all++
			id := strings.Join(split(path), "/")
			ok := slices.ContainsFunc(read, func(r reading) bool {
				return r.time == e.Timestamp && r.path == id && len(r.keys) == len(e.Tags) && sameValue(r.value, fmt.Sprint(want))
			})
			if ok {
				found++
			} else {
				t.Errorf("%s %v = %v is not read", path, e.Tags, want)
			}
		}
	}
	return found, all
}

// compareLines looks for the fields of Telegraf's metrics: among our readings is one of that time, whose path ends like the
// field, whose keys are all among the metric's tags, and that has the value.
func compareLines(t *testing.T, read []reading, path string) (found, all int) {
	text, err := os.ReadFile(path)
	must(t, err)
	s := point.NewScanner(text, point.Options{})
	for s.Next() {
		l := s.Line()
		series, err := point.ParseKey(l.Key)
		must(t, err)
		for _, f := range l.Fields {
			all++
			name := canonical(string(f.Key))
			ok := slices.ContainsFunc(read, func(r reading) bool {
				return r.time == l.Time && strings.HasSuffix("/"+canonical(r.path), "/"+name) && within(r.keys, series) && sameValue(r.value, shown(f.Value))
			})
			if ok {
				found++
			} else {
				t.Errorf("%s: %s = %s of %v is not read", filepath.Base(filepath.Dir(path)), f.Key, shown(f.Value), series)
			}
		}
	}
	return found, all
}

// canonical is a field's name as paths are compared: Telegraf writes _ for -, and keeps modules.
func canonical(name string) string {
	return strings.ReplaceAll(strings.Join(split(name), "/"), "-", "_")
}

func within(keys []string, s point.Series) bool {
	for _, k := range keys {
		if !slices.ContainsFunc(s.Tags, func(tag point.Tag) bool { return tag.Value == k }) {
			return false
		}
	}
	return true
}

func shown(v point.Value) string {
	if n, ok := v.Float(); ok {
		return strconv.FormatFloat(n, 'g', -1, 64)
	}
	if b, ok := v.Bool(); ok {
		return strconv.FormatBool(b)
	}
	return string(v.Text)
}

// sameValue compares numbers as numbers: the others widen floats of 32 bits digit by digit, and gnmic shows octets that are such a
// float in base64.
func sameValue(got point.Value, want string) bool {
	n, ok := got.Float()
	w, err := strconv.ParseFloat(want, 64)
	if octets, failed := base64.StdEncoding.DecodeString(want); ok && err != nil && failed == nil && len(octets) == 4 {
		w, err = float64(math.Float32frombits(binary.BigEndian.Uint32(octets))), nil
	}
	if ok && err == nil {
		return math.Abs(n-w) <= 1e-6*max(math.Abs(n), math.Abs(w))
	}
	return shown(got) == want
}

// What the shipped path sets make of the recordings.
func TestConformanceShippedSets(t *testing.T) {
	sets, err := pathset.Load("")
	must(t, err)
	cases := []struct {
		name  string
		lines int
		some  []string
	}{
		{"issue_11011", 1, []string{`bgp,agent=a1,device=r1,peer=192.0.2.1 state="established",up=true,interval_s=300i 1543236572000000000`}},
		{"issue_14530", 1, []string{"interface,agent=a1,device=r1,ifname=Ethernet35 in_discards=0u,in_errors=0u,in_octets=0u,in_ucast_pkts=0u,out_bcast_pkts=0u,out_discards=0u," +
			"out_errors=0u,out_mcast_pkts=0u,out_octets=0u,out_ucast_pkts=0u,interval_s=60i 1704442117721474264"}},
		{"issue_14946", 2, []string{"memory,agent=a1,device=r1,object=memory used_octets=3479629824i,interval_s=60i 1709737743568119333"}},
		{"issue_15046", 7, []string{
			"sensor,agent=a1,device=r1,object=PowerSupply1/A,sensor=input current_a=0.471,voltage_v=208.5,interval_s=300i 1711178737105194000",
			"sensor,agent=a1,device=r1,object=PowerSupply1/A,sensor=output current_a=1.203,power_w=68.625,voltage_v=56.367,interval_s=300i 1711178737105194000",
			"sensor,agent=a1,device=r1,object=HotSpotTempSensor1 temp_c=58,interval_s=300i 1715838159171548000"}},
		{"issue_17154", 5, []string{"optic,agent=a1,device=r1,ifname=et-0/0/0,lane=0 bias_ma=90,los=false,rx_dbm=-0.07,temp_c=55.34,dark=false,tx_dbm=2.32,interval_s=300i 1749595672396389842"}},
		{"issue_17412", 1, []string{"interface,agent=a1,device=r1,ifname=Eth-Trunk5.1234 oper=2i,interval_s=300i 1753972839609000000"}},
		{"tagging_name_based", 5, []string{"interface,agent=a1,device=r1,ifname=xe-0/1/5.16386 oper=7i,interval_s=300i 1674081667251795605",
			"interface,agent=a1,device=r1,ifname=lo0.0 oper=1i,interval_s=300i 1674081667238697959"}},
	}
	for _, c := range cases {
		var got []string
		for _, l := range decodeAll(t, responses(t, filepath.Join(recorded(t), c.name)), sets...) {
			got = append(got, string(l.Text))
		}
		for _, want := range c.some {
			if !slices.Contains(got, want) {
				t.Errorf("%s: %q is not among\n%s", c.name, want, strings.Join(got, "\n"))
			}
		}
		if len(got) != c.lines {
			t.Errorf("%s: %d lines, want %d:\n%s", c.name, len(got), c.lines, strings.Join(got, "\n"))
		}
	}
	t.Logf("recordings that shipped path sets have a use for: %d of %d", len(cases), len(cases))
}
