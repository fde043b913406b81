// Package profile says what there is to poll of a family of devices, beside the interfaces: which tables and scalars,
// in which units, and as which lines of line protocol.
//
// Profiles are YAML files (configs/profiles, built into the program; a folder of the operator's adds to them and
// overrides them). A device has the one whose sysObjectID prefix is the longest. Each is compiled once into a Plan that
// its devices share.
package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/configs/profiles"
	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// Standard is the profile of devices that no other one matches.
const Standard = "standard"

// Profile is one profile.
type Profile struct {
	Name   string
	Title  string   // what people call these devices
	Match  []string // sysObjectID prefixes; none: only other profiles extend it
	Tested bool     // on a device or a recording of one; some of its tables may not be
	File   string
	Plan   *Plan

	doc  *document
	text []byte
}

// Set is all profiles.
type Set struct {
	byName   map[string]*Profile
	byPrefix map[string]*Profile
}

// Load reads the profiles that are built in and those in a folder, if one is given: of two with one name, that of the
// folder counts.
func Load(dir string) (*Set, error) {
	s := &Set{byName: map[string]*Profile{}, byPrefix: map[string]*Profile{}}
	if err := s.add(profiles.Files(), "profiles"); err != nil {
		return nil, err
	}
	if dir != "" {
		if err := s.add(os.DirFS(dir), dir); err != nil {
			return nil, err
		}
	}
	return s, s.link()
}

// Check reads one file as a profile beside those of the set.
func (s *Set) Check(file string, text []byte) error {
	p, err := read(file, text)
	if err != nil {
		return err
	}
	with := &Set{byName: map[string]*Profile{}, byPrefix: map[string]*Profile{}}
	for name, known := range s.byName {
		again := *known
		again.Plan = nil
		with.byName[name] = &again
	}
	with.byName[p.Name] = p
	return with.link()
}

// add reads all files of a folder.
func (s *Set) add(folder fs.FS, dir string) error {
	files, err := fs.Glob(folder, "*.yaml")
	if err == nil && len(files) == 0 {
		_, err = fs.ReadDir(folder, ".")
	}
	if err != nil {
		return fmt.Errorf("profiles: %s: want a folder: %w", dir, err)
	}
	here := map[string]string{}
	var errs []error
	for _, name := range files {
		file := path.Join(dir, name)
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return fmt.Errorf("profiles: %w", err)
		}
		p, err := read(file, text)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if other, twice := here[p.Name]; twice {
			errs = append(errs, p.at(fmt.Errorf("profile: %q is in %s already", p.Name, other)))
		}
		here[p.Name] = file
		s.byName[p.Name] = p
	}
	return errors.Join(errs...)
}

// read reads one profile; what it extends is not looked at.
func read(file string, text []byte) (*Profile, error) {
	var d document
	if err := conf.Decode(file, 1, text, &d); err != nil {
		return nil, err
	}
	p := &Profile{Name: d.Profile, Title: d.Title, Tested: d.Tested != nil && *d.Tested, File: file, doc: &d, text: text}
	for _, prefix := range d.Match {
		p.Match = append(p.Match, strings.TrimPrefix(prefix, "."))
	}
	return p, nil
}

// at gives an error that begins with a key its place.
func (p *Profile) at(err error) error { return conf.Place(p.File, 1, p.text, err) }

// link makes the plans and the prefixes.
func (s *Set) link() error {
	var errs []error
	for _, p := range s.All() {
		if _, err := s.plan(p, nil); err != nil {
			errs = append(errs, err)
		}
		for i, prefix := range p.Match {
			if other := s.byPrefix[prefix]; other != nil {
				errs = append(errs, p.at(fmt.Errorf("match[%d]: %s: is matched by profile %s already", i, prefix, other.Name)))
			}
			s.byPrefix[prefix] = p
		}
	}
	if s.byName[Standard] == nil {
		errs = append(errs, fmt.Errorf("profiles: there is no profile %q", Standard))
	}
	return errors.Join(errs...)
}

// maxTables bounds the tables of a plan: sets of them are bits of a word.
const maxTables = 64

// plan makes the plan of a profile; path are the profiles that led here.
func (s *Set) plan(p *Profile, path []string) (*Plan, error) {
	if p.Plan != nil {
		return p.Plan, nil
	}
	if slices.Contains(path, p.Name) {
		return nil, p.at(fmt.Errorf("extends: %s: goes round in a circle", strings.Join(append(path, p.Name), " → ")))
	}
	plan := &Plan{Profile: p.Name}
	for i, name := range p.doc.Extends {
		parent := s.byName[name]
		if parent == nil {
			return nil, p.at(fmt.Errorf("extends[%d]: %q: there is no such profile", i, name))
		}
		inherited, err := s.plan(parent, append(path, p.Name))
		if err != nil {
			return nil, err
		}
		for _, t := range inherited.Tables {
			plan.put(t)
		}
	}
	for i, name := range p.doc.Without {
		if !plan.drop(name) {
			return nil, p.at(fmt.Errorf("without[%d]: %q: no table of this name is inherited", i, name))
		}
	}
	for _, t := range p.doc.compiled {
		plan.put(t)
	}
	if len(plan.Tables) > maxTables {
		return nil, p.at(fmt.Errorf("tables: %d with those inherited: want at most %d", len(plan.Tables), maxTables))
	}
	p.Plan = plan
	return plan, nil
}

// put adds a table, in the place of one with the same name.
func (p *Plan) put(t *Table) {
	if i := p.index(t.Name); i >= 0 {
		p.Tables[i] = t
		return
	}
	p.Tables = append(p.Tables, t)
}

func (p *Plan) drop(name string) bool {
	i := p.index(name)
	if i >= 0 {
		p.Tables = slices.Delete(p.Tables, i, i+1)
	}
	return i >= 0
}

func (p *Plan) index(name string) int {
	return slices.IndexFunc(p.Tables, func(t *Table) bool { return t.Name == name })
}

// All are the profiles in order of their names.
func (s *Set) All() []*Profile {
	all := make([]*Profile, 0, len(s.byName))
	for _, p := range s.byName {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *Profile) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Named is the profile of a name.
func (s *Set) Named(name string) (*Profile, bool) {
	p, ok := s.byName[name]
	return p, ok
}

// Match is the profile of devices with this sysObjectID, written as dotted numbers: that with the longest prefix,
// and Standard if there is none.
func (s *Set) Match(sysObjectID string) *Profile {
	for oid := strings.TrimPrefix(sysObjectID, "."); oid != ""; {
		if p := s.byPrefix[oid]; p != nil {
			return p
		}
		oid = oid[:max(strings.LastIndexByte(oid, '.'), 0)]
	}
	return s.byName[Standard]
}

// Retime sets how often tables are polled: as the configuration wishes, not below their floors, and no more often than
// there are rounds.
func (s *Set) Retime(wishes *poll.Cadences, round time.Duration) error {
	var errs []error
	for _, p := range s.All() {
		for _, t := range p.doc.compiled {
			every, err := wishes.Of(poll.Table{Name: t.Name, Usual: t.Every, Floor: t.Floor})
			errs = append(errs, err)
			t.Every = max(every, round)
		}
	}
	return errors.Join(append(errs, wishes.Unknown())...)
}

// IsOID says whether a text is an object identifier.
func IsOID(text string) bool {
	_, err := ber.ParseOID(text)
	return err == nil
}
