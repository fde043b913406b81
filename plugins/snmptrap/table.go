package snmptrap

import (
	_ "embed" // the standard table
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/snmptrap/packet"
)

//go:embed standard.yaml
var standard []byte //nolint:gochecknoglobals // an embedded file

// alarm is what a trap means.
type alarm struct {
	name      string
	severity  string
	up        *bool      // the state that it tells of an interface; nil: of none
	column    packet.OID // the varbind whose value names the interface; nil: ifName, ifIndex or ifDescr
	renumbers bool       // ifIndexes learned before are worth nothing
}

// naming is the column whose value is the interface's name for sure.
func (a *alarm) naming() string {
	if a == nil || a.column == nil {
		return ifName
	}
	return string(a.column)
}

// table is what is known of traps, and the names of varbinds.
type table struct {
	alarms map[string]*alarm // by canonical OID
	names  map[string]string // by the OID of the column
}

// tableFile is a table as a file has it.
type tableFile struct {
	Traps []conf.Section    `yaml:"traps"`
	Names map[string]string `yaml:"names"`
}

type tableRow struct {
	OID       string `yaml:"oid"`
	Name      string `yaml:"name"`
	Severity  string `yaml:"severity"`
	Up        *bool  `yaml:"up"`
	Interface string `yaml:"interface"`
	Renumbers bool   `yaml:"renumbers"`
}

// severities are those of X.733.
func severities() []string {
	return []string{"critical", "major", "minor", "warning", "indeterminate", "cleared"}
}

// readTable reads the standard table and, over it, the operator's, if there is a path.
func readTable(path string) (*table, error) {
	t := &table{alarms: map[string]*alarm{}, names: map[string]string{}}
	if err := t.add("standard.yaml", standard); err != nil || path == "" {
		return t, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return t, fmt.Errorf("traps: %w", err)
	}
	return t, t.add(path, text)
}

// add takes a file's rows; they win over those that are there already, but not over each other.
func (t *table) add(path string, text []byte) error {
	var f tableFile
	if err := conf.Decode(path, 1, text, &f); err != nil {
		return err
	}
	lines := map[string]int{}
	for _, section := range f.Traps {
		oid, a, err := readRow(section)
		if err != nil {
			return err
		}
		key := string(oid.Canonical())
		if first := lines[key]; first > 0 {
			return conf.At(path, section.Line, "oid", "%v is there already, in line %d", oid, first)
		}
		lines[key] = section.Line
		t.alarms[key] = a
	}
	for text, name := range f.Names {
		oid, err := packet.ParseOID(text)
		if err != nil || name == "" {
			return conf.At(path, 1, "names", "%q: %q: want the name of an object identifier", text, name)
		}
		t.names[string(oid)] = name
	}
	return nil
}

func readRow(section conf.Section) (packet.OID, *alarm, error) {
	var row tableRow
	if err := conf.Decode(section.File, section.Line, section.Text, &row); err != nil {
		return nil, nil, err
	}
	wrong := func(key string, err error) error {
		return conf.At(section.File, section.Line, key, "trap %q: %v", row.Name, err)
	}
	oid, err := packet.ParseOID(row.OID)
	if err != nil {
		return nil, nil, wrong("oid", err)
	}
	a := &alarm{name: row.Name, severity: row.Severity, up: row.Up, renumbers: row.Renumbers}
	if row.Interface != "" {
		if a.column, err = packet.ParseOID(row.Interface); err != nil {
			return nil, nil, wrong("interface", err)
		}
	}
	switch {
	case row.Name == "" || row.Name == unknownTrap || strings.ContainsAny(row.Name, "\r\n"):
		err = wrong("name", fmt.Errorf("want one line of text that is not %q", unknownTrap))
	case !slices.Contains(severities(), row.Severity):
		err = wrong("severity", fmt.Errorf("%q: want one of %s", row.Severity, strings.Join(severities(), ", ")))
	case row.Up == nil && row.Interface != "":
		err = wrong("interface", errors.New("is of no use without up: true or false"))
	}
	return oid, a, err
}

// alarm finds what a trap means; nil if nothing is known of it.
func (t *table) alarm(oid packet.OID) *alarm { return t.alarms[string(oid.Canonical())] }

// label appends the name of a varbind: that of its column with what follows it, or the numbers.
func (t *table) label(dst []byte, oid packet.OID) []byte {
	for end := len(oid); end > 0; end-- {
		if name, ok := t.names[string(oid[:end])]; ok {
			dst = append(dst, name...)
			for rest := oid[end:]; len(rest) > 0; {
				var arc uint32
				if arc, rest, ok = rest.Cut(); !ok {
					break
				}
				dst = appendArc(dst, arc)
			}
			return dst
		}
	}
	return oid.AppendText(dst)
}
