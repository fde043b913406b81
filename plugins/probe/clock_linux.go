package probe

import (
	"time"

	"golang.org/x/sys/unix"
)

// kernelClock is what the kernel was told of the clock's error; false: it is not held to an outer one.
func kernelClock() (time.Duration, bool) {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	if err != nil || state == unix.TIME_ERROR || t.Status&unix.STA_UNSYNC != 0 {
		return 0, false
	}
	return time.Duration(t.Maxerror) * time.Microsecond, true
}
