package profile

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

func TestUnits(t *testing.T) {
	for _, c := range []struct {
		field, unit string
		n, want     float64
		lit         bool
	}{
		{"temp_c", "Cel", 41, 41, true},
		{"temp_c", "0.1 Cel", 413, 41.3, true},
		{"temp_c", "[degF]", 77, 25, true},
		{"temp_c", "K", 300, 26.85, true},
		{"temp_c", "", 7, 7, true},
		{"used_ratio", "%", 7, 0.07, true},
		{"used_ratio", "0.01 %", 4200, 0.42, true},
		{"voltage_v", "mV", 3321, 3.321, true},
		{"voltage_v", "0.1 mV", 33384, 3.3384, true},
		{"voltage_v", "10 V", 23, 230, true},
		{"bias_ma", "uA", 5684, 5.684, true},
		{"bias_ma", "2 uA", 14175, 28.35, true},
		{"power_w", "kW", 2, 2000, true},
		{"frequency_hz", "kHz", 22130500, 2.21305e10, true},
		{"capacity_mbps", "kbit/s", 730947, 730.947, true},
		{"used_octets", "KiBy", 3, 3072, true},
		{"runtime_s", "min", 18, 1080, true},
		{"dgd_ps", "s", 3e-12, 3, true},
		{"rx_dbm", "0.01 dBm", -2677, -26.77, true},
		{"rx_dbm", "uW", 1000, 0, true},
		{"rx_dbm", "uW", 256, -5.918, true},
		{"rx_dbm", "0.1 uW", 5425, -2.656, true},
		{"rx_dbm", "W", 0.001, 0, true},
		{"rx_dbm", "uW", 0, 0, false},
		{"rx_dbm", "uW", -3, 0, false},
		{"anything", "0.25", 8, 2, true},
	} {
		conv, err := convert(c.field, c.unit)
		if err != nil {
			t.Errorf("%s in %s: %v", c.field, c.unit, err)
			continue
		}
		if got, lit := conv.apply(c.n); lit != c.lit || math.Abs(got-c.want) > 1e-9*math.Abs(c.want) {
			t.Errorf("%v %s as %s is %v, %v; want %v, %v", c.n, c.unit, c.field, got, lit, c.want, c.lit)
		}
	}
	for _, c := range [][2]string{{"temp_c", "mV"}, {"temp_c", "x Cel"}, {"temp_c", "0 Cel"}, {"temp_c", "Celsius"}, {"count", "Cel"}, {"tx_w", "dBm"}, {"temp_c", "NaN Cel"}} {
		if conv, err := convert(c[0], c[1]); err == nil {
			t.Errorf("%s in %s is taken for %+v", c[0], c[1], conv)
		}
	}
}

// Every unit converts back to itself, and decimals stay exact.
func TestDecimalsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		places := rapid.IntRange(0, 6).Draw(t, "places")
		n := rapid.IntRange(-1000000, 1000000).Draw(t, "n")
		factor := "1"
		if places > 0 {
			factor = "0." + strings.Repeat("0", places-1) + "1"
		}
		c, err := convert("voltage_v", factor+" V")
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := c.apply(float64(n)); got != float64(n)/math.Pow10(places) {
			t.Fatalf("%d × %s is %v", n, factor, got)
		}
	})
}

func values(numbers ...float64) *Values {
	v := &Values{}
	for i, n := range numbers {
		if n == n {
			v.set(i, number{n, uint64(max(n, 0))})
		}
	}
	return v
}

func TestExpressions(t *testing.T) {
	columns := []string{"a", "b", "c"}
	unknown := math.NaN()
	for source, c := range map[string]struct {
		v    *Values
		want float64
		ok   bool
	}{
		"a":                   {values(7), 7, true},
		"b":                   {values(7), 0, false},
		"a + b * c":           {values(1, 2, 3), 7, true},
		"(a + b) * c":         {values(1, 2, 3), 9, true},
		"a - b - c":           {values(1, 2, 3), -4, true},
		"a / (a + b)":         {values(1, 3), 0.25, true},
		"a / b":               {values(1, 0), math.Inf(1), true},
		"b?9":                 {values(1), 9, true},
		"b?9 * a":             {values(2, 3), 6, true},
		"shift(a, b)":         {values(415, -1), 41.5, true},
		"shift(a, 3*(b?9-9))": {values(41300, 8), 41.3, true},
		"2.5 * a":             {values(2), 5, true},
		"a+b":                 {values(unknown, 1), 0, false},
	} {
		x, err := parseExpr(source, columns)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, ok := x.eval(c.v); ok != c.ok || got != c.want {
			t.Errorf("%s is %v, %v; want %v, %v", source, got, ok, c.want, c.ok)
		}
	}
	for _, source := range []string{"", "a +", "d", "a b", "(a", "a)", "shift(a)", "shift a", "a ? b", "a?", "1..2", "*a", strings.Repeat("(", 200), strings.Repeat("a+(", 9) + "a" + strings.Repeat(")", 9)} {
		if x, err := parseExpr(source, columns); err == nil {
			t.Errorf("%q is taken for %+v", source, x)
		}
	}
}

