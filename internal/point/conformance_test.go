//go:build conformance

package point

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sort"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The corpus of the line protocol's own project: text and points, or the fact that it is an error.
type corpus struct {
	Decode map[string]struct {
		Input struct {
			Text        corpusText
			DefaultTime int64
			Precision   string
		}
		Output struct {
			Result []corpusPoint
			Error  string
		}
	}
	Encode map[string]struct {
		Input struct {
			Point     corpusPoint
			Precision string
		}
		Output struct {
			Result corpusText
			Error  string
		}
	}
}

type corpusPoint struct {
	Time   int64
	Name   corpusText
	Tags   []struct{ Key, Value corpusText }
	Fields []struct {
		Key   corpusText
		Value corpusValue
	}
}

// corpusText is a string, or {"binary": base64}.
type corpusText string

func (c *corpusText) UnmarshalJSON(b []byte) error {
	var binary struct{ Binary []byte }
	if json.Unmarshal(b, &binary) == nil {
		*c = corpusText(binary.Binary)
		return nil
	}
	return json.Unmarshal(b, (*string)(c))
}

type corpusValue struct {
	Int            *int64
	Uint           *uint64
	Float          *float64
	Bool           *bool
	String         *string
	Binary         *string
	FloatNonNumber *string
}

// value is c in our terms.
func (c corpusValue) value() (Value, error) {
	switch {
	case c.Int != nil:
		return Value{Kind: Int, Bits: uint64(*c.Int)}, nil
	case c.Uint != nil:
		return Value{Kind: Uint, Bits: *c.Uint}, nil
	case c.Float != nil:
		return Value{Kind: Float, Bits: math.Float64bits(*c.Float)}, nil
	case c.Bool != nil && *c.Bool:
		return Value{Kind: Bool, Bits: 1}, nil
	case c.Bool != nil:
		return Value{Kind: Bool}, nil
	case c.String != nil:
		return Value{Kind: String, Text: []byte(*c.String)}, nil
	case c.Binary != nil:
		text, err := base64.StdEncoding.DecodeString(*c.Binary)
		return Value{Kind: String, Text: text}, err
	}
	return Value{}, fmt.Errorf("a value of no known kind")
}

var corpusPrecisions = map[string]Precision{"1ns": Nanosecond, "1µs": Microsecond, "1ms": Millisecond, "1s": Second}

