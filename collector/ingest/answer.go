package ingest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/haidang-noc/haidang/collector/principal"
)

// influxVersion is the version whose API this is; clients look for its first digit.
const influxVersion = "2.7.0-haidang"

// fault is why a request did not end with 204.
type fault struct {
	status int
	err    error
}

func refuse(status int, format string, args ...any) *fault {
	return &fault{status: status, err: fmt.Errorf(format, args...)}
}

func (h *Handler) answer(w http.ResponseWriter, f *fault) {
	h.metrics.requests.WithLabelValues(strconv.Itoa(f.status)).Inc()
	if f.status == http.StatusTooManyRequests || f.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(h.cfg.RetryAfter.Seconds()))))
	}
	principal.WriteError(w, f.status, f.err.Error())
}

// ping is how clients of both APIs find out that there is a server.
func ping(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Influxdb-Version", influxVersion)
	w.Header().Set("X-Influxdb-Build", "OSS")
	w.WriteHeader(http.StatusNoContent)
}

func health(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, map[string]string{"name": "haidang", "status": "pass", "message": "ready to receive points", "version": influxVersion})
}

// query answers the one statement that Telegraf's output for the first API begins with; there is no
// database to create.
func query(w http.ResponseWriter, r *http.Request) {
	statement := strings.ToUpper(strings.TrimSpace(r.FormValue("q")))
	if !strings.HasPrefix(statement, "CREATE DATABASE") {
		principal.WriteError(w, http.StatusBadRequest, "query: only CREATE DATABASE is understood, and does nothing")
		return
	}
	writeJSON(w, map[string]any{"results": []map[string]int{{"statement_id": 0}}})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Influxdb-Version", influxVersion)
	_ = json.NewEncoder(w).Encode(v) // a caller that has gone needs no answer
}
