package ingest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The table that is shipped is the one that is tested.
func TestShippedNaming(t *testing.T) {
	naming, err := LoadNaming("../../configs/telegraf.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, func(_ *Config, d *Deps) { d.Naming = naming })
	for _, c := range []struct{ in, want string }{
		{"interface,agent_host=HNI-1,host=tg,ifName=Gi0/1 ifHCInOctets=7i,ifHCOutOctets=8i,ifOperStatus=1i,ifMtu=1500i 5",
			"interface,device=HNI-1,host=tg,ifname=Gi0/1 in_octets=7i,out_octets=8i,oper=1i,ifMtu=1500i,interval_s=60i 5"},
		{"ping,host=tg,url=HNI-1 packets_received=0i,percent_packet_loss=100 5",
			"reach,device=HNI-1,host=tg,method=icmp up=false,percent_packet_loss=100,interval_s=60i 5"},
		{"ping,host=tg,url=HNI-1 packets_received=3i,average_response_ms=1.5 5",
			"reach,device=HNI-1,host=tg,method=icmp up=true,rtt_ms=1.5,interval_s=60i 5"},
		{"interface,agent=edge-1,device=HNI-1,ifname=Gi0/1 in_octets=7u 5", "interface,agent=edge-1,device=HNI-1,ifname=Gi0/1 in_octets=7u 5"},
		{"interface,agent_host=HNI-1,ifName=x in_octets=1u,ifHCInOctets=2i 5",
			"interface,device=HNI-1,ifname=x in_octets=1u,interval_s=60i 5"},
	} {
		for range 2 { // the second time from memory
			r.texts = nil
			w := r.post(zstded(t, c.in+"\n"), encoded("zstd"))
			if w.Code != 204 || r.texts[0] != c.want+"\n" {
				t.Errorf("%s\n got %d %s %q\nwant %s", c.in, w.Code, w.Body, r.texts, c.want)
			}
		}
	}
	if w := r.post([]byte("ping,url=HCM-1 packets_received=1i 5"), nil); w.Code != 400 || !strings.Contains(w.Body.String(), "HCM-1") {
		t.Errorf("a foreign device by its other name: %d %s", w.Code, w.Body)
	}
}

func TestNamingMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"rules: [{measurement: a}]":                                       "want measurement and to",
		"rules: [{measurement: a, to: b, fields: {x: y}, flags: {z: y}}]": `field "y" is written twice`,
		"rules: [{measurement: a, to: b, tags: {x: y, z: y}}]":            `tag "y" is written twice`,
		"rulez: []": "rulez",
	} {
		path := filepath.Join(t.TempDir(), "naming.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadNaming(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
