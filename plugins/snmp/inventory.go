package snmp

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
)

// deviceRow is what polling needs of a row of devices.csv.
type deviceRow struct {
	device, address, province, system, vendor, role string
	method, agent, profile                          string
	from, to                                        time.Time
}

func deviceColumns() []string {
	return []string{"device", "address", "province", "system", "site", "parent", "vendor", "role", "subscribers",
		"capacity_mbps", "primary_method", "agent", "profile", "valid_from", "valid_to"}
}

// inventory reads devices.csv: the agent polls the same rows that the collector counts.
func (r *resolver) inventory(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("inventory: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	reader := csv.NewReader(f)
	reader.ReuseRecord = true
	header, err := reader.Read()
	if err != nil || !slices.Equal(header, deviceColumns()) {
		return conf.At(path, 1, "header", "want %s", strings.Join(deviceColumns(), ","))
	}
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("inventory: %s: %w", path, err)
		}
		line, _ := reader.FieldPos(0)
		if err := r.cells(cells, origin{path, line}); err != nil {
			return err
		}
	}
}

func (r *resolver) cells(cells []string, at origin) error {
	d := deviceRow{
		device: cells[0], address: cells[1], province: cells[2], system: cells[3], vendor: cells[6], role: cells[7],
		method: cells[10], agent: cells[11], profile: cells[12],
	}
	if d.device == "" {
		return conf.At(at.file, at.line, "device", "is empty: want a name")
	}
	var err error
	if d.from, err = parseInstant(cells[13]); err != nil {
		return conf.At(at.file, at.line, "valid_from", "device %s: %v", d.device, err)
	}
	if d.to, err = parseInstant(cells[14]); err != nil {
		return conf.At(at.file, at.line, "valid_to", "device %s: %v", d.device, err)
	}
	return r.row(d, at)
}

// parseInstant reads a date, which means its midnight in Việt Nam, or a time with its offset; an empty
// cell is the zero time.
func parseInstant(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, time.FixedZone("+07", 7*60*60))
	if err != nil {
		return t, fmt.Errorf("%q is not a time: want 2026-10-01 (midnight in Việt Nam) or 2026-10-01T22:00:00+07:00", text)
	}
	return t, nil
}