func TestConditions(t *testing.T) {
	for source, c := range map[string]struct{ holds, fails []float64 }{
		"1 2":     {[]float64{1, 2}, []float64{0, 3, math.NaN()}},
		"!0":      {[]float64{1, -1, math.NaN()}, []float64{0}},
		">0 <100": {[]float64{1, 99}, []float64{0, 100, math.NaN()}},
		"? >0":    {[]float64{1, math.NaN()}, []float64{0}},
		"?":       {[]float64{math.NaN()}, []float64{0, 1}},
		"1 !1":    {nil, []float64{1, 2, math.NaN()}},
	} {
		cond, err := parseCondition(source, 0)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		for _, n := range c.holds {
			if !cond.holds(values(n)) {
				t.Errorf("%s does not hold for %v", source, n)
			}
		}
		for _, n := range c.fails {
			if cond.holds(values(n)) {
				t.Errorf("%s holds for %v", source, n)
			}
		}
	}
	for _, source := range []string{"", "x", "!!1", "!", "> 1", "1,2", "NaN"} {
		if _, err := parseCondition(source, 0); err == nil {
			t.Errorf("%q is taken", source)
		}
	}
}

func TestNumbers(t *testing.T) {
	text := func(s string) ber.Varbind { return ber.Varbind{Tag: ber.OctetString, Value: []byte(s)} }
	for name, c := range map[string]struct {
		v    ber.Varbind
		want float64
		ok   bool
	}{
		"integer":       {ber.Varbind{Tag: ber.Integer, Value: []byte{0xff}}, -1, true},
		"gauge":         {ber.Varbind{Tag: ber.Gauge32, Value: []byte{0, 0xff, 0xff, 0xff, 0xff}}, 1<<32 - 1, true},
		"text":          {text("41"), 41, true},
		"text and unit": {text("-12.50 dBm"), -12.5, true},
		"blank before":  {text("  4.5"), 4.5, true},
		"exponent":      {text("3.343653e-03"), 0.003343653, true},
		"plus":          {text("+3C"), 3, true},
		"not an e":      {text("45e"), 45, true},
		"two points":    {text("7.10.2"), 7.1, true},
		"no number":     {text("No-Power"), 0, false},
		"only a sign":   {text("-"), 0, false},
		"empty":         {text(""), 0, false},
		"counter":       {text("\x00\x00\x00\x00\x00\x00\x01\x00"), 256, true},
		"float":         {ber.Varbind{Tag: ber.Opaque, Value: []byte{0x9f, 0x78, 4, 0x41, 0x48, 0, 0}}, 12.5, true},
		"double":        {ber.Varbind{Tag: ber.Opaque, Value: []byte{0x9f, 0x79, 8, 0x40, 0x29, 0, 0, 0, 0, 0, 0}}, 12.5, true},
		"opaque":        {ber.Varbind{Tag: ber.Opaque, Value: []byte{1, 2, 3}}, 0, false},
		"missing":       {ber.Varbind{Tag: ber.NoSuchInstance}, 0, false},
		"address":       {ber.Varbind{Tag: ber.IPAddress, Value: []byte{10, 0, 0, 1}}, 0, false},
	} {
		if n, ok := readNumber(&c.v); ok != c.ok || ok && math.Abs(n.float-c.want) > 1e-15 {
			t.Errorf("%s: %v, %v; want %v", name, n.float, ok, c.want)
		}
	}
}

func suffix(arcs ...uint32) (b []byte) {
	for _, a := range arcs {
		b = ber.AppendArc(b, a)
	}
	return b
}

