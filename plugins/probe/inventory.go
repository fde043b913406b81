package probe

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
)

// inventorySection pings devices of devices.csv: the rows of this agent, or of any, that hold now.
type inventorySection struct {
	File     string        `yaml:"file"`
	Methods  []string      `yaml:"methods"`
	Interval conf.Duration `yaml:"interval"`
	Packets  int           `yaml:"packets"`
	Spacing  conf.Duration `yaml:"spacing"`
	Timeout  conf.Duration `yaml:"timeout"`
}

func deviceColumns() []string {
	return strings.Split("device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,"+
		"primary_method,agent,profile,valid_from,valid_to", ",")
}

// inventory adds a test for each device whose primary method is asked for.
func (r *reader) inventory(section conf.Section) error {
	s := inventorySection{Methods: []string{methodICMP}, Interval: r.Interval, Packets: 3, Spacing: r.Spacing, Timeout: r.Timeout}
	if err := conf.Decode(section.File, section.Line, section.Text, &s); err != nil {
		return err
	}
	path := relative(r.config.Dir, s.File)
	f, err := os.Open(path)
	if err != nil {
		return conf.At(section.File, section.Line, "inventory: file", "%v", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	rows := csv.NewReader(f)
	header, err := rows.Read()
	if err == nil {
		header[0] = strings.TrimPrefix(header[0], "\ufeff")
	}
	if err != nil || !slices.Equal(header, deviceColumns()) {
		return conf.At(path, 1, "header", "want %s", strings.Join(deviceColumns(), ","))
	}
	for now := time.Now(); ; {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("inventory: %s: %w", path, err)
		}
		line, _ := rows.FieldPos(0)
		if err := r.row(&s, cells, now, section); err != nil {
			return conf.At(path, line, "device", "%s: %v", cells[0], err)
		}
	}
}

// row adds the test of a row of devices.csv. One without an IP address cannot be pinged.
func (r *reader) row(s *inventorySection, cells []string, now time.Time, section conf.Section) error {
	addr, err := netip.ParseAddrPort(cells[1])
	if err != nil {
		var a netip.Addr
		a, err = netip.ParseAddr(cells[1])
		addr = netip.AddrPortFrom(a, 0)
	}
	if owner := cells[11]; err != nil || owner != "" && owner != r.config.Agent || !slices.Contains(s.Methods, cells[10]) {
		return nil
	}
	valid, err := holds(cells[13], cells[14], now)
	if err != nil || !valid {
		return err
	}
	one := trainSection{Common: r.common(section), Address: addr.Addr().Unmap().String(), Packets: s.Packets, Spacing: s.Spacing, Timeout: s.Timeout, Reach: true}
	one.Name, one.Method, one.Device, one.Interval = cells[0], methodICMP, cells[0], s.Interval
	t, err := one.read()
	if err != nil {
		return err
	}
	r.trains = append(r.trains, t)
	return r.enter(&t.Common)
}

// holds says whether a row of the inventory does now.
func holds(from, to string, now time.Time) (bool, error) {
	first, err := instant(from)
	if err != nil {
		return false, err
	}
	end, err := instant(to)
	return !now.Before(first) && (end.IsZero() || now.Before(end)), err
}

// instant reads a date, which means its midnight in Việt Nam, or a time with its offset; an empty cell is the zero time.
func instant(text string) (time.Time, error) {
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
