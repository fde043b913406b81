package board

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func TestLoginAndOut(t *testing.T) {
	r := newRig(t)
	r.fall()
	b := r.stranger()
	if a := b.get("/province/48?x=1"); a.status != 303 || a.header.Get("Location") != "/login?next=%2Fprovince%2F48%3Fx%3D1" {
		t.Errorf("a stranger: %d %s", a.status, a.header.Get("Location"))
	}
	if a := b.post("/login", "name", "noc", "password", "wrong password"); a.status != 401 || !strings.Contains(a.text, "không đúng") || strings.Contains(a.text, "wrong password") {
		t.Errorf("a wrong password: %d %s", a.status, a.text)
	}
	a := b.post("/login", "name", "noc", "password", secret, "next", "/province/48?x=1")
	if a.status != 303 || a.header.Get("Location") != "/province/48?x=1" {
		t.Errorf("login: %d, to %s", a.status, a.header.Get("Location"))
	}
	for _, want := range []string{"haidang=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if c := a.header.Get("Set-Cookie"); !strings.Contains(c, want) {
			t.Errorf("cookie %s: want %s", c, want)
		}
	}
	if a := b.get("/"); a.status != 200 || !strings.Contains(a.text, ">noc</span>") {
		t.Errorf("logged in: %d", a.status)
	}
	if a := b.get("/login"); a.status != 303 {
		t.Errorf("login again: %d", a.status)
	}
	if a := b.post("/logout"); a.status != 303 {
		t.Errorf("logout: %d", a.status)
	}
	if a := b.get("/"); a.status != 303 {
		t.Errorf("logged out: %d", a.status)
	}
	acts, err := r.Store.Trail(t.Context(), 10)
	if err != nil || len(acts) != 3 || acts[2].Action != "login_refused" || acts[1].Action != "login" || acts[0].Action != "logout" || acts[0].Who != "noc" || acts[0].Address != "127.0.0.1" {
		t.Errorf("trail: %+v, %v", acts, err)
	}
}

// Nobody is sent elsewhere after a login.
func TestNextIsHere(t *testing.T) {
	for to, want := range map[string]string{
		"/": "/", "/province/48?kpi=now": "/province/48?kpi=now", "": "/", "https://evil.example/": "/", "//evil.example/": "/",
		"/\\evil.example": "/", "\\\\evil.example": "/", "javascript:alert(1)": "/", "/a\r\nSet-Cookie: x": "/", "/\t/evil.example": "/", "login": "/",
	} {
		if got := local(to); got != want {
			t.Errorf("%q leads to %q, want %q", to, got, want)
		}
	}
}

// Guesses are slowed down by name, wherever they come from, and by address, whatever the name; a right
// password does not help until the wait is over.
func TestGuessing(t *testing.T) {
	r := newRig(t)
	b := r.stranger()
	for i := range guessBurst {
		if a := b.post("/login", "name", "lan", "password", "guess"); a.status != 401 {
			t.Fatalf("guess %d: %d", i, a.status)
		}
	}
	a := b.post("/login", "name", "lan", "password", secret)
	if a.status != 429 || a.header.Get("Retry-After") == "" {
		t.Errorf("guess %d: %d, Retry-After %q", guessBurst+1, a.status, a.header.Get("Retry-After"))
	}
	if a := b.post("/login", "name", "noc", "password", secret); a.status != 429 {
		t.Errorf("another name from the same address: %d", a.status)
	}
	r.later.Add(int64(guessEvery.Seconds()) + 1)
	if a := b.post("/login", "name", "lan", "password", secret); a.status != 303 {
		t.Errorf("after the wait: %d", a.status)
	}
}

// A session ends when its user is taken out of the file, or gets another password; a changed role counts
// at once.
func TestUsersChange(t *testing.T) {
	r := newRig(t)
	r.fall()
	noc, lan, truong := r.login("noc"), r.login("lan"), r.login("truong")
	if a := truong.get("/audit"); a.status != 200 {
		t.Fatalf("audit: %d", a.status)
	}
	r.users("noc viewer", "truong viewer") // with another salt: another hash
	if a := noc.get("/"); a.status != 200 {
		t.Errorf("before the reload: %d", a.status)
	}
	r.Must(r.board.Users.Reload())
	for name, b := range map[string]*browser{"noc": noc, "lan": lan, "truong": truong} {
		if a := b.get("/"); a.status != 303 {
			t.Errorf("%s after the reload: %d", name, a.status)
		}
	}
	if a := r.login("truong").get("/audit"); a.status != 403 {
		t.Errorf("audit with the new role: %d", a.status)
	}
}

