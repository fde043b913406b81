package shipper

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
)

func TestEverythingArrivesOnceUnderItsName(t *testing.T) {
	c := &collector{}
	var opened sync.Map
	srv := httptest.NewUnstartedServer(c)
	srv.Config.ConnState = func(conn net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Store(conn.RemoteAddr().String(), true)
		}
	}
	srv.Start()
	defer srv.Close()
	r := newRig(t, srv.URL+"/prefix/", nil)
	defer r.run()()
	r.append(200)
	r.untilEmpty()
	if got := len(c.requests()); got != 200 || len(c.bodies) != 200 {
		t.Errorf("%d requests, %d batches; want 200", got, len(c.bodies))
	}
	if c.bodies[r.spool.ID()+"/17"] != "batch 16" {
		t.Errorf("batch 17 is %q", c.bodies[r.spool.ID()+"/17"])
	}
	conns := 0
	opened.Range(func(any, any) bool { conns++; return true })
	if conns > r.shipper.cfg.InFlight {
		t.Errorf("%d connections for %d requests at a time", conns, r.shipper.cfg.InFlight)
	}
	for name, want := range map[string]string{
		"Content-Encoding": "zstd", "Content-Type": "text/plain; charset=utf-8", "User-Agent": "haidang-agent/dev", "Accept-Encoding": "", "Authorization": "",
	} {
		if got := c.headers.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if sent, err := strconv.ParseInt(c.headers.Get("Haidang-Sent"), 10, 64); err != nil || sent < 1e18 {
		t.Errorf("Haidang-Sent %d, %v", sent, err)
	}
	if b, p := r.metric("haidang_shipper_sent_batches_total", ""), r.metric("haidang_shipper_sent_points_total", ""); b != 200 || p != 2000 {
		t.Errorf("counted %v batches, %v points", b, p)
	}
}

func TestEachVerdict(t *testing.T) {
	c := &collector{answer: func(w http.ResponseWriter, r *http.Request, nth int) {
		retried := []int{401, 403, 404, 408, 429, 500, 503, 302}
		switch n := sequence(r); {
		case n <= len(retried) && nth == 1:
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(retried[n-1])
		case n == 10:
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"code":"invalid","message":"partial write: 1 of 9 lines rejected; line 3: reach,device=hn-r7 up=perhaps"}`)
		case n == 11:
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		case n == 12 && nth == 1:
			http.Error(w, "what is this?", http.StatusBadRequest)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}}
	srv := httptest.NewServer(c)
	defer srv.Close()
	r := newRig(t, srv.URL, func(c *Config) { c.InFlight = 1 })
	r.append(13)
	stop := r.run()
	r.untilEmpty()
	stop()
	for reason, want := range map[string]float64{"401": 1, "403": 1, "404": 1, "408": 1, "429": 1, "500": 1, "503": 1, "302": 1, "400": 1, "": 9} {
		if got := r.metric("haidang_shipper_retries_total", reason); got != want {
			t.Errorf("retries %q: %v, want %v", reason, got, want)
		}
	}
	for name, want := range map[string]float64{
		"haidang_shipper_sent_batches_total": 12, "haidang_shipper_partial_batches_total": 1,
		"haidang_shipper_rejected_batches_total": 1, "haidang_spool_rejected_batches_total": 1,
		"haidang_shipper_rejected_points_total": 10,
		"haidang_shipper_in_flight_batches":     0, "haidang_shipper_oldest_unsent_seconds": 0, "haidang_shipper_collector_up": 1,
	} {
		if got := r.metric(name, ""); got != want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(r.dir, "rejected", "*11.zst")); len(files) != 1 {
		t.Errorf("rejected: %v", files)
	}
	if !strings.Contains(r.log.String(), `"devices":["hn-r7"]`) {
		t.Errorf("the log names no device:\n%s", r.log)
	}
}

func TestPartialWritesAreLoggedRarely(t *testing.T) {
	c := &collector{answer: func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"code":"invalid","message":"partial write: 1 of 9 lines rejected"}`)
	}}
	srv := httptest.NewServer(c)
	defer srv.Close()
	r := newRig(t, srv.URL, nil)
	r.append(50)
	stop := r.run()
	r.untilEmpty()
	stop()
	if n := strings.Count(r.log.String(), "partial write"); n != 3 {
		t.Errorf("%d lines in the log, want 3 a minute", n)
	}
	if got := r.metric("haidang_shipper_partial_batches_total", ""); got != 50 {
		t.Errorf("%v counted", got)
	}
}

