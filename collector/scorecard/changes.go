package scorecard

// Change is one cell that differs from the revision before. A cell that was not there is empty.
type Change struct {
	Cell   string `json:"cell"` // path: keys, and in lists what names the row
	Before string `json:"before"`
	After  string `json:"after"`
}
