package ifmib

import "time"

// clock is the last sysUpTime of a device, to tell a restart from the wrap of its 32 bits.
type clock struct {
	ticks uint64 // hundredths of a second
	at    time.Time
}

const wrap = 1 << 32

func (c *clock) set(ticks uint64, at time.Time) { c.ticks, c.at = ticks, at }

// restarted says whether the device started anew since the clock was set. A clock that by now had to
// pass 2^32 and is back near zero has wrapped, which happens every 497 days.
func (c *clock) restarted(ticks uint64, at time.Time) bool {
	if c.at.IsZero() || ticks >= c.ticks {
		return false
	}
	elapsed := uint64(max(at.Sub(c.at), 0) / (10 * time.Millisecond))
	const slack = 3000 // 30 s: clocks of devices run badly
	return c.ticks+elapsed+slack < wrap || ticks > elapsed+slack
}
