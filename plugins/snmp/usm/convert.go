package usm

import (
	"fmt"
	"math/big"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// response puts what gosnmp decoded back into the form that dialogs read: one shape of answer,
// whatever it travelled in.
func response(p *gosnmp.SnmpPacket) (ber.Response, error) {
	r := ber.Response{ID: p.RequestID, Status: int(p.Error), Index: int(p.ErrorIndex)}
	for _, v := range p.Variables {
		name, err := ber.ParseOID(v.Name)
		if err != nil {
			return r, fmt.Errorf("usm: answer: %w", err)
		}
		tag, value, err := contents(v)
		if err != nil {
			return r, fmt.Errorf("usm: answer: %s: %w", v.Name, err)
		}
		r.Varbinds = ber.AppendVarbind(r.Varbinds, ber.Varbind{Name: name, Tag: tag, Value: value})
	}
	return r, nil
}

// contents encodes a value. Kinds that no dialog reads keep their tag and lose their value.
func contents(v gosnmp.SnmpPDU) (tag byte, value []byte, err error) {
	tag = byte(v.Type)
	switch v.Type { //nolint:exhaustive // the others keep no value
	case gosnmp.OctetString:
		text, ok := v.Value.([]byte)
		if !ok {
			return 0, nil, fmt.Errorf("a string is %T", v.Value)
		}
		return tag, text, nil
	case gosnmp.ObjectIdentifier:
		text, _ := v.Value.(string)
		value, err = ber.ParseOID(text)
		return tag, value, err
	case gosnmp.Integer:
		value = ber.AppendInt(nil, gosnmp.ToBigInt(v.Value).Int64())[2:]
	case gosnmp.Counter32, gosnmp.Gauge32, gosnmp.TimeTicks, gosnmp.Counter64, gosnmp.Uinteger32:
		value = ber.AppendUint(nil, tag, unsigned(v.Value))[2:]
	}
	return tag, value, nil
}

func unsigned(v any) uint64 {
	n := gosnmp.ToBigInt(v)
	if n.Sign() < 0 {
		n = new(big.Int)
	}
	return n.Uint64()
}
