//go:build !linux

package probe

import "time"

// kernelClock is Linux's.
func kernelClock() (time.Duration, bool) { return 0, false }
