package partition

import (
	"context"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/internal/point"
)

// pon takes what an OLT says of a PON port: its state, whom it serves, and what it carries, of which a line may have any.
func (o *owner) pon(ctx context.Context, r *route, w *point.Walker) {
	v := o.pick.pon.Pick(w.Fields())
	if v[up].Kind == point.Bool {
		o.observe(ctx, r, w.Time(), upObs(v, kpi.ObsDown), whole(v[interval]))
	}
	if obs := served(v); obs != none {
		service := *r
		service.entity = r.beside
		o.observe(ctx, &service, w.Time(), obs, whole(v[interval]))
	}
	if r.measure {
		o.count(ctx, r, counters(o.pick.port.Pick(w.Fields()), w.Time()))
	}
}

// served is up if an ONT is ranged, and a failed poll if none is though there are some. A port without ONTs, or of which
// it is not said how many are ranged, serves nobody whom it could fail: then its own state counts.
func served(v []point.Value) kpi.Obs {
	online, told := v[ontsOnline].Int()
	total, _ := v[ontsTotal].Int()
	switch {
	case !told:
		return none
	case online > 0:
		return kpi.ObsUp
	case total > 0:
		return kpi.ObsDown
	}
	return none
}
