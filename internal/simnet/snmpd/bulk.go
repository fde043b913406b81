package snmpd

import "github.com/haidang-noc/haidang/internal/simnet/ber"

// column is one repeated name of a GETBULK request.
type column struct {
	asked []byte // the name in the request
	pos   int    // of the next object
	moved bool   // pos is not the first object after asked any more
}

// bulk answers GETBULK: as many whole bindings as fit the limit.
func (a *Responder) bulk(r *request, v View, full int) (status int) {
	a.columns = a.columns[:0]
	for i := int32(0); len(r.binds) > 0; i++ {
		name, err := r.name()
		if err != nil {
			return ignored
		}
		pos, exact := v.Find(name)
		c := column{asked: name, pos: after(r, v, pos, exact)}
		if i >= r.first {
			a.columns = append(a.columns, c)
		} else if !a.step(v, &c, full) {
			return noError
		}
	}
	for range max(r.more, 0) {
		if !a.row(v, full) {
			break
		}
	}
	return noError
}

// row writes one object of each column. false means that there is no room or nothing left.
func (a *Responder) row(v View, full int) bool {
	left := false
	for i := range a.columns {
		c := &a.columns[i]
		if !a.step(v, c, full) {
			return false
		}
		left = left || c.pos < v.Len()
	}
	return left
}

// step writes the column's next object, or endOfMibView. false means that it does not fit, and then it
// is not written.
func (a *Responder) step(v View, c *column, full int) bool {
	before := len(a.out)
	open := a.openBind()
	if c.pos < v.Len() {
		a.object(v, c.pos)
		c.pos, c.moved = c.pos+1, true
	} else {
		name := c.asked
		if c.moved {
			a.room = v.AppendName(a.room[:0], v.Len()-1)
			name = a.room
		}
		a.out = append(ber.AppendBytes(a.out, ber.ObjectID, name), ber.EndOfMibView, 0)
	}
	a.closeBind(open)
	if len(a.out) > full {
		a.out, a.binds = a.out[:before], a.binds-1
		return false
	}
	return true
}
