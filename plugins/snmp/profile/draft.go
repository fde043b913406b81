package profile

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"
)

// Draft is a profile that a program makes of something else, for a person to go on with.
type Draft struct {
	Name   string
	Title  string
	Match  []string
	Tables []DraftTable
}

// DraftTable is a table of a draft. Without an index it is a few scalars.
type DraftTable struct {
	Name    string
	Index   []string // such as slot, peer:ipv4
	Columns []DraftColumn
	Lookups []DraftLookup
	Without []string // parts of the index that do not become tags
}

// DraftColumn is a column, and a field of the same name.
type DraftColumn struct {
	Name  string
	OID   string
	Kind  string            // float, integer, counter, flag or text
	Names map[string]string // of an enumeration
	Unit  string
}

// DraftLookup is a column of another table that becomes a tag.
type DraftLookup struct {
	Name string
	OID  string
	By   []string
}

// draftColumns is how many columns a table of a draft has at most: names are bits of a word.
const draftColumns = 40

// YAML writes the draft as a profile, which is checked like any other.
func (d Draft) YAML() ([]byte, error) {
	no := false
	doc := document{Profile: d.Name, Title: d.Title, Match: d.Match, Tested: &no}
	for _, t := range d.Tables {
		for n, columns := range slices.Collect(slices.Chunk(t.Columns, draftColumns)) {
			part := t
			part.Columns = columns
			if n > 0 {
				part.Name = fmt.Sprintf("%s_%d", t.Name, n+1)
			}
			doc.Tables = append(doc.Tables, part.text())
		}
	}
	text, err := yaml.MarshalWithOptions(doc, yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", d.Name, err)
	}
	_, err = read(d.Name+".yaml", text)
	return text, err
}

// text makes the table: a line with a field for each column, tagged by the index and by what is looked up.
func (t DraftTable) text() tableText {
	out := tableText{Name: t.Name, Scalar: len(t.Index) == 0, Index: t.Index, Columns: map[string]string{}, Learn: map[string]string{}, Lookup: map[string]lookupText{}}
	line := lineText{Measurement: own + strings.TrimPrefix(t.Name, own), Tags: map[string]string{}, Fields: map[string]fieldText{}}
	for _, c := range t.Columns {
		if c.Kind == "text" && c.Names == nil {
			out.Learn[c.Name] = c.OID
		} else {
			out.Columns[c.Name] = c.OID
		}
		line.Fields[c.Name] = fieldText{Of: c.Name, Unit: c.Unit, Names: c.Names, Kind: c.Kind}
	}
	for _, part := range t.Index {
		name, _, _ := strings.Cut(part, ":")
		if !slices.Contains(t.Without, name) {
			line.Tags[tagName(name)] = "{" + name + "}"
		}
	}
	for _, l := range t.Lookups {
		out.Lookup[l.Name] = lookupText{OID: l.OID, By: l.By}
		line.Tags[tagName(l.Name)] = "{" + l.Name + "} |"
	}
	out.Lines = []lineText{line}
	return out
}

// tagName is a tag that stands behind agent and device in the alphabet, as all do.
func tagName(name string) string {
	if name <= "device" {
		return "of_" + name
	}
	return name
}

// SnakeCase is a name as profiles write them: ifHCInOctets becomes if_hc_in_octets.
func SnakeCase(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if starts(runes, i) && b.Len() > 0 && !strings.HasSuffix(b.String(), "_") {
			b.WriteByte('_')
		}
		if wordRune(unicode.ToLower(r)) && r != '.' && r != '_' {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	out := strings.Trim(b.String(), "_")
	if out == "" || out[0] < 'a' {
		return "n_" + out
	}
	return out
}

// starts says whether a word begins at a place of a name, or there is something between words.
func starts(name []rune, i int) bool {
	upper := func(i int) bool { return name[i] >= 'A' && name[i] <= 'Z' }
	switch {
	case !upper(i):
		return !wordRune(name[i]) || name[i] == '.' || name[i] == '_'
	case i == 0 || !upper(i-1):
		return true
	}
	return i+1 < len(name) && unicode.IsLower(name[i+1])
}

// Free is a name that is not taken yet: the name itself, or with a number behind it.
func Free(name string, taken map[string]bool) string {
	free := name
	for n := 2; taken[free]; n++ {
		free = fmt.Sprintf("%s_%d", name, n)
	}
	taken[free] = true
	return free
}

// sortedKeys are the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
