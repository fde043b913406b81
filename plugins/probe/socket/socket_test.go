package socket_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/plugins/probe/socket"
)

func open(t *testing.T, at string) *socket.Conn {
	t.Helper()
	c, err := socket.UDP(netip.MustParseAddrPort(at), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// One datagram that cannot be sent does not keep the others, and is told by its number.
func TestWhatTheKernelRefuses(t *testing.T) {
	to, from := open(t, "127.0.0.1:0"), open(t, "127.0.0.1:0")
	nowhere := netip.MustParseAddrPort("203.0.113.1:9") // not from a loopback address
	for i, peer := range []netip.AddrPort{nowhere, to.Local(), nowhere, nowhere, to.Local(), nowhere} {
		from.Queue(append(from.Buffer(), byte(i)), from.Peer(peer))
	}
	var refused []int
	from.Flush(func(i int, err error) {
		if err == nil {
			t.Error("refused without a reason")
		}
		refused = append(refused, i)
	})
	if !slices.Equal(refused, []int{0, 2, 3, 5}) || from.Queued() != 0 {
		t.Errorf("refused %v, want 0, 2, 3 and 5", refused)
	}
	var got []byte
	for len(got) < 2 {
		if _, err := to.Receive(func(d *socket.Datagram) { got = append(got, d.Text...) }); err != nil {
			t.Fatal(err)
		}
	}
	if string(got) != "\x01\x04" {
		t.Errorf("received %q", got)
	}
}

func TestWhatTheKernelNotes(t *testing.T) {
	for _, at := range []string{"127.0.0.1:0", "[::1]:0"} {
		to, from := open(t, at), open(t, at)
		began := time.Now()
		from.Queue(append(from.Buffer(), 7), from.Peer(to.Local()))
		from.Flush(func(i int, err error) { t.Errorf("%d: %v", i, err) })
		if _, err := to.Receive(func(d *socket.Datagram) {
			if d.From != from.Local() || d.TTL == 0 || d.At.Before(began.Add(-time.Second)) || d.At.After(time.Now()) || string(d.Text) != "\x07" {
				t.Errorf("%s: %+v", at, d)
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	to, from := open(t, "127.0.0.1:0"), open(t, "127.0.0.1:0")
	const batches = 4
	for range batches {
		for i := 0; !from.Full(); i++ {
			from.Queue(append(from.Buffer(), byte(i)), from.Peer(to.Local()))
		}
		from.Flush(func(i int, err error) { t.Errorf("%d: %v", i, err) })
	}
	for n := 0; n < batches*socket.Batch; {
		if _, err := to.Receive(func(d *socket.Datagram) {
			if len(d.Text) != 1 || d.Text[0] != byte(n%socket.Batch) {
				t.Fatalf("datagram %d is %q", n, d.Text)
			}
			n++
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestACloseEndsReceive(t *testing.T) {
	c := open(t, "127.0.0.1:0")
	ended := make(chan error)
	go func() {
		_, err := c.Receive(func(*socket.Datagram) {})
		ended <- err
	}()
	_ = c.Close()
	if err := <-ended; err == nil {
		t.Error("a closed socket received something")
	}
}
