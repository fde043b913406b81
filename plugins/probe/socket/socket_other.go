//go:build !linux

package socket

import (
	"errors"
	"net"
	"net/netip"
	"time"
)

// ping is Linux's.
func ping(netip.Addr) (net.PacketConn, error) { return nil, errors.ErrUnsupported }

func (c *Conn) enlarge() {}

// read has no notes to take.
func (c *Conn) read([]byte, time.Time, *Datagram) {}