func TestIndexes(t *testing.T) {
	for name, c := range map[string]struct {
		parts []string
		arcs  []uint32
		want  string // texts, or empty: another table's
	}{
		"numbers":       {[]string{"slot", "port"}, []uint32{3, 4194307840}, "3|4194307840"},
		"too few":       {[]string{"slot", "port"}, []uint32{3}, ""},
		"too many":      {[]string{"slot"}, []uint32{3, 4}, ""},
		"IPv4":          {[]string{"peer:ipv4"}, []uint32{192, 0, 2, 1}, "192.0.2.1"},
		"IPv6":          {[]string{"peer:ipv6"}, append([]uint32{0x20, 1, 0xd, 0xb8}, make([]uint32, 12)...), "2001:db8::"},
		"not an octet":  {[]string{"peer:ipv4"}, []uint32{192, 0, 2, 256}, ""},
		"inet":          {[]string{"vrf", "peer:inet"}, []uint32{1, 1, 4, 192, 0, 2, 1}, "1|192.0.2.1"},
		"inet, v6":      {[]string{"peer:inet"}, append([]uint32{2, 16, 0x20, 1, 0xd, 0xb8}, make([]uint32, 12)...), "2001:db8::"},
		"inet, zone":    {[]string{"peer:inet"}, []uint32{3, 8, 192, 0, 2, 1, 0, 0, 0, 7}, "192.0.2.1"},
		"inet, short":   {[]string{"peer:inet"}, []uint32{1, 4, 192, 0}, ""},
		"address":       {[]string{"peer:ip"}, []uint32{4, 192, 0, 2, 1}, "192.0.2.1"},
		"MAC":           {[]string{"mac:mac"}, []uint32{0, 0x1b, 0xc5, 0, 0xff, 1}, "00:1b:c5:00:ff:01"},
		"string":        {[]string{"name:string", "n"}, []uint32{3, 'a', 'b', 'c', 9}, "abc|9"},
		"fixed string":  {[]string{"name:string(2)", "n"}, []uint32{'a', 'b', 9}, "ab|9"},
		"implied":       {[]string{"n", "name:implied"}, []uint32{9, 'a', 'b'}, "9|ab"},
		"octets":        {[]string{"serial:octets(3)"}, []uint32{1, 2, 255}, "01:02:ff"},
		"length of lie": {[]string{"name:string"}, []uint32{4294967295, 'a'}, ""},
		"OID":           {[]string{"n", "what:oid"}, []uint32{9, 1, 3, 6, 1}, "9|1.3.6.1"},
		"skip":          {[]string{"since:skip", "port"}, []uint32{77, 5}, "77|5"},
		"no text":       {[]string{"name:string"}, []uint32{2, 0, 255}, "00:ff"},
	} {
		parts := make([]part, 0, len(c.parts))
		for _, source := range c.parts {
			p, err := parsePart(source)
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, p)
		}
		words, ok := decodeIndex(parts, suffix(c.arcs...))
		texts := make([]string, 0, len(words))
		for _, w := range words {
			texts = append(texts, w.text)
		}
		if got := strings.Join(texts, "|"); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s: %q, %v; want %q", name, got, ok, c.want)
		}
	}
}

// Whatever index an agent sends, it is decoded or refused, and what is decoded was all there.
func FuzzDecodeIndex(f *testing.F) {
	all := []string{"a", "b:ipv4", "c:ip", "d:inet", "e:mac", "f:string", "g:string(3)", "h:octets", "i:octets(2)", "j:implied", "k:oid", "l:skip", "m:ipv6"}
	for i := range all {
		f.Add([]byte{byte(i)}, suffix(1, 4, 192, 0, 2, 1))
	}
	f.Add([]byte{0, 3, 5, 9}, suffix(7, 1, 4, 10, 0, 0, 1, 2, 'x', 'y', 'z'))
	f.Fuzz(func(t *testing.T, kinds, b []byte) {
		kinds = kinds[:min(len(kinds), 8)]
		parts := make([]part, 0, len(kinds))
		for _, k := range kinds {
			p, err := parsePart(all[int(k)%len(all)])
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, p)
		}
		words, ok := decodeIndex(parts, b)
		if ok && len(words) != len(parts) {
			t.Errorf("%d words of %d parts", len(words), len(parts))
		}
		table := Table{index: parts, lines: []line{{measurement: "x"}}}
		table.Learn(b, nil, Learning{})
		_ = arcs(b)
	})
}

