package engine

import "time"

// turns is whether a device takes requests beside each other. Several targets may share one device: the contexts of a
// switch, or what stands behind a proxy. Some agents have one thread and drop what they do not wait for; they are asked one
// thing at a time, and now and then it is tried whether that is still needed.
type turns struct {
	heard   time.Time // the last answer
	strikes int       // requests beside another that it left without an answer, more than those that it answered
	clean   int       // requests answered one at a time
	patient int       // so many of them until it is tried again
}

const (
	enoughStrikes = 3 // any single datagram may get lost
	firstPatient  = 64
	mostPatient   = 1 << 14
)

// serial says that the device is asked one thing at a time.
func (t *turns) serial() bool { return t.strikes >= enoughStrikes }

// ignored notes that a request beside another stayed without an answer.
func (t *turns) ignored() {
	if t.serial() {
		return
	}
	if t.strikes++; t.serial() {
		t.clean, t.patient = 0, min(max(2*t.patient, firstPatient), mostPatient)
	}
}

// answered notes when an answer came. That another one came since its request was sent shows that the device had both;
// nearly always, as that other may just have been on its way.
func (t *turns) answered(f *flight, at time.Time) {
	switch {
	case t.serial():
		if t.clean++; t.clean >= t.patient {
			t.strikes-- // one more tells that nothing has changed
		}
	case !f.repeated && t.heard.After(f.sent) && t.strikes > 0:
		if t.strikes--; t.strikes == 0 {
			t.patient = 0
		}
	}
	t.heard = at
}
