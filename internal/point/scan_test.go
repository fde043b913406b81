package point

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/influxdata/line-protocol/v2/lineprotocol"
	"pgregory.net/rapid"
)

// scanned is a Scanner's view of a text, for comparison.
type scanned struct {
	No      int
	Key     string
	Text    string
	Fields  []string
	Time    int64
	HasTime bool
	Bad     bool
}

func scanAll(s *Scanner) (all []scanned) {
	for s.Next() {
		if s.Err() != nil {
			all = append(all, scanned{No: s.Err().Line, Bad: true})
			continue
		}
		all = append(all, view(s.Line()))
	}
	return all
}

func view(l *Line) scanned {
	v := scanned{No: l.No, Key: string(l.Key), Text: string(l.Text), Time: l.Time, HasTime: l.HasTime}
	for _, f := range l.Fields {
		v.Fields = append(v.Fields, fmt.Sprintf("%s %d %x %q", f.Key, f.Kind, f.Bits, f.Text))
	}
	return v
}

// decodeOnly reads a text with the library's decoder alone.
func decodeOnly(text []byte, o Options) (all []scanned) {
	s := NewScanner(text, o)
	for s.pos < len(s.text) {
		if s.err = nil; !s.decode() {
			continue
		}
		if s.err != nil {
			all = append(all, scanned{No: s.err.Line, Bad: true})
			continue
		}
		all = append(all, view(s.Line()))
	}
	return all
}

func TestScannerLines(t *testing.T) {
	text := strings.Join([]string{
		`interface,device=a,ifname=Gi0/1 in_octets=12345678901234567890u,oper=1i,util=0.25 1700000000000000001`,
		``,
		`# a comment`,
		`interface,device=a,ifname=Gi0/1 in_octets=3u,util=-1.5e3`,
		`bad line here`,
		`reach,device=b up=t 5`,
		`m,a=1,a=2 x=1 5`,
		`m x=1,x=2 5`,
		`m s="a \"quoted\"`,
		`text",n=1i 7`,
		`m s="lost quote 8`,
		`k\ ey,t=a\,b f\ =true 9`,
	}, "\n")
	s := NewScanner([]byte(text), Options{Default: 42})
	var got []string
	for s.Next() {
		if err := s.Err(); err != nil {
			got = append(got, err.Error())
			continue
		}
		l := s.Line()
		got = append(got, fmt.Sprintf("%d %s %d %v %d", l.No, l.Key, l.Time, l.HasTime, len(l.Fields)))
	}
	want := []string{
		"1 interface,device=a,ifname=Gi0/1 1700000000000000001 true 3",
		"4 interface,device=a,ifname=Gi0/1 42 false 2",
		`line 5: column 9: want '=' after field key "line", found ' '`,
		"6 reach,device=b 5 true 1",
		`line 7: tag "a" appears twice`,
		`line 8: field "x" appears twice`,
		`9 m 7 true 2`,
		`line 11: column 5: expected closing quote for string field value, found end of input`,
		`12 k\ ey,t=a\,b 9 true 1`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestScannerPrecision(t *testing.T) {
	for _, c := range []struct {
		unit Precision
		want int64
	}{{0, 7}, {Nanosecond, 7}, {Microsecond, 7e3}, {Millisecond, 7e6}, {Second, 7e9}} {
		s := NewScanner([]byte("m v=1 7\nm v=1"), Options{Precision: c.unit, Default: 1234567890123456789})
		s.Next()
		if got := s.Line().Time; got != c.want {
			t.Errorf("precision %d: %d, want %d", c.unit, got, c.want)
		}
		s.Next()
		if got := s.Line().Time; got > 1234567890123456789 || got%max(int64(c.unit), 1) != 0 {
			t.Errorf("precision %d: default time %d is not cut to it", c.unit, got)
		}
	}
	s := NewScanner([]byte("m v=1 9223372036854775807"), Options{Precision: Second})
	if s.Next(); s.Err() == nil {
		t.Error("a time beyond the range was accepted")
	}
}

func TestScannerLookupSparesTheCheck(t *testing.T) {
	asked := 0
	lookup := func(key []byte) uint64 {
		asked++
		return uint64(len(key))
	}
	s := NewScanner([]byte("m,a=b v=1 1\nm\\ m v=1 1\n"), Options{Lookup: lookup})
	for s.Next() {
		if s.Err() != nil || s.Line().Ref != uint64(len(s.Line().Key)) {
			t.Errorf("%v: ref %d of %q", s.Err(), s.Line().Ref, s.Line().Key)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times, want once a line", asked)
	}
}

func TestScannerBounds(t *testing.T) {
	long := "m s=\"" + strings.Repeat("x", FrameBytes) + "\" 1\nm v=1 1\n"
	got := scanAll(NewScanner([]byte(long), Options{}))
	if len(got) != 2 || !got[0].Bad || got[1].Bad {
		t.Errorf("a line longer than a frame: %+v", got)
	}
	many := "m "
	for i := range 5000 {
		many += fmt.Sprintf("f%d=1,", i)
	}
	got = scanAll(NewScanner([]byte(many+"last=1 1\n"+many+"f7=2 1\n"), Options{}))
	if len(got) != 2 || got[0].Bad || !got[1].Bad {
		t.Errorf("a line of 5,000 fields: %+v", got)
	}
}

func TestValueConversions(t *testing.T) {
	float := func(f float64) Value { return Value{Kind: Float, Bits: math.Float64bits(f)} }
	if n, ok := float(5).Uint(); n != 5 || !ok {
		t.Error("a whole float is a counter")
	}
	for _, v := range []Value{float(-1), float(0.5), float(1 << 63 * 2), {Kind: Int, Bits: math.MaxUint64}, {Kind: Bool}, {}} {
		if n, ok := v.Uint(); ok {
			t.Errorf("%+v became the counter %d", v, n)
		}
	}
	if n, ok := (Value{Kind: Uint, Bits: 1 << 63}).Int(); ok {
		t.Errorf("2^63 became %d", n)
	}
}

// Any value that the encoder writes is read back as it was.
func TestEncoderRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var e Encoder
		u, i := rapid.Uint64().Draw(t, "u"), rapid.Int64().Draw(t, "i")
		f, b := rapid.Float64().Draw(t, "f"), rapid.Bool().Draw(t, "b")
		str, ns := rapid.String().Draw(t, "s"), rapid.Int64().Draw(t, "time")
		key := AppendKey(nil, rapid.String().Draw(t, "m"), Tag{rapid.String().Draw(t, "k"), rapid.String().Draw(t, "v")})
		if len(key) == 0 {
			return
		}
		e.Begin(key)
		e.Uint("u", u)
		e.Int("i", i)
		e.Float("f", f)
		e.Bool("b", b)
		e.String(" s,=", str)
		e.End(ns)
		s := NewScanner(e.Bytes(), Options{})
		if !s.Next() || s.Err() != nil {
			t.Fatalf("%q: %v", e.Bytes(), s.Err())
		}
		l := s.Line()
		if !bytes.Equal(l.Key, key) || l.Time != ns || len(l.Fields) != 5 || s.Next() {
			t.Fatalf("%q became %+v", e.Bytes(), l)
		}
		if l.Fields[0].Bits != u || int64(l.Fields[1].Bits) != i || math.Float64frombits(l.Fields[2].Bits) != f ||
			(l.Fields[3].Bits == 1) != b || string(l.Fields[4].Text) != str || string(l.Fields[4].Key) != " s,=" {
			t.Fatalf("%q became %+v", e.Bytes(), l.Fields)
		}
	})
}