func TestTemplates(t *testing.T) {
	names := []string{"name", "slot", "port"}
	port := func(index uint32) (string, bool) { return "ge-0/0/1", index == 516 }
	for source, c := range map[string]struct {
		words []word
		want  string
		known bool
	}{
		"{name}":               {[]word{textWord("RP0"), {}, {}}, "RP0", true},
		"{name} | slot {slot}": {[]word{{}, numberWord(3), {}}, "slot 3", true},
		"{slot}/{port} {name}": {[]word{textWord("LC"), numberWord(3), numberWord(4)}, "3/4 LC", true},
		"{if port} | {port}":   {[]word{{}, {}, numberWord(516)}, "ge-0/0/1", true},
		"{if port}|{port}":     {[]word{{}, {}, numberWord(517)}, "517", true},
		"{name} |":             {[]word{{}, {}, {}}, "", true},
		"{name} | {slot}":      {[]word{{}, {}, {}}, "", false},
		"whole":                {[]word{{}, {}, {}}, "whole", true},
	} {
		tmpl, err := parseTemplate(source, names)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, known := tmpl.fill(c.words, port); got != c.want || known != c.known {
			t.Errorf("%s is %q, %v; want %q, %v", source, got, known, c.want, c.known)
		}
	}
	for _, source := range []string{"{", "{}", "{nam}", "{if}", "{if nam}", "{name"} {
		if _, err := parseTemplate(source, names); err == nil {
			t.Errorf("%q is taken", source)
		}
	}
}

func TestDerived(t *testing.T) {
	names := []string{"name", "olt"}
	for name, c := range map[string]struct {
		text derivedText
		w    word
		want string
		num  bool
	}{
		"group":     {derivedText{Of: "name", Match: `lane (\d+)`}, textWord("lane 3 power"), "3", true},
		"all of it": {derivedText{Of: "name", Match: `^[A-Z]+`}, textWord("RP0"), "RP", false},
		"no match":  {derivedText{Of: "name", Match: `^x`}, textWord("RP0"), "", false},
		"bits":      {derivedText{Of: "olt", Shift: 8, Bits: 8}, numberWord(0x11050203), "2", true},
		"names":     {derivedText{Of: "olt", Names: map[string]string{"2": "ipv6"}}, numberWord(2), "ipv6", false},
	} {
		d, err := c.text.compile(names)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := d.from(c.w); got.text != c.want || got.isNum != c.num {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for _, c := range []derivedText{{Of: "x", Match: "a"}, {Of: "name"}, {Of: "name", Match: "("}, {Of: "name", Match: "(a)(b)"}, {Of: "name", Bits: 65}, {Of: "name", Match: "a", Bits: 1}} {
		if _, err := c.compile(names); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

func TestSnakeCase(t *testing.T) {
	for name, want := range map[string]string{
		"ifHCInOctets": "if_hc_in_octets", "sysUpTime": "sys_up_time", "upsInputVoltage": "ups_input_voltage", "UPS-MIB": "ups_mib",
		"if_mib": "if_mib", "100gPort": "n_100g_port", "": "n_", "--": "n_", "jnxDomCurrentLane2": "jnx_dom_current_lane2",
	} {
		if got := SnakeCase(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
	taken := map[string]bool{}
	if got := []string{Free("a", taken), Free("a", taken), Free("a", taken)}; !slices.Equal(got, []string{"a", "a_2", "a_3"}) {
		t.Error(got)
	}
}

// Once a row is learned, its lines cost no memory.
func TestNothingIsAllocatedForAValue(t *testing.T) {
	set, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	p, _ := set.Named("nokia-sros")
	table := p.Plan.Tables[p.Plan.index("sros_ddm")]
	varbind := func(n int64) ber.Varbind { return ber.Varbind{Tag: ber.Integer, Value: ber.AppendInt(nil, n)[2:]} }
	cells := make([]Cell, 0, len(table.Columns))
	for column := range table.Columns {
		cells = append(cells, Cell{column, varbind(5425)})
	}
	port := func(uint32) (string, bool) { return "1/1/1", true }
	rows := make([]Row, 1)
	var ok bool
	if rows[0], ok = table.Learn(suffix(1, 35684352), cells, Learning{Interface: port}); !ok {
		t.Fatal("the row is not learned")
	}
	table.Distinguish(rows)
	var (
		e       point.Encoder
		v       Values
		summary Summary
	)
	write := func() {
		e.Reset()
		v.Clear()
		for i := range cells {
			v.Set(cells[i].Column, &cells[i].Varbind)
		}
		table.Write(Output{Encoder: &e, Device: []byte(",agent=a,device=d"), At: 1, Summary: &summary}, &rows[0], &v)
	}
	if n := testing.AllocsPerRun(100, write); n > 0 {
		t.Errorf("%v allocations", n)
	}
	const want = "optic,agent=a,device=d,ifname=1/1/1 bias_ma=10.85,los=false,rx_dbm=-2.656,temp_c=21.19140625,dark=false,tx_dbm=-2.656,voltage_v=0.5425,interval_s=300i 1\n"
	if got := string(e.Bytes()); got != want {
		t.Errorf("line:\n%swant:\n%s", got, want)
	}
}
