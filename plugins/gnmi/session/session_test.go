package session_test

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/haidang-noc/haidang/plugins/gnmi/session"
)

const up = "interface,device=r1,ifname=e1 admin=1i,oper=1i"

func TestAStreamIsWhatPathSetsWant(t *testing.T) {
	l := newLab()
	b := newBench(t, l.serve(t, nil), func(_ *session.Config, d *session.Device) { d.Decode.Target = "r1" })
	b.run()
	b.await("a line", b.written(up))
	list := l.lists()[0]
	if list.GetMode() != gpb.SubscriptionList_STREAM || list.GetEncoding() != gpb.Encoding_PROTO || list.GetPrefix().GetTarget() != "r1" {
		t.Errorf("asked for %v", list)
	}
	changes, samples := 0, 0
	for _, s := range list.GetSubscription() {
		switch {
		case s.GetPath().GetOrigin() != "openconfig":
			t.Errorf("asked for %v", s)
		case s.GetMode() == gpb.SubscriptionMode_ON_CHANGE && s.GetHeartbeatInterval() == uint64(time.Minute):
			changes++
		case s.GetMode() == gpb.SubscriptionMode_SAMPLE && s.GetSampleInterval() == uint64(time.Minute):
			samples++
		}
	}
	if changes < 3 || samples < 2 || changes+samples != len(list.GetSubscription()) {
		t.Errorf("%d changes and %d samples of %v", changes, samples, list)
	}
	if !b.written("reach,device=r1,method=gnmi up=true,rtt_ms=")() || b.counter("haidang_gnmi_sessions", "") != 1 {
		t.Errorf("no session: %s", b.text())
	}
}

// A target that does not do ON_CHANGE is asked for samples of its states.
func TestStatesAreSampledWhereTheyMustBe(t *testing.T) {
	l := newLab()
	l.subscribe = func(list *gpb.SubscriptionList, _ gpb.GNMI_SubscribeServer) error {
		for _, s := range list.GetSubscription() {
			if s.GetMode() == gpb.SubscriptionMode_ON_CHANGE {
				return status.Error(codes.InvalidArgument, "on_change: not here")
			}
		}
		return nil
	}
	b := newBench(t, l.serve(t, nil), nil)
	b.run()
	b.await("a line", b.written(up))
	if b.counter("haidang_gnmi_fallbacks_total", "sampled_states") != 1 || !b.logged("on_change: not here")() {
		t.Errorf("log: %s", b.log)
	}
}

// A target that was away is asked for everything again.
func TestATargetThatWasAwayMayHaveLearned(t *testing.T) {
	l := newLab()
	l.subscribe = func(list *gpb.SubscriptionList, in gpb.GNMI_SubscribeServer) error {
		switch first := list.GetSubscription()[0].GetMode(); {
		case len(l.lists()) == 1:
			return status.Error(codes.Unimplemented, "on_change: not in this release")
		case first == gpb.SubscriptionMode_SAMPLE:
			return errors.Join(say(in), status.Error(codes.Unavailable, "going down for an upgrade"))
		}
		return nil
	}
	b := newBench(t, l.serve(t, nil), nil)
	b.run()
	b.await("on_change again", func() bool { return len(l.lists()) == 3 })
	if m := l.lists()[2].GetSubscription()[0].GetMode(); m != gpb.SubscriptionMode_ON_CHANGE {
		t.Errorf("asked for %v", m)
	}
}

// One path set that a target refuses does not cost the others.
func TestARefusedSetIsLeftOut(t *testing.T) {
	l := newLab()
	l.subscribe = func(list *gpb.SubscriptionList, _ gpb.GNMI_SubscribeServer) error {
		for _, s := range list.GetSubscription() {
			if s.GetPath().GetElem()[0].GetName() == "system" {
				return status.Error(codes.NotFound, "no such path")
			}
		}
		return nil
	}
	b := newBench(t, l.serve(t, nil), nil)
	b.run()
	b.await("a line", b.written(up))
	b.await("the set to be left out", func() bool { return b.counter("haidang_gnmi_fallbacks_total", "set_left_out") == 1 })
	if !b.logged("set=openconfig-system")() {
		t.Errorf("log: %s", b.log)
	}
}

func TestWhatATargetCannotDoIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*lab)
		cfg    func(*session.Config, *session.Device)
		want   string
	}{
		"encoding":  {nil, func(c *session.Config, _ *session.Device) { c.Encoding = "ascii" }, "the target cannot send ascii: set encoding to one of json_ietf, proto"},
		"encodings": {func(l *lab) { l.can.SupportedEncodings = []gpb.Encoding{99} }, nil, "the target sends 99 only: want one of proto, json_ietf"},
		"models":    {func(l *lab) { l.can.SupportedModels = []*gpb.ModelData{{Name: "acme-ports"}} }, nil, "openconfig-interfaces"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab()
			if c.change != nil {
				c.change(l)
			}
			b := newBench(t, l.serve(t, nil), c.cfg)
			b.run()
			b.await("a message", b.logged(c.want))
			b.await("an end", func() bool { return b.counter("haidang_gnmi_session_ends_total", "capabilities") > 1 })
			if strings.Count(b.log.String(), "no session") != 1 || strings.Contains(b.text(), "up=false") {
				t.Errorf("it is said more than once, or the target is called down:\n%s%s", b.log, b.text())
			}
		})
	}
}

func TestATargetWithoutCapabilitiesIsAsked(t *testing.T) {
	l := newLab()
	l.refuse = func(context.Context) error { return status.Error(codes.Unimplemented, "no") }
	b := newBench(t, l.serve(t, nil), nil)
	b.run()
	b.await("a line", b.written(up))
	if e := l.lists()[0].GetEncoding(); e != gpb.Encoding_JSON {
		t.Errorf("asked for %v", e)
	}
}

func TestLogin(t *testing.T) {
	l := newLab()
	l.refuse = func(ctx context.Context) error {
		if user(ctx) == "noc:secret" {
			return status.Error(codes.Unimplemented, "but welcome")
		}
		return status.Error(codes.Unauthenticated, "who?")
	}
	address := l.serve(t, nil)
	for password, want := range map[string]string{"secret": up, "wrong": "reach,device=r1,method=gnmi up=true,interval_s"} {
		b := newBench(t, address, func(_ *session.Config, d *session.Device) {
			d.Login.Username, d.Login.Password = "noc", func() (string, error) { return password, nil }
		})
		b.run()
		if password == "wrong" { // it answers, and is not down
			b.await("an end", func() bool { return b.counter("haidang_gnmi_session_ends_total", "login") > 0 })
			b.Tick(time.Now().Add(2 * time.Minute))
		}
		b.await(password, b.written(want))
		if b.logged("secret")() {
			t.Error("the password is in the log")
		}
	}
}

func TestTLS(t *testing.T) {
	ours, other := newAuthority(t), newAuthority(t)
	address := newLab().serve(t, &tls.Config{Certificates: []tls.Certificate{ours.issue("r1")}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ours.pool()})
	for name, c := range map[string]struct {
		config *tls.Config
		ok     bool
	}{
		"both known":     {&tls.Config{RootCAs: ours.pool(), ServerName: "r1", Certificates: []tls.Certificate{ours.issue("agent")}}, true},
		"no client cert": {&tls.Config{RootCAs: ours.pool(), ServerName: "r1"}, false},
		"stranger":       {&tls.Config{RootCAs: ours.pool(), ServerName: "r1", Certificates: []tls.Certificate{other.issue("agent")}}, false},
		"wrong server":   {&tls.Config{RootCAs: other.pool(), ServerName: "r1", Certificates: []tls.Certificate{ours.issue("agent")}}, false},
		"wrong name":     {&tls.Config{RootCAs: ours.pool(), ServerName: "r2", Certificates: []tls.Certificate{ours.issue("agent")}}, false},
		"plaintext":      {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, address, func(_ *session.Config, d *session.Device) {
				if c.config != nil {
					d.Login.TLS = func() (*tls.Config, error) { return c.config, nil }
				}
			})
			err := b.Once(t.Context())
			if (err == nil) != c.ok || b.written(up)() != c.ok {
				t.Errorf("error %v, lines %s", err, b.text())
			}
			if !c.ok && !b.written("reach,device=r1,method=gnmi up=false")() {
				t.Errorf("lines %s", b.text())
			}
		})
	}
}

