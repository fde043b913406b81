package obs_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/internal/obs"
)

func TestLoggerRefusesWhatItDoesNotKnow(t *testing.T) {
	var out bytes.Buffer
	if _, err := obs.NewLogger(&out, "loud", "json"); err == nil || !strings.Contains(err.Error(), "loud") {
		t.Errorf("level: %v", err)
	}
	if _, err := obs.NewLogger(&out, "info", "xml"); err == nil || !strings.Contains(err.Error(), "xml") {
		t.Errorf("format: %v", err)
	}
	log, err := obs.NewLogger(&out, "warn", "json")
	if err != nil {
		t.Fatal(err)
	}
	log.Info().Msg("quiet")
	log.Warn().Msg("heard")
	if s := out.String(); strings.Contains(s, "quiet") || !strings.Contains(s, "heard") {
		t.Errorf("log = %s", s)
	}
}

func TestHealthAndMetrics(t *testing.T) {
	var notReady error = errors.New("catching up")
	mux := http.NewServeMux()
	obs.Health(mux, func() error { return notReady })
	mux.Handle("GET /metrics", obs.Handler(obs.NewRegistry("haidang-test")))
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	if w := get("/-/ready"); w.Code != 503 || !strings.Contains(w.Body.String(), "catching up") {
		t.Errorf("not ready: %d %s", w.Code, w.Body)
	}
	notReady = nil
	if w := get("/-/ready"); w.Code != 200 {
		t.Errorf("ready: %d", w.Code)
	}
	if w := get("/metrics"); !strings.Contains(w.Body.String(), `haidang_build_info{program="haidang-test"`) {
		t.Errorf("metrics: %s", w.Body)
	}
}
