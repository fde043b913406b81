package gnmi

import (
	"context"
	"errors"
	"io"
	"math/bits"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// watched is how often changes are looked for.
const watched = 100 * time.Millisecond

// mostBehind is how far back is looked after a standstill.
const mostBehind = 10 * time.Second

// shortest is the shortest interval between samples.
const shortest = time.Second

// course is a subscription: a selection, and when it is told.
type course struct {
	selection
	onChange bool
	every    time.Duration // samples, or heartbeats; 0: no heartbeats
	due      time.Time
	last     map[nation.Port][lists]uint64 // what was told, hashed
}

// stream answers one Subscribe.
type stream struct {
	face     *Face
	device   int32
	prefix   *gpb.Path
	origin   string // as the client has it
	encoding gpb.Encoding
	send     func(*gpb.SubscribeResponse) error
	reading  nation.Reading
	courses  []*course
}

// subscribe serves one Subscribe until the client ends it.
func (f *Face) subscribe(in gpb.GNMI_SubscribeServer) error {
	first, err := in.Recv()
	if err != nil {
		return err
	}
	list := first.GetSubscribe()
	if list == nil {
		return status.Error(codes.InvalidArgument, "the first message has to be a SubscriptionList")
	}
	device, err := f.deviceOf(in.Context(), list.GetPrefix())
	if err != nil {
		return err
	}
	s := &stream{face: f, device: device, prefix: list.GetPrefix(), encoding: list.GetEncoding(), send: in.Send}
	if err := s.plan(list); err != nil {
		return err
	}
	if err := s.everything(); err != nil {
		return err
	}
	switch list.GetMode() {
	case gpb.SubscriptionList_ONCE:
		return nil
	case gpb.SubscriptionList_POLL:
		return s.poll(in)
	default:
		return s.follow(in.Context())
	}
}

// plan reads what is subscribed to.
func (s *stream) plan(list *gpb.SubscriptionList) error {
	if !known(s.encoding) {
		return status.Errorf(codes.Unimplemented, "encoding %v: want JSON, JSON_IETF or PROTO", s.encoding)
	}
	s.origin = list.GetPrefix().GetOrigin()
	for _, sub := range list.GetSubscription() {
		if o := sub.GetPath().GetOrigin(); o != "" {
			s.origin = o
		}
		elems := append(list.GetPrefix().GetElem()[:len(list.GetPrefix().GetElem()):len(list.GetPrefix().GetElem())], sub.GetPath().GetElem()...)
		c := &course{selection: choose(&s.face.leaves, elems), last: map[nation.Port][lists]uint64{}}
		switch sub.GetMode() {
		case gpb.SubscriptionMode_SAMPLE:
			c.every = max(time.Duration(sub.GetSampleInterval()), shortest)
		default:
			c.onChange, c.every = true, time.Duration(sub.GetHeartbeatInterval())
		}
		s.add(c)
	}
	return nil
}

// add puts subscriptions together that are told at the same time of the same interfaces: one notification tells them all.
func (s *stream) add(c *course) {
	for _, other := range s.courses {
		if other.onChange == c.onChange && other.every == c.every && other.ifname == c.ifname {
			for i := range c.chosen {
				other.chosen[i] |= c.chosen[i]
			}
			return
		}
	}
	s.courses = append(s.courses, c)
}

func known(e gpb.Encoding) bool {
	return e == gpb.Encoding_JSON || e == gpb.Encoding_JSON_IETF || e == gpb.Encoding_PROTO
}

// everything tells all there is, and that it was all.
func (s *stream) everything() error {
	now := time.Now()
	for _, c := range s.courses {
		if err := s.tell(c, now, false); err != nil {
			return err
		}
		c.due = now.Add(c.every)
	}
	return s.send(&gpb.SubscribeResponse{Response: &gpb.SubscribeResponse_SyncResponse{SyncResponse: true}})
}

func (s *stream) poll(in gpb.GNMI_SubscribeServer) error {
	for {
		m, err := in.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case m.GetPoll() == nil:
			return status.Error(codes.InvalidArgument, "want a Poll")
		}
		if err := s.everything(); err != nil {
			return err
		}
	}
}

// follow tells samples when they are due, and changes when they are seen: also those of a moment in which this machine stood
// still, with the time that they have.
func (s *stream) follow(ctx context.Context) error {
	ticker := time.NewTicker(watched)
	defer ticker.Stop()
	at := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			if now.Sub(at) > mostBehind {
				at = now.Add(-mostBehind)
			}
			if err := s.catchUp(at, now); err != nil {
				return err
			}
			at = now
		}
	}
}

