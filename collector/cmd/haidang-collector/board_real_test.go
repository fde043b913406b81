//go:build real

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"golang.org/x/crypto/bcrypt"
)

// screen is a browser that shows the board of a running collector.
type screen struct {
	t      *testing.T
	ctx    context.Context
	site   *started
	mu     sync.Mutex
	errors []string
}

const boardPassword = "đèn biển canh đêm"

// withUsers gives the shipped configuration an operator who sees all.
func withUsers(t *testing.T) map[string]func(string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(boardPassword), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]func(string) string{"users.yaml": func(string) string {
		return "users:\n  - {name: lan, role: operator, password: '" + string(hash) + "'}\n"
	}}
}

func newScreen(t *testing.T, s *started) *screen {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	// The browser's folder is chromedp's: children of Chromium that outlive it write into it, which is no fault of the test.
	alloc, stop := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(program),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true), chromedp.WSURLReadTimeout(patience))
	t.Cleanup(stop)
	ctx, cancel := context.WithTimeout(alloc, 3*patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &screen{t: t, ctx: ctx, site: s}
	b.do(chromedp.EmulateViewport(1600, 1000), chromedp.Navigate(s.url+"/"))
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			b.mu.Lock()
			b.errors = append(b.errors, m.String())
			b.mu.Unlock()
		}
	}()
	return b
}

func (b *screen) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// wait waits until an expression is true in the page, whatever pages come and go meanwhile.
func (b *screen) wait(expression string) {
	b.t.Helper()
	deadline, tick := time.NewTimer(patience), time.NewTicker(20*time.Millisecond)
	defer deadline.Stop()
	defer tick.Stop()
	for {
		if ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("Boolean("+expression+")")); err == nil && ok {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href + ' ' + document.body.innerText"))
			b.t.Fatalf("waited %v in vain for %s in\n%s %v", patience, expression, text, err)
		}
	}
}

func (b *screen) text(expression string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return s
}

// shot writes a picture into the folder BOARD_PICTURES, if it is set.
func (b *screen) shot(name string) {
	b.t.Helper()
	dir := os.Getenv("BOARD_PICTURES")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *screen) login() {
	b.t.Helper()
	b.wait(`location.pathname === "/login"`)
	b.do(chromedp.SendKeys(chromedp.CSS("#name"), "lan"), chromedp.SendKeys(chromedp.CSS("#password"), boardPassword), chromedp.Click(chromedp.CSS("form.login button")))
	b.wait(`document.body.classList.contains("live") && document.getElementById("verdict")`)
}

// quiet ends the test if the page complained about anything, its policy included.
func (b *screen) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.errors) > 0 {
		b.t.Errorf("the browser's console: %s", strings.Join(b.errors, "\n"))
	}
}

// poll writes three polls of a device, the last of them some seconds ago. What they say holds for some minutes: browsers may
// be slow.
func (s *started) poll(device string, last int64, up bool) {
	s.t.Helper()
	var lines strings.Builder
	for at := last - 600; at <= last; at += 300 {
		fmt.Fprintf(&lines, "reach,device=%s,method=snmp up=%t,interval_s=300i %d000000000\n", device, up, at)
	}
	if status, text := s.do("POST", "/api/v2/write", "token-of-agent-0123456789", lines.String()); status != 204 {
		s.t.Fatal(status, text)
	}
}

// An operator's evening in a real browser: logs in, sees an alarm arrive without touching anything, takes it
// with two keys, reads it in English, finds a province, and opens last month's scorecard.
func TestBoardInChromium(t *testing.T) {
	c := call{files(t, withUsers(t))}
	s := start(t, c.file)
	s.until("/-/ready", anything)
	if out, err := c.run("scorecard", "publish", "--month", "2025-10", "--by", "Trưởng ca"); err != nil {
		t.Fatal(out, err)
	}
	s.poll("hni-olt-cgy1", time.Now().Unix()-900, true)
	b := newScreen(t, s)
	b.shot("login")
	b.login()
	b.measure()
	b.alarmArrives()
	b.language()
	b.keys()
	b.restarted(c.file)
	b.searches()
	b.scorecards()
	b.everyWidth()
	b.quiet()
	b.loggedOut(c.file)
}

