// Package alarm decides what is wrong with the network and tells it once. It follows the present states
// of the partitions, finds the root of what is down (a gateway, not the thousands behind it), and keeps
// each alarm from the moment it is raised until it is cleared: who has it, what was said, what hangs on
// it. Measurements are never touched: what is suppressed here still counts in every KPI.
//
// One goroutine owns everything; whoever wants to see or change something asks it. It works in rounds:
//
//	partitions ─► changes ─► network ─ diagnose ─► book ─► store ─► snapshot, stream, metrics
//	                         what is known         what is open
//
// A diagnosis is a function of what is known, not of the order in which it became known.
package alarm

import (
	"slices"
	"strconv"
	"time"

	"github.com/haidang-noc/haidang/collector/model"
)

// Severity is X.733's perceived severity.
type Severity string

// The severities, the worst first. Indeterminate is what cannot be judged: nothing is known of the
// devices. Cleared is what the events of a cleared alarm say; the alarm itself keeps what it was.
const (
	Critical      Severity = "critical"
	Major         Severity = "major"
	Minor         Severity = "minor"
	Warning       Severity = "warning"
	Indeterminate Severity = "indeterminate"
	Cleared       Severity = "cleared"
)

// rank orders severities, the worst first.
func (s Severity) rank() int {
	return slices.Index([]Severity{Critical, Major, Minor, Warning, Indeterminate, Cleared}, s)
}

// Kind is what an alarm is about.
type Kind string

// The kinds.
const (
	Device    Kind = "device"
	Link      Kind = "link"
	Composite Kind = "composite"
	Part      Kind = "part"
	Agent     Kind = "agent"
)

// Cause says what happened.
type Cause string

// The causes. Each kind of thing has its own, so cause and name together are an alarm's identity.
const (
	DeviceDown     Cause = "device_down"     // it does not answer, and its gateway does
	LinkDown       Cause = "link_down"       // a port of it is down, and both its devices answer
	RedundancyLost Cause = "redundancy_lost" // a composite is down, or may lose nothing more
	PartFailed     Cause = "part_failed"     // a message of its device says so: a fan, a supply
	AgentLost      Cause = "agent_lost"      // nothing is heard of it: its devices are unknown, not down
	DevicesSilent  Cause = "devices_silent"  // an agent lives, and says nothing of some of its devices
)

// State is where an alarm is in its life.
type State string

// The states.
const (
	Active     State = "active"
	Suppressed State = "suppressed" // something else turned out to be its root
	Over       State = "cleared"
)

// Alarm is one thing that is, or was, wrong. It is a value: what the engine hands out never changes.
type Alarm struct {
	ID            int64        `json:"id"`
	Kind          Kind         `json:"kind"`
	Name          string       `json:"name"`
	Of            string       `json:"device,omitempty"` // of a part: its device
	Cause         Cause        `json:"cause"`
	EventType     string       `json:"event_type"`     // X.733
	ProbableCause string       `json:"probable_cause"` // X.733
	Severity      Severity     `json:"severity"`
	State         State        `json:"state"`
	Protection    string       `json:"protection,omitempty"` // of a composite: unprotected, or down
	Provinces     []string     `json:"provinces"`            // none: the nation's own
	System        model.System `json:"system,omitempty"`
	Site          string       `json:"site,omitempty"`
	Subscribers   int64        `json:"subscribers,omitempty"`

	Since     time.Time `json:"since"`               // the first failure
	RaisedAt  time.Time `json:"raised_at"`           // when it was told
	UpSince   time.Time `json:"up_since,omitzero"`   // up again, and not yet for long enough to be cleared
	ClearedAt time.Time `json:"cleared_at,omitzero"` //
	Reason    string    `json:"reason,omitempty"`    // why it was cleared: up, excluded, out_of_inventory, aged

	Root        int64      `json:"root,omitempty"` // of a suppressed alarm: beneath which one it is
	Beneath     Dependants `json:"beneath"`
	Maintenance string     `json:"maintenance,omitempty"` // id of the planned window that mutes it now
	Occurrences int        `json:"occurrences"`           // how often it fell since it was raised, the first time included
	Flapping    bool       `json:"flapping"`
	Falls       []int64    `json:"falls"` // the last times it fell, Unix seconds

	Owner        string   `json:"owner,omitempty"`
	Acknowledged *Remark  `json:"acknowledged"` // null: by nobody
	Notes        []Remark `json:"notes"`
}

