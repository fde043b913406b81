package bench

import (
	"io"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/haidang-noc/haidang/internal/point"
)

// sink takes what an agent ships, and counts.
type sink struct {
	listener net.Listener
	server   *http.Server
	values   atomic.Int64
	each     func(*point.Line) // sees every line; nil: nobody does
}

func newSink() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{listener: l}
	s.server = &http.Server{Handler: http.HandlerFunc(s.take)}
	go func() { _ = s.server.Serve(l) }() // it ends with close
	return s, nil
}

func (s *sink) url() string { return "http://" + s.listener.Addr().String() }

func (s *sink) close() { _ = s.server.Close() }

func (s *sink) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxText))
	if err == nil {
		body, err = point.Unpack(nil, body, maxText)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for scan := point.NewScanner(body, point.Options{}); scan.Next(); {
		if scan.Err() == nil {
			s.values.Add(int64(values(scan.Line().Fields)))
			if s.each != nil {
				s.each(scan.Line())
			}
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// values is how many of the fields were asked of a device; the others the input adds, or repeats in
// every line of the device.
func values(fields []point.Field) (n int) {
	for _, f := range fields {
		switch string(f.Key) {
		case "interval_s", "bits", "up", "rtt_ms":
		case "uptime_cs":
			if len(fields) <= 2 { // its own line
				n++
			}
		default:
			n++
		}
	}
	return n
}
