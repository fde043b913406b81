package ledger

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// StillThere notes at what time a file that was dealt with lies in its source still: it is not forgotten for as long as Keep.
func (l *Ledger) StillThere(f File, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := f.identity()
	if _, ok := l.files[id]; ok {
		l.files[id] = now.Unix()
	}
}

// Forget forgets files that were neither dealt with nor seen for as long as Keep, and the oldest ones where there are more than
// Max. It writes the file anew if that is worth it: first another file, synced, which then takes its place, so a crash leaves one
// or the other.
func (l *Ledger) Forget(now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	oldest := max(now.Add(-l.opts.Keep).Unix(), l.mostRecent())
	gone := 0
	for id, at := range l.files {
		if at < oldest {
			delete(l.files, id)
			gone++
		}
	}
	for id, at := range l.contents {
		if at < oldest {
			delete(l.contents, id)
		}
	}
	if gone == 0 || l.lines < 2*len(l.files) && l.lines < len(l.files)+1000 {
		return nil
	}
	if err := l.rewrite(oldest); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// mostRecent is the time before which files are forgotten because there are more than Max.
func (l *Ledger) mostRecent() int64 {
	excess := len(l.files) - l.opts.Max
	if l.opts.Max <= 0 || excess <= 0 {
		return 0
	}
	l.dropped += excess
	all := make([]int64, 0, len(l.files))
	for _, at := range l.files {
		all = append(all, at)
	}
	slices.Sort(all)
	return all[excess-1] + 1
}

// rewrite keeps the lines of files that are known. Those that lie in their source still keep the time at which they were seen.
func (l *Ledger) rewrite(oldest int64) error {
	next, err := os.CreateTemp(filepath.Dir(l.path), Name+"-*")
	if err != nil {
		return err
	}
	length, lines, err := l.copyTo(next, oldest)
	if err == nil {
		err = next.Sync()
	}
	if err == nil {
		err = os.Rename(next.Name(), l.path)
	}
	if err != nil {
		return errors.Join(err, next.Close(), os.Remove(next.Name()))
	}
	old := l.file
	l.file, l.length, l.lines, l.torn = next, length, lines, 0
	return errors.Join(old.Close(), syncFolder(filepath.Dir(l.path)))
}

func (l *Ledger) copyTo(next *os.File, oldest int64) (length int64, lines int, err error) {
	if _, err := l.file.Seek(0, 0); err != nil {
		return 0, 0, err
	}
	out := bufio.NewWriter(next)
	var line []byte
	err = read(l.file, func(old []byte) {
		e, err := parse(old)
		if err != nil {
			return
		}
		at, known := l.files[e.identity()]
		if _, has := l.contents[e.Content]; !known && !has {
			return
		}
		if e.At = max(e.At, at); e.At < oldest {
			return
		}
		if line, err = appendLine(line[:0], &e); err != nil {
			return
		}
		_, _ = out.Write(line) // Flush tells
		length += int64(len(line))
		lines++
	})
	return length, lines, errors.Join(err, out.Flush())
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
