package pull

import "bytes"

// token reads the token at the beginning of b and says how long it is; its kind is EOF where there is nothing to tell, and 0
// bytes are the end of the document. An error other than errShort is final.
func (r *Reader) token(b []byte) (Kind, int, error) {
	switch {
	case len(b) == 0:
		if !r.end || len(r.marks) > 0 {
			return EOF, 0, errShort
		}
		return EOF, 0, nil
	case b[0] != '<':
		return r.chars(b)
	case len(b) < 2:
		return EOF, 0, errShort
	}
	switch b[1] {
	case '/':
		return r.endTag(b)
	case '?':
		n, err := instruction(b)
		return EOF, n, err
	case '!':
		return r.declaration(b)
	}
	return r.startTag(b)
}

// chars reads text up to the next tag, or the end.
func (r *Reader) chars(b []byte) (Kind, int, error) {
	n := bytes.IndexByte(b, '<')
	if n < 0 {
		if !r.end {
			return EOF, 0, errShort
		}
		n = len(b)
	}
	var err error
	r.text, err = r.value(b[:n], inText)
	return Text, n, err
}

// endTag reads </name>.
func (r *Reader) endTag(b []byte) (Kind, int, error) {
	n, err := nameEnd(b, 2)
	if err != nil {
		return EOF, 0, err
	}
	end, err := skipSpace(b, n)
	if err != nil {
		return EOF, 0, err
	}
	if b[end] != '>' {
		return EOF, 0, mistake(Syntax, "</%s is not followed by >", b[2:n])
	}
	if len(r.marks) == 0 || !bytes.Equal(r.open(), b[2:n]) {
		return EOF, 0, mistake(Syntax, "</%.64s> ends no element: open is %q", b[2:n], r.open())
	}
	r.pop()
	r.name = local(b[2:n])
	return End, end + 1, nil
}

// startTag reads <name a="b">, or <name/>.
func (r *Reader) startTag(b []byte) (Kind, int, error) {
	n, err := nameEnd(b, 1)
	if err != nil {
		return EOF, 0, err
	}
	name := b[1:n]
	r.attrs, r.plain = r.attrs[:0], r.plain[:0]
	for {
		if n, err = skipSpace(b, n); err != nil {
			return EOF, 0, err
		}
		switch b[n] {
		case '>':
			r.name = local(name)
			return Start, n + 1, r.push(name)
		case '/':
			if n+1 == len(b) {
				return EOF, 0, errShort
			}
			if b[n+1] != '>' {
				return EOF, 0, mistake(Syntax, "<%.64s: / is not followed by >", name)
			}
			r.name, r.closing = local(name), true
			return Start, n + 2, r.push(name)
		}
		if n, err = r.attribute(b, n); err != nil {
			return EOF, 0, err
		}
	}
}

// attribute reads one at b[at:] and returns where it ends.
func (r *Reader) attribute(b []byte, at int) (int, error) {
	n, err := nameEnd(b, at)
	if err != nil {
		return 0, err
	}
	name := local(b[at:n])
	if n, err = skipSpace(b, n); err != nil {
		return 0, err
	}
	if b[n] != '=' {
		return 0, mistake(Syntax, "attribute %.64s has no value", name)
	}
	if n, err = skipSpace(b, n+1); err != nil {
		return 0, err
	}
	quote := b[n]
	if quote != '"' && quote != '\'' {
		return 0, mistake(Syntax, "the value of attribute %.64s is not in quotes", name)
	}
	length := bytes.IndexByte(b[n+1:], quote)
	if length < 0 {
		return 0, errShort
	}
	if len(r.attrs) == MaxAttributes {
		return 0, mistake(Limit, "more than %d attributes", MaxAttributes)
	}
	value, err := r.value(b[n+1:n+1+length], inValue)
	r.attrs = append(r.attrs, Attr{name, value})
	return n + 1 + length + 1, err
}

// declaration reads what begins with <!: a comment, a CDATA section or a document type declaration.
func (r *Reader) declaration(b []byte) (Kind, int, error) {
	switch {
	case len(b) < 3:
		return EOF, 0, errShort
	case b[2] == '-':
		n, err := comment(b)
		return EOF, n, err
	case b[2] == '[':
		return r.cdata(b)
	}
	n, err := doctype(b)
	return EOF, n, err
}

