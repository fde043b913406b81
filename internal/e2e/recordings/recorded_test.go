//go:build conformance

package recordings

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// port is one interface as somebody sees it.
type port struct {
	index  uint64
	name   string
	values map[string]uint64 // by field of the measurement interface
}

// recorded is what a .snmprec file says of IF-MIB, read line by line: no walk, no BER.
type recorded struct {
	objects int
	rows    map[uint64]row
	vendor  map[string]bool // values of the vendor's own objects
}

// row is one row of ifTable and ifXTable, by column.
type row map[string]cell

// cell is a value as the file has it: a tag of BER in decimal, with x for hexadecimal, and text.
type cell struct{ tag, text string }

const (
	ifEntry  = "1.3.6.1.2.1.2.2.1."
	ifXEntry = "1.3.6.1.2.1.31.1.1.1."
	vendors  = "1.3.6.1.4.1."
)

// The columns, as they are named in row.
const (
	ifDescr     = "ifEntry.2"
	ifSpeed     = "ifEntry.5"
	ifName      = "ifXEntry.1"
	ifHighSpeed = "ifXEntry.15"
	ifAlias     = "ifXEntry.18"
)

// counters are the columns that can hold a field, the better one first.
func counters() map[string][2]string {
	return map[string][2]string{
		"in_octets": {"ifXEntry.6", "ifEntry.10"}, "out_octets": {"ifXEntry.10", "ifEntry.16"},
		"in_ucast_pkts": {"ifXEntry.7", "ifEntry.11"}, "out_ucast_pkts": {"ifXEntry.11", "ifEntry.17"},
		"in_errors": {"", "ifEntry.14"}, "out_errors": {"", "ifEntry.20"},
		"in_discards": {"", "ifEntry.13"}, "out_discards": {"", "ifEntry.19"},
	}
}

// readRecording reads a file; of lines for the same object the first counts.
func readRecording(path string) (recorded, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return recorded{}, err
	}
	r := recorded{rows: map[uint64]row{}, vendor: map[string]bool{}}
	for line := range bytes.Lines(text) {
		oid, rest, _ := strings.Cut(strings.TrimRight(string(line), "\r\n"), "|")
		tag, value, ok := strings.Cut(rest, "|")
		if !ok {
			continue
		}
		r.objects++
		if strings.HasPrefix(oid, vendors) {
			r.vendor[value] = true
		}
		for prefix, table := range map[string]string{ifEntry: "ifEntry.", ifXEntry: "ifXEntry."} {
			if of, found := strings.CutPrefix(oid, prefix); found {
				r.note(table, of, cell{tag, value})
			}
		}
	}
	return r, nil
}

func (r recorded) note(table, place string, c cell) {
	column, instance, _ := strings.Cut(place, ".")
	index, err := strconv.ParseUint(instance, 10, 32)
	if err != nil {
		return
	}
	if r.rows[index] == nil {
		r.rows[index] = row{}
	}
	if _, twice := r.rows[index][table+column]; !twice {
		r.rows[index][table+column] = c
	}
}

// hasTable says whether there is anything of ifTable.
func (r recorded) hasTable() bool {
	for _, row := range r.rows {
		for column := range row {
			if strings.HasPrefix(column, "ifEntry.") {
				return true
			}
		}
	}
	return false
}

// number is a cell that holds a number of SNMP. NULL in its place is none, nor is an octet string, unless it is the eight
// octets of a 64-bit counter.
func (r row) number(column string) (uint64, bool) {
	switch c := r[column]; c.tag {
	case "2", "65", "66", "67", "70":
		n, err := strconv.ParseUint(c.text, 10, 64)
		return n, err == nil
	case "4x":
		n, err := strconv.ParseUint(c.text, 16, 64)
		return n, err == nil && len(c.text) == 16 && slices.Contains([]string{"ifXEntry.6", "ifXEntry.7", "ifXEntry.10", "ifXEntry.11"}, column)
	}
	return 0, false
}

// text is a cell that holds text, without the blanks around it.
func (r row) text(column string) string {
	c := r[column]
	switch c.tag {
	case "4":
		return strings.Trim(c.text, " \t\r\n\x00")
	case "4x":
		raw, _ := hex.DecodeString(c.text) // empty when it is broken: the simulator leaves it out, too
		return strings.Trim(string(raw), " \t\r\n\x00")
	}
	return ""
}

// port is what a row says by the rules of the measurement interface.
func (r row) port(index uint64) port {
	p := port{index: index, name: r.text(ifName), values: map[string]uint64{}}
	if p.name == "" {
		p.name = r.text(ifDescr)
	}
	if p.name == "" {
		p.name = fmt.Sprintf("ifIndex-%d", index)
	}
	for field, column := range map[string]string{"admin": "ifEntry.7", "oper": "ifEntry.8"} {
		if n, ok := r.number(column); ok {
			p.values[field] = n
		}
	}
	for field, columns := range counters() {
		if n, ok := r.number(r.better(field, columns)); ok {
			p.values[field] = n
		}
	}
	return p
}

// better is the column that a counter is taken from. Octets are both of 64 bits or both of 32.
func (r row) better(field string, columns [2]string) string {
	_, wide := r.number(columns[0])
	if strings.HasSuffix(field, "_octets") {
		_, in := r.number("ifXEntry.6")
		_, out := r.number("ifXEntry.10")
		wide = in && out
	}
	if wide {
		return columns[0]
	}
	return columns[1]
}

// speed is in Mbit/s: ifHighSpeed, or ifSpeed where that is zero or missing.
func (r row) speed() (uint64, bool) {
	high, ok := r.number(ifHighSpeed)
	low, lowOK := r.number(ifSpeed)
	if lowOK && high == 0 {
		return low / 1e6, true
	}
	return high, ok
}

// ports are the rows with a state or a counter, each under a name of its own.
func (r recorded) ports() map[uint64]port {
	shared := map[string]int{}
	out := map[uint64]port{}
	for index, row := range r.rows {
		if p := row.port(index); len(p.values) > 0 {
			out[index] = p
			shared[p.name]++
		}
	}
	for index, p := range out {
		if shared[p.name] > 1 {
			p.name = fmt.Sprintf("%s#%d", p.name, index)
		}
		r.rows[index].describe(&p)
		out[index] = p
	}
	return out
}

// describe adds what a row says beside state and counters.
func (r row) describe(p *port) {
	if n, ok := r.speed(); ok {
		p.values["speed_mbps"] = n
	}
	if n, ok := r.number("ifXEntry.19"); ok {
		p.values["discontinuity_cs"] = n
	}
	_, in := p.values["in_octets"]
	_, out := p.values["out_octets"]
	if narrow := r.better("in_octets", counters()["in_octets"]) == "ifEntry.10"; narrow && (in || out) {
		p.values["bits"] = 32
	}
}
