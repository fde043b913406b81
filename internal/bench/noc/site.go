package noc

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/bench/proc"
)

// patience bounds every wait for the collector.
const patience = 3 * time.Minute

// site is a collector that runs, and a browser that is logged in to its board.
type site struct {
	nation
	*proc.Program
	url     string
	browser *http.Client
	dir     string
}

func start(n nation, dir, bin, configs string) (*site, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	config, err := n.files(dir, configs, address)
	if err != nil {
		return nil, err
	}
	p, err := proc.Start(dir, "collector", filepath.Join(bin, "haidang-collector"), "serve", "--config", config)
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	s := &site{nation: n, Program: p, url: "http://" + address, dir: dir, browser: &http.Client{Jar: jar, Timeout: patience}}
	if err == nil {
		err = p.Until("start", patience, func() (bool, error) { _, err := s.get("/-/ready"); return err == nil, err })
	}
	if err == nil {
		err = s.login()
	}
	if err != nil {
		p.Stop()
		return nil, err
	}
	return s, nil
}

// write sends points and returns when they are accepted.
func (s *site) write(text []byte) error {
	q, err := http.NewRequest(http.MethodPost, s.url+"/api/v2/write", bytes.NewReader(text))
	if err != nil {
		return err
	}
	q.Header.Set("Authorization", "Token "+token)
	_, err = s.do(http.DefaultClient, q)
	return err
}

func (s *site) login() error {
	q, err := http.NewRequest(http.MethodPost, s.url+"/login", strings.NewReader(url.Values{"name": {user}, "password": {password}}.Encode()))
	if err != nil {
		return err
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, err = s.do(s.browser, q)
	return err
}

// get reads a page as the browser does, or an API's answer.
func (s *site) get(path string) (string, error) {
	q, err := http.NewRequest(http.MethodGet, s.url+path, nil)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(path, "/api/") {
		q.Header.Set("Authorization", "Token "+token)
	}
	return s.do(s.browser, q)
}

func (s *site) do(c *http.Client, q *http.Request) (string, error) {
	answer, err := c.Do(q)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("%s: %s: %.200s", q.URL.Path, answer.Status, text)
	}
	return string(text), err
}

// watch follows /live as the board does: upon news it fetches the page, at most twice a second. Of each page it
// tells which of the names that were asked for have come.
func (s *site) watch(ctx context.Context, page string, shown func(text string, at time.Time)) error {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/live", nil)
	if err != nil {
		return err
	}
	answer, err := (&http.Client{Jar: s.browser.Jar}).Do(q)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	news := make(chan struct{}, 1)
	go func() {
		defer close(news)
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if lines.Text() == "event: news" {
				select {
				case news <- struct{}{}:
				default:
				}
			}
		}
	}()
	for range news {
		text, err := s.get(page)
		if err != nil {
			return errors.Join(err, ctx.Err())
		}
		shown(text, time.Now())
		select {
		case <-time.After(500 * time.Millisecond): // what live.js waits
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}
