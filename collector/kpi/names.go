package kpi

import "strings"

// names holds the names of a decoded column. They are parts of a few long texts: a nation has a million names, and
// each on its own would cost as much again.
type names struct{ text strings.Builder }

// namesBlock is how long a text is: what one name that is kept keeps with it.
const namesBlock = 16 << 10

// add keeps the name that begins and ends so.
func (n *names) add(begin string, end []byte) string {
	size := len(begin) + len(end)
	if n.text.Cap()-n.text.Len() < size {
		n.text = strings.Builder{}
		n.text.Grow(max(size, namesBlock))
	}
	from := n.text.Len()
	n.text.WriteString(begin)
	n.text.Write(end)
	return n.text.String()[from:]
}
