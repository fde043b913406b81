package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/principal"
)

// beatEvery is how often a silent stream shows that it lives: proxies cut what says nothing.
const beatEvery = 15 * time.Second

// alarmStream tells everything that happens to the caller's alarms, as server-sent events. The id of
// each is its sequence; who connects again with it misses nothing. The event "reset" says that too much
// was missed: list the alarms anew.
func (d Deps) alarmStream(w http.ResponseWriter, r *http.Request) {
	after, err := lastSeen(r)
	if err != nil {
		principal.WriteError(w, http.StatusBadRequest, err.Error())
		return
	}
	sub, err := d.Alarms.Subscribe(r.Context(), after)
	if err != nil {
		d.noAlarm(w, err)
		return
	}
	defer sub.Close()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // nginx
	s := sender{w, http.NewResponseController(w), sees(principal.From(r.Context()))}
	if s.begin(sub) != nil {
		return // the listener has gone
	}
	s.follow(r, sub)
}

// sender writes the events that one listener may see.
type sender struct {
	w       http.ResponseWriter
	control *http.ResponseController
	sees    func([]string) bool
}

// begin sends what was missed, and says where the stream stands.
func (s sender) begin(sub *alarm.Subscription) error {
	for _, ev := range sub.Missed {
		if err := s.send(ev); err != nil {
			return err
		}
	}
	kind := "ready"
	if sub.Lost {
		kind = "reset"
	}
	if _, err := fmt.Fprintf(s.w, "id: %d\nevent: %s\ndata: {}\n\n", sub.Seq, kind); err != nil {
		return err
	}
	return s.control.Flush()
}

// follow sends until the listener goes, is too slow, or the engine ends.
func (s sender) follow(r *http.Request, sub *alarm.Subscription) {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for {
		var err error
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
			_, err = fmt.Fprint(s.w, ": alive\n\n")
		case ev, open := <-sub.C:
			if !open {
				return
			}
			err = s.send(ev)
		}
		if err != nil || s.control.Flush() != nil {
			return
		}
	}
}

// send writes one event, if the listener may see it. What is not kept has no id.
func (s sender) send(ev alarm.Event) error {
	if ev.Alarm == nil || !s.sees(ev.Alarm.Provinces) {
		return nil
	}
	data, err := json.Marshal(ev)
	if err != nil {
		return err
	}
	id := ""
	if ev.Seq != 0 {
		id = fmt.Sprintf("id: %d\n", ev.Seq)
	}
	_, err = fmt.Fprintf(s.w, "%sevent: %s\ndata: %s\n\n", id, ev.Kind, data)
	return err
}
