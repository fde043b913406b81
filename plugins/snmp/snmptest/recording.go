package snmptest

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// Recorded is one line of a recording.
type Recorded struct {
	Name  []uint32
	Tag   byte
	Value []byte // as encoded
	Text  string // as written
}

// ReadRecording reads lines of the form OID|TAG|VALUE, the format of snmpsim: TAG is the BER tag in
// decimal, with an x behind it when the value is in hexadecimal. Lines that are not of the form are
// counted as bad: recordings of real devices have some.
func ReadRecording(r io.Reader) (all []Recorded, bad int, err error) {
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		rec, err := parseRecorded(s.Text())
		if err != nil {
			bad++
			continue
		}
		all = append(all, rec)
	}
	return all, bad, s.Err()
}

// Load makes the objects of a recording. sysUpTime stays the device's own.
func (d *Device) Load(all []Recorded) {
	for _, r := range all {
		d.Set(r.Tag, r.Value, r.Name...)
	}
}

func parseRecorded(line string) (r Recorded, err error) {
	parts := strings.SplitN(line, "|", 3)
	if len(parts) != 3 {
		return r, fmt.Errorf("%q: want OID|TAG|VALUE", line)
	}
	oid, err := ber.ParseOID(parts[0])
	if err != nil {
		return r, err
	}
	kind, isHex := strings.CutSuffix(parts[1], "x")
	kind, isEscaped := strings.CutSuffix(kind, "e")
	tag, err := strconv.ParseUint(kind, 10, 8)
	if err != nil {
		return r, err
	}
	r = Recorded{Name: arcs(oid), Tag: byte(tag), Text: parts[2]}
	raw := []byte(parts[2])
	switch {
	case isHex:
		if raw, err = hex.DecodeString(parts[2]); err != nil {
			return r, err
		}
	case isEscaped:
		text, err := strconv.Unquote(`"` + strings.ReplaceAll(parts[2], `"`, `\"`) + `"`)
		if err != nil {
			return r, err
		}
		raw = []byte(text)
	}
	r.Value, err = encodeRecorded(r.Tag, raw)
	return r, err
}

func encodeRecorded(tag byte, raw []byte) ([]byte, error) {
	text := string(raw)
	switch tag {
	case ber.Integer:
		n, err := strconv.ParseInt(text, 10, 64)
		return ber.AppendInt(nil, n)[2:], err
	case ber.Counter32, ber.Gauge32, ber.TimeTicks, ber.Counter64:
		n, err := strconv.ParseUint(text, 10, 64)
		return ber.AppendUint(nil, tag, n)[2:], err
	case ber.ObjectID:
		return ber.ParseOID(text)
	}
	return raw, nil
}
