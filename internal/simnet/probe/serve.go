package probe

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
)

// Ports say where every device answers probes; 0: it does not. ICMP is answered by the kernel, which knows no faults.
type Ports struct {
	STAMP int `yaml:"stamp"` // UDP
	DNS   int `yaml:"dns"`   // UDP
	Web   int `yaml:"web"`   // TCP
}

// Validate says what is wrong with the ports.
func (p Ports) Validate() error {
	for key, port := range map[string]int{"stamp": p.STAMP, "dns": p.DNS, "web": p.Web} {
		if port < 0 || port > 65535 {
			return fmt.Errorf("probes: %s: %d: want 0 to 65535", key, port)
		}
	}
	if p.STAMP != 0 && p.STAMP == p.DNS {
		return fmt.Errorf("probes: dns: %d is the port of stamp", p.DNS)
	}
	return nil
}

// Start opens the ports and gives what answers there to add.
func Start(p Ports, overlay *atomic.Pointer[nation.Overlay], reg prometheus.Registerer, add func(name string, run func(context.Context) error)) error {
	for name, one := range map[string]struct {
		port int
		face *Face
	}{"stamp": {p.STAMP, STAMP(overlay)}, "dns": {p.DNS, DNS(overlay)}} {
		if one.port == 0 {
			continue
		}
		labelled := prometheus.WrapRegistererWith(prometheus.Labels{"face": name}, reg)
		server, err := snmpd.Listen(one.port, longest, one.face, labelled)
		if err != nil {
			return fmt.Errorf("probes: %s: %w", name, err)
		}
		add(name, server.Run)
	}
	if p.Web == 0 {
		return nil
	}
	web, err := listenWeb(p.Web, overlay)
	if err != nil {
		return err
	}
	add("web", web.run)
	return nil
}
