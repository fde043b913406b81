package main

import (
	"bytes"
	"encoding/json"
	"strings"
)

// object is a JSON object; encoding/json writes its keys in order, so the output is always the same.
type object = map[string]any

// dashboard is one page of Grafana. Its rows are laid out from top to bottom, their panels from left to right.
type dashboard struct {
	uid, title, about string
	from              string // how far back it looks at first
	variables         []variable
	rows              []row
}

type row struct {
	title  string
	height int
	panels []panel
}

// variable is filled from the values that a label has in a metric; without a metric it is a text that people change.
type variable struct {
	name, title  string
	metric, of   string // of: the label
	multi        bool
	first        bool   // of the values is chosen at first
	defaultValue string // empty, and not the first: all
}

func (d dashboard) file() string { return strings.TrimPrefix(d.uid, "haidang-") + ".json" }

func (d dashboard) render() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(object{
		"uid": d.uid, "title": d.title, "description": d.about, "tags": []string{"haidang"},
		"schemaVersion": 39, "editable": false, "graphTooltip": 1, "timezone": "Asia/Ho_Chi_Minh",
		"refresh": "30s", "time": object{"from": d.from, "to": "now"},
		"annotations": object{"list": []object{}},
		"templating":  object{"list": d.templating()},
		"links":       []object{link("Hải Đăng", "dashboards", "")},
		"panels":      d.panels(),
	})
	return out.Bytes(), err
}

func (d dashboard) templating() []object {
	list := []object{{"type": "datasource", "name": "datasource", "label": "Nguồn / Source", "query": "prometheus", "hide": 0}}
	for _, v := range d.variables {
		if v.metric == "" {
			list = append(list, object{"type": "textbox", "name": v.name, "label": v.title, "query": v.defaultValue,
				"current": object{"text": v.defaultValue, "value": v.defaultValue}})
			continue
		}
		all := v.defaultValue == "" && !v.first
		current := object{"text": v.defaultValue, "value": v.defaultValue}
		if all {
			current = object{"text": "All", "value": "$__all"}
		}
		list = append(list, object{"type": "query", "name": v.name, "label": v.title, "datasource": source(),
			"query": "label_values(" + v.metric + ", " + v.of + ")", "refresh": 2, "sort": 1,
			"multi": v.multi, "includeAll": all, "allValue": ".*", "current": current})
	}
	return list
}

// panels lays the rows out: each begins below the one before it.
func (d dashboard) panels() []object {
	var out []object
	y, id := 0, 0
	for _, r := range d.rows {
		id++
		out = append(out, object{"type": "row", "id": id, "title": r.title, "collapsed": false, "panels": []object{}, "gridPos": place(0, y, 24, 1)})
		y++
		x := 0
		for _, p := range r.panels {
			if x+p.width > 24 {
				x, y = 0, y+r.height
			}
			id++
			o := p.object()
			o["id"], o["gridPos"] = id, place(x, y, p.width, r.height)
			out = append(out, o)
			x += p.width
		}
		y += r.height
	}
	return out
}

// link leads to the other dashboards, or to a URL.
func link(title, kind, url string) object {
	return object{"title": title, "type": kind, "url": url, "icon": "external link", "tooltip": "", "tags": []string{"haidang"},
		"asDropdown": false, "targetBlank": false, "includeVars": kind == "dashboards", "keepTime": kind == "dashboards"}
}

func place(x, y, w, h int) object { return object{"x": x, "y": y, "w": w, "h": h} }

func source() object { return object{"type": "prometheus", "uid": "${datasource}"} }

func refID(i int) string { return string(rune('A' + i)) }

func valueColumn(i int) string { return "Value #" + refID(i) }
