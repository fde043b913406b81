package spool

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

const (
	positionFile  = "position"
	identityFile  = "spool-id"
	slotDistance  = 4096 // two slots never share a sector
	slotBytes     = 36
	positionMagic = 0x31534f504e444148 // "HADNPOS1"
)

// position is the file that remembers what is committed and which sequence comes next. It is written
// in place and in turn into two slots, the higher count wins: a torn write leaves the other slot, and a full disk
// does not stop it, since it needs no new block.
type position struct {
	mu              sync.Mutex
	file            file
	count           uint64
	committed, next uint64
}

// openPosition reads the file. known is false when it does not say anything, as when flag has just made it.
func openPosition(d disk, flag int) (p *position, known bool, err error) {
	f, err := d.Open(positionFile, flag)
	if err != nil {
		return nil, false, err
	}
	p = &position{file: f, next: 1}
	for slot := range int64(2) {
		var b [slotBytes]byte
		if _, err := f.ReadAt(b[:], slot*slotDistance); err != nil && !errors.Is(err, io.EOF) {
			return nil, false, errors.Join(err, f.Close())
		}
		if p.decode(b[:]) {
			known = true
		}
	}
	return p, known, nil
}

// decode takes a slot over if it is whole and newer than what p has.
func (p *position) decode(b []byte) bool {
	le := binary.LittleEndian
	if le.Uint64(b) != positionMagic || le.Uint32(b[32:]) != castagnoli(0, b[:32]) {
		return false
	}
	if count := le.Uint64(b[8:]); count >= p.count {
		p.count, p.committed, p.next = count, le.Uint64(b[16:]), le.Uint64(b[24:])
	}
	return true
}

// save makes the two numbers durable; numbers that are saved already cost nothing.
func (p *position) save(committed, next uint64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if committed == p.committed && next == p.next && p.count > 0 {
		return nil
	}
	count := p.count + 1
	le := binary.LittleEndian
	b := le.AppendUint64(make([]byte, 0, slotBytes), positionMagic)
	b = le.AppendUint64(b, count)
	b = le.AppendUint64(b, committed)
	b = le.AppendUint64(b, next)
	b = le.AppendUint32(b, castagnoli(0, b))
	if _, err := p.file.WriteAt(b, int64(count%2)*slotDistance); err != nil {
		return err
	}
	if err := p.file.Sync(); err != nil {
		return err
	}
	p.count, p.committed, p.next = count, committed, next
	return nil
}

func (p *position) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.file.Close()
}

// identity reads the spool's name, or gives it one. Without a known position it always gets a new name,
// because its sequences might repeat.
func identity(d disk, known bool) (string, error) {
	if known {
		if id, err := readIdentity(d); err != nil || id != "" {
			return id, err
		}
	}
	var random [16]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", err
	}
	id := hex.EncodeToString(random[:])
	if err := writeFile(d, identityFile, []byte(id+"\n")); err != nil {
		return "", err
	}
	return id, d.SyncDir("")
}

// readIdentity returns "" when there is no name or half of one.
func readIdentity(d disk) (string, error) {
	f, err := d.Open(identityFile, os.O_RDONLY)
	if isMissing(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // read-only
	b := make([]byte, 33)
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	id := strings.TrimSuffix(string(b[:n]), "\n")
	if raw, err := hex.DecodeString(id); err != nil || len(raw) != 16 {
		return "", nil
	}
	return id, nil
}

// writeFile puts a whole, synced file under name, or nothing.
func writeFile(d disk, name string, content []byte) error {
	next := name + ".new"
	f, err := d.Open(next, os.O_CREATE|os.O_TRUNC|os.O_RDWR)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(content, 0)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", next, err), d.Remove(next))
	}
	return d.Rename(next, name)
}
