package discover

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// page keeps the first error of writing until Flush.
type page struct{ *bufio.Writer }

func (p page) printf(format string, args ...any) { _, _ = fmt.Fprintf(p, format, args...) }

// Report writes the plan for people: what would change, then what they have to see to.
func (p *Plan) Report(w io.Writer) error {
	b := page{bufio.NewWriter(w)}
	report(b, "devices", p.Devices)
	report(b, "links", p.Links)
	missing(b, "devices", p.Devices)
	missing(b, "links", p.Links)
	if len(p.Strange) > 0 {
		b.printf("\nto look at (%d):\n", len(p.Strange))
		for _, s := range p.Strange {
			b.printf("  %s\n", s)
		}
	}
	return b.Flush()
}

func report(b page, what string, changes []Change) {
	count := map[Kind]int{}
	for i := range changes {
		count[changes[i].Kind]++
	}
	b.printf("%s: %d added, %d changed, %d renamed, %d gone, %d unchanged\n", what, count[Added], count[Changed], count[Renamed], count[Gone], count[Unchanged])
	for i := range changes {
		changes[i].write(b)
	}
}

func (c *Change) write(b page) {
	mark := map[Kind]string{Added: "+", Changed: "~", Renamed: ">", Gone: "-"}[c.Kind]
	if mark != "" {
		b.printf("%s %s  %s", mark, c.Name, c.Where)
		if c.Was != "" {
			b.printf("  was %s", c.Was)
		}
		if c.Kind == Gone {
			b.printf("  not seen")
		}
		for _, cell := range c.Cells {
			if cell.Column == "device" {
				continue // that is Was
			}
			if cell.Old == "" {
				b.printf("  %s=%s", cell.Column, cell.New)
			} else {
				b.printf("  %s: %s → %s", cell.Column, cell.Old, cell.New)
			}
		}
		b.printf("\n")
	}
	for _, n := range c.Notes {
		b.printf("! %s  %s\n", c.Name, n)
	}
}

// missing lists the new rows that the collector would not take.
func missing(b page, what string, changes []Change) {
	n := 0
	for i := range changes {
		if len(changes[i].Missing) > 0 {
			n++
		}
	}
	if n == 0 {
		return
	}
	b.printf("\n%s of which no rule says enough (%d):\n", what, n)
	for i := range changes {
		if c := &changes[i]; len(c.Missing) > 0 {
			b.printf("  %s  %s: no %s\n", c.Name, c.Where, strings.Join(c.Missing, ", no "))
		}
	}
}

// Changes counts what would be written.
func (p *Plan) Changes(choice Choice) (n int) {
	for _, all := range [][]Change{p.Devices, p.Links} {
		for i := range all {
			if choice.takes(&all[i]) {
				n++
			}
		}
	}
	return n
}
