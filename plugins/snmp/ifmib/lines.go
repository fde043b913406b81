package ifmib

import (
	"strconv"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// keyRoom holds the key of a line, unless it is unusually long.
type keyRoom [256]byte

// key writes the key of a line. The tag that comes last has to sort behind device.
func (d *Device) key(dst []byte, measurement, tag string) []byte {
	return append(append(append(dst, measurement...), d.Tags...), tag...)
}

// writeUp writes that the device answered.
func (d *Device) writeUp(a poll.Answer) {
	d.round.reached = true
	d.poller.metrics.up.Inc()
	if d.downs >= givenUp {
		d.poller.metrics.givenUp.Dec()
	}
	if d.downs > 0 {
		d.downs = 0
		d.poller.cfg.Log.Info("device answers again", "device", d.Name)
	}
	var buf keyRoom
	e := d.poller.cfg.Box.Open()
	defer d.poller.cfg.Box.Close()
	e.Begin(d.key(buf[:0], "reach", ",method=snmp"))
	e.Bool("up", true)
	e.Float("rtt_ms", float64(a.RTT.Microseconds())/1000)
	e.Int("interval_s", d.poller.seconds())
	e.End(a.At.UnixNano())
}

// writeDown writes that the device did not answer.
func (d *Device) writeDown(now time.Time) {
	d.poller.metrics.down.Inc()
	d.downs++
	if d.downs == givenUp {
		d.poller.metrics.givenUp.Inc()
	}
	if d.downs == 1 {
		d.poller.cfg.Log.Warn("device does not answer: look at its address, its credential and its access list",
			"device", d.Name, "tries", d.poller.cfg.Retries+1)
	}
	var buf keyRoom
	e := d.poller.cfg.Box.Open()
	defer d.poller.cfg.Box.Close()
	e.Begin(d.key(buf[:0], "reach", ",method=snmp"))
	e.Bool("up", false)
	e.Int("interval_s", d.poller.seconds())
	e.End(now.UnixNano())
}

// writeSystem writes sysUpTime, once a round.
func (d *Device) writeSystem(ticks uint64, at time.Time) {
	if d.round.system {
		return
	}
	d.round.system = true
	var buf keyRoom
	e := d.poller.cfg.Box.Open()
	defer d.poller.cfg.Box.Close()
	e.Begin(d.key(buf[:0], "system", ""))
	e.Int("uptime_cs", int64(ticks))
	e.End(at.UnixNano())
}

// lineRoom holds the fields of a line.
type lineRoom [512]byte

// writeRow writes the line of an interface. It is most of what a poller does, so the fields are put together here and
// handed over at once.
func (d *Device) writeRow(e *point.Encoder, r *row, cs []column, vs *values, at time.Time) {
	const up = 1
	if d.poller.cfg.Filter.OnlyAdminUp && vs.got.has(ifAdminStatus) && vs.number[ifAdminStatus] != up {
		return
	}
	var key keyRoom
	e.Begin(append(d.key(key[:0], "interface", ""), r.tag...))
	var room lineRoom
	fields := room[:0]
	for _, c := range cs {
		if vs.got.has(c) {
			fields = d.poller.appendField(fields, c, vs.number[c])
		}
	}
	if vs.got.has(ifInOctets) || vs.got.has(ifOutOctets) {
		fields = append(fields, "bits=32i,"...)
	}
	e.Fields(append(fields, vs.common...))
	e.End(at.UnixNano())
}

// appendField writes a column's field and a comma.
func (p *Poller) appendField(dst []byte, c column, n uint64) []byte {
	dst = append(append(dst, p.columns[c].field...), '=')
	switch {
	case p.columns[c].counter:
		return append(strconv.AppendUint(dst, n, 10), "u,"...)
	case c == ifSpeed:
		n /= 1e6
	}
	return append(strconv.AppendInt(dst, int64(n), 10), "i,"...)
}

// common writes the fields that all rows of an answer share.
func (d *Device) common(dst []byte, ticks uint64, hasTicks bool) []byte {
	if hasTicks {
		dst = append(strconv.AppendInt(append(dst, "uptime_cs="...), int64(ticks), 10), "i,"...)
	}
	return append(strconv.AppendInt(append(dst, "interval_s="...), d.poller.seconds(), 10), 'i')
}

func (p *Poller) seconds() int64 { return int64(p.cfg.Interval / time.Second) }
