// Package pathset is which paths are asked of a gNMI target, and what their leaves mean in our schema: path sets in YAML, the
// shipped ones and the operator's own, compiled into the plan of a target.
package pathset

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/configs/paths"
	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/gnmi/xpath"
)

// Set is a path set: one model's view of one topic.
type Set struct {
	Name          string
	Title         string
	Topic         string
	Origin        string // that is asked for
	Models        []string
	Tested        bool
	Subscriptions []Subscription

	aliases  []string
	identity [][]xpath.Elem
	lines    []*Line
}

// Subscription is a path that is subscribed to.
type Subscription struct {
	Origin   string
	Path     []xpath.Elem
	OnChange bool
	Every    time.Duration // between samples; 0: as often as the input says
}

// Takes says whether what comes from an origin, or begins with the name of a module, may be the set's: equipment sends its own
// origin, a module's, its prefix, or none at all.
func (s *Set) Takes(source string) bool {
	if source == "" || source == s.Origin || strings.HasPrefix(source, s.Origin+"-") && s.Origin != "" {
		return true
	}
	if slices.ContainsFunc(s.Subscriptions, func(sub Subscription) bool { return sub.Origin == source }) {
		return true
	}
	return slices.Contains(s.Models, source) || slices.ContainsFunc(s.aliases, func(pattern string) bool {
		fits, err := path.Match(pattern, source)
		return err == nil && fits
	})
}

// Load reads the shipped sets and those of a folder, whose sets take the place of shipped ones of the same name. They come in
// the order in which targets are offered them: OpenConfig's first.
func Load(dir string) ([]*Set, error) {
	sets, err := readAll(paths.Files(), "paths")
	if err != nil || dir == "" {
		return sets, err
	}
	more, err := readAll(os.DirFS(dir), dir)
	if err != nil {
		return nil, fmt.Errorf("paths: %w", err)
	}
	for _, s := range more {
		if i := slices.IndexFunc(sets, func(old *Set) bool { return old.Name == s.Name }); i >= 0 {
			sets[i] = s
			continue
		}
		sets = append(sets, s)
	}
	order(sets)
	return sets, nil
}

func order(sets []*Set) {
	slices.SortFunc(sets, func(a, b *Set) int {
		if open := strings.HasPrefix(a.Name, "openconfig-"); open != strings.HasPrefix(b.Name, "openconfig-") {
			if open {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// readAll reads every YAML file of a folder.
func readAll(files fs.FS, dir string) ([]*Set, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		if _, err := fs.Stat(files, "."); err != nil {
			return nil, err
		}
	}
	var sets []*Set
	seen := map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		s, err := Read(filepath.Join(dir, name), text)
		if err != nil {
			return nil, err
		}
		if first := seen[s.Name]; first != "" {
			return nil, conf.At(filepath.Join(dir, name), 1, "paths", "%q is in %s already", s.Name, first)
		}
		seen[s.Name] = name
		sets = append(sets, s)
	}
	order(sets)
	return sets, nil
}

// Read compiles a path set. Errors name file, line and key.
func Read(file string, text []byte) (*Set, error) {
	var d document
	if err := conf.Decode(file, 1, text, &d); err != nil {
		return nil, err
	}
	return d.set, nil
}

// Common are the sets that any target may be offered. Those without models would suit every one: they have to be named.
func Common(sets []*Set) []*Set {
	return slices.DeleteFunc(slices.Clone(sets), func(s *Set) bool { return len(s.Models) == 0 })
}

// Choose takes, for each topic in the order of sets, the first set whose models a target has. A target that does not tell its
// models gets the first of each topic. missing are the models for want of which a topic is left out.
func Choose(sets []*Set, models []string) (chosen []*Set, missing []string) {
	var topics []string
	for _, s := range sets {
		if !slices.Contains(topics, s.Topic) {
			topics = append(topics, s.Topic)
		}
	}
	for _, topic := range topics {
		i := slices.IndexFunc(sets, func(s *Set) bool { return s.Topic == topic && s.suits(models) })
		if i >= 0 {
			chosen = append(chosen, sets[i])
			continue
		}
		for _, s := range sets {
			if s.Topic == topic {
				missing = append(missing, s.Models...)
			}
		}
	}
	return chosen, missing
}

func (s *Set) suits(models []string) bool {
	for _, m := range s.Models {
		if len(models) > 0 && !slices.ContainsFunc(models, func(have string) bool { return have == m || strings.HasSuffix(have, ":"+m) }) {
			return false
		}
	}
	return true
}