func readCorpus(t *testing.T) corpus {
	shared := os.Getenv("SHARED")
	if shared == "" {
		t.Fatal("the environment variable SHARED does not name the folder of the test data")
	}
	text, err := os.ReadFile(filepath.Join(shared, "data", "line-protocol-corpus", "corpus.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c corpus
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// plainPoint is a point with sorted tags, for comparison.
type plainPoint struct {
	Name   string
	Tags   []Tag
	Fields []string
	Time   int64
}

func (p corpusPoint) plain(t *testing.T) plainPoint {
	out := plainPoint{Name: string(p.Name), Time: p.Time}
	for _, tag := range p.Tags {
		out.Tags = append(out.Tags, Tag{string(tag.Key), string(tag.Value)})
	}
	for _, f := range p.Fields {
		v, err := f.Value.value()
		if err != nil {
			t.Fatal(err)
		}
		out.Fields = append(out.Fields, fieldText(string(f.Key), v))
	}
	return out
}

// fieldText is a field as text. The corpus does not tell -0 from 0.
func fieldText(key string, v Value) string {
	if f, ok := v.Float(); ok && f == 0 {
		v.Bits = 0
	}
	return fmt.Sprintf("%q %d %x %q", key, v.Kind, v.Bits, v.Text)
}

func scanPlain(text []byte, o Options) (points []plainPoint, err error) {
	for s := NewScanner(text, o); s.Next(); {
		if s.Err() != nil {
			return nil, s.Err()
		}
		l := s.Line()
		series, err := ParseKey(l.Key)
		if err != nil {
			return nil, err
		}
		sort.Slice(series.Tags, func(i, j int) bool { return series.Tags[i].Key < series.Tags[j].Key })
		p := plainPoint{Name: series.Measurement, Tags: series.Tags, Time: l.Time}
		for _, f := range l.Fields {
			p.Fields = append(p.Fields, fieldText(string(f.Key), f.Value))
		}
		points = append(points, p)
	}
	return points, nil
}

func TestConformanceCorpusDecode(t *testing.T) {
	c := readCorpus(t)
	ran := 0
	for name, entry := range c.Decode {
		unit, ok := corpusPrecisions[entry.Input.Precision]
		if !ok {
			t.Errorf("%s: precision %q", name, entry.Input.Precision)
			continue
		}
		got, err := scanPlain([]byte(entry.Input.Text), Options{Precision: unit, Default: entry.Input.DefaultTime})
		ran++
		if entry.Output.Error != "" {
			if err == nil {
				t.Errorf("%s: %q: accepted as %+v, want error %s", name, entry.Input.Text, got, entry.Output.Error)
			}
			continue
		}
		var want []plainPoint
		for _, p := range entry.Output.Result {
			want = append(want, p.plain(t))
		}
		if d, ok := decodeDeviations[name]; ok {
			fmt.Printf("decode %s: deliberately %s: %s\n", name, d.want, d.why)
			want[0].Fields = []string{d.want}
		}
		if err != nil || !cmp.Equal(want, got) {
			t.Errorf("%s: %q: %v %s", name, entry.Input.Text, err, cmp.Diff(want, got))
		}
	}
	fmt.Printf("decode: %d of %d, %d of them deliberate deviations\n", ran, len(c.Decode), len(decodeDeviations))
}

// deviation is what we deliberately do where the corpus expects something else.
type deviation struct{ want, why string }

// decodeDeviations hold the one string field that is read differently.
var decodeDeviations = map[string]deviation{
	"909116df4d304c2e9ad8a57300bc08d7": {`"v" 5 0 "\t"`, "the reference decoder 2.2.1, which defines what a line means here, reads \\t in a string as a tab"},
	"0d72bd69a58fa1a3399cf61fc9fdc67c": {`"v" 5 0 "\r"`, "the same with \\r as a carriage return"},
}

var encodeDeviations = map[string]deviation{
	"65a52922c8cba2673eff7194628cc1e0": {`cpu,host=serverA,region=us-east str="foo\nbar",value=1 1000000000`,
		"a line stays one line of text; the reference decoder 2.2.1 reads \\n back as the newline"},
	"72fe529da6084a44692fe27cc2f105d1": {"cpu value=42 0", "a tag without a value is left out, not an error: devices have empty names"},
}

func TestConformanceCorpusEncode(t *testing.T) {
	c := readCorpus(t)
	ran := 0
	for name, entry := range c.Encode {
		ran++
		got := encodeCorpus(t, entry.Input.Point)
		want := string(entry.Output.Result)
		if d, ok := encodeDeviations[name]; ok {
			fmt.Printf("encode %s: deliberately %q: %s\n", name, d.want, d.why)
			want = d.want
		} else if entry.Output.Error != "" {
			want = ""
		}
		if got != want || entry.Input.Precision != "1ns" {
			t.Errorf("%s: encoded %q, want %q (precision %s)", name, got, want, entry.Input.Precision)
		}
	}
	fmt.Printf("encode: %d of %d, %d of them deliberate deviations\n", ran, len(c.Encode), len(encodeDeviations))
}

func encodeCorpus(t *testing.T, p corpusPoint) string {
	plain := p.plain(t)
	var e Encoder
	e.Begin(AppendKey(nil, plain.Name, plain.Tags...))
	for _, f := range p.Fields {
		v, err := f.Value.value()
		if err != nil {
			t.Fatal(err)
		}
		e.Value(string(f.Key), v)
	}
	e.End(p.Time)
	return string(bytes.TrimSuffix(e.Bytes(), newline))
}
