// Package control lets an operator change the simulated network while it runs: faults are added,
// listed and ended over HTTP on a loopback address.
package control

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// ErrNoFault means that no fault has the id.
var ErrNoFault = errors.New("no such fault")

// Script is the list of faults that holds, and the overlay made of it. It may be used from several
// goroutines; readers of Overlay never wait.
type Script struct {
	net     *nation.Network
	overlay atomic.Pointer[nation.Overlay]

	mu     sync.Mutex // guards what follows, and orders changes
	faults []fault.Fault
	next   int
}

// NewScript begins with the configured faults.
func NewScript(net *nation.Network, faults []fault.Fault) (*Script, error) {
	s := &Script{net: net}
	if err := s.Add(faults, time.Time{}); err != nil {
		return nil, err
	}
	return s, nil
}

// Overlay is the network with the faults that hold; the pointer is renewed by every change.
func (s *Script) Overlay() *atomic.Pointer[nation.Overlay] { return &s.overlay }

// Faults is a copy of the list.
func (s *Script) Faults() []fault.Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

// Add puts faults on the list: all of them or, on an error, none. One without a beginning begins at now,
// and one without an id gets one, also in the slice given.
func (s *Script) Add(faults []fault.Fault, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Clone(s.faults)
	for i := range faults {
		f := &faults[i]
		if f.From.IsZero() {
			f.From.Time = now
		}
		if f.ID == "" {
			s.next++
			f.ID = fmt.Sprintf("fault-%d", s.next)
		}
		if index(all, f.ID) >= 0 {
			return fmt.Errorf("control: there is a fault %q already", f.ID)
		}
		all = append(all, *f)
	}
	return s.set(all)
}

// End ends a fault at now. It stays on the list, as what it did to counters stays done; one that had not
// begun is taken off.
func (s *Script) End(id string, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := index(s.faults, id)
	if i < 0 {
		return fmt.Errorf("control: fault %q: %w", id, ErrNoFault)
	}
	all := slices.Clone(s.faults)
	switch f := &all[i]; {
	case !f.From.Before(now):
		all = slices.Delete(all, i, i+1)
	case f.To.IsZero() || f.To.After(now):
		f.To.Time = now
	}
	return s.set(all)
}

func (s *Script) set(faults []fault.Fault) error {
	o, err := s.net.Overlay(faults)
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	s.faults = faults
	s.overlay.Store(o)
	return nil
}

func index(faults []fault.Fault, id string) int {
	return slices.IndexFunc(faults, func(f fault.Fault) bool { return f.ID == id })
}
