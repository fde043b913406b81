// Package catalog keeps one of all things that are equal: thousands of stations of one model share their layout and its
// requests.
package catalog

import (
	"crypto/sha256"
	"sync"
	"weak"
)

// Digest tells things apart.
type Digest = [sha256.Size]byte

// Catalog holds things by their digest. It does not keep them alive. The zero Catalog is empty; any number of goroutines may
// use it.
type Catalog[T any] struct {
	mu    sync.Mutex
	known map[Digest]weak.Pointer[T]
	sweep int // size at which dead entries are removed
}

// Intern returns the thing with that digest, which is one itself if there is none yet. From then on nobody may change it.
func (c *Catalog[T]) Intern(d Digest, one *T) *T {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.known[d].Value(); known != nil {
		return known
	}
	if len(c.known) >= c.sweep {
		c.removeDead()
	}
	if c.known == nil {
		c.known = map[Digest]weak.Pointer[T]{}
	}
	c.known[d] = weak.Make(one)
	return one
}

func (c *Catalog[T]) removeDead() {
	for d, p := range c.known {
		if p.Value() == nil {
			delete(c.known, d)
		}
	}
	c.sweep = 2*len(c.known) + 64
}
