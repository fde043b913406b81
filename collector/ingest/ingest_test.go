package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

const goodText = "reach,agent=edge-1,device=HNI-1,method=snmp up=true 1700000000000000001\n" +
	"interface,agent=edge-1,device=HNI-1,ifname=Gi0/1 in_octets=1u,out_octets=2u 1700000000000000001\n"

func TestEncodings(t *testing.T) {
	concatenated := append(zstded(t, goodText[:strings.Index(goodText, "\n")+1]), zstded(t, goodText[strings.Index(goodText, "\n")+1:])...)
	for _, c := range []struct {
		name, encoding string
		body           []byte
		unchanged      bool
	}{
		{"plain", "", []byte(goodText), false}, {"identity", "identity", []byte(goodText), false},
		{"gzip", "gzip", gzipped(t, goodText), false}, {"zstd", "zstd", zstded(t, goodText), true},
		{"concatenated zstd", "zstd", concatenated, true},
		{"concatenated gzip", "gzip", append(gzipped(t, goodText[:10]), gzipped(t, goodText[10:])...), false},
	} {
		r := newRig(t, nil)
		w := r.post(c.body, encoded(c.encoding))
		if w.Code != 204 || len(r.texts) != 1 || r.texts[0] != goodText {
			t.Errorf("%s: %d %s %q", c.name, w.Code, w.Body, r.texts)
			continue
		}
		m := r.messages[0]
		if m.Principal != "edge-1" || m.Spool != "" || m.Batch.Points != 2 || m.Received == 0 {
			t.Errorf("%s: %+v", c.name, m)
		}
		if same := bytes.Equal(m.Batch.Frames, c.body); same != c.unchanged {
			t.Errorf("%s: forwarded unchanged: %v", c.name, same)
		}
	}
}

func TestStatuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		body   []byte
		change func(*http.Request)
		fail   error
		status int
		says   string
	}{
		{"no token", nil, func(r *http.Request) { r.Header.Del("Authorization") }, nil, 401, "no token"},
		{"wrong token", nil, func(r *http.Request) { r.Header.Set("Authorization", "Token nonsense") }, nil, 401, "unknown token"},
		{"viewer", nil, func(r *http.Request) { r.Header.Set("Authorization", "Token "+viewToken) }, nil, 403, "role agent"},
		{"encoding", []byte("x"), encoded("br"), nil, 415, "Content-Encoding"},
		{"precision", []byte("x"), func(r *http.Request) { r.URL.RawQuery = "precision=h" }, nil, 400, "precision"},
		{"broken gzip", []byte("not gzip"), encoded("gzip"), nil, 400, "gzip"},
		{"broken zstd", []byte("not zstd"), encoded("zstd"), nil, 400, "unpack"},
		{"cut zstd", zstded(t, strings.Repeat(goodText, 100))[:40], encoded("zstd"), nil, 400, "unpack"},
		{"body too long", make([]byte, 8<<20+1), nil, nil, 413, "more than 8388608 bytes"},
		{"zstd bomb", zstded(t, strings.Repeat("\n", 65<<20)), encoded("zstd"), nil, 413, "more text than allowed"},
		{"gzip bomb", gzipped(t, strings.Repeat("\n", 65<<20)), encoded("gzip"), nil, 413, "more text than allowed"},
		{"log full", []byte(goodText), nil, ErrBusy, 429, "full"},
		{"log broken", []byte(goodText), nil, errors.New("disk on fire"), 503, "could not be stored"},
		{"nothing", nil, nil, nil, 204, ""},
		{"comment only", []byte("# nothing\n\n"), nil, nil, 204, ""},
	} {
		r := newRig(t, nil)
		r.fail = c.fail
		w := r.post(c.body, c.change)
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d: %s", c.name, w.Code, c.status, w.Body)
		}
		if c.status != 204 && !strings.Contains(failureOf(t, w), c.says) {
			t.Errorf("%s: says %s", c.name, w.Body)
		}
		if retry := w.Header().Get("Retry-After"); (retry == "5") != (c.status == 429 || c.status == 503) {
			t.Errorf("%s: Retry-After %q", c.name, retry)
		}
		if len(r.messages) != 0 {
			t.Errorf("%s: stored %q", c.name, r.texts)
		}
	}
}

