package board

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/board/words"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/principal"
)

//go:embed pages/*.html
var pageFiles embed.FS

// pages are the templates in each language.
type pages struct {
	vi, en *words.Words
	sets   map[string]*template.Template
	assets string
}

func parsePages(assets string, vi, en *words.Words) (*pages, error) {
	p := &pages{vi: vi, en: en, sets: map[string]*template.Template{}, assets: assets}
	for _, w := range []*words.Words{vi, en} {
		t, err := template.New(w.Lang).Funcs(functions(w)).ParseFS(pageFiles, "pages/*.html")
		if err != nil {
			return nil, err
		}
		p.sets[w.Lang] = t
	}
	return p, nil
}

// functions are what templates may call.
func functions(w *words.Words) template.FuncMap {
	return template.FuncMap{
		"t": w.Say, "count": w.Count, "percent": w.Percent, "ratio": w.Ratio, "permille": w.PerMille, "span": w.Span, "seconds": w.Seconds,
		"decimal": w.Decimal, "stamp": w.Stamp, "moment": w.Moment, "units": w.Units, "clock": w.Clock, "capacity": w.Capacity, "fraction": w.Fraction, "upper": strings.ToUpper, "class": classNames,
		"count64": func(n int64) string { return w.Count(int(n)) },
		"say":     func(key string, args []any) string { return w.Say(key, args...) },
		"name":    func(n names) string { return n.in(w) },
		"list":    func(operator bool, rows []row) alarmList { return alarmList{operator, rows} },
		"part":    func(title string, rows []windowRow) windowList { return windowList{title, rows} },
		"kinds":   func() []string { return []string{"device", "site", "province", "system", "link", "composite"} },
		"rfc":     func(sec int64) string { return time.Unix(sec, 0).In(model.Local).Format(time.RFC3339) },
		"hour":    func(sec int64) string { return time.Unix(sec, 0).In(model.Local).Format("15:04") },
		"times":   func(a, b int) int { return a * b },
		"plus":    func(a, b int) int { return a + b },
		"minus":   func(a, b int) int { return a - b },
		"minus64": func(a, b int64) int64 { return a - b },
	}
}

// alarmList is a list of alarms and whether its reader may act on them.
type alarmList struct {
	Operator bool
	Rows     []row
}

// windowList is a list of maintenance windows under its title.
type windowList struct {
	Title   string
	Windows []windowRow
}

// names are how people of each language call a thing.
type names struct{ VI, EN string }

func (n names) in(w *words.Words) string {
	if w.Lang == words.English {
		return n.EN
	}
	return n.VI
}

// frame is what every page has around its own data.
type frame struct {
	Lang, Theme string
	Assets      string
	Title       string
	Path        string // of this page, with its query, but for language and theme
	Page        string // the template's name
	Wall        bool
	Who         *principal.Principal
	Operator    bool
	Approver    bool
	Now, At     int64 // At: of the KPIs; 0: none yet
	Data        any
}

// show writes a page.
func (b *Board) show(v *visit, status int, page, title string, data any) error {
	f := frame{Lang: v.words.Lang, Theme: v.theme, Assets: b.pages.assets, Title: title, Path: v.here(), Page: page, Who: v.who, Now: b.Now().Unix(), Data: data}
	if v.who != nil {
		f.Operator, f.Approver = v.who.Role.Covers(principal.Operator), v.who.Role.Covers(principal.Approver)
	}
	if r := b.Latest(); r != nil {
		f.At = r.At.Unix()
	}
	if h, ok := data.(*homePage); ok && h.Wall {
		f.Wall, f.Theme = true, "dark"
	}
	var out bytes.Buffer
	if err := b.pages.sets[f.Lang].ExecuteTemplate(&out, page+".html", f); err != nil {
		return fmt.Errorf("page %s: %w", page, err)
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(out.Bytes()) // a browser that has gone needs no answer
	return nil
}

// here is the page's own address, to come back to in another language.
func (v *visit) here() string {
	if v.r.Method != http.MethodGet {
		return "/"
	}
	return v.r.URL.RequestURI()
}

// Switch is this page's address with one more thing chosen.
func (f frame) Switch(name, value string) (string, error) {
	u, err := url.Parse(f.Path)
	if err != nil {
		return "", err
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String(), nil
}
