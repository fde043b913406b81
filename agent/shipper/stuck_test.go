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
	const away = 0
	answer := func(code int) (*http.Response, error) {
		if code == away {
			return nil, errors.New("no route")
		}
		return status(code), nil
	}
	for name, c := range map[string]struct{ fifth, others int }{
		"away":                        {away, away},
		"broken for all":              {500, 500},
		"the fifth meets a limit":     {429, 204},
		"the fifth finds it busy":     {503, 204},
		"the fifth finds nobody":      {away, 204},
		"the fifth finds a gateway":   {502, 204},
		"the fifth is not authorised": {401, 204},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, "http://collector", nil)
				r.answers(func(request *http.Request) (*http.Response, error) {
					if sequence(request) == 5 {
						return answer(c.fifth)
					}
					return answer(c.others)
				})
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
