package ingest

import (
	"sync"

	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/internal/point"
)

// verdict is what is decided about a series once, for all its lines. The zero verdict is none yet.
type verdict uint64

const (
	undecided verdict = iota
	allowed
	foreignDevice
	foreignAgent
	foreignProvince
	renamed // allowed, by other names
)

// longestCachedKey keeps a few absurd keys from filling the memory.
const longestCachedKey = 1 << 10

// keys remembers the verdicts on one principal's series by their raw keys, so that a line costs one
// lookup. It holds two generations: when the young one is full it becomes the old one, and what is
// not asked for again in its time is forgotten.
type keys struct {
	mu sync.Mutex // held while a batch is checked

	who    *principal.Principal
	owner  func(device string) string
	naming *Naming
	young  map[string]verdict
	old    map[string]verdict
	limit  int // of each generation
}

func newKeys(who *principal.Principal, deps Deps, limit int) *keys {
	return &keys{who: who, owner: deps.Owner, naming: deps.Naming, young: map[string]verdict{}, limit: max(limit, 1)}
}

// lookup is for point.Options: 0 if nothing is known of the key.
func (k *keys) lookup(key []byte) uint64 {
	if v, ok := k.young[string(key)]; ok {
		return uint64(v)
	}
	if v, ok := k.old[string(key)]; ok {
		k.remember(key, v)
		return uint64(v)
	}
	return 0
}

// of is the verdict on a good line.
func (k *keys) of(l *point.Line) verdict {
	if l.Ref != 0 {
		return verdict(l.Ref)
	}
	v := k.decide(l.Key)
	if v != undecided && len(l.Key) <= longestCachedKey {
		k.remember(l.Key, v)
	}
	return v
}

func (k *keys) remember(key []byte, v verdict) {
	if len(k.young) >= k.limit {
		k.old, k.young = k.young, make(map[string]verdict, len(k.young))
	}
	k.young[string(key)] = v
}

// decide takes the key apart and holds it against the principal's scope.
func (k *keys) decide(key []byte) verdict {
	s, err := point.ParseKey(key)
	if err != nil { // a key of a good line has none
		return undecided
	}
	rule := k.naming.rule(s)
	s = k.naming.series(s)
	switch agent, device := s.Tag("agent"), s.Tag("device"); {
	case agent != "" && k.who.Role == principal.Agent && agent != k.who.Name:
		return foreignAgent
	case device != "" && !k.who.MayWrite(device, k.owner(device)):
		return foreignDevice
	case device == "" && s.Tag("province") != "" && !k.who.MaySee(s.Tag("province")):
		return foreignProvince
	case rule >= 0:
		return renamed
	}
	return allowed
}
