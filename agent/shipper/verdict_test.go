package shipper

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	const words = "partial write: 1 of 2 lines rejected"
	for _, c := range []struct {
		status  int
		message string
		want    verdict
	}{
		{200, "", done}, {204, "", done}, {299, "", done},
		{400, words, partial}, {400, "unable to parse: all 2 lines rejected", rejected}, {400, "", again},
		{413, "", rejected}, {405, "", rejected}, {422, words, rejected},
		{401, "", again}, {403, "", again}, {404, "", again}, {408, "", again}, {425, "", again}, {429, words, again},
		{500, words, again}, {502, "", again}, {503, "", again}, {599, "", again},
		{301, "", again}, {307, "", again}, {0, "", again},
	} {
		if got := judge(c.status, c.message); got != c.want {
			t.Errorf("judge(%d, %q) = %d, want %d", c.status, c.message, got, c.want)
		}
	}
}

func TestCollectorMessage(t *testing.T) {
	for body, want := range map[string]string{
		`{"code":"invalid","message":"partial write: x"}`: "partial write: x",
		`{"error":"partial write: y"}`:                    "partial write: y",
		`Client sent an HTTP request to an HTTPS server.`: "",
		`"text"`: "", `{}`: "", ``: "",
	} {
		if got := collectorMessage([]byte(body)); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":         0,
		"7":        7 * time.Second,
		" 7 ":      7 * time.Second,
		"-7":       0,
		"soon":     0,
		"99999999": maxRetryAfter,
		now.Add(90 * time.Second).Format(http.TimeFormat): 90 * time.Second,
		now.Add(-time.Hour).Format(http.TimeFormat):       0,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestDevices(t *testing.T) {
	got := devices(`partial write: 2 of 9 lines rejected; line 3: reach,agent=hn,device=hn-r1 up=maybe; line 5: x,device=hn-r2,ifname=a v=`)
	if want := []string{"hn-r1", "hn-r2"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := devices("line 1: no device"); len(got) != 0 {
		t.Errorf("%v", got)
	}
}
