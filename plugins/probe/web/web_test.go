package web_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/plugins/probe/web"
)

// site is a web server with a page, and things that go wrong.
func site(t *testing.T, start func(*httptest.Server)) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<html><head><link rel="stylesheet" href="a.css"><link rel="canonical" href="/else"><script src="//`+`127.0.0.1:1/refused.js"></script>`+
			`<body><img src="/one.png"><img src="/one.png"><img src="data:image/png;base64,x"><IMG SRC='/two.png'><script>var x = "<img src=/no.png>"</script>`)
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/page", http.StatusFound) })
	mux.HandleFunc("/elsewhere", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://localhost:1/", http.StatusFound)
	})
	mux.HandleFunc("/gone", http.NotFound)
	mux.HandleFunc("/never", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) })
	mux.HandleFunc("/upload", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		for tick := time.NewTicker(10 * time.Millisecond); r.Context().Err() == nil; <-tick.C { // 16 Mbit/s at most
			_, _ = w.Write(make([]byte, 20_000))
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("x", 500)) })
	s := httptest.NewUnstartedServer(mux)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that fail as they should
	start(s)
	t.Cleanup(s.Close)
	return s
}

func page(url string) *web.Page {
	return &web.Page{URL: url, Timeout: 20 * time.Second, MaxOctets: 1 << 16}
}

func TestVisit(t *testing.T) {
	s := site(t, (*httptest.Server).StartTLS)
	p := page(s.URL + "/moved")
	p.Parts = 10
	p.TLS = s.Client().Transport.(*http.Transport).TLSClientConfig
	v, err := p.Visit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if v.Status != 200 || v.Parts != 3 || v.Failed != 1 || v.Octets < 1500 || v.Connect <= 0 || v.Handshake <= 0 || v.FirstByte < v.Handshake || v.Total < v.FirstByte {
		t.Errorf("%+v; want three parts, and one that is refused", v)
	}
	p.Parts = 1
	if v, err := p.Visit(t.Context()); err != nil || v.Parts+v.Failed != 1 {
		t.Errorf("%+v, %v; want one part", v, err)
	}
	p.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	if _, err := p.Visit(t.Context()); err == nil {
		t.Error("a server that nobody vouches for is a page")
	}
}

func TestWhatIsNoPage(t *testing.T) {
	s := site(t, (*httptest.Server).Start)
	for path, want := range map[string]error{"/gone": web.ErrStatus, "/long": web.ErrTooLong} {
		if v, err := page(s.URL + path).Visit(t.Context()); !errors.Is(err, want) {
			t.Errorf("%s: %+v, %v; want %v", path, v, err, want)
		}
	}
	p := page(s.URL + "/never")
	p.Timeout = 20 * time.Millisecond
	if _, err := p.Visit(t.Context()); err == nil {
		t.Error("a page that never comes did")
	}
}

func TestSources(t *testing.T) {
	from := make(chan string, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { from <- r.RemoteAddr }))
	defer s.Close()
	p := page(s.URL)
	p.Sources = []netip.Addr{netip.MustParseAddr("::1"), netip.MustParseAddr("127.0.0.7")}
	if _, err := p.Visit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := <-from; !strings.HasPrefix(got, "127.0.0.7:") {
		t.Errorf("from %s", got)
	}
	p.Sources = p.Sources[:1]
	var unsuitable *net.AddrError
	if _, err := p.Visit(t.Context()); !errors.As(err, &unsuitable) {
		t.Errorf("from ::1 to an IPv4 address: %v", err)
	}
}

func transfer(url string) *web.Transfer {
	return &web.Transfer{URL: url, Streams: 2, Warmup: 100 * time.Millisecond, Time: 600 * time.Millisecond, MaxOctets: 1 << 30, Timeout: 20 * time.Second}
}

func TestDownloadIsAsFastAsTheServer(t *testing.T) {
	s := site(t, (*httptest.Server).Start)
	speed, err := transfer(s.URL + "/slow").Run(t.Context())
	if err != nil || !speed.Steady || speed.Mbps <= 0 {
		t.Errorf("%+v, %v", speed, err)
	}
	if all := float64(speed.Octets) * 8e-6 / speed.Took.Seconds(); all > 36 { // two streams of at most 16, and a tick more
		t.Errorf("%v Mbit/s", all)
	}
}

func TestUpload(t *testing.T) {
	s := site(t, (*httptest.Server).Start)
	up := transfer(s.URL + "/upload")
	up.Upload = true
	if speed, err := up.Run(t.Context()); err != nil || !speed.Steady || speed.Mbps < 1 {
		t.Errorf("%+v, %v", speed, err)
	}
}

// However fast the server is, not much more than max_octets is transferred: what is read at a time by each stream.
func TestTransfersAreBounded(t *testing.T) {
	s := site(t, (*httptest.Server).Start)
	for _, upload := range []bool{false, true} {
		x := transfer(s.URL + "/long")
		x.Upload, x.MaxOctets, x.Warmup, x.Time = upload, 3<<20, 5*time.Millisecond, 30*time.Second
		speed, err := x.Run(t.Context())
		if err != nil || speed.Octets < 3<<20 || speed.Octets > 3<<20+int64(x.Streams)<<17 {
			t.Errorf("upload %v: %+v, %v", upload, speed, err)
		}
	}
}

func TestTransfersThatFail(t *testing.T) {
	s := site(t, (*httptest.Server).Start)
	x := transfer(s.URL + "/elsewhere")
	x.Allowed = func(host string) bool { return host == "127.0.0.1" }
	if _, err := x.Run(t.Context()); !errors.Is(err, web.ErrNotAllowed) {
		t.Errorf("a redirect to another host: %v", err)
	}
	if _, err := transfer(s.URL + "/gone").Run(t.Context()); !errors.Is(err, web.ErrStatus) {
		t.Errorf("404: %v", err)
	}
	if _, err := transfer("http://127.0.0.1:1/").Run(t.Context()); err == nil {
		t.Error("nobody listens, and something was transferred")
	}
}
