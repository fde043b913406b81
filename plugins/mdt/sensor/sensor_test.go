package sensor_test

import (
	"strings"
	"testing"

	bis "github.com/cisco-ie/nx-telemetry-proto/telemetry_bis"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	shipped "github.com/haidang-noc/haidang/configs/sensors"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/mdt/sensor"
)

func load(t testing.TB, text string) *sensor.Table {
	t.Helper()
	var tab sensor.Table
	if err := tab.AddFile("t.yaml", []byte(text)); err != nil {
		t.Fatal(err)
	}
	return &tab
}

// group is a field with fields below it; text and number are values.
func group(name string, below ...*bis.TelemetryField) *bis.TelemetryField {
	return &bis.TelemetryField{Name: name, Fields: below}
}

func text(name, v string) *bis.TelemetryField {
	return &bis.TelemetryField{Name: name, ValueByType: &bis.TelemetryField_StringValue{StringValue: v}}
}

func number(name string, v uint64) *bis.TelemetryField {
	return &bis.TelemetryField{Name: name, ValueByType: &bis.TelemetryField_Uint64Value{Uint64Value: v}}
}

func encode(t interface{ Fatal(...any) }, f *bis.TelemetryField) []byte {
	out, err := proto.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// line is a row as a test shows it.
func line(row *sensor.Row) string {
	tags, ok := row.Tags(nil)
	if !ok {
		return "no name"
	}
	var e point.Encoder
	e.Begin(point.AppendKey(nil, row.Rule().Measurement, tags...))
	row.Fields(&e)
	e.End(0)
	return strings.TrimSuffix(string(e.Bytes()), " 0\n")
}

const kinds = `
sensors:
  - paths: [p]
    measurement: m
    tags: {a: keys/a, b: keys/b}
    counters: {c: content/c}
    integers: {i: {from: content/i, scale: 0.001}}
    numbers: {n: {from: content/n, scale: 0.01}}
    codes: {o: {from: content/o, values: {up: 1}, else: 2}, p: {from: content/o, values: {up: 1}}}
    flags: {f: {from: content/o, when: [up, ready]}, g: {from: content/g}}
    texts: {t: content/o}
`

func TestKindsOfFields(t *testing.T) {
	rule := load(t, kinds).Find([]byte("/p"))[0]
	row := group("", group("keys", text("a", "x y"), number("b", 7)), group("content", text("c", "18446744073709551615"), number("i", 10_000_500),
		&bis.TelemetryField{Name: "n", ValueByType: &bis.TelemetryField_Sint32Value{Sint32Value: -312}}, text("o", "ready"), number("else", 1),
		&bis.TelemetryField{Name: "g", ValueByType: &bis.TelemetryField_BoolValue{BoolValue: true}}))
	var got []string
	var r sensor.Row
	if !r.ReadFields(rule, encode(t, row), func(row *sensor.Row) { got = append(got, line(row)) }) {
		t.Fatal("malformed")
	}
	want := `m,a=x\ y,b=7 c=18446744073709551615u,f=true,g=true,i=10001i,n=-3.12,o=2i,t="ready"`
	if len(got) != 1 || got[0] != want {
		t.Errorf("%q\nwant %q", got, want)
	}
	if n, ok := r.Int("o"); n != 2 || !ok {
		t.Error(n, ok)
	}
	if n, ok := r.Int("i"); n != 10001 || !ok {
		t.Error(n, ok)
	}
	if _, ok := r.Int("p"); ok {
		t.Error("a word that stands for nothing has a number")
	}
	got = nil
	r.ReadFields(rule, encode(t, group("", group("content", number("c", 1)))), func(row *sensor.Row) { got = append(got, line(row)) })
	if len(got) != 1 || got[0] != "no name" {
		t.Errorf("what was in the row before is in this one: %q", got)
	}
}

// Elements of lists, named and not, at any depth, are lines of their own.
func TestEachElementIsALine(t *testing.T) {
	rule := load(t, "sensors:\n  - {paths: [p], measurement: m, each: content/list/port, tags: {k: keys/k, port: content/list/port/name}, counters: {n: content/list/port/in/n, z: content/z}}\n").Find([]byte("p"))[0]
	want := []string{"m,k=x,port=a n=1u,z=9u", "m,k=x,port=b n=2u,z=9u", "m,k=x,port=c z=9u"}
	port := func(name, port string, below ...*bis.TelemetryField) *bis.TelemetryField {
		return group(name, append([]*bis.TelemetryField{text("name", port)}, below...)...)
	}
	in := func(n uint64) *bis.TelemetryField { return group("in", number("n", n)) }
	for name, list := range map[string][]*bis.TelemetryField{
		"named":    {group("list", port("port", "a", in(1)), port("port", "b", in(2))), group("list", port("port", "c"))},
		"nameless": {group("list", group("", group("port", port("", "a", in(1)), port("", "b", in(2))))), group("list", group("port", port("", "c")))},
	} {
		row := encode(t, group("", group("keys", text("k", "x")), group("content", append(list, number("z", 9))...)))
		var got []string
		var r sensor.Row
		if !r.ReadFields(rule, row, func(row *sensor.Row) { got = append(got, line(row)) }) || strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// tree is a field as the generated code has it: the other way to read a row.
type tree struct{ *bis.TelemetryField }

func (t tree) Get(name string, yield func(sensor.Tree, point.Value)) {
	for _, f := range t.Fields {
		switch {
		case f.Name == "":
			tree{f}.Get(name, yield)
		case f.Name != name:
		case f.ValueByType != nil:
			v := point.Value{Kind: point.String, Text: []byte(f.GetStringValue())}
			if n, ok := f.ValueByType.(*bis.TelemetryField_Uint64Value); ok {
				v = point.Value{Kind: point.Uint, Bits: n.Uint64Value}
			}
			yield(nil, v)
		default:
			yield(tree{f}, point.Value{})
		}
	}
}

// The decoder reads of any row what the generated code does.
func TestTheDecoderReadsWhatGeneratedCodeReads(t *testing.T) {
	rules := load(t, "sensors:\n  - {paths: [p], measurement: m, tags: {a: a}, counters: {n: b/a, x: c/b/n}, texts: {t: b/t}}\n").Find([]byte("p"))
	var field func(t *rapid.T, depth int) *bis.TelemetryField
	field = func(t *rapid.T, depth int) *bis.TelemetryField {
		name := rapid.SampledFrom([]string{"a", "b", "c", "n", "t", "other"}).Draw(t, "name")
		switch kind := rapid.IntRange(0, 4).Draw(t, "kind"); {
		case kind == 0:
			return text(name, rapid.SampledFrom([]string{"x", "7", "y z"}).Draw(t, "text"))
		case kind == 1 || depth == 0:
			return number(name, rapid.Uint64().Draw(t, "number"))
		case kind == 2:
			name = ""
		}
		below := make([]*bis.TelemetryField, rapid.IntRange(0, 4).Draw(t, "below"))
		for i := range below {
			below[i] = field(t, depth-1)
		}
		return group(name, below...)
	}
	rapid.Check(t, func(t *rapid.T) {
		row := group("")
		for range rapid.IntRange(0, 6).Draw(t, "fields") {
			row.Fields = append(row.Fields, field(t, 4))
		}
		for _, rule := range rules {
			var got, want []string
			var r sensor.Row
			if !r.ReadFields(rule, encode(t, row), func(row *sensor.Row) { got = append(got, line(row)) }) {
				t.Fatal("malformed")
			}
			r.Read(rule, tree{row}, func(row *sensor.Row) { want = append(want, line(row)) })
			if strings.Join(got, "|") != strings.Join(want, "|") {
				t.Fatalf("%q, generated code %q", got, want)
			}
		}
	})
}

func TestNothingIsAllocated(t *testing.T) {
	rule := load(t, kinds).Find([]byte("p"))[0]
	row := encode(t, group("", group("keys", text("a", "x"), text("b", "y")), group("content", number("c", 1), number("i", 1), text("o", "up"))))
	var r sensor.Row
	var e point.Encoder
	id := make([]byte, 0, 64)
	emit := func(row *sensor.Row) {
		e.Reset()
		e.Begin([]byte("m"))
		if id, ok := row.Identity(id[:0]); ok && len(id) > 0 {
			row.Fields(&e)
		}
		e.End(1)
	}
	path := []byte("p")
	tab := load(t, kinds)
	if n := testing.AllocsPerRun(100, func() { tab.Find(path); r.ReadFields(rule, row, emit) }); n > 2 { // the text and the flag are words
		t.Errorf("%v allocations", n)
	}
}

func TestMistakesNameTheirPlace(t *testing.T) {
	const start = "sensors:\n  - {paths: [p], measurement: m, "
	for text, want := range map[string]string{
		"sensors:\n  - {paths: [], measurement: m, counters: {n: a}}":          "t.yaml:2: paths:",
		"sensors:\n  - {paths: [/p], measurement: m, counters: {n: a}}":        "t.yaml:2: paths:",
		"sensors:\n  - {paths: [p], measurement: 'm m', counters: {n: a}}":     "t.yaml:2: measurement:",
		"sensors:\n  - {paths: [p], measurement: interface, counters: {n: a}}": "t.yaml:2: tags: want ifname",
		start + "tags: {device: a}, counters: {n: a}}":                         "t.yaml:2: tags: device",
		start + "counters: {n: a//b}}":                                         "t.yaml:2: counters: n: ",
		start + "counters: {n: ''}}":                                           "t.yaml:2: counters: n: ",
		start + "counters: {n: a}, tags: {t: a/b}}":                            "there is more below it",
		start + "counters: {n: a/b}, texts: {t: a}}":                           "there is more below it",
		start + "each: a/b, counters: {n: a/b}}":                               "there is more below it",
		start + "tags: {t: a}}":                                                "want at least one field",
		start + "counter: {n: a}}":                                             "t.yaml:2:",
		start + "counters: {n: a}, seen: x, untested: true}":                   "t.yaml:2: untested:",
	} {
		var tab sensor.Table
		if err := tab.AddFile("t.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestTheShippedTablesAreRight(t *testing.T) {
	var tab sensor.Table
	if err := tab.Add(shipped.Files(), "*.yaml"); err != nil || tab.Len() < 10 {
		t.Errorf("%d paths, %v", tab.Len(), err)
	}
	if tab.Find([]byte("nothing")) != nil || tab.Find(nil) != nil {
		t.Error("unknown paths are known")
	}
}

func FuzzReadFields(f *testing.F) {
	rule := load(f, "sensors:\n  - {paths: [p], measurement: m, each: content/list, tags: {k: keys/k}, counters: {n: content/list/n, z: content/z}}\n").Find([]byte("p"))[0]
	f.Add(encode(f, group("", group("keys", text("k", "x")), group("content", group("list", number("n", 1)), number("z", 9)))))
	f.Fuzz(func(t *testing.T, row []byte) {
		lines := 0
		var r sensor.Row
		r.ReadFields(rule, row, func(row *sensor.Row) { lines++; line(row) })
		if sensor.RowTime(row); lines > len(row) {
			t.Errorf("%d lines of %d octets", lines, len(row))
		}
	})
}
