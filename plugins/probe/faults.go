package probe

import (
	"context"
	"errors"
	"net"
	"syscall"

	"github.com/haidang-noc/haidang/plugins/probe/train"
	"github.com/haidang-noc/haidang/plugins/probe/web"
)

// ownFault names what is wrong with this machine, not with what it probes; empty: nothing.
func ownFault(err error) string {
	var lookup *net.DNSError
	var unsuitable *net.AddrError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &lookup):
		if lookup.IsNotFound { // an answer, and a bad one
			return ""
		}
		return "resolver"
	case errors.Is(err, web.ErrNotAllowed):
		return "not_allowed"
	case errors.Is(err, web.ErrTooLong):
		return "max_octets"
	case errors.As(err, &unsuitable): // nothing of the version of IP that source has
		return "no_address"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "files"
	}
	switch reason := train.Reason(err); reason {
	case train.Other:
		return ""
	case train.NoRoute:
		return unroutable(err)
	default:
		return reason
	}
}

// unroutable tells an address that this machine has no way to from one that a router on the way has none to: connecting a
// UDP socket sends nothing, so only this machine can refuse it.
func unroutable(err error) string {
	var op *net.OpError
	if !errors.As(err, &op) || op.Addr == nil {
		return ""
	}
	conn, err := new(net.Dialer).DialContext(context.Background(), "udp", op.Addr.String())
	if err == nil {
		_ = conn.Close()
		return ""
	}
	return train.Reason(err)
}