// A bad line costs none of its neighbours, and the answer names it.
func TestPartialWrite(t *testing.T) {
	future := strconv.FormatInt(time.Now().Add(time.Hour).UnixNano(), 10)
	text := "reach,device=HNI-1 up=true 1\n" +
		"what is this\n" +
		"reach,device=HCM-1 up=true 2\n" +
		"# comment\n" +
		"reach,agent=edge-2,device=HNI-1 up=true 3\n" +
		"reach,device=HNI-1 up=true " + future + "\n" +
		"probe,province=79 loss_ratio=0 4\n" +
		"reach,device=HNI-1,device=HNI-2 up=true 5\n" +
		"probe,province=01 loss_ratio=0.5 6\n"
	for _, encoding := range []string{"", "gzip", "zstd"} {
		r := newRig(t, nil)
		body := map[string][]byte{"": []byte(text), "gzip": gzipped(t, text), "zstd": zstded(t, text)}[encoding]
		w := r.post(body, encoded(encoding))
		said := failureOf(t, w)
		for _, want := range []string{"partial write: 6 of 8 lines rejected", "; line 2: column ", `; line 3: device "HCM-1" is not`,
			`; line 5: agent "edge-2" is not`, "; line 6: time " + future + " is more than 10m0s ahead",
			`; line 7: province "79" is not`, `; line 8: tag "device" appears twice`} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: no %q in %s", encoding, want, said)
			}
		}
		want := "reach,device=HNI-1 up=true 1\nprobe,province=01 loss_ratio=0.5 6\n"
		if w.Code != 400 || len(r.texts) != 1 || r.texts[0] != want || r.messages[0].Batch.Points != 2 {
			t.Errorf("%s: %d, stored %q", encoding, w.Code, r.texts)
		}
		for reason, n := range map[string]float64{"syntax": 2, "device": 1, "agent": 1, "province": 1, "future": 1} {
			if got := r.metric("haidang_ingest_rejected_lines_total", reason); got != n {
				t.Errorf("%s: counted %v rejected for %s, want %v", encoding, got, reason, n)
			}
		}
		if got := r.metric("haidang_ingest_accepted_lines_total"); got != 2 {
			t.Errorf("%s: counted %v accepted", encoding, got)
		}
	}
}

func TestAllBad(t *testing.T) {
	r := newRig(t, nil)
	w := r.post([]byte(strings.Repeat("nonsense\n", 30)), nil)
	if said := failureOf(t, w); w.Code != 400 || !strings.HasPrefix(said, "unable to parse: all 30 lines") || !strings.HasSuffix(said, "and 20 more") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if len(r.messages) != 0 {
		t.Errorf("stored %q", r.texts)
	}
}

func TestLinesWithoutTime(t *testing.T) {
	r := newRig(t, nil)
	before := time.Now().UnixNano()
	r.post(zstded(t, "reach,device=HNI-1 up=true\nreach,device=HNI-2  up=true 5 \r\n"), encoded("zstd"))
	lines := strings.Split(r.texts[0], "\n")
	stamp, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "reach,device=HNI-1 up=true "), 10, 64)
	if err != nil || stamp < before || stamp != r.messages[0].Received {
		t.Errorf("%q, received %d", lines, r.messages[0].Received)
	}
	if lines[1] != "reach,device=HNI-2  up=true 5" {
		t.Errorf("%q", lines[1])
	}
}

func TestPrecisions(t *testing.T) {
	for path, want := range map[string]string{
		"/api/v2/write?precision=ns": "7", "/api/v2/write?precision=us": "7000", "/api/v2/write?precision=ms": "7000000",
		"/api/v2/write?precision=s": "7000000000", "/api/v2/write": "7", "/write?precision=n": "7", "/write?precision=u": "7000",
		"/write?precision=m": "420000000000", "/write?precision=h&db=telegraf&rp=": "25200000000000",
	} {
		r := newRig(t, nil)
		w := r.post(zstded(t, "reach,device=HNI-1 up=true 7\n"), func(q *http.Request) {
			u := httptest.NewRequest("POST", path, nil).URL
			q.URL = u
			q.Header.Set("Content-Encoding", "zstd")
		})
		if w.Code != 204 || r.texts[0] != "reach,device=HNI-1 up=true "+want+"\n" {
			t.Errorf("%s: %d %s %q", path, w.Code, w.Body, r.texts)
		}
	}
}

func TestBatchHeader(t *testing.T) {
	r := newRig(t, nil)
	w := r.post([]byte(goodText), func(q *http.Request) { q.Header.Set("Haidang-Batch", spoolID+"/18446744073709551615") })
	if w.Code != 204 || r.messages[0].Spool != spoolID || r.messages[0].Sequence != 1<<64-1 {
		t.Errorf("%d %s %+v", w.Code, w.Body, r.messages)
	}
	for _, bad := range []string{"", "x", spoolID, spoolID + "/", spoolID + "/-1", spoolID + "/+1", spoolID + "/01", spoolID + "/1 ",
		spoolID + "/18446744073709551616", spoolID + "/1/2", strings.ToUpper(spoolID) + "/1", spoolID[1:] + "/1", "g" + spoolID[1:] + "/1"} {
		r := newRig(t, nil)
		w := r.post([]byte(goodText), func(q *http.Request) { q.Header["Haidang-Batch"] = []string{bad} })
		if w.Code != 400 || !strings.Contains(failureOf(t, w), "Haidang-Batch") || len(r.messages) != 0 {
			t.Errorf("%q: %d %s", bad, w.Code, w.Body)
		}
	}
	w = r.post([]byte(goodText), func(q *http.Request) { q.Header["Haidang-Batch"] = []string{spoolID + "/1", spoolID + "/2"} })
	if w.Code != 400 {
		t.Errorf("two headers: %d", w.Code)
	}
}

