package principal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	agentToken  = "agent-token-0123456789"
	viewerToken = "viewer-token-0123456789"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "principals.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func sum(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

func open(t *testing.T) (*Directory, *prometheus.Registry) {
	t.Helper()
	reg := prometheus.NewRegistry()
	t.Setenv("AGENT_TOKEN", agentToken)
	d, err := Open(write(t, `principals:
  - {name: edge-1, role: agent, token: "env:AGENT_TOKEN", devices: ["HNI-*", "VN2-PE-7"], inventory: true}
  - {name: director, role: viewer, token_sha256: `+sum(viewerToken)+`, provinces: ["01"]}
`), reg)
	if err != nil {
		t.Fatal(err)
	}
	return d, reg
}

// counted is the value of haidang_principal_refused_total for a reason.
func counted(t *testing.T, reg *prometheus.Registry, reason string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range families[0].GetMetric() {
		if families[0].GetName() == "haidang_principal_refused_total" && m.GetLabel()[0].GetValue() == reason {
			return m.GetCounter().GetValue()
		}
	}
	t.Fatalf("no counter of %s", reason)
	return 0
}

func TestRequire(t *testing.T) {
	d, reg := open(t)
	basic := httptest.NewRequest("GET", "/", nil)
	basic.SetBasicAuth("anyone", agentToken)
	for _, c := range []struct {
		name, header, query string
		need                Role
		status              int
		who                 string
	}{
		{"token", "Token " + agentToken, "", Agent, 200, "edge-1"},
		{"bearer", "bearer " + agentToken, "", Agent, 200, "edge-1"},
		{"basic", basic.Header.Get("Authorization"), "", Agent, 200, "edge-1"},
		{"first API", "", "u=x&p=" + agentToken, Agent, 200, "edge-1"},
		{"query elsewhere", "", "p=" + agentToken + "&path=/api/v1/units", Agent, 401, ""},
		{"hashed token", "Token " + viewerToken, "", Viewer, 200, "director"},
		{"none", "", "", Agent, 401, ""},
		{"unknown", "Token " + agentToken + "x", "", Agent, 401, ""},
		{"other scheme", "Digest " + agentToken, "", Agent, 401, ""},
		{"hash shown as token", "Token " + sum(viewerToken), "", Viewer, 401, ""},
		{"agent does not view", "Token " + agentToken, "", Viewer, 403, ""},
		{"viewer does not write", "Token " + viewerToken, "", Agent, 403, ""},
		{"viewer does not operate", "Token " + viewerToken, "", Operator, 403, ""},
	} {
		r := httptest.NewRequest("POST", "/write?"+c.query, nil)
		if path := r.URL.Query().Get("path"); path != "" {
			r.URL.Path = path
		}
		if c.header != "" {
			r.Header.Set("Authorization", c.header)
		}
		w := httptest.NewRecorder()
		who := ""
		d.Require(c.need, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { who = From(r.Context()).Name })).ServeHTTP(w, r)
		if w.Code != c.status || who != c.who {
			t.Errorf("%s: %d %q, want %d %q", c.name, w.Code, who, c.status, c.who)
		}
		if c.status != 200 {
			checkFailure(t, c.name, w)
		}
	}
	if n := counted(t, reg, "unknown_token"); n != 2 {
		t.Errorf("%v unknown tokens counted, want 2", n)
	}
}

func checkFailure(t *testing.T, name string, w *httptest.ResponseRecorder) {
	t.Helper()
	var f failure
	if err := json.Unmarshal(w.Body.Bytes(), &f); err != nil || f.Code == "" || f.Message == "" || f.Error != f.Message {
		t.Errorf("%s: not InfluxDB's form: %s", name, w.Body)
	}
	if strings.Contains(w.Body.String(), agentToken) {
		t.Errorf("%s: the token is repeated: %s", name, w.Body)
	}
}

func TestRoles(t *testing.T) {
	for _, c := range []struct {
		have Role
		may  string
	}{{Agent, "agent"}, {Viewer, "viewer"}, {Operator, "viewer operator"}, {Approver, "viewer operator approver"}, {Admin, "agent viewer operator approver admin"}} {
		for _, need := range []Role{Agent, Viewer, Operator, Approver, Admin} {
			if got, want := c.have.Covers(need), strings.Contains(c.may, string(need)); got != want {
				t.Errorf("%s covers %s: %v", c.have, need, got)
			}
		}
	}
}

func TestScope(t *testing.T) {
	d, _ := open(t)
	agent, director := d.find(agentToken), d.find(viewerToken)
	for _, c := range []struct {
		device, owner string
		want          bool
	}{
		{"HNI-0001", "", true}, {"HNI-0001", "edge-1", true}, {"HNI-0001", "edge-2", false},
		{"VN2-PE-7", "", true}, {"VN2-PE-70", "", false}, {"HCM-0001", "", false}, {"HCM-0001", "edge-1", true},
	} {
		if got := agent.MayWrite(c.device, c.owner); got != c.want {
			t.Errorf("%s of %q: %v", c.device, c.owner, got)
		}
	}
	if director.MayWrite("HNI-0001", "") || !director.MaySee("01") || director.MaySee("79") || !agent.MaySee("79") {
		t.Error("a viewer writes, or sees the wrong provinces")
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "", true}, {"a*", "a", true}, {"a*b", "ab", true}, {"a*b", "axxb", true}, {"a*a", "a", false},
		{"a*b*c", "a-b-b-c", true}, {"a*b*c", "a-c-b", false}, {"*x*", "axb", true}, {"", "", true}, {"", "a", false},
	} {
		if got := matches(c.pattern, c.name); got != c.want {
			t.Errorf("%q and %q: %v", c.pattern, c.name, got)
		}
	}
}

func TestFileMistakes(t *testing.T) {
	for text, want := range map[string]string{
		`principals: [{name: a, role: king, token_sha256: "` + sum("x") + `"}]`:                                               `role: "king"`,
		`principals: [{name: a, role: viewer}]`:                                                                               "want either token or token_sha256",
		`principals: [{name: a, role: viewer, token_sha256: "12"}]`:                                                           "64 hexadecimal",
		`principals: [{name: a, role: viewer, token: "env:HAIDANG_NO_SUCH"}]`:                                                 "HAIDANG_NO_SUCH",
		`principals: [{name: a, role: viewer, token: "hunter2"}]`:                                                             "by reference",
		`principals: [{name: a, role: agent, token_sha256: "` + sum("x") + `"}]`:                                              "devices: want patterns",
		`principals: [{name: a, role: viewer, devices: ["*"], token_sha256: "` + sum("x") + `"}]`:                             "for role agent",
		`principals: [{name: a, roel: viewer}]`:                                                                               "roel",
		`principals: [{role: viewer, token_sha256: "` + sum("x") + `"}]`:                                                      "name: want one",
		`principals: [{name: a, role: viewer, token_sha256: "` + sum("x") + `"}, {name: a, role: admin, token_sha256: "00"}]`: "appears twice",
	} {
		_, err := Open(write(t, text), prometheus.NewRegistry())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
}

func TestReloadKeepsTheOldOnError(t *testing.T) {
	d, _ := open(t)
	before := d.find(agentToken)
	if err := os.WriteFile(d.path, []byte("principals: 7"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.Reload(); err == nil {
		t.Error("a broken file was accepted")
	}
	if d.find(agentToken) != before {
		t.Error("the broken file changed who is known")
	}
}
