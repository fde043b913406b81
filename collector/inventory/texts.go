package inventory

import (
	"hash/maphash"
	"strings"
)

// texts copies texts out of the records in which they were read, whose memory would be kept with them, and keeps one
// copy of those that come again and again. Of those that have not come for long it may make another one, which bounds
// what it remembers.
type texts struct {
	seed   maphash.Seed
	recent []string // each where its hash says
}

func newTexts() *texts { return &texts{maphash.MakeSeed(), make([]string, 1<<17)} }

func (t *texts) keep(s string) string {
	recent := &t.recent[maphash.String(t.seed, s)%uint64(len(t.recent))]
	if *recent != s {
		*recent = strings.Clone(s)
	}
	return *recent
}
