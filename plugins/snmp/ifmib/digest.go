package ifmib

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/haidang-noc/haidang/plugins/snmp/catalog"
)

// digest covers all that is in a layout; every part has its length before it.
func (l *layout) digest() (d catalog.Digest) {
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
