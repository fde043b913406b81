package shipper

import (
	"net/http"
	"time"
)

// A batch at which the collector fails each time would hold back all others for ever, since none may be a whole window
// ahead of it. It is given up when the fault can only be its own: the collector took half a window of later batches, and
// then, for stuckFor and in stuckTries attempts or more, answered this one with an error that says that it is there and
// that it broke. Whoever is away, busy, or has nobody behind it, answers otherwise.
const (
	stuckFor   = time.Hour
	stuckTries = 20
	stuckSpan  = maxSpan / 2
)

// trouble is what one batch has met since the collector last said something else of it.
type trouble struct {
	begun bool
	taken int64 // batches that the collector had taken when it began
	since time.Time
	tries int // since then
}

// failed notes an attempt that failed, and says whether the batch is to be given up; taken is how many batches the
// collector has taken until now.
func (t *trouble) failed(a answer, taken int64, now time.Time) (stuck bool) {
	if !a.broke() {
		*t = trouble{}
		return false
	}
	if !t.begun {
		t.begun, t.taken = true, taken
	}
	if taken-t.taken < stuckSpan {
		t.since = now
		return false
	}
	t.tries++
	return t.tries >= stuckTries && now.Sub(t.since) >= stuckFor
}

// broke says that a server was there and met an error of its own.
func (a answer) broke() bool {
	switch a.status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return false
	}
	return a.err == nil && a.status/100 == http.StatusInternalServerError/100
}
