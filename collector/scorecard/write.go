package scorecard

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/haidang-noc/haidang/collector/scorecard/html"
	"github.com/haidang-noc/haidang/collector/scorecard/pdf"
	"github.com/haidang-noc/haidang/collector/scorecard/report"
	"github.com/haidang-noc/haidang/collector/scorecard/xlsx"
)

// The formats of Options.
const (
	JSON = "json"
	CSV  = "csv"
	CSVX = "excel.csv" // CSV as Excel opens it
	XLSX = "xlsx"
	PDF  = "pdf"
	HTML = "html"
)

// Options say what Write renders.
type Options struct {
	Province string                // only this unit's document; vn: only the nation's; empty: all
	Formats  []string              // xlsx, pdf, html, csv, excel.csv, json; empty: json
	Langs    []string              // vi, en, for all but JSON; empty: vi
	Progress func(done, total int) // called from several goroutines after each file; may be nil
}

// JSON is the canonical form: the keys in the order of Document, two spaces of indent, UTF-8 in
// NFC, one newline at the end. What the store publishes and compares is these bytes.
func (d *Document) JSON() ([]byte, error) { return canonical(d.Name(), d) }

// Name is the name of the document's files, without what tells the format.
func (d *Document) Name() string {
	return fmt.Sprintf("scorecard-%s-%s-%s", d.Month, d.Scope.Code, d.Scope.Slug)
}

// file is one rendering of a document.
type file struct {
	name string
	text func() ([]byte, error)
}

// files are the renderings that the options ask for. nation is the month's national document.
func (d *Document) files(o Options, nation *Document) ([]file, error) {
	var files []file
	for _, format := range o.Formats {
		if format == JSON {
			files = append(files, file{d.Name() + ".json", d.JSON})
			continue
		}
		render, ok := renderer(format)
		if !ok {
			return nil, fmt.Errorf("scorecard: format %q: want xlsx, pdf, html, csv, excel.csv or json", format)
		}
		for _, lang := range o.Langs {
			files = append(files, file{d.Name() + "." + lang + "." + format, func() ([]byte, error) { return render(d, lang, nation) }})
		}
	}
	return files, nil
}

// renderer finds the renderer of a format that is written in a language.
func renderer(format string) (render func(d *Document, lang string, nation *Document) ([]byte, error), ok bool) {
	switch format {
	case CSV:
		return func(d *Document, lang string, _ *Document) ([]byte, error) { return d.CSV(lang) }, true
	case CSVX:
		return func(d *Document, lang string, _ *Document) ([]byte, error) { return d.ExcelCSV(lang) }, true
	case XLSX:
		return reported(xlsx.Render), true
	case PDF:
		return reported(pdf.Render), true
	case HTML:
		return reported(html.Render), true
	}
	return nil, false
}

// reported makes a renderer of reports one of documents.
func reported(render func(*report.Report) ([]byte, error)) func(*Document, string, *Document) ([]byte, error) {
	return func(d *Document, lang string, nation *Document) ([]byte, error) {
		r, err := d.Report(lang, nation)
		if err != nil {
			return nil, err
		}
		out, err := render(r)
		if err != nil {
			return nil, fmt.Errorf("scorecard: %s: %w", d.Name(), err)
		}
		return out, nil
	}
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

// Write renders a month's documents, the nation's first, into dir, which it creates. It returns the
// files that stand there now; the error tells every file that does not. A file appears whole or not
// at all.
func Write(dir string, docs []*Document, o Options) ([]string, error) {
	files, err := render(docs, o)
	if err != nil {
		return nil, err
	}
	return writeFiles(dir, files, o.Progress)
}

func writeFiles(dir string, files []file, progress func(done, total int)) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // scorecards are made to be handed on
		return nil, fmt.Errorf("scorecard: %w", err)
	}
	failed := writeAll(dir, files, progress)
	var written []string
	for i, f := range files {
		if failed[i] == nil {
			written = append(written, filepath.Join(dir, f.name))
		}
	}
	return written, errors.Join(failed...)
}

// atOnce is how many files are under way at a time: each waits for the disk in the end. Rendering
// needs memory and a core, so only as many as there are cores do that.
const atOnce = 16

func writeAll(dir string, files []file, progress func(done, total int)) []error {
	failed := make([]error, len(files))
	slots, cores := make(chan struct{}, atOnce), make(chan struct{}, runtime.GOMAXPROCS(0))
	var writers sync.WaitGroup
	var done atomic.Int64
	for i, f := range files {
		slots <- struct{}{}
		writers.Go(func() {
			failed[i] = f.write(dir, cores)
			if n := done.Add(1); progress != nil {
				progress(int(n), len(files))
			}
			<-slots
		})
	}
	writers.Wait()
	return failed
}

// render lists the files to write; each makes its text only when it is written.
func render(docs []*Document, o Options) ([]file, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if len(docs) == 0 {
		return nil, errors.New("scorecard: no documents to write")
	}
	var files []file
	for _, d := range docs {
		if o.Province != "" && o.Province != d.Scope.Code {
			continue
		}
		more, err := d.files(o, docs[0])
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("scorecard: province %q: want a unit's code of %s, or %s", o.Province, docs[0].Month, Nation)
	}
	return files, nil
}

// write renders into a temporary file in dir and renames it, so that a crash or a full disk leaves
// the old file.
func (f file) write(dir string, cores chan struct{}) (err error) {
	cores <- struct{}{}
	text, err := f.text()
	<-cores
	if err != nil {
		return err
	}
	path := filepath.Join(dir, f.name)
	temp, err := os.CreateTemp(dir, ".scorecard-*")
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
