package inventory

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// digests is the SHA-256 of each file under the name of its role, as sha256sum prints it.
type digests []string

// sum is the SHA-256 of the listing: the inventory's content hash.
func (d digests) sum() string {
	sum := sha256.Sum256([]byte(strings.Join(d, "")))
	return hex.EncodeToString(sum[:])
}

// of is the digest of the file of a role; empty if none was read.
func (d digests) of(role string) string {
	for _, line := range d {
		if sum, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  "); name == role {
			return sum
		}
	}
	return ""
}

// readTable reads the CSV file at path, hands each of its rows to each, and notes the file's
// digest under role. It goes on after a broken row; false means that there were no rows to read.
// What stands in brackets at the header's end may be left out of the file.
func (l *loader) readTable(path, role, header string, each func(*row)) bool {
	file, err := os.Open(path)
	if err != nil {
		l.found.add(path, 0, "", "%s", reason(err))
		return false
	}
	defer file.Close() //nolint:errcheck // only read
	most, err := countLines(file)
	if err != nil {
		l.found.add(path, 0, "", "%s", reason(err))
		return false
	}
	digest := sha256.New()
	text := bufio.NewReaderSize(io.TeeReader(file, digest), 1<<16)
	header, more, _ := strings.Cut(strings.TrimSuffix(header, "]"), "[,")
	r := row{file: path, header: strings.Split(header, ","), more: more, found: l.found, texts: l.texts, most: most}
	readable := rows(text, &r, each)
	l.digests = append(l.digests, fmt.Sprintf("%x  %s\n", digest.Sum(nil), role))
	return readable
}

// countLines says how many lines the file has, so that room for its rows is made once, and goes back to its start.
func countLines(file *os.File) (n int, err error) {
	block := make([]byte, 1<<16)
	for {
		k, err := file.Read(block)
		n += bytes.Count(block[:k], []byte{'\n'})
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0, err
		}
	}
	_, err = file.Seek(0, io.SeekStart)
	return n, err
}

// reason is err without the path, which the problem names already.
func reason(err error) string {
	var at *os.PathError
	if errors.As(err, &at) {
		return fmt.Sprintf("cannot be read: %v", at.Err)
	}
	return err.Error()
}

// rows reads text, checks its header against r's and calls each for every complete row with r set
// to it. False means that the header is wrong.
func rows(text *bufio.Reader, r *row, each func(*row)) bool {
	if start, err := text.Peek(3); err == nil && bytes.Equal(start, []byte("\ufeff")) {
		text.Discard(3) //nolint:errcheck // three bytes were peeked
	}
	records := csv.NewReader(text)
	records.FieldsPerRecord = -1
	records.ReuseRecord = true
	head, err := records.Read()
	if !r.isHeader(head, err) {
		return false
	}
	for {
		cells, err := records.Read()
		if err == io.EOF {
			return true
		}
		if !r.take(records, cells, err) {
			if unreadable(err) {
				return true
			}
			continue
		}
		each(r)
	}
}

// unreadable tells a failing disk, after which there is no next row, from a broken row.
func unreadable(err error) bool {
	var syntax *csv.ParseError
	return err != nil && !errors.As(err, &syntax)
}

func (r *row) isHeader(head []string, err error) bool {
	want := strings.Join(r.header, ",")
	if err != nil {
		r.found.add(r.file, 1, "", "no header: want %s", want)
		return false
	}
	if r.more != "" && slices.Equal(head, append(r.header[:len(r.header):len(r.header)], strings.Split(r.more, ",")...)) {
		r.header = slices.Clone(head)
	}
	if !slices.Equal(head, r.header) {
		r.found.add(r.file, 1, "", "header is %s: want exactly %s", quote(strings.Join(head, ",")), want)
		return false
	}
	return true
}

// take sets r to the record and says whether it can be used.
func (r *row) take(records *csv.Reader, cells []string, err error) bool {
	var syntax *csv.ParseError
	switch {
	case errors.As(err, &syntax):
		r.found.add(r.file, syntax.StartLine, "", "not CSV: %v", syntax.Err)
		return false
	case err != nil:
		r.found.add(r.file, 0, "", "%s", reason(err))
		return false
	}
	r.line, _ = records.FieldPos(0)
	if len(cells) != len(r.header) {
		r.found.add(r.file, r.line, "", "%d cells: want %d (%s)", len(cells), len(r.header), strings.Join(r.header, ","))
		return false
	}
	r.cells, r.next = cells, 0
	return true
}
