package probe

import (
	"bytes"
	"context"
	"time"
)

const (
	mostWaiting = 1 << 14         // points that may wait for the agent
	lastLines   = 5 * time.Second // for the points left at the end
)

// writer hands points to the agent, which may make it wait; those who measure never do.
type writer struct {
	lines   chan []byte // each one or more whole lines
	metrics *metrics
}

func newWriter(m *metrics) *writer {
	return &writer{lines: make(chan []byte, mostWaiting), metrics: m}
}

// put takes whole lines, which it keeps. It drops and counts them when too much waits.
func (w *writer) put(lines []byte, points int) {
	if points == 0 {
		return
	}
	select {
	case w.lines <- lines:
	default:
		w.metrics.dropped.WithLabelValues("output_full").Add(float64(points))
	}
}

// run writes until ctx is done, and then what is left.
func (w *writer) run(ctx context.Context, write func(context.Context, []byte, int) error) error {
	writing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastLines, cancel) })()
	for {
		var text []byte
		select {
		case text = <-w.lines:
		default:
			select {
			case text = <-w.lines:
			case <-ctx.Done():
				return nil
			}
		}
		text = w.more(text)
		if err := write(writing, text, bytes.Count(text, []byte("\n"))); err != nil {
			return err
		}
	}
}

// more adds what waits already, as much as makes a good batch.
func (w *writer) more(text []byte) []byte {
	for len(text) < 64<<10 {
		select {
		case next := <-w.lines:
			text = append(text, next...)
		default:
			return text
		}
	}
	return text
}
