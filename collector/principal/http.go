package principal

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

type contextKey struct{}

// From is the principal that Require, or the board's login, let in.
func From(ctx context.Context) *Principal {
	p, _ := ctx.Value(contextKey{}).(*Principal)
	return p
}

// With is a context from which From takes the principal.
func With(ctx context.Context, p *Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// Require lets only principals of the role (or one above) reach next, which finds them with From. Others
// get 401 or 403 in InfluxDB's form. A token is never repeated, nor logged.
func (d *Directory) Require(need Role, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := tokenOf(r)
		if token == "" {
			d.refuse(w, "no_token", http.StatusUnauthorized, "unauthorized access: no token")
			return
		}
		p := d.find(token)
		switch {
		case p == nil:
			d.refuse(w, "unknown_token", http.StatusUnauthorized, "unauthorized access: unknown token")
		case !p.Role.Covers(need):
			d.refuse(w, "role", http.StatusForbidden, "forbidden: needs role "+string(need))
		default:
			next.ServeHTTP(w, r.WithContext(With(r.Context(), p)))
		}
	})
}

func (d *Directory) refuse(w http.ResponseWriter, reason string, status int, message string) {
	d.fails.WithLabelValues(reason).Inc()
	if status == http.StatusUnauthorized {
		w.Header().Add("WWW-Authenticate", "Token")
		w.Header().Add("WWW-Authenticate", `Basic realm="haidang"`)
	}
	WriteError(w, status, message)
}

// tokenOf finds the token where InfluxDB's clients put it: header Authorization as Token, Bearer or the
// password of Basic; for the paths of the first API also the query parameter p.
func tokenOf(r *http.Request) string {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "token", "bearer":
		return strings.TrimSpace(rest)
	case "basic":
		_, password, _ := r.BasicAuth()
		return password
	case "":
		if r.URL.Path == "/write" || r.URL.Path == "/query" {
			return r.URL.Query().Get("p")
		}
	}
	return ""
}

// failure has the fields of InfluxDB's second API, and error for clients of the first.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Error   string `json:"error"`
}

// WriteError answers with an error as InfluxDB does, for all APIs of the collector.
func WriteError(w http.ResponseWriter, status int, message string) {
	body, err := json.Marshal(failure{Code: codeOf(status), Message: message, Error: message})
	if err != nil {
		body = []byte(`{"code":"internal error"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Platform-Error-Code", codeOf(status))
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a caller that has gone needs no answer
}

// codeOf is InfluxDB's word for a status.
func codeOf(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "invalid"
	case http.StatusUnauthorized:
		return "unauthorized"
	case http.StatusForbidden:
		return "forbidden"
	case http.StatusNotFound:
		return "not found"
	case http.StatusConflict:
		return "conflict"
	case http.StatusRequestTimeout:
		return "request timeout"
	case http.StatusRequestEntityTooLarge:
		return "request too large"
	case http.StatusTooManyRequests:
		return "too many requests"
	case http.StatusUnsupportedMediaType:
		return "unsupported media type"
	case http.StatusServiceUnavailable:
		return "unavailable"
	}
	return "internal error"
}
