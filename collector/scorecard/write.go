package scorecard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/text/unicode/norm"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// The formats of Options.
const (
	JSON = "json"
	CSV  = "csv"
)

// Options say what Write renders.
type Options struct {
	Inventory *model.Inventory // the one the result was computed with
	Revision  int              // 0: provisional
	Province  string           // only this unit's document; vn: only the nation's; empty: all
	Formats   []string         // json, csv; empty: json
	Langs     []string         // vi, en, for CSV; empty: vi
}

// JSON is the canonical form: the keys in the order of Document, two spaces of indent, UTF-8 in
// NFC, one newline at the end. What the store publishes and compares is these bytes.
func (d *Document) JSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		return nil, fmt.Errorf("scorecard: %s: %w", d.Name(), err)
	}
	return norm.NFC.Bytes(b.Bytes()), nil
}

// Name is the name of the document's files, without what tells the format.
func (d *Document) Name() string {
	return fmt.Sprintf("scorecard-%s-%s-%s", d.Month, d.Scope.Code, d.Scope.Slug)
}

// file is one rendering of a document.
type file struct {
	name string
	text func() ([]byte, error)
}

// files are the renderings that the options ask for.
func (d *Document) files(o Options) ([]file, error) {
	var files []file
	for _, format := range o.Formats {
		switch format {
		case JSON:
			files = append(files, file{d.Name() + ".json", d.JSON})
		case CSV:
			for _, lang := range o.Langs {
				files = append(files, file{d.Name() + "." + lang + ".csv", func() ([]byte, error) { return d.CSV(lang) }})
			}
		default:
			return nil, fmt.Errorf("scorecard: format %q: want json or csv", format)
		}
	}
	return files, nil
}

// withDefaults fills what may be left out and checks the languages before anything is written.
func (o Options) withDefaults() (Options, error) {
	if len(o.Formats) == 0 {
		o.Formats = []string{JSON}
	}
	if len(o.Langs) == 0 {
		o.Langs = []string{Vietnamese}
	}
	for _, lang := range o.Langs {
		if _, ok := wordsOf(lang); !ok {
			return o, fmt.Errorf("scorecard: language %q: want vi or en", lang)
		}
	}
	return o, nil
}

// Write renders the month's scorecards into dir, which it creates. It returns the files that stand
// there now; the error tells every file that does not. A file appears whole or not at all.
func Write(dir string, result *kpi.MonthResult, o Options) ([]string, error) {
	files, err := render(result, o)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // scorecards are made to be handed on
		return nil, fmt.Errorf("scorecard: %w", err)
	}
	failed := make([]error, len(files))
	var writers sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i, f := range files {
		slots <- struct{}{}
		writers.Go(func() {
			failed[i] = f.write(filepath.Join(dir, f.name))
			<-slots
		})
	}
	writers.Wait()
	var written []string
	for i, f := range files {
		if failed[i] == nil {
			written = append(written, filepath.Join(dir, f.name))
		}
	}
	return written, errors.Join(failed...)
}

// atOnce is how many files are written at a time: each waits for the disk.
const atOnce = 16

// render lists the files to write; each makes its text only when it is written.
func render(result *kpi.MonthResult, o Options) ([]file, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	var files []file
	for _, d := range Build(result, o.Inventory, o.Revision) {
		if o.Province != "" && o.Province != d.Scope.Code {
			continue
		}
		more, err := d.files(o)
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("scorecard: province %q: want a unit's code of %s, or %s", o.Province, result.Month, Nation)
	}
	return files, nil
}

// write renders into a temporary file beside path and renames it, so that a crash or a full disk
// leaves the old file.
func (f file) write(path string) (err error) {
	text, err := f.text()
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".scorecard-*")
	if err != nil {
		return fmt.Errorf("scorecard: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("scorecard: %s: %w", path, errors.Join(err, os.Remove(temp.Name())))
		}
	}()
	_, err = temp.Write(text)
	if err = errors.Join(err, temp.Chmod(0o644), temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
