package scorecard

// Measure is one number of a unit in short: what trends are made of.
type Measure struct {
	Name    string    `json:"measure"` // availability, congestion
	Key     string    `json:"key"`     // level:system, level:class or class
	Value   *Quotient `json:"value"`
	Outcome string    `json:"outcome"`
}

// The names of measures.
const (
	MeasureAvailability = "availability"
	MeasureCongestion   = "congestion"
	MeasureRank         = "rank" // place of units; kept by the store, not in Past.Measures
)

// Past is an earlier month of the same unit, as it was published last.
type Past struct {
	Month    string    `json:"month"`
	Revision int       `json:"revision"`
	Place    int       `json:"place"` // among the units; 0: not ranked
	Measures []Measure `json:"measures"`
}

// PastMonths is how many earlier months a document recalls: with its own they are a year.
const PastMonths = 11

// Measures are the document's own numbers in short.
func (d *Document) Measures() []Measure {
	out := []Measure{}
	for i := range d.Availability {
		a := &d.Availability[i]
		out = append(out, Measure{MeasureAvailability, a.Level + ":" + a.Key, a.tested(), a.Outcome})
	}
	for _, c := range d.Congestion {
		out = append(out, Measure{MeasureCongestion, c.Class, c.Ratio, c.Outcome})
	}
	return out
}

// Recall adds to each document the months before it, oldest first, by scope code. They are quoted
// from publications: a later revision of one of them changes no number of this month.
func Recall(docs []*Document, before string, past map[string][]Past) {
	places := map[string]int{}
	for _, d := range docs {
		d.Past = past[d.Scope.Code]
		if n := len(d.Past); n > 0 && d.Past[n-1].Month == before {
			places[d.Scope.Code] = d.Past[n-1].Place
		}
		if d.Rank != nil {
			d.Rank.Before = places[d.Scope.Code]
		}
	}
	for i := range docs[0].Provinces {
		if row := &docs[0].Provinces[i]; row.Rank != nil {
			row.Rank.Before = places[row.Code]
		}
	}
}

// forget returns the document without what it recalls of earlier months and of how its data came.
func (d *Document) forget() Document {
	content := *d
	content.Past, content.LateAfterClose = nil, nil
	content.Rank = content.Rank.alone()
	content.Provinces = nil
	for _, row := range d.Provinces {
		row.Rank = row.Rank.alone()
		content.Provinces = append(content.Provinces, row)
	}
	return content
}

// alone is the rank without the month before.
func (r *Rank) alone() *Rank {
	if r == nil {
		return nil
	}
	out := *r
	out.Before = 0
	return &out
}

// moved is by how many places the unit went up; ok is false if it was not ranked before.
func (r *Rank) moved() (places int, ok bool) { return r.Before - r.Place, r.Before > 0 }
