// Package report is what a scorecard says, before anyone decides how it looks: titles, typed cells in
// tables, a map. The renderers (xlsx, pdf, html) take all words and numbers from here, so that no two
// formats can disagree.
package report

// Report is one scorecard in one language. All text is NFC.
type Report struct {
	Lang     string // vi or en
	Title    string
	Unit     string // the province, or the nation
	Facts    []Fact // period, revision, digest: what this paper is
	Sections []Section
	Map      Map
	Signers  []string // who signs, left to right
	Words    Words
}

// Fact is one line of the title block.
type Fact struct{ Name, Value string }

// Section is one sheet of a workbook, one heading on paper.
type Section struct {
	Name   string
	Notes  []string
	Tables []Table
	Chart  *Chart // of the first table
	Trends []Trend
}

// Trend is how one number went. It is drawn small, beside others of its kind.
type Trend struct {
	Title  string
	Labels []string // of the first and the last point
	Points []Cell   // percentages; no value is a gap
	Limit  Cell     // a target, if any
}

// Table is a header and rows of the same width.
type Table struct {
	Name    string
	Columns []Column
	Rows    [][]Cell
	// Paper is how many rows are printed; the rest is named by their number. Rows are in order of
	// importance for that. 0 prints all.
	Paper int
}

// Column is the head of a column.
type Column struct {
	Title string
	Paper float64 // share of the paper's width; 0: only where there is room (spreadsheet, screen)
}

// Chart compares numeric columns of a table by its first column.
type Chart struct {
	Title  string
	Series []int // column numbers
	Line   bool  // the last series is a limit: a line over the bars
	Course bool  // the rows are points in time: every series is a line
}

// Kind says what a cell's value is.
type Kind int8

// The kinds. Every value is the canonical text of the document; empty is "no value".
const (
	Text     Kind = iota
	Count         // integer
	Percent       // decimal fraction of 1
	Tenths        // integer per mille, shown as per cent with one place
	Duration      // seconds, with or without places
	Time          // RFC 3339
	Mark          // met, not_met or no_target
	Move          // places won (positive) or lost
	Decimal       // number with as many places as it is written with
)

// Cell is one typed value.
type Cell struct {
	Kind  Kind
	Value string
	Mark  string // outcome that a number stands for; drawn beside it
}

// Words are the few that renderers put in themselves.
type Words struct {
	Outcomes map[string]string // by met, not_met, no_target
	Page     string            // format with two %d: number, total
	More     string            // format with two %d: shown, all
	Empty    string            // an empty table
	Legend   string            // under the map of one unit
	Contents string            // navigation
	Sign     string            // below a signer's title
	Charts   string            // the sheet of charts
}

// Map is the tile map of the country.
type Map struct {
	Title string
	Tiles []Tile
}

// Tile is one unit, or an archipelago of one.
type Tile struct {
	Row, Col int
	Code     string
	Name     string
	Island   bool
	Here     bool   // belongs to the report's unit
	Outcome  string // nation: how the unit did; empty otherwise
}
