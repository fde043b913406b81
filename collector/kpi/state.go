package kpi

// State is what an entity is at an instant.
type State uint8

// The states of a time line. Maint appears only after windows were applied (stage 2).
const (
	Up State = iota
	Unknown
	Down
	Maint
	Excluded
)

// String is the state's name as it is written in views and metrics.
func (s State) String() string {
	names := [...]string{"up", "unknown", "down", "maint", "excluded"}
	if int(s) >= len(names) {
		return "invalid"
	}
	return names[s]
}

// Obs is what one observation says.
type Obs uint8

// The kinds of observation. Where one second holds several, the greatest wins.
const (
	ObsUnknown  Obs = iota // ifOperStatus unknown(4)
	ObsUp                  // answered; oper up; event up
	ObsDown                // one failed poll: needs a second one, or an event, to be believed
	ObsDownNow             // a notification (measurement state): believed at once
	ObsExcluded            // ifAdminStatus down: out of service by intent
)

// String is the kind's name, for test output and debug views.
func (o Obs) String() string {
	names := [...]string{"unknown", "up", "down", "down-now", "excluded"}
	if int(o) >= len(names) {
		return "invalid"
	}
	return names[o]
}

// MaxInterval caps how long, in seconds, one observation may claim to last: a device cannot be
// kept UP for days by one point that says so.
const MaxInterval = 3600

// DefaultInterval is taken for an observation that names no interval and has no predecessor.
const DefaultInterval = 300

// hold is how long an observation of the given poll interval lasts: 2.5 intervals, whole seconds.
func hold(interval int32) int64 { return int64(interval) * 5 / 2 }

// Interval is a maximal half-open run of one non-UP state of an entity's base time line, that is
// before windows, inventory and path suppression. Time that no interval covers is UP.
type Interval struct {
	From, To int64 // Unix seconds
	State    State // Unknown, Down or Excluded
	Poll     int32 // DOWN: poll interval in seconds of the first failure, for path suppression
}
