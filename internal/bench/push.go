package bench

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/haidang-noc/haidang/internal/bench/load"
	"github.com/haidang-noc/haidang/internal/point"
)

// The forms of a body.
const (
	plain = "identity"
	gzipd = "gzip"
	zstd  = "zstd"
)

// encode is the requests with bodies of that form. It is done before anything is measured.
func encode(requests []load.Request, encoding string) ([]load.Request, error) {
	pack, err := encoder(encoding)
	if err != nil {
		return nil, err
	}
	out := make([]load.Request, len(requests))
	for i, r := range requests {
		if r.Text, err = pack(r); err != nil {
			return nil, err
		}
		out[i] = r
	}
	return out, nil
}

func encoder(encoding string) (func(load.Request) ([]byte, error), error) {
	switch encoding {
	case zstd:
		p, err := point.NewPacker()
		return func(r load.Request) ([]byte, error) {
			err := p.Add(r.Text, r.Lines)
			return p.Take().Frames, err
		}, err
	case gzipd:
		return func(r load.Request) ([]byte, error) { return gzipped(r.Text) }, nil
	}
	return func(r load.Request) ([]byte, error) { return r.Text, nil }, nil
}

func gzipped(text []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, 3)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// connections is how many requests are under way at a time.
const connections = 2

// push sends all requests and returns when all are answered with success, or at the first that is not.
func push(url, encoding string, requests []load.Request) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}, Timeout: patience}
	defer client.CloseIdleConnections()
	next := make(chan load.Request)
	errs := make(chan error, connections) // each sender ends with its first
	var senders sync.WaitGroup
	for range connections {
		senders.Go(func() {
			for r := range next {
				if err := send(client, url, encoding, r); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	for _, r := range requests {
		select {
		case next <- r:
			continue
		case err := <-errs:
			errs <- err
		}
		break
	}
	close(next)
	senders.Wait()
	close(errs)
	return <-errs
}

// send posts one request, again if the server asks for that.
func send(client *http.Client, url, encoding string, r load.Request) error {
	for try := 0; ; try++ {
		status, text, err := post(client, url, encoding, r)
		switch {
		case err != nil:
			return fmt.Errorf("push: %w", err)
		case status/100 == 2:
			return nil
		case status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable || try == 200:
			return fmt.Errorf("push: %s: %d: %.200s", url, status, text)
		}
		<-time.After(50 * time.Millisecond)
	}
}

func post(client *http.Client, url, encoding string, r load.Request) (status int, text []byte, err error) {
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(r.Text))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Token "+load.Token(r.Sender))
	req.Header.Set("Haidang-Batch", load.Batch(r))
	if encoding != plain {
		req.Header.Set("Content-Encoding", encoding)
	}
	answer, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(answer.Body)
	return answer.StatusCode, text, err
}
