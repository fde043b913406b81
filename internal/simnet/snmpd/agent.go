// Package snmpd answers SNMP GET, GETNEXT and GETBULK for very many devices from one UDP
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

// Responder turns requests into answers. It is for one goroutine; the zero value needs a Limit.
type Responder struct {
	Limit   int  // longest answer in octets
	WrongID bool // answers hold another request-id: what a liar does

	out     []byte
	binds   int // variable bindings in the answer
	columns []column
	room    []byte
}

// ignored is the status of a request that gets no answer.
const ignored = -1

// Answer appends the answer to a v1 or v2c request to dst, or nothing if the request is to be ignored, and
// returns the number of variable bindings in it. An empty community stands for any.
func (a *Responder) Answer(dst, datagram []byte, community string, v View) ([]byte, int) {
	r, err := parse(datagram)
	if err != nil || community != "" && string(r.community) != community {
		return dst, 0
	}
	a.out = open(dst, ber.Sequence)
	message := len(a.out)
	a.out = ber.AppendInt(a.out, ber.Integer, int64(r.version))
	a.out = ber.AppendBytes(a.out, ber.OctetString, r.community)
	if !a.pdu(&r, v, len(dst)+a.Limit) {
		return dst, 0
	}
	shut(a.out, message)
	return a.out, a.binds
}

// PDU appends the answer to the PDU of a v3 request to dst, in at most limit octets; otherwise it is like Answer.
func (a *Responder) PDU(dst, pdu []byte, limit int, v View) ([]byte, int) {
	r := request{version: 1}
	if err := r.parsePDU(pdu); err != nil {
		return dst, 0
	}
	a.out = dst
	if !a.pdu(&r, v, len(dst)+limit) {
		return dst, 0
	}
	return a.out, a.binds
}

// pdu appends the answer's PDU, to end before full. false means that there is none.
func (a *Responder) pdu(r *request, v View, full int) bool {
	if a.WrongID {
		r.id ^= 1
	}
	a.binds = 0
	asked := r.binds
	a.out = open(a.out, ber.Response)
	pdu := len(a.out)
	a.out = ber.AppendInt(a.out, ber.Integer, int64(r.id))
	a.out = append(a.out, ber.Integer, 1, 0, ber.Integer, 1, 0) // status and index
	a.out = open(a.out, ber.Sequence)
	body := len(a.out)
	status, index := a.fill(r, v, full)
	if status == ignored {
		return false
	}
	if status == noError && len(a.out) > full {
		status, index = tooBig, 0
	}
	if status != noError {
		a.out, a.binds = a.out[:body], 0
		if status != tooBig || r.version == 0 {
			a.out = append(a.out, asked...)
		}
	}
	a.out[body-8], a.out[body-5] = byte(status), byte(min(index, 127))
	shut(a.out, body)
	shut(a.out, pdu)
	return true
}

// longLength begins the lengths of message, PDU and bindings: two octets, filled in by shut.
const longLength = 0x82

// open begins an element whose length is not known yet; its content begins at the end of what is returned.
func open(o []byte, tag byte) []byte { return append(o, tag, longLength, 0, 0) }

// shut fills in the length of the element whose content began at an index.
func shut(o []byte, content int) {
	n := len(o) - content
	o[content-2], o[content-1] = byte(n>>8), byte(n)
}

// fill writes the bindings.
func (a *Responder) fill(r *request, v View, full int) (status, index int) {
	switch {
	case r.pdu == ber.Get || r.pdu == ber.GetNext:
		return a.each(r, v)
	case r.pdu == ber.GetBulk && r.version == 1:
		return a.bulk(r, v, full), 0
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
