// Package ledger remembers which files were taken, through restarts and crashes: a file on disk to which lines are added, each
// with a checksum, synced before anybody relies on it.
//
// It is what keeps a file from being read twice, and what tells a file that comes again under another name. It is not what keeps a
// value from counting twice: the collector does that, so a ledger that is lost costs work and nothing else.
package ledger

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Digest is half a SHA-256.
type Digest [16]byte

// Sum is the digest of a SHA-256.
func Sum(sha [sha256.Size]byte) Digest { return Digest(sha[:len(Digest{})]) }

// MarshalText writes hexadecimal digits.
func (d Digest) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, d[:]), nil }

// UnmarshalText reads them.
func (d *Digest) UnmarshalText(text []byte) error {
	if len(text) != 2*len(d) {
		return fmt.Errorf("%d digits: want %d", len(text), 2*len(d))
	}
	_, err := hex.Decode(d[:], text)
	return err
}

// File is a file where it lies: the same name with another size or time is another file.
type File struct {
	Source string `json:"source"`
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	Time   int64  `json:"mtime_ms"`
}

// identity is a File in 16 bytes.
func (f File) identity() Digest {
	return Sum(sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%d", f.Source, f.Path, f.Size, f.Time)))
}

// Entry is a file that was dealt with.
type Entry struct {
	File
	At       int64              `json:"at"`                 // Unix seconds
	Content  Digest             `json:"sha256"`             // of its text, not compressed
	Refused  string             `json:"refused,omitempty"`  // the reason; empty: it was taken
	Reported map[string][]int64 `json:"reported,omitempty"` // ends of periods in Unix seconds, by device
}

// Options of a ledger.
type Options struct {
	Keep time.Duration // how long files are remembered that are gone from their source
	Max  int           // files remembered; the ones dealt with first are forgotten first
}

// Ledger is open until Close. It may be used from several goroutines.
type Ledger struct {
	path string
	opts Options

	mu       sync.Mutex
	file     *os.File
	length   int64 // of the file's good lines
	files    map[Digest]int64
	contents map[Digest]int64
	lines    int // in file
	torn     int // lines that could not be read
	dropped  int // files forgotten because there were too many
}

// Name is the ledger's file in its folder.
const Name = "ledger"

// Open opens the ledger in a folder, which is made if needed, and calls each with every entry, in the order in which they were
// made. A line that a crash has cut off is dropped; one that is damaged otherwise is left out and counted.
func Open(dir string, o Options, each func(*Entry)) (*Ledger, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	l := &Ledger{path: filepath.Join(dir, Name), opts: o, files: map[Digest]int64{}, contents: map[Digest]int64{}}
	f, err := os.OpenFile(l.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	l.file = f
	err = read(f, func(line []byte) {
		if line[len(line)-1] != '\n' {
			return // cut off; the next line is written over it
		}
		l.length += int64(len(line))
		e, err := parse(line)
		if l.lines++; err != nil {
			l.torn++
			return
		}
		l.note(&e)
		each(&e)
	})
	if err == nil {
		err = f.Truncate(l.length)
	}
	if err != nil {
		_ = f.Close() // it was only read
		return nil, fmt.Errorf("ledger: %w", err)
	}
	return l, nil
}

// read calls each with every line; the last one may lack its end.
func read(src io.Reader, each func([]byte)) error {
	lines := bufio.NewReaderSize(src, 1<<16)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			each(line)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// appendLine writes an entry: the CRC32C of the rest in hexadecimal digits, a space, JSON.
func appendLine(dst []byte, e *Entry) ([]byte, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return dst, err
	}
	return fmt.Appendf(dst, "%08x %s\n", checksum(text), text), nil
}

func checksum(text []byte) uint32 { return crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli)) }

func parse(line []byte) (e Entry, err error) {
	sum, text, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
	if string(sum) != fmt.Sprintf("%08x", checksum(text)) {
		return e, errors.New("the checksum is wrong")
	}
	return e, json.Unmarshal(text, &e)
}

func (l *Ledger) note(e *Entry) {
	id := e.identity()
	l.files[id] = max(l.files[id], e.At)
	l.contents[e.Content] = max(l.contents[e.Content], e.At)
}

// Knows says whether the file was dealt with.
func (l *Ledger) Knows(f File) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.files[f.identity()]
	return ok
}

// Has says whether a file with this content was dealt with.
func (l *Ledger) Has(content Digest) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.contents[content]
	return ok
}

// Add writes entries; when it returns nil they survive a power cut. After an error none of them is known, and the next Add begins
// where this one did.
func (l *Ledger) Add(entries ...Entry) error {
	var text []byte
	var err error
	for i := range entries {
		if text, err = appendLine(text, &entries[i]); err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.file.WriteAt(text, l.length); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if err := l.file.Sync(); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	l.length += int64(len(text))
	l.lines += len(entries)
	for i := range entries {
		l.note(&entries[i])
	}
	return nil
}

// Stats are the ledger's sizes, for metrics.
type Stats struct{ Files, Damaged, Forgotten int }

// Stats tells them.
func (l *Ledger) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Stats{len(l.files), l.torn, l.dropped}
}

// Close closes the file. All that Add has written is safe already.
func (l *Ledger) Close() error { return l.file.Close() }
