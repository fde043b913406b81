package snmptrap

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/internal/devices"
)

// namer finds the names of interfaces that a notification has only the ifIndex of. It asks the device, one request to
// a device at a time, for a bounded number of devices at once, and believes an answer for some time.
type namer struct {
	cfg     lookupConfig
	metrics *metrics
	deliver func(*event) // takes the events back; must not block
	queue   chan *asking

	mu      sync.Mutex
	known   map[string]*ifNames // by device
	entries int                 // in known, all together
	asked   map[string]*asking  // by device
}

// lookupConfig says how devices are asked; without ask none is.
type lookupConfig struct {
	ask      func(ctx context.Context, d *devices.Device, indexes []uint32) (map[uint32]string, error)
	workers  int
	keep     time.Duration
	capacity int // events that may wait
	log      *slog.Logger
}

// ifNames are those of one device.
type ifNames struct {
	names map[uint32]ifNameKept
	mute  time.Time // until then the device is not asked: it did not answer
}

type ifNameKept struct {
	name  string // empty: the device has none for that index
	until time.Time
}

// asking is a device with the events that wait for it.
type asking struct {
	device  *devices.Device
	waiting map[uint32][]*event
}

const (
	namesAtOnce = 8                // interfaces in one request
	muteFor     = 30 * time.Second // after a request without answer
	maxNames    = 500_000          // kept; with more all are forgotten
)

func newNamer(cfg lookupConfig, m *metrics, deliver func(*event)) *namer {
	return &namer{cfg: cfg, metrics: m, deliver: deliver, queue: make(chan *asking, cfg.capacity),
		known: map[string]*ifNames{}, asked: map[string]*asking{}}
}

// name fills in the name if it is known now. Otherwise, if the device can be asked, it takes the event, delivers it
// later, and returns false.
func (n *namer) name(e *event, now time.Time) bool {
	if e.alarm == nil || e.alarm.up == nil || e.ifname != "" || e.ifindex == 0 || e.device == nil || n.cfg.ask == nil {
		return true
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if d := n.known[e.device.Name]; d != nil {
		if kept, ok := d.names[e.ifindex]; ok && now.Before(kept.until) {
			e.ifname = kept.name
			n.metrics.lookups.WithLabelValues("known").Inc()
			return true
		}
		if now.Before(d.mute) {
			return true
		}
	}
	a := n.asked[e.device.Name]
	if a == nil {
		a = &asking{device: e.device, waiting: map[uint32][]*event{}}
		n.asked[e.device.Name] = a
		n.queue <- a // has room: each asking has an event, and there are no more than its capacity
	}
	a.waiting[e.ifindex] = append(a.waiting[e.ifindex], e)
	return false
}

// forget drops what is known of a device.
func (n *namer) forget(device string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if d := n.known[device]; d != nil {
		n.entries -= len(d.names)
		delete(n.known, device)
	}
}

// run asks until ctx is done, and then delivers what waits without a name.
func (n *namer) run(ctx context.Context) {
	var workers sync.WaitGroup
	for range n.cfg.workers {
		workers.Go(func() { n.work(ctx) })
	}
	workers.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, a := range n.asked {
		n.hand(a, slices.Collect(maps.Keys(a.waiting)), nil)
	}
	clear(n.asked)
}

func (n *namer) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case a := <-n.queue:
			n.serve(ctx, a)
		}
	}
}

// serve asks a device once.
func (n *namer) serve(ctx context.Context, a *asking) {
	n.mu.Lock()
	indexes := slices.Sorted(maps.Keys(a.waiting))
	n.mu.Unlock()
	indexes = indexes[:min(len(indexes), namesAtOnce)]
	names, err := n.cfg.ask(ctx, a.device, indexes)
	if err != nil {
		n.metrics.lookups.WithLabelValues("failed").Inc()
		n.cfg.log.Debug("no interface names", "device", a.device.Name, "error", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.keep(a.device.Name, indexes, names, err != nil)
	if err != nil {
		indexes = slices.Collect(maps.Keys(a.waiting)) // none of the others will fare better
	}
	n.hand(a, indexes, names)
	if len(a.waiting) > 0 {
		n.queue <- a
		return
	}
	delete(n.asked, a.device.Name)
}

// keep remembers what a device answered. The caller has the lock.
func (n *namer) keep(device string, indexes []uint32, names map[uint32]string, failed bool) {
	if n.entries >= maxNames {
		clear(n.known)
		n.entries = 0
	}
	d := n.known[device]
	if d == nil {
		d = &ifNames{names: map[uint32]ifNameKept{}}
		n.known[device] = d
	}
	now := time.Now()
	if failed {
		d.mute = now.Add(muteFor)
		return
	}
	for _, i := range indexes {
		result := "answered"
		if names[i] == "" {
			result = "unnamed"
		}
		n.metrics.lookups.WithLabelValues(result).Inc()
		if _, ok := d.names[i]; !ok {
			n.entries++
		}
		d.names[i] = ifNameKept{names[i], now.Add(n.cfg.keep)}
	}
}

// hand delivers the events that wait for the indexes. The caller has the lock.
func (n *namer) hand(a *asking, indexes []uint32, names map[uint32]string) {
	for _, i := range indexes {
		for _, e := range a.waiting[i] {
			e.ifname = names[i]
			n.deliver(e)
		}
		delete(a.waiting, i)
	}
}

// asker asks over SNMPv2c: ifName, and ifDescr for devices that leave ifName empty.
func asker(s lookupSettings, community string) func(context.Context, *devices.Device, []uint32) (map[uint32]string, error) {
	return func(ctx context.Context, d *devices.Device, indexes []uint32) (map[uint32]string, error) {
		client := &gosnmp.GoSNMP{Target: d.Addr.Addr().String(), Port: d.Addr.Port(), Transport: "udp", Community: community,
			Version: gosnmp.Version2c, Timeout: s.Timeout.D(), Retries: s.Retries, MaxOids: 2 * namesAtOnce, Context: ctx}
		if err := client.Connect(); err != nil {
			return nil, fmt.Errorf("snmptrap: lookup: %s: %w", d.Name, err)
		}
		defer func() { _ = client.Conn.Close() }()
		const nameOf, descrOf = ".1.3.6.1.2.1.31.1.1.1.1.%d", ".1.3.6.1.2.1.2.2.1.2.%d"
		var oids []string
		for _, i := range indexes {
			oids = append(oids, fmt.Sprintf(nameOf, i), fmt.Sprintf(descrOf, i))
		}
		answer, err := client.Get(oids)
		if err != nil {
			return nil, fmt.Errorf("snmptrap: lookup: %s: %w", d.Name, err)
		}
		texts := map[string]string{}
		for _, v := range answer.Variables {
			if octets, ok := v.Value.([]byte); ok && len(octets) <= maxName {
				texts[v.Name], _ = printable(octets)
			}
		}
		names := map[uint32]string{}
		for _, i := range indexes {
			if names[i] = texts[fmt.Sprintf(nameOf, i)]; names[i] == "" {
				names[i] = texts[fmt.Sprintf(descrOf, i)]
			}
		}
		return names, nil
	}
}
