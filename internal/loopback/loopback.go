// Package loopback gives tests ports of this machine that stay free until somebody whom the test starts takes them.
//
// A port that the kernel chose and that was closed again is anybody's: the next one who listens on any port or calls out may
// get it before a daemon that is told to listen there does, or while one that was killed is away.
package loopback

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// The ports given out lie below those that the kernel chooses, which begin at 32768.
const (
	first = 20000
	end   = 32768
	tries = 1000
)

// Port is a port that nobody has, over UDP and TCP and at any address, and that no other test is given until this one ends.
func Port(t testing.TB) int {
	t.Helper()
	for range tries {
		port := first + rand.IntN(end-first)
		claim, err := net.Listen("unix", fmt.Sprintf("@haidang-test-port-%d", port)) // ends with the process, however that ends
		if err != nil {
			continue // it is another test's
		}
		t.Cleanup(func() { _ = claim.Close() })
		if free(port) {
			return port
		}
	}
	t.Fatalf("loopback: no port from %d to %d is free", first, end-1)
	return 0
}

// Address is one at 127.0.0.1 with such a port.
func Address(t testing.TB) string {
	t.Helper()
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(Port(t)))
}

func free(port int) bool {
	at := ":" + strconv.Itoa(port)
	stream, err := net.Listen("tcp4", at)
	if err != nil {
		return false
	}
	defer func() { _ = stream.Close() }()
	datagrams, err := net.ListenPacket("udp4", at)
	if err != nil {
		return false
	}
	return datagrams.Close() == nil
}
