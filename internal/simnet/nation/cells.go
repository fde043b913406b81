package nation

import (
	"fmt"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
)

// Cell is one radio cell of a base station.
type Cell struct {
	Name       string
	Technology string   // lte or nr
	Objects    []string // distinguished names that report its counters: an NR cell's stand at its CU and its DU
	MHz        uint32
	RBs        uint32 // N_RB
}

// The technologies, as cells.csv and the tag rat name them.
const (
	LTE = "lte"
	NR  = "nr"
)

// carriers are the bandwidths of a 4G site's cells, one after the other, with their N_RB.
var carriers = [...]struct{ mhz, rbs uint32 }{{20, 100}, {10, 50}, {15, 75}}

// Cells makes the radio cells of a device: none if it is no base station.
func (n *Network) Cells(device int32) []Cell {
	d := &n.Devices[device]
	if d.kind != enb && d.kind != gnb {
		return nil
	}
	cells := make([]Cell, 0, n.cfg.Cells)
	for i := 1; i <= n.cfg.Cells; i++ {
		cells = append(cells, d.cell(i))
	}
	return cells
}

// Pace is how fast cells are at an instant, of what they were when the network came into service.
func (n *Network) Pace(at fault.Tick) float64 {
	return 1 + n.cfg.Growth*float64(at-fault.TickOf(n.cfg.Since.Time))/float64(365*fault.Day)
}

func (d *Device) cell(i int) Cell {
	object := func(format string) string { return fmt.Sprintf("ManagedElement=%s,"+format, d.Name, i) }
	name := fmt.Sprintf("%s-%d", d.Name, i)
	if d.kind == gnb {
		return Cell{name, NR, []string{object("GNBCUCPFunction=1,NRCellCU=%d"), object("GNBDUFunction=1,NRCellDU=%d")}, 100, 273}
	}
	c := carriers[(i-1)%len(carriers)]
	return Cell{name, LTE, []string{object("ENBFunction=1,EUtranCellFDD=%d")}, c.mhz, c.rbs}
}
