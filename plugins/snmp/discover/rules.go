package discover

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// Rules is discover.yaml: what the operator knows about names and addresses. What no rule says stays unknown.
type Rules struct {
	Rate      int               `yaml:"rate"`      // requests per second in all
	Port      int               `yaml:"port"`      // where devices answer
	Skip      []string          `yaml:"skip"`      // prefixes never to ask
	Names     Names             `yaml:"names"`     // how sysName becomes a device's name
	Provinces map[string]string `yaml:"provinces"` // what names hold for a province, and its code
	Rules     []Rule            `yaml:"rules"`

	skip Range
}

// Names says how sysName becomes a device's name.
type Names struct {
	Lower  bool `yaml:"lower"`  // in small letters
	Domain bool `yaml:"domain"` // with the domain behind the first dot; otherwise that is cut off
	Keep   bool `yaml:"keep"`   // a device that the inventory has at an address keeps the name it has there
}

// Rule says something about devices that fit all of its conditions. Of several rules that say the same thing of a
// device, the first counts. Groups of the name's pattern can be used in what is said: ${group}.
type Rule struct {
	Name   conf.Pattern `yaml:"name"`
	CIDR   []string     `yaml:"cidr"`
	Object []string     `yaml:"object"` // prefixes of sysObjectID

	Ignore   bool   `yaml:"ignore"`   // not a device of the network
	Top      bool   `yaml:"top"`      // has no gateway: the ways towards the agent end here
	National bool   `yaml:"national"` // belongs to no province
	Province string `yaml:"province"` // with a group in it: looked up in provinces
	System   string `yaml:"system"`
	Site     string `yaml:"site"`
	Vendor   string `yaml:"vendor"`
	Role     string `yaml:"role"`
	Agent    string `yaml:"agent"`
	Class    string `yaml:"class"` // of links that begin at such a device

	within Range
}

// DefaultRules know nothing.
func DefaultRules() Rules { return Rules{Rate: 500, Port: 161} }

// LoadRules reads discover.yaml.
func LoadRules(path string) (Rules, error) {
	r := DefaultRules()
	return r, conf.Load(path, &r)
}

// Validate says what is wrong with the rules.
func (r *Rules) Validate() (err error) {
	switch {
	case r.Rate < 1 || r.Rate > 100_000:
		return fmt.Errorf("rate: %d: want 1 to 100000 requests per second", r.Rate)
	case r.Port < 1 || r.Port > 65535:
		return fmt.Errorf("port: %d: want 1 to 65535", r.Port)
	}
	if r.skip, err = prefixes(r.Skip); err != nil {
		return fmt.Errorf("skip: %w", err)
	}
	var errs []error
	for i := range r.Rules {
		if err := r.Rules[i].validate(); err != nil {
			errs = append(errs, fmt.Errorf("rules[%d].%w", i, err))
		}
	}
	return errors.Join(errs...)
}

func (r *Rule) validate() (err error) {
	if r.within, err = prefixes(r.CIDR); err != nil {
		return fmt.Errorf("cidr: %w", err)
	}
	for _, o := range r.Object {
		if _, err := ber.ParseOID(o); err != nil {
			return fmt.Errorf("object: %w", err)
		}
	}
	if r.Class != "" && !slices.Contains([]string{"transport", "broadband", "international"}, r.Class) {
		return fmt.Errorf("class: %q: want transport, broadband or international", r.Class)
	}
	if r.National && r.Province != "" {
		return fmt.Errorf("province: %q: a national device has none", r.Province)
	}
	return nil
}

// prefixes reads prefixes of any size.
func prefixes(texts []string) (Range, error) {
	var out Range
	for _, text := range texts {
		p, err := parsePrefix(text)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// within says whether an address lies in one of the prefixes, edges included.
func (r Range) holds(a netip.Addr) bool {
	return slices.ContainsFunc(r, func(p netip.Prefix) bool { return p.Contains(a) })
}

// said is what the rules say of a device.
type said struct {
	ignore, top, national                              bool
	province, system, site, vendor, role, agent, class string
}

// of applies the rules to a device.
func (r *Rules) of(d *Device) (s said) {
	for i := range r.Rules {
		rule := &r.Rules[i]
		expand, fits := rule.fits(d)
		if !fits {
			continue
		}
		s.ignore, s.top, s.national = s.ignore || rule.Ignore, s.top || rule.Top, s.national || rule.National
		if s.province == "" {
			s.province = r.code(rule.Province, expand)
		}
		for _, one := range []struct {
			to   *string
			text string
		}{{&s.system, rule.System}, {&s.site, rule.Site}, {&s.vendor, rule.Vendor}, {&s.role, rule.Role}, {&s.agent, rule.Agent}, {&s.class, rule.Class}} {
			if *one.to == "" {
				*one.to = expand(one.text)
			}
		}
	}
	if s.national {
		s.province = ""
	}
	return s
}

// code is a province's code. What the name holds has to be known; a code that a rule writes out is taken.
func (r *Rules) code(text string, expand func(string) string) string {
	if !strings.Contains(text, "$") {
		return text
	}
	return r.Provinces[expand(text)]
}

// fits says whether the rule is about the device, and how to fill in what the name's groups matched.
func (r *Rule) fits(d *Device) (expand func(string) string, fits bool) {
	expand = func(text string) string { return text }
	if len(r.within) > 0 && !r.within.holds(d.Addr.Addr()) {
		return nil, false
	}
	if len(r.Object) > 0 && !slices.ContainsFunc(r.Object, func(o string) bool { return below(d.ObjectID, strings.TrimPrefix(o, ".")) }) {
		return nil, false
	}
	if r.Name.Regexp == nil {
		return expand, true
	}
	found := r.Name.FindStringSubmatchIndex(d.Name)
	return func(text string) string { return string(r.Name.ExpandString(nil, text, d.Name, found)) }, found != nil
}

// below says whether an object identifier is another one or lies below it.
func below(oid, prefix string) bool { return oid == prefix || strings.HasPrefix(oid, prefix+".") }

// name makes a device's name of its sysName.
func (n Names) name(sysName string) string {
	if !n.Domain {
		if _, err := netip.ParseAddr(sysName); err != nil {
			sysName, _, _ = strings.Cut(sysName, ".")
		}
	}
	if n.Lower {
		sysName = strings.ToLower(sysName)
	}
	return sysName
}
