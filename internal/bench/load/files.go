package load

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Files writes what a collector must be told to take this load: inventory and principals, below dir.
// What names the provinces and holds the targets is the shipped configuration's.
func (l Load) Files(dir string) error {
	var devices, links, principals strings.Builder
	devices.WriteString("device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,primary_method,agent,profile,valid_from,valid_to\n")
	links.WriteString("link,a_device,a_ifname,b_device,b_ifname,class,capacity_mbps,valid_from,valid_to\n")
	for d := range l.Devices() {
		fmt.Fprintf(&devices, "%s,127.0.0.1,01,ran-4g,,,,,0,0,snmp,%s,,2020-01-01,\n", device(d), Sender(d%l.Senders))
		for i := range l.Shape.Links {
			fmt.Fprintf(&links, "L%d-%d,%s,%s,,,transport,10000,2020-01-01,\n", d, i, device(d), ifname(i))
		}
	}
	principals.WriteString("principals:\n")
	for s := range l.Senders {
		fmt.Fprintf(&principals, "  - {name: %s, role: agent, token_sha256: \"%x\", inventory: true}\n", Sender(s), sha256.Sum256([]byte(Token(s))))
	}
	for name, text := range map[string]string{"devices.csv": devices.String(), "links.csv": links.String(),
		"maintenance.csv": "id,scope,start,end,created_at,approved_by,approved_at,reason\n", "principals.yaml": principals.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("load: %w", err)
		}
	}
	return nil
}
