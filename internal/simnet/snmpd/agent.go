// Package snmpd answers SNMP v1 and v2c GET, GETNEXT and GETBULK for very many devices from one UDP
// port, each device at its own loopback address. It does the protocol; what there is to read comes
// from a View.
package snmpd

import "github.com/haidang-noc/haidang/internal/simnet/ber"

// View is one device's objects in order of their names. Position i of Len is the i-th object.
type View interface {
	// Len is the number of objects.
	Len() int
	// Find is the position of the first object at or after name, and whether it is name itself.
	Find(name []byte) (pos int, exact bool)
	// AppendName and AppendValue write the object's name (content octets) and its value with tag.
	AppendName(dst []byte, pos int) []byte
	AppendValue(dst []byte, pos int) []byte
}

// Error codes of an answer.
const (
	noError     = 0
	tooBig      = 1
	noSuchName  = 2
	readOnly    = 4 // v1
	notWritable = 17
)

// request is a decoded message; its slices point into the datagram.
type request struct {
	version     int32
	community   []byte
	pdu         byte
	id          int32
	first, more int32 // error-status and error-index, or non-repeaters and max-repetitions
	binds       []byte
}

func parse(datagram []byte) (r request, err error) {
	message, _, err := ber.TakeAs(ber.Sequence, datagram)
	if err != nil {
		return r, err
	}
	if r.version, message, err = ber.TakeInt(message); err != nil {
		return r, err
	}
	if r.version != 0 && r.version != 1 {
		return r, ber.ErrMalformed
	}
	if r.community, message, err = ber.TakeAs(ber.OctetString, message); err != nil {
		return r, err
	}
	var pdu []byte
	if r.pdu, pdu, _, err = ber.Take(message); err != nil {
		return r, err
	}
	if r.id, pdu, err = ber.TakeInt(pdu); err != nil {
		return r, err
	}
	if r.first, pdu, err = ber.TakeInt(pdu); err != nil {
		return r, err
	}
	if r.more, pdu, err = ber.TakeInt(pdu); err != nil {
		return r, err
	}
	r.binds, _, err = ber.TakeAs(ber.Sequence, pdu)
	return r, err
}

// name splits the next name off the request's variable bindings.
func (r *request) name() (name []byte, err error) {
	bind, rest, err := ber.TakeAs(ber.Sequence, r.binds)
	if err != nil {
		return nil, err
	}
	name, _, err = ber.TakeAs(ber.ObjectID, bind)
	r.binds = rest
	return name, err
}

// Responder turns requests into answers. It is for one goroutine; the zero value needs a Limit.
type Responder struct {
	Limit int // longest answer in octets

	out     []byte
	binds   int // variable bindings in the answer
	columns []column
	room    []byte
}

// ignored is the status of a request that gets no answer.
const ignored = -1

// longLength begins the lengths of message, PDU and bindings: two octets, filled in at the end.
const longLength = 0x82

// Answer appends the answer to a request to dst, or nothing if the request is to be ignored, and
// returns the number of variable bindings in it. An empty community stands for any.
func (a *Responder) Answer(dst, datagram []byte, community string, v View) ([]byte, int) {
	r, err := parse(datagram)
	if err != nil || community != "" && string(r.community) != community {
		return dst, 0
	}
	a.out, a.binds = dst, 0
	start, asked := len(dst), r.binds
	body := a.open(&r)
	status, index := a.fill(&r, v, start)
	if status == ignored {
		return dst, 0
	}
	if status == noError && len(a.out)-start > a.Limit {
		status, index = tooBig, 0
	}
	if status != noError {
		a.out, a.binds = a.out[:body], 0
		if status != tooBig || r.version == 0 {
			a.out = append(a.out, asked...)
		}
	}
	a.close(start, body, status, index)
	return a.out, a.binds
}

// open writes the answer up to its bindings and returns where these begin.
func (a *Responder) open(r *request) int {
	o := append(a.out, ber.Sequence, longLength, 0, 0)
	o = ber.AppendInt(o, ber.Integer, int64(r.version))
	o = ber.AppendBytes(o, ber.OctetString, r.community)
	o = append(o, ber.Response, longLength, 0, 0)
	o = ber.AppendInt(o, ber.Integer, int64(r.id))
	o = append(o, ber.Integer, 1, 0, ber.Integer, 1, 0) // status and index
	a.out = append(o, ber.Sequence, longLength, 0, 0)
	return len(a.out)
}

