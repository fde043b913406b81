package board

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/haidang-noc/haidang/collector/board/words"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/store"
)

// visit is one request, by whom, and how they want to read it.
type visit struct {
	w     http.ResponseWriter
	r     *http.Request
	who   *principal.Principal // nil: not logged in
	words *words.Words
	theme string // light, dark, or empty: as the system has it
}

// handler answers a visit. An error that is no *refusal is a failure of the collector.
type handler func(*visit) error

// refusal is an answer that says why there is no other.
type refusal struct {
	Status int
	Key    string // of the words
	Args   []any
}

func (e *refusal) Error() string { return e.Key }

func refuse(status int, key string, args ...any) error { return &refusal{status, key, args} }

// policy allows what the board itself serves and nothing that stands in a page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// headers are those of every answer of the board.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// open lets anyone in.
func (b *Board) open(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := b.visit(w, r)
		if !v.choose() {
			b.answer(v, h)
		}
	})
}

// require lets in who is logged in and has the role; others log in first.
func (b *Board) require(need principal.Role, h handler) http.Handler {
	return b.open(func(v *visit) error {
		switch {
		case v.who == nil && v.r.Method == http.MethodGet && v.r.URL.Path != "/live":
			http.Redirect(v.w, v.r, "/login?next="+url.QueryEscape(v.r.URL.RequestURI()), http.StatusSeeOther)
			return nil
		case v.who == nil:
			return refuse(http.StatusUnauthorized, "error.login")
		case !v.who.Role.Covers(need):
			return refuse(http.StatusForbidden, "error.role")
		}
		return h(v)
	})
}

func (b *Board) visit(w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{w: w, r: r, words: b.pages.vi, theme: cookie(r, "theme")}
	if cookie(r, "lang") == words.English {
		v.words = b.pages.en
	}
	if u := b.user(r); u != nil {
		v.who = &u.Principal
	}
	return v
}

// user is who the session belongs to: as the file of users has them now, and only if their password is
// still the one that they logged in with.
func (b *Board) user(r *http.Request) *principal.User {
	secret := cookie(r, sessionCookie(r))
	was, open := b.sessions.Find(secret)
	if !open {
		return nil
	}
	now := b.Users.Find(was.Name)
	if now != nil && now.PasswordMark() == was.Password {
		return now
	}
	if err := b.sessions.End(r.Context(), secret); err != nil {
		b.Log.Error().Err(err).Str("user", was.Name).Msg("a session that counts no more is still in the store")
	}
	return nil
}

func (b *Board) answer(v *visit, h handler) {
	err := h(v)
	var no *refusal
	switch {
	case err == nil:
		return
	case errors.As(err, &no):
	case v.r.Context().Err() != nil:
		return // the browser has gone
	default:
		b.Log.Error().Err(err).Str("path", v.r.URL.Path).Msg("a page of the board failed")
		no = &refusal{Status: http.StatusInternalServerError, Key: "error.failed"}
	}
	if err := b.show(v, no.Status, "error", v.words.Say("error.title"), no); err != nil {
		b.Log.Error().Err(err).Msg("the board's page of errors failed")
		http.Error(v.w, v.words.Say(no.Key, no.Args...), no.Status)
	}
}

// choose takes up ?lang= and ?theme=: it keeps them in cookies and sends the browser to the same page
// without them.
func (v *visit) choose() bool {
	q := v.r.URL.Query()
	if v.r.Method != http.MethodGet || !q.Has("lang") && !q.Has("theme") {
		return false
	}
	for name, allowed := range map[string]string{"lang": "vi en", "theme": "light dark auto"} {
		if value := q.Get(name); value != "" && strings.Contains(allowed, value) {
			setCookie(v, name, value, 365*24*3600)
		}
		q.Del(name)
	}
	to := url.URL{Path: v.r.URL.Path, RawQuery: q.Encode()}
	http.Redirect(v.w, v.r, local(to.String()), http.StatusSeeOther)
	return true
}

// local is a path of this site; anything else is the first page.
func local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return u.RequestURI()
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// sessionCookie is the cookie's name: with TLS one that no other site can set.
func sessionCookie(r *http.Request) string {
	if r.TLS != nil {
		return "__Host-haidang"
	}
	return "haidang"
}

// setCookie sets one for the whole site; a negative age takes it away, zero keeps it until the browser ends.
func setCookie(v *visit, name, value string, age int) {
	//nolint:gosec // Secure where there is TLS: the collector also serves on loopback without
	http.SetCookie(v.w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: v.r.TLS != nil, SameSite: http.SameSiteLaxMode})
}

// address is where a request comes from. An IPv6 caller owns a whole /64.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip := net.ParseIP(host)
	if ip != nil && ip.To4() == nil {
		return ip.Mask(net.CIDRMask(64, 128)).String()
	}
	return host
}

// note writes into the audit trail. What is not written must not be done.
func (b *Board) note(v *visit, action, object, detail string) error {
	who := ""
	if v.who != nil {
		who = v.who.Name
	}
	return b.noteOf(v, who, action, object, detail)
}

func (b *Board) noteOf(v *visit, who, action, object, detail string) error {
	return b.Store.Audit(v.r.Context(), store.Act{At: b.Now().Unix(), Who: who, Address: address(v.r), Action: action, Object: object, Detail: detail})
}