// A stream that ends is begun anew, and so is one on which nothing comes.
func TestReconnects(t *testing.T) {
	l := newLab()
	broken := false
	l.subscribe = func(_ *gpb.SubscriptionList, in gpb.GNMI_SubscribeServer) error {
		if broken {
			return nil
		}
		broken = true
		return errors.Join(say(in), status.Error(codes.Internal, "bug"))
	}
	b := newBench(t, l.serve(t, nil), nil)
	b.run()
	b.await("a second stream", func() bool { return len(l.lists()) == 2 })
	b.await("it is said", b.logged("target answers again"))
	b.await("the third", func() bool {
		b.Tick(time.Now().Add(10 * time.Minute))
		return len(l.lists()) > 2
	})
	if b.counter("haidang_gnmi_session_ends_total", "silent") == 0 || b.counter("haidang_gnmi_session_ends_total", "closed") != 1 {
		t.Errorf("log: %s", b.log)
	}
}

// States that are never told again are sampled instead.
func TestATargetWithoutHeartbeats(t *testing.T) {
	l := newLab()
	b := newBench(t, l.serve(t, nil), nil)
	b.run()
	b.await("a line", b.written(up))
	b.await("samples", func() bool {
		b.Tick(time.Now().Add(2*time.Minute + 10*time.Second)) // two heartbeats, and less than the silence of 2.5 samples
		lists := l.lists()
		return len(lists) > 1 && lists[len(lists)-1].GetSubscription()[0].GetMode() == gpb.SubscriptionMode_SAMPLE
	})
	if b.counter("haidang_gnmi_session_ends_total", "heartbeat") != 1 {
		t.Errorf("log: %s", b.log)
	}
}

func TestPollAndOnceAskAtEveryInterval(t *testing.T) {
	for mode, rounds := range map[gpb.SubscriptionList_Mode]func(*lab) int{
		gpb.SubscriptionList_POLL: func(l *lab) int { l.mu.Lock(); defer l.mu.Unlock(); return l.polls },
		gpb.SubscriptionList_ONCE: func(l *lab) int { return len(l.lists()) },
	} {
		l := newLab()
		b := newBench(t, l.serve(t, nil), func(c *session.Config, d *session.Device) {
			c.Mode, c.Interval, d.Decode.Interval = mode, time.Second, time.Second
		})
		b.run()
		b.await(mode.String(), func() bool { return rounds(l) >= 2 })
		b.await("lines that hold for an interval", b.written("oper=1i,interval_s=1i"))
	}
}

func TestATargetThatIsNotThere(t *testing.T) {
	b := newBench(t, "127.0.0.1:1", nil)
	b.run()
	b.await("an end", func() bool { return b.counter("haidang_gnmi_session_ends_total", "unreachable") > 1 })
	b.Tick(time.Now().Add(2 * time.Minute))
	b.await("it is down", b.written("reach,device=r1,method=gnmi up=false,interval_s=60i"))
	if strings.Count(b.log.String(), "no session") != 1 {
		t.Errorf("log: %s", b.log)
	}
}

// A target is asked while its row of the inventory holds, and no longer.
func TestValidity(t *testing.T) {
	l := newLab()
	address := l.serve(t, nil)
	over := newBench(t, address, func(_ *session.Config, d *session.Device) { d.To = time.Now().Add(-time.Hour) })
	over.Run(t.Context()) // returns
	b := newBench(t, address, func(_ *session.Config, d *session.Device) { d.To = time.Now().Add(300 * time.Millisecond) })
	b.Run(t.Context()) // returns when it is over
	if n := len(l.lists()); n > 1 {
		t.Errorf("%d streams", n)
	}
}
