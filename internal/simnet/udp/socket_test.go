package udp_test

import (
	"bytes"
	"net"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/udp"
)

// One socket hears every loopback address and answers from the one that was asked.
func TestAnswersFromTheAddressAsked(t *testing.T) {
	s, err := udp.Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	asked := []string{"127.0.0.1", "127.16.0.1", "127.200.3.4"}
	for _, to := range asked {
		if _, err := conn.WriteToUDP([]byte(to), &net.UDPAddr{IP: net.ParseIP(to), Port: s.Port()}); err != nil {
			t.Fatal(err)
		}
	}
	rx, tx := udp.NewBatch(8, 64), udp.NewBatch(8, 64)
	for got := 0; got < len(asked); {
		n, err := s.Receive(rx)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if !rx.To(i).Loopback() {
				t.Errorf("sent to %x", rx.To(i))
			}
			tx.Put(i, append(tx.Room(i), rx.Payload(i)...), rx.Peer(i), rx.To(i))
		}
		if lost := s.Send(tx, n); lost != 0 {
			t.Errorf("%d answers lost", lost)
		}
		got += n
	}
	for range asked {
		var room [64]byte
		n, from, err := conn.ReadFromUDP(room[:])
		if err != nil || from.IP.String() != string(room[:n]) {
			t.Errorf("%s answered from %v, %v", room[:n], from, err)
		}
	}
}

// A datagram longer than the room for it is not taken for a shorter one.
func TestTruncatedDatagrams(t *testing.T) {
	s, err := udp.Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: s.Port()})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, n := range []int{65, 64} {
		if _, err := conn.Write(bytes.Repeat([]byte{'x'}, n)); err != nil {
			t.Fatal(err)
		}
	}
	rx, lengths := udp.NewBatch(1, 64), []int{}
	for len(lengths) < 2 {
		n, err := s.Receive(rx)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			lengths = append(lengths, len(rx.Payload(i)))
		}
	}
	if lengths[0] != 0 || lengths[1] != 64 {
		t.Errorf("lengths %v, want nothing of the long one and 64", lengths)
	}
}

// An answer that the kernel refuses costs only itself.
func TestRefusedAnswers(t *testing.T) {
	s, err := udp.Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	port := uint16(conn.LocalAddr().(*net.UDPAddr).Port)
	peer := udp.Peer{Family: 2, Port: port<<8 | port>>8, Addr: [4]byte{127, 0, 0, 1}}
	tx := udp.NewBatch(3, 64)
	tx.Put(0, []byte("first"), peer, 127<<24|1)
	tx.Put(1, []byte("from elsewhere"), peer, 8<<24|8)
	tx.Put(2, []byte("third"), peer, 127<<24|2)
	if lost := s.Send(tx, 3); lost != 1 {
		t.Errorf("%d lost, want the second", lost)
	}
	if err := conn.SetDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"first", "third"} {
		var room [64]byte
		if n, _, err := conn.ReadFromUDP(room[:]); err != nil || string(room[:n]) != want {
			t.Errorf("got %q, %v, want %q", room[:n], err, want)
		}
	}
}
