package loopback

import (
	"net"
	"strconv"
	"testing"
)

// A port is one test's, and who has taken it over UDP or TCP keeps it.
func TestPortsAreNobodyElses(t *testing.T) {
	given := map[int]bool{}
	for range 500 {
		port := Port(t)
		if given[port] || port < first || port >= end {
			t.Fatalf("port %d is given out again, or is one that the kernel chooses", port)
		}
		given[port] = true
	}
	stream, err := net.Listen("tcp4", Address(t))
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	datagrams, err := net.ListenPacket("udp4", "127.0.0.9:"+strconv.Itoa(Port(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer datagrams.Close()
	if free(stream.Addr().(*net.TCPAddr).Port) || free(datagrams.LocalAddr().(*net.UDPAddr).Port) {
		t.Error("a port that somebody has is called free")
	}
}

// With its test's end a port is anybody's again.
func TestPortsComeBack(t *testing.T) {
	for range 3 {
		t.Run("", func(t *testing.T) {
			for range (end - first) / 20 {
				Port(t)
			}
		})
	}
}
