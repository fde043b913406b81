package store

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMaintenanceWindowsAreReadWithTheirHistory(t *testing.T) {
	s := openNew(t)
	entered := MaintenanceEvent{At: 100, By: "Ca 1", Action: "proposed"}
	approved := MaintenanceEvent{At: 200, By: "Ca 2", Action: "approved", Note: "được"}
	late := MaintenanceWindow{ID: "b", Scope: "site:HNI-CGY", Start: 2000, End: 3000, Reason: "thay nguồn", Override: "khẩn cấp"}
	early := MaintenanceWindow{ID: "a", Scope: "device:d", Start: 1000, End: 1500}
	for _, w := range []MaintenanceWindow{late, early} {
		if err := s.AddWindow(t.Context(), w, entered); err != nil {
			t.Fatal(err)
		}
	}
	before, err := s.MaintenanceVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AddWindowEvent(t.Context(), "a", 1, approved); err != nil {
		t.Fatal(err)
	}
	early.Events, late.Events = []MaintenanceEvent{entered, approved}, []MaintenanceEvent{entered}
	got, err := s.MaintenanceWindows(t.Context(), "")
	if diff := cmp.Diff([]MaintenanceWindow{early, late}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if after, err := s.MaintenanceVersion(t.Context()); err != nil || after <= before {
		t.Errorf("version %d after %d, %v; want it to grow", after, before, err)
	}
}

// Two who act on one window at the same moment: the second learns it and nothing of theirs is kept.
func TestAWindowTakesOneStepAtATime(t *testing.T) {
	s := openNew(t)
	w := MaintenanceWindow{ID: "a", Scope: "device:d", Start: 1000, End: 1500}
	if err := s.AddWindow(t.Context(), w, MaintenanceEvent{Action: "proposed"}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddWindow(t.Context(), w, MaintenanceEvent{Action: "proposed"}); !errors.Is(err, ErrWindowExists) {
		t.Errorf("the same id again: %v", err)
	}
	if err := s.AddWindowEvent(t.Context(), "a", 1, MaintenanceEvent{Action: "approved"}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddWindowEvent(t.Context(), "a", 1, MaintenanceEvent{Action: "cancelled"}); !errors.Is(err, ErrWindowChanged) {
		t.Errorf("a step that did not see the one before: %v", err)
	}
	got, err := s.MaintenanceWindows(t.Context(), "")
	if err != nil || len(got) != 1 || len(got[0].Events) != 2 || got[0].Events[1].Action != "approved" {
		t.Errorf("%+v, %v", got, err)
	}
}
