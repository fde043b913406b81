package pathset

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/gnmi/xpath"
)

// document is a path set as its file has it; configs/paths/README.md explains every key.
type document struct {
	Paths     string                  `yaml:"paths"`
	Title     string                  `yaml:"title"`
	Topic     string                  `yaml:"topic"`
	Origin    string                  `yaml:"origin"`
	Aliases   []string                `yaml:"aliases"`
	Models    []string                `yaml:"models"`
	Tested    *bool                   `yaml:"tested"`
	Subscribe []subscriptionText      `yaml:"subscribe"`
	Identity  []string                `yaml:"identity"`
	Rename    map[string][]renameText `yaml:"rename"`
	Lines     []lineText              `yaml:"lines"`

	set *Set
}

type subscriptionText struct {
	Path   string        `yaml:"path"`
	Origin string        `yaml:"origin"`
	Mode   string        `yaml:"mode"`
	Every  conf.Duration `yaml:"every"`
}

type renameText struct {
	Match conf.Pattern `yaml:"match"`
	To    string       `yaml:"to"`
}

type lineText struct {
	Measurement string               `yaml:"measurement"`
	At          string               `yaml:"at"`
	Tags        map[string]string    `yaml:"tags"`
	Fields      map[string]fieldText `yaml:"fields"`
}

type fieldText struct {
	Of      string         `yaml:"of"`
	Unit    string         `yaml:"unit"`
	As      string         `yaml:"as"`
	Kind    string         `yaml:"kind"`
	None    []float64      `yaml:"none"`
	Names   map[string]any `yaml:"names"`
	Deleted *int64         `yaml:"deleted"`
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// Validate compiles the set; its errors begin with the key that they are about.
func (d *document) Validate() error {
	d.set = &Set{Name: d.Paths, Title: d.Title, Topic: d.Topic, Origin: d.Origin, Models: d.Models, aliases: d.Aliases}
	c := compiler{text: d, set: d.set}
	if !nameForm.MatchString(d.Paths) {
		c.fail("paths", fmt.Errorf("%q: want a name of small letters, digits and -", d.Paths))
	}
	if !nameForm.MatchString(d.Topic) {
		c.fail("topic", fmt.Errorf("%q: want what the set is about, in small letters, digits and -: interfaces", d.Topic))
	}
	if d.Title == "" {
		c.fail("title", errors.New("is empty: want what people call it"))
	}
	if d.Tested == nil {
		c.fail("tested", errors.New("want true or false: was it tried on a target or a recording of one"))
	} else {
		d.set.Tested = *d.Tested
	}
	c.subscriptions()
	c.identity()
	c.renames()
	for i := range d.Lines {
		c.line(i)
	}
	if len(d.Lines)+len(d.Identity) == 0 {
		c.fail("lines", errors.New("is empty: want a line"))
	}
	return errors.Join(c.errs...)
}

// compiler makes one set and gathers its mistakes.
type compiler struct {
	text *document
	set  *Set
	errs []error
}

func (c *compiler) fail(key string, err error) {
	if err != nil {
		c.errs = append(c.errs, fmt.Errorf("%s: %w", key, err))
	}
}

func (c *compiler) subscriptions() {
	if len(c.text.Subscribe) == 0 {
		c.fail("subscribe", errors.New("is empty: want a path to subscribe to"))
	}
	for i, s := range c.text.Subscribe {
		key := fmt.Sprintf("subscribe[%d]", i)
		elems, err := parse(s.Path)
		c.fail(key+".path", err)
		switch s.Mode {
		case "", "sample", "on_change":
		default:
			c.fail(key+".mode", fmt.Errorf("%q: want sample or on_change", s.Mode))
		}
		if every := s.Every.D(); every%time.Second != 0 || every != 0 && s.Mode == "on_change" {
			c.fail(key+".every", fmt.Errorf("%v: want a whole number of seconds, and only for samples", every))
		}
		sub := Subscription{Origin: s.Origin, Path: elems, OnChange: s.Mode == "on_change", Every: s.Every.D()}
		if sub.Origin == "" {
			sub.Origin = c.set.Origin
		}
		c.set.Subscriptions = append(c.set.Subscriptions, sub)
	}
}

// parse reads a path that begins at the root.
func parse(text string) ([]xpath.Elem, error) {
	if !strings.HasPrefix(text, "/") {
		return nil, fmt.Errorf("%q: want a path such as /interfaces/interface/state", text)
	}
	return xpath.Parse(text)
}

func (c *compiler) identity() {
	for i, text := range c.text.Identity {
		elems, err := parse(text)
		c.fail(fmt.Sprintf("identity[%d]", i), err)
		c.set.identity = append(c.set.identity, elems)
	}
}

func (c *compiler) renames() {
	for name, rules := range c.text.Rename {
		for i, r := range rules {
			if r.Match.Regexp == nil {
				c.fail(fmt.Sprintf("rename.%s[%d].match", name, i), errors.New("is empty: want a regular expression"))
			}
		}
	}
}
