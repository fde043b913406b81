package ingest

import (
	"bytes"
	stdgzip "compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/internal/point"
	kzstd "github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

const (
	edgeToken  = "edge-token-0123456789"
	adminToken = "admin-token-0123456789"
	viewToken  = "view-token-0123456789"
	spoolID    = "00112233445566778899aabbccddeeff"
)

// rig is a Handler behind its mux, with a sink that remembers.
type rig struct {
	t        *testing.T
	h        *Handler
	mux      *http.ServeMux
	reg      *prometheus.Registry
	owner    map[string]string
	messages []Message
	texts    []string
	fail     error
}

func newRig(t *testing.T, change func(*Config, *Deps)) *rig {
	t.Helper()
	r := &rig{t: t, mux: http.NewServeMux(), reg: prometheus.NewRegistry(), owner: map[string]string{}}
	cfg := DefaultConfig()
	deps := Deps{Principals: directory(t, r.reg), Owner: func(d string) string { return r.owner[d] },
		Sink: r.sink, Log: zerolog.Nop(), Registerer: r.reg}
	if change != nil {
		change(&cfg, &deps)
	}
	var err error
	if r.h, err = New(cfg, deps); err != nil {
		t.Fatal(err)
	}
	r.h.Register(r.mux)
	return r
}

func directory(t testing.TB, reg prometheus.Registerer) *principal.Directory {
	t.Helper()
	hash := func(token string) string { h := sha256.Sum256([]byte(token)); return hex.EncodeToString(h[:]) }
	path := filepath.Join(t.TempDir(), "principals.yaml")
	text := fmt.Sprintf(`principals:
  - {name: edge-1, role: agent, devices: ["HNI-*", "ST*"], provinces: ["01"], token_sha256: %s}
  - {name: root, role: admin, token_sha256: %s}
  - {name: viewer, role: viewer, token_sha256: %s}
`, hash(edgeToken), hash(adminToken), hash(viewToken))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := principal.Open(path, reg)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (r *rig) sink(_ context.Context, m Message) error {
	if r.fail != nil {
		return r.fail
	}
	text, err := point.Unpack(nil, m.Batch.Frames, 64<<20)
	if err != nil {
		r.t.Errorf("the sink got frames that cannot be read: %v", err)
	}
	if len(text) != m.Batch.Raw {
		r.t.Errorf("the sink got %d bytes of text, told %d", len(text), m.Batch.Raw)
	}
	m.Batch.Frames = bytes.Clone(m.Batch.Frames)
	r.messages, r.texts = append(r.messages, m), append(r.texts, string(text))
	return nil
}

// post sends a body as edge-1; headers and the query can be changed.
func (r *rig) post(body []byte, change func(*http.Request)) *httptest.ResponseRecorder {
	req := httptest.NewRequest("POST", "/api/v2/write?org=o&bucket=b", bytes.NewReader(body))
	req.Header.Set("Authorization", "Token "+edgeToken)
	if change != nil {
		change(req)
	}
	w := httptest.NewRecorder()
	r.mux.ServeHTTP(w, req)
	return w
}

func (r *rig) metric(name string, labels ...string) float64 {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			have := []string{}
			for _, l := range m.GetLabel() {
				have = append(have, l.GetValue())
			}
			if f.GetName() == name && strings.Join(have, ",") == strings.Join(labels, ",") {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	r.t.Errorf("no metric %s %v", name, labels)
	return 0
}

func encoded(e string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Content-Encoding", e) }
}

func gzipped(t testing.TB, text string) []byte {
	var b bytes.Buffer
	w := stdgzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstded(t testing.TB, text string) []byte {
	enc, err := kzstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return enc.EncodeAll([]byte(text), nil)
}

func failureOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var f struct{ Code, Message, Error string }
	if err := json.Unmarshal(w.Body.Bytes(), &f); err != nil || f.Code == "" || f.Message == "" || f.Error == "" {
		t.Errorf("not InfluxDB's form of an error: %s", w.Body)
	}
	return f.Message
}

// serve puts the rig behind a real connection and gives the status of one write.
func (r *rig) serve(body io.Reader) int {
	server := httptest.NewServer(r.mux)
	defer server.Close()
	req, err := http.NewRequest("POST", server.URL+"/api/v2/write", body)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Token "+edgeToken)
	res, err := server.Client().Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}
