package web

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/net/html"
)

// links are the addresses of the page's pictures, scripts and style sheets, each once, at most so many.
func links(page *url.URL, text []byte, most int) []string {
	var out []string
	for z := html.NewTokenizer(bytes.NewReader(text)); len(out) < most; {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		if ref := reference(z.Token()); ref != "" {
			if u, err := page.Parse(ref); err == nil && (u.Scheme == "http" || u.Scheme == "https") && !slices.Contains(out, u.String()) {
				out = append(out, u.String())
			}
		}
	}
	return out
}

// reference is what a tag has a browser fetch; empty: nothing.
func reference(t html.Token) string {
	attribute := func(name string) string {
		for _, a := range t.Attr {
			if a.Key == name {
				return strings.TrimSpace(a.Val)
			}
		}
		return ""
	}
	switch t.Data {
	case "img", "script":
		return attribute("src")
	case "link":
		if strings.EqualFold(attribute("rel"), "stylesheet") {
			return attribute("href")
		}
	}
	return ""
}

// atOnce is how many parts are fetched at a time, as browsers do.
const atOnce = 6

// fetchParts gets all of them and counts.
func fetchParts(ctx context.Context, client *http.Client, all []string, q *quota) (fetched, failed int) {
	next := make(chan string)
	var good, bad atomic.Int64
	var workers sync.WaitGroup
	for range min(atOnce, len(all)) {
		workers.Go(func() {
			for from := range next {
				if part(ctx, client, from, q) {
					good.Add(1)
				} else {
					bad.Add(1)
				}
			}
		})
	}
	for _, from := range all {
		next <- from
	}
	close(next)
	workers.Wait()
	return int(good.Load()), int(bad.Load())
}

func part(ctx context.Context, client *http.Client, from string, q *quota) bool {
	resp, err := get(ctx, client, from)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, q.reader(resp.Body))
	return err == nil && resp.StatusCode < 400
}
