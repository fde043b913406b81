package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// web is a web server on every device's address: a page with some parts at /, and transfers of any size at /bulk, as fast
// and as late as the path of the device.
type web struct {
	overlay  *atomic.Pointer[nation.Overlay]
	listener net.Listener

	mu    sync.Mutex // guards what follows
	model *Model
}

// listenWeb opens the port, on the loopback interface alone.
func listenWeb(port int, overlay *atomic.Pointer[nation.Overlay]) (*web, error) {
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		if e := c.Control(func(fd uintptr) { err = unix.SetsockoptString(int(fd), unix.SOL_SOCKET, unix.SO_BINDTODEVICE, "lo") }); e != nil {
			return e
		}
		return err
	}}
	listener, err := config.Listen(context.Background(), "tcp4", fmt.Sprintf("0.0.0.0:%d", port))
	if err != nil {
		return nil, fmt.Errorf("probes: web: %w", err)
	}
	return &web{overlay: overlay, listener: listener, model: New(overlay.Load().Network)}, nil
}

func (w *web) run(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", w.page)
	mux.HandleFunc("GET /part/", w.part)
	mux.HandleFunc("GET /bulk", w.download)
	mux.HandleFunc("POST /bulk", w.upload)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(w.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("probes: web: %w", err)
	}
	return ctx.Err()
}

// quality is what the path to the device that was asked is like. What is not up hangs up.
func (w *web) quality(r *http.Request) Result {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	ip := local.IP.To4()
	o := w.overlay.Load()
	id, ok := o.DeviceAt(uint32(ip[0])<<24 | uint32(ip[1])<<16 | uint32(ip[2])<<8 | uint32(ip[3]))
	if !ok || ip[0] != 127 {
		panic(http.ErrAbortHandler)
	}
	w.mu.Lock()
	q := w.model.Device(o, id, ServiceOf(o.Devices[id].Role), fault.TickOf(time.Now()))
	w.mu.Unlock()
	if !q.Up {
		panic(http.ErrAbortHandler)
	}
	return q
}

// wait lets trips of a round trip pass: of the connection, which the kernel made at once, and of the request.
func wait(r *http.Request, q *Result, trips float64) {
	select {
	case <-time.After(time.Duration(q.RTT * trips * float64(time.Millisecond))):
	case <-r.Context().Done():
	}
}

const parts = 6

func (w *web) page(out http.ResponseWriter, r *http.Request) {
	q := w.quality(r)
	wait(r, &q, 2)
	var text strings.Builder
	text.WriteString("<!doctype html><html><title>simnet</title>")
	for i := range parts {
		fmt.Fprintf(&text, `<img src="/part/%d">`, i)
	}
	_, _ = io.WriteString(out, text.String())
}

func (w *web) part(out http.ResponseWriter, r *http.Request) {
	q := w.quality(r)
	wait(r, &q, 1)
	_, _ = out.Write(make([]byte, 20<<10))
}

const (
	chunk = 32 << 10
	usual = 16 << 20 // octets of a download that does not say
)

func (w *web) download(out http.ResponseWriter, r *http.Request) {
	q := w.quality(r)
	left, err := strconv.ParseInt(r.URL.Query().Get("octets"), 10, 64)
	if err != nil {
		left = usual
	}
	wait(r, &q, 2)
	buf := make([]byte, chunk)
	for began, sent := time.Now(), int64(0); sent < left && r.Context().Err() == nil; sent += chunk {
		if _, err := out.Write(buf[:min(chunk, left-sent)]); err != nil {
			return
		}
		q.throttle(r, began, sent+chunk)
	}
}

func (w *web) upload(out http.ResponseWriter, r *http.Request) {
	q := w.quality(r)
	wait(r, &q, 2)
	buf := make([]byte, chunk)
	for began, got := time.Now(), int64(0); r.Context().Err() == nil; {
		n, err := r.Body.Read(buf)
		got += int64(n)
		if err != nil {
			break
		}
		q.throttle(r, began, got)
	}
	out.WriteHeader(http.StatusNoContent)
}

// throttle waits until so many octets may have come, at the speed of the path (100 Mbit/s where it has none).
func (q *Result) throttle(r *http.Request, began time.Time, octets int64) {
	mbps := q.Mbps
	if !(mbps > 0) {
		mbps = 100
	}
	due := began.Add(time.Duration(float64(octets) * 8 / mbps * float64(time.Microsecond)))
	select {
	case <-time.After(time.Until(due)):
	case <-r.Context().Done():
	}
}
