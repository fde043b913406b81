package pmfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/plugins/pmfile/ledger"
	"github.com/haidang-noc/haidang/plugins/pmfile/meas"
)

// quarantine is a folder for files that cannot be read. Beside each lies a file that says why. It is bounded: the oldest go.
type quarantine struct {
	dir       string
	octets    int64 // of all files together
	files     int
	discarded func()

	mu sync.Mutex // one file at a time
}

// reasonSuffix is what the name of a file with a reason ends in.
const reasonSuffix = ".reason"

// put copies a file, whose text comes from open, into the quarantine. When it returns nil both files are synced. The same file
// again takes its own place.
func (q *quarantine) put(f ledger.File, why *meas.Refusal, now time.Time, open func() (io.ReadCloser, error)) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.copy(f, why, now, open); err != nil {
		return fmt.Errorf("quarantine: %s: %w", f.Path, err)
	}
	return nil
}

func (q *quarantine) copy(f ledger.File, why *meas.Refusal, now time.Time, open func() (io.ReadCloser, error)) error {
	if err := os.MkdirAll(q.dir, 0o750); err != nil {
		return err
	}
	src, err := open()
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }() // it was only read
	name := filepath.Join(q.dir, fmt.Sprintf("%d-%s-%s", f.Time, clean(f.Source), clean(path.Base(f.Path))))
	if err := save(name, io.LimitReader(src, q.octets/4)); err != nil {
		return err
	}
	text := fmt.Sprintf("source: %s\npath: %s\nsize: %d\nchanged: %s\nquarantined: %s\nreason: %s\nline: %d\nwhat: %q\n",
		f.Source, f.Path, f.Size, time.UnixMilli(f.Time).UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339), why.Reason, why.Line, why.What)
	if err := save(name+reasonSuffix, strings.NewReader(text)); err != nil {
		return err
	}
	return q.trim()
}

// clean makes a name that is safe in the folder.
func clean(name string) string {
	name = strings.Map(func(c rune) rune {
		if c < ' ' || c == '/' || c == '\\' || c == 0x7f {
			return '_'
		}
		return c
	}, name)
	return name[max(0, len(name)-150):]
}

// save writes a file under another name, syncs it and gives it its name.
func save(name string, src io.Reader) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(f, src)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// trim removes the files that have been here longest, while there are too many.
func (q *quarantine) trim() error {
	entries, err := os.ReadDir(q.dir)
	if err != nil {
		return err
	}
	type kept struct {
		name string
		size int64
		at   time.Time
	}
	var all []kept
	octets := int64(0)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || strings.HasSuffix(e.Name(), reasonSuffix) || strings.HasPrefix(e.Name(), ".") {
			continue // it is just going, or belongs to another
		}
		all = append(all, kept{e.Name(), info.Size(), info.ModTime()})
		octets += info.Size()
	}
	slices.SortFunc(all, func(a, b kept) int { return a.at.Compare(b.at) })
	for len(all) > 1 && (len(all) > q.files || octets > q.octets) {
		one := filepath.Join(q.dir, all[0].name)
		if err := errors.Join(os.Remove(one), remove(one+reasonSuffix)); err != nil {
			return err
		}
		octets, all = octets-all[0].size, all[1:]
		q.discarded()
	}
	return nil
}

// remove removes a file that may be gone.
func remove(name string) error {
	if err := os.Remove(name); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
