package pmfile

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// quarter is the length of what is expected of an element, in seconds.
const quarter = 900

// window is how many quarters of an hour are remembered of an element: a day and more.
const window = 128

// history is which quarters an element reported: bit i of bits is the one i before the newest.
type history struct {
	newest int64 // number of the quarter since 1970
	bits   [2]uint64
	spans  []span // when it is expected whether it has ever reported or not, and no more outside; none: since it has
}

// span is [from, to) in Unix seconds.
type span struct{ from, to int64 }

// expected says whether the element should report a quarter.
func (h *history) expected(q int64) bool {
	return len(h.spans) == 0 || slices.ContainsFunc(h.spans, func(s span) bool { return s.from <= q*quarter && (q+1)*quarter <= s.to })
}

func (h *history) mark(q int64) {
	if ahead := q - h.newest; ahead > 0 {
		h.shift(ahead)
		h.newest = q
	}
	if age := h.newest - q; age < window {
		h.bits[age/64] |= 1 << (age % 64)
	}
}

func (h *history) shift(n int64) {
	if n >= 64 {
		h.bits = [2]uint64{0, h.bits[0]}
		n -= 64
	}
	if n >= 64 {
		h.bits = [2]uint64{}
		return
	}
	h.bits = [2]uint64{h.bits[0] << n, h.bits[1]<<n | h.bits[0]>>(64-n)}
}

func (h *history) has(q int64) bool {
	age := h.newest - q
	return age >= 0 && age < window && h.bits[age/64]&(1<<(age%64)) != 0
}

// coverage knows which elements are expected to report, and which have. It is a prometheus.Collector.
type coverage struct {
	due   time.Duration // after its end a quarter should be there
	clock func() time.Time

	mu       sync.Mutex
	elements map[string]*history
	since    int64 // the first quarter that is judged

	expected, reported, ratio, missing, unlisted *prometheus.Desc
}

// Bounds: of the elements that are known, and of those that are shown by name.
const (
	mostElements = 200_000
	mostSeries   = 500
)

func newCoverage(due time.Duration, clock func() time.Time) *coverage {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &coverage{due: due, clock: clock, elements: map[string]*history{}, since: clock().Unix() / quarter,
		expected: desc("haidang_pmfile_elements_expected", "Elements that should report every 15 minutes."),
		reported: desc("haidang_pmfile_elements_reported", "Elements that have reported the last 15 minutes that are due."),
		ratio:    desc("haidang_pmfile_completeness_ratio", "Part of the expected elements that have reported the last 15 minutes that are due."),
		missing: desc("haidang_pmfile_element_missing_quarters",
			"Quarters of an hour of the last day, since the input began, that the element has not reported; the worst elements, and none that lacks nothing.", "device"),
		unlisted: desc("haidang_pmfile_elements_missing_unlisted", "Elements with missing quarters that are not shown by name, as there are too many."),
	}
}

// expect makes an element expected for some time.
func (c *coverage) expect(device string, during span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h := c.element(device); h != nil {
		h.spans = append(h.spans, during)
	}
}

// element is the history of an element, nil for one too many.
func (c *coverage) element(device string) *history {
	h := c.elements[device]
	if h == nil && len(c.elements) < mostElements {
		h = &history{}
		c.elements[strings.Clone(device)] = h
	}
	return h
}

// forget ends the expectation of elements that have not reported since, unless they are expected anyway.
func (c *coverage) forget(since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.elements, func(_ string, h *history) bool { return len(h.spans) == 0 && h.newest < since.Unix()/quarter })
}

// note takes what was reported: the ends of periods, by device. An element that has reported once is expected to go on; since it is
// the oldest that counts.
func (c *coverage) note(reported map[string][]int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for device, ends := range reported {
		h := c.element(device)
		if h == nil {
			continue
		}
		for _, end := range ends {
			h.mark((end - 1) / quarter)
		}
	}
}

// remember takes what was reported before a restart.
func (c *coverage) remember(at int64, reported map[string][]int64) {
	c.mu.Lock()
	c.since = min(c.since, at/quarter)
	c.mu.Unlock()
	c.note(reported)
}

// lastDue is the last quarter that should be there by now.
func (c *coverage) lastDue() int64 { return c.clock().Add(-c.due).Unix()/quarter - 1 }

// Describe sends the descriptors.
func (c *coverage) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range [...]*prometheus.Desc{c.expected, c.reported, c.ratio, c.missing, c.unlisted} {
		ch <- d
	}
}

// Collect sends the metrics.
func (c *coverage) Collect(ch chan<- prometheus.Metric) {
	c.mu.Lock()
	defer c.mu.Unlock()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	last, expected, reported := c.lastDue(), 0.0, 0.0
	for _, h := range c.elements {
		if !h.expected(last) {
			continue
		}
		expected++
		if h.has(last) {
			reported++
		}
	}
	gauge(c.expected, expected)
	gauge(c.reported, reported)
	if expected > 0 && last >= c.since {
		gauge(c.ratio, reported/expected)
	}
	worst := c.lacking(last)
	for _, e := range worst[:min(len(worst), mostSeries)] {
		gauge(c.missing, float64(e.missing), e.device)
	}
	gauge(c.unlisted, float64(max(0, len(worst)-mostSeries)))
}

// lack is an element and how many quarters it has not reported.
type lack struct {
	device  string
	missing int
}

// lacking are the elements that lack something of the last day, the worst first.
func (c *coverage) lacking(last int64) (worst []lack) {
	first := max(c.since, last-86400/quarter+1)
	for device, h := range c.elements {
		n := 0
		for q := first; q <= last; q++ {
			if h.expected(q) && !h.has(q) {
				n++
			}
		}
		if n > 0 {
			worst = append(worst, lack{device, n})
		}
	}
	slices.SortFunc(worst, func(a, b lack) int {
		return cmp.Or(cmp.Compare(b.missing, a.missing), strings.Compare(a.device, b.device))
	})
	return worst
}
