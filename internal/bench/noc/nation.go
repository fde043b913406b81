// Package noc measures what the people of a NOC wait for, at the size of the whole nation: from a failed poll
// to the row on the board, one backbone node with everything behind it, the page of metrics, the first paint.
package noc

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/principal"
)

// nation is a tree of devices: backbone nodes, below them the aggregation, below that access.
type nation struct {
	devices []device
	nodes   int
}

type device struct {
	name     string
	parent   int // or -1
	province string
}

// backbones are the nodes at the top: of 83,000 devices each has more than 20,000 behind it.
const (
	backbones = 4
	perNode   = 200 // aggregation below each
)

// unitsOf are the codes of the shipped 34 units, as far as they are needed.
func newNation(devices int, units []string) nation {
	n := nation{nodes: min(backbones, devices)}
	for i := range devices {
		d := device{name: fmt.Sprintf("bb-%d", i), parent: -1}
		switch {
		case i < backbones:
		case i < backbones*(1+perNode):
			d = device{fmt.Sprintf("agg-%04d", i), i % backbones, units[i%len(units)]}
		default:
			gate := backbones + i%(backbones*perNode)
			d = device{fmt.Sprintf("acc-%05d", i), min(gate, i-1), units[gate%len(units)]}
		}
		n.devices = append(n.devices, d)
	}
	return n
}

// behind are the devices behind a node, itself included.
func (n nation) behind(node int) (out []int) {
	in := map[int]bool{node: true}
	for i, d := range n.devices {
		if in[i] || in[d.parent] {
			in[i] = true
			out = append(out, i)
		}
	}
	return out
}

const (
	token    = "noc-bench-token-0123456789" // guards nothing
	user     = "noc"
	password = "noc-bench-password"
)

const collectorYAML = `listen: %s
data_dir: data
principals: principals.yaml
telegraf: ""
log: {level: warn}
inventory: {devices: devices.csv, links: links.csv, maintenance: maintenance.csv, targets: %s, holidays: "", provinces: %s}
`

// files writes what a collector must be told, below dir, and returns its configuration's path.
func (n nation) files(dir, configs, address string) (string, error) {
	hash, err := principal.HashPassword(password)
	if err != nil {
		return "", err
	}
	var devices strings.Builder
	devices.WriteString("device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,primary_method,agent,profile,valid_from,valid_to\n")
	for _, d := range n.devices {
		system, parent := "ran-4g", ""
		if d.parent >= 0 {
			parent = n.devices[d.parent].name
		} else {
			system = "vn2"
		}
		fmt.Fprintf(&devices, "%s,127.0.0.1,%s,%s,,%s,,,0,0,snmp,bench,,2025-07-01,\n", d.name, d.province, system, parent)
	}
	config := filepath.Join(dir, "collector.yaml")
	for name, text := range map[string]string{
		"devices.csv": devices.String(), "links.csv": "link,a_device,a_ifname,b_device,b_ifname,class,capacity_mbps,valid_from,valid_to\n",
		"maintenance.csv": "id,scope,start,end,created_at,approved_by,approved_at,reason\n",
		"principals.yaml": fmt.Sprintf("principals:\n  - {name: bench, role: admin, token_sha256: \"%x\"}\n", sha256.Sum256([]byte(token))),
		"users.yaml":      fmt.Sprintf("users:\n  - {name: %s, role: operator, password: '%s'}\n", user, hash),
		"collector.yaml":  fmt.Sprintf(collectorYAML, address, filepath.Join(configs, "targets.yaml"), filepath.Join(configs, "provinces")),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	return config, nil
}

// polls are the answers of some devices at an instant, as line protocol.
func (n nation) polls(at time.Time, up bool, devices ...int) []byte {
	var text []byte
	for _, i := range devices {
		text = fmt.Appendf(text, "reach,device=%s,method=snmp up=%t,interval_s=60i %d\n", n.devices[i].name, up, at.UnixNano())
	}
	return text
}
