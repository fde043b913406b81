//go:build !linux

package listen

import (
	"net"
	"time"
)

// noteArrivals does nothing: only Linux has such notes.
func noteArrivals(*net.UDPConn) {}

// arrival is the time of reading; nothing is known of what was lost.
func arrival(_ []byte, now time.Time) (at time.Time, lost uint32) { return now, 0 }
