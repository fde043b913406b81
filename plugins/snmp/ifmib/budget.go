package ifmib

// budget is how many varbinds a device can take in one request. It is halved when the device says
// tooBig, answers less than it was asked, or falls silent at a long request and answers a short one;
// it grows back slowly, and slower each time that growing proves wrong.
type budget struct {
	limit   int32 // 0: no limit but the size of the answer
	clean   int32 // rounds without trouble since limit changed
	patient int32 // clean rounds before the limit grows
}

const (
	smallest     = 3 // sysUpTime, a label and one counter
	firstPatient = 10
	mostPatient  = 2560
	unlimited    = 1 << 16
)

// varbinds is the limit as a number.
func (b *budget) varbinds() int {
	if b.limit == 0 {
		return unlimited
	}
	return int(b.limit)
}

// halve notes that a request of so many varbinds was too much; false if it cannot be smaller.
func (b *budget) halve(asked int) bool {
	limit := max(asked/2, smallest)
	if limit >= b.varbinds() || limit >= asked {
		return false
	}
	b.limit = int32(limit)
	b.clean = 0
	b.patient = min(max(2*b.patient, firstPatient), mostPatient)
	return true
}

// round notes a round without trouble, in which the largest request had so many varbinds, and says
// whether the limit has changed.
func (b *budget) round(asked int) bool {
	if b.limit == 0 {
		return false
	}
	if b.clean++; b.clean < b.patient {
		return false
	}
	b.clean = 0
	b.limit += max(b.limit/2, 1)
	if asked < int(b.limit/2) {
		b.limit = 0 // no request comes near the limit any more
	}
	return true
}
