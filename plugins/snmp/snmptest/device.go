package snmptest

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/internal/usm/usmtest"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// Faults are what is wrong with a device. The zero value is a healthy one.
type Faults struct {
	Drop        func(Query) bool // true: no answer
	Delay       time.Duration
	TooBigOver  int  // more varbinds than this are refused with tooBig; 0: never
	SilentOver  int  // more varbinds than this get no answer at all; 0: never
	CutTo       int  // an answer ends after so many varbinds; 0: never
	WrongID     bool // the request-id is off by one
	WrongSource bool // the answer comes from another address
	Garbage     bool // the answer is octets that mean nothing
	Twice       bool // the answer comes twice
	Status      int  // every request fails with this error-status
	Loops       bool // what follows an object is the first row of its column again
}

const maxDatagram = 65507 // an agent cannot send more, and some then say nothing

// Device is one agent's objects.
type Device struct {
	addr netip.AddrPort

	mu      sync.Mutex
	agent   *usmtest.Agent // nil: version 2c
	faults  Faults
	objects []object // in order
	booted  time.Time
	clock   func() time.Time
	queries int
}

type object struct {
	name  []uint32
	tag   byte
	value []byte
}

// NewDevice returns a device that is on no network: Handle asks it.
func NewDevice(clock func() time.Time) *Device {
	d := &Device{booted: clock().Add(-time.Hour), clock: clock}
	d.Set(ber.OctetString, []byte("a device of the test"), 1, 3, 6, 1, 2, 1, 1, 1, 0)
	d.Set(ber.ObjectID, ber.OID(1, 3, 6, 1, 4, 1, 99999, 1), 1, 3, 6, 1, 2, 1, 1, 2, 0)
	d.Set(ber.TimeTicks, nil, upTime()...)
	d.Set(ber.OctetString, []byte("test"), 1, 3, 6, 1, 2, 1, 1, 5, 0)
	return d
}

func upTime() []uint32 { return []uint32{1, 3, 6, 1, 2, 1, 1, 3, 0} }

// Addr is where the device answers.
func (d *Device) Addr() netip.AddrPort { return d.addr }

// Secure makes the device speak version 3 and nothing else from now on. The agent is the device's: change it by another
// Secure.
func (d *Device) Secure(a *usmtest.Agent) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.agent = a
}

// Queries is how many requests have come in.
func (d *Device) Queries() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.queries
}

// Fail sets what is wrong from now on.
func (d *Device) Fail(f Faults) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = f
}

// Boot sets when the device started, from which sysUpTime follows.
func (d *Device) Boot(at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.booted = at
}

// Set makes or changes an object.
func (d *Device) Set(tag byte, value []byte, name ...uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	o := object{slices.Clone(name), tag, value}
	i, found := d.find(name)
	if found {
		d.objects[i] = o
		return
	}
	d.objects = slices.Insert(d.objects, i, o)
}

// SetNumber makes or changes an object that is a number.
func (d *Device) SetNumber(tag byte, n uint64, name ...uint32) {
	_, contents, _, _ := ber.Cut(ber.AppendUint(nil, tag, n))
	d.Set(tag, contents, name...)
}

// Remove takes away all objects whose name begins so.
func (d *Device) Remove(prefix ...uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.objects = slices.DeleteFunc(d.objects, func(o object) bool {
		return len(o.name) >= len(prefix) && slices.Equal(o.name[:len(prefix)], prefix)
	})
}

func (d *Device) find(name []uint32) (int, bool) {
	return slices.BinarySearchFunc(d.objects, name, func(o object, name []uint32) int {
		return slices.Compare(o.name, name)
	})
}

// Handle answers a request; no reply means silence.
func (d *Device) Handle(text []byte) (replies [][]byte) {
	for _, r := range d.handle(text) {
		replies = append(replies, r.text)
	}
	return replies
}

func (d *Device) handle(text []byte) []reply {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queries++
	f := d.faults
	out := reply{text: d.message(text), stray: f.WrongSource, after: f.Delay}
	if out.text == nil || len(out.text) > maxDatagram {
		return nil
	}
	if f.Garbage {
		out.text = []byte("\x30\x84\xff\xff\xff\xffgarbage")
	}
	if f.Twice {
		return []reply{out, out}
	}
	return []reply{out}
}

// message is what the device says to a message; nil is silence.
func (d *Device) message(text []byte) []byte {
	if d.agent != nil {
		return d.agent.Handle(text, d.clock(), func(pdu []byte) []byte {
			q, ok := parsePDU(pdu)
			if r, says := d.respond(q, ok); says {
				return ber.AppendResponsePDU(nil, r)
			}
			return nil
		})
	}
	q, ok := parseQuery(text)
	if r, says := d.respond(q, ok); says {
		return ber.AppendResponse(nil, q.Community, r)
	}
	return nil
}

// respond answers a query that could be read, or says nothing.
func (d *Device) respond(q Query, readable bool) (r ber.Response, says bool) {
	f := d.faults
	if !readable || f.Drop != nil && f.Drop(q) || f.SilentOver > 0 && q.Varbinds() > f.SilentOver {
		return r, false
	}
	r = d.answer(q)
	if f.WrongID {
		r.ID ^= 1
	}
	return r, true
}

func (d *Device) answer(q Query) ber.Response {
	r := ber.Response{ID: q.ID}
	switch f := d.faults; {
	case f.TooBigOver > 0 && q.Varbinds() > f.TooBigOver:
		r.Status = ber.TooBig
		return r
	case f.Status != 0:
		r.Status, r.Index = f.Status, 1
		return r
	}
	left := d.faults.CutTo
	if left == 0 {
		left = 1 << 30
	}
	add := func(v ber.Varbind) {
		if left > 0 && len(r.Varbinds) <= maxDatagram {
			r.Varbinds = ber.AppendVarbind(r.Varbinds, v)
			left--
		}
	}
	if q.Op == ber.GetBulkRequest {
		d.bulk(q, add)
		return r
	}
	for _, name := range q.Names {
		if q.Op == ber.GetNextRequest {
			add(d.next(name))
			continue
		}
		add(d.get(name))
	}
	return r
}

func (d *Device) bulk(q Query, add func(ber.Varbind)) {
	first := min(q.First, len(q.Names))
	for _, name := range q.Names[:first] {
		add(d.next(name))
	}
	at := slices.Clone(q.Names[first:])
	for range q.Second {
		for i, name := range at {
			v := d.next(name)
			at[i] = arcs(v.Name)
			add(v)
		}
	}
}

func (d *Device) get(name []uint32) ber.Varbind {
	i, found := d.find(name)
	if !found {
		return ber.Varbind{Name: ber.OID(name...), Tag: ber.NoSuchInstance}
	}
	return d.varbind(i)
}

func (d *Device) next(name []uint32) ber.Varbind {
	i, found := d.find(name)
	if found && !d.faults.Loops {
		i++
	}
	if i == len(d.objects) {
		return ber.Varbind{Name: ber.OID(name...), Tag: ber.EndOfMibView}
	}
	return d.varbind(i)
}

func (d *Device) varbind(i int) ber.Varbind {
	o := d.objects[i]
	if slices.Equal(o.name, upTime()) {
		ticks := uint64(uint32(d.clock().Sub(d.booted) / (10 * time.Millisecond)))
		_, o.value, _, _ = ber.Cut(ber.AppendUint(nil, ber.TimeTicks, ticks))
	}
	return ber.Varbind{Name: ber.OID(o.name...), Tag: o.tag, Value: o.value}
}
