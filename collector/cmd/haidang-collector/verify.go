package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/store"
)

func verifyCommand(file *string) *cobra.Command {
	var recompute bool
	cmd := &cobra.Command{Use: "verify FILE", Short: "Say whether the JSON of a month's scorecard or a year's is what was published, or what the data say", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			v := verifier{file: *file, name: args[0], text: text, out: cmd.OutOrStdout()}
			if scorecard.IsYear(text) {
				return v.year(cmd.Context())
			}
			return v.month(cmd.Context(), recompute)
		}}
	cmd.Flags().BoolVar(&recompute, "recompute", false, "compute the numbers again, also of a published scorecard")
	return cmd
}

// verifier compares a document and says what it finds. Only one that is equal is no error.
type verifier struct {
	file, name string
	text       []byte
	out        io.Writer
}

func (v verifier) month(ctx context.Context, recompute bool) error {
	d, err := scorecard.Parse(v.text)
	if err != nil {
		return fmt.Errorf("%s: %w", v.name, err)
	}
	if d.Revision == 0 {
		return v.provisional(ctx, d)
	}
	if err := v.published(ctx, d); err != nil || !recompute {
		return err
	}
	return v.recomputed(ctx, d)
}

func (v verifier) published(ctx context.Context, d *scorecard.Document) error {
	s, err := openStore(ctx, v.file, true)
	if err != nil {
		return err
	}
	defer s.Close()
	p, err := s.Published(ctx, d.Month, d.Revision)
	if err != nil {
		return err
	}
	for _, c := range p.Scorecards {
		if c.Scope != d.Scope.Code {
			continue
		}
		published, err := scorecard.Parse(c.JSON)
		if err != nil {
			return err
		}
		return v.hold(d, published, c.JSON, fmt.Sprintf("%s revision %d as published by %s", p.Month, p.Revision, p.PublishedBy))
	}
	return fmt.Errorf("%s: %s revision %d has no scorecard of %s", v.name, p.Month, p.Revision, d.Scope.Code)
}

const dataNow = "what the data say now"

// provisional holds a scorecard that was not published against what would be written now, up to its own end. One
// for a unit set that was asked for recalls no earlier months.
func (v verifier) provisional(ctx context.Context, d *scorecard.Document) error {
	docs, err := v.compute(ctx, d)
	if err != nil {
		return err
	}
	want, err := v.of(docs, d)
	if err != nil {
		return err
	}
	text, err := want.JSON()
	if err != nil {
		return err
	}
	if !bytes.Equal(v.text, text) {
		if err := v.recall(ctx, docs); err != nil {
			return err
		}
		if text, err = want.JSON(); err != nil {
			return err
		}
	}
	return v.hold(d, want, text, dataNow)
}

func (v verifier) recall(ctx context.Context, docs []*scorecard.Document) error {
	s, err := openStore(ctx, v.file, true)
	if err != nil {
		return err
	}
	defer s.Close()
	return recall(ctx, s, docs)
}

// recomputed holds the numbers of a published scorecard against the data. What it recalls of earlier months is as it
// was published then.
func (v verifier) recomputed(ctx context.Context, d *scorecard.Document) error {
	docs, err := v.compute(ctx, d)
	if err != nil {
		return err
	}
	now, err := v.of(docs, d)
	if err != nil {
		return err
	}
	list, err := scorecard.Compare(now, d)
	if err != nil {
		return err
	}
	sources, err := scorecard.Differences(struct {
		From scorecard.Digests `json:"generated_from"`
	}{now.GeneratedFrom}, struct {
		From scorecard.Digests `json:"generated_from"`
	}{d.GeneratedFrom})
	if err != nil {
		return err
	}
	files := v.print(append(sources, list...))
	if len(list) > 0 {
		return v.differ(len(list), files, dataNow)
	}
	fmt.Fprintf(v.out, "%s: equal to %s\n", v.name, dataNow)
	return nil
}

// of is the document of the same unit.
func (v verifier) of(docs []*scorecard.Document, d *scorecard.Document) (*scorecard.Document, error) {
	for _, one := range docs {
		if one.Scope.Code == d.Scope.Code {
			return one, nil
		}
	}
	return nil, fmt.Errorf("%s: %s has no unit %s", v.name, d.Month, d.Scope.Code)
}

// compute makes the documents of the month for the units of d.
func (v verifier) compute(ctx context.Context, d *scorecard.Document) (docs []*scorecard.Document, err error) {
	until, err := v.until(d.Until)
	if err != nil {
		return nil, err
	}
	for _, units := range []string{"", d.Scope.UnitSet} {
		result, inv, err := evaluateUnits(ctx, v.file, d.Month, units, until)
		if err != nil {
			return nil, err
		}
		docs = scorecard.Build(&result, inv, 0)
		if docs[0].Scope.UnitSet == d.Scope.UnitSet {
			break
		}
	}
	return docs, nil
}

func (v verifier) until(stamp string) (int64, error) {
	t, err := time.Parse(time.RFC3339, stamp)
	if err != nil {
		return 0, fmt.Errorf("%s: until: %w", v.name, err)
	}
	return t.Unix(), nil
}

// year holds a year's document against what would be written now, up to its own end: the sums of its months, and
// what was published of them.
func (v verifier) year(ctx context.Context) error {
	y, err := scorecard.ParseYear(v.text)
	if err != nil {
		return fmt.Errorf("%s: %w", v.name, err)
	}
	until, err := v.until(y.Until)
	if err != nil {
		return err
	}
	want, err := scoreYear(ctx, v.file, y.UnitSet, y.Year, until)
	if err != nil {
		return err
	}
	text, err := want.JSON()
	if err != nil {
		return err
	}
	return v.hold(y, want, text, dataNow)
}

// hold compares the file byte for byte with what it should be, and lists what differs.
func (v verifier) hold(have, want any, text []byte, what string) error {
	if bytes.Equal(v.text, text) {
		fmt.Fprintf(v.out, "%s: equal to %s, SHA-256 %s\n", v.name, what, store.Digest(text))
		return nil
	}
	list, err := scorecard.Differences(want, have)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fmt.Errorf("%s: line %d: not the bytes of %s, although every number is equal", v.name, firstLine(v.text, text), what)
	}
	files := v.print(list)
	return v.differ(len(list)-len(files), files, what)
}

// firstLine is the first line in which two texts differ.
func firstLine(a, b []byte) int {
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	return 1 + bytes.Count(a[:same], []byte("\n"))
}

// print lists what differs, and returns which of the operator's files are not those that the document was made from.
func (v verifier) print(list []scorecard.Change) (files []string) {
	for _, c := range list {
		if name, ok := strings.CutPrefix(c.Cell, "generated_from/"); ok {
			files = append(files, name)
			fmt.Fprintf(v.out, "%s: another one, SHA-256 %q, file was made from %q\n", name, c.Before, c.After)
			continue
		}
		fmt.Fprintf(v.out, "%s: %q, file has %q\n", c.Cell, c.Before, c.After)
	}
	return files
}

func (v verifier) differ(cells int, files []string, what string) error {
	other := ""
	if len(files) > 0 {
		other = "made from other " + strings.Join(files, ", ")
	}
	switch {
	case cells == 0:
		return fmt.Errorf("%s: %s, although every number is equal to %s", v.name, other, what)
	case other == "":
		return fmt.Errorf("%s: %d cells differ from %s", v.name, cells, what)
	}
	return fmt.Errorf("%s: %w: %d cells differ from %s", v.name, errors.New(other), cells, what)
}
