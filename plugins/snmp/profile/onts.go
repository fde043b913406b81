package profile

import (
	"bytes"
	"time"
)

// served counts the ONTs of a PON port of which a poll has told whether they are up.
type served struct {
	online, total int64
	every         time.Duration
}

// ont counts one ONT, whose tags are tail.
func (s *Summary) ont(tail []byte, up bool, every time.Duration) {
	at := bytes.LastIndex(tail, []byte(",pon=")) // in no value, where = and the comma are escaped
	if at < 0 {
		return
	}
	if s.ports == nil {
		s.ports = map[string]*served{}
	}
	port := s.ports[string(tail[at:])]
	if port == nil {
		port = &served{every: every}
		s.ports[string(tail[at:])] = port
	}
	port.total++
	if up {
		port.online++
	}
}

// WritePorts writes what a whole poll told of the PON ports of a device: how many ONTs there are, and how many are up.
func (s *Summary) WritePorts(o Output) {
	for _, tail := range sortedKeys(s.ports) {
		port := s.ports[tail]
		o.Encoder.Begin(append(append([]byte("pon"), o.Device...), tail...))
		o.Encoder.Int("onts_online", port.online)
		o.Encoder.Int("onts_total", port.total)
		o.Encoder.Int("interval_s", int64(port.every/time.Second))
		o.Encoder.End(o.At)
	}
}

// upOf is the field of a line that tells whether an ONT is up; -1: none does.
func (l *line) upOf() int {
	for i := range l.fields {
		if f := &l.fields[i]; l.measurement == "ont" && f.name == "up" && f.text < 0 {
			return i
		}
	}
	return -1
}

// holds says whether a flag is set; false if it is not known.
func (f *field) holds(v *Values) (yes, ok bool) {
	n, ok := f.number(v)
	if !ok || f.names == nil {
		return n != 0, ok
	}
	c, ok := f.names[n]
	if !ok && f.other != nil {
		return f.other.flag, true
	}
	return c.flag, ok
}
