package scorecard

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Change is one cell that differs between two revisions. A cell that has no value is empty.
type Change struct {
	Cell   string `json:"cell"` // path: keys, and in lists what names the row
	Before string `json:"before"`
	After  string `json:"after"`
}

// Parse reads a document from its JSON, strictly: an unknown key is an error.
func Parse(text []byte) (*Document, error) {
	doc := new(Document)
	if err := parse(text, doc); err != nil {
		return nil, err
	}
	if doc.Schema != Schema {
		return nil, fmt.Errorf("scorecard: parse: schema %q, want %q", doc.Schema, Schema)
	}
	return doc, nil
}

// Revise makes docs, a month computed anew, the revision after before: it numbers them and lists in
// each what changed. It returns false, and leaves docs alone, if no cell of any document did. What
// files the numbers were computed from is no cell. No documents before: the first revision.
func Revise(docs, before []*Document) (changed bool, err error) {
	if len(before) == 0 {
		for _, d := range docs {
			d.Revision = 1
		}
		return true, nil
	}
	old := map[string]*Document{}
	for _, d := range before {
		old[d.Scope.Code] = d
	}
	lists := make([][]Change, len(docs))
	for i, d := range docs {
		if lists[i], err = Compare(old[d.Scope.Code], d); err != nil {
			return false, err
		}
		changed = changed || len(lists[i]) > 0
		delete(old, d.Scope.Code)
	}
	if !changed && len(old) == 0 {
		return false, nil
	}
	for i, d := range docs {
		d.Revision, d.Changes = before[0].Revision+1, lists[i]
	}
	return true, nil
}

// Compare lists every cell in which two documents differ, by path; no document before has no cells.
// Revision, changes, what earlier months were, points that came late and the digests of the operator's files are no cells.
func Compare(before, after *Document) ([]Change, error) {
	return Differences(before.content(), after.content())
}

// content is what of a document makes a revision: its cells.
func (d *Document) content() any {
	if d == nil {
		return struct{}{}
	}
	content := d.forget()
	content.Revision, content.Changes, content.GeneratedFrom = 0, nil, Digests{}
	return &content
}

// Differences lists all in which two documents of a month or a year differ, cells and whatever else they hold, by path.
func Differences(before, after any) ([]Change, error) {
	a, err := Values(before)
	if err != nil {
		return nil, err
	}
	b, err := Values(after)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(b)
	maps.Copy(all, a)
	var changes []Change
	for _, path := range slices.Sorted(maps.Keys(all)) {
		if a[path] != b[path] {
			changes = append(changes, Change{path, a[path], b[path]})
		}
	}
	return changes, nil
}

// Values are all that a document of a month or a year says, by path.
func Values(document any) (map[string]string, error) {
	text, err := canonical("compare", document)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, fmt.Errorf("scorecard: compare: %w", err)
	}
	out := map[string]string{}
	flatten(out, "", tree)
	return out, nil
}

// flatten puts the leaves of a JSON value under path.
func flatten(out map[string]string, path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, child := range v {
			flatten(out, join(path, key), child)
		}
	case []any:
		flattenList(out, path, v)
	default:
		out[path] = leaf(v)
	}
}

// leaf prints a value that has no parts; nothing for none.
func leaf(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// flattenList names rows by what they are about, so that a row that is added changes no other one. A
// list of names is one cell.
func flattenList(out map[string]string, path string, list []any) {
	seen := map[string]int{}
	var names []string
	for i, item := range list {
		row, ok := item.(map[string]any)
		if !ok {
			names = append(names, quoted(leaf(item)))
			continue
		}
		id := identity(row, i)
		if seen[id]++; seen[id] > 1 {
			id += "#" + strconv.Itoa(seen[id])
		}
		flatten(out, path+"/"+id, row)
	}
	if len(names) > 0 {
		out[path] = strings.Join(names, " ")
	}
}

// quoted is a name as one of a list: in quotes if it could be taken for something else.
func quoted(name string) string {
	if name == "" || strings.ContainsAny(name, " \"\\") {
		return strconv.Quote(name)
	}
	return name
}

// identity is what names a row of one of the document's lists, as a part of a path; else its place does.
func identity(row map[string]any, place int) string {
	if scope, ok := row["scope"].(map[string]any); ok {
		row = scope
	}
	for _, keys := range [][]string{{"id", "start"}, {"id"}, {"link"}, {"name", "from"}, {"level", "key"}, {"measure", "key"},
		{"technology", "kpi"}, {"technology"}, {"service", "kpi"}, {"service"}, {"kpi"}, {"code"}, {"class"}, {"name"}, {"month"}, {"day"}, {"like_for_like"}} {
		var parts []string
		for _, key := range keys {
			switch v := row[key].(type) {
			case string, bool:
				parts = append(parts, escape(leaf(v)))
			}
		}
		if len(parts) == len(keys) {
			return strings.Join(parts, "@")
		}
	}
	return strconv.Itoa(place + 1)
}

// escape keeps a name apart from what paths are made with, in the manner of RFC 6901.
func escape(name string) string {
	if !strings.ContainsAny(name, "~/@#") {
		return name
	}
	return strings.NewReplacer("~", "~0", "/", "~1", "@", "~2", "#", "~3").Replace(name)
}

// Name is the name that a part of a path stands for.
func Name(part string) string {
	return strings.NewReplacer("~1", "/", "~2", "@", "~3", "#", "~0", "~").Replace(part)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "/" + key
}
