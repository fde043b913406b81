package recording

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/ber"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
	"github.com/haidang-noc/haidang/internal/simnet/udp"
)

// Len is the number of objects.
func (r *Recording) Len() int { return len(r.entries) }

// Find is the position of the first object at or after name, and whether it is name itself.
func (r *Recording) Find(name []byte) (pos int, exact bool) {
	return slices.BinarySearchFunc(r.entries, name, func(e entry, name []byte) int {
		return ber.CompareOID(e.name, name)
	})
}

// AppendName writes the name of the object at a position.
func (r *Recording) AppendName(dst []byte, pos int) []byte {
	return append(dst, r.entries[pos].name...)
}

// AppendValue writes the value of the object at a position.
func (r *Recording) AppendValue(dst []byte, pos int) []byte {
	return append(dst, r.entries[pos].value...)
}

// Load reads every .snmprec file below dir, sorted by name. A recording is named by its path in dir
// without the suffix.
func Load(dir string) ([]*Recording, error) {
	var all []*Recording
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".snmprec" {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path) //nolint:gosec // a folder of the operator's own
		if err != nil {
			return err
		}
		rec, err := Parse(strings.TrimSuffix(filepath.ToSlash(name), ".snmprec"), bytes.NewReader(text))
		all = append(all, rec)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	slices.SortFunc(all, func(a, b *Recording) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// Face answers for recordings, each at its own address. It is for one goroutine.
type Face struct {
	recordings []*Recording
	first      udp.Address
	community  string
	responder  snmpd.Responder
}

// NewFace puts the recordings at first and the addresses after it. An empty community stands for any.
func NewFace(recordings []*Recording, first netip.Addr, community string) *Face {
	b := first.As4()
	return &Face{recordings: recordings, community: community,
		first:     udp.Address(b[0])<<24 | udp.Address(b[1])<<16 | udp.Address(b[2])<<8 | udp.Address(b[3]),
		responder: snmpd.Responder{Limit: snmpd.LongestAnswer}}
}

// Begin has nothing to do: recordings do not change.
func (f *Face) Begin(time.Time) {}

// Answer answers for the recording at an address.
func (f *Face) Answer(dst, datagram []byte, at udp.Address) ([]byte, snmpd.Delivery) {
	i := at - f.first
	if i >= udp.Address(len(f.recordings)) || len(datagram) == 0 {
		return dst, snmpd.Delivery{}
	}
	answer, binds := f.responder.Answer(dst, datagram, f.community, f.recordings[i])
	return answer, snmpd.Delivery{Binds: binds, From: at}
}
