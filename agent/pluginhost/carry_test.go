package pluginhost

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/wire"
)

// scripted is the plugin's side of Run as a function.
type scripted struct {
	wire.UnimplementedInputServer
	run func(wire.Input_RunServer) error
}

func (s scripted) Run(stream wire.Input_RunServer) error { return s.run(stream) }

// connect serves the script in memory.
func connect(t *testing.T, run func(wire.Input_RunServer) error) wire.InputClient {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer(grpc.WaitForHandlers(true))
	wire.RegisterInputServer(server, scripted{run: run})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient("passthrough:///input",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return wire.NewInputClient(conn)
}

func newHost(t *testing.T, deliver Deliver) (*Host, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	c := Config{Plugins: "unused", StopTimeout: conf.Duration(defaultStopTimeout), Inputs: []Input{{Type: "test"}}}
	h, err := New(c, deliver, zerolog.New(&log), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	return h, &log
}

// batches makes frames that are only bytes: the host must not look inside.
func batches(n int) []point.Batch {
	all := make([]point.Batch, n)
	for i := range all {
		frames := make([]byte, 1000*(i+1))
		_, _ = rand.Read(frames) // never fails
		all[i] = point.Batch{Frames: frames, Points: i + 1, Raw: 10 * (i + 1)}
	}
	return all
}

func send(stream wire.Input_RunServer, all []point.Batch) error {
	for i, b := range all {
		if err := stream.Send(wire.NewBatch(uint64(i+1), b)); err != nil {
			return err
		}
	}
	return nil
}

func TestBatchesAreDeliveredUnchangedAndThenAcknowledgedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := batches(10)
		var events []uint64 // what was delivered and what was acknowledged, in the order it happened
		failures := 0
		h, log := newHost(t, func(_ context.Context, input string, b point.Batch) error {
			i := b.Points - 1
			if input != "test" || !bytes.Equal(b.Frames, sent[i].Frames) || b.Raw != sent[i].Raw {
				t.Errorf("batch %d is not what was sent", i)
			}
			if i == 4 && failures < 3 {
				failures++
				return errors.New("disk full")
			}
			events = append(events, 100+uint64(i+1))
			return nil
		})
		client := connect(t, func(stream wire.Input_RunServer) error {
			for i, b := range sent {
				if err := stream.Send(wire.NewBatch(uint64(i+1), b)); err != nil {
					return err
				}
				m, err := stream.Recv()
				if err != nil {
					return err
				}
				events = append(events, m.Acknowledged)
			}
			return errors.New("done")
		})
		if err := h.carry(t.Context(), "test", client); err == nil || err.Error() != "done" {
			t.Errorf("carry = %v", err)
		}
		want := make([]uint64, 0, 20)
		for i := range uint64(10) {
			want = append(want, 101+i, 1+i)
		}
		if !slices.Equal(events, want) {
			t.Errorf("events %v; want %v", events, want)
		}
		for _, want := range []string{"a batch was not taken; the input waits", `"failures":3`} {
			if strings.Count(log.String(), want) != 1 {
				t.Errorf("the log does not say once %q:\n%s", want, log)
			}
		}
	})
}

func TestABlockedSpoolAcknowledgesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unblock := make(chan struct{})
		delivering := 0
		h, _ := newHost(t, func(ctx context.Context, _ string, _ point.Batch) error {
			delivering++
			select {
			case <-unblock:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		acked := uint64(0)
		client := connect(t, func(stream wire.Input_RunServer) error {
			if err := send(stream, batches(5)); err != nil {
				return err
			}
			for acked < 5 {
				m, err := stream.Recv()
				if err != nil {
					return err
				}
				acked = m.Acknowledged
			}
			return errors.New("done")
		})
		over := make(chan error)
		go func() { over <- h.carry(t.Context(), "test", client) }()
		synctest.Wait()
		if acked != 0 || delivering != 1 {
			t.Errorf("%d acknowledged and %d handed over while the spool is blocked", acked, delivering)
		}
		close(unblock)
		if err := <-over; err == nil || err.Error() != "done" || acked != 5 {
			t.Errorf("carry = %v after %d acknowledgements", err, acked)
		}
	})
}

func TestABrokenPluginIsRefused(t *testing.T) {
	good := batches(1)[0]
	large := good
	large.Raw = wire.MaxText + 1
	for name, c := range map[string]struct {
		sequence uint64
		batch    point.Batch
		want     string
	}{
		"gap":       {2, good, "the plugin sent batch 2 after 0"},
		"no points": {1, point.Batch{Frames: []byte{1}, Raw: 1}, "a batch of 1 bytes, 0 points"},
		"no frames": {1, point.Batch{Points: 1, Raw: 1}, "a batch of 0 bytes, 1 points"},
		"too large": {1, large, "262145 bytes of text (at most 262144)"},
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := newHost(t, func(context.Context, string, point.Batch) error {
				t.Error("the batch was delivered")
				return nil
			})
			client := connect(t, func(stream wire.Input_RunServer) error {
				_ = stream.Send(wire.NewBatch(c.sequence, c.batch))
				<-stream.Context().Done()
				return nil
			})
			if err := h.carry(t.Context(), "test", client); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("carry = %v; want %q", err, c.want)
			}
		})
	}
}

func TestLostPointsAreCounted(t *testing.T) {
	for name, c := range map[string]struct {
		run  func(wire.Input_RunServer) error
		want string
	}{
		"the plugin says so": {func(stream wire.Input_RunServer) error {
			stream.SetTrailer(metadata.Pairs(wire.LostPoints, "7"))
			return errors.New("panic in Run: boom")
		}, `"points":7`},
		"the batch in hand": {func(stream wire.Input_RunServer) error {
			_ = stream.Send(wire.NewBatch(1, batches(3)[2]))
			<-stream.Context().Done()
			return nil
		}, `"points":3`},
		"nonsense": {func(stream wire.Input_RunServer) error {
			stream.SetTrailer(metadata.Pairs(wire.LostPoints, "-9"))
			return nil
		}, ``},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				h, log := newHost(t, func(context.Context, string, point.Batch) error {
					stop()
					return errors.New("disk full")
				})
				_ = h.carry(ctx, "test", connect(t, c.run))
				if lost := strings.Contains(log.String(), "points were lost"); lost != (c.want != "") ||
					!strings.Contains(log.String(), c.want) {
					t.Errorf("log: %s", log)
				}
			})
		})
	}
}
