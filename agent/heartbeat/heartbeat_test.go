package heartbeat

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/haidang-noc/haidang/agent/spool"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

func TestABeatEveryInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := spool.DefaultConfig()
		cfg.Dir, cfg.MinFree = t.TempDir(), 0
		s, err := spool.Open(cfg, spool.Deps{Log: zerolog.Nop(), Registerer: prometheus.NewRegistry()})
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		h, err := New("hn 01", time.Minute, s, zerolog.New(&log))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Second)
		defer cancel()
		if err := h.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		lines := make([]string, 0, 3)
		for range 3 { // at 0, 60 and 120 s
			r, err := s.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			text, err := point.Unpack(nil, r.Batch.Frames, 1<<10)
			if err != nil || r.Batch.Points != 1 {
				t.Fatalf("%+v, %v", r.Batch, err)
			}
			lines = append(lines, string(text))
		}
		// Fake time begins on 2000-01-01.
		want := `agent,agent=hn\ 01 up=true,interval_s=60i,spool_bytes=0i,spool_batches=0i,spool_points=0i,dropped_batches=0u,dropped_points=0u 946684800000000000` + "\n"
		if lines[0] != want {
			t.Errorf("got  %swant %s", lines[0], want)
		}
		if !strings.Contains(lines[2], "spool_batches=2i,spool_points=2i") || !strings.HasSuffix(lines[2], " 946684920000000000\n") {
			t.Errorf("third beat %s", lines[2])
		}
		if st := s.Stats(); st.PendingBatches != 3 {
			t.Errorf("%+v", st)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := h.Run(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(log.String(), "heartbeat missed") {
			t.Errorf("on a closed spool: %v, log %s", err, log.String())
		}
	})
}
