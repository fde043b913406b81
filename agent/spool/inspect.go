package spool

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
	"time"
)

// Inspect prints what the folder dir holds, for people. It reads only and may be used beside a running
// agent, whose newest batches it then shows as far as they are written.
func Inspect(dir string, w io.Writer) error {
	if err := inspect(folder(dir), w); err != nil {
		return fmt.Errorf("spool: inspect %s: %w", dir, err)
	}
	return nil
}

func inspect(d disk, w io.Writer) error {
	var text bytes.Buffer
	if err := describe(d, &text); err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if _, err := text.WriteTo(table); err != nil {
		return err
	}
	return table.Flush()
}

// describe writes what inspect prints, cells separated by tabs.
func describe(d disk, w *bytes.Buffer) error {
	pos, known, err := openPosition(d, os.O_RDONLY)
	if err != nil {
		return err
	}
	defer pos.close() //nolint:errcheck // read-only
	id, err := readIdentity(d)
	if err != nil {
		return err
	}
	if !known {
		fmt.Fprintln(w, "the position is not readable: the next start gives the spool a new name")
	}
	fmt.Fprintf(w, "spool-id %s\ncommitted %d (as last saved)\n\n", id, pos.committed)
	names, err := d.List("")
	if err != nil {
		return err
	}
	slices.Sort(names)
	fmt.Fprintln(w, "segment\tfirst\tlast\tbatches\tpoints\tbytes\toldest\tstate")
	for _, name := range names {
		if _, ok := parseSegmentName(name); !ok {
			continue
		}
		if err := describeSegment(d, name, w); err != nil {
			return err
		}
	}
	return nil
}

func describeSegment(d disk, name string, w *bytes.Buffer) error {
	f, err := d.Open(name, os.O_RDONLY)
	if isMissing(err) {
		return nil // committed meanwhile
	}
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // read-only
	size, err := f.Size()
	if err != nil {
		return err
	}
	first, _ := parseSegmentName(name)
	v := visit{scanner: scanner{file: f, end: size, last: first - 1}}
	if err := v.all(); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n",
		name, first, v.last, v.count.batches, v.count.points, size, v.age(), v.state())
	return nil
}

// visit checks every byte of a segment.
type visit struct {
	scanner
	count  tally
	oldest time.Time
	broken int   // records whose data is damaged
	lost   int64 // bytes that are no record
}

func (v *visit) all() error {
	for {
		f, err := v.next()
		if err == io.EOF { //nolint:errorlint // next returns it bare
			v.lost += v.end - v.off
			return nil
		}
		if err != nil {
			return err
		}
		v.lost += f.skipped
		if _, ok, err := v.read(f); err != nil {
			return err
		} else if !ok {
			v.broken++
			continue
		}
		if v.oldest.IsZero() {
			v.oldest = f.time
		}
		v.count = v.count.plus(tally{1, f.points})
	}
}

func (v *visit) age() string {
	if v.oldest.IsZero() {
		return "-"
	}
	return v.oldest.UTC().Format(time.RFC3339)
}

func (v *visit) state() string {
	if v.broken == 0 && v.lost == 0 {
		return "whole"
	}
	return fmt.Sprintf("damaged: %d batches, %d other bytes", v.broken, v.lost)
}
