package profile

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/haidang-noc/haidang/internal/conf"
)

// exporterFile is what is read of the snmp.yml of snmp_exporter; the rest of it says nothing about tables.
type exporterFile struct {
	Modules map[string]exporterModule `yaml:"modules"`
}

type exporterModule struct {
	Metrics []exporterMetric `yaml:"metrics"`
}

type exporterMetric struct {
	Name    string            `yaml:"name"`
	OID     string            `yaml:"oid"`
	Type    string            `yaml:"type"`
	Scale   float64           `yaml:"scale"`
	Offset  float64           `yaml:"offset"`
	Indexes []exporterIndex   `yaml:"indexes"`
	Lookups []exporterLookup  `yaml:"lookups"`
	Enum    map[string]string `yaml:"enum_values"`
}

type exporterIndex struct {
	Label     string `yaml:"labelname"`
	Type      string `yaml:"type"`
	FixedSize int    `yaml:"fixed_size"`
	Implied   bool   `yaml:"implied"`
}

type exporterLookup struct {
	Labels []string `yaml:"labels"`
	Label  string   `yaml:"labelname"`
	OID    string   `yaml:"oid"`
}

// ImportExporter makes a draft of a module of an snmp_exporter's snmp.yml. What it could not take over is in notes.
func ImportExporter(module string, text []byte) (d Draft, notes []string, err error) {
	var file exporterFile
	if err := conf.DecodeForeign("snmp.yml", text, &file); err != nil {
		return d, nil, err
	}
	m, ok := file.Modules[module]
	if !ok {
		return d, nil, fmt.Errorf("snmp.yml: there is no module %q: want one of %s", module, strings.Join(sortedKeys(file.Modules), ", "))
	}
	i := importer{tables: map[string]int{}, taken: map[string]bool{}, columns: map[int]map[string]bool{}}
	i.draft = Draft{Name: strings.ReplaceAll(SnakeCase(module), "_", "-"), Title: "module " + module + " of an snmp_exporter"}
	for _, metric := range m.Metrics {
		if err := i.metric(metric); err != nil {
			i.notes = append(i.notes, fmt.Sprintf("%s: %v", metric.Name, err))
		}
	}
	return i.draft, i.notes, nil
}

// importer gathers metrics with the same table into one.
type importer struct {
	draft   Draft
	tables  map[string]int // by the entry's OID and the index
	taken   map[string]bool
	columns map[int]map[string]bool
	notes   []string
}

func (i *importer) metric(m exporterMetric) error {
	column := DraftColumn{OID: strings.TrimPrefix(m.OID, ".")}
	var err error
	if column.Kind, column.Names, err = exporterKind(m); err != nil {
		return err
	}
	if m.Offset != 0 {
		return fmt.Errorf("offset %v: want it as a unit with an offset, such as K or [degF]", m.Offset)
	}
	if m.Scale != 0 {
		column.Unit = strconv.FormatFloat(m.Scale, 'f', -1, 64)
	}
	n, err := i.table(m)
	if err != nil {
		return err
	}
	column.Name = Free(SnakeCase(m.Name), i.columns[n])
	i.draft.Tables[n].Columns = append(i.draft.Tables[n].Columns, column)
	return nil
}

func exporterKind(m exporterMetric) (kind string, names map[string]string, err error) {
	switch m.Type {
	case "counter":
		return "counter", nil, nil
	case "gauge", "Float", "Double":
		return "float", nil, nil
	case "EnumAsInfo", "EnumAsStateSet":
		return "text", m.Enum, nil
	case "DisplayString", "OctetString", "PhysAddress48", "DateAndTime", "InetAddressIPv4", "InetAddressIPv6":
		return "text", nil, nil
	}
	return "", nil, fmt.Errorf("type %q is not taken over", m.Type)
}

// table finds or makes the table of a metric.
func (i *importer) table(m exporterMetric) (n int, err error) {
	oid := strings.TrimPrefix(m.OID, ".")
	entry := oid[:max(strings.LastIndexByte(oid, '.'), 0)]
	key := fmt.Sprint(entry, m.Indexes)
	if len(m.Indexes) == 0 {
		key = ""
	}
	if n, ok := i.tables[key]; ok {
		return n, nil
	}
	t := DraftTable{}
	taken := map[string]bool{}
	parts := map[string]string{}
	for _, index := range m.Indexes {
		part, err := exporterPart(index)
		if err != nil {
			return 0, err
		}
		name := Free(SnakeCase(index.Label), taken)
		parts[index.Label] = name
		t.Index = append(t.Index, name+part)
	}
	for _, l := range m.Lookups {
		t.lookup(l, parts, taken)
	}
	base := SnakeCase(m.Name)
	if key == "" {
		base = SnakeCase(i.draft.Name) + "_scalars"
	}
	t.Name = Free(base, i.taken)
	i.draft.Tables = append(i.draft.Tables, t)
	n = len(i.draft.Tables) - 1
	i.tables[key], i.columns[n] = n, taken
	return n, nil
}

// lookup takes over a lookup; one without an OID says that the index is no label.
func (t *DraftTable) lookup(l exporterLookup, parts map[string]string, taken map[string]bool) {
	if l.OID == "" {
		t.Without = append(t.Without, parts[l.Label])
		return
	}
	var by []string
	for _, label := range l.Labels {
		by = append(by, parts[label])
	}
	t.Lookups = append(t.Lookups, DraftLookup{Name: Free(SnakeCase(l.Label), taken), OID: strings.TrimPrefix(l.OID, "."), By: by})
}

func exporterPart(i exporterIndex) (string, error) {
	switch i.Type {
	case "gauge", "Integer32", "counter":
		return "", nil
	case "InetAddressIPv4", "IpAddr":
		return ":ipv4", nil
	case "InetAddress":
		return ":inet", nil
	case "PhysAddress48":
		return ":mac", nil
	case "DisplayString", "OctetString":
		kind := map[string]string{"DisplayString": "string", "OctetString": "octets"}[i.Type]
		switch {
		case i.FixedSize > 0:
			return fmt.Sprintf(":%s(%d)", kind, i.FixedSize), nil
		case i.Implied:
			return ":implied", nil
		}
		return ":" + kind, nil
	}
	return "", fmt.Errorf("index %s of type %q is not taken over", i.Label, i.Type)
}
