package ingest

import (
	"fmt"
	"strings"

	"github.com/haidang-noc/haidang/internal/point"
)

// reason is why a line was rejected, and the label of its counter.
type reason int

const (
	badSyntax reason = iota
	badDevice
	badAgent
	badProvince
	badTime
	reasons
)

func (r reason) String() string {
	return [...]string{"syntax", "device", "agent", "province", "future"}[r]
}

// shownFaults is how many bad lines an answer names.
const shownFaults = 10

// report is what became of a batch's lines. As an error it tells the client.
type report struct {
	good   int
	bad    [reasons]int
	faults []*point.LineError // the first ones
}

func (p *report) reject(why reason, e *point.LineError) {
	p.bad[why]++
	if len(p.faults) < shownFaults {
		p.faults = append(p.faults, e)
	}
}

func (p *report) rejected() int {
	n := 0
	for _, bad := range p.bad {
		n += bad
	}
	return n
}

// Error begins with the words by which Telegraf's output for the first API knows that sending the
// lines again is of no use.
func (p *report) Error() string {
	var b strings.Builder
	n := p.rejected()
	if p.good > 0 {
		fmt.Fprintf(&b, "partial write: %d of %d lines rejected", n, n+p.good)
	} else {
		fmt.Fprintf(&b, "unable to parse: all %d lines rejected", n)
	}
	for _, f := range p.faults {
		fmt.Fprintf(&b, "; %v", f)
	}
	if n > len(p.faults) {
		fmt.Fprintf(&b, "; and %d more", n-len(p.faults))
	}
	return b.String()
}
