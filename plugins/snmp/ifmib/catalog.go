package ifmib

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"weak"
)

// catalog keeps one layout for all devices that have the same interfaces: thousands of stations of
// one model share their requests. It does not keep layouts alive.
type catalog struct {
	mu      sync.Mutex
	layouts map[[sha256.Size]byte]weak.Pointer[layout]
	sweep   int // size at which dead entries are removed
}

// intern returns the layout that equals l, which is l itself if there is none yet.
func (c *catalog) intern(l *layout) *layout {
	d := l.digest()
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.layouts[d].Value(); known != nil {
		return known
	}
	if len(c.layouts) >= c.sweep {
		c.removeDead()
	}
	if c.layouts == nil {
		c.layouts = map[[sha256.Size]byte]weak.Pointer[layout]{}
	}
	c.layouts[d] = weak.Make(l)
	return l
}

func (c *catalog) removeDead() {
	for d, p := range c.layouts {
		if p.Value() == nil {
			delete(c.layouts, d)
		}
	}
	c.sweep = 2*len(c.layouts) + 64
}

// digest covers all that is in a layout; every part has its length before it.
func (l *layout) digest() (d [sha256.Size]byte) {
	h := sha256.New()
	var b []byte
	put := func(s []byte) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, s := range l.scalars {
		put(s.name)
	}
	for i := range l.rows {
		r := &l.rows[i]
		put(nil)
		put(r.suffix)
		put(r.prev)
		put(r.label)
		put(r.tag)
		b = binary.AppendUvarint(b, uint64(r.shape))
		h.Write(b)
		b = b[:0]
	}
	h.Write(b)
	h.Sum(d[:0])
	return d
}
