package main

// panel is one picture. The constructors below give it a kind; the methods refine it and return it again.
type panel struct {
	kind, title, about string
	unit               string
	decimals           int
	width              int
	queries            []query
	columns            []string // of a table: the labels before the values
	repeat             string
	colour             colouring
	stacked            bool
	link               string
}

// query is one PromQL expression; in a table, name is the title of its column.
type query struct{ name, expr string }

// colouring tells good from bad by the sign alone: a dashboard holds no threshold, targets are metrics.
type colouring int

const (
	plain    colouring = iota
	sign               // red below 0: a distance to the target
	zeroGood           // green at 0: something that must not happen
)

// The units of Grafana that are used here.
const (
	ratio   = "percentunit"
	seconds = "s"
	count   = "short"
	size    = "bytes"
	perSec  = "cps"
)

// target is the name of the series that others are held against; it is drawn dashed and red.
const target = "Chỉ tiêu / Target"

// elapsed is how much of the month the figures to date are of, in days.
const elapsed = `max(haidang_kpi_month_elapsed_seconds) / 86400`

func stat(width int, title, unit string, queries ...query) panel {
	return panel{kind: "stat", width: width, title: title, unit: unit, queries: queries}
}

func trend(width int, title, unit string, queries ...query) panel {
	return panel{kind: "timeseries", width: width, title: title, unit: unit, queries: queries}
}

func bars(width int, title, unit string, queries ...query) panel {
	return panel{kind: "bargauge", width: width, title: title, unit: unit, queries: queries}
}

func table(width int, title, unit string, columns []string, queries ...query) panel {
	return panel{kind: "table", width: width, title: title, unit: unit, columns: columns, queries: queries}
}

// bad counts what should not be: 0 where there is something to judge and all of it is well, and nothing where there is
// nothing to judge, as in the first minutes of a month or without a collector.
func bad(those, of string) string { return "count(" + those + ") or 0 * count(" + of + ")" }

func (p panel) saying(about string) panel      { p.about = about; return p }
func (p panel) coloured(c colouring) panel     { p.colour = c; return p }
func (p panel) digits(n int) panel             { p.decimals = n; return p }
func (p panel) repeated(variable string) panel { p.repeat = variable; return p }
func (p panel) stack() panel                   { p.stacked = true; return p }

// leading makes every value a link.
func (p panel) leading(url string) panel { p.link = url; return p }

func (p panel) object() object {
	o := object{"type": p.kind, "title": p.title, "description": p.about, "datasource": source(),
		"targets": p.targets(), "options": p.options(), "fieldConfig": object{"defaults": p.defaults(), "overrides": p.overrides()}}
	if p.repeat != "" {
		o["repeat"], o["repeatDirection"] = p.repeat, "h"
	}
	if p.kind == "table" {
		o["transformations"] = p.transformations()
	}
	return o
}

func (p panel) targets() []object {
	var out []object
	for i, q := range p.queries {
		t := object{"refId": refID(i), "datasource": source(), "expr": q.expr, "legendFormat": q.name}
		switch p.kind {
		case "timeseries":
			t["range"] = true
		case "table":
			t["instant"], t["format"] = true, "table"
		default:
			t["instant"] = true
		}
		out = append(out, t)
	}
	return out
}

func (p panel) options() object {
	legend := object{"displayMode": "list", "placement": "bottom", "showLegend": p.kind == "timeseries", "calcs": []string{}}
	reduce := object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false}
	switch p.kind {
	case "timeseries":
		return object{"legend": legend, "tooltip": object{"mode": "multi", "sort": "desc"}}
	case "table":
		return object{"showHeader": true, "frameIndex": 0}
	case "bargauge":
		return object{"displayMode": "basic", "orientation": "horizontal", "legend": legend, "reduceOptions": reduce, "valueMode": "color",
			"namePlacement": "auto", "showUnfilled": true, "sizing": "auto", "minVizWidth": 8, "minVizHeight": 16, "maxVizHeight": 300}
	default:
		return object{"colorMode": "value", "graphMode": "none", "justifyMode": "auto", "orientation": "auto",
			"reduceOptions": reduce, "textMode": "auto", "wideLayout": true, "showPercentChange": false, "percentChangeColorMode": "standard"}
	}
}

func (p panel) defaults() object {
	d := object{"unit": p.unit, "noValue": "–", "color": object{"mode": "palette-classic"}}
	if p.decimals > 0 {
		d["decimals"] = p.decimals
	}
	if p.link != "" {
		d["links"] = []object{link("Chi tiết / Details", "link", p.link)}
	}
	if p.kind == "timeseries" {
		d["custom"] = p.lines()
	}
	if p.kind != "table" { // there only some columns are coloured, see overrides
		p.colour.apply(d)
	}
	return d
}

func (p panel) lines() object {
	c := object{"drawStyle": "line", "lineWidth": 1, "fillOpacity": 0, "showPoints": "never", "spanNulls": false}
	if p.stacked {
		c["fillOpacity"], c["stacking"] = 60, object{"mode": "normal", "group": "A"}
	}
	if p.colour == sign {
		c["thresholdsStyle"] = object{"mode": "area"}
	}
	return c
}

func (c colouring) apply(d object) {
	steps := map[colouring][]object{
		plain:    {{"value": nil, "color": "text"}},
		sign:     {{"value": nil, "color": "red"}, {"value": 0, "color": "green"}},
		zeroGood: {{"value": nil, "color": "red"}},
	}
	d["thresholds"] = object{"mode": "absolute", "steps": steps[c]}
	if c == zeroGood {
		d["mappings"] = []object{{"type": "value", "options": object{"0": object{"color": "green", "index": 0}}}}
	}
}

// overrides draw the target, and colour those columns of a table that are a distance to it.
func (p panel) overrides() []object {
	out := []object{}
	for _, q := range p.queries {
		switch {
		case p.kind == "timeseries" && q.name == target:
			out = append(out, named(q.name, object{"id": "color", "value": object{"mode": "fixed", "fixedColor": "red"}},
				object{"id": "custom.lineStyle", "value": object{"fill": "dash", "dash": []int{8, 6}}}))
		case p.kind == "table" && q.name == margin:
			d := object{}
			sign.apply(d)
			out = append(out, named(q.name, object{"id": "color", "value": object{"mode": "thresholds"}},
				object{"id": "thresholds", "value": d["thresholds"]}, object{"id": "custom.cellOptions", "value": object{"type": "color-text"}}))
		}
	}
	return out
}

func named(name string, properties ...object) object {
	return object{"matcher": object{"id": "byNames", "options": object{"mode": "include", "names": []string{name}}}, "properties": properties}
}

// transformations join a table's queries on their labels and name its columns.
func (p panel) transformations() []object {
	order, names := object{}, object{}
	for i, c := range p.columns {
		order[c] = i
	}
	for i, q := range p.queries {
		order[valueColumn(i)], names[valueColumn(i)] = len(p.columns)+i, q.name
	}
	if len(p.queries) == 1 { // Grafana numbers the columns of several queries only
		order["Value"], names["Value"] = len(p.columns), p.queries[0].name
	}
	return []object{
		{"id": "merge", "options": object{}},
		{"id": "organize", "options": object{"excludeByName": object{"Time": true}, "indexByName": order, "renameByName": names}},
	}
}
