package month

import "slices"

// link is a link's month: the state of both ends and the traffic at the a end.
func (w *witness) link(index int32) LinkTruth {
	l := w.Net.Links[index]
	out := LinkTruth{Link: l.Name}
	line, windows := w.linkLine(index)
	if line == nil {
		out.StateTime = w.calm(l.A.Device)
		if l.HasB() {
			if b := w.calm(l.B.Device); b.Unknown < out.Unknown {
				out.StateTime = b
			}
		}
	} else {
		raw := slices.Clone(line)
		maintain(line, windows)
		out.StateTime = tally(line)
		line = raw
	}
	slots, weight := w.slots(index, line, windows)
	out.Capacity = weight
	out.judge(slots, l.Class)
	return out
}

// linkLine is the link's time line before windows, nil if nothing ever happened to it, and the planned
// windows of the devices at its ends.
func (w *witness) linkLine(index int32) (line []state, windows []run) {
	l := w.Net.Links[index]
	calm := func(d int32) bool { return !w.Net.Troubled(d) && len(w.windows(d)) == 0 }
	if !w.Net.Disturbed(index) && calm(l.A.Device) && (!l.HasB() || calm(l.B.Device)) {
		return nil, nil
	}
	return w.linkWhole(index)
}

// linkWhole is the same also of a link to which nothing ever happened.
func (w *witness) linkWhole(index int32) (line []state, windows []run) {
	l := w.Net.Links[index]
	line, windows = w.aEnd(index), w.windows(l.A.Device)
	if l.HasB() {
		join(line, w.port(l.B))
		windows = append(windows, w.windows(l.B.Device)...)
	}
	return line, windows
}

// judge holds the link's samples against the limits of its class.
func (l *LinkTruth) judge(slots []slot, class string) {
	var in, out []int
	for i := range slots {
		s := &slots[i]
		if s.expected {
			l.Expected++
		}
		if s.in >= 0 {
			in = append(in, s.in)
		}
		if s.out >= 0 {
			out = append(out, s.out)
		}
	}
	l.Reported, l.P95In, l.P95Out, l.DropDays = min(len(in), len(out)), percentile95(in), percentile95(out), dropDays(slots)
	l.Evaluated = l.Expected > 0 && l.Reported*10 >= l.Expected*9
	theta := map[string]int{"international": 900}[class]
	l.Congested = l.Evaluated && (max(l.P95In, l.P95Out) >= max(theta, 800) || l.DropDays >= 3)
}

// dropDays counts the days in whose busy hour, the one with the greatest mean out of those with nine slots, more than a
// thousandth of the packets was dropped.
func dropDays(slots []slot) (days int) {
	const hour = 3600 / slotSeconds
	for day := 0; day < len(slots); day += 24 * hour {
		var busy, best []slot
		for at := day; at < min(day+24*hour, len(slots)); at += hour {
			busy = busy[:0:0]
			for _, s := range slots[at:min(at+hour, len(slots))] {
				if s.out >= 0 {
					busy = append(busy, s)
				}
			}
			if len(busy) >= 9 && (best == nil || load(busy)*len(best) > load(best)*len(busy)) {
				best = busy
			}
		}
		var sent, dropped uint64
		for _, s := range best {
			sent, dropped = sent+s.sent, dropped+s.dropped
		}
		if dropped*1000 > sent+dropped {
			days++
		}
	}
	return days
}

func load(slots []slot) (sum int) {
	for _, s := range slots {
		sum += s.out
	}
	return sum
}

// percentile95 is the nearest-rank percentile.
func percentile95(u []int) int {
	if len(u) == 0 {
		return 0
	}
	slices.Sort(u)
	return u[(len(u)*95+99)/100-1]
}
