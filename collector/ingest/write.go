package ingest

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"time"

	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/internal/point"
)

// write does one request; nil means that all of it is durable.
func (h *Handler) write(w http.ResponseWriter, r *http.Request, units map[string]point.Precision) *fault {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	default:
		return refuse(http.StatusTooManyRequests, "too many requests in flight")
	}
	h.metrics.inFlight.Inc()
	defer h.metrics.inFlight.Dec()

	who := principal.From(r.Context())
	head, f := readHead(r, units)
	if f != nil {
		return f
	}
	if head.sent != 0 {
		h.metrics.skew.WithLabelValues(who.Name).Set(time.Duration(head.received - head.sent).Seconds())
	}
	buf := h.buffer()
	defer h.bodies.Put(buf)
	if f := h.readBody(buf, w, r); f != nil {
		return f
	}
	batch, rep, f := h.check(r, who, head, buf.Bytes())
	if f != nil {
		return f
	}
	return h.store(r, Message{Principal: who.Name, Spool: head.spool, Sequence: head.sequence, Received: head.received, Batch: batch}, rep)
}

func (h *Handler) buffer() *bytes.Buffer {
	if b, ok := h.bodies.Get().(*bytes.Buffer); ok {
		b.Reset()
		return b
	}
	return new(bytes.Buffer)
}

// readBody takes memory as the bytes come, not as they are announced.
func (h *Handler) readBody(buf *bytes.Buffer, w http.ResponseWriter, r *http.Request) *fault {
	// A connection without deadlines refuses them; the body is bounded by its size all the same. While
	// the log works there is none: it would end the request.
	deadline := http.NewResponseController(w).SetReadDeadline
	_ = deadline(time.Now().Add(h.cfg.BodyWithin))
	defer func() { _ = deadline(time.Time{}) }()
	n, err := buf.ReadFrom(http.MaxBytesReader(w, r.Body, int64(h.cfg.MaxBody)))
	h.metrics.bodyBytes.Add(float64(n))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return refuse(http.StatusRequestEntityTooLarge, "body: more than %d bytes", h.cfg.MaxBody)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return refuse(http.StatusRequestTimeout, "body: not complete within %s", h.cfg.BodyWithin)
	case err != nil:
		return refuse(http.StatusBadRequest, "body: %w", err)
	}
	return nil
}

// check decodes the body on one of the workers. Requests of one principal take turns, and wait for
// that without a worker: its many series never keep the others from theirs.
func (h *Handler) check(r *http.Request, who *principal.Principal, head head, body []byte) (point.Batch, *report, *fault) {
	keys := h.keysOf(who)
	keys.mu.Lock()
	defer keys.mu.Unlock()
	var w *worker
	select {
	case w = <-h.workers:
	case <-r.Context().Done():
		return point.Batch{}, nil, refuse(http.StatusServiceUnavailable, "%w", r.Context().Err())
	}
	defer func() { h.workers <- w }()

	batch, rep, err := w.work(job{body: body, head: head, keys: keys})
	switch {
	case errors.Is(err, point.ErrTooLarge):
		return batch, nil, refuse(http.StatusRequestEntityTooLarge, "body: %w", err)
	case err != nil:
		return batch, nil, refuse(http.StatusBadRequest, "body: %w", err)
	case len(batch.Frames) > h.cfg.MaxBody: // plain text that does not compress
		return batch, nil, refuse(http.StatusRequestEntityTooLarge, "body: more than %d bytes when packed", h.cfg.MaxBody)
	}
	return batch, rep, nil
}

// store hands the good lines on and says what became of the others. Lines count as accepted when they are durable.
func (h *Handler) store(r *http.Request, m Message, rep *report) *fault {
	h.metrics.reject(rep)
	if m.Batch.Points > 0 {
		if err := h.deps.Sink(r.Context(), m); err != nil {
			return h.sinkFault(err)
		}
		h.metrics.accept(m.Batch)
	}
	if rep.rejected() > 0 {
		return refuse(http.StatusBadRequest, "%w", rep)
	}
	return nil
}

func (h *Handler) sinkFault(err error) *fault {
	if errors.Is(err, ErrBusy) {
		return refuse(http.StatusTooManyRequests, "the log is full")
	}
	h.log.Error().Err(err).Msg("batch not stored")
	return refuse(http.StatusServiceUnavailable, "the batch could not be stored")
}