// The oldest batch gets no answer until all others that may go have theirs.
func TestCommitAdvancesInOrderWithinTheSpan(t *testing.T) {
	const n = 150
	others, release := make(chan int, n), make(chan struct{})
	c := &collector{answer: func(w http.ResponseWriter, r *http.Request, _ int) {
		if seq := sequence(r); seq == 1 {
			<-release
		} else {
			others <- seq
		}
		w.WriteHeader(http.StatusNoContent)
	}}
	srv := httptest.NewServer(c)
	defer srv.Close()
	r := newRig(t, srv.URL, nil)
	r.append(n)
	stop := r.run()
	for range maxSpan - 1 { // 2 to 64
		if seq := <-others; seq > maxSpan {
			t.Errorf("%d is under way while 1 is not acknowledged", seq)
		}
	}
	if st := r.spool.Stats(); st.PendingBatches != n {
		t.Errorf("%d of %d pending before the first one is acknowledged", st.PendingBatches, n)
	}
	if r.metric("haidang_shipper_oldest_unsent_seconds", "") <= 0 {
		t.Error("the oldest batch has no age")
	}
	close(release)
	r.untilEmpty()
	stop()
	if got := len(c.requests()); got != n {
		t.Errorf("%d requests", got)
	}
}

func TestAConnectionKilledAfterTheBatchWasTakenRepeatsItsName(t *testing.T) {
	c := &collector{answer: func(w http.ResponseWriter, _ *http.Request, nth int) {
		if nth > 1 {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}}
	srv := httptest.NewServer(c)
	defer srv.Close()
	r := newRig(t, srv.URL, nil)
	r.append(5)
	stop := r.run()
	r.untilEmpty()
	stop()
	times := map[string]int{}
	for _, name := range c.requests() {
		times[name]++
	}
	for seq := 1; seq <= 5; seq++ {
		if name := fmt.Sprintf("%s/%d", r.spool.ID(), seq); times[name] < 2 {
			t.Errorf("%s came %d times, want twice", name, times[name])
		}
	}
	if r.metric("haidang_shipper_retries_total", "network") == 0 {
		t.Error("no retry is counted")
	}
}

func TestShutdownLeavesWhatIsUnderWayInTheSpool(t *testing.T) {
	arrived, release := make(chan int, 20), make(chan struct{})
	c := &collector{answer: func(_ http.ResponseWriter, r *http.Request, _ int) {
		arrived <- sequence(r)
		<-release
	}}
	srv := httptest.NewServer(c)
	defer srv.Close()
	defer close(release)
	r := newRig(t, srv.URL, nil)
	r.append(10)
	stop := r.run()
	for range r.shipper.cfg.InFlight {
		<-arrived
	}
	stop()
	id := r.spool.ID()
	if err := r.spool.Close(); err != nil {
		t.Fatal(err)
	}
	again := &collector{}
	srv2 := httptest.NewServer(again)
	defer srv2.Close()
	r = openRig(t, r.dir, srv2.URL, nil)
	if st := r.spool.Stats(); st.PendingBatches != 10 || r.spool.ID() != id {
		t.Fatalf("after the restart: %+v, spool %s, was %s", st, r.spool.ID(), id)
	}
	stop = r.run()
	r.untilEmpty()
	stop()
	if again.bodies[id+"/1"] != "batch 0" || len(again.bodies) != 10 {
		t.Errorf("%v", again.bodies)
	}
}

func TestRetryAfterHoldsEverythingBack(t *testing.T) {
	for name, value := range map[string]func() string{
		"seconds": func() string { return "40" },
		"date":    func() string { return time.Now().Add(40 * time.Second).UTC().Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, "http://collector", nil)
				var mu sync.Mutex
				var second time.Duration
				n, start := 0, time.Now()
				r.answers(func(*http.Request) (*http.Response, error) {
					mu.Lock()
					defer mu.Unlock()
					if n++; n == 1 {
						res := status(http.StatusServiceUnavailable)
						res.Header.Set("Retry-After", value())
						return res, nil
					}
					second = time.Since(start)
					return status(http.StatusNoContent), nil
				})
				r.append(1)
				stop := r.run()
				time.Sleep(time.Minute)
				stop()
				if second < 39*time.Second || second > 41*time.Second {
					t.Errorf("second request after %v, want 40s", second)
				}
			})
		})
	}
}

func TestAHangingServerIsGivenUpAfterTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "http://collector", nil)
		var mu sync.Mutex
		n := 0
		r.answers(func(req *http.Request) (*http.Response, error) {
			mu.Lock()
			n++
			first := n == 1
			mu.Unlock()
			if first {
				<-req.Context().Done()
				return nil, req.Context().Err()
			}
			return status(http.StatusNoContent), nil
		})
		r.append(1)
		stop := r.run()
		time.Sleep(r.shipper.cfg.Timeout.D() - time.Millisecond)
		mu.Lock()
		if n != 1 {
			t.Errorf("%d requests before the timeout", n)
		}
		mu.Unlock()
		time.Sleep(10 * time.Second)
		stop()
		if got := r.metric("haidang_shipper_retries_total", "timeout"); got != 1 || r.spool.Stats().PendingBatches != 0 {
			t.Errorf("%v timeouts, %+v", got, r.spool.Stats())
		}
	})
}

// A collector that is away for an hour is asked by one request at a time, ever more rarely, and gets everything
// when it is back.
func TestACollectorThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "http://collector", func(c *Config) { c.RetryMin = conf.Duration(500 * time.Millisecond) })
		var mu sync.Mutex
		start, away, atOnce, most, asked, got := time.Now(), time.Hour, 0, 0, 0, 0
		r.answers(func(*http.Request) (*http.Response, error) {
			mu.Lock()
			later := time.Since(start) > time.Second // the first ones may fail together
			if later && time.Since(start) < away {
				atOnce++
				most = max(most, atOnce)
			}
			up := time.Since(start) > away
			mu.Unlock()
			time.Sleep(2 * time.Second)
			mu.Lock()
			defer mu.Unlock()
			if later {
				atOnce--
			}
			if !up {
				asked++
				return nil, errors.New("connection refused")
			}
			got++
			return status(http.StatusNoContent), nil
		})
		r.append(100)
		stop := r.run()
		time.Sleep(away)
		mu.Lock()
		if most != 1 {
			t.Errorf("%d requests at a time to a dead collector", most)
		}
		if asked < 100 || asked > 300 {
			t.Errorf("%d requests in an hour with pauses of 15 s to 30 s", asked)
		}
		mu.Unlock()
		if err := r.shipper.Reachable(); err == nil || r.metric("haidang_shipper_collector_up", "") != 0 {
			t.Errorf("Reachable = %v", err)
		}
		if age := r.metric("haidang_shipper_oldest_unsent_seconds", ""); age < 3500 {
			t.Errorf("oldest unsent %v s", age)
		}
		time.Sleep(2 * time.Minute)
		stop()
		if got != 100 || r.shipper.Reachable() != nil {
			t.Errorf("%d batches arrived, Reachable = %v", got, r.shipper.Reachable())
		}
	})
}

func TestTheTokenIsReadAgainAfter401(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte("old\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &collector{answer: func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.Header.Get("Authorization") != "Token new" {
			_ = os.WriteFile(path, []byte("new\n"), 0o600)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}}
	srv := httptest.NewServer(c)
	defer srv.Close()
	secret, err := conf.NewSecret("file:" + path)
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, srv.URL, func(c *Config) { c.Token = secret })
	r.append(20)
	stop := r.run()
	r.untilEmpty()
	stop()
	if strings.Contains(r.log.String(), "new") || strings.Contains(r.log.String(), "old") {
		t.Errorf("the log shows the token:\n%s", r.log)
	}
}

func TestAMissingTokenIsARetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		secret, err := conf.NewSecret("file:" + filepath.Join(t.TempDir(), "none"))
		if err != nil {
			t.Fatal(err)
		}
		r := newRig(t, "http://collector", func(c *Config) { c.Token = secret })
		r.append(1)
		stop := r.run()
		time.Sleep(time.Minute)
		stop()
		if r.metric("haidang_shipper_retries_total", "token") == 0 || r.spool.Stats().PendingBatches != 1 {
			t.Errorf("%s", r.log)
		}
	})
}

// A batch that cannot be put aside is not forgotten.
func TestARejectedBatchIsKeptUntilItIsPutAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "http://collector", nil)
		aside := filepath.Join(r.dir, "rejected")
		if err := os.Remove(aside); err != nil {
			t.Fatal(err)
		}
		r.answers(func(*http.Request) (*http.Response, error) { return status(http.StatusRequestEntityTooLarge), nil })
		r.append(1)
		stop := r.run()
		time.Sleep(5 * time.Minute)
		if r.spool.Stats().PendingBatches != 1 {
			t.Error("the batch is gone")
		}
		if err := os.Mkdir(aside, 0o750); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Minute)
		stop()
		if r.spool.Stats().PendingBatches != 0 || r.metric("haidang_shipper_rejected_batches_total", "413") != 1 {
			t.Errorf("%+v\n%s", r.spool.Stats(), r.log)
		}
	})
}
