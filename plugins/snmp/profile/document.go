package profile

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// document is a profile as its file has it; configs/profiles/README.md explains every key.
type document struct {
	Profile string      `yaml:"profile"`
	Title   string      `yaml:"title"`
	Match   []string    `yaml:"match,omitempty"`
	Extends []string    `yaml:"extends,omitempty"`
	Without []string    `yaml:"without,omitempty"`
	Tested  *bool       `yaml:"tested"`
	Tables  []tableText `yaml:"tables"`

	compiled []*Table
}

// tableText is a table as a profile has it.
type tableText struct {
	Name    string                 `yaml:"name"`
	Every   conf.Duration          `yaml:"every,omitempty"`
	Floor   conf.Duration          `yaml:"floor,omitempty"`
	MaxRows int                    `yaml:"max_rows,omitempty"`
	Tested  *bool                  `yaml:"tested,omitempty"`
	Scalar  bool                   `yaml:"scalar,omitempty"`
	Index   []string               `yaml:"index,omitempty"`
	Anchors []string               `yaml:"anchors,omitempty"`
	Late    []string               `yaml:"late,omitempty"`
	Columns map[string]string      `yaml:"columns,omitempty"`
	Learn   map[string]string      `yaml:"learn,omitempty"`
	Lookup  map[string]lookupText  `yaml:"lookup,omitempty"`
	Derive  map[string]derivedText `yaml:"derive,omitempty"`
	Lines   []lineText             `yaml:"lines"`
}

// lookupText is a column of another table, with what its index is made of.
type lookupText struct {
	OID string   `yaml:"oid,omitempty"`
	By  []string `yaml:"by,omitempty"`
}

// Validate compiles the profile's own tables.
func (d *document) Validate() error {
	errs := []error{checkKey("profile", d.Profile)}
	if d.Title == "" {
		errs = append(errs, errors.New("title: is empty: want what people call these devices"))
	}
	if d.Tested == nil {
		errs = append(errs, errors.New("tested: want true or false: was it tried on a device or a recording of one"))
	}
	for i, prefix := range d.Match {
		if _, err := ber.ParseOID(prefix); err != nil {
			errs = append(errs, fmt.Errorf("match[%d]: %w", i, err))
		}
	}
	seen := map[string]bool{}
	for i := range d.Tables {
		t, err := d.Tables[i].compile()
		t.Tested = d.Tested != nil && *d.Tested && (d.Tables[i].Tested == nil || *d.Tables[i].Tested)
		errs = append(errs, under(fmt.Sprintf("tables[%d]", i), err))
		if seen[d.Tables[i].Name] {
			errs = append(errs, fmt.Errorf("tables[%d].name: %q: there is one of this name already", i, d.Tables[i].Name))
		}
		seen[d.Tables[i].Name] = true
		d.compiled = append(d.compiled, t)
	}
	return errors.Join(errs...)
}

// under puts the key of a part before the keys that its errors begin with.
func under(key string, err error) error {
	if err == nil {
		return nil
	}
	var all []error
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			all = append(all, under(key, one))
		}
		return errors.Join(all...)
	}
	return fmt.Errorf("%s.%w", key, err)
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func checkName(name string) error {
	if !nameForm.MatchString(name) {
		return fmt.Errorf("%q: want a name of small letters, digits and _", name)
	}
	return nil
}

func checkKey(key, name string) error {
	if strings.ContainsAny(name, " \t") || name == "" {
		return fmt.Errorf("%s: %q: want a name without blanks", key, name)
	}
	return nil
}

const (
	defaultEvery   = 5 * time.Minute
	defaultMaxRows = 4096
	mostRows       = 1 << 16
)

// compile makes the table; its errors begin with the key that they are about.
func (t *tableText) compile() (*Table, error) {
	out := &Table{Name: t.Name, Every: t.Every.D(), Floor: t.Floor.D(), MaxRows: t.MaxRows, scalar: t.Scalar}
	if out.Every == 0 {
		out.Every = max(defaultEvery, out.Floor)
	}
	if out.MaxRows == 0 {
		out.MaxRows = defaultMaxRows
	}
	c := compiler{text: t, table: out}
	c.fail("name", checkName(t.Name))
	c.bounds()
	c.columns()
	c.indexes()
	c.lookups()
	c.lines()
	c.unused()
	return out, errors.Join(c.errs...)
}

// compiler makes one table and gathers its mistakes.
type compiler struct {
	text  *tableText
	table *Table
	names []string // columns, parts of the index and what is derived, in the order of their numbers
	used  uint64
	errs  []error
}

func (c *compiler) fail(key string, err error) {
	if err != nil {
		c.errs = append(c.errs, fmt.Errorf("%s: %w", key, err))
	}
}

func (c *compiler) bounds() {
	t := c.table
	switch {
	case t.Every%time.Second != 0 || t.Every < time.Second:
		c.fail("every", fmt.Errorf("%v: want a whole number of seconds", t.Every))
	case t.Every < t.Floor:
		c.fail("every", fmt.Errorf("%v: want at least the floor of %v", t.Every, t.Floor))
	case t.MaxRows < 1 || t.MaxRows > mostRows:
		c.fail("max_rows", fmt.Errorf("%d: want 1 to %d", t.MaxRows, mostRows))
	}
}

