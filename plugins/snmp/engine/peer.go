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
	others   []netip.Addr // that it may answer from, too
	remote   *usm.Remote  // nil: version 2c
	dialog   poll.Dialog
	gates    [2]*gate     // its address's and its subnet's
	next     *ber.Request // waits in ready or at a gate
	flight   int32        // under way, or nobody
	queued   bool         // in ready or at a gate
	asked    int32        // requests of the round; 0: no round is running
	silent   bool         // did not answer the last time
	doubt    string       // why what it answered was of no use
	doubted  bool         // the log says so
	patience patience
}

// owns says whether a datagram from there can be the peer's, and whether it is another of its addresses.
func (p *peer) owns(from netip.AddrPort) (owns, other bool) {
	if from == p.addr {
		return true, false
	}
	other = from.Port() == p.addr.Port() && slices.Contains(p.others, from.Addr())
	return other, other
}
