package profile

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// List writes one line for each profile of the set.
func (s *Set) List(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "PROFILE\tTESTED\tTABLES\tDEVICES\tMATCHES")
	for _, p := range s.All() {
		matches := strings.Join(p.Match, " ")
		if matches == "" {
			matches = "-"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\n", p.Name, p.tried(), len(p.Plan.Tables), p.Title, matches)
	}
	return table.Flush() // tells of what could not be written before, too
}

// tried says whether the profile was tested, and how many of its own tables were not.
func (p *Profile) tried() string {
	untried := 0
	for _, t := range p.doc.compiled {
		if !t.Tested {
			untried++
		}
	}
	switch {
	case !p.Tested:
		return "no"
	case untried > 0:
		return fmt.Sprintf("all but %d tables", untried)
	}
	return "yes"
}

func yes(tested bool) string {
	if tested {
		return "yes"
	}
	return "no"
}

// Show writes all that a profile polls, with what it inherits.
func (p *Profile) Show(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(table, "%s: %s\nfile %s, tested: %s\n", p.Name, p.Title, p.File, p.tried())
	if len(p.Match) > 0 {
		_, _ = fmt.Fprintf(table, "sysObjectID %s\n", strings.Join(p.Match, ", "))
	}
	if len(p.doc.Extends) > 0 {
		_, _ = fmt.Fprintf(table, "extends %s\n", strings.Join(p.doc.Extends, ", "))
	}
	_, _ = fmt.Fprintln(table, "\nTABLE\tEVERY\tFLOOR\tTESTED\tWRITES")
	for _, t := range p.Plan.Tables {
		_, _ = fmt.Fprintf(table, "%s\t%v\t%v\t%s\t%s\n", t.Name, t.Every, t.Floor, yes(t.Tested), strings.Join(t.writes(), "; "))
	}
	return table.Flush()
}

// writes are the lines of a table: measurement, tags and fields.
func (t *Table) writes() (out []string) {
	for _, l := range t.lines {
		names := make([]string, 0, len(l.fields))
		for _, f := range l.fields {
			names = append(names, f.name)
		}
		key := l.measurement
		for _, tag := range l.tags {
			key += "," + tag.key
		}
		out = append(out, key+" "+strings.Join(names, ","))
	}
	return out
}
