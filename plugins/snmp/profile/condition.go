package profile

import (
	"fmt"
	"strconv"
	"strings"
)

// condition is what a column has to be: one of some numbers, none of some, less or more than one, or not known. Several
// words must all hold, except that of the plain numbers one has to, and that not to be known is enough.
type condition struct {
	column int
	any    []float64 // empty: any number
	none   []float64
	more   *float64
	less   *float64
	either bool // not known will do
}

// parseCondition reads "1 2", "!0", ">0 <100", "!0 !2147483647".
func parseCondition(source string, column int) (condition, error) {
	c := condition{column: column}
	for _, word := range strings.Fields(source) {
		if word == "?" {
			c.either = true
			continue
		}
		digits := strings.TrimLeft(word, "!<>")
		n, err := strconv.ParseFloat(digits, 64)
		if err != nil || n-n != 0 || len(word)-len(digits) > 1 {
			return c, fmt.Errorf("%q: want numbers, each alone or behind one of ! < >, and ? where none will do: 1 2, or !0, or ? >0 <100", source)
		}
		switch word[0] {
		case '!':
			c.none = append(c.none, n)
		case '>':
			c.more = &n
		case '<':
			c.less = &n
		default:
			c.any = append(c.any, n)
		}
	}
	if c.any == nil && c.none == nil && c.more == nil && c.less == nil {
		if c.either {
			c.any = []float64{} // no number is any of these
			return c, nil
		}
		return c, fmt.Errorf("is empty: want numbers such as 1 2, or !0, or >0 <100")
	}
	return c, nil
}

// holds says whether the row is so. A number that is not known is none of those that are wanted, and none of those
// that are not.
func (c *condition) holds(v *Values) bool {
	n, known := v.number[c.column].float, v.known>>c.column&1 == 1
	if !known {
		return c.either || c.any == nil && c.more == nil && c.less == nil
	}
	if c.more != nil && n <= *c.more || c.less != nil && n >= *c.less || contains(c.none, n) {
		return false
	}
	return c.any == nil || contains(c.any, n)
}

func contains(list []float64, n float64) bool {
	for _, one := range list {
		if one == n {
			return true
		}
	}
	return false
}

func allHold(list []condition, v *Values) bool {
	for i := range list {
		if !list[i].holds(v) {
			return false
		}
	}
	return true
}
