package envelope

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/mdt/sensor"
)

// jsonMessage is Cisco's Telemetry in JSON.
type jsonMessage struct {
	Node         string            `json:"node_id_str"`
	Subscription string            `json:"subscription_id_str"`
	Path         string            `json:"encoding_path"`
	Time         json.Number       `json:"msg_timestamp"`
	Rows         []json.RawMessage `json:"data_json"`
}

// CiscoJSON reads Cisco's Telemetry in JSON, and its rows.
func CiscoJSON(text []byte) (m Message, rows []JSONRow, err error) {
	var j jsonMessage
	if err := json.Unmarshal(text, &j); err != nil {
		return m, nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	m = Message{Node: []byte(j.Node), Subscription: []byte(j.Subscription), Path: []byte(j.Path), Time: milliseconds(j.Time), JSON: text}
	for _, raw := range j.Rows {
		row, err := readJSON(raw)
		if err != nil {
			return m, rows, err
		}
		rows = append(rows, row)
	}
	return m, rows, nil
}

// JSONRow is a row in JSON.
type JSONRow struct {
	Time uint64
	Tree sensor.Tree
}

func readJSON(text []byte) (JSONRow, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return JSONRow{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if _, err := dec.Token(); err != io.EOF { //nolint:errorlint // never wrapped
		return JSONRow{}, ErrMalformed
	}
	row := JSONRow{Tree: object{v}}
	row.Tree.Get("timestamp", func(_ sensor.Tree, t point.Value) { row.Time = milliseconds(json.Number(t.Text)) })
	return row, nil
}

func milliseconds(n json.Number) uint64 {
	ms, err := strconv.ParseUint(n.String(), 10, 64)
	if err != nil {
		return 0
	}
	return ms
}

// object is a value of JSON as rules look at it. A list stands for its elements, wherever it is.
type object struct{ v any }

// Get yields what an object, or each object of a list, has under a name.
func (o object) Get(name string, yield func(sensor.Tree, point.Value)) {
	switch v := o.v.(type) {
	case map[string]any:
		if below, ok := v[name]; ok {
			each(below, yield)
		}
	case []any:
		for _, one := range v {
			object{one}.Get(name, yield)
		}
	}
}

func each(v any, yield func(sensor.Tree, point.Value)) {
	switch v := v.(type) {
	case map[string]any:
		yield(object{v}, point.Value{})
	case []any:
		for _, one := range v {
			each(one, yield)
		}
	case string:
		yield(nil, point.Value{Kind: point.String, Text: []byte(v)})
	case json.Number:
		yield(nil, point.Value{Kind: point.String, Text: []byte(v)})
	case bool:
		bits := uint64(0)
		if v {
			bits = 1
		}
		yield(nil, point.Value{Kind: point.Bool, Bits: bits})
	}
}
