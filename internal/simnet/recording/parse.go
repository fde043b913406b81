// Package recording replays what real devices once answered: .snmprec files, one loopback address
// each. Counters stay as they were recorded.
package recording

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/haidang-noc/haidang/internal/simnet/ber"
)

// Recording is one device's objects, sorted by name. It is a snmpd.View and immutable.
type Recording struct {
	Name     string
	Problems []Problem // what was wrong with the file

	entries []entry
}

// Problem is a line that was not taken as it stands.
type Problem struct {
	Line int
	Why  string
}

// entry is one object: its name's content octets, and its value with tag and length.
type entry struct {
	name, value []byte
	line        int
}

// longestLine is the most that a line may hold.
const longestLine = 4 << 20

// Parse reads lines of OID|tag|value. Lines that make no sense are left out, of lines for the same
// object the first counts, and the order does not matter; Problems tells.
func Parse(name string, r io.Reader) (*Recording, error) {
	rec := &Recording{Name: name}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestLine)
	lines.Split(splitLines)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSuffix(lines.Text(), "\r")
		if text == "" || text[0] == '#' {
			continue
		}
		e, err := parseLine(text)
		if err != nil {
			rec.problem(n, err.Error())
			continue
		}
		e.line = n
		rec.entries = append(rec.entries, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("recording: %s: %w", name, err)
	}
	rec.arrange()
	return rec, nil
}

// splitLines splits at newlines only: a value may end in a carriage return of its own.
func splitLines(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func (r *Recording) problem(line int, why string) {
	r.Problems = append(r.Problems, Problem{line, why})
}

// arrange sorts the entries and takes out what comes twice.
func (r *Recording) arrange() {
	byName := func(a, b entry) int { return ber.CompareOID(a.name, b.name) }
	for i := 1; i < len(r.entries); i++ {
		if byName(r.entries[i-1], r.entries[i]) > 0 {
			r.problem(r.entries[i].line, "not in order")
		}
	}
	slices.SortStableFunc(r.entries, byName)
	kept := r.entries[:0]
	for _, e := range r.entries {
		if n := len(kept); n > 0 && byName(kept[n-1], e) == 0 {
			r.problem(e.line, fmt.Sprintf("the same object as line %d", kept[n-1].line))
			continue
		}
		kept = append(kept, e)
	}
	r.entries = kept
	slices.SortStableFunc(r.Problems, func(a, b Problem) int { return a.Line - b.Line })
}

func parseLine(text string) (entry, error) {
	oid, rest, ok := strings.Cut(text, "|")
	tag, value, ok2 := strings.Cut(rest, "|")
	if !ok || !ok2 {
		return entry{}, errors.New("want OID|tag|value")
	}
	name, err := ber.ParseOID(oid)
	if err != nil {
		return entry{}, err
	}
	encoded, err := parseValue(tag, value)
	if err != nil {
		return entry{}, fmt.Errorf("tag %s: %w", tag, err)
	}
	return entry{name: name, value: encoded}, nil
}

// parseValue encodes a value: the tag is BER's in decimal, with x for a value in hexadecimal and e for
// one with Python's escapes.
func parseValue(tag, value string) ([]byte, error) {
	digits := strings.TrimRight(tag, "xe")
	n, err := strconv.ParseUint(digits, 10, 8)
	if err != nil {
		return nil, errors.New("not a tag")
	}
	raw := []byte(value)
	switch tag[len(digits):] {
	case "":
	case "x":
		if raw, err = hex.DecodeString(strings.TrimPrefix(value, "0x")); err != nil {
			return nil, err
		}
	case "e":
		raw = unescape(value)
	default:
		return nil, errors.New("not a tag")
	}
	if tag == digits {
		return encodeText(byte(n), value)
	}
	return encodeRaw(byte(n), raw)
}

// encodeText encodes a value that is written as people write it.
func encodeText(tag byte, value string) ([]byte, error) {
	switch tag {
	case ber.Integer:
		v, err := strconv.ParseInt(value, 10, 64)
		return ber.AppendInt(nil, tag, v), err
	case ber.Counter32, ber.Gauge32, ber.TimeTicks:
		v, err := strconv.ParseUint(value, 10, 32)
		return ber.AppendUint(nil, tag, v), err
	case ber.Counter64:
		v, err := strconv.ParseUint(value, 10, 64)
		return ber.AppendUint(nil, tag, v), err
	case ber.ObjectID:
		oid, err := ber.ParseOID(value)
		return ber.AppendBytes(nil, tag, oid), err
	case ber.IPAddress:
		a, err := netip.ParseAddr(value)
		if err == nil && !a.Is4() {
			err = errors.New("not an IPv4 address")
		}
		return ber.AppendBytes(nil, tag, a.AsSlice()), err
	}
	return encodeRaw(tag, []byte(value))
}

// encodeRaw encodes content octets, or numbers given in hexadecimal.
func encodeRaw(tag byte, raw []byte) ([]byte, error) {
	switch tag {
	case ber.OctetString, ber.Opaque, ber.ObjectID:
		return ber.AppendBytes(nil, tag, raw), nil
	case ber.Null:
		return []byte{ber.Null, 0}, nil
	case ber.IPAddress:
		if len(raw) != 4 {
			return nil, fmt.Errorf("%d octets, an address has 4", len(raw))
		}
		return ber.AppendBytes(nil, tag, raw), nil
	case ber.Integer, ber.Counter32, ber.Gauge32, ber.TimeTicks, ber.Counter64:
		if len(raw) == 0 || len(raw) > 8 {
			return nil, fmt.Errorf("%d octets are no number", len(raw))
		}
		var v uint64
		for _, b := range raw {
			v = v<<8 | uint64(b)
		}
		return ber.AppendUint(nil, tag, v), nil
	}
	return nil, errors.New("not a tag of SNMP")
}

// unescape undoes \n, \xhh and the like; what is no escape stands for itself.
func unescape(s string) []byte {
	simple := map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', '\\': '\\', '\'': '\'', '"': '"', '0': 0}
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		i++
		if c, ok := simple[s[i]]; ok {
			out = append(out, c)
		} else if b, err := hex.DecodeString(s[min(i+1, len(s)):min(i+3, len(s))]); s[i] == 'x' && err == nil && len(b) == 1 {
			out = append(out, b[0])
			i += 2
		} else {
			out = append(out, '\\', s[i])
		}
	}
	return out
}
