package probe

import (
	"bytes"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/plugins/probe/train"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

const (
	anchorEvery = 5 * time.Second
	anchorReach = 3 * anchorEvery // how old an anchor's answer may be, and how long one is waited for
	mostDoubted = 1 << 14         // points that wait for an anchor
	isolated    = "isolated"
)

// judge decides whether losses are believed. Anchors are addresses near this machine, its gateway for instance: while none
// of them answers, it is this machine that is cut off. A point with losses is written once an anchor has answered before it
// and after it.
type judge struct {
	writer  *writer
	metrics *metrics
	anchors int // none: everything is believed
	log     *slog.Logger

	mu       sync.Mutex
	good     time.Time // when an anchor's last good round began
	alone    bool      // no anchor answers
	doubtful []finding
}

// finding is what a round found out.
type finding struct {
	method       string
	began, ended time.Time
	answered     bool // something did
	lossy        bool // and something did not
	points       int
	lines        []byte
	supported    bool // an anchor had answered not long before
}

// settle writes a finding, or keeps it until an anchor answers.
func (j *judge) settle(f finding, e *sdk.Encoder) {
	f.lines, f.points = bytes.Clone(e.Bytes()), e.Lines()
	if !f.lossy || j.anchors == 0 {
		j.write(&f)
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	f.supported = f.began.Sub(j.good) < anchorReach
	if len(j.doubtful) >= mostDoubted {
		j.metrics.lost(f.method, isolated)
		return
	}
	j.doubtful = append(j.doubtful, f)
}

func (j *judge) write(f *finding) {
	j.metrics.ended(f.method, f.answered)
	j.writer.put(f.lines, f.points)
}

// anchor takes an anchor's round, and decides about what waited for it.
func (j *judge) anchor(r *train.Round) {
	j.mu.Lock()
	defer j.mu.Unlock()
	answered := r.Unknown == "" && r.Answers > 0
	if answered && r.Began.After(j.good) {
		j.good = r.Began
	}
	j.tell(r.Ended.Sub(j.good) > anchorReach)
	kept := j.doubtful[:0]
	for _, f := range j.doubtful {
		switch {
		case answered && f.supported && !r.Began.Before(f.ended):
			j.write(&f)
		case r.Ended.Sub(f.ended) > anchorReach || answered && !f.supported:
			j.metrics.lost(f.method, isolated)
		default:
			kept = append(kept, f)
		}
	}
	clear(j.doubtful[len(kept):])
	j.doubtful = kept
}

// tell tells when this machine is cut off, and when it is so no more. The lock is held.
func (j *judge) tell(alone bool) {
	j.metrics.isolated(alone)
	switch {
	case alone && !j.alone:
		j.log.Warn("no anchor answers: losses are not believed", "anchors", j.anchors)
	case !alone && j.alone:
		j.log.Info("an anchor answers again")
	}
	j.alone = alone
}

// anchorConfig is how an anchor is asked.
func anchorConfig(a netip.Addr) train.Config {
	return train.Config{Name: "anchor/" + a.String(), Peer: netip.AddrPortFrom(a.Unmap(), 0), Packets: 3, Spacing: 100 * time.Millisecond,
		Interval: anchorEvery, Timeout: time.Second}
}
