package store

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func viewAlarms(t *testing.T, s *Store, q AlarmQuery) (out []Alarm) {
	t.Helper()
	err := s.View(context.Background(), func(v *View) (err error) {
		out, err = v.Alarms(q)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func viewEvents(t *testing.T, s *Store, alarm, after int64) (out []AlarmEvent) {
	t.Helper()
	err := s.View(context.Background(), func(v *View) (err error) {
		out, err = v.AlarmEvents(alarm, after, 10)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAlarmsAreReadBack(t *testing.T) {
	ctx, s := context.Background(), openNew(t)
	save := func(alarms []Alarm, events ...AlarmEvent) {
		t.Helper()
		if err := s.SaveAlarms(ctx, alarms, events); err != nil {
			t.Fatal(err)
		}
	}
	one := Alarm{ID: 1, Cause: "device_down", Name: "r1", Province: "01", Severity: "major", RaisedAt: 1000, Data: []byte(`{"id":1}`)}
	two := Alarm{ID: 2, Cause: "link_down", Name: "l1", Province: "vn", Severity: "minor", RaisedAt: 2000, Data: []byte(`{"id":2}`)}
	save([]Alarm{one, two}, AlarmEvent{Seq: 1, AlarmID: 1, At: 1000, Kind: "raised"}, AlarmEvent{Seq: 2, AlarmID: 2, At: 2000, Kind: "raised"})
	if diff := cmp.Diff([]Alarm{one, two}, viewAlarms(t, s, AlarmQuery{Open: true})); diff != "" {
		t.Errorf("open (-want +got):\n%s", diff)
	}
	if err := s.SaveAlarms(ctx, []Alarm{{ID: 3, Cause: "device_down", Name: "r1"}}, nil); err == nil {
		t.Error("one thing has two open alarms")
	}
	one.ClearedAt, one.Data = 5000, []byte(`{"id":1,"over":true}`)
	save([]Alarm{one, {ID: 3, Cause: "device_down", Name: "r1", RaisedAt: 6000}}, AlarmEvent{Seq: 3, AlarmID: 1, At: 5000, Kind: "cleared", Who: "x", Text: "y"})
	if err := s.SaveAlarms(ctx, nil, []AlarmEvent{{Seq: 3}}); err == nil {
		t.Error("a sequence is used twice")
	}
	if diff := cmp.Diff([]Alarm{one}, viewAlarms(t, s, AlarmQuery{From: 5000, To: 5001})); diff != "" {
		t.Errorf("cleared (-want +got):\n%s", diff)
	}
	if got := viewAlarms(t, s, AlarmQuery{From: 0, To: 5000}); len(got) != 0 {
		t.Errorf("cleared before it was: %v", got)
	}
	if got := viewAlarms(t, s, AlarmQuery{ID: 2}); len(got) != 1 || got[0].Name != "l1" {
		t.Errorf("by id: %v", got)
	}
	if got := viewEvents(t, s, 0, 1); len(got) != 2 || got[1].Text != "y" {
		t.Errorf("after 1: %v", got)
	}
	if got := viewEvents(t, s, 1, 0); len(got) != 2 {
		t.Errorf("of alarm 1: %v", got)
	}
}

func TestAlarmsAreForgotten(t *testing.T) {
	ctx, s := context.Background(), openNew(t)
	alarms, events := make([]Alarm, 0, 10), make([]AlarmEvent, 0, 10)
	for i := range int64(10) {
		alarms = append(alarms, Alarm{ID: i + 1, Cause: "c", Name: string(rune('a' + i)), ClearedAt: i * 100})
		events = append(events, AlarmEvent{Seq: i + 1, AlarmID: i + 1})
	}
	if err := s.SaveAlarms(ctx, alarms, events); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int64{3, 1, 0} {
		if n, err := s.ForgetAlarms(ctx, 500, 3); n != want || err != nil {
			t.Fatalf("%d forgotten, want %d: %v", n, want, err)
		}
	}
	if left := viewEvents(t, s, 0, 0); len(left) != 6 || left[0].AlarmID != 1 {
		t.Errorf("events left: %v", left)
	}
	err := s.View(ctx, func(v *View) error {
		id, seq, err := v.LastAlarm()
		if id != 10 || seq != 10 {
			t.Errorf("last: %d, %d", id, seq)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
