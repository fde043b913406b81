// Package poll is what the transport (plugins/snmp/engine) and the device model (plugins/snmp/ifmib)
// agree on: who asks what, and when.
package poll

import (
	"net/netip"
	"time"

	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// Dialog is the device's side of polling: it says what to ask next and takes the answers. A
// transport never calls two methods of one Dialog at the same time, and has at most one request of
// it under way. Requests must not change once returned.
type Dialog interface {
	// Begin starts a round and returns its first request, or nil if there is nothing to ask now. A
	// round that is still running ends here: its last request is taken as never answered.
	Begin(now time.Time) *ber.Request
	// Answer takes an answer and returns the next request, or nil when the round is over. The
	// response is valid during the call only.
	Answer(a Answer) *ber.Request
	// Silent says that the last request was not answered within the timeout. What it returns goes
	// out under the same request-id, so an answer to either will do; nil ends the round.
	Silent(now time.Time) *ber.Request
}

// Answer is a response and when it came.
type Answer struct {
	ber.Response
	At  time.Time
	RTT time.Duration // since the last transmission
}

// Target is a device to poll. It belongs to one transport at a time.
type Target struct {
	Device string
	Addr   netip.AddrPort
	Every  time.Duration
	Dialog Dialog

	AcceptFrom []netip.Addr // other addresses that it may answer from, by the same port

	Remote *usm.Remote // to ask by version 3, with what is known of it; nil: version 2c
}
