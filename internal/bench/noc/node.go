package noc

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// node lets a backbone node fail with everything behind it: half of the devices are polled before it.
func (s *site) node(r *Result, p *poller) error {
	behind := s.behind(0)
	r.Behind = len(behind) - 1
	p.take(behind...)
	before, err := s.alarms()
	if err != nil {
		return err
	}
	first := time.Now()
	if err := s.writeAll(first, behind); err != nil {
		return err
	}
	half := len(behind) / 2
	now := first.Add(2 * time.Second) // a second holds one answer of a device
	<-time.After(time.Until(now))
	if err := s.writeAll(now, behind[1:half]); err != nil {
		return err
	}
	from := time.Now()
	if err := s.write(s.polls(now, false, behind[0])); err != nil {
		return err
	}
	if _, err := s.count(before, 0); err != nil {
		return err
	}
	r.NodeRoot = ms(time.Since(from))
	if err := s.writeAll(now, behind[half:]); err != nil {
		return err
	}
	from = time.Now()
	if r.Roots, err = s.count(before, r.Behind); err != nil {
		return err
	}
	r.NodeAll = ms(time.Since(from))
	return nil
}

func (s *site) writeAll(at time.Time, devices []int) error {
	for chunk := range slices.Chunk(devices, 2000) {
		if err := s.write(s.polls(at, false, chunk...)); err != nil {
			return err
		}
	}
	return nil
}

type openAlarm struct {
	ID      int64
	Name    string
	Beneath struct{ Devices int }
}

// alarms are those that are told.
func (s *site) alarms() (map[int64]openAlarm, error) {
	text, err := s.get("/api/v1/alarms?limit=100000")
	if err != nil {
		return nil, err
	}
	var list struct{ Alarms []openAlarm }
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, err
	}
	out := map[int64]openAlarm{}
	for _, a := range list.Alarms {
		out[a.ID] = a
	}
	return out, nil
}

// count waits until the first node's alarm has so many beneath it, and says how many alarms there are that were not
// there before.
func (s *site) count(before map[int64]openAlarm, beneath int) (roots int, err error) {
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		now, err := s.alarms()
		if err != nil {
			return 0, err
		}
		roots, done := 0, false
		for id, a := range now {
			if _, old := before[id]; !old {
				roots++
				done = done || a.Name == s.devices[0].name && a.Beneath.Devices >= beneath
			}
		}
		if done {
			return roots, nil
		}
		<-time.After(20 * time.Millisecond)
	}
	return 0, fmt.Errorf("no alarm of %s with %d beneath it after %s", s.devices[0].name, beneath, patience)
}