// Dependants counts what is down, or of which nothing is known, because of an alarm.
type Dependants struct {
	Devices    int `json:"devices"`
	Links      int `json:"links"`
	Composites int `json:"composites"`
	Most       int `json:"most"` // of all together, ever
}

// All is how many there are.
func (d Dependants) All() int { return d.Devices + d.Links + d.Composites }

// Remark is something that somebody said about an alarm.
type Remark struct {
	Who  string    `json:"who"`
	At   time.Time `json:"at"`
	Text string    `json:"text,omitempty"`
}

// Key is the alarm's identity: of each only one is open at a time.
func (a *Alarm) Key() string { return string(a.Cause) + ":" + a.Name }

// Told says whether somebody is to be told of the alarm: it is a root, and no planned work explains it.
func (a *Alarm) Told() bool { return a.State == Active && a.Maintenance == "" }

// Home is the province that the alarm counts in. What is the nation's own, or concerns several, counts
// in "vn".
func (a *Alarm) Home() string {
	if len(a.Provinces) != 1 {
		return "vn"
	}
	return a.Provinces[0]
}

// String names the alarm for a log.
func (a *Alarm) String() string { return "alarm " + strconv.FormatInt(a.ID, 10) + " " + a.Key() }

// Dependant is one thing beneath an alarm.
type Dependant struct {
	Kind     Kind         `json:"kind"`
	Name     string       `json:"name"`
	Province string       `json:"province,omitempty"`
	System   model.System `json:"system,omitempty"`
	State    string       `json:"state"` // down, unknown, or unprotected
	Since    time.Time    `json:"since"`
}

// Detail is an alarm with all that belongs to it.
type Detail struct {
	Alarm
	Dependants []Dependant `json:"dependants"` // the first MaxDependants by name; Beneath counts all
	Events     []Event     `json:"events"`
}

// MaxDependants bounds how many dependants are listed.
const MaxDependants = 1000

// EventKind is what happened to an alarm.
type EventKind string

// The kinds of events. Counted is not kept: it only tells those who listen how much is beneath.
const (
	Raised       EventKind = "raised"
	Fell         EventKind = "fell"         // again, before it was cleared
	Rose         EventKind = "rose"         // it is up, and must stay so for a while
	Flaps        EventKind = "flapping"     //
	Beneath      EventKind = "suppressed"   // another alarm is its root
	Emerged      EventKind = "unsuppressed" // it is not any more
	Muted        EventKind = "muted"        // planned work has begun
	Unmuted      EventKind = "unmuted"      //
	Reclassified EventKind = "changed"      // severity or place
	Acknowledged EventKind = "acknowledged" //
	Assigned     EventKind = "assigned"     //
	Noted        EventKind = "noted"        //
	Ended        EventKind = "cleared"      //
	Counted      EventKind = "counted"      //
)

// Event is one thing that happened to an alarm. Alarm is how it is since then, or, in what is read back
// from the store, how it was last.
type Event struct {
	Seq     int64     `json:"seq,omitempty"` // grows by one; 0: not kept
	At      time.Time `json:"at"`
	Kind    EventKind `json:"kind"`
	AlarmID int64     `json:"alarm_id"`
	Who     string    `json:"who,omitempty"`
	Text    string    `json:"text,omitempty"`
	Alarm   *Alarm    `json:"alarm,omitempty"`
}

// Filter says which alarms are wanted; empty fields want all.
type Filter struct {
	Province string                // code, or "vn" for the nation's own
	Severity []Severity            //
	Cause    []Cause               //
	State    string                // active, suppressed, acknowledged, unacknowledged, maintenance, flapping; empty: all but suppressed
	Text     string                // in the name, site, owner or notes, whatever its case and diacritics
	Visible  func(p []string) bool // may the caller see something of these provinces
}

// Sheet is what one shift hands to the next.
type Sheet struct {
	From         time.Time `json:"from"`
	To           time.Time `json:"to"`
	Open         []Alarm   `json:"open"`         // nobody has acknowledged
	Acknowledged []Alarm   `json:"acknowledged"` // open, and somebody has it
	Muted        []Alarm   `json:"maintenance"`  // open, under planned work
	New          []Alarm   `json:"new"`          // raised in the shift, whether open or not
	Cleared      []Alarm   `json:"cleared"`      // in the shift
	Notes        []Note    `json:"notes"`        // of the shift, in order
}

// Note is a remark with the alarm it is about.
type Note struct {
	AlarmID int64  `json:"alarm_id"`
	Name    string `json:"name"`
	Remark
}
