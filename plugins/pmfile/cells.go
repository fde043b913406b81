package pmfile

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
)

// The technologies, as the tag rat names them.
const (
	lte = "lte"
	nr  = "nr"
)

// owner is whose an object is, in [from, to) of Unix seconds.
type owner struct {
	device, rat string
	from, to    int64
}

// places says which device an element or an object of a file is.
type places struct {
	objects  map[string][]owner // of cells.csv, by distinguished name
	elements map[string]string  // devices by element; empty: several have it
	owners   []owner            // the rows of cells.csv
}

func newPlaces() *places {
	return &places{objects: map[string][]owner{}, elements: map[string]string{}}
}

const cellColumns = "cell,device,object,technology,bandwidth_mhz,n_rb,valid_from,valid_to"

// readCells reads cells.csv: the device and the technology of each object that has a cell's counters.
func (p *places) readCells(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("cells: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	rows := csv.NewReader(f)
	header, err := rows.Read()
	if err == nil {
		header[0] = strings.TrimPrefix(header[0], "\ufeff") // spreadsheets write it
	}
	if err != nil || strings.Join(header, ",") != cellColumns {
		return conf.At(path, 1, "header", "want %s", cellColumns)
	}
	for {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("cells: %s: %w", path, err)
		}
		line, _ := rows.FieldPos(0)
		if column, err := p.cell(cells); err != nil {
			return conf.At(path, line, column, "cell %s: %v", cells[0], err)
		}
	}
}

// cell takes a row of cells.csv and says what column is wrong with it.
func (p *places) cell(cells []string) (column string, err error) {
	o := owner{device: cells[1], rat: cells[3], from: math.MinInt64, to: math.MaxInt64}
	switch {
	case o.device == "":
		return "device", errors.New("is empty: want a device")
	case o.rat != lte && o.rat != nr:
		return "technology", fmt.Errorf("%q: want lte or nr", o.rat)
	}
	for column, into := range map[string]*int64{"valid_from": &o.from, "valid_to": &o.to} {
		text := cells[map[string]int{"valid_from": 6, "valid_to": 7}[column]]
		if text == "" {
			continue
		}
		if *into, err = parseInstant(text); err != nil {
			return column, err
		}
	}
	for object := range strings.SplitSeq(cells[2], "|") {
		if object == "" {
			return "object", errors.New("is empty: want distinguished names, separated by |")
		}
		p.objects[object] = append(p.objects[object], o)
		if element := elementOf(object); element != "" {
			p.element(element, o.device)
		}
	}
	p.owners = append(p.owners, o)
	return "", nil
}

// element notes that an element is a device. One that is several is known by its objects alone.
func (p *places) element(name, device string) {
	if known, ok := p.elements[name]; ok && known != device {
		device = ""
	}
	p.elements[name] = device
}

// parseInstant reads a date, which means its midnight in Việt Nam, or a time with its offset.
func parseInstant(text string) (int64, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.Unix(), nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, time.FixedZone("+07", 7*60*60))
	if err != nil {
		return 0, fmt.Errorf("%q is not a time: want 2026-10-01 (midnight in Việt Nam) or 2026-10-01T22:00:00+07:00", text)
	}
	return t.Unix(), nil
}

// find is whose an object is at a time: by its own name, or the nearest one above it that cells.csv has.
func (p *places) find(object string, at int64) (o owner, ok bool) {
	for {
		for _, o := range p.objects[object] {
			if o.from <= at && at < o.to {
				return o, true
			}
		}
		up := strings.LastIndexByte(object, ',')
		if up < 0 {
			return owner{}, false
		}
		object = object[:up]
	}
}

// device is the device of an object of an element, and its technology, "" for neither LTE nor NR. An element that nothing is known
// of is a device of its own name.
func (p *places) device(n names, at int64) (device, rat string) {
	if len(p.objects) > 0 {
		if o, ok := p.find(n.object, at); ok {
			return o.device, o.rat
		}
	}
	rat = technology(n.object)
	for _, name := range [...]string{n.element, n.local, n.label} {
		if d := p.elements[name]; d != "" && name != "" {
			return d, rat
		}
	}
	return n.element, rat
}

// technology tells by the classes in a distinguished name what it is about.
func technology(object string) string {
	for _, class := range [...]string{"EUtranCell", "ENBFunction", "ENodeBFunction", "eNodeB", "LNCEL", "LNBTS"} {
		if strings.Contains(object, class) {
			return lte
		}
	}
	for _, class := range [...]string{"NRCell", "GNB", "gNodeB", "gNB", "NRBTS", "NRCELL"} {
		if strings.Contains(object, class) {
			return nr
		}
	}
	return ""
}