// A collector that was restarted knows who is logged in, unless they have got another password meanwhile or logged out.
func TestSessionsOutliveTheCollector(t *testing.T) {
	r := newRig(t)
	r.fall()
	noc, lan, out := r.login("noc"), r.login("lan"), r.login("truong")
	out.post("/logout")
	restart := func() {
		t.Helper()
		d := r.board.Deps
		d.Registerer = prometheus.NewRegistry()
		again, err := New(t.Context(), d)
		r.Must(err)
		mux := http.NewServeMux()
		again.Register(mux)
		server := httptest.NewServer(mux)
		t.Cleanup(server.Close)
		r.url = server.URL
	}
	restart()
	for name, want := range map[*browser]int{noc: 200, lan: 200, out: 303} {
		if a := name.get("/"); a.status != want {
			t.Errorf("after the restart: %d, want %d", a.status, want)
		}
	}
	r.users("noc viewer", "lan operator 48") // with another salt: another hash
	r.Must(r.board.Users.Reload())
	restart()
	if a := noc.get("/"); a.status != 303 {
		t.Errorf("with another password: %d", a.status)
	}
	if rows, err := r.Store.Sessions(t.Context()); err != nil || len(rows) != 1 {
		t.Errorf("sessions in the store: %+v, %v; want that of lan, who has not come back", rows, err)
	}
}

// Another site can neither post nor log anybody in.
func TestOtherSites(t *testing.T) {
	r := newRig(t)
	r.fall("r2")
	lan := r.login("lan")
	id := alarmPath(r.alarmOf("r2").ID)
	for name, header := range map[string]http.Header{
		"fetch metadata": {"Sec-Fetch-Site": {"cross-site"}}, "same site": {"Sec-Fetch-Site": {"same-site"}}, "origin": {"Origin": {"https://evil.example"}}} {
		for _, p := range []string{"/login", "/logout", id + "/take", "/maintenance", "/maintenance/x/approve"} {
			if a := lan.do("POST", p, header.Clone(), "name=noc&password=x"); a.status != 403 {
				t.Errorf("%s by %s: %d", p, name, a.status)
			}
		}
	}
	if r.alarmOf("r2").Owner != "" {
		t.Error("another site took an alarm")
	}
	if a := lan.post(id + "/take"); a.status != 303 || r.alarmOf("r2").Owner != "lan" {
		t.Errorf("the board itself: %d", a.status)
	}
}

// With TLS the cookie is bound to this host and to TLS.
func TestCookieWithTLS(t *testing.T) {
	r := newRig(t)
	mux := http.NewServeMux()
	r.board.Register(mux)
	server := httptest.NewTLSServer(mux)
	defer server.Close()
	b := r.stranger()
	b.Transport = server.Client().Transport
	r.url = server.URL
	a := b.post("/login", "name", "noc", "password", secret)
	if c := a.header.Get("Set-Cookie"); !strings.HasPrefix(c, "__Host-haidang=") || !strings.Contains(c, "Secure") {
		t.Errorf("cookie %s", c)
	}
}

// A stream says hello, then news of an alarm, and ends with the session.
func TestLive(t *testing.T) {
	r := newRig(t)
	r.fall()
	if a := r.stranger().get("/live"); a.status != 401 {
		t.Errorf("a stranger: %d", a.status)
	}
	b := r.login("noc")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/live", nil)
	r.Must(err)
	stream, err := b.Do(q)
	r.Must(err)
	defer stream.Body.Close()
	if kind := stream.Header.Get("Content-Type"); kind != "text/event-stream" || stream.Header.Get("Content-Encoding") != "" {
		t.Errorf("headers: %v", stream.Header)
	}
	lines := bufio.NewScanner(stream.Body)
	wait := func(want string) bool {
		for lines.Scan() {
			if lines.Text() == want {
				return true
			}
		}
		return false
	}
	if !wait("event: hello") {
		t.Fatal("no hello")
	}
	id := r.login("truong").post("/maintenance", "kind", "device", "key", "r1", "start", "2026-10-07T01:00", "end", "2026-10-07T02:00", "reason", "x")
	if id.status != 303 || !wait("event: news") {
		t.Fatalf("no news (%d)", id.status)
	}
	b.post("/logout")
	for wait("event: news") { // until the next one finds no session
	}
	if ctx.Err() != nil {
		t.Error("the stream went on without a session")
	}
}
