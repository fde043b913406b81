package snmpd

import "github.com/haidang-noc/haidang/internal/simnet/ber"

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
	err = r.parsePDU(message)
	return r, err
}

// parsePDU reads the PDU that message begins with.
func (r *request) parsePDU(message []byte) (err error) {
	var pdu []byte
	if r.pdu, pdu, _, err = ber.Take(message); err != nil {
		return err
	}
	if r.id, pdu, err = ber.TakeInt(pdu); err != nil {
		return err
	}
	if r.first, pdu, err = ber.TakeInt(pdu); err != nil {
		return err
	}
	if r.more, pdu, err = ber.TakeInt(pdu); err != nil {
		return err
	}
	r.binds, _, err = ber.TakeAs(ber.Sequence, pdu)
	return err
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
