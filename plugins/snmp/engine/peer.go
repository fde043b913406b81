package engine

import (
	"net/netip"
	"slices"

	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// peer is a target as its lane sees it.
type peer struct {
	device   string
	addr     netip.AddrPort
	remote   *usm.Remote // nil: version 2c
	dialog   poll.Dialog
	gates    [2]*gate     // ofDevice, then that of its subnet
	next     *ber.Request // waits in ready or at a gate
	rare     *rare        // nil: nothing of that
	patience patience
	flight   int32 // under way, or nobody
	asked    int32 // requests of the round; 0: no round is running
	queued   bool  // in ready or at a gate
	silent   bool  // did not answer the last time
	parked   bool  // waits for keys
}

const ofDevice = 0

// rare is what few peers have.
type rare struct {
	others  []netip.Addr // that it may answer from, too
	doubt   string       // why what it answered was of no use
	doubted bool         // the log says so
}

func newPeer(t *poll.Target, addr netip.AddrPort, g [2]*gate) peer {
	p := peer{device: t.Device, addr: addr, remote: t.Remote, dialog: t.Dialog, gates: g, flight: nobody}
	if len(t.AcceptFrom) > 0 {
		p.rare = &rare{others: t.AcceptFrom}
	}
	return p
}

// owns says whether a datagram from there can be the peer's, and whether it is another of its addresses.
func (p *peer) owns(from netip.AddrPort) (owns, other bool) {
	if from == p.addr {
		return true, false
	}
	other = p.rare != nil && from.Port() == p.addr.Port() && slices.Contains(p.rare.others, from.Addr())
	return other, other
}

// believe notes that the peer's answer was of use.
func (p *peer) believe() {
	if p.rare != nil {
		p.rare.doubt, p.rare.doubted = "", false
	}
}

// disbelieve notes why an answer was of no use.
func (p *peer) disbelieve(why string) {
	if p.rare == nil {
		p.rare = new(rare)
	}
	p.rare.doubt = why
}

// doubt is why answers were of no use, unless that was told already.
func (p *peer) doubt() string {
	if p.rare == nil || p.rare.doubted {
		return ""
	}
	p.rare.doubted = p.rare.doubt != ""
	return p.rare.doubt
}
