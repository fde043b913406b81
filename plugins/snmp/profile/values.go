package profile

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// maxNames bounds the columns and parts of the index of a table: sets of them are bits of a word.
const maxNames = 64

// Values are the numbers of one row. The zero Values know nothing.
type Values struct {
	known  uint64 // columns, as a set
	number [maxNames]number
}

// number is one value: as whole as the device told it, and as a float.
type number struct {
	float float64
	whole uint64 // of counters
}

// Clear forgets all numbers.
func (v *Values) Clear() { v.known = 0 }

// Set takes the value of a column, if it is a number in any of the ways in which devices tell one.
func (v *Values) Set(column int, b *ber.Varbind) {
	if n, ok := readNumber(b); ok {
		v.set(column, n)
	}
}

func (v *Values) set(column int, n number) {
	v.number[column] = n
	v.known |= 1 << column
}

// readNumber understands integers and counters, floats that are wrapped (Opaque), and text that begins with a number.
func readNumber(b *ber.Varbind) (n number, ok bool) {
	switch b.Tag {
	case ber.Integer:
		i, ok := ber.Int(b.Value)
		return number{float64(i), uint64(i)}, ok
	case ber.Counter32, ber.Gauge32, ber.TimeTicks, ber.Counter64:
		u, ok := ber.Uint(b.Value)
		return number{float64(u), u}, ok
	case ber.OctetString:
		return readText(b)
	case ber.Opaque:
		f, ok := readOpaque(b.Value)
		return number{f, uint64(max(f, 0))}, ok
	}
	return number{}, false
}

func readText(b *ber.Varbind) (n number, ok bool) {
	if digits := leadingNumber(b.Value); len(digits) > 0 {
		f, err := strconv.ParseFloat(string(digits), 64)
		return number{f, uint64(max(f, 0))}, err == nil
	}
	u, ok := b.Octets8()
	return number{float64(u), u}, ok && !printable(b.Value)
}

// printable says that octets are text: words of eight letters are no counters.
func printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// leadingNumber is the decimal number that a text begins with: "-12.5 dBm", "45C".
func leadingNumber(b []byte) []byte {
	b = bytes.TrimLeft(b, " ")
	end, digits := 0, false
	for end < len(b) {
		switch c := b[end]; {
		case c >= '0' && c <= '9':
			digits = true
		case c == '.' && bytes.IndexByte(b[:end], '.') < 0:
		case (c == '-' || c == '+') && end == 0:
		case (c == 'e' || c == 'E') && digits && exponent(b[end+1:]) > 0:
			return b[:end+1+exponent(b[end+1:])]
		default:
			return whenTrue(digits, b[:end])
		}
		end++
	}
	return whenTrue(digits, b[:end])
}

func whenTrue(ok bool, b []byte) []byte {
	if ok {
		return b
	}
	return nil
}

// exponent is how long the exponent of a number is: "-05".
func exponent(b []byte) int {
	n := 0
	if n < len(b) && (b[n] == '-' || b[n] == '+') {
		n++
	}
	first := n
	for n < len(b) && n < first+3 && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	if n == first {
		return 0
	}
	return n
}

// readOpaque reads net-snmp's float and double.
func readOpaque(b []byte) (float64, bool) {
	switch {
	case len(b) == 7 && b[0] == 0x9f && b[1] == 0x78 && b[2] == 4:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b[3:]))), true
	case len(b) == 11 && b[0] == 0x9f && b[1] == 0x79 && b[2] == 8:
		return math.Float64frombits(binary.BigEndian.Uint64(b[3:])), true
	}
	return 0, false
}
