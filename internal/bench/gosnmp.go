package bench

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/internal/bench/proc"
)

// columns are those of IF-MIB that the SNMP input polls.
func columns() []string {
	return []string{
		"1.3.6.1.2.1.2.2.1.7", "1.3.6.1.2.1.2.2.1.8", "1.3.6.1.2.1.2.2.1.13", "1.3.6.1.2.1.2.2.1.14", "1.3.6.1.2.1.2.2.1.19",
		"1.3.6.1.2.1.2.2.1.20", "1.3.6.1.2.1.31.1.1.1.6", "1.3.6.1.2.1.31.1.1.1.7", "1.3.6.1.2.1.31.1.1.1.10",
		"1.3.6.1.2.1.31.1.1.1.11", "1.3.6.1.2.1.31.1.1.1.15", "1.3.6.1.2.1.31.1.1.1.19",
	}
}

const (
	sysUpTime = "1.3.6.1.2.1.1.3.0"
	ifIndex   = "1.3.6.1.2.1.2.2.1.1"
	perGet    = 61 // half of a device with ten interfaces: an answer that still fits a packet
	pollers   = 64
)

// PollWithGosnmp polls the devices of the inventory file as one would with gosnmp at its best: a socket
// for each device, everything in as few GETs as fit, some goroutines. It writes what that cost, without
// the learning of interfaces, as JSON.
func PollWithGosnmp(w io.Writer, inventory string, rounds int, version string) error {
	devices, err := open(inventory)
	if err != nil {
		return err
	}
	if version == "3" {
		for _, d := range devices {
			d.secure()
		}
	}
	if err := eachOf(devices, (*device).learn); err != nil {
		return err
	}
	p, before, start := polled{}, proc.Self(), time.Now()
	for range rounds {
		var values atomic.Int64
		if err := eachOf(devices, func(d *device) error { return d.poll(&values) }); err != nil {
			return err
		}
		p.Values += int(values.Load())
	}
	p.CPU, p.Seconds = proc.Self().Minus(before), time.Since(start).Seconds()
	if p.Peak, err = proc.PeakRSS(os.Getpid()); err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(p)
}

type device struct {
	snmp gosnmp.GoSNMP
	oids []string
}

// open reads the devices; a device's socket is opened when it is learned.
func open(inventory string) ([]*device, error) {
	f, err := os.Open(inventory)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	var all []*device
	for _, row := range rows[1:] {
		host, port, err := net.SplitHostPort(row[1])
		if err != nil {
			return nil, fmt.Errorf("%s: device %s: %w", inventory, row[0], err)
		}
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("%s: device %s: %w", inventory, row[0], err)
		}
		d := &device{snmp: gosnmp.GoSNMP{Target: host, Port: uint16(n), Version: gosnmp.Version2c, Community: "public",
			Timeout: 2 * time.Second, Retries: 2, MaxOids: perGet}}
		all = append(all, d)
	}
	return all, nil
}

// secure makes the device be asked over version 3.
func (d *device) secure() {
	d.snmp.Version, d.snmp.SecurityModel, d.snmp.MsgFlags = gosnmp.Version3, gosnmp.UserSecurityModel, gosnmp.AuthPriv
	d.snmp.SecurityParameters = &gosnmp.UsmSecurityParameters{UserName: "bench", AuthenticationProtocol: gosnmp.SHA,
		AuthenticationPassphrase: benchPassword, PrivacyProtocol: gosnmp.AES, PrivacyPassphrase: benchPassword}
}

func (d *device) learn() error {
	if err := d.snmp.Connect(); err != nil {
		return err
	}
	rows, err := d.snmp.BulkWalkAll(ifIndex)
	d.oids = []string{sysUpTime}
	for _, row := range rows {
		for _, c := range columns() {
			d.oids = append(d.oids, fmt.Sprintf("%s.%v", c, row.Value))
		}
	}
	return err
}

func (d *device) poll(values *atomic.Int64) error {
	for i := 0; i < len(d.oids); i += perGet {
		answer, err := d.snmp.Get(d.oids[i:min(i+perGet, len(d.oids))])
		if err != nil {
			return err
		}
		for _, v := range answer.Variables {
			if v.Type != gosnmp.NoSuchInstance && v.Type != gosnmp.NoSuchObject {
				values.Add(1)
			}
		}
	}
	return nil
}

// eachOf does something with every device, several at a time, and returns one of the errors.
func eachOf(devices []*device, do func(*device) error) error {
	next := make(chan *device)
	errs := make(chan error, pollers)
	var all sync.WaitGroup
	for range pollers {
		all.Go(func() {
			var first error
			for d := range next {
				if err := do(d); err != nil && first == nil {
					first = fmt.Errorf("%s: %w", d.snmp.Target, err)
				}
			}
			errs <- first
		})
	}
	for _, d := range devices {
		next <- d
	}
	close(next)
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
