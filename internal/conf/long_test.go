package conf_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/internal/conf"
)

// many is how long lists are here: work that grows with the square of it would not end.
const many = 20_000

// long is a list whose every entry is wrong.
type long struct {
	List []struct {
		Type   string       `yaml:"type"`
		Config conf.Section `yaml:"config"`
	} `yaml:"list"`
}

func (l *long) Validate() error {
	var all []error
	for i := range l.List {
		all = append(all, fmt.Errorf("list[%d].type: wrong", i))
	}
	return errors.Join(all...)
}

func TestEveryMistakeOfALongListIsPlaced(t *testing.T) {
	text := "list:\n" + strings.Repeat("  - type: a\n    config:\n      b: 1\n", many)
	var l long
	err := conf.Decode("f.yaml", 1, []byte(text), &l)
	last := fmt.Sprintf("\nf.yaml:%d:11: list[%d].type: wrong", 3*many-1, many-1)
	if err == nil || !strings.HasSuffix(err.Error(), last) || string(l.List[many-1].Config.Text) != "      b: 1\n" {
		t.Errorf("the last mistake is not%s", last)
	}
}

// A list of sections may be one line, as programs write them.
func TestLongListsOfSections(t *testing.T) {
	for name, text := range map[string]string{
		"block":   "list:\n" + strings.Repeat("  - a: {b: [1]}\n", many),
		"lines":   "list: [\n" + strings.Repeat("  {a: {b: [1]}},\n", many) + "]\n",
		"line":    `{"list": [` + strings.Repeat(`{"a": {"b": [1]}}, `, many) + "]}\n",
		"scalars": "list: [" + strings.Repeat(`"x", `, many) + "]\n",
		"lists":   "list: [" + strings.Repeat(`[x], `, many) + "]\n",
	} {
		var s struct{ List []conf.Section }
		if err := conf.Decode("f.yaml", 1, []byte(text), &s); err != nil || len(s.List) != many {
			t.Fatalf("%s: %d sections, %v", name, len(s.List), err)
		}
		size := 0
		for _, section := range s.List {
			size += len(section.Text)
		}
		if size > 2*len(text) {
			t.Errorf("%s: %d bytes of sections from %d of text", name, size, len(text))
		}
	}
}

// A value in flow style is kept as it is written: its own mistakes name the line of the file.
func TestSectionsInFlowStyleAreVerbatim(t *testing.T) {
	const text = `list: [ # of the north
  {name: "một, \"x\"", # first
    size: 1}, "a, b", [x, {y: 'z'}], plain words,
  {name: hai,

    size: x}]
`
	var s struct{ List []conf.Section }
	if err := conf.Decode("f.yaml", 1, []byte(text), &s); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, section := range s.List {
		got = append(got, fmt.Sprintf("%d %s", section.Line, section.Text))
	}
	want := []string{"2 {name: \"một, \\\"x\\\"\", # first\n    size: 1}", `3 "a, b"`, "3 [x, {y: 'z'}]", "3 plain words", "4 {name: hai,\n\n    size: x}"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	var one struct {
		Name string
		Size int
	}
	last := s.List[len(s.List)-1]
	if err := conf.Decode(last.File, last.Line, last.Text, &one); err == nil || !strings.HasPrefix(err.Error(), "f.yaml:6:11: ") {
		t.Errorf("error = %v", err)
	}
}
