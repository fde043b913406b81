package board

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/board/words"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/maintenance"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/scorecard/explain"
)

// Every page in both languages: it is whole, it says everything in its language, it can be used without
// sight and without a mouse, and nothing in it needs more than the policy allows.
func TestPages(t *testing.T) {
	r := newRig(t)
	r.fall("r1", "r2")
	id := alarmPath(r.alarmOf("r2").ID)
	b := r.login("sếp")
	b.post(id + "/take")
	b.post(id+"/note", "text", "xem")
	b.post("/maintenance", "kind", "province", "key", "48", "start", "2026-10-07T01:00", "end", "2026-10-07T02:00", "reason", "x")
	all := []string{"/", "/wall", "/?kpi=sys-man-e", "/?kpi=class-transport", "/?kpi=coverage", "/?kpi=nonsense", "/province/48", "/province/vn", "/device/r2", "/composite/pair", "/explain", "/explain?province=48&kpi=ran", "/explain?kpi=composites&system=pair", "/alarms", "/alarms?state=all&q=r", id,
		"/shift?hours=24", "/maintenance", "/search?q=r", "/scorecards", "/audit", "/device/none"}
	for _, lang := range []string{"vi", "en"} {
		if a := b.get("/?lang=" + lang); a.status != 303 || a.header.Get("Location") != "/" {
			t.Fatalf("choosing %s: %d", lang, a.status)
		}
		for _, p := range all {
			checkPage(t, lang+" "+p, lang, b.get(p))
		}
		s := r.stranger()
		s.get("/login?lang=" + lang)
		checkPage(t, lang+" /login", lang, s.get("/login"))
	}
}

func checkPage(t *testing.T, name, lang string, a answer) {
	t.Helper()
	if a.status != 200 && !strings.HasSuffix(name, "none") {
		t.Errorf("%s: %d %s", name, a.status, a.text)
		return
	}
	h := a.header
	if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(h.Get("Content-Security-Policy"), "unsafe") ||
		h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: headers %v", name, h)
	}
	root, err := html.Parse(strings.NewReader(a.text))
	if err != nil {
		t.Fatal(err)
	}
	c := checker{t: t, name: name, ids: map[string]bool{}, count: map[string]int{}}
	c.walk(root)
	if c.lang != lang || c.count["h1"] != 1 || c.count["main"] != 1 || c.count["title"] != 1 {
		t.Errorf("%s: lang %s, %v", name, c.lang, c.count)
	}
	for _, of := range c.labelled {
		if !c.ids[of] {
			t.Errorf("%s: a label or heading of #%s, which is not there", name, of)
		}
	}
	if raw := regexp.MustCompile(`>\s*[a-z]+\.[a-z_.]+\s*<`).FindString(a.text); raw != "" {
		t.Errorf("%s: %s is no text", name, raw)
	}
}

// checker walks over a page.
type checker struct {
	t        *testing.T
	name     string
	lang     string
	ids      map[string]bool
	count    map[string]int
	labelled []string
	inLabel  int
}

func (c *checker) walk(n *html.Node) {
	if n.Type == html.ElementNode {
		c.element(n)
		if n.Data == "label" {
			c.inLabel++
			defer func() { c.inLabel-- }()
		}
	}
	for child := range n.ChildNodes() {
		c.walk(child)
	}
}

func (c *checker) element(n *html.Node) {
	if n.Namespace == "" {
		c.count[n.Data]++
	}
	attr := map[string]string{}
	for _, a := range n.Attr {
		attr[a.Key] = a.Val
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Val, "javascript:") {
			c.t.Errorf("%s: <%s %s=%q>", c.name, n.Data, a.Key, a.Val)
		}
	}
	if n.Data == "html" {
		c.lang = attr["lang"]
	}
	if id := attr["id"]; id != "" {
		if c.ids[id] {
			c.t.Errorf("%s: #%s is there twice", c.name, id)
		}
		c.ids[id] = true
	}
	if attr["for"] != "" {
		c.labelled = append(c.labelled, attr["for"])
	}
	if attr["aria-labelledby"] != "" {
		c.labelled = append(c.labelled, attr["aria-labelledby"])
	}
	switch n.Data {
	case "style":
		c.t.Errorf("%s: a style inside", c.name)
	case "script":
		if attr["src"] == "" {
			c.t.Errorf("%s: a script inside", c.name)
		}
	case "input", "select", "textarea":
		if attr["type"] != "hidden" && attr["id"] == "" && c.inLabel == 0 {
			c.t.Errorf("%s: <%s name=%s> has no label", c.name, n.Data, attr["name"])
		}
	case "button", "a":
		if strings.TrimSpace(textOf(n)) == "" {
			c.t.Errorf("%s: <%s> %v says nothing", c.name, n.Data, attr)
		}
	case "section", "nav":
		if attr["aria-label"] == "" && attr["aria-labelledby"] == "" && !hasHeading(n) {
			c.t.Errorf("%s: <%s id=%s> has no name", c.name, n.Data, attr["id"])
		}
	}
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for child := range n.ChildNodes() {
		b.WriteString(textOf(child))
	}
	return b.String()
}

func hasHeading(n *html.Node) bool {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && (d.Data == "h1" || d.Data == "h2") {
			return true
		}
	}
	return false
}

