package table

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/internal/conf"
)

// file is a table as a file has it; configs/syslog/README.md explains the keys.
type file struct {
	Vendor   string            `yaml:"vendor"`
	Shorten  map[string]string `yaml:"shorten"`
	Messages []conf.Section    `yaml:"messages"`
}

// row is one kind of message.
type row struct {
	Name     string `yaml:"name"`
	Word     string `yaml:"word"`
	Pattern  string `yaml:"pattern"`
	Severity string `yaml:"severity"`
	Up       *bool  `yaml:"up"`
	Shut     bool   `yaml:"shut"`
	OK       *bool  `yaml:"ok"`
	Sensor   string `yaml:"sensor"`
	Object   string `yaml:"object"`
	Example  string `yaml:"example"`
	Seen     string `yaml:"seen"`
	Untested bool   `yaml:"untested"`

	section conf.Section
	added   int // by which call of Add
	meaning Meaning
	pattern *regexp.Regexp // nil: the word says it all
	ifname  int            // its group; -1: none
	object  int
	shorten map[string]string
}

func severities() []string {
	return []string{"critical", "major", "minor", "warning", "indeterminate", "cleared"}
}

func readRow(section conf.Section, f *file) (*row, error) {
	r := &row{section: section, shorten: f.Shorten, ifname: -1, object: -1}
	if err := conf.Decode(section.File, section.Line, section.Text, r); err != nil {
		return nil, err
	}
	for _, check := range []func() (key string, err error){r.checkTexts, r.compile, r.checkTold} {
		if key, err := check(); err != nil {
			return nil, conf.At(section.File, section.Line, key, "message %q: %v", r.Name, err)
		}
	}
	r.meaning = Meaning{Name: r.Name, Vendor: f.Vendor, Severity: r.Severity, Tells: r.tells(), Sensor: r.Sensor}
	return r, nil
}

// leastWord keeps words rare enough to be worth looking for.
const leastWord = 6

func (r *row) checkTexts() (string, error) {
	switch {
	case r.Name == "" || r.Name == "unknown" || !oneLine(r.Name):
		return "name", errors.New(`want one line of text that is not "unknown"`)
	case len(r.Word) < leastWord || len(r.Word) > maxName || !oneLine(r.Word):
		return "word", fmt.Errorf("%q: want %d to %d letters that such a message always has in it, like LINK-3-UPDOWN", r.Word, leastWord, maxName)
	case !slices.Contains(severities(), r.Severity):
		return "severity", fmt.Errorf("%q: want one of %s", r.Severity, strings.Join(severities(), ", "))
	case r.Seen != "" && r.Untested:
		return "untested", errors.New("it was seen: want one of the two")
	}
	return "", nil
}

func (r *row) compile() (string, error) {
	if r.Pattern == "" {
		return "", nil
	}
	p, err := regexp.Compile(r.Pattern) // linear in the text, whatever is in it
	if err != nil {
		return "pattern", fmt.Errorf("want a regular expression: %w", err)
	}
	for i, group := range p.SubexpNames()[1:] {
		switch group {
		case "":
		case "ifname":
			r.ifname = i + 1
		case "object":
			r.object = i + 1
		default:
			return "pattern", fmt.Errorf("group %q: want ifname or object", group)
		}
	}
	r.pattern = p
	return "", nil
}

func (r *row) checkTold() (string, error) {
	told := 0
	for _, one := range []bool{r.Up != nil, r.Shut, r.OK != nil} {
		if one {
			told++
		}
	}
	switch {
	case told > 1:
		return "up", errors.New("want one of up, shut and ok")
	case (r.Up != nil || r.Shut) && r.ifname < 0:
		return "pattern", errors.New("want a group (?P<ifname>…): up and shut are about an interface")
	case r.OK != nil && (r.object < 0) == (r.Object == ""):
		return "object", errors.New("want a group (?P<object>…) in the pattern, or the key: ok is about a part")
	case (r.OK != nil) != (r.Sensor != "") || !oneLine(r.Sensor):
		return "sensor", errors.New("want the kind of part (fan, power, temperature …) with ok, and only there")
	case r.OK == nil && r.Object != "" || !oneLine(r.Object):
		return "object", errors.New("is of no use without ok")
	}
	return "", nil
}

func (r *row) tells() Tells {
	switch {
	case r.Shut:
		return Shut
	case r.Up != nil && *r.Up:
		return Up
	case r.Up != nil:
		return Down
	case r.OK != nil && *r.OK:
		return Cleared
	case r.OK != nil:
		return Alarm
	}
	return Nothing
}

// match tries the row on what follows its word.
func (r *row) match(rest []byte) (Match, bool) {
	m := Match{Meaning: &r.meaning, Object: r.Object}
	if r.pattern == nil {
		return m, true
	}
	at := r.pattern.FindSubmatchIndex(rest)
	if at == nil {
		return m, false
	}
	if r.ifname >= 0 && at[2*r.ifname] >= 0 {
		m.IfName = shortened(name(rest[at[2*r.ifname]:at[2*r.ifname+1]]), r.shorten)
	}
	if r.object >= 0 && at[2*r.object] >= 0 {
		m.Object = name(rest[at[2*r.object]:at[2*r.object+1]])
	}
	return m, true
}
