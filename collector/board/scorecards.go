package board

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/scorecard/html"
	"github.com/haidang-noc/haidang/collector/scorecard/pdf"
	"github.com/haidang-noc/haidang/collector/scorecard/xlsx"
	"github.com/haidang-noc/haidang/collector/store"
)

// publication is one published scorecard that the caller may fetch.
type publication struct {
	Month    string
	Revision int
	At       int64
	By       string
	Digest   string
	Last     bool // of its month
	Scopes   []scopeName
	Formats  []string
}

type scopeName struct {
	Code  string
	Names names
}

// formats are those in which a scorecard can be had.
func formats() []string { return []string{"xlsx", "pdf", "html", "csv", "json"} }

// scorecardsPage lists every publication.
type scorecardsPage struct{ Cards []publication }

func (b *Board) scorecards(v *visit) error {
	list, err := b.published(v, "")
	if err != nil {
		return err
	}
	return b.show(v, http.StatusOK, "scorecards", v.words.Say("scorecards.title"), scorecardsPage{list})
}

// published lists the publications with the scopes that the caller sees, or only one of them; the newest
// first.
func (b *Board) published(v *visit, scope string) ([]publication, error) {
	all, err := b.Store.History(v.r.Context(), "")
	if err != nil {
		return nil, err
	}
	var out []publication
	for i, p := range all {
		x := publication{Month: p.Month, Revision: p.Revision, At: p.PublishedAt, By: p.PublishedBy, Formats: formats(),
			Last: i+1 == len(all) || all[i+1].Month != p.Month}
		for _, c := range p.Scorecards {
			if (scope == "" || c.Scope == scope) && v.who.MaySee(provinceOf(c.Scope)) {
				x.Scopes = append(x.Scopes, scopeName{c.Scope, b.scopeNames(c.Scope)})
				x.Digest = c.Digest
			}
		}
		if len(x.Scopes) > 0 {
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b publication) int {
		return cmp.Or(cmp.Compare(b.Month, a.Month), cmp.Compare(b.Revision, a.Revision))
	})
	return out, nil
}

func (b *Board) scopeNames(code string) names {
	if r := b.Latest(); r != nil {
		return provinceNames(r, provinceOf(code))
	}
	return names{code, code}
}

// provinceOf is the province of a scope: none for the nation.
func provinceOf(scope string) string {
	if scope == nation {
		return ""
	}
	return scope
}

// scorecard renders one published document: /scorecards/2026-10/1/48.vi.xlsx.
func (b *Board) scorecard(v *visit) error {
	month := v.r.PathValue("month")
	revision, err := strconv.Atoi(v.r.PathValue("revision"))
	parts := strings.Split(v.r.PathValue("file"), ".")
	if err != nil || revision < 1 || len(parts) != 3 || !slices.Contains(formats(), parts[2]) || parts[1] != "vi" && parts[1] != "en" {
		return refuse(http.StatusNotFound, "error.scorecard")
	}
	scope, lang, format := parts[0], parts[1], parts[2]
	if !v.who.MaySee(provinceOf(scope)) {
		return refuse(http.StatusForbidden, "error.scope", scope)
	}
	p, err := b.Store.Published(v.r.Context(), month, revision)
	if errors.Is(err, store.ErrNotPublished) {
		return refuse(http.StatusNotFound, "error.scorecard")
	}
	if err != nil {
		return err
	}
	doc, raw, err := pick(p, scope)
	if err != nil {
		return err
	}
	if doc == nil {
		return refuse(http.StatusNotFound, "error.scorecard")
	}
	name, out := fmt.Sprintf("%s.r%d.%s.%s", doc.Name(), revision, lang, format), raw
	if format != "json" {
		national, _, err := pick(p, scorecard.Nation)
		if err != nil {
			return err
		}
		if out, err = render(doc, national, lang, format); err != nil {
			return err
		}
	}
	return deliver(v, name, format, out)
}

// pick is the document of one scope, and its bytes as they were published; nil if there is none.
func pick(p store.Publication, scope string) (*scorecard.Document, []byte, error) {
	for _, c := range p.Scorecards {
		if c.Scope == scope {
			doc, err := scorecard.Parse(c.JSON)
			return doc, c.JSON, err
		}
	}
	return nil, nil, nil
}

func render(doc, national *scorecard.Document, lang, format string) ([]byte, error) {
	if format == "csv" {
		return doc.CSV(lang)
	}
	report, err := doc.Report(lang, national)
	if err != nil {
		return nil, err
	}
	switch format {
	case "xlsx":
		return xlsx.Render(report)
	case "pdf":
		return pdf.Render(report)
	}
	return html.Render(report)
}

// deliver sends a file. A scorecard in HTML has its own style inside: it is opened without the board's
// rights, as a page of nobody.
func deliver(v *visit, name, format string, text []byte) error {
	kinds := map[string]string{"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "pdf": "application/pdf",
		"html": "text/html; charset=utf-8", "csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}
	h := v.w.Header()
	h.Set("Content-Type", kinds[format])
	disposition := "attachment"
	if format == "html" {
		disposition = "inline"
	}
	h.Set("Content-Disposition", fmt.Sprintf("%s; filename=%q", disposition, name))
	if format == "html" {
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox")
	}
	_, _ = v.w.Write(text) //nolint:gosec // made by templates; a browser that has gone needs no answer
	return nil
}
