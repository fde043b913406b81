package kpi

import "slices"

// MethodService is the method of a port's row that was made of whom it serves: the ONTs that are ranged behind a PON port.
const MethodService = "service"

// port is the time line of a port: what was polled and notified, which is DOWN, too, while it serves nobody; and over
// that what its counter of unavailable seconds says, unless the targets tell to ignore it.
func (j *Joining) port(rows []row) []Interval {
	polled := j.days.join(rowsBy("", rows)).nonUp
	if service := rowsBy(MethodService, rows); len(service) > 0 {
		polled = either(polled, j.days.join(service).nonUp)
	}
	counted := rowsBy(MethodOTN, rows)
	if len(counted) == 0 || j.plan.inv.Targets.IgnoreUnavailable {
		return polled
	}
	return lay(polled, j.days.join(counted).nonUp, j.days.from.Start())
}

// rowsBy are the rows of one method, which nearly always are all of them.
func rowsBy(method string, rows []row) []row {
	other := func(r row) bool { return r.entity.Method != method }
	own := func(r row) bool { return r.entity.Method == method }
	switch {
	case !slices.ContainsFunc(rows, other):
		return rows
	case !slices.ContainsFunc(rows, own):
		return nil
	}
	return slices.DeleteFunc(slices.Clone(rows), other)
}
