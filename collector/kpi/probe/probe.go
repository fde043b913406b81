// Package probe computes the sample KPIs of a service from what active probes measured: loss, delay, MOS,
// speed. It is pure. A sample is a report (collector/kpi/report) of one second.
package probe

import (
	"math"

	"github.com/haidang-noc/haidang/collector/kpi/report"
)

// KindPrefix is what the kind of a probe's reports begins with; the service follows.
const KindPrefix = "probe/"

// The items of a sample, in whole units that nothing is lost in.
const (
	loss       = iota // 1e-9
	rtt               // µs
	jitter            // µs
	mos               // 1/1000
	speed             // kbit/s
	subscribed        // kbit/s
	webLoad           // ms
	zap               // ms
	packets           // behind the loss
	items
)

// Fields are the names of a probe point's fields, in the order of Sample's values.
func Fields() []string {
	return []string{"loss_ratio", "rtt_ms", "jitter_ms", "mos", "throughput_mbps", "subscribed_mbps", "web_load_s", "zap_s", "samples"}
}

// scales are how many of our units one of each field's is.
func scales() [items]float64 {
	return [items]float64{loss: 1e9, rtt: 1000, jitter: 1000, mos: 1000, speed: 1000, subscribed: 1000, webLoad: 1000, zap: 1000, packets: 1}
}

// most bounds every value, so that no sum of a year overflows.
const most = 1 << 40

// Sample makes the report of one sample, taken at a Unix second. values are those of Fields; what is not
// there is NaN. False: it says nothing.
func Sample(out *report.Report, at int64, values []float64) bool {
	*out = report.Report{End: at + 1, Period: 1}
	for item, scale := range scales() {
		v := values[item]
		if math.IsNaN(v) {
			continue
		}
		scaled := math.Round(v * scale)
		if !(scaled >= 0 && scaled <= most) || item == loss && v > 1 {
			out.Suspect = true
			continue
		}
		out.Put(item, int64(scaled))
	}
	return out.Has&^(1<<packets) != 0 || out.Suspect
}
