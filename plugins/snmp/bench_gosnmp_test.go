package snmp_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
)

// The same values from some of the same devices through gosnmp as it is used well: two packed GETs a round, and clients
// whose sockets and keys are kept. It decodes, and writes no lines.
func BenchmarkGosnmp(b *testing.B) {
	const devices, workers = 200, 64
	for _, protocols := range []string{"v2c", "sha aes", "sha256 aes"} {
		b.Run(protocols, func(b *testing.B) {
			port := startResponder(b, protocols)
			clients := make([]*gosnmp.GoSNMP, devices)
			for i := range clients {
				clients[i] = gosnmpClient(benchAddress(i).String(), port, protocols)
				if err := clients[i].Connect(); err != nil {
					b.Fatal(err)
				}
				defer clients[i].Conn.Close()
			}
			requests := gosnmpRequests()
			round := func() {
				var wg sync.WaitGroup
				work := make(chan *gosnmp.GoSNMP)
				for range workers {
					wg.Go(func() {
						for c := range work {
							for _, names := range requests {
								if p, err := c.Get(names); err != nil || len(p.Variables) != len(names) {
									b.Errorf("%v", err)
								}
							}
						}
					})
				}
				for _, c := range clients {
					work <- c
				}
				close(work)
				wg.Wait()
			}
			round() // discovers
			before := cpuSeconds()
			for b.Loop() {
				round()
			}
			b.ReportMetric((cpuSeconds()-before)/float64(b.N*devices*(1+12*benchPorts))*1e6, "cpu-s/Mvalues")
		})
	}
}

func gosnmpClient(host string, port uint16, protocols string) *gosnmp.GoSNMP {
	c := &gosnmp.GoSNMP{Target: host, Port: port, Version: gosnmp.Version2c, Community: "public", Timeout: 2 * time.Second, Retries: 1, MaxOids: 1 << 16}
	auth, _, secure := strings.Cut(protocols, " ")
	if secure {
		c.Version, c.SecurityModel, c.MsgFlags = gosnmp.Version3, gosnmp.UserSecurityModel, gosnmp.AuthPriv
		c.SecurityParameters = &gosnmp.UsmSecurityParameters{UserName: "bench",
			AuthenticationProtocol:   map[string]gosnmp.SnmpV3AuthProtocol{"sha": gosnmp.SHA, "sha256": gosnmp.SHA256}[auth],
			AuthenticationPassphrase: benchPassword, PrivacyProtocol: gosnmp.AES, PrivacyPassphrase: benchPassword}
	}
	return c
}

// gosnmpRequests ask for sysUpTime and the columns that are polled of half the interfaces each.
func gosnmpRequests() (out [][]string) {
	columns := []string{"2.2.1.7", "2.2.1.8", "2.2.1.13", "2.2.1.14", "2.2.1.19", "2.2.1.20",
		"31.1.1.1.1", "31.1.1.1.6", "31.1.1.1.7", "31.1.1.1.10", "31.1.1.1.11", "31.1.1.1.15"}
	for half := range 2 {
		names := append(make([]string, 0, 1+len(columns)*benchPorts/2), ".1.3.6.1.2.1.1.3.0")
		for row := range benchPorts / 2 {
			for _, c := range columns {
				names = append(names, fmt.Sprintf(".1.3.6.1.2.1.%s.%d", c, half*benchPorts/2+row+1))
			}
		}
		out = append(out, names)
	}
	return out
}
