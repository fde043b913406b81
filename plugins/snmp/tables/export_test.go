package tables

// Later replaces how a dialog has long work done.
func (d *Dialog) Later(f func(work func())) { d.poller.later = f }

// Rows is how many rows the dialog knows, and how many requests for them are kept.
func (d *Dialog) Rows() (rows, requests int) {
	if d.layout == nil {
		return 0, 0
	}
	for i := range d.layout.tables {
		rows += len(d.layout.tables[i].rows)
	}
	for _, parts := range d.layout.parts {
		requests += len(parts)
	}
	return rows, requests
}
