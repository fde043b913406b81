package message

import "bytes"

// cursor is what is left of a text.
type cursor []byte

func (c *cursor) skip(b byte) bool {
	if len(*c) > 0 && (*c)[0] == b {
		*c = (*c)[1:]
		return true
	}
	return false
}

// priority takes <PRI>; -1 if there is none.
func (c *cursor) priority() int {
	t := *c
	if !t.skip('<') {
		return -1
	}
	n, ok := t.number(1, 3)
	if !ok || n > maxPriority || !t.skip('>') {
		return -1
	}
	*c = t
	return n
}

// number takes a number of so many digits.
func (c *cursor) number(least, most int) (n int, ok bool) {
	i := 0
	for i < len(*c) && i < most && (*c)[i] >= '0' && (*c)[i] <= '9' {
		n = n*10 + int((*c)[i]-'0')
		i++
	}
	if i < least {
		return 0, false
	}
	*c = (*c)[i:]
	return n, true
}

// word takes what comes before a separator, or all there is.
func (c *cursor) word(separator byte) []byte {
	end := bytes.IndexByte(*c, separator)
	if end < 0 {
		end = len(*c)
	}
	w := (*c)[:end]
	*c = (*c)[end:]
	return w
}

// token takes what comes before a space or a colon.
func (c *cursor) token() []byte {
	end := 0
	for end < len(*c) && (*c)[end] != ' ' && (*c)[end] != ':' {
		end++
	}
	w := (*c)[:end]
	*c = (*c)[end:]
	return w
}

// nothing takes RFC 5424's NILVALUE.
func (c *cursor) nothing() bool {
	if len(*c) > 1 && (*c)[0] == '-' && (*c)[1] == ' ' {
		*c = (*c)[1:]
		return true
	}
	return false
}

// lead takes what stands before anything: spaces, a byte order mark, lonely colons, sequence numbers ("000123: ").
func (c *cursor) lead() {
	for {
		*c = bytes.TrimPrefix(bytes.TrimLeft(*c, " :"), []byte("\xef\xbb\xbf"))
		t := *c
		if _, ok := t.number(1, 12); !ok || !t.skip(':') || !t.skip(' ') && !t.skip(':') && !digitOrMark(t) {
			return
		}
		*c = t
	}
}

// digitOrMark says whether what follows a sequence number may be a stamp, without a space between: "12:*Mar  1".
func digitOrMark(t cursor) bool { return len(t) > 0 && (t[0] == '*' || t[0] == '.') }

// host takes the host behind a stamp: a word that is not the tag. Cisco has a colon there and none.
func (c *cursor) host() []byte {
	if c.skip(':') {
		return nil
	}
	t := *c
	t = bytes.TrimLeft(t, " ")
	w := t.word(' ')
	if len(w) == 0 || len(w) > maxHost || len(t) == 0 || w[len(w)-1] == ':' || w[0] == '%' || bytes.IndexByte(w, '[') >= 0 {
		return nil
	}
	*c = t
	return w
}

func digits(w []byte) bool {
	for _, b := range w {
		if b < '0' || b > '9' {
			return false
		}
	}
	return true
}
