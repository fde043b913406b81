package conf_test

import (
	"os"
	"path/filepath"
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
	Items []struct {
		Type   string       `yaml:"type"`
		Config conf.Section `yaml:"config"`
	} `yaml:"items"`
}

const good = `# the agent
name: hn-01
every: 1m30s
cap: 8MiB
token: env:HAIDANG_TEST_TOKEN
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
	if section.Line != 10 || !strings.HasPrefix(string(section.Text), "      interval: 60s\n") {
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
	if err == nil || !strings.HasPrefix(err.Error(), "agent.yaml:12:") || !strings.Contains(err.Error(), "address") {
		t.Errorf("the section's own error = %v; want line 12 and the key", err)
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
		"bad duration":  {"every: soon\n", `"soon" is not a duration`},
		"negative":      {"every: -5s\n", `"-5s" is not a duration`},
		"bad size":      {"cap: 8MB\n", `"8MB" is not a size`},
		"open secret":   {"token: hunter2\n", "a secret is given by reference"},
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