// measure says what the first page costs, and holds its size against the budget.
func (b *screen) measure() {
	b.t.Helper()
	b.wait(`performance.getEntriesByName("first-contentful-paint").length > 0`)
	b.t.Log("the first page:", b.text(`(() => {
		const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
		window.transferred = all.reduce((n, e) => n + e.encodedBodySize, 0);
		return window.transferred + " bytes, " + all.reduce((n, e) => n + e.transferSize, 0) + " of them anew, in " + all.length + " requests, first paint after " + Math.round(performance.getEntriesByName("first-contentful-paint")[0].startTime) + " ms";
	})()`))
	b.wait(`window.transferred > 20000 && window.transferred < 300000`)
}

func (b *screen) alarmArrives() {
	b.t.Helper()
	b.text(`window.same = "page"`)
	b.wait(`document.querySelector("#alarms tbody") === null || !document.querySelector("#alarms").textContent.includes("hni-olt-cgy1")`)
	failed := time.Now()
	b.site.poll("hni-olt-cgy1", failed.Unix()-10, false)
	b.wait(`[...document.querySelectorAll("#alarms tbody tr")].some((r) => r.textContent.includes("hni-olt-cgy1"))`)
	b.t.Logf("from the write request to the row on the screen: %d ms", time.Since(failed).Milliseconds())
	b.wait(`window.same === "page" && document.title.startsWith("(")`)
	b.shot("alarm")
	for range 10 { // down to the row of the device
		b.do(chromedp.KeyEvent("j"))
		if b.text(`document.activeElement.textContent`) != "" && strings.Contains(b.text(`document.activeElement.textContent`), "hni-olt-cgy1") {
			break
		}
	}
	b.do(chromedp.KeyEvent("a"))
	b.wait(`[...document.querySelectorAll("#alarms tbody tr")].some((r) => r.textContent.includes("hni-olt-cgy1") && r.querySelector(".who strong")?.textContent === "lan")`)
	b.wait(`window.same === "page"`)
	b.do(chromedp.KeyEvent("?"))
	b.wait(`document.querySelector("dialog#keys[open]")`)
	b.do(chromedp.KeyEvent("\u001b"))
	b.wait(`!document.querySelector("dialog[open]")`)
}

// keys walks through the list and the pages without a mouse.
func (b *screen) keys() {
	b.t.Helper()
	focused := `document.activeElement.closest("table.alarms tr[id]")?.rowIndex || 0`
	b.do(chromedp.KeyEvent("j"))
	b.wait(focused + ` > 0`)
	at := b.text(`String(` + focused + `)`)
	b.do(chromedp.KeyEvent("j"), chromedp.KeyEvent("k"))
	b.wait(focused + ` > 0 && ` + focused + ` <= ` + at)
	b.do(chromedp.KeyEvent("\r"))
	b.wait(`location.pathname.startsWith("/alarm/") && document.body.classList.contains("live")`)
	b.do(chromedp.KeyEvent("w"))
	b.wait(`location.pathname === "/wall" && document.documentElement.dataset.theme === "dark" && document.body.classList.contains("live") && !document.querySelector("main button.take")`)
	b.do(chromedp.KeyEvent("h"))
	b.wait(`location.pathname === "/" && document.body.classList.contains("live")`)
	b.do(chromedp.KeyEvent("\t"))
	b.wait(`document.activeElement.classList.contains("skip")`)
	b.do(chromedp.KeyEvent("\r"))
	b.wait(`location.hash === "#main"`)
}

// restarted sees the page survive a restart of the collector: it says that it is not connected, comes back by itself, and
// nobody has to log in.
func (b *screen) restarted(file string) {
	b.t.Helper()
	b.quiet()
	b.text(`window.same = "page"`)
	address := b.site.c.listener.Addr().String()
	if err := b.site.stop(); err != nil && !errors.Is(err, context.Canceled) {
		b.t.Fatal(err)
	}
	b.wait(`document.body.classList.contains("off")`)
	*b.site = *startAt(b.t, file, address)
	b.site.until("/-/ready", anything)
	b.wait(`window.same === "page" && document.body.classList.contains("live") && document.getElementById("verdict")`)
	b.do(chromedp.Navigate(b.site.url + "/"))
	b.wait(`location.pathname === "/" && document.body.classList.contains("live")`)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.errors = nil // that nobody answered for a while
}