// Every word that templates and code ask for is there, and none is there for nothing.
func TestWords(t *testing.T) {
	vi, _, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	use := func(prefix string, of ...string) {
		for _, s := range of {
			used[prefix+s] = true
		}
	}
	use("grade.", good, near, bad, lost, unknown, free)
	use("severity.", "critical", "major", "minor", "warning", "indeterminate")
	use("cause.", string(alarm.DeviceDown), string(alarm.LinkDown), string(alarm.AgentLost), string(alarm.DevicesSilent), string(alarm.RedundancyLost), string(alarm.PartFailed))
	use("rule.", string(model.Series), string(model.Parallel), string(model.KofN), string(model.Ring), string(model.Capacity))
	use("state.", "unprotected")
	use("explain.", explain.KPIs()...)
	for s := kpi.Up; s <= kpi.Excluded; s++ {
		use("state.", s.String())
	}
	use("score.", good, near, bad, "all", "share", "floor.reach")
	use("target.", "growth")
	use("filter.", filterStates()...)
	use("window.kind.", "device", "site", "province", "system", "link", "composite")
	use("window.", maintenance.Proposed, maintenance.Approved, maintenance.Cancelled)
	for _, k := range []alarm.EventKind{alarm.Raised, alarm.Fell, alarm.Rose, alarm.Flaps, alarm.Beneath, alarm.Emerged, alarm.Muted, alarm.Unmuted, alarm.Reclassified,
		alarm.Acknowledged, alarm.Assigned, alarm.Noted, alarm.Ended, alarm.Counted} {
		use("event.", string(k))
	}
	use("role.", string(principal.Viewer), string(principal.Operator), string(principal.Approver), string(principal.Admin))
	use("act.", "login", "login_refused", "logout", "alarm_take", "alarm_acknowledge", "alarm_assign", "alarm_note", "window_propose", "window_approve", "window_cancel")
	for _, text := range sources(t) {
		for _, m := range regexp.MustCompile(`(?:\bt|part|Say\(|refuse\([^,()]+(?:\(\))?,|\.State =|kpi\.state"?,?|, \{)\s*"([a-z][a-z0-9]*(?:\.[a-z0-9_]+)*)"`).FindAllStringSubmatch(text, -1) {
			used[m[1]] = true
		}
		for _, m := range regexp.MustCompile(`"((?:kpi|shift|error|window)\.[a-z]+)"`).FindAllStringSubmatch(text, -1) {
			used[m[1]] = true
		}
	}
	for key := range used {
		if !vi.Has(key) {
			t.Errorf("there is no word %q", key)
		}
	}
	for _, key := range vi.Keys() {
		if !used[key] {
			t.Errorf("nobody says %q", key)
		}
	}
}

// sources are the texts of templates and code.
func sources(t *testing.T) (all []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") || !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".html") {
			return err
		}
		text, err := os.ReadFile(name)
		all = append(all, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// budget is what the first page may cost in all, in bytes transferred.
const budget = 300_000

func TestTransferSize(t *testing.T) {
	r := newRig(t)
	r.fall("r1", "r2")
	var page bytes.Buffer
	w := gzip.NewWriter(&page)
	_, err := w.Write([]byte(r.login("noc").get("/").text))
	r.Must(err)
	r.Must(w.Close())
	sum := page.Len()
	for name, f := range r.board.assets.files {
		n := len(f.plain)
		if f.packed != nil {
			n = len(f.packed)
		}
		if strings.HasSuffix(name, ".txt") {
			continue // a licence, which no page loads
		}
		sum += n
	}
	t.Logf("the first page and all that it loads: %d bytes, the page itself %d", sum, page.Len())
	if sum >= budget {
		t.Errorf("%d bytes: want less than %d", sum, budget)
	}
}

func TestAssets(t *testing.T) {
	r := newRig(t)
	b := r.stranger()
	prefix := r.board.assets.prefix()
	for _, name := range []string{"board.css", "board.js", "live.js", "icon.svg", "latin-400.woff2"} {
		a := b.get(prefix + name)
		if a.status != 200 || !strings.Contains(a.header.Get("Cache-Control"), "immutable") || a.header.Get("Etag") == "" || a.header.Get("Content-Type") == "" {
			t.Errorf("%s: %d %v", name, a.status, a.header)
		}
		if again := b.do("GET", prefix+name, map[string][]string{"If-None-Match": {a.header.Get("Etag")}, "Accept-Encoding": {"gzip"}}, ""); name == "latin-400.woff2" && again.status != 304 {
			t.Errorf("%s again: %d", name, again.status)
		}
	}
	packed := b.do("GET", prefix+"board.css", map[string][]string{"Accept-Encoding": {"gzip"}}, "")
	again := b.do("GET", prefix+"board.css", map[string][]string{"Accept-Encoding": {"gzip"}, "If-None-Match": {packed.header.Get("Etag")}}, "")
	plain := b.do("GET", prefix+"board.css", map[string][]string{"Accept-Encoding": {"identity"}}, "")
	if packed.header.Get("Content-Encoding") != "gzip" || again.status != 304 || plain.header.Get("Content-Encoding") != "" || plain.header.Get("Etag") == packed.header.Get("Etag") || len(packed.text) >= len(plain.text) {
		t.Errorf("packed %v %d, again %d, plain %v", packed.header, len(packed.text), again.status, plain.header)
	}
	if a := b.get("/assets/old/board.css"); a.status != 200 || a.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("another version: %d %s", a.status, a.header.Get("Cache-Control"))
	}
	for _, p := range []string{"nothing.js", "..%2fboard.go", "words.csv"} {
		if a := b.get(prefix + p); a.status != 404 {
			t.Errorf("%s: %d", p, a.status)
		}
	}
	files, err := fs.ReadDir(assetFiles, "assets")
	if err != nil || len(files) != len(r.board.assets.files) || !slices.ContainsFunc(files, func(f fs.DirEntry) bool { return f.Name() == "board.css" }) {
		t.Errorf("%d files, %v", len(files), err)
	}
}
