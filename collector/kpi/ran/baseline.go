package ran

import (
	"fmt"

	"github.com/haidang-noc/haidang/collector/model"
)

// Freeze makes the rows of a speed baseline of the month: the busy hours of the nation's, the provinces' and
// each LTE cell's, as Compare divides them. Without time there is no row. It fails if a sum fits no row.
func (r *Result) Freeze(month model.Month, counterMap string) (rows []model.SpeedBase, err error) {
	if r.Total == nil {
		return nil, nil
	}
	add := func(kind, province, cell string, q Quantity) {
		volume, time := q.Num.Big(), q.Den.Big()
		switch {
		case kind != LTE || time.Sign() == 0:
		case !volume.IsInt64() || !time.IsInt64():
			err = fmt.Errorf("ran: baseline of %s, province %q, cell %q: %s kbit in %s ms: want sums of less than 2^63", month, province, cell, volume, time)
		default:
			rows = append(rows, model.SpeedBase{Month: month, Province: province, Cell: cell, VolumeKbit: volume.Int64(), TimeMs: time.Int64(), CounterMap: counterMap})
		}
	}
	for i := range r.Total.Groups {
		g := &r.Total.Groups[i]
		add(g.Kind, g.Province, "", g.Sums.Metrics[BusyThroughput])
	}
	for i := range r.Total.Cells {
		c := &r.Total.Cells[i]
		add(c.Kind, c.Province, c.Name, c.Volume)
	}
	return rows, err
}
