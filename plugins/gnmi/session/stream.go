package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc"

	"github.com/haidang-noc/haidang/internal/pause"
	"github.com/haidang-noc/haidang/plugins/gnmi/decode"
	"github.com/haidang-noc/haidang/plugins/gnmi/wire"
)

// stream is one subscription while it lasts.
type stream struct {
	grpc.ClientStream
	s      *Session
	target *decode.Target
	some   bool // the target has sent something
}

// stream subscribes and reads until the stream ends. In the modes ONCE and POLL it asks again at every interval; a lone ONCE
// returns nil when everything has come.
func (s *Session) stream(ctx context.Context, conn *grpc.ClientConn, target *decode.Target, a ask) error {
	for {
		if err := s.round(ctx, conn, target, a); err != nil || a.alone {
			return err
		}
		if err := s.untilNext(ctx); err != nil {
			return err
		}
	}
}

// round is one stream from its beginning to its end.
func (s *Session) round(ctx context.Context, conn *grpc.ClientConn, target *decode.Target, a ask) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	st, err := s.open(ctx, conn, target, a)
	if err != nil {
		return err
	}
	if a.mode == gpb.SubscriptionList_POLL {
		return st.poll(ctx)
	}
	return st.read(ctx, a.mode == gpb.SubscriptionList_ONCE)
}

func (s *Session) open(ctx context.Context, conn *grpc.ClientConn, target *decode.Target, a ask) (*stream, error) {
	cs, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, subscribeCall)
	if err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	st := &stream{ClientStream: cs, s: s, target: target}
	if err := cs.SendMsg(s.request(a)); err != nil && !errors.Is(err, io.EOF) { // Recv says why
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	if a.mode == gpb.SubscriptionList_ONCE {
		err = cs.CloseSend()
	}
	return st, err
}

// read takes messages until the stream ends, or with untilSync until everything has been said. It reads on only when there is
// room for lines: otherwise HTTP/2 makes the target wait.
func (st *stream) read(ctx context.Context, untilSync bool) error {
	var f frame
	for {
		if err := st.s.device.Decode.Box.Room(ctx); err != nil {
			return err
		}
		err := st.RecvMsg(&f)
		switch {
		case errors.Is(err, io.EOF) && untilSync && st.some:
			st.target.Flush(time.Now())
			return nil
		case err != nil:
			return st.ended(err)
		}
		now := time.Now()
		kind, err := st.target.Take(f.octets(), now)
		f.free()
		if err != nil {
			return err
		}
		if kind == wire.Failed {
			return errors.New("subscribe: the target reports an error in the manner of old versions")
		}
		st.some = true
		st.s.hear(now)
		if kind == wire.Sync && untilSync {
			st.target.Flush(now)
			return nil
		}
	}
}

// ended says how the stream ended: a refusal is one before the target has sent anything.
func (st *stream) ended(err error) error {
	if !st.some && refuses(err) {
		return &refusal{err}
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("the target has ended the stream")
	}
	return fmt.Errorf("subscribe: %w", err)
}

// poll asks now and at every interval, and reads what comes: some targets tell everything once before they are asked.
func (st *stream) poll(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	asking := make(chan struct{})
	go func() {
		defer close(asking)
		cancel(st.ask(ctx))
	}()
	defer func() { <-asking }()
	defer cancel(nil)
	for {
		if err := st.read(ctx, true); err != nil {
			return err
		}
	}
}

// ask sends a Poll now and at every interval. When it cannot, the stream has ended, and reading says why.
func (st *stream) ask(ctx context.Context) error {
	for {
		if err := st.SendMsg(&gpb.SubscribeRequest{Request: &gpb.SubscribeRequest_Poll{Poll: &gpb.Poll{}}}); err != nil {
			return nil //nolint:nilerr // see above
		}
		if err := st.s.untilNext(ctx); err != nil {
			return err
		}
	}
}

// untilNext waits for the target's next round.
func (s *Session) untilNext(ctx context.Context) error {
	if !pause.For(ctx, time.Until(next(time.Now(), s.cfg.Interval, s.phase))) {
		return context.Cause(ctx)
	}
	return nil
}

// next is the first instant after t that is phase past a multiple of interval: a restart shifts no round.
func next(t time.Time, interval, phase time.Duration) time.Time {
	past := time.Duration(t.Add(-phase).UnixNano()) % interval
	return t.Add(interval - past)
}
