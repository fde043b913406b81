package point

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAppendKey(t *testing.T) {
	for _, c := range []struct {
		measurement string
		tags        []Tag
		want        string
	}{
		{"interface", []Tag{{"ifname", "Gi0/1"}, {"device", "HNI-1"}}, "interface,device=HNI-1,ifname=Gi0/1"},
		{"m", []Tag{{"a", ""}, {"", "x"}, {"b", "1"}}, "m,b=1"},
		{"m", []Tag{{"agent", "forged"}, {"x", "1"}, {"agent", "edge"}}, "m,agent=edge,x=1"},
		{"a b,c=d", []Tag{{"k k", "v,v=v"}}, `a\ b\,c=d,k\ k=v\,v\=v`},
		{"m", []Tag{{"ifname", "TenGigE\t1\n"}, {"x", `C:\`}, {"y", "\xff"}, {"z", "Hà Nội"}}, "m,ifname=TenGigE\uFFFD1\uFFFD,x=C:\uFFFD,y=\uFFFD,z=Hà\\ Nội"},
		{"#m", nil, "\uFFFDm"},
		{"", []Tag{{"a", "b"}}, ""},
	} {
		if got := string(AppendKey(nil, c.measurement, c.tags...)); got != c.want {
			t.Errorf("%q %v: %q, want %q", c.measurement, c.tags, got, c.want)
		}
	}
}

// Names that line protocol can carry come back as they were, others do not break the key.
func TestKeyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.StringN(1, 20, -1).Draw(t, "measurement")
		tags := []Tag{{"a" + rapid.String().Draw(t, "key"), rapid.StringN(1, 20, -1).Draw(t, "value")}, {"z", "1"}}
		key := AppendKey(nil, m, tags...)
		s, err := ParseKey(key)
		if err != nil {
			t.Fatalf("%q: %v", key, err)
		}
		carried := func(x string) string { return strings.ReplaceAll(presentable(x), "\xff", "\uFFFD") }
		if m[0] != '#' && s.Measurement != carried(m) || s.Tag(carried(tags[0].Key)) != carried(tags[0].Value) || s.Tag("z") != "1" {
			t.Fatalf("%q became %+v", key, s)
		}
	})
}

func TestParseKeyRefuses(t *testing.T) {
	for _, key := range []string{"", " ", "#m", "m,", "m,a", "m,a=", "m,=b", "m,a=b,a=c", "m,a=b,", "m a", "m\n", "m\x00", "m,a=b=c", "m,a=\xff", `m\`, " m"} {
		if s, err := ParseKey([]byte(key)); err == nil {
			t.Errorf("%q became %+v", key, s)
		} else if !strings.HasPrefix(err.Error(), "point: key ") {
			t.Errorf("%q: %v", key, err)
		}
	}
}

func TestEncoderTakesBack(t *testing.T) {
	var e Encoder
	key := AppendKey(nil, "m")
	e.Begin(key)
	e.End(1) // no field
	e.Uint("v", 1)
	e.End(1) // no line
	e.Begin(nil)
	e.Uint("v", 1)
	e.End(1) // no key
	e.Begin(key)
	e.Uint("v", 1)
	e.Begin(key) // not ended
	e.Float("nan", nan())
	e.Uint("", 1)
	e.Value("none", Value{})
	e.Fields(nil)
	e.Uint("v", 2)
	e.Fields([]byte("w=3i,x=t"))
	e.End(3)
	e.Fields([]byte("v=1u")) // no line
	if got := string(e.Bytes()); got != "m v=2u,w=3i,x=t 3\n" || e.Lines() != 1 {
		t.Errorf("%d lines: %q", e.Lines(), got)
	}
	e.Reset()
	if len(e.Bytes()) != 0 || e.Lines() != 0 {
		t.Errorf("after Reset: %q", e.Bytes())
	}
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}

func TestEncoderDoesNotAllocate(t *testing.T) {
	var e Encoder
	key := AppendKey(nil, "interface", Tag{"device", "HNI-1"})
	write := func() {
		e.Reset()
		e.Begin(key)
		e.Uint("in_octets", 1<<40)
		e.Float("util", 0.123)
		e.Bool("up", true)
		e.String("name", "x y")
		e.End(1_700_000_000_000_000_000)
	}
	write()
	if n := testing.AllocsPerRun(100, write); n != 0 {
		t.Errorf("%v allocations a line", n)
	}
}