func TestClockSkew(t *testing.T) {
	r := newRig(t, nil)
	r.post([]byte(goodText), func(q *http.Request) {
		q.Header.Set("Haidang-Sent", strconv.FormatInt(time.Now().Add(-time.Hour).UnixNano(), 10))
	})
	if skew := r.metric("haidang_ingest_clock_skew_seconds", "edge-1"); skew < 3600 || skew > 3660 {
		t.Errorf("an agent one hour behind: %v", skew)
	}
}

// What the inventory says counts from the next Forget on.
func TestForget(t *testing.T) {
	r := newRig(t, nil)
	if w := r.post([]byte(goodText), nil); w.Code != 204 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	r.owner["HNI-1"] = "edge-2"
	if w := r.post([]byte(goodText), nil); w.Code != 204 {
		t.Errorf("the verdict was not remembered: %d", w.Code)
	}
	r.h.Forget()
	if w := r.post([]byte(goodText), nil); w.Code != 400 {
		t.Errorf("the device of another agent was accepted: %d", w.Code)
	}
	if w := r.post([]byte(goodText), func(q *http.Request) { q.Header.Set("Authorization", "Token "+adminToken) }); w.Code != 204 {
		t.Errorf("an admin writes everything: %d %s", w.Code, w.Body)
	}
}

func TestKeysAreBounded(t *testing.T) {
	r := newRig(t, func(c *Config, _ *Deps) { c.CachedKeys = 10 })
	var text strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&text, "reach,device=HNI-%d up=true 1\n", i)
	}
	if w := r.post([]byte(text.String()), nil); w.Code != 204 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	k := r.h.keys["edge-1"]
	if len(k.young) > 10 || len(k.old) > 10 || len(k.old) == 0 {
		t.Errorf("%d + %d keys remembered, want at most 10 + 10", len(k.young), len(k.old))
	}
}

// More requests than allowed are sent away while the others wait for the log.
func TestRequestsAreBounded(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	r := newRig(t, func(c *Config, d *Deps) {
		c.Requests = 2
		d.Sink = func(context.Context, Message) error { entered <- struct{}{}; <-leave; return nil }
	})
	done := make(chan int)
	for range 2 {
		go func() { done <- r.post([]byte(goodText), nil).Code }()
		<-entered
	}
	if got := r.metric("haidang_ingest_in_flight_requests"); got != 2 {
		t.Errorf("%v in flight, want 2", got)
	}
	if w := r.post([]byte(goodText), nil); w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("the third request: %d %s", w.Code, w.Body)
	}
	close(leave)
	for range 2 {
		if code := <-done; code != 204 {
			t.Errorf("answered %d", code)
		}
	}
}

func TestWhatClientsAskFirst(t *testing.T) {
	r := newRig(t, nil)
	for _, c := range []struct {
		method, path, token string
		status              int
		says                string
	}{
		{"GET", "/ping", "", 204, ""}, {"HEAD", "/ping", "", 204, ""}, {"GET", "/health", "", 200, `"status":"pass"`},
		{"POST", "/query?q=CREATE+DATABASE+%22telegraf%22", edgeToken, 200, `{"results":[{"statement_id":0}]}`},
		{"POST", "/query?q=DROP+DATABASE+x", edgeToken, 400, "CREATE DATABASE"},
		{"POST", "/query?q=CREATE+DATABASE+x", "", 401, "no token"},
	} {
		req := httptest.NewRequest(c.method, c.path, nil)
		if c.token != "" {
			req.Header.Set("Authorization", "Token "+c.token)
		}
		w := httptest.NewRecorder()
		r.mux.ServeHTTP(w, req)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
		if c.path == "/ping" && w.Header().Get("X-Influxdb-Version") == "" {
			t.Error("ping names no version")
		}
	}
}

func TestBodyThatNeverEnds(t *testing.T) {
	r := newRig(t, func(c *Config, _ *Deps) { c.BodyWithin = 20 * time.Millisecond })
	body, hold := io.Pipe()
	defer hold.Close()
	if code := r.serve(body); code != 408 {
		t.Errorf("%d, want 408", code)
	}
}

// The time in which a body must come is not the log's time.
func TestSlowLog(t *testing.T) {
	const within = 2 * time.Second
	r := newRig(t, func(c *Config, d *Deps) {
		c.BodyWithin = within
		d.Sink = func(ctx context.Context, _ Message) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(within + 100*time.Millisecond):
				return nil
			}
		}
	})
	if code := r.serve(strings.NewReader(goodText)); code != 204 {
		t.Errorf("%d, want 204", code)
	}
}
