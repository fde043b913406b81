// Package heartbeat says once in a while that the agent lives, by a point that goes through the spool like all
// others: when it stays away, the collector calls unknown what the agent watches.
package heartbeat

import (
	"context"
	"time"

	"github.com/haidang-noc/haidang/agent/spool"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/rs/zerolog"
)

// Heartbeat writes the measurement agent.
type Heartbeat struct {
	every  time.Duration
	key    []byte
	spool  *spool.Spool
	log    zerolog.Logger
	packer *point.Packer
}

// New makes the heartbeat of the agent called name.
func New(name string, every time.Duration, s *spool.Spool, log zerolog.Logger) (*Heartbeat, error) {
	packer, err := point.NewPacker()
	if err != nil {
		return nil, err
	}
	key := point.AppendKey(nil, "agent", point.Tag{Key: "agent", Value: name})
	return &Heartbeat{every: every, key: key, spool: s, log: log, packer: packer}, nil
}

// Run beats now and then every interval until ctx is done. A beat that the spool does not take is missed:
// the next one tells more.
func (h *Heartbeat) Run(ctx context.Context) error {
	tick := time.NewTicker(h.every)
	defer tick.Stop()
	for {
		if err := h.beat(time.Now()); err != nil {
			h.log.Warn().Err(err).Msg("heartbeat missed")
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (h *Heartbeat) beat(now time.Time) error {
	st := h.spool.Stats()
	var e point.Encoder
	e.Begin(h.key)
	e.Bool("up", true)
	e.Int("interval_s", int64(h.every.Seconds()))
	e.Int("spool_bytes", st.Bytes)
	e.Int("spool_batches", int64(st.PendingBatches))
	e.Int("spool_points", int64(st.PendingPoints))
	e.Uint("dropped_batches", st.DroppedBatches)
	e.Uint("dropped_points", st.DroppedPoints)
	e.End(now.UnixNano())
	if err := h.packer.Add(e.Bytes(), e.Lines()); err != nil {
		return err
	}
	_, err := h.spool.Append(h.packer.Take())
	return err
}