func (b *screen) language() {
	b.t.Helper()
	b.wait(`document.documentElement.lang === "vi" && document.body.textContent.includes("Tổng quan")`)
	b.do(chromedp.Click(chromedp.CSS("#lang")))
	b.wait(`document.documentElement.lang === "en" && document.body.textContent.includes("Overview") && document.body.classList.contains("live")`)
	b.do(chromedp.Click(chromedp.CSS("#lang")))
	b.wait(`document.documentElement.lang === "vi" && document.body.classList.contains("live")`)
}

func (b *screen) searches() {
	b.t.Helper()
	b.do(chromedp.KeyEvent("/"))
	b.wait(`document.activeElement.id === "q"`)
	b.do(chromedp.KeyEvent("da nang\r"))
	b.wait(`location.pathname === "/province/48" && document.querySelector("h1")?.textContent === "Đà Nẵng"`)
}

func (b *screen) scorecards() {
	b.t.Helper()
	for format, magic := range map[string]string{"xlsx": "PK", "pdf": "%PDF", "csv": "", "json": "{"} {
		got := b.text(fmt.Sprintf(`fetch(document.querySelector('#main a[href$="48.vi.%s"]').href).then((r) => r.status === 200 ? r.arrayBuffer() : null)
			.then((a) => a && a.byteLength > 500 ? String.fromCharCode(...new Uint8Array(a.slice(0, 4))) : "nothing")`, format))
		if got == "nothing" || !strings.HasPrefix(got, magic) {
			b.t.Errorf("the scorecard as %s begins with %q", format, got)
		}
	}
	b.do(chromedp.Click(chromedp.CSS(`#main a[href$="48.vi.html"]`)))
	b.wait(`document.querySelector("h1")?.textContent.includes("Đà Nẵng") && location.pathname.endsWith("48.vi.html")`)
	b.shot("scorecard")
}

// loggedOut sees the page of somebody with a new password go to the login by itself, and come back.
func (b *screen) loggedOut(file string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.site.url + "/alarms"))
	b.wait(`document.body.classList.contains("live")`)
	users := withUsers(b.t)["users.yaml"]("")
	if err := os.WriteFile(filepath.Join(filepath.Dir(file), "users.yaml"), []byte(users), 0o600); err != nil {
		b.t.Fatal(err)
	}
	if status, text := b.site.do("POST", "/-/reload", "token-of-operator-0123456789", ""); status != 200 {
		b.t.Fatal(status, text)
	}
	b.wait(`location.pathname === "/login" && location.search === "?next=%2Falarms"`)
	b.do(chromedp.SendKeys(chromedp.CSS("#name"), "lan"), chromedp.SendKeys(chromedp.CSS("#password"), boardPassword+"\r"))
	b.wait(`location.pathname === "/alarms" && document.body.classList.contains("live")`)
}

// everyWidth looks at every page in every dress: nothing may stick out at the side.
func (b *screen) everyWidth() {
	b.t.Helper()
	for _, width := range []int64{1600, 1024, 375} {
		for name, path := range map[string]string{"home": "/", "map": "/?kpi=sys-olt-gpon", "wall": "/wall", "province": "/province/01", "device": "/device/hni-olt-cgy1", "composite": "/composite/ring-north", "nation": "/province/vn",
			"alarms": "/alarms", "alarm": "/alarm/1", "maintenance": "/maintenance", "shift": "/shift", "scorecards": "/scorecards", "search": "/search?q=hni"} {
			for _, theme := range []string{"light", "dark"} {
				b.do(chromedp.EmulateViewport(width, 1000), chromedp.Navigate(b.site.url+path+map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]+"theme="+theme))
				b.wait(`document.fonts.status === "loaded" && document.getElementById("fresh")`)
				if out := b.text(`String(document.documentElement.scrollWidth - innerWidth)`); out != "0" {
					b.t.Errorf("%s at %d: %s pixels stick out", path, width, out)
				}
				b.shot(fmt.Sprintf("%s-%d-%s", name, width, theme))
			}
		}
	}
}
