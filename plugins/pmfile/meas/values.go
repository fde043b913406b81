package meas

import (
	"bytes"
	"strconv"
)

// startValue begins a measValue; by now its period has to be known.
func (r *Reader) startValue() error {
	if r.info.period == 0 || r.info.end == 0 {
		return &Refusal{NoPeriod, 0, "the measInfo has no granPeriod in front of its values"}
	}
	v := &r.value
	*v = valueState{object: append(v.object[:0], bytes.TrimSpace(r.find("measObjLdn"))...), from: len(r.file.values), p: v.p[:0]}
	return nil
}

func (r *Reader) needElement() error {
	if r.seen.element {
		return nil
	}
	return &Refusal{NoElement, 0, "the measData has no managedElement or measEntity"}
}

// result takes the text of an r, whose p is known.
func (r *Reader) result(text []byte) {
	at := r.value.next
	if len(r.value.p) > 0 {
		at = r.position(r.value.p)
	}
	r.value.next++
	r.add(at, text)
}

// position finds the measType with a p; -1: there is none.
func (r *Reader) position(p []byte) int {
	if r.info.byP == nil {
		if n, ok := small(p); ok {
			return n - 1
		}
	}
	if at, ok := r.info.byP[string(bytes.TrimSpace(p))]; ok {
		return int(at)
	}
	return -1
}

// small reads a whole number of up to six digits.
func small(text []byte) (n int, ok bool) {
	if len(text) == 0 || len(text) > 6 {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}

// results takes a list by position. If it has more or fewer values than there are types, none can be trusted.
func (r *Reader) results(text []byte) {
	n := 0
	for one := range bytes.FieldsSeq(text) {
		r.add(n, one)
		n++
	}
	r.value.suspect = r.value.suspect || n != len(r.info.types)
}

// add keeps a value of the type at a position.
func (r *Reader) add(at int, text []byte) {
	f := &r.file
	switch {
	case at < 0 || at >= len(r.info.types) || f.Name(r.info.types[at]) == "":
		f.Nameless++
		return
	case len(text) == 0 || string(text) == "NIL":
		f.Missing++
		return
	}
	v := Value{Counter: r.info.types[at]}
	if n, ok := number(text); ok {
		v.Number = n
	} else {
		v.IsText, v.from = true, int32(len(f.texts))
		f.texts = append(f.texts, text...)
		v.to = int32(len(f.texts))
	}
	f.values = append(f.values, v)
}

// number reads a decimal number. Nothing else is one: not a vector, not Inf, NaN, 0x10 or 1_000.
func number(text []byte) (float64, bool) {
	if n, ok := small(text); ok {
		return float64(n), true
	}
	for _, c := range text {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	n, err := strconv.ParseFloat(string(text), 64)
	return n, err == nil
}

// endValue puts what was read into its record: a new one, or that of an earlier measValue of the same group, object and period.
func (r *Reader) endValue() {
	f, v := &r.file, &r.value
	if v.suspect {
		f.SuspectOf++
	}
	p := part{int32(v.from), int32(len(f.values)), -1}
	element := len(f.Elements) - 1
	at, ok := r.at[place{element, r.info.group, string(v.object), r.info.end, r.info.period}]
	if !ok {
		at = int32(len(f.Records))
		object := string(v.object)
		r.at[place{element, r.info.group, object, r.info.end, r.info.period}] = at
		next := int32(len(f.parts))
		f.Records = append(f.Records, Record{Element: element, Group: r.info.group, Object: object, End: r.info.end, Period: r.info.period,
			Suspect: v.suspect, first: next, last: next})
	} else {
		f.Merged++
		one := &f.Records[at]
		one.Suspect = one.Suspect || v.suspect
		f.parts[one.last].next = int32(len(f.parts))
		one.last = int32(len(f.parts))
	}
	f.parts = append(f.parts, p)
}
