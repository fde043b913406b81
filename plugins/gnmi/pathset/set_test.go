package pathset_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
	"github.com/haidang-noc/haidang/plugins/gnmi/wire"
	"github.com/haidang-noc/haidang/plugins/gnmi/xpath"
)

func names(sets []*pathset.Set) (all []string) {
	for _, s := range sets {
		all = append(all, s.Name)
	}
	return all
}

func shipped(t *testing.T) []*pathset.Set {
	t.Helper()
	sets, err := pathset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	return sets
}

// A target gets one set for each topic: OpenConfig's if it can, its own otherwise.
func TestChoice(t *testing.T) {
	common := pathset.Common(shipped(t))
	for _, c := range []struct{ models, want []string }{
		{[]string{"openconfig-interfaces", "srl_nokia-interfaces", "srl_nokia-bgp"}, []string{"srlinux-bgp", "openconfig-interfaces"}},
		{[]string{"huawei-ifm"}, []string{"huawei-interfaces"}},
		{[]string{"urn:srl_nokia/interfaces:srl_nokia-interfaces"}, []string{"srlinux-interfaces"}},
		{[]string{"Cisco-IOS-XR-pfi-im-cmd-oper"}, nil}, // its counters are in another model
		{nil, []string{"openconfig-bgp", "openconfig-interfaces", "openconfig-platform", "openconfig-system", "openconfig-terminal-device"}},
	} {
		if got, _ := pathset.Choose(common, c.models); !slices.Equal(names(got), c.want) {
			t.Errorf("of %v: %v, want %v", c.models, names(got), c.want)
		}
	}
	if slices.Contains(names(common), "junos-optics") {
		t.Error("a set without models is offered to every target")
	}
}

const good = `paths: a
title: A
topic: a
origin: acme
models: [acme]
tested: false
subscribe: [{path: /top, every: 5m}, {path: /top/entry/up, mode: on_change}]
lines:
  - measurement: sensor
    at: "/top/entry[name={entry}]"
    tags: {object: "{entry}"}
    fields:
      temp_c: {of: temp, none: [255]}
      frequency_hz: {of: clock, unit: MHz}
      ok: {of: up, names: {YES: true, NA: null, else: false}}
      state: {of: word}
      count: {of: number}
`

func TestMistakesNameFileLineAndKey(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"paths: a", "paths: A b", "f.yaml:1:8: paths: "},
		{"title: A", "title: ''", "title: is empty"},
		{"tested: false", "title2: x", "unknown field"},
		{"tested: false\n", "", "tested: want true or false"},
		{"path: /top,", "path: top,", `f.yaml:7:20: subscribe[0].path: "top": want a path such as`},
		{"mode: on_change", "mode: target_defined", "subscribe[1].mode: \"target_defined\": want sample or on_change"},
		{"every: 5m", "every: 1500ms", "subscribe[0].every: 1.5s: want a whole number of seconds"},
		{"measurement: sensor", "measurement: sensors", "f.yaml:9:18: lines[0].measurement: \"sensors\": want one of bgp, coherent"},
		{"[name={entry}]", "[name={entry}", "f.yaml:10:9: lines[0].at: "},
		{"[name={entry}]", "[name={entry}][unit={unit}]", "lines[0].at: {unit} is in no tag: entries that differ by it would be one series"},
		{"[name={entry}]", "[name={entry}][unit={entry}]", "{entry} stands for two keys"},
		{"object: ", "ifname: ", "lines[0].tags.ifname: sensor has no such tag: want one of object, sensor"},
		{"\"{entry}\"}", "\"{entri}\"}", "{entri} is no key of the line's at"},
		{"temp_c: ", "temperature: ", "lines[0].fields.temperature.kind: sensor has no field temperature"},
		{"of: temp,", "of: /temp,", "lines[0].fields.temp_c.of: \"/temp\": want a path below the line's at"},
		{"unit: MHz", "unit: Mhz", "lines[0].fields.frequency_hz.unit: \"Mhz\": want one of"},
		{"unit: MHz", "unit: V", "want a unit of frequency for the field frequency_hz"},
		{"YES: true", "YES: 1", "lines[0].fields.ok.names: YES: 1: is not a value that ok may have"},
		{"of: word", "of: word, as: hex", "as: \"hex\": want float32 or age"},
		{"of: word", "of: word, kind: text", "kind: \"text\": is of your own measurements alone"},
		{"of: word", "of: word, deleted: 3", "deleted: want a field that is a whole number"},
		{"{path: /top, every: 5m}, ", "", "of: no subscription brings it"},
	} {
		text := strings.Replace(good, c.from, c.to, 1)
		if text == good {
			t.Fatalf("%q is not in the set", c.from)
		}
		_, err := pathset.Read("f.yaml", []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), "f.yaml:") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q → %q: %v\nwant %s", c.from, c.to, err, c.want)
		}
	}
	if _, err := pathset.Read("f.yaml", []byte(good)); err != nil {
		t.Error(err)
	}
}