// columns numbers polled columns, learned ones and those of other tables, each in order of their OIDs.
func (c *compiler) columns() {
	c.group("columns", c.text.Columns)
	c.table.Polled = len(c.table.Columns)
	c.group("learn", c.text.Learn)
	for _, name := range sortedKeys(c.text.Lookup) {
		c.column("lookup."+name+".oid", name, c.text.Lookup[name].OID)
	}
	if len(c.text.Columns)+len(c.text.Learn) == 0 {
		c.fail("columns", errors.New("is empty: want NAME: OID of at least one column here or under learn"))
	}
	c.anchors()
	for i, name := range c.text.Late {
		n := slices.Index(c.names, name)
		if n < 0 || n >= c.table.Polled {
			c.fail(fmt.Sprintf("late[%d]", i), fmt.Errorf("%q: want one of columns", name))
			continue
		}
		c.table.late |= 1 << n
	}
}

// anchors are the columns that a device with this table has: one of them will do. By default they are those that are
// polled.
func (c *compiler) anchors() {
	for i, name := range c.text.Anchors {
		n := slices.Index(c.names, name)
		if n < 0 || c.text.Lookup[name].OID != "" {
			c.fail(fmt.Sprintf("anchors[%d]", i), fmt.Errorf("%q: want one of columns or learn", name))
			continue
		}
		c.table.Anchors = append(c.table.Anchors, n)
		c.used |= 1 << n
	}
	for i := range c.table.Columns {
		if polled := i < c.table.Polled; len(c.text.Anchors) == 0 && (polled || c.table.Polled == 0 && c.text.Lookup[c.names[i]].OID == "") {
			c.table.Anchors = append(c.table.Anchors, i)
		}
	}
}

func (c *compiler) group(key string, columns map[string]string) {
	first := len(c.table.Columns)
	for _, name := range sortedKeys(columns) {
		c.column(key+"."+name, name, columns[name])
	}
	slices.SortStableFunc(c.table.Columns[first:], func(a, b Column) int { return slices.Compare(a.OID, b.OID) })
	for i := first; i < len(c.table.Columns); i++ {
		c.names[i] = c.table.Columns[i].Name
	}
}

func (c *compiler) column(key, name, text string) {
	oid, err := ber.ParseOID(text)
	c.fail(key, err)
	c.name(key, name)
	c.table.Columns = append(c.table.Columns, Column{Name: name, OID: oid})
}

// name gives the next number to a name.
func (c *compiler) name(key, name string) {
	switch {
	case checkName(name) != nil:
		c.fail(key, checkName(name))
	case slices.Contains(c.names, name):
		c.fail(key, fmt.Errorf("%q: there is one of this name already", name))
	case len(c.names) == maxNames-1:
		c.fail(key, fmt.Errorf("there are more than %d names in this table", maxNames-1))
	}
	c.names = append(c.names, name)
}

// indexes names the parts of the index and what is derived of names.
func (c *compiler) indexes() {
	for i, source := range c.text.Index {
		key := fmt.Sprintf("index[%d]", i)
		p, err := parsePart(source)
		c.fail(key, err)
		c.name(key, p.name)
		c.table.index = append(c.table.index, p)
		if last := i == len(c.text.Index)-1; !last && (p.kind == "implied" || p.kind == "oid") {
			c.fail(key, fmt.Errorf("%q: takes all that is left: want it last", source))
		}
	}
	if c.text.Scalar == (len(c.text.Index) > 0) {
		c.fail("name", errors.New("want either an index or scalar: true"))
	}
	before := slices.Clone(c.names)
	for _, name := range sortedKeys(c.text.Derive) {
		d, err := c.text.Derive[name].compile(before)
		if err != nil {
			c.errs = append(c.errs, fmt.Errorf("derive.%s.%w", name, err))
		}
		c.used |= 1 << max(d.of, 0)
		c.name("derive."+name+".of", name)
		c.table.derive = append(c.table.derive, d)
	}
}

// lookups resolves what the indexes of other tables are made of.
func (c *compiler) lookups() {
	for i := range c.table.Columns {
		col := &c.table.Columns[i]
		look, ok := c.text.Lookup[col.Name]
		if !ok {
			continue
		}
		key := "lookup." + col.Name + ".by"
		if len(look.By) == 0 {
			c.fail(key, errors.New("is empty: want the names that make the index of that table"))
		}
		for _, name := range look.By {
			n := slices.Index(c.names, name)
			if n < 0 {
				c.fail(key, fmt.Errorf("%q: want one of %s", name, strings.Join(c.names, ", ")))
				continue
			}
			c.used |= 1 << n
			col.By = append(col.By, n)
		}
	}
}

// unused refuses columns that cost packets and tell nothing.
func (c *compiler) unused() {
	for i, col := range c.table.Columns {
		if c.used>>i&1 == 1 || len(c.errs) > 0 {
			continue
		}
		key := "columns."
		if i >= c.table.Polled {
			key = "learn."
		}
		if col.By != nil {
			key = "lookup."
		}
		c.fail(key+col.Name, errors.New("nothing uses this column"))
	}
}