// FuzzScanner holds the two ways through a text equal, whatever the text.
func FuzzScanner(f *testing.F) {
	for _, seed := range []string{
		"interface,device=a,ifname=x in=1u,out=2i,util=0.5,up=t 1700000000000000000\ninterface,device=a in=1u,util=3 1\n",
		"m s=\"a\nb\",t=\"x\\\"y\" 1\nm s=\"\n\n", "m v=1e5,w=-0,x=.5,y=5.,z=0x1p-2 -5\r\n#c\n \nm\\ a,b\\==c d\\ =1",
		"m a=1,a=1\nm,a=b,a=c d=1\nm,b=1,a=2 c=1 12345678901234567890", "m,t=ü s=\"é\xff\" 1\nm,t=\xff s=1",
		"m s=\"x\",t=1 1\nm t=1,s=\"y\" 1\nm s=1,t=\"z\" 1\n", "m a=18446744073709551615u,b=-9223372036854775808i,c=9999999999999999999,d=123456789012345678.9 ",
	} {
		f.Add([]byte(seed), int64(3))
	}
	f.Fuzz(func(t *testing.T, text []byte, unit int64) {
		o := Options{Precision: []Precision{Nanosecond, Microsecond, Millisecond, Second}[uint64(unit)%4], Default: unit}
		if d := cmp.Diff(decodeOnly(text, o), scanAll(NewScanner(text, o))); d != "" {
			t.Errorf("decoder and plain reading differ: %s", d)
		}
	})
}

// FuzzOutline: of a text that the library reads without error, as a whole, the Scanner makes the same
// points; so it splits texts into entries where the library does.
func FuzzOutline(f *testing.F) {
	f.Add([]byte("m a=\"x\ny\",b=\"\\\"\n\\\\\"  1\n\n #c\nm\\ ,k=v f\\ =1 \r\nm a=\"\"\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		want, err := library(text)
		if err != nil {
			return
		}
		var got []string
		for s := NewScanner(text, Options{}); s.Next(); {
			if s.Err() != nil {
				if strings.Contains(s.Err().Reason, "appears twice") || strings.Contains(s.Err().Reason, "longer than") {
					return
				}
				t.Fatalf("%q: %v", text, s.Err())
			}
			series, err := ParseKey(s.Line().Key)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%q %d %d", series, s.Line().Time, len(s.Line().Fields)))
			for _, f := range s.Line().Fields {
				got = append(got, fmt.Sprintf("%q %d %q", f.Key, f.Bits, f.Text))
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q: %s", text, d)
		}
	})
}

// library reads a text with the library's decoder as a whole.
func library(text []byte) (all []string, err error) {
	for d := lineprotocol.NewDecoderWithBytes(text); d.Next(); {
		series, err := decodeKey(d)
		if err != nil {
			return nil, err
		}
		var s Scanner
		s.Reset(nil, Options{})
		if err := s.decodeFields(d); err != nil {
			return nil, err
		}
		if err := s.decodeTime(d); err != nil {
			return nil, err
		}
		all = append(all, fmt.Sprintf("%q %d %d", series, s.line.Time, len(s.line.Fields)))
		for _, f := range s.line.Fields {
			all = append(all, fmt.Sprintf("%q %d %q", f.Key, f.Bits, f.Text))
		}
	}
	return all, nil
}
