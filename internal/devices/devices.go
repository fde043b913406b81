// Package devices reads devices.csv, the inventory's list of devices, as inputs need it: agent and collector read the same
// file, and an input polls, or knows as a sender, the rows that are its agent's.
package devices

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

// Columns are the header of devices.csv. One more may follow, the tags, which are the collector's.
func Columns() []string {
	return strings.Split("device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,"+
		"primary_method,agent,profile,valid_from,valid_to", ",")
}

// Row is a row of devices.csv. A device may have several, each valid in its own time. The strings share the memory of the
// whole row: who keeps one of many rows clones it.
type Row struct {
	Device, Address, Province, System, Site, Parent, Vendor, Role string
	Method                                                        string // primary_method; empty: any
	Agent                                                         string // empty: any
	Profile                                                       string

	From, To time.Time // valid in [From, To); zero: unbounded

	File string
	Line int
}

// Read calls take with the rows of the file, one after the other, until one of them is wrong or take returns an error.
func Read(path string, take func(Row) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("inventory: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	rows := csv.NewReader(f)
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err == nil {
		header[0] = strings.TrimPrefix(header[0], "\ufeff") // spreadsheets write it
	}
	if n := len(Columns()); err == nil && len(header) == n+1 && header[n] == "tags" {
		header = header[:n]
	}
	if err != nil || !slices.Equal(header, Columns()) {
		return conf.At(path, 1, "header", "want %s", strings.Join(Columns(), ","))
	}
	for {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("inventory: %s: %w", path, err)
		}
		line, _ := rows.FieldPos(0)
		row, err := parse(cells, path, line)
		if err == nil {
			err = take(row)
		}
		if err != nil {
			return err
		}
	}
}

func parse(cells []string, path string, line int) (Row, error) {
	r := Row{
		Device: cells[0], Address: cells[1], Province: cells[2], System: cells[3], Site: cells[4], Parent: cells[5],
		Vendor: cells[6], Role: cells[7], Method: cells[10], Agent: cells[11], Profile: cells[12], File: path, Line: line,
	}
	if r.Device == "" {
		return r, conf.At(path, line, "device", "is empty: want a name")
	}
	var err error
	if r.From, err = parseInstant(cells[13]); err != nil {
		return r, r.At("valid_from", err)
	}
	if r.To, err = parseInstant(cells[14]); err != nil {
		return r, r.At("valid_to", err)
	}
	return r, nil
}

// At is an error about a cell of the row.
func (r *Row) At(column string, err error) error {
	return conf.At(r.File, r.Line, column, "device %s: %v", r.Device, err)
}

// Of says whether the row is an agent's, or anybody's.
func (r *Row) Of(agent string) bool { return r.Agent == "" || r.Agent == agent }

// By says whether the device is to be watched by a method first of all, or by any.
func (r *Row) By(method string) bool { return r.Method == "" || r.Method == method }

// Holds says whether the row is valid at a time.
func (r *Row) Holds(at time.Time) bool { return holds(r.From, r.To, at) }

func holds(from, to, at time.Time) bool { return !at.Before(from) && (to.IsZero() || at.Before(to)) }

// parseInstant reads a date, which means its midnight in Việt Nam, or a time with its offset; an empty cell is the zero
// time.
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

// ParseAddress reads an IP address with or without a port; port is that of an address without one.
func ParseAddress(text string, port uint16) (netip.AddrPort, error) {
	if a, err := netip.ParseAddrPort(text); err == nil && a.Port() != 0 && a.Addr().Zone() == "" {
		return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()), nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.AddrPort{}, fmt.Errorf("%q: want an IP address, with or without a port: 10.1.2.3, 10.1.2.3:1161, [2001:db8::1]:1161", text)
	}
	return netip.AddrPortFrom(a.Unmap(), port), nil
}
