package shipper

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/haidang-noc/haidang/agent/spool"
	"github.com/haidang-noc/haidang/internal/point"
)

const away = 0 // stands for no answer

func reply(code int) (*http.Response, error) {
	if code == away {
		return nil, errors.New("connection reset")
	}
	return status(code), nil
}

// poisoned answers what a batch that says so deserves, and 204 to all others.
func poisoned(code int) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		if body, err := io.ReadAll(r.Body); err != nil || strings.Contains(string(body), "poison") {
			return reply(code)
		}
		return reply(http.StatusNoContent)
	}
}

// A batch that is never taken, whatever the answer, delays the others by no more than a pause or two, and is put aside in the
// end.
func TestABatchThatIsNeverTakenHoldsBackNobody(t *testing.T) {
	for _, code := range []int{500, 503, away} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, "http://collector", nil)
				r.answers(poisoned(code))
				stop := r.run()
				const every, others = 5 * time.Second, 1200
				for i := range others {
					if i == 3 {
						if _, err := r.spool.Append(point.Batch{Frames: []byte("poison"), Points: 1, Raw: 6}); err != nil {
							t.Error(err)
						}
					}
					r.append(1)
					time.Sleep(every)
					if n := r.spool.Stats().PendingBatches; n > maxSpan {
						t.Fatalf("%d batches wait", n)
					}
				}
				stop()
				if n := r.metric("haidang_shipper_sent_batches_total", ""); n != others {
					t.Errorf("%v batches sent, want %d", n, others)
				}
				if n := r.metric("haidang_shipper_moved_batches_total", ""); n < stuckMoves {
					t.Errorf("moved %v times before it was put aside, want %d", n, stuckMoves)
				}
				if files, _ := filepath.Glob(filepath.Join(r.dir, "rejected", "*.zst")); len(files) != 1 {
					t.Errorf("put aside: %v", files)
				}
			})
		})
	}
}

// Nothing is moved or given up while the collector is away or broken for all, however long, nor is what fails now and then.
func TestNothingIsGivenUpForWhatIsNotItsFault(t *testing.T) {
	for _, code := range []int{500, 503, 401, away} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, "http://collector", nil)
				r.answers(func(*http.Request) (*http.Response, error) { return reply(code) })
				r.append(200)
				stop := r.run()
				time.Sleep(48 * time.Hour)
				stop()
				if moved, n := r.metric("haidang_shipper_moved_batches_total", ""), r.spool.Stats().PendingBatches; moved != 0 || n != 200 {
					t.Errorf("%v moved, %d wait", moved, n)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "http://collector", nil)
		n := 0
		r.answers(func(*http.Request) (*http.Response, error) {
			n++
			return reply([]int{204, 503, away, 204, 500}[n%5])
		})
		r.append(500)
		stop := r.run()
		for r.spool.Stats().PendingBatches > 0 {
			time.Sleep(time.Minute)
		}
		stop()
		if n := r.metric("haidang_shipper_rejected_batches_total", ""); n != 0 {
			t.Errorf("%v batches put aside", n)
		}
	})
}

// A spool without room keeps the batch where it is.
func TestABatchThatCannotBeMovedStays(t *testing.T) {
	r := newRig(t, "http://collector", nil)
	if err := r.spool.Close(); err != nil {
		t.Fatal(err)
	}
	if r.shipper.move(spool.Record{}, trouble{}) || r.metric("haidang_shipper_moved_batches_total", "") != 0 {
		t.Error("moved into a closed spool")
	}
}
