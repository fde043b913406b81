package mdt

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/haidang-noc/haidang/internal/backlog"
	"github.com/haidang-noc/haidang/internal/gate"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/mdt/envelope"
	"github.com/haidang-noc/haidang/plugins/mdt/schema"
	"github.com/haidang-noc/haidang/plugins/mdt/sensor"
)

// intake turns messages into lines. Its methods may be called from several goroutines.
type intake struct {
	setup   *setup
	gate    *gate.Gate
	metrics *metrics
	backlog *backlog.Backlog
	lines   *lines
	unknown *unknown
}

// origin is where messages come from.
type origin struct {
	addr    netip.Addr
	device  string
	account *gate.Source
}

// encoding is how a message is to be read.
type encoding int

const (
	cisco encoding = iota // protocol buffers or JSON: its first octet tells
	huawei
	juniper
)

// take takes a message of a source that may wait, and lets it wait: until there is room, and then until it is out of debt. It does not
// keep the message.
func (t *intake) take(ctx context.Context, message []byte, as encoding, from netip.Addr) error {
	now := time.Now()
	account, wait := t.gate.Debit(from, t.setup.limit(from), float64(len(message)), now)
	if err := t.backlog.Wait(ctx, account); err != nil {
		return err //nolint:wrapcheck // says enough
	}
	t.message(message, as, from, account, now)
	if wait > 0 {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx) //nolint:wrapcheck // says enough
		}
	}
	return nil
}

// message reads a message and writes its lines.
func (t *intake) message(octets []byte, as encoding, from netip.Addr, account *gate.Source, now time.Time) {
	d := t.setup.devices.At(from, now)
	if d == nil {
		t.metrics.strangers.Inc()
		t.unknown.source(from)
		return
	}
	o := origin{from, d.Name, account}
	if err := t.decode(octets, as, o, now); err != nil {
		reason := "malformed"
		switch {
		case errors.Is(err, schema.ErrUnknown):
			reason = "no_schema"
		case errors.Is(err, errRows):
			reason = "too_many_rows"
		}
		t.metrics.dropped.WithLabelValues(reason).Inc()
		t.unknown.message(o.device, err)
	}
}

func (t *intake) decode(octets []byte, as encoding, from origin, now time.Time) error {
	var m envelope.Message
	var rows []envelope.JSONRow
	var err error
	switch {
	case as == juniper:
		m, err = envelope.Juniper(octets)
	case as == huawei:
		m, err = envelope.Huawei(octets)
	case len(octets) > 0 && octets[0] == '{':
		m, rows, err = envelope.CiscoJSON(octets)
	default:
		m, err = envelope.Cisco(octets)
	}
	if err != nil {
		return err
	}
	rules := t.setup.table.Find(m.Path)
	if rules == nil {
		t.metrics.unknown.Inc()
		t.unknown.path(from.device, m.Path)
		return nil
	}
	t.metrics.known.Inc()
	t.backlog.Add(from.account, func(to *point.Encoder) {
		err = t.lines.write(to, &batch{message: &m, json: rows, octets: octets, rules: rules, origin: from, now: now, as: as})
	})
	return err
}

// batch is a message whose rows are to be written.
type batch struct {
	message *envelope.Message
	json    []envelope.JSONRow
	octets  []byte
	rules   []*sensor.Rule
	origin  origin
	now     time.Time
	as      encoding
}
