//go:build conformance

package recordings

import (
	"encoding/json"
	"fmt"
	"os"
)

// reading is LibreNMS's own reading of a recording.
type reading struct {
	tested bool // LibreNMS read the ports at all
	ports  []port
}

// libreport is a port as LibreNMS has it; what is absent there is nil.
type libreport struct {
	IfIndex                       uint64
	IfName                        string
	IfSpeedMbps                   *uint64 `json:"ifHighSpeed_derived_mbps"`
	IfAdminStatus, IfOperStatus   *string
	IfInOctets, IfOutOctets       *uint64
	IfInUcastPkts, IfOutUcastPkts *uint64
	IfInErrors, IfOutErrors       *uint64
	IfInDiscards, IfOutDiscards   *uint64
}

func readLibreNMS(path string) (reading, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return reading{}, err
	}
	var file struct{ Ports *[]libreport }
	if err := json.Unmarshal(text, &file); err != nil {
		return reading{}, fmt.Errorf("%s: %w", path, err)
	}
	if file.Ports == nil {
		return reading{}, nil
	}
	r := reading{tested: true}
	for _, p := range *file.Ports {
		r.ports = append(r.ports, p.port())
	}
	return r, nil
}

func (l libreport) port() port {
	p := port{index: l.IfIndex, name: l.IfName, values: map[string]uint64{}}
	for field, v := range map[string]*uint64{
		"speed_mbps": l.IfSpeedMbps, "in_octets": l.IfInOctets, "out_octets": l.IfOutOctets,
		"in_ucast_pkts": l.IfInUcastPkts, "out_ucast_pkts": l.IfOutUcastPkts,
		"in_errors": l.IfInErrors, "out_errors": l.IfOutErrors, "in_discards": l.IfInDiscards, "out_discards": l.IfOutDiscards,
	} {
		if v != nil {
			p.values[field] = *v
		}
	}
	for field, v := range map[string]*string{"admin": l.IfAdminStatus, "oper": l.IfOperStatus} {
		if v == nil {
			continue
		}
		if n, ok := states()[*v]; ok {
			p.values[field] = n
		}
	}
	return p
}

// states are the numbers behind the words of ifAdminStatus and ifOperStatus.
func states() map[string]uint64 {
	return map[string]uint64{"up": 1, "down": 2, "testing": 3, "unknown": 4, "dormant": 5, "notPresent": 6, "lowerLayerDown": 7}
}
