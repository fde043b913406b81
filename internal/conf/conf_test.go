package conf_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
)

type sample struct {
	Name  string        `yaml:"name"`
	Every conf.Duration `yaml:"every"`
	Cap   conf.Bytes    `yaml:"cap"`
	Token conf.Secret   `yaml:"token"`
	Only  conf.Pattern  `yaml:"only"`
	Items []struct {
		Type   string       `yaml:"type"`
		Config conf.Section `yaml:"config"`
	} `yaml:"items"`
}

const good = `# the agent
name: hn-01
every: 1m30s
cap: 8MiB
token: !!str env:HAIDANG_TEST_TOKEN
only: &name "^hn-"
items:
  - type: snmp
    config:
      # targets of the north
      interval: 60s
      targets:
        - address: 127.0.0.2

  - type: probe
    config: {count: 3}
  - type: empty
`

func TestDecodeReadsEveryKindOfValue(t *testing.T) {
	t.Setenv("HAIDANG_TEST_TOKEN", "s3cret")
	var s sample
	if err := conf.Decode("agent.yaml", 1, []byte(good), &s); err != nil {
		t.Fatal(err)
	}
	if s.Name != "hn-01" || s.Every.D() != 90*time.Second || s.Cap != 8<<20 {
		t.Errorf("got %+v", s)
	}
	if v, err := s.Token.Reveal(); v != "s3cret" || err != nil {
		t.Errorf("Reveal = %q, %v", v, err)
	}
	if got := s.Token.String(); strings.Contains(got, "s3cret") || strings.Contains(got, "TOKEN") {
		t.Errorf("a printed secret says %q", got)
	}
}

func TestSectionKeepsItsLines(t *testing.T) {
	var s sample
	if err := conf.Decode("agent.yaml", 1, []byte(good), &s); err != nil {
		t.Fatal(err)
	}
	section := s.Items[0].Config
	if section.Line != 11 || !strings.HasPrefix(string(section.Text), "      interval: 60s\n") {
		t.Errorf("section starts at %d: %q", section.Line, section.Text)
	}
	if strings.Contains(string(section.Text), "probe") {
		t.Errorf("section runs into its neighbour: %q", section.Text)
	}
	var inner struct {
		Interval conf.Duration `yaml:"interval"`
		Targets  []struct {
			Host string `yaml:"host"`
		} `yaml:"targets"`
	}
	err := conf.Decode(section.File, section.Line, section.Text, &inner)
	if err == nil || !strings.HasPrefix(err.Error(), "agent.yaml:13:") || !strings.Contains(err.Error(), "address") {
		t.Errorf("the section's own error = %v; want line 13 and the key", err)
	}
	if got := string(s.Items[1].Config.Text); strings.TrimSpace(got) != "{count: 3}" {
		t.Errorf("a section in flow style is %q", got)
	}
	if len(s.Items[2].Config.Text) != 0 {
		t.Errorf("an absent section has text %q", s.Items[2].Config.Text)
	}
}

func TestMistakesNameTheirPlace(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":   {"name: a\nevry: 1s\n", "f.yaml:2:1: unknown field"},
		"duplicate key": {"name: a\nname: b\n", "f.yaml:2:"},
		"bad duration":  {"every: soon\n", `f.yaml:1:8: every: "soon" is not a duration`},
		"no unit":       {"name: a\nevery: 10\n", `f.yaml:2:8: every: "10" is not a duration`},
		"negative":      {"every: -5s\n", `f.yaml:1:8: every: "-5s" is not a duration`},
		"bad size":      {"cap: 8MB\n", `f.yaml:1:6: cap: "8MB" is not a size`},
		"open secret":   {"token: hunter2\n", "f.yaml:1:8: token: a secret is given by reference"},
		"bad pattern":   {"only: '('\n", `f.yaml:1:7: only: "(" is not a regular expression`},
		"list":          {"every: [1s]\n", "f.yaml:1:8: every: want a single value"},
		"wrong type":    {"items: 3\n", "f.yaml:1:"},
		"broken yaml":   {"name: [a\n", "f.yaml:"},
	} {
		t.Run(name, func(t *testing.T) {
			var s sample
			err := conf.Decode("f.yaml", 1, []byte(c.text), &s)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v; want it to contain %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows the secret: %v", err)
			}
		})
	}
}

func TestSecretFromFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte("abc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := conf.NewSecret("file:" + path)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := s.Reveal(); v != "abc" || err != nil {
		t.Errorf("Reveal = %q, %v", v, err)
	}
}

type checked struct {
	Name  string `yaml:"name"`
	Inner struct {
		Low  int `yaml:"low"`
		High int `yaml:"high"`
	} `yaml:"inner"`
}

func (c *checked) Validate() error {
	return errors.Join(
		fmt.Errorf("name: %q: want another", c.Name),
		fmt.Errorf("inner.high: %d: %w", c.Inner.High, errTooLow),
		errors.New("something else"),
	)
}

var errTooLow = errors.New("too low")

func TestWhatValidateSaysIsPlacedByItsKey(t *testing.T) {
	err := conf.Decode("f.yaml", 11, []byte("  name: x\n  inner:\n    low: 1\n    high: 2\n"), &checked{})
	const want = "f.yaml:11:9: name: \"x\": want another\nf.yaml:14:11: inner.high: 2: too low\nf.yaml: something else"
	if err == nil || err.Error() != want || !errors.Is(err, errTooLow) {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
	err = conf.Decode("f.yaml", 1, nil, &checked{})
	if err == nil || !strings.HasPrefix(err.Error(), "f.yaml: name: ") {
		t.Errorf("an absent key: %v", err)
	}
}

// Every way to write an element of a list: each decodes alone, and its mistakes name the line of the file.
func TestSectionsOfAList(t *testing.T) {
	const text = `list:
  - name: một
    tags: [a]

    # said of the first
    size: 1
  -
    name: hai
    size: 2
  -   name: ba
      size: 3
  - {name: bốn, size: 4}
  - &five
    name: năm
    size: 5
indentless:
- name: sáu
  size: 6
- name: bảy
  size: x
flow: [{name: tám, size: 8}, {name: chín, size: 9}]
`
	var s struct {
		List, Indentless, Flow []conf.Section
	}
	if err := conf.Decode("f.yaml", 1, []byte(text), &s); err != nil {
		t.Fatal(err)
	}
	type element struct {
		Name string
		Size int
		Tags []string
	}
	var got []string
	for _, section := range slices.Concat(s.List, s.Indentless, s.Flow) {
		var e element
		if err := conf.Decode(section.File, section.Line, section.Text, &e); err != nil {
			got = append(got, err.Error())
			continue
		}
		got = append(got, fmt.Sprintf("%d %s %d", section.Line, e.Name, e.Size))
	}
	want := []string{"2 một 1", "8 hai 2", "10 ba 3", "12 bốn 4", "14 năm 5", "17 sáu 6",
		"f.yaml:20:9: cannot unmarshal string into Go struct field element.Size of type int (at \"x\")", "21 tám 8", "21 chín 9"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSecretFileIsRelativeToItsConfiguration(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"token": "abc\n", "f.yaml": "token: file:token\nitems: [{config: {token: 'file:token'}}]\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var s, section sample
	if err := conf.Load(filepath.Join(dir, "f.yaml"), &s); err != nil {
		t.Fatal(err)
	}
	inner := s.Items[0].Config
	if err := conf.Decode(inner.File, inner.Line, inner.Text, &section); err != nil {
		t.Fatal(err)
	}
	for where, secret := range map[string]conf.Secret{"file": s.Token, "section": section.Token} {
		if v, err := secret.Reveal(); v != "abc" || err != nil {
			t.Errorf("%s: Reveal = %q, %v", where, v, err)
		}
	}
}
