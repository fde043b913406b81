package recording_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/internal/simnet/ber"
	"github.com/haidang-noc/haidang/internal/simnet/recording"
)

func parse(t *testing.T, text string) *recording.Recording {
	t.Helper()
	r, err := recording.Parse("test", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestValues(t *testing.T) {
	for line, want := range map[string][]byte{
		"1.3.1|2|-5":                     {ber.Integer, 1, 0xfb},
		"1.3.1|4|abc|def":                append([]byte{ber.OctetString, 7}, "abc|def"...),
		"1.3.1|4|":                       {ber.OctetString, 0},
		"1.3.1|4x|00ff":                  {ber.OctetString, 2, 0, 0xff},
		`1.3.1|4e|a\nb\x41\\`:            {ber.OctetString, 5, 'a', '\n', 'b', 'A', '\\'},
		"1.3.1|5|":                       {ber.Null, 0},
		"1.3.1|6|1.3.6.1.4.1.9":          {ber.ObjectID, 6, 0x2b, 6, 1, 4, 1, 9},
		"1.3.1|64|10.0.0.1":              {ber.IPAddress, 4, 10, 0, 0, 1},
		"1.3.1|64x|0a000001":             {ber.IPAddress, 4, 10, 0, 0, 1},
		"1.3.1|65|4294967295":            {ber.Counter32, 5, 0, 0xff, 0xff, 0xff, 0xff},
		"1.3.1|66|7":                     {ber.Gauge32, 1, 7},
		"1.3.1|67|256":                   {ber.TimeTicks, 2, 1, 0},
		"1.3.1|68x|9f7804":               {ber.Opaque, 3, 0x9f, 0x78, 4},
		"1.3.1|70|128":                   {ber.Counter64, 2, 0, 128},
		"1.3.1|70x|ff":                   {ber.Counter64, 2, 0, 255},
		"1.3.1|4|Hà Nội\r":               append([]byte{ber.OctetString, 9}, "Hà Nội"...),
		`1.3.1|4e|tail\`:                 append([]byte{ber.OctetString, 5}, `tail\`...),
		`1.3.1|4e|\q\xz`:                 append([]byte{ber.OctetString, 5}, `\q\xz`...),
		"  1.3.1|2|1":                    nil,
		"1.3.1|2|one":                    nil,
		"1.3.1|4x|0":                     nil,
		"1.3.1|70|aabbccddeef4":          nil,
		"1.3.1|65|4294967296":            nil,
		"1.3.1|64|::1":                   nil,
		"1.3.1|64x|0a0000":               nil,
		"1.3.1|128|":                     nil,
		"1.3.1|2:numeric|rate=1":         nil,
		"1.3.1|2":                        nil,
		"not a line":                     nil,
		"1.3.1|999|1":                    nil,
		"1.3.1||1":                       nil,
		"1.3.1|70x|00000000000000000001": nil,
	} {
		r := parse(t, line)
		switch {
		case want == nil && (r.Len() != 0 || len(r.Problems) != 1 || r.Problems[0].Line != 1):
			t.Errorf("%q: %d objects, problems %v", line, r.Len(), r.Problems)
		case want != nil && (r.Len() != 1 || len(r.Problems) != 0):
			t.Errorf("%q: %d objects, problems %v", line, r.Len(), r.Problems)
		case want != nil && !bytes.Equal(r.AppendValue(nil, 0), want):
			t.Errorf("%q: % x, want % x", line, r.AppendValue(nil, 0), want)
		}
	}
}

func TestFlawedFiles(t *testing.T) {
	r := parse(t, "# comment\n1.3.6.1|2|1\n1.3.6.2|2|2\n\n1.3.5.9|2|3\n1.3.6.1|2|4\nrubbish\n1.3.6.10|2|5")
	got := make([]string, 0, r.Len())
	for i := range r.Len() {
		got = append(got, fmt.Sprintf("% x = % x", r.AppendName(nil, i), r.AppendValue(nil, i)))
	}
	if d := cmp.Diff([]string{"2b 05 09 = 02 01 03", "2b 06 01 = 02 01 01", "2b 06 02 = 02 01 02", "2b 06 0a = 02 01 05"}, got); d != "" {
		t.Error(d)
	}
	want := []recording.Problem{{Line: 5, Why: "not in order"}, {Line: 6, Why: "the same object as line 2"}, {Line: 7, Why: "want OID|tag|value"}}
	if d := cmp.Diff(want, r.Problems); d != "" {
		t.Error(d)
	}
	for name, want := range map[string]int{"\x2b\x05\x09": 0, "\x2b\x06\x01": 1, "\x2b\x06\x02": 2, "\x2b\x06\x03": 3, "\x2b\x06\x0a": 3, "\x2b\x07": 4} {
		if pos, exact := r.Find([]byte(name)); pos != want || exact != (name != "\x2b\x06\x03" && name != "\x2b\x07") {
			t.Errorf("% x is at %d, %v", name, pos, exact)
		}
	}
}

func TestLoadNamesByPath(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.snmprec", "a.snmprec", "sub/c.snmprec", "notes.txt"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("1.3.6.1.2.1.1.5.0|4|x\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	all, err := recording.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(all))
	for _, r := range all {
		names = append(names, r.Name)
	}
	if d := cmp.Diff([]string{"a", "b", "sub/c"}, names); d != "" {
		t.Error(d)
	}
	if _, err := recording.Load(filepath.Join(dir, "nowhere")); err == nil {
		t.Error("a folder that does not exist was loaded")
	}
}

// Whatever a file holds, what was taken from it is sorted and found again.
func FuzzParse(f *testing.F) {
	f.Add("1.3.6.1|2|1\n1.3.6.2|4x|00\n")
	f.Add("1.3.6.1|4e|\\x\n1.3|70|\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := recording.Parse("fuzz", strings.NewReader(text))
		if err != nil {
			return
		}
		for i := range r.Len() {
			if pos, exact := r.Find(r.AppendName(nil, i)); pos != i || !exact {
				t.Fatalf("object %d is found at %d, %v", i, pos, exact)
			}
			if tag, content, rest, err := ber.Take(r.AppendValue(nil, i)); err != nil || len(rest) != 0 || tag == 0 || len(content) > len(text) {
				t.Fatalf("value %d: tag %d, %d octets, %v", i, tag, len(content), err)
			}
		}
	})
}
