package syslog

import (
	"fmt"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// Priorities: local7 and a severity.
const (
	local7   = 23 * 8
	critical = 2
	failure  = 3
	warning  = 4
	notice   = 5
)

// message is what the device says; nil: its maker's devices tell such things by other ways.
func (c *change) message() []byte {
	d := &c.overlay.Devices[c.port.Device]
	at := time.Unix(0, c.at.UnixNano()).In(nation.Local)
	ifname := c.overlay.IfName(c.port)
	isUp, isShut := c.to.oper == nation.StatusUp, c.to.admin == nation.StatusDown
	switch d.Vendor {
	case "cisco":
		return cisco(at, ifname, isUp, isShut)
	case "huawei":
		return huawei(d.Name, at, ifname, isUp, isShut)
	case "nokia":
		return nokia(d.Name, at, ifname, isUp)
	case "zte":
		return zte(at, ifname, isUp)
	}
	return nil
}

func cisco(at time.Time, ifname []byte, isUp, isShut bool) []byte {
	pri, word, to := local7+failure, "LINK-3-UPDOWN", "down"
	switch {
	case isUp:
		to = "up"
	case isShut:
		pri, word, to = local7+notice, "LINK-5-CHANGED", "administratively down"
	}
	return fmt.Appendf(nil, "<%d>: %s ICT: %%%s: Interface %s, changed state to %s", pri, at.Format("Jan _2 15:04:05.000"), word, ifname, to)
}

func huawei(host string, at time.Time, ifname []byte, isUp, isShut bool) []byte {
	word, admin, oper := "linkDown_active", "UP", "DOWN"
	switch {
	case isUp:
		word, oper = "linkDown_clear", "UP"
	case isShut:
		admin = "DOWN"
	}
	return fmt.Appendf(nil, "<%d>%s %s %%%%01IFNET/2/%s(l):CID=0x807a0404-alarmID=0x08520003;The interface status changes. (ifName=%s, AdminStatus=%s, OperStatus=%s, Reason=-, mainIfname=%[5]s)",
		local7+critical, at.Format("Jan _2 2006 15:04:05-07:00"), host, word, ifname, admin, oper)
}

func nokia(host string, at time.Time, ifname []byte, isUp bool) []byte {
	event, is := "linkDown-2004", "is not operational"
	if isUp {
		event, is = "linkUp-2005", "is operational"
	}
	return fmt.Appendf(nil, "<%d>%s %s TMNX: 1 Base SNMP-WARNING-%s [%s]:  Interface %[5]s %s", local7+warning, at.Format("Jan _2 15:04:05"), host, event, ifname, is)
}

func zte(at time.Time, ifname []byte, isUp bool) []byte {
	number, is := 18720, "down"
	if isUp {
		number, is = 18721, "up"
	}
	return fmt.Appendf(nil, "<%d>%s UTC alarm %d occurred %%PORT%% Interface %s on %s sent by NPC 1", local7+failure, at.UTC().Format("15:04:05 01/02/2006"), number, is, ifname)
}
