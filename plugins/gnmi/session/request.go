package session

import (
	"slices"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
	"github.com/haidang-noc/haidang/plugins/gnmi/xpath"
)

// ask is what a stream subscribes to.
type ask struct {
	sets     []*pathset.Set
	mode     gpb.SubscriptionList_Mode
	encoding gpb.Encoding
	sampled  bool // states, too
	alone    bool // one round, and no more
}

// request is the subscription.
func (s *Session) request(a ask) *gpb.SubscribeRequest {
	list := &gpb.SubscriptionList{Mode: a.mode, Encoding: a.encoding}
	if target := s.device.Decode.Target; target != "" {
		list.Prefix = &gpb.Path{Target: target}
	}
	if s.cfg.Origin == InPrefix && a.sets[0].Origin != "" {
		if list.Prefix == nil {
			list.Prefix = &gpb.Path{}
		}
		list.Prefix.Origin = a.sets[0].Origin
	}
	for _, set := range a.sets {
		for _, sub := range set.Subscriptions {
			list.Subscription = append(list.Subscription, s.subscription(a, sub))
		}
	}
	return &gpb.SubscribeRequest{Request: &gpb.SubscribeRequest_Subscribe{Subscribe: list}}
}

func (s *Session) subscription(a ask, sub pathset.Subscription) *gpb.Subscription {
	out := &gpb.Subscription{Path: s.path(sub.Origin, sub.Path)}
	if a.mode != gpb.SubscriptionList_STREAM {
		return out
	}
	if sub.OnChange && !a.sampled {
		out.Mode = gpb.SubscriptionMode_ON_CHANGE
		out.HeartbeatInterval = uint64(s.cfg.Heartbeat)
		return out
	}
	out.Mode, out.SampleInterval = gpb.SubscriptionMode_SAMPLE, uint64(s.cfg.Interval)
	if sub.Every != 0 {
		out.SampleInterval = uint64(sub.Every)
	}
	return out
}

func (s *Session) path(origin string, elems []xpath.Elem) *gpb.Path {
	switch {
	case s.cfg.Origin == InPath:
		return xpath.Proto(origin, elems)
	case s.cfg.Origin == InElem && origin != "":
		elems = slices.Clone(elems)
		elems[0].Name = origin + ":" + elems[0].Name
	}
	return xpath.Proto("", elems)
}

// onChange says whether anything is subscribed to that comes when it changes.
func onChange(sets []*pathset.Set) bool {
	return slices.ContainsFunc(sets, func(s *pathset.Set) bool {
		return slices.ContainsFunc(s.Subscriptions, func(sub pathset.Subscription) bool { return sub.OnChange })
	})
}

// samples says whether anything is sampled.
func samples(sets []*pathset.Set) bool {
	return slices.ContainsFunc(sets, func(s *pathset.Set) bool {
		return slices.ContainsFunc(s.Subscriptions, func(sub pathset.Subscription) bool { return !sub.OnChange })
	})
}
