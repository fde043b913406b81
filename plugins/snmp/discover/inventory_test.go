package discover

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A file that nothing changes has the same bytes; one in which a cell changes differs in that row alone, and says what it was
// told.
func TestFilesKeepTheirBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "links.csv")
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.SampledFrom([]string{"", "a", "b c", `say "x"`, "x,y", "two\nlines", "Hà Nội", " led"})
		header := strings.Split(linkHeader+rapid.SampledFrom([]string{"", ",a_members,min_links"}).Draw(t, "more"), ",")
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, len(header), len(header)), 0, 6).Draw(t, "rows")
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		w.UseCRLF = rapid.Bool().Draw(t, "crlf")
		if rapid.Bool().Draw(t, "mark") {
			text.WriteString(byteOrderMark)
		}
		if err := w.WriteAll(append([][]string{header}, rows...)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := readFile(path, linkHeader)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.text(); err != nil || !bytes.Equal(got, text.Bytes()) || f.changed() {
			t.Fatalf("%v\n%q\nbecame\n%q", err, text.Bytes(), got)
		}
		if len(rows) == 0 {
			return
		}
		i := rapid.IntRange(0, len(rows)-1).Draw(t, "row")
		f.set(f.rows[i], "class", "new")
		got, err := f.text()
		if err != nil || !f.changed() {
			t.Fatal(err)
		}
		read, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(got, []byte(byteOrderMark)))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		rows[i][f.column("class")] = "new"
		if !slices.EqualFunc(read[1:], rows, slices.Equal) {
			t.Fatalf("%q, want %q", read[1:], rows)
		}
	})
}

// Rows hold from their beginning until just before their end; dates are midnights in Việt Nam.
func TestNow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "links.csv")
	text := linkHeader + "\nalways,,,,,,,,\npast,,,,,,,,2026-10-01\nnow,,,,,,,2026-10-01,2026-10-02\nnext,,,,,,,2026-10-02T00:00:00+07:00,\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := readFile(path, linkHeader)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string][]string{
		"2026-09-30T23:59:59+07:00": {"always", "past"}, "2026-10-01T00:00:00+07:00": {"always", "now"},
		"2026-10-01T16:59:59Z": {"always", "now"}, "2026-10-01T17:00:00Z": {"always", "next"},
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := f.now(when)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]string, 0, len(rows))
		for _, r := range rows {
			got = append(got, f.get(r, "link"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", at, got, want)
		}
	}
}