// field finds a field of the set above by its leaf.
func field(t *testing.T, leaf string) *pathset.Field {
	t.Helper()
	set, err := pathset.Read("f.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	elems, err := xpath.Parse("/top/entry[name=x]/" + leaf)
	if err != nil {
		t.Fatal(err)
	}
	n, _ := pathset.NewPlan([]*pathset.Set{set}).Find(&xpath.Path{Elems: elems})
	var found *pathset.Field
	n.Fields("acme", func(f *pathset.Field) { found = f })
	return found
}

func TestConversions(t *testing.T) {
	word := func(s string) wire.Value { return wire.Value{Kind: wire.Text, Text: []byte(s)} }
	for _, c := range []struct {
		leaf string
		from wire.Value
		want string // empty: none
	}{
		{"temp", word("21.5"), "21.5"}, {"temp", word("255"), "none"}, {"temp", word("201"), ""}, {"temp", word("NaN"), ""}, {"temp", word("warm"), ""},
		{"temp", wire.Value{Kind: wire.Bytes, Text: []byte{0x41, 0xac, 0, 0}}, "21.5"}, {"temp", wire.Value{Kind: wire.Bytes, Text: []byte{1}}, ""},
		{"temp", wire.Value{Kind: wire.Opaque, Text: []byte{1}}, ""},
		{"clock", wire.Value{Kind: wire.Uint, Bits: 193_100_000}, "1.931e+14"},
		{"up", word("acme-types:YES"), "true"}, {"up", word("NO"), "false"}, {"up", word("NA"), "none"}, {"up", wire.Value{Kind: wire.Bytes}, ""},
		{"word", word("a b"), `"a b"`}, {"word", word(""), ""}, {"word", word(strings.Repeat("x", 1025)), ""}, {"word", wire.Value{Kind: wire.Int, Bits: ^uint64(0)}, `"-1"`},
		{"word", wire.Value{Kind: wire.List, Text: []byte("\x0a\x03\x0a\x01a\x0a\x02\x10\x07")}, `"a,7"`},
		{"number", wire.Value{Kind: wire.Int, Bits: ^uint64(0)}, "-1i"}, {"number", wire.Value{Kind: wire.Uint, Bits: ^uint64(0)}, ""},
	} {
		v, ok := field(t, c.leaf).Convert(&c.from, 0)
		var e point.Encoder
		e.Begin([]byte("m"))
		if ok && v.Kind == point.None {
			e.String("f", "none")
		} else if ok {
			e.Value("f", v)
		}
		e.End(0)
		got := strings.TrimSuffix(strings.TrimPrefix(string(e.Bytes()), "m f="), " 0\n")
		if strings.Trim(got, `"`) != strings.Trim(c.want, `"`) {
			t.Errorf("%s of %v %q is %s, want %s", c.leaf, c.from.Kind, c.from.Text, got, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(good)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<12 {
			return
		}
		if set, err := pathset.Read("f.yaml", []byte(text)); err == nil {
			pathset.NewPlan([]*pathset.Set{set})
		} else if !strings.HasPrefix(err.Error(), "f.yaml:") {
			t.Error(err)
		}
	})
}
