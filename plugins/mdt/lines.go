package mdt

import (
	"errors"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/mdt/envelope"
	"github.com/haidang-noc/haidang/plugins/mdt/schema"
	"github.com/haidang-noc/haidang/plugins/mdt/sensor"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// lines encodes the rows of messages. It is for one goroutine at a time: the backlog's.
type lines struct {
	key     func(measurement string, tags ...sdk.Tag) []byte
	setup   *setup
	metrics *metrics

	row  sensor.Row
	keys map[string][]byte // of series, by what makes them
	id   []byte
	tags []point.Tag

	to       *point.Encoder // of the message that is being written
	b        *batch
	ns       int64
	interval int64
	rows     int // of the message so far
}

// maxRows bounds what a message may become: elements that cost two octets each would be far more text than they are.
const maxRows = 50_000

var errRows = errors.New("mdt: a message of more than 50,000 rows: the others are left out")

// write encodes all rows of a message.
func (l *lines) write(to *point.Encoder, b *batch) error {
	l.to, l.b, l.interval, l.rows = to, b, l.period(b.message), 0
	if err := l.all(b); err != nil {
		return err
	}
	if l.rows > maxRows {
		return errRows
	}
	return nil
}

func (l *lines) all(b *batch) error {
	if b.as == juniper {
		return l.stream()
	}
	emit := l.line // once: it is an allocation
	for row := range b.message.Fields.All() {
		l.stamp(sensor.RowTime(row))
		for _, rule := range b.rules {
			if !l.row.ReadFields(rule, row, emit) {
				return envelope.ErrMalformed
			}
		}
	}
	for octets := range b.message.Table.All() {
		if err := l.table(octets); err != nil {
			return err
		}
	}
	for _, row := range b.json {
		l.stamp(row.Time)
		for _, rule := range b.rules {
			l.row.Read(rule, row.Tree, emit)
		}
	}
	return nil
}

// table encodes a row that only a schema explains.
func (l *lines) table(octets []byte) error {
	row, err := envelope.TableRow(octets)
	if err != nil {
		return err
	}
	l.stamp(row.Time)
	for _, rule := range l.b.rules {
		tree, err := l.explained(rule, row)
		if err != nil {
			return err
		}
		l.row.Read(rule, tree, l.line)
	}
	return nil
}

// explained is a row as a rule looks at it: Huawei's as it is, Cisco's compact ones with keys and content.
func (l *lines) explained(rule *sensor.Rule, row envelope.Row) (sensor.Tree, error) {
	message := string(l.b.message.Proto)
	if !l.setup.schema.Knows(message) {
		message = rule.Message
	}
	content, err := l.setup.schema.Read(message, row.Content)
	if err != nil || rule.KeysMessage == "" {
		return content, err
	}
	keys, err := l.setup.schema.Read(rule.KeysMessage, row.Keys)
	return schema.Pair(keys, content), err
}

// juniperStream is the message that everything of Juniper's is in.
const juniperStream = "TelemetryStream"

// stream encodes a message of Juniper's, which is one row.
func (l *lines) stream() error {
	tree, err := l.setup.schema.Read(juniperStream, l.b.octets)
	if err != nil {
		return err
	}
	l.stamp(0)
	for _, rule := range l.b.rules {
		l.row.Read(rule, tree, l.line)
	}
	return nil
}

// period is how long a row is meant to last, in seconds; 0: it came because something changed.
func (l *lines) period(m *envelope.Message) int64 {
	if d, ok := l.setup.Subscriptions[string(m.Subscription)]; ok { // does not allocate
		return int64(d.D().Seconds())
	}
	if m.Period > 0 {
		return int64(m.Period+999) / 1000
	}
	return int64(l.setup.Interval.D().Seconds())
}

// stamp is the time of a row: its own, or its message's, unless that is far from the arrival's.
func (l *lines) stamp(ms uint64) {
	if ms == 0 {
		ms = l.b.message.Time
	}
	told := time.UnixMilli(int64(min(ms, 1<<50)))
	if ms == 0 || told.Sub(l.b.now).Abs() > l.setup.Skew.D() {
		l.metrics.arrivals.Inc()
		told = l.b.now
	}
	l.ns = told.UnixNano()
}

// line encodes what a rule has read.
func (l *lines) line(row *sensor.Row) {
	if l.rows++; l.rows > maxRows {
		return
	}
	l.metrics.rows.Inc()
	key := l.series(row)
	if key == nil {
		l.metrics.unnamed.Inc()
		return
	}
	l.to.Begin(key)
	row.Fields(l.to)
	if l.interval > 0 {
		l.to.Int("interval_s", l.interval)
	}
	l.to.End(l.ns)
	if l.interval == 0 && row.Rule().Measurement == "interface" {
		l.event(row)
	}
}

// event says at once what an interface's state has become: an observation that is not repeated would be believed only after a second.
func (l *lines) event(row *sensor.Row) {
	const up, down = 1, 2
	oper, ok := row.Int("oper")
	if admin, told := row.Int("admin"); !ok || told && admin == down {
		return
	}
	tags, _ := row.Tags(l.tags[:0])
	l.to.Begin(l.key("state", append(tags, point.Tag{Key: "device", Value: l.b.origin.device}, point.Tag{Key: "source", Value: "mdt"})...))
	l.to.Bool("up", oper == up)
	l.to.End(l.ns)
}

// maxKeys bounds the series that are remembered; with more all are made anew.
const maxKeys = 200_000

// series is the key of a row's series; nil: a tag has no value.
func (l *lines) series(row *sensor.Row) []byte {
	l.id = append(append(l.id[:0], l.b.origin.device...), 0)
	l.id = append(append(l.id, row.Rule().Measurement...), 0)
	for _, name := range row.Rule().TagNames() {
		l.id = append(append(l.id, name...), 0)
	}
	var ok bool
	if l.id, ok = row.Identity(l.id); !ok {
		return nil
	}
	if key, ok := l.keys[string(l.id)]; ok { // does not allocate
		return key
	}
	l.tags, _ = row.Tags(l.tags[:0])
	key := l.key(row.Rule().Measurement, append(l.tags, point.Tag{Key: "device", Value: l.b.origin.device})...)
	if len(l.keys) >= maxKeys || l.keys == nil {
		l.keys = map[string][]byte{}
	}
	l.keys[string(l.id)] = key
	return key
}
