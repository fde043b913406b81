package discover

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Report writes the plan for people: what would change, then what they have to see to.
func (p *Plan) Report(w io.Writer) error {
	b := bufio.NewWriter(w)
	report(b, "devices", p.Devices)
	report(b, "links", p.Links)
	missing(b, "devices", p.Devices)
	missing(b, "links", p.Links)
	if len(p.Strange) > 0 {
		fmt.Fprintf(b, "\nto look at (%d):\n", len(p.Strange))
		for _, s := range p.Strange {
			fmt.Fprintf(b, "  %s\n", s)
		}
	}
	return b.Flush()
}

func report(b *bufio.Writer, what string, changes []Change) {
	count := map[Kind]int{}
	for i := range changes {
		count[changes[i].Kind]++
	}
	fmt.Fprintf(b, "%s: %d added, %d changed, %d renamed, %d gone, %d unchanged\n", what, count[Added], count[Changed], count[Renamed], count[Gone], count[Unchanged])
	for i := range changes {
		changes[i].write(b)
	}
}

func (c *Change) write(b *bufio.Writer) {
	mark := map[Kind]string{Added: "+", Changed: "~", Renamed: ">", Gone: "-"}[c.Kind]
	if mark != "" {
		fmt.Fprintf(b, "%s %s  %s", mark, c.Name, c.Where)
		if c.Was != "" {
			fmt.Fprintf(b, "  was %s", c.Was)
		}
		if c.Kind == Gone {
			b.WriteString("  not seen")
		}
		for _, cell := range c.Cells {
			if cell.Column == "device" {
				continue // that is Was
			}
			if cell.Old == "" {
				fmt.Fprintf(b, "  %s=%s", cell.Column, cell.New)
			} else {
				fmt.Fprintf(b, "  %s: %s → %s", cell.Column, cell.Old, cell.New)
			}
		}
		b.WriteByte('\n')
	}
	for _, n := range c.Notes {
		fmt.Fprintf(b, "! %s  %s\n", c.Name, n)
	}
}

// missing lists the new rows that the collector would not take.
func missing(b *bufio.Writer, what string, changes []Change) {
	n := 0
	for i := range changes {
		if len(changes[i].Missing) > 0 {
			n++
		}
	}
	if n == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s of which no rule says enough (%d):\n", what, n)
	for i := range changes {
		if c := &changes[i]; len(c.Missing) > 0 {
			fmt.Fprintf(b, "  %s  %s: no %s\n", c.Name, c.Where, strings.Join(c.Missing, ", no "))
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
