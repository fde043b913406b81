package message

import "bytes"

// zone takes "Z", "+07:00", " UTC", " +07", " UTC+07:00" and the like, and the word DST. Names of zones other than UTC, GMT and
// ICT are taken and say nothing: there are several of each.
func (c *cursor) zone(s *Stamp) {
	if c.skip('Z') {
		s.zoned = true
		return
	}
	t := *c
	apart := t.skip(' ')
	name := t.letters()
	if len(name) > maxZone || apart && len(name) == 0 && !t.signed() {
		return
	}
	told := named(string(name))
	told.east(&t)
	if !closes(t, name, apart) {
		return
	}
	s.zoned, s.offset = told.zoned, told.offset
	*c = t
	if rest, ok := bytes.CutPrefix(t, []byte(" DST")); ok {
		*c = rest
	}
}

const maxZone = 5 // letters of a zone's name

// zone is how far east of UTC a clock is.
type zone struct {
	offset int // seconds
	zoned  bool
}

func named(name string) zone {
	switch name {
	case "UTC", "GMT":
		return zone{0, true}
	case "ICT":
		return zone{7 * 3600, true}
	}
	return zone{}
}

// closes says whether what follows lets a zone end here: a colon, or nothing; a space only behind what is one for sure.
func closes(rest cursor, name []byte, apart bool) bool {
	return len(rest) == 0 || rest[0] == ':' || rest[0] == ' ' && (!apart || string(name) == "UTC")
}

func (c *cursor) signed() bool {
	return len(*c) > 1 && ((*c)[0] == '+' || (*c)[0] == '-') && (*c)[1] >= '0' && (*c)[1] <= '9'
}

// letters takes capital letters.
func (c *cursor) letters() []byte {
	end := 0
	for end < len(*c) && (*c)[end] >= 'A' && (*c)[end] <= 'Z' {
		end++
	}
	w := (*c)[:end]
	*c = (*c)[end:]
	return w
}

// east takes "+07", "+07:00" or "+0700".
func (z *zone) east(c *cursor) {
	if !c.signed() {
		return
	}
	west := (*c)[0] == '-'
	t := (*c)[1:]
	hours, ok := t.number(2, 2)
	if !ok {
		return
	}
	u := t
	u.skip(':')
	if minutes, ok := u.number(2, 2); ok {
		hours, t = hours*60+minutes, u
	} else {
		hours *= 60
	}
	z.offset, z.zoned, *c = hours*60, true, t
	if west {
		z.offset = -z.offset
	}
}
