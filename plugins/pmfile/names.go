package pmfile

import "strings"

// names are what an object of a file is called.
type names struct {
	element string // of the managed element, without whatever contains it
	local   string // the element's localDn
	label   string // the element's userLabel
	object  string // the object's distinguished name, from the managed element on
}

const elementClass = "ManagedElement="

// elementOf is the value of the last ManagedElement in a distinguished name, "" if there is none.
func elementOf(dn string) string {
	at := strings.LastIndex(dn, elementClass)
	if at < 0 || at > 0 && dn[at-1] != ',' {
		return ""
	}
	name, _, _ := strings.Cut(dn[at+len(elementClass):], ",")
	return name
}

// nameOf says what the object measObjLdn of an element is called. Vendors write localDn as a distinguished name or as a mere name,
// and repeat it in measObjLdn, or a part of it, or do not: whatever they do, the object's name begins with the managed element
// once, as cells.csv has it. Where no ManagedElement is in sight and localDn is a distinguished name of another kind, it begins
// with that.
func nameOf(localDn, label, ldn string) names {
	n := names{element: elementOf(localDn), local: localDn, label: label}
	if n.element == "" {
		n.element = localDn
	}
	if own := elementOf(ldn); own != "" {
		n.element = own
		n.object = ldn[strings.LastIndex(ldn, elementClass):]
		return n
	}
	head := elementClass + n.element
	if strings.Contains(localDn, "=") && elementOf(localDn) == "" {
		head = localDn
	}
	rest := ldn
	if localDn != "" && (ldn == localDn || strings.HasPrefix(ldn, localDn+",")) {
		rest = strings.TrimPrefix(ldn[len(localDn):], ",")
	}
	switch {
	case n.element == "":
		n.object = rest
	case rest == "":
		n.object = head
	default:
		n.object = head + "," + rest
	}
	return n
}
