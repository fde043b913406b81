package point

import "bytes"

// outline is where the parts of one entry lie in a text. It is lenient: it only looks for the ends,
// so that the decoder is given exactly one entry, also when a string holds a newline.
type outline struct {
	start  int // of the measurement
	key    int // end of measurement and tags
	fields int // end of the fields
	end    int // start of the next entry
}

// outlineOf finds the parts of the first entry of t. For one that is malformed, end is that of its
// first line of text: what is bad never costs more than that line.
func outlineOf(t []byte) outline {
	var o outline
	o.start = skip(t, 0, ' ')
	o.key = o.start + keyEnd(t[o.start:])
	comment := o.start < len(t) && t[o.start] == '#'
	if o.fields = fieldsEnd(t, skip(t, o.key, ' ')); o.fields < 0 || comment {
		o.fields, o.end = o.key, lineEnd(t, 0)
		return o
	}
	o.end = lineEnd(t, o.fields)
	return o
}

func skip(t []byte, i int, c byte) int {
	for i < len(t) && t[i] == c {
		i++
	}
	return i
}

// lineEnd is just behind the newline that ends the line at t[i:].
func lineEnd(t []byte, i int) int {
	if n := bytes.IndexByte(t[i:], '\n'); n >= 0 {
		return i + n + 1
	}
	return len(t)
}

// keyEnd is the length of the measurement and tags that t begins with: up to a blank that no backslash
// escapes, or the end of the line.
func keyEnd(t []byte) int {
	for i, c := range t {
		if c == '\n' || c == ' ' && (i == 0 || t[i-1] != '\\') {
			return i
		}
	}
	return len(t)
}

// fieldsEnd is where the fields that begin at t[i:] end, or negative if they have not their form.
func fieldsEnd(t []byte, i int) int {
	for {
		if i = nameEnd(t, i); i < 0 {
			return -1
		}
		if i = valueEnd(t, i); i < 0 || i == len(t) || t[i] != ',' {
			return i
		}
		i++
	}
}

// nameEnd is just behind the '=' that ends the field key at t[i:].
func nameEnd(t []byte, i int) int {
	for ; i < len(t); i++ {
		switch t[i] {
		case '\\':
			if i+1 < len(t) && hindrance[t[i+1]]&escapeName != 0 {
				i++
			}
		case '=':
			return i + 1
		case ' ', ',', '\n', '\r':
			return -1
		}
	}
	return -1
}

// valueEnd is just behind the value at t[i:].
func valueEnd(t []byte, i int) int {
	if i < len(t) && t[i] == '"' {
		return stringEnd(t, i+1)
	}
	for i < len(t) && !endsField(t[i]) && t[i] != '\r' {
		i++
	}
	return i
}

// stringEnd is just behind the quote that ends the string whose first byte is t[i].
func stringEnd(t []byte, i int) int {
	for ; i < len(t); i++ {
		switch t[i] {
		case '\\':
			i++ // whatever it is, it does not end the string
		case '"':
			return i + 1
		}
	}
	return -1
}
