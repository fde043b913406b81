package point

import "bytes"

// Walker goes a second time through text that a Scanner found good, in nanoseconds and with a
// timestamp in every line, as everything in the log is. It looks only for the ends of a line's parts,
// and its fields are read when a Picker asks for them.
type Walker struct {
	text   []byte
	key    []byte
	fields []byte
	time   int64
}

// NewWalker begins at the text's first line.
func NewWalker(text []byte) Walker { return Walker{text: text} }

// Next goes to the next line and reports whether there is one.
func (w *Walker) Next() bool {
	for len(w.text) > 0 {
		n := bytes.IndexByte(w.text, '\n') + 1
		if n == 0 {
			n = len(w.text)
		}
		if w.take(n) {
			return true
		}
	}
	return false
}

// Key is the raw key, as Line.Key is. It points into the text.
func (w *Walker) Key() []byte { return w.key }

// Fields is the raw text of the fields, for Picker.Pick.
func (w *Walker) Fields() []byte { return w.fields }

// Time is the line's time in Unix nanoseconds.
func (w *Walker) Time() int64 { return w.time }

// take reads the line of n bytes that the text begins with. Only what may hide the end of a part, a
// backslash or a quote, needs the long way.
func (w *Walker) take(n int) bool {
	line := w.text[:n]
	k := bytes.IndexByte(line, ' ')
	if k <= 0 || line[0] == '#' || line[k-1] == '\\' || bytes.IndexByte(line[k:], '"') >= 0 {
		return w.takeAny()
	}
	line = bytes.TrimRight(line, " \r\n")
	t := bytes.LastIndexByte(line, ' ')
	if t <= k {
		return w.takeAny()
	}
	w.text = w.text[n:]
	w.key = line[:k]
	w.fields = bytes.Trim(line[k:t], " ")
	w.time = wholeTime(line[t+1:])
	return true
}

// takeAny reads one entry of any form; false if it is blank, a comment or not a good one.
func (w *Walker) takeAny() bool {
	o := outlineOf(w.text)
	line := w.text[:o.end]
	w.text = w.text[o.end:]
	if o.fields == o.key {
		return false
	}
	w.key = line[o.start:o.key]
	w.fields = bytes.Trim(line[o.key:o.fields], " ")
	w.time = wholeTime(bytes.Trim(line[o.fields:], " \r\n"))
	return true
}

func wholeTime(t []byte) int64 {
	if len(t) > 0 && t[0] == '-' {
		n, _ := digits(t, 1)
		return -int64(n)
	}
	n, _ := digits(t, 0)
	return int64(n)
}

// Picker reads chosen fields of accepted lines. Make one for each measurement: it remembers where the
// last line had them. It is for one goroutine.
type Picker struct {
	wanted []string
	values []Value
	layout []guess
}

// guess is a field key that the last line had at one place.
type guess struct {
	key  string // with its '='
	want int    // its place in wanted, or -1
}

// NewPicker makes a Picker of the named fields.
func NewPicker(wanted ...string) *Picker {
	return &Picker{wanted: wanted, values: make([]Value, len(wanted))}
}

// Pick gives the values of the wanted fields, in their order; a field that the line has not is of kind
// None. The result is valid until the next call.
func (p *Picker) Pick(fields []byte) []Value {
	clear(p.values)
	for i, n := 0, 0; i < len(fields); n++ {
		g := p.guess(fields[i:], n)
		if g == nil {
			break
		}
		i += len(g.key)
		if g.want < 0 {
			i = valueEnd(fields, i)
		} else {
			i = pickValue(fields, i, &p.values[g.want])
		}
		if i < 0 {
			break
		}
		i++
	}
	return p.values
}

// guess is the key that t begins with, which the last line most likely had at place n, too.
func (p *Picker) guess(t []byte, n int) *guess {
	if n < len(p.layout) {
		if g := &p.layout[n]; len(t) >= len(g.key) && string(t[:len(g.key)]) == g.key {
			return g
		}
	}
	end := nameEnd(t, 0)
	if end < 0 {
		return nil
	}
	g := guess{key: string(t[:end]), want: p.place(t[:end-1])}
	if n < len(p.layout) {
		p.layout[n] = g
	} else {
		p.layout = append(p.layout, g)
	}
	return &p.layout[n]
}

// place is where the escaped key stands in wanted, or -1.
func (p *Picker) place(key []byte) int {
	name := string(unescape(key))
	for i, w := range p.wanted {
		if w == name {
			return i
		}
	}
	return -1
}

// unescape takes the backslashes out of a name.
func unescape(name []byte) []byte {
	if bytes.IndexByte(name, '\\') < 0 {
		return name
	}
	var plain []byte
	for i := 0; i < len(name); i++ {
		if name[i] == '\\' && i+1 < len(name) && hindrance[name[i+1]]&escapeName != 0 {
			i++
		}
		plain = append(plain, name[i])
	}
	return plain
}

// pickValue reads an accepted value of any form and says where it ends.
func pickValue(t []byte, i int, v *Value) int {
	if end := plainValue(t, i, v); end >= 0 {
		return end
	}
	end := valueEnd(t, i)
	if end > i+1 && t[i] == '"' {
		v.Kind, v.Text = String, unescapeString(t[i+1:end-1])
	}
	return end
}

func unescapeString(s []byte) []byte {
	plain := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) || controlOf(s[i+1]) == 0 {
			plain = append(plain, s[i])
			continue
		}
		i++
		plain = append(plain, controlOf(s[i]))
	}
	return plain
}

// controlOf is what the letter behind a backslash stands for in a string, or 0.
func controlOf(letter byte) byte {
	switch letter {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case '"', '\\':
		return letter
	}
	return 0
}
