package nation_test

import (
	"testing"

	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// A device's first ports, and no others, have neighbours; what is far from one end is near the other.
func TestNeighboursAreAtTheFirstPorts(t *testing.T) {
	for _, devices := range []int{170, 600, 5000} {
		cfg := nation.Defaults()
		cfg.Provinces, cfg.Devices = "../../../configs/provinces/provinces-34.csv", devices
		n, err := nation.Build(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for d := range n.Devices {
			for p := range n.Ports(int32(d)) {
				near := nation.Port{Device: int32(d), Index: p}
				far, ok := n.Far(near)
				if ok != (p < n.Neighbours(int32(d))) {
					t.Fatalf("%s port %d of %d with neighbours has one: %v", n.Devices[d].Name, p, n.Neighbours(int32(d)), ok)
				}
				if !ok {
					continue
				}
				if back, _ := n.Far(far); back != near {
					t.Fatalf("%v is far from %v, which is far from %v", near, far, back)
				}
			}
		}
	}
}
