// Package mibs makes drafts of profiles from MIB files, offline.
package mibs

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/sleepinggenius2/gosmi"
	"github.com/sleepinggenius2/gosmi/types"

	"github.com/haidang-noc/haidang/plugins/snmp/profile"
)

// one guards gosmi, which has one state for the whole program.
var one sync.Mutex //nolint:gochecknoglobals // as is the state that it guards

// Compile makes a draft of all tables and scalars of a MIB module, given as the path of its file. Modules that it imports
// are looked for in the file's folder and in folders. What could not be taken over is in notes.
func Compile(file string, folders ...string) (d profile.Draft, notes []string, err error) {
	one.Lock()
	defer one.Unlock()
	if _, err := os.Stat(file); err != nil {
		return d, nil, fmt.Errorf("compile: %w", err)
	}
	gosmi.Init()
	defer gosmi.Exit()
	gosmi.SetPath(strings.Join(append([]string{filepath.Dir(file)}, folders...), string(os.PathListSeparator)))
	name, err := load(file)
	if err != nil {
		return d, nil, err
	}
	module, err := gosmi.GetModule(name)
	if err != nil {
		return d, nil, fmt.Errorf("compile: %s: %w", file, err)
	}
	c := compiler{taken: map[string]bool{}}
	c.draft = profile.Draft{Name: strings.ReplaceAll(profile.SnakeCase(strings.TrimSuffix(name, "-MIB")), "_", "-"), Title: "MIB module " + name}
	for _, node := range module.GetNodes(types.NodeTable) {
		c.table(node)
	}
	c.scalars(module.GetNodes(types.NodeScalar))
	if len(c.draft.Tables) == 0 {
		return d, c.notes, fmt.Errorf("compile: %s: module %s has no objects that can be read", file, name)
	}
	return c.draft, c.notes, nil
}

// load loads the module. gosmi panics on some files that are no MIBs: to the caller that is an error like any other.
func load(file string) (name string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("compile: %s: cannot be read as a MIB: %v", file, r)
		}
	}()
	if name, err = gosmi.LoadModule(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))); err != nil {
		return "", fmt.Errorf("compile: %s: want a MIB module, with those that it imports in its folder or one named by --mibs: %w", file, err)
	}
	return name, nil
}

// compiler gathers the tables of a module.
type compiler struct {
	draft profile.Draft
	taken map[string]bool
	notes []string
}

func (c *compiler) note(name, format string, args ...any) {
	c.notes = append(c.notes, name+": "+fmt.Sprintf(format, args...))
}

func (c *compiler) table(node gosmi.SmiNode) {
	table := node.AsTable()
	t := profile.DraftTable{Name: profile.Free(profile.SnakeCase(strings.TrimSuffix(node.Name, "Table")), c.taken)}
	taken := map[string]bool{}
	for i, index := range table.Index {
		kind, ok := indexKind(index, table.Implied && i == len(table.Index)-1)
		if !ok {
			c.note(node.Name, "its index %s is of a type that is not taken over, or its module is not at hand", index.Name)
			return
		}
		t.Index = append(t.Index, profile.Free(profile.SnakeCase(index.Name), taken)+kind)
	}
	for _, name := range table.ColumnOrder {
		isIndex := slices.ContainsFunc(table.Index, func(i gosmi.SmiNode) bool { return i.Name == name })
		if column := table.Columns[name]; !isIndex {
			c.column(&t, column, taken)
		}
	}
	if len(t.Index) == 0 || len(t.Columns) == 0 {
		c.note(node.Name, "has no index, or no columns that can be read")
		return
	}
	c.draft.Tables = append(c.draft.Tables, t)
}

func (c *compiler) scalars(nodes []gosmi.SmiNode) {
	t := profile.DraftTable{Name: profile.Free(profile.SnakeCase(c.draft.Name)+"_scalars", c.taken)}
	taken := map[string]bool{}
	for _, node := range nodes {
		c.column(&t, node, taken)
	}
	if len(t.Columns) > 0 {
		c.draft.Tables = append(c.draft.Tables, t)
	}
}

// column adds a column that can be read.
func (c *compiler) column(t *profile.DraftTable, node gosmi.SmiNode, taken map[string]bool) {
	if node.Access != types.AccessReadOnly && node.Access != types.AccessReadWrite {
		return
	}
	kind, names, ok := fieldKind(node)
	if !ok {
		c.note(node.Name, "is of a type that is not taken over, or its module is not at hand")
		return
	}
	if node.Type.Units != "" {
		c.note(node.Name, "is in %s: give its field a unit", node.Type.Units)
	}
	t.Columns = append(t.Columns, profile.DraftColumn{
		Name: profile.Free(profile.SnakeCase(node.Name), taken), OID: node.RenderNumeric(), Kind: kind, Names: names,
	})
}

// fieldKind is what a column is in line protocol.
func fieldKind(node gosmi.SmiNode) (kind string, names map[string]string, ok bool) {
	if node.Type == nil {
		return "", nil, false
	}
	switch node.Type.BaseType { //nolint:exhaustive // the others are not taken over
	case types.BaseTypeEnum:
		if node.Type.Enum == nil {
			return "integer", nil, true
		}
		names = map[string]string{}
		for _, v := range node.Type.Enum.Values {
			names[fmt.Sprint(v.Value)] = v.Name
		}
		return "text", names, true
	case types.BaseTypeInteger32, types.BaseTypeInteger64:
		return "integer", nil, true
	case types.BaseTypeUnsigned32, types.BaseTypeUnsigned64:
		if strings.HasPrefix(node.Type.Name, "Counter") {
			return "counter", nil, true
		}
		return "integer", nil, true
	case types.BaseTypeOctetString, types.BaseTypeObjectIdentifier:
		return "text", nil, true
	}
	return "", nil, false
}

// indexKind is how a part of an index is decoded.
func indexKind(node gosmi.SmiNode, implied bool) (kind string, ok bool) {
	if node.Type == nil {
		return "", false
	}
	switch node.Type.BaseType { //nolint:exhaustive // the others are not taken over
	case types.BaseTypeInteger32, types.BaseTypeUnsigned32, types.BaseTypeEnum:
		return "", true
	case types.BaseTypeObjectIdentifier:
		return ":oid", implied
	case types.BaseTypeOctetString:
		return stringKind(node, implied), true
	}
	return "", false
}

func stringKind(node gosmi.SmiNode, implied bool) string {
	r := node.Type.Ranges
	fixed := len(r) == 1 && r[0].MinValue == r[0].MaxValue
	switch {
	case node.Type.Name == "IpAddress":
		return ":ipv4"
	case fixed && r[0].MinValue == 6:
		return ":mac"
	case fixed && r[0].MinValue > 0 && r[0].MinValue <= 128:
		return fmt.Sprintf(":octets(%d)", r[0].MinValue)
	case implied:
		return ":implied"
	}
	return ":string"
}
