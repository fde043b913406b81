//go:build conformance

package recording_test

import (
	"context"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/simnet/recording"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
)

// Every recording loads and can be walked to its end; snmpbulkwalk agrees on some of them.
func TestConformanceRecordings(t *testing.T) {
	shared := os.Getenv("SHARED")
	if shared == "" {
		t.Fatal("SHARED is not set: name the folder with data/snmprec")
	}
	all, err := recording.Load(filepath.Join(shared, "data", "snmprec"))
	if err != nil {
		t.Fatal(err)
	}
	first := netip.MustParseAddr("127.8.0.1")
	server, err := snmpd.Listen(0, snmpd.LongestAnswer, recording.NewFace(all, first, ""), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	walked, objects, agreed, asked, problems := 0, 0, 0, 0, 0
	for i, rec := range all {
		address := at(first, i)
		n := walk(t, address, server.Port())
		if n == rec.Len() {
			walked++
		} else {
			t.Errorf("%s: %d of %d objects walked", rec.Name, n, rec.Len())
		}
		objects += n
		problems += len(rec.Problems)
		for _, p := range rec.Problems[:min(len(rec.Problems), 1)] {
			t.Logf("%s:%d: %s (%d problems in all)", rec.Name, p.Line, p.Why, len(rec.Problems))
		}
		if i%8 == 0 {
			asked++
			if m := bulkwalk(t, address, server.Port()); m == rec.Len() {
				agreed++
			} else {
				t.Errorf("%s: snmpbulkwalk finds %d of %d objects", rec.Name, m, rec.Len())
			}
		}
	}
	cancel()
	<-ended
	t.Logf("%d of %d recordings walked, %d objects, %d lines with problems; snmpbulkwalk agrees on %d of %d",
		walked, len(all), objects, problems, agreed, asked)
}

func at(first netip.Addr, i int) string {
	for range i {
		first = first.Next()
	}
	return first.String()
}

func walk(t *testing.T, address string, port int) int {
	t.Helper()
	c := &gosnmp.GoSNMP{Target: address, Port: uint16(port), Community: "x", Version: gosnmp.Version2c,
		Timeout: time.Minute, MaxOids: 60, MaxRepetitions: 25}
	if err := c.Connect(); err != nil {
		t.Fatal(err)
	}
	defer c.Conn.Close()
	n := 0
	for _, root := range []string{".1.0", ".1.2", ".1.3"} {
		if err := c.BulkWalk(root, func(gosnmp.SnmpPDU) error { n++; return nil }); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	return n
}

func bulkwalk(t *testing.T, address string, port int) int {
	t.Helper()
	out, err := exec.Command("snmpbulkwalk", "-v2c", "-cx", "-Cr25", "-On", "-Oe", "-m", "",
		address+":"+strconv.Itoa(port), ".1").Output()
	if err != nil {
		t.Errorf("snmpbulkwalk %s: %v", address, err)
	}
	return strings.Count("\n"+string(out), "\n.1.") - strings.Count(string(out), "No more variables left in this MIB View")
}
