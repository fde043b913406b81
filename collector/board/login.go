package board

import (
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/haidang-noc/haidang/collector/board/session"
)

// loginForm is what the page shows.
type loginForm struct {
	Next, Name, Problem string
}

func (b *Board) loginPage(v *visit) error {
	next := local(v.r.URL.Query().Get("next"))
	if v.who != nil {
		http.Redirect(v.w, v.r, next, http.StatusSeeOther) //nolint:gosec // local made it a path of this site
		return nil
	}
	return b.show(v, http.StatusOK, "login", v.words.Say("login.title"), loginForm{Next: next})
}

// maxForm bounds what a form may send.
const maxForm = 64 << 10

// login checks a password. Refusals are counted, slowed down by name and by address, and noted.
func (b *Board) login(v *visit) error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	if err := v.r.ParseForm(); err != nil {
		return refuse(http.StatusBadRequest, "error.form")
	}
	form := loginForm{Next: local(v.r.PostForm.Get("next")), Name: clip(v.r.PostForm.Get("name"), 100)}
	keys := []string{"name " + form.Name, "address " + address(v.r)}
	if wait := max(b.guesses.Wait(keys[0]), b.guesses.Wait(keys[1])); wait > 0 {
		b.metrics.logins.WithLabelValues("limited").Inc()
		seconds := int(math.Ceil(wait.Seconds()))
		v.w.Header().Set("Retry-After", fmt.Sprint(seconds))
		form.Problem = v.words.Say("login.wait", seconds)
		return b.show(v, http.StatusTooManyRequests, "login", v.words.Say("login.title"), form)
	}
	for _, key := range keys {
		b.guesses.Count(key) // before the check: many at once are many guesses
	}
	user, err := b.Users.Login(v.r.Context(), form.Name, v.r.PostForm.Get("password"))
	if err != nil {
		return err
	}
	if user == nil {
		b.metrics.logins.WithLabelValues("refused").Inc()
		if err := b.noteOf(v, form.Name, "login_refused", "", ""); err != nil {
			return err
		}
		form.Problem = v.words.Say("login.refused")
		return b.show(v, http.StatusUnauthorized, "login", v.words.Say("login.title"), form)
	}
	for _, key := range keys {
		b.guesses.Forget(key)
	}
	if err := b.noteOf(v, user.Name, "login", "", string(user.Role)); err != nil {
		return err
	}
	if err := b.sessions.End(v.r.Context(), cookie(v.r, sessionCookie(v.r))); err != nil { // whoever used this browser before
		return err
	}
	secret, err := b.sessions.Begin(v.r.Context(), session.User{Name: user.Name, Password: user.PasswordMark()})
	if err != nil {
		return err
	}
	b.metrics.logins.WithLabelValues("ok").Inc()
	setCookie(v, sessionCookie(v.r), secret, int(longest/time.Second))
	http.Redirect(v.w, v.r, form.Next, http.StatusSeeOther) //nolint:gosec // likewise
	return nil
}

func (b *Board) logout(v *visit) error {
	if v.who != nil {
		if err := b.note(v, "logout", "", ""); err != nil {
			return err
		}
	}
	setCookie(v, sessionCookie(v.r), "", -1)
	if err := b.sessions.End(v.r.Context(), cookie(v.r, sessionCookie(v.r))); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, "/login", http.StatusSeeOther)
	return nil
}

// clip shortens what somebody typed to so many characters.
func clip(s string, most int) string {
	for i := range s {
		if most == 0 {
			return s[:i]
		}
		most--
	}
	return s
}