// close fills in the lengths, and the status in front of the bindings at body.
func (a *Responder) close(start, body int, status, index int) {
	o := a.out
	o[body-8] = byte(status)
	o[body-5] = byte(min(index, 127))
	put := func(at int) { n := len(o) - at - 2; o[at], o[at+1] = byte(n>>8), byte(n) }
	put(start + 2)
	put(body - 2)
	put(a.pduLength(start))
}

// pduLength is where the PDU's length stands: after version and community, which open wrote.
func (a *Responder) pduLength(start int) int {
	at := start + 4 + 3 // sequence, version
	n := int(a.out[at+1])
	switch n {
	case 0x81:
		n = int(a.out[at+2]) + 1
	case 0x82:
		n = int(a.out[at+2])<<8 + int(a.out[at+3]) + 2
	}
	return at + 2 + n + 2
}

// fill writes the bindings.
func (a *Responder) fill(r *request, v View, start int) (status, index int) {
	switch {
	case r.pdu == ber.Get || r.pdu == ber.GetNext:
		return a.each(r, v)
	case r.pdu == ber.GetBulk && r.version == 1:
		return a.bulk(r, v, start), 0
	case r.pdu == ber.Set && r.version == 1:
		return notWritable, 1
	case r.pdu == ber.Set:
		return readOnly, 1
	}
	return ignored, 0
}

// each answers GET and GETNEXT.
func (a *Responder) each(r *request, v View) (status, index int) {
	for i := 1; len(r.binds) > 0; i++ {
		name, err := r.name()
		if err != nil {
			return ignored, 0
		}
		pos, exact := v.Find(name)
		if r.pdu == ber.GetNext {
			pos, exact = after(r, v, pos, exact), true
		}
		if !a.bind(r, v, name, pos, exact) {
			return noSuchName, i
		}
	}
	return noError, 0
}

// after is the position that GETNEXT moves to. v1 has no Counter64, so they are stepped over.
func after(r *request, v View, pos int, exact bool) int {
	if exact {
		pos++
	}
	for r.version == 0 && pos < v.Len() && isCounter64(v, pos) {
		pos++
	}
	return pos
}

func isCounter64(v View, pos int) bool {
	var room [512]byte
	return v.AppendValue(room[:0], pos)[0] == ber.Counter64
}

// bind writes the object at pos, or for v2c what stands in its place. false is v1's noSuchName.
func (a *Responder) bind(r *request, v View, name []byte, pos int, found bool) bool {
	found = found && pos < v.Len() && (r.version == 1 || !isCounter64(v, pos))
	if r.version == 0 && !found {
		return false
	}
	open := a.openBind()
	switch {
	case found:
		a.object(v, pos)
	case r.pdu == ber.Get:
		a.out = append(ber.AppendBytes(a.out, ber.ObjectID, name), a.absent(v, name, pos), 0)
	default:
		a.out = append(ber.AppendBytes(a.out, ber.ObjectID, name), ber.EndOfMibView, 0)
	}
	a.closeBind(open)
	return true
}

// absent tells a missing row of a table that the view has from a table that it has not. pos is where
// name would be.
func (a *Responder) absent(v View, name []byte, pos int) byte {
	object := withoutLastArc(name)
	for p := max(pos-1, 0); p <= pos && p < v.Len(); p++ {
		a.room = v.AppendName(a.room[:0], p)
		if string(withoutLastArc(a.room)) == string(object) {
			return ber.NoSuchInstance
		}
	}
	return ber.NoSuchObject
}

func withoutLastArc(oid []byte) []byte {
	n := max(len(oid)-1, 0)
	for n > 0 && oid[n-1] >= 0x80 {
		n--
	}
	return oid[:n]
}

func (a *Responder) object(v View, pos int) {
	o := append(a.out, ber.ObjectID, 0)
	at := len(o)
	o = v.AppendName(o, pos)
	if n := len(o) - at; n < 0x80 {
		o[at-1] = byte(n)
	} else {
		o = widen(o, at)
	}
	a.out = v.AppendValue(o, pos)
}

// openBind begins a binding whose length is one octet unless closeBind finds it longer.
func (a *Responder) openBind() int {
	a.out = append(a.out, ber.Sequence, 0)
	return len(a.out)
}

func (a *Responder) closeBind(at int) {
	a.binds++
	if n := len(a.out) - at; n < 0x80 {
		a.out[at-1] = byte(n)
	} else {
		a.out = widen(a.out, at)
	}
}

// widen makes the one-octet length before at as long as the content after it needs.
func widen(o []byte, at int) []byte {
	n := len(o) - at
	var room [4]byte
	length := ber.AppendLength(room[:0], n)
	o = append(o, length[1:]...)
	copy(o[at-1+len(length):], o[at:at+n])
	copy(o[at-1:], length)
	return o
}
