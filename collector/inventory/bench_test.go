package inventory_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/model"
)

// The size of the nation.
const (
	benchDevices = 83_000
	benchLinks   = 500_000
)

// nation writes an inventory of that size and returns its configuration.
func nation(b *testing.B) inventory.Config {
	b.Helper()
	dir := b.TempDir()
	write(b, filepath.Join(dir, "devices.csv"), func(w *bufio.Writer) {
		fmt.Fprintln(w, "device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,primary_method,agent,profile,valid_from,valid_to")
		for i := range benchDevices {
			parent := ""
			if i%40 > 0 {
				parent = fmt.Sprintf("olt-%06d", i-i%40)
			}
			fmt.Fprintf(w, "olt-%06d,10.%d.%d.%d,01,olt-gpon,site-%05d,%s,huawei,olt,%d,0,snmp,agent-%03d,huawei-olt,2021-01-26,\n",
				i, i>>16, i>>8&255, i&255, i/4, parent, i%5000, i/400)
		}
	})
	write(b, filepath.Join(dir, "links.csv"), func(w *bufio.Writer) {
		fmt.Fprintln(w, "link,a_device,a_ifname,b_device,b_ifname,class,capacity_mbps,valid_from,valid_to")
		for i := range benchLinks {
			fmt.Fprintf(w, "link-%06d,olt-%06d,GPON 0/%d,olt-%06d,Ethernet 0/%d,broadband,2488,,\n", i, i%benchDevices, i/benchDevices, (i+7)%benchDevices, i/benchDevices)
		}
	})
	c := shipped()
	c.Devices, c.Links, c.Maintenance = filepath.Join(dir, "devices.csv"), filepath.Join(dir, "links.csv"), filepath.Join(dir, "maintenance.csv")
	write(b, c.Maintenance, func(w *bufio.Writer) {
		fmt.Fprintln(w, "id,scope,start,end,created_at,approved_by,approved_at,reason")
	})
	return c
}

func write(b *testing.B, path string, body func(*bufio.Writer)) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	body(w)
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkLoad(b *testing.B) {
	c := nation(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := inventory.Load(c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	x, err := inventory.Load(nation(b))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		link := x.Link(model.Port{Device: "olt-042000", IfName: "GPON 0/3"}, 1_790_000_000)
		if link == nil || x.Device(link.B.Device, 1_790_000_000) == nil {
			b.Fatal("not found")
		}
	}
}
