package discover

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
)

// The headers of the files that are compared.
const (
	deviceHeader = "device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,primary_method,agent,profile,valid_from,valid_to"
	linkHeader   = "link,a_device,a_ifname,b_device,b_ifname,class,capacity_mbps,valid_from,valid_to"
)

// file is a CSV file of the inventory. Rows that nothing changes keep their bytes.
type file struct {
	path   string
	header []string
	mark   bool // it begins with a byte order mark
	ending string
	rows   []*row
	was    [sha256.Size]byte
	exists bool
}

// row is a row: as it was read, new or changed (raw is nil), or taken out (cells are nil, too).
type row struct {
	cells []string
	raw   []byte
	line  int
}

const byteOrderMark = "\ufeff"

// readFile reads a file that may not be there yet.
func readFile(path, header string) (*file, error) {
	f := &file{path: path, header: strings.Split(header, ","), ending: "\n"}
	text, err := os.ReadFile(path) //nolint:gosec // the operator's own
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, fmt.Errorf("discover: inventory: %w", err)
	}
	f.exists, f.was = true, sha256.Sum256(text)
	text, f.mark = bytes.CutPrefix(text, []byte(byteOrderMark))
	if i := bytes.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		f.ending = "\r\n"
	}
	return f, f.read(text)
}

func (f *file) read(text []byte) error {
	r := csv.NewReader(bytes.NewReader(text))
	header, err := r.Read()
	if n := len(f.header); err != nil || len(header) < n || !slices.Equal(header[:n], f.header) {
		return conf.At(f.path, 1, "header", "want %s", strings.Join(f.header, ","))
	}
	f.header = header // more columns may follow: they are kept, and empty in new rows
	for begin := r.InputOffset(); ; begin = r.InputOffset() {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("discover: inventory: %s: %w", f.path, err)
		}
		line, _ := r.FieldPos(0)
		raw := bytes.TrimRight(text[begin:r.InputOffset()], "\r\n")
		f.rows = append(f.rows, &row{cells: cells, raw: bytes.TrimLeft(raw, "\r\n"), line: line})
	}
}

// column is the place of a column, which is there.
func (f *file) column(name string) int { return slices.Index(f.header, name) }

func (f *file) get(r *row, column string) string { return r.cells[f.column(column)] }

// set changes a cell; the row is written anew then.
func (f *file) set(r *row, column, value string) {
	r.cells[f.column(column)], r.raw = value, nil
}

// now are the rows that hold at a time, in the order of the file.
func (f *file) now(at time.Time) (out []*row, err error) {
	for _, r := range f.rows {
		from, err := instant(f.get(r, "valid_from"))
		if err != nil {
			return nil, conf.At(f.path, r.line, "valid_from", "%v", err)
		}
		to, err := instant(f.get(r, "valid_to"))
		if err != nil {
			return nil, conf.At(f.path, r.line, "valid_to", "%v", err)
		}
		if !at.Before(from) && (to.IsZero() || at.Before(to)) {
			out = append(out, r)
		}
	}
	return out, nil
}

// later says when the first row begins that holds only after a time, by what keys says a row is about.
func (f *file) later(at time.Time, keys func(*row) []string) map[string]string {
	begins, first := map[string]string{}, map[string]time.Time{}
	for _, r := range f.rows {
		text := f.get(r, "valid_from")
		from, err := instant(text)
		if err != nil || !from.After(at) {
			continue
		}
		for _, k := range keys(r) {
			if t, ok := first[k]; !ok || from.Before(t) {
				begins[k], first[k] = text, from
			}
		}
	}
	return begins
}

// local is Việt Nam's time.
func local() *time.Location { return time.FixedZone("+07", 7*60*60) }

// instant reads a date or a time with its offset; an empty cell is the zero time.
func instant(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, local())
	if err != nil {
		return t, fmt.Errorf("%q is not a time: want 2026-10-01 (midnight in Việt Nam) or 2026-10-01T22:00:00+07:00", text)
	}
	return t, nil
}

// changed says whether any row is new or another.
func (f *file) changed() bool {
	return slices.ContainsFunc(f.rows, func(r *row) bool { return r.raw == nil })
}

// text is the file as it would be written.
func (f *file) text() ([]byte, error) {
	var out bytes.Buffer
	if f.mark {
		out.WriteString(byteOrderMark)
	}
	w := csv.NewWriter(&out)
	w.UseCRLF = f.ending == "\r\n"
	write := func(cells []string) error {
		if err := w.Write(cells); err != nil {
			return fmt.Errorf("discover: %s: %w", f.path, err)
		}
		w.Flush()
		return w.Error()
	}
	if err := write(f.header); err != nil {
		return nil, err
	}
	for _, r := range f.rows {
		if r.raw != nil {
			out.Write(r.raw)
			out.WriteString(f.ending)
			continue
		}
		if r.cells == nil {
			continue
		}
		if err := write(r.cells); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}