func (r *Reader) cdata(b []byte) (Kind, int, error) {
	const open = "<![CDATA["
	if n := min(len(b), len(open)); string(b[:n]) != open[:n] {
		return EOF, 0, mistake(Syntax, "<![ begins no CDATA section")
	}
	if len(b) < len(open) {
		return EOF, 0, errShort
	}
	n := bytes.Index(b[len(open):], []byte("]]>"))
	if n < 0 {
		return EOF, 0, errShort
	}
	var err error
	r.text, err = r.value(b[len(open):len(open)+n], inCDATA)
	return Text, len(open) + n + 3, err
}

// comment skips <!-- -->.
func comment(b []byte) (int, error) {
	if len(b) < 4 {
		return 0, errShort
	}
	if b[3] != '-' {
		return 0, mistake(Syntax, "<!- begins no comment")
	}
	n := bytes.Index(b[4:], []byte("--"))
	if n < 0 || 4+n+2 == len(b) {
		return 0, errShort
	}
	if b[4+n+2] != '>' {
		return 0, mistake(Syntax, "-- within a comment")
	}
	return 4 + n + 3, nil
}

// doctype skips <! >, with what is in quotes, in brackets <> and in comments within it. None of it has any effect. The byte
// behind <! is no bracket or quote, whatever it is.
func doctype(b []byte) (int, error) {
	quote, depth := byte(0), 0
	for n := 3; n < len(b); n++ {
		switch c := b[n]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>' && depth == 0:
			return n + 1, nil
		case c == '>':
			depth--
		case bytes.HasPrefix(b[n:], []byte("<!--")):
			end := bytes.Index(b[n+4:], []byte("-->"))
			if end < 0 {
				return 0, errShort
			}
			n += 4 + end + 2
		case c == '<':
			depth++
		}
	}
	return 0, errShort
}

// instruction skips <? ?>. What calls itself XML's declaration has to say UTF-8, wherever it stands.
func instruction(b []byte) (int, error) {
	target, _, err := wordEnd(b, 2)
	if err != nil {
		return 0, err
	}
	begin, err := skipSpace(b, target)
	if err != nil {
		return 0, err
	}
	n := bytes.Index(b[begin:], []byte("?>"))
	if n < 0 {
		return 0, errShort
	}
	if string(b[2:target]) == "xml" {
		err = checkDeclaration(b[begin : begin+n])
	}
	return begin + n + 2, err
}

func checkDeclaration(content []byte) error {
	if v := setting(content, "version="); len(v) > 0 && string(v) != "1.0" {
		return mistake(Syntax, "XML version %.16q: want 1.0", v)
	}
	v := setting(content, "encoding=")
	if len(v) == 0 || bytes.EqualFold(v, []byte("utf-8")) || bytes.EqualFold(v, []byte("us-ascii")) {
		return nil
	}
	return mistake(Encoding, "encoding %.32q: want UTF-8", v)
}

// setting is what stands in quotes behind name.
func setting(content []byte, name string) []byte {
	for {
		_, rest, found := bytes.Cut(content, []byte(name))
		if !found || len(rest) == 0 {
			return nil
		}
		if quote := rest[0]; quote == '"' || quote == '\'' {
			value, _, closed := bytes.Cut(rest[1:], []byte{quote})
			if !closed {
				return nil
			}
			return value
		}
		content = rest[1:]
	}
}

// wordEnd is where the name that begins at b[at] ends, and whether there is a colon in it. There is always something behind a name.
func wordEnd(b []byte, at int) (end int, colon bool, err error) {
	n, all := at, uint16(0)
	for n < len(b) && classes[b[n]]&isName != 0 {
		all |= classes[b[n]]
		n++
	}
	switch {
	case n == len(b):
		return 0, false, errShort
	case n == at || classes[b[at]]&beginsName == 0 || b[n] >= 0x80:
		return 0, false, badName(b[at : n+1])
	}
	return n, all&isColon != 0, nil
}

// nameEnd is the same for names that may have a prefix.
func nameEnd(b []byte, at int) (int, error) {
	n, colon, err := wordEnd(b, at)
	if colon && bytes.Count(b[at:n], []byte(":")) > 1 {
		return 0, badName(b[at:n])
	}
	return n, err
}

func badName(b []byte) error { return mistake(Syntax, "%.32q is no name", b) }

// local is a name without its prefix, if it has both.
func local(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i > 0 && i < len(name)-1 {
		return name[i+1:]
	}
	return name
}

// skipSpace is where something other than white space stands, from b[at] on.
func skipSpace(b []byte, at int) (int, error) {
	for at < len(b) && classes[b[at]]&isSpace != 0 {
		at++
	}
	if at == len(b) {
		return 0, errShort
	}
	return at, nil
}
