package model

// Freeze is one row of freezes.csv: a national event, and its three effects, each of its own.
type Freeze struct {
	ID             string
	NameVI, NameEN string
	Start, End     int64
	Scopes         []Scope // any of them
	Changes        bool    // maintenance inside it is void unless overridden
	Sensitivity    Ratio   // alert thresholds are multiplied by it: 1 as always, 1/2 twice as sensitive
	NoteVI, NoteEN string  // shown on the scorecards of its scope; empty: nothing is shown
}
