package noc

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/chromedp/chromedp"
)

// costs is what the browser has loaded and when it has painted first.
const costs = `(() => {
	const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
	const paint = performance.getEntriesByName("first-contentful-paint")[0];
	return [paint ? paint.startTime : -1, all.reduce((n, e) => n + e.encodedBodySize, 0), all.length].join(" ");
})()`

// paint opens the board in headless Chromium, with nothing in its cache, and asks it.
func (s *site) paint() (p Paint) {
	program, err := exec.LookPath("chromium")
	if err != nil {
		return Paint{Missing: "no chromium"}
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(program), chromedp.UserDataDir(filepath.Join(s.dir, "chromium")),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun)
	defer stop()
	ctx, cancel := context.WithTimeout(alloc, patience)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	err = chromedp.Do(ctx, chromedp.EmulateViewport(1600, 1000), chromedp.Navigate(s.url+"/login"), chromedp.SendKeys(chromedp.CSS("#name"), user),
		chromedp.SendKeys(chromedp.CSS("#password"), password), chromedp.Click(chromedp.CSS("form.login button")))
	for err == nil && p.FirstMs <= 0 {
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-time.After(100 * time.Millisecond):
			text, asked := chromedp.Run(ctx, chromedp.Evaluate[string](`document.getElementById("strip") ? `+costs+` : "-1 0 0"`))
			if asked != nil {
				continue // between two pages
			}
			_, err = fmt.Sscan(text, &p.FirstMs, &p.Bytes, &p.Requests)
		}
	}
	if err != nil {
		p.Missing = err.Error()
	}
	return p
}
