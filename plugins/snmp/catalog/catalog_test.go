package catalog

import (
	"runtime"
	"testing"
)

func TestEqualThingsAreOneAndNoneIsKeptAlive(t *testing.T) {
	var c Catalog[[64]byte]
	one := c.Intern(Digest{1}, new([64]byte))
	if again := c.Intern(Digest{1}, new([64]byte)); again != one {
		t.Error("an equal thing is another")
	}
	if other := c.Intern(Digest{2}, new([64]byte)); other == one {
		t.Error("another thing is the same")
	}
	for i := range 10_000 {
		c.Intern(Digest{3, byte(i >> 8), byte(i)}, new([64]byte))
		if i%1000 == 0 {
			runtime.GC()
		}
	}
	if n := len(c.known); n > 5000 {
		t.Errorf("%d entries are left of what nobody holds", n)
	}
	if again := c.Intern(Digest{1}, new([64]byte)); again != one {
		t.Error("what is held was forgotten")
	}
}