// catchUp looks at the instants after one that is past, up to now.
func (s *stream) catchUp(at, now time.Time) error {
	for at.Before(now) {
		if at = at.Add(watched); now.Sub(at) < watched/2 {
			at = now
		}
		for _, c := range s.courses {
			if err := s.step(c, at); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *stream) step(c *course, now time.Time) error {
	due := c.every > 0 && !now.Before(c.due)
	if due {
		c.due = c.due.Add(c.every)
	}
	if !due && !c.onChange {
		return nil
	}
	return s.tell(c, now, !due)
}

// tell sends a notification for each interface that is chosen, or only for those that have changed.
func (s *stream) tell(c *course, now time.Time, onlyChanged bool) error {
	overlay := s.face.overlay.Load()
	clock := overlay.Clock(fault.TickOf(now))
	s.reading.Read(overlay, s.device, &clock)
	if !s.reading.Answers() {
		return status.Error(codes.Unavailable, "the device has no power, or no way")
	}
	if c.chosen[system] != 0 {
		if err := s.entry(c, system, nation.Port{Device: s.device, Index: -1}, onlyChanged); err != nil {
			return err
		}
	}
	if c.chosen[interfaces] == 0 {
		return nil
	}
	for i := range overlay.Ports(s.device) {
		p := nation.Port{Device: s.device, Index: i}
		if c.ifname != "" && c.ifname != string(overlay.IfName(p)) {
			continue
		}
		if err := s.entry(c, interfaces, p, onlyChanged); err != nil {
			return err
		}
	}
	return nil
}

// entry sends what is chosen of an entry of a list.
func (s *stream) entry(c *course, list int, p nation.Port, onlyChanged bool) error {
	look := sight{reading: &s.reading, network: s.face.overlay.Load(), port: p}
	s.see(&look, c.chosen[list])
	if c.onChange {
		told := c.last[p]
		now := look.hash(s.face.leaves[list], c.chosen[list])
		if onlyChanged && told[list] == now {
			return nil
		}
		told[list] = now
		c.last[p] = told
	}
	s.face.updates.Add(float64(bits.OnesCount32(c.chosen[list])))
	return s.send(&gpb.SubscribeResponse{Response: &gpb.SubscribeResponse_Update{Update: s.notification(&look, list, c.chosen[list])}})
}

// see reads the interface: its counters only if one of them is chosen.
func (s *stream) see(look *sight, chosen uint32) {
	const states = 1<<3 - 1
	switch {
	case look.port.Index < 0:
	case chosen&^states != 0:
		look.Counters = s.reading.Counters(look.port.Index)
	default:
		look.Admin, look.Oper = s.reading.Status(look.port.Index)
	}
}

// hash tells one set of values from another.
func (s *sight) hash(all []leaf, chosen uint32) uint64 {
	h := uint64(14695981039346656037)
	for m := chosen; m != 0; m &= m - 1 {
		v := all[bits.TrailingZeros32(m)].of(s)
		h = (h ^ v.number) * 1099511628211
		for i := range len(v.word) {
			h = (h ^ uint64(v.word[i])) * 1099511628211
		}
	}
	return h
}

// notification is what is chosen of an entry.
func (s *stream) notification(look *sight, list int, chosen uint32) *gpb.Notification {
	n := &gpb.Notification{Timestamp: look.reading.At().UnixNano(), Prefix: s.face.prefix(look, list)}
	n.Prefix.Target, n.Prefix.Origin = s.prefix.GetTarget(), s.origin
	all := s.face.leaves[list]
	for m := chosen; m != 0; m &= m - 1 {
		l := &all[bits.TrailingZeros32(m)]
		path := &gpb.Path{}
		for _, name := range l.path {
			path.Elem = append(path.Elem, &gpb.PathElem{Name: name})
		}
		n.Update = append(n.Update, &gpb.Update{Path: path, Val: l.of(look).encode(s.encoding)})
	}
	return n
}

// prefix is the path of an entry.
func (f *Face) prefix(look *sight, list int) *gpb.Path {
	if list == system {
		return &gpb.Path{Elem: []*gpb.PathElem{{Name: "system"}}}
	}
	name := string(look.network.IfName(look.port))
	return &gpb.Path{Elem: []*gpb.PathElem{{Name: "interfaces"}, {Name: "interface", Key: map[string]string{"name": name}}}}
}
