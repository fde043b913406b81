package board

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// hub tells open pages that something is new. What, they find out by fetching themselves: so nothing
// goes over a stream that its viewer may not see.
type hub struct {
	mu     sync.Mutex
	pages  map[chan struct{}]string // whose
	closed bool
}

// These bound the pages that are told at a time.
const (
	maxStreams = 1000
	perStreams = 20 // of one user
)

func newHub() *hub { return &hub{pages: map[chan struct{}]string{}} }

// join gives a user's page a channel that has something in it after each news, and is closed when the
// board ends; nil if there are too many.
func (h *hub) join(name string) chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	own := 0
	for _, other := range h.pages {
		if other == name {
			own++
		}
	}
	if h.closed || len(h.pages) >= maxStreams || own >= perStreams {
		return nil
	}
	news := make(chan struct{}, 1)
	h.pages[news] = name
	return news
}

func (h *hub) leave(news chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.pages, news)
}

// tell never waits: a page that has not fetched the last news yet will see these with it.
func (h *hub) tell() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for news := range h.pages {
		select {
		case news <- struct{}{}:
		default:
		}
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for news := range h.pages {
		close(news)
		delete(h.pages, news)
	}
}

func (h *hub) len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.pages)
}

// beat is the longest silence on a stream: proxies cut those that say nothing.
const beat = 20 * time.Second

// live is the stream of events: "news" at once and after each change. It ends with the session.
func (b *Board) live(v *visit) error {
	news := b.hub.join(v.who.Name)
	if news == nil {
		b.metrics.refused.Inc()
		return refuse(http.StatusServiceUnavailable, "error.busy")
	}
	defer b.hub.leave(news)
	v.w.Header().Set("Content-Type", "text/event-stream")
	v.w.Header().Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(v.w)
	say := func(text string) error {
		if err := out.SetWriteDeadline(time.Now().Add(beat)); err != nil {
			return err
		}
		if _, err := fmt.Fprint(v.w, text); err != nil {
			return err
		}
		return out.Flush()
	}
	defer func() { _ = out.SetWriteDeadline(time.Time{}) }() // the connection may serve more
	beats := time.NewTicker(beat)
	defer beats.Stop()
	text := "retry: 2000\nevent: hello\ndata: 1\n\n"
	for say(text) == nil && b.user(v.r) != nil {
		select {
		case _, more := <-news:
			if !more {
				return nil
			}
			text = "event: news\ndata: 1\n\n"
		case <-beats.C:
			text = ": still here\n\n"
		case <-v.r.Context().Done():
			return nil
		}
	}
	return nil
}
