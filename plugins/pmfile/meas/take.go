package meas

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"

	"github.com/haidang-noc/haidang/plugins/pmfile/pull"
)

// take takes one token.
func (r *Reader) take(kind pull.Kind) error {
	depth := r.xml.Depth()
	switch kind {
	case pull.Start:
		s := other
		if parent := r.path[depth-1]; parent != other {
			s = child(parent, r.xml.Name())
		}
		r.path[depth] = s
		if s == other && depth > 1 {
			return nil
		}
		r.text = r.text[:0]
		return r.start(s)
	case pull.End:
		if s := r.path[depth+1]; s != other {
			return r.end(s)
		}
	default:
		if depth == 0 {
			return r.outsideText(r.xml.Text())
		}
		if r.path[depth].hasText() {
			r.text = append(r.text, r.xml.Text()...)
		}
	}
	return nil
}

// outsideText refuses text that belongs to no element.
func (r *Reader) outsideText(text []byte) error {
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return nil
	case r.seen.root:
		return errBehind()
	}
	return &Refusal{NotMeasurement, 0, fmt.Sprintf("it begins with %.16q: want XML", bytes.TrimSpace(text))}
}

func errBehind() error { return &Refusal{Syntax, 0, "there is something behind the end of the file"} }

// start takes the beginning of an element with its attributes.
func (r *Reader) start(s state) error {
	switch s {
	case other:
		return &Refusal{NotMeasurement, 0, "<" + string(r.xml.Name()) + "> is no file of measurements"}
	case root:
		return r.startRoot()
	case header:
		r.seen.header = true
		r.file.Vendor, r.file.Prefix = r.attr("vendorName"), r.attr("dnPrefix")
	case sender:
		r.file.Sender = cmp.Or(r.attr("localDn"), r.attr("senderName"))
	case data:
		r.seen.data, r.seen.element = true, false
	case element:
		r.newElement(Element{r.attr("localDn"), r.attr("userLabel"), r.attr("swVersion")})
	case identity:
		r.newElement(Element{})
	case info:
		r.info = infoState{group: r.attr("measInfoId"), types: r.info.types[:0], ordered: true}
		return r.needElement()
	case gran:
		return r.granularity()
	case kind:
		r.typeP()
	case value:
		return r.startValue()
	case result:
		r.value.p = append(r.value.p[:0], r.find("p")...)
	default:
	}
	return nil
}

func (r *Reader) startRoot() error {
	if r.seen.root {
		return errBehind()
	}
	r.seen.root = true
	return nil
}

// end takes the end of an element, whose text is known now.
func (r *Reader) end(s state) error {
	text := bytes.TrimSpace(r.text)
	switch s {
	case data:
		return r.needElement()
	case vendor, senderName, elementDN, elementTag, software:
		r.endName(s, string(text))
	case until:
		return r.setEnd(text)
	case seconds:
		return r.setPeriod(text)
	case kind:
		r.addType(text)
	case kinds:
		r.addTypes(text)
	case result:
		r.result(text)
	case results:
		r.results(text)
	case doubt:
		r.value.suspect = r.value.suspect || isTrue(text)
	case object:
		r.value.object = append(r.value.object[:0], text...)
	case value:
		r.endValue()
	default:
	}
	return nil
}

// endName takes a text that TS 32.401 has where the others have an attribute.
func (r *Reader) endName(s state, text string) {
	switch s {
	case vendor:
		r.file.Vendor = text
	case senderName:
		r.file.Sender = text
	case elementDN:
		r.lastElement().Name = text
	case elementTag:
		r.lastElement().Label = text
	default:
		r.lastElement().Version = text
	}
}

func isTrue(text []byte) bool { return bytes.EqualFold(text, []byte("true")) || string(text) == "1" }

// find is an attribute of the element that begins; it is valid until the next token.
func (r *Reader) find(name string) []byte {
	attrs := r.xml.Attrs()
	for i := range attrs {
		if string(attrs[i].Name) == name {
			return attrs[i].Value
		}
	}
	return nil
}

func (r *Reader) attr(name string) string { return string(bytes.TrimSpace(r.find(name))) }

func (r *Reader) newElement(e Element) {
	r.seen.element = true
	r.file.Elements = append(r.file.Elements, e)
}

func (r *Reader) lastElement() *Element { return &r.file.Elements[len(r.file.Elements)-1] }

func (r *Reader) addType(name []byte) {
	r.file.Types++
	r.info.types = append(r.info.types, r.name(name))
}

func (r *Reader) addTypes(list []byte) {
	for name := range bytes.FieldsSeq(list) {
		r.addType(name)
	}
}

// name numbers a counter's name.
func (r *Reader) name(text []byte) int32 {
	id, ok := r.ids[string(text)]
	if !ok {
		id = int32(len(r.file.names))
		s := string(text)
		r.ids[s] = id
		r.file.names = append(r.file.names, s)
	}
	return id
}

// granularity reads granPeriod.
func (r *Reader) granularity() error {
	text := r.find("duration")
	if string(text) != r.lastDuration.text {
		n, err := parseDuration(text)
		if err != nil {
			return noPeriod(err)
		}
		r.lastDuration = memo{string(text), n}
	}
	r.info.period = r.lastDuration.value
	return r.setEnd(r.find("endTime"))
}

func (r *Reader) setPeriod(text []byte) (err error) {
	r.info.period, err = parseSeconds(text)
	return noPeriod(err)
}

func (r *Reader) setEnd(text []byte) error {
	if string(text) != r.lastTime.text {
		at, err := parseTime(text, r.opts.Local)
		if err != nil {
			return noPeriod(err)
		}
		r.lastTime = memo{string(text), at}
	}
	r.info.end = r.lastTime.value
	return nil
}

func noPeriod(err error) error {
	if err != nil {
		return &Refusal{NoPeriod, 0, err.Error()}
	}
	return nil
}

// typeP notes the p of a measType that begins. Usually they count from 1; whatever else they do is looked up.
func (r *Reader) typeP() {
	p, at := r.find("p"), int32(len(r.info.types))
	n, err := strconv.ParseUint(string(p), 10, 32)
	if r.info.ordered = r.info.ordered && (len(p) == 0 || err == nil && n == uint64(at)+1); r.info.ordered {
		return
	}
	if r.info.byP == nil {
		r.info.byP = map[string]int32{}
		for i := range at {
			r.info.byP[strconv.Itoa(int(i)+1)] = i
		}
	}
	r.info.byP[string(bytes.TrimSpace(p))] = at
}
