package engine

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/haidang-noc/haidang/internal/usm"
)

const (
	identityFile = "engine"  // "<engine id, hex> <boots>"
	sendersFile  = "senders" // a line of "<engine id, hex> <boots> <time>" for each
)

// Boot reads the engine's identity from the folder, counts this start and writes it back before it returns. id is the
// engine id wanted; empty: the one from before, or a new random one.
func Boot(dir string, id []byte) (Identity, error) {
	path := filepath.Join(dir, identityFile)
	self, err := readIdentity(path)
	if err != nil {
		return self, err
	}
	switch {
	case len(id) > 0 && !bytes.Equal(id, self.ID):
		self = Identity{ID: id}
	case len(self.ID) == 0:
		self.ID = append([]byte{0x80, 0, 0, 0, 5}, make([]byte, 12)...) // RFC 3411: no enterprise; octets of its own
		_, _ = rand.Read(self.ID[5:])                                   // does not fail
	}
	self.Boots = min(self.Boots+1, usm.MaxBoots)
	return self, write(path, fmt.Appendf(nil, "%x %d\n", self.ID, self.Boots))
}

func readIdentity(path string) (self Identity, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return self, nil
	}
	if err != nil {
		return self, fmt.Errorf("snmptrap: engine: %w", err)
	}
	if _, err := fmt.Sscanf(string(text), "%x %d\n", &self.ID, &self.Boots); err != nil || !Valid(self.ID) {
		return self, fmt.Errorf("snmptrap: engine: %s: %q: want an engine id in hex and a number. Without the file the engine gets a new id", path, text)
	}
	return self, nil
}

// Valid says whether octets can be an engine id (RFC 3411, 5).
func Valid(id []byte) bool {
	zeros, ones := true, true
	for _, c := range id {
		zeros, ones = zeros && c == 0, ones && c == 0xff
	}
	return len(id) >= 5 && len(id) <= 32 && !zeros && !ones
}

// Save writes the clocks of all senders into the folder.
func (r *Receiver) Save(dir string) error {
	var text bytes.Buffer
	r.mu.Lock()
	for _, id := range slices.Sorted(maps.Keys(r.senders)) {
		if s := r.senders[id]; !s.at.IsZero() {
			fmt.Fprintf(&text, "%x %d %d\n", id, s.boots, s.time)
		}
	}
	r.mu.Unlock()
	return write(filepath.Join(dir, sendersFile), text.Bytes())
}

// Load reads what Save wrote, if it is there. The clocks go on from now, as if no time had passed since: the machine's
// own clock may have been wrong before.
func (r *Receiver) Load(dir string, now time.Time) error {
	f, err := os.Open(filepath.Join(dir, sendersFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("snmptrap: senders: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	r.mu.Lock()
	defer r.mu.Unlock()
	lines := bufio.NewScanner(f)
	for no := 1; lines.Scan() && len(r.senders) < maxSenders; no++ {
		var id string
		s := &sender{at: now}
		if _, err := fmt.Sscanf(lines.Text(), "%x %d %d", &id, &s.boots, &s.time); err != nil {
			return fmt.Errorf("snmptrap: senders: %s:%d: %q: want an engine id in hex, boots and time", f.Name(), no, lines.Text())
		}
		r.senders[id] = s
	}
	return lines.Err()
}

// write replaces a file: after a crash it is the old one or the new one.
func write(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("snmptrap: state: %w", err)
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".new")
	if err != nil {
		return fmt.Errorf("snmptrap: state: %w", err)
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("snmptrap: state: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("snmptrap: state: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// ParseID reads an engine id written in hex.
func ParseID(text string) ([]byte, error) {
	id, err := hex.DecodeString(text)
	if err != nil || !Valid(id) {
		return nil, fmt.Errorf("%q: want an engine id: 5 to 32 octets in hex, not all zeros or ones", text)
	}
	return id, nil
}
