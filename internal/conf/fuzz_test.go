package conf_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"

	"github.com/haidang-noc/haidang/internal/conf"
)

// tree holds every kind of value; what Validate says is placed at keys that the text may or may not have.
type tree struct {
	Every conf.Duration     `yaml:"every"`
	Token conf.Secret       `yaml:"token"`
	List  []conf.Section    `yaml:"list"`
	Inner map[string]tree   `yaml:"inner"`
	Names map[string]string `yaml:"names"`
	Size  *float64          `yaml:"size"`
	Free  any               `yaml:"free"`
}

func (t *tree) Validate() error {
	return errors.Join(errors.New("list[0].type: wrong"), errors.New("inner: wrong"))
}

// broken stands for what the YAML library does with some texts.
type broken struct{}

func (*broken) UnmarshalYAML(ast.Node) error { panic("index out of range") }

func TestAPanicOfTheLibraryIsAnError(t *testing.T) {
	var into struct{ A broken }
	for _, err := range []error{
		conf.Decode("f.yaml", 7, []byte("a: 1\n"), &into),
		conf.DecodeForeign("f.yaml", []byte("a: 1\nb: 2\n"), &into),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), "f.yaml:") || !strings.Contains(err.Error(), "want YAML") {
			t.Errorf("error = %v", err)
		}
	}
}

func TestAForeignFileMayHaveMoreKeys(t *testing.T) {
	var into struct{ A int }
	if err := conf.DecodeForeign("f.yaml", []byte("a: 1\nb: 2\n"), &into); err != nil || into.A != 1 {
		t.Errorf("got %+v, %v", into, err)
	}
	if err := conf.DecodeForeign("f.yaml", []byte("b: 2\na: x\n"), &into); err == nil || !strings.HasPrefix(err.Error(), "f.yaml:2:4: ") {
		t.Errorf("error = %v", err)
	}
}

// Whatever a text is, it is decoded or refused with an error that names the file, and so is each section in it.
func FuzzDecode(f *testing.F) {
	f.Add("every: 1m30s\ntoken: &t env:NAME\nlist:\n  - every: 1s\n\n    # of the first\n    size: 1\n  - {size: 2}\n")
	f.Add("list: [{free: {x: }}, 'a', \"b\", [1, 2]] # all\n")
	f.Add("inner: {a: &a {name: x}, b: *a, c: {<<: *a}}\nfree: !!binary |\n  aGk=\n")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<12 {
			return
		}
		var into tree
		named(t, conf.Decode("f.yaml", 1, []byte(text), &into))
		for _, section := range into.List {
			var one tree // an absent element has no file
			named(t, conf.Decode("f.yaml", section.Line, section.Text, &one))
		}
	})
}

func named(t *testing.T, err error) {
	if err != nil && !strings.HasPrefix(err.Error(), "f.yaml:") {
		t.Error(err)
	}
}
