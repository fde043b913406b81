package shipper

import (
	"errors"
	"net/http"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// A batch at which the collector fails each time is put aside in the end, and until then costs the others nothing but
// pauses.
func TestABatchThatTheCollectorAlwaysFailsAtIsPutAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "http://collector", nil)
		r.answers(func(request *http.Request) (*http.Response, error) {
			if sequence(request) == 5 {
				return status(http.StatusInternalServerError), nil
			}
			return status(http.StatusNoContent), nil
		})
		r.append(200)
		begin, stop := time.Now(), r.run()
		for r.spool.Stats().PendingBatches > 0 && time.Since(begin) < 24*time.Hour {
			time.Sleep(time.Minute)
		}
		stop()
		if took := time.Since(begin); took < stuckFor || took > stuckFor+10*time.Minute {
			t.Errorf("given up after %v, want %v", took, stuckFor)
		}
		if n := r.metric("haidang_shipper_sent_batches_total", ""); n != 199 {
			t.Errorf("%v batches sent, want 199", n)
		}
		if files, _ := filepath.Glob(filepath.Join(r.dir, "rejected", "*5.zst")); len(files) != 1 {
			t.Errorf("put aside: %v", files)
		}
	})
}

// Nothing is given up while the collector is away or broken for all, however long, nor for an answer that is not about the
// batch.
func TestNothingIsGivenUpForWhatIsNotItsFault(t *testing.T) {
	fifth := func(answer func() (*http.Response, error)) func(*http.Request) (*http.Response, error) {
		return func(r *http.Request) (*http.Response, error) {
			if sequence(r) == 5 {
				return answer()
			}
			return status(http.StatusNoContent), nil
		}
	}
	code := func(n int) func() (*http.Response, error) {
		return func() (*http.Response, error) { return status(n), nil }
	}
	away := func() (*http.Response, error) { return nil, errors.New("no route") }
	for name, answers := range map[string]func(*http.Request) (*http.Response, error){
		"away":                        func(*http.Request) (*http.Response, error) { return away() },
		"broken for all":              func(*http.Request) (*http.Response, error) { return code(500)() },
		"the fifth meets a limit":     fifth(code(429)),
		"the fifth finds it busy":     fifth(code(503)),
		"the fifth finds nobody":      fifth(away),
		"the fifth finds a gateway":   fifth(code(502)),
		"the fifth is not authorised": fifth(code(401)),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, "http://collector", nil)
				r.answers(answers)
				r.append(200)
				stop := r.run()
				time.Sleep(48 * time.Hour)
				stop()
				if n := r.metric("haidang_shipper_rejected_batches_total", ""); n != 0 || r.spool.Stats().PendingBatches == 0 {
					t.Errorf("%v batches given up, %d wait", n, r.spool.Stats().PendingBatches)
				}
			})
		})
	}
}
