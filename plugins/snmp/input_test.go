package snmp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
	"github.com/haidang-noc/haidang/plugins/snmp"
	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
)

func TestOnceWritesWhatTheDeviceSays(t *testing.T) {
	t.Setenv("TEST_COMMUNITY", "public")
	r := snmptest.Start(t)
	d := r.Device("127.9.0.1")
	d.SetInterfaces(
		snmptest.Interface{Index: 1, Name: "Gi0/1", Type: 6, Admin: 1, Oper: 1, Mbps: 1000, N: 5e9},
		snmptest.Interface{Index: 2, Name: "Gi0/2", Type: 6, Admin: 1, Oper: 2, Mbps: 1000, N: 6e9},
		snmptest.Interface{Index: 7, Descr: "Vlan 7", Type: 53, Admin: 2, Oper: 2, Mbps: 100, N: 7000},
	)
	yaml := fmt.Sprintf(`
credentials: [{name: c, version: 2c, community: "env:TEST_COMMUNITY"}]
targets:
  - {device: olt 1, address: "%v"}
`, d.Addr())
	lines, err := plugintest.Once(t, snmp.New(), sdk.Config{Agent: "a1", YAML: []byte(yaml), File: "agent.yaml", Line: 1})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(strings.Join(lines, "\n"))
}
