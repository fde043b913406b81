package decode_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/haidang-noc/haidang/plugins/gnmi/decode"
	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
	"github.com/haidang-noc/haidang/plugins/gnmi/xpath"
)

// What each shipped set makes of data that are as its model has them: what no recording was at hand for, too.
func TestShippedSets(t *testing.T) {
	sets, err := pathset.Load("")
	must(t, err)
	cases := map[string]struct {
		path, json string
		want       []string
	}{
		"openconfig-terminal-device": {"/", `{"terminal-device": {"logical-channels": {"channel": [{"index": 10001, "state": {"link-state": "UP"},
			"otn": {"state": {"pre-fec-ber": {"instant": "0.000000012", "avg": "0.1"}, "post-fec-ber": {"instant": "0"}, "q-value": {"instant": "9.8"},
			"esnr": {"instant": "17.25"}, "unavailable-seconds": "17", "errored-seconds": "20", "severely-errored-seconds": "18",
			"background-block-errors": "4", "fec-uncorrectable-blocks": "2"}}}]}},
			"components": {"component": [{"name": "OCH-1-1", "optical-channel": {"state": {"frequency": "193100000", "osnr": {"instant": "31.5"},
			"chromatic-dispersion": {"instant": "-12.5"}, "input-power": {"instant": "-40.00"}, "output-power": {"instant": "1.5"}}}}]}}`,
			[]string{"coherent,object=10001 post_fec_ber=0,pre_fec_ber=1.2e-08,q_db=9.8,snr_db=17.25,interval_s=60i",
				"coherent,object=OCH-1-1 dispersion_ps_nm=-12.5,frequency_hz=1.931e+14,osnr_db=31.5,interval_s=60i",
				"optic,object=OCH-1-1 los=true,dark=false,tx_dbm=1.5,interval_s=60i",
				"otn,object=10001 background_errors=4u,errored_s=20u,severely_errored_s=18u,unavailable_s=17u,uncorrectable_blocks=2u,up=true,interval_s=60i"}},
		"openconfig-platform": {"/components", `{"component": [{"name": "xe0", "transceiver": {"physical-channels": {"channel": [{"index": 0,
			"state": {"input-power": {"instant": "-3.21"}, "output-power": {"instant": "-1.5"}, "laser-bias-current": {"instant": "35.5"}}}]}}},
			{"name": "Fan1", "fan": {"state": {"speed": 5400}}}, {"name": "CPU0", "cpu": {"utilization": {"state": {"instant": 37}}}}]}`,
			[]string{"cpu,object=CPU0 used_ratio=0.37,interval_s=60i", "optic,lane=0,object=xe0 bias_ma=35.5,los=false,rx_dbm=-3.21,dark=false,tx_dbm=-1.5,interval_s=300i",
				"sensor,object=Fan1 speed_rpm=5400,interval_s=300i"}},
		"openconfig-system": {"/system", `{"state": {"boot-time": "1789999000000000000"}, "cpus": {"cpu": [{"index": "ALL", "state": {"total": {"instant": 20}}},
			{"index": 1, "state": {"total": {"instant": 40}}}]}, "memory": {"state": {"used": "10", "physical": "40"}}}`,
			[]string{"cpu,object=1 used_ratio=0.4,interval_s=60i", "cpu,object=ALL used_ratio=0.2,interval_s=60i", "memory,object=memory size_octets=40i,used_octets=10i,interval_s=60i",
				"system cpu_ratio=0.2", "system uptime_cs=100000i"}},
		"openconfig-bgp": {"/network-instances", `{"network-instance": [{"name": "default", "protocols": {"protocol": [{"identifier": "BGP", "name": "65000",
			"bgp": {"neighbors": {"neighbor": [{"neighbor-address": "10.0.0.1", "state": {"session-state": "ACTIVE", "last-established": "0", "peer-as": 65001, "enabled": true,
			"established-transitions": "3", "messages": {"received": {"UPDATE": "7"}, "sent": {"UPDATE": "8"}}}}]}}}]}},
			{"name": "VPN-A", "protocols": {"protocol": [{"identifier": "BGP", "name": "65000", "bgp": {"neighbors": {"neighbor": [
			{"neighbor-address": "2001:db8::1", "state": {"session-state": "ESTABLISHED", "last-established": "1789999940000000000"}}]}}}]}}]}`,
			[]string{`bgp,peer=10.0.0.1 enabled=true,in_updates=7u,out_updates=8u,remote_as=65001i,state="active",transitions=3u,up=false,interval_s=60i`,
				`bgp,peer=2001:db8::1,vrf=VPN-A established_s=60i,state="established",up=true,interval_s=60i`}},
		"openconfig-interfaces": {"/interfaces", `{"interface": [{"name": "eth1/7", "state": {"oper-status": "UP", "admin-status": "UP"}, "ethernet": {"state":
			{"port-speed": "openconfig-if-ethernet:SPEED_100GB"}}, "subinterfaces": {"subinterface": [{"index": 0, "state": {"oper-status": "DOWN"}}]}}]}`,
			[]string{"interface,ifname=Ethernet1/7 admin=1i,oper=1i,speed_mbps=100000i,interval_s=300i", "interface,ifname=Ethernet1/7.0 oper=2i,interval_s=300i"}},
		"huawei-interfaces": {"/ifm", `{"interfaces": {"interface": [{"name": "100GE0/1/1", "admin-status": "up", "dynamic": {"oper-status": "down"},
			"mib-statistics": {"receive-byte": "1", "send-byte": "2", "receive-error-packet": "3"}}]}}`,
			[]string{"interface,ifname=100GE0/1/1 admin=1i,in_errors=3u,in_octets=1u,oper=2i,out_octets=2u,interval_s=60i"}},
		"srlinux-interfaces": {"/interface[name=ethernet-1/1]", `{"admin-state": "enable", "oper-state": "up", "ethernet": {"port-speed": "100G"},
			"statistics": {"in-octets": "5", "out-octets": "6", "in-discarded-packets": "7"}, "subinterface": [{"index": 0, "oper-state": "down"}]}`,
			[]string{"interface,ifname=ethernet-1/1 admin=1i,in_discards=7u,in_octets=5u,oper=1i,out_octets=6u,speed_mbps=100000i,interval_s=60i",
				"interface,ifname=ethernet-1/1.0 oper=2i,interval_s=300i"}},
		"srlinux-bgp": {"/network-instance[name=default]/protocols/bgp/neighbor[peer-address=10.0.0.1]", `{"session-state": "established", "peer-as": 65001}`,
			[]string{`bgp,peer=10.0.0.1 remote_as=65001i,state="established",up=true,interval_s=60i`}},
		"nokia-sros-ports": {"/state/port[port-id=1/1/c1/1]", `{"oper-state": "up", "statistics": {"in-octets": "5", "out-octets": "6"},
			"transceiver": {"digital-diagnostic-monitoring": {"received-optical-power": {"current": "-3.2"}, "temperature": {"current": 41}}}}`,
			[]string{"interface,ifname=1/1/c1/1 in_octets=5u,oper=1i,out_octets=6u,interval_s=60i", "optic,ifname=1/1/c1/1 los=false,rx_dbm=-3.2,temp_c=41,interval_s=300i"}},
		"cisco-iosxr-interfaces": {"/", `{"interfaces": {"interface-xr": {"interface": [{"interface-name": "HundredGigE0/0/0/1", "state": "im-state-up", "line-state": "im-state-down"},
			{"interface-name": "MgmtEth0/RP0/CPU0/0", "state": "im-state-admin-down", "line-state": "im-state-admin-down"}]}},
			"infra-statistics": {"interfaces": {"interface": [{"interface-name": "HundredGigE0/0/0/1", "latest": {"generic-counters": {"bytes-received": 5, "bytes-sent": 6}}}]}}}`,
			[]string{"interface,ifname=HundredGigE0/0/0/1 admin=1i,oper=2i,interval_s=300i", "interface,ifname=HundredGigE0/0/0/1 in_octets=5u,out_octets=6u,interval_s=60i",
				"interface,ifname=MgmtEth0/RP0/CPU0/0 admin=2i,oper=2i,interval_s=300i"}},
		"junos-optics": {"/interfaces/interface[name=et-0/0/0]/optics", `{"module_temp": 36.5, "lanediags": {"lane": [{"lane_number": 2, "lane_laser_bias_current": 90,
			"lane_laser_receiver_power_dbm": -1.5, "lane_laser_output_power_dbm": 2.25}]}}`,
			[]string{"optic,ifname=et-0/0/0 temp_c=36.5,interval_s=300i", "optic,ifname=et-0/0/0,lane=2 bias_ma=90,los=false,rx_dbm=-1.5,dark=false,tx_dbm=2.25,interval_s=300i"}},
	}
	for _, set := range sets {
		t.Run(set.Name, func(t *testing.T) {
			c, ok := cases[set.Name]
			if !ok {
				t.Fatal("nothing is known to come of it")
			}
			r := newRig(t)
			r.target = decode.New(r.cfg, pathset.NewPlan([]*pathset.Set{set}), false, &r.who)
			elems, err := xpath.Parse(c.path)
			must(t, err)
			r.send(&gpb.Notification{Timestamp: r.now.UnixNano(), Update: []*gpb.Update{{Path: xpath.Proto(set.Origin, elems), Val: typed([]byte(c.json))}}})
			got := r.later(time.Second)
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("lines\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			r.count("haidang_gnmi_dropped_total", 0, "value")
		})
	}
}
