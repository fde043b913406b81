package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/maintenance"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
)

// register is a book over a new store and two devices, one in each of two provinces.
func register(t *testing.T) *maintenance.Book {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(t.TempDir(), "store.db"), Partitions: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	always := model.Validity{To: model.Forever}
	files := inventory.NewIndex(&model.Inventory{
		Devices: []model.Device{{Name: "hcm", Province: "79", System: "man-e", Validity: always}, {Name: "hni", Province: "01", System: "man-e", Validity: always}},
		Windows: []model.Window{{ID: "CR-1", Kind: model.ScopeDevice, Key: "hni", Start: 1_790_000_000, End: 1_790_003_600, ApprovedBy: "NOC", ApprovedAt: 1_789_000_000}},
		Targets: model.Targets{Availability: map[model.System]model.SystemTarget{"man-e": {}}},
	})
	return maintenance.New(maintenance.Deps{Store: s, Files: func() *inventory.Index { return files }, Now: func() time.Time { return time.Unix(1_790_000_000, 0) }, FourEyes: true})
}

func (s *site) post(path, who, body string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Token token-of-"+who+"-0123456789")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

const proposal = `{"id":"CR-2","scope":"device:hcm","start":"2026-10-01T22:00:00+07:00","end":"2026-10-01T23:00:00+07:00","reason":"Thay nguồn"}`

// A window's way through the API: proposed by one, approved by another, then cancelled.
func TestAWindowThroughTheAPI(t *testing.T) {
	s := newSite(t)
	if w := s.post("/api/v1/maintenance", "approver", proposal); w.Code != http.StatusCreated {
		t.Fatalf("proposed: %d %s", w.Code, w.Body)
	}
	for _, c := range []struct {
		step, who, body string
		status          int
		says            string
	}{
		{"approve", "approver", "", 403, "somebody else"},
		{"approve", "operator", "", 403, "needs role approver"},
		{"approve", "admin", `{"note":"được"}`, 200, `"state":"approved","planned":true,"late_registered":false`},
		{"approve", "admin", "", 409, "is approved"},
		{"cancel", "operator", `{"nope":1}`, 400, "nope"},
		{"cancel", "operator", `{"note":"hoãn"}`, 200, `"action":"cancelled","note":"hoãn"`},
		{"cancel", "operator", "", 409, "is cancelled"},
	} {
		if w := s.post("/api/v1/maintenance/CR-2/"+c.step, c.who, c.body); w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s as %s: %d %s; want %d with %s", c.step, c.who, w.Code, w.Body, c.status, c.says)
		}
	}
	if s.replanned != 3 {
		t.Errorf("replanned %d times; want once for each change", s.replanned)
	}
}

func TestProposalsThatAreRefused(t *testing.T) {
	s := newSite(t)
	for body, want := range map[string]string{
		`{`: "body", `{"scop":"device:hcm"}`: "scop", strings.Replace(proposal, "device:hcm", "device:nope", 1): "points nowhere",
		strings.Replace(proposal, "23:00", "21:00", 1): "end", strings.Replace(proposal, "Thay nguồn", "", 1): "reason", strings.Replace(proposal, "CR-2", "a/b", 1): "id",
	} {
		if w := s.post("/api/v1/maintenance", "operator", body); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s; want 400 with %s", body, w.Code, w.Body, want)
		}
	}
	if w := s.post("/api/v1/maintenance", "operator", strings.Replace(proposal, "CR-2", "CR-1", 1)); w.Code != http.StatusConflict {
		t.Errorf("an id of the file: %d %s", w.Code, w.Body)
	}
	if w := s.post("/api/v1/maintenance/CR-9/approve", "approver", ""); w.Code != http.StatusNotFound {
		t.Errorf("no such window: %d %s", w.Code, w.Body)
	}
}

// A viewer of one province sees the windows that touch it, and those only.
func TestWindowsAreShownByProvince(t *testing.T) {
	s := newSite(t)
	s.post("/api/v1/maintenance", "operator", proposal)
	for who, want := range map[string]string{"viewer": "CR-1 CR-2", "hanoi": "CR-1"} {
		var list []struct{ ID string }
		if err := json.Unmarshal(s.do("GET", "/api/v1/maintenance", who).Body.Bytes(), &list); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, w := range list {
			got += " " + w.ID
		}
		if got != " "+want {
			t.Errorf("%s sees%s; want %s", who, got, want)
		}
	}
	for path, want := range map[string]int{"CR-1": 200, "CR-2": 404, "CR-3": 404} {
		if w := s.do("GET", "/api/v1/maintenance/"+path, "hanoi"); w.Code != want {
			t.Errorf("%s as hanoi: %d, want %d", path, w.Code, want)
		}
	}
	if w := s.do("GET", "/api/v1/maintenance?from=2026-10-01T00:00:00%2B07:00", "viewer"); strings.Contains(w.Body.String(), "CR-1") {
		t.Errorf("a window before from is shown: %s", w.Body)
	}
	if w := s.do("GET", "/api/v1/maintenance?from=today", "viewer"); w.Code != http.StatusBadRequest {
		t.Errorf("from=today: %d", w.Code)
	}
}

func (s *site) replan(context.Context) error { s.replanned++; return nil }
