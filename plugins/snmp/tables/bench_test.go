package tables_test

import (
	"testing"
	"time"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// What a value costs: a device with 300 lamps of five values, from answers that were recorded to lines.
func BenchmarkPoll(b *testing.B) {
	r := lampRig(b)
	const lamps, values = 300, 5
	for i := range uint32(lamps) {
		r.lamp(i, "a", 413, 500, 7, 2, 2, 7)
	}
	r.all("")
	var answers []ber.Response
	r.now = r.now.Add(time.Hour)
	for request := r.dialog.Begin(r.now); request != nil; {
		response, err := ber.ParseResponse(r.agent.Handle(request.Append(nil, 1<<30))[0])
		if err != nil {
			b.Fatal(err)
		}
		answers = append(answers, response)
		request = r.dialog.Answer(poll.Answer{Response: response, At: r.now})
	}
	b.ReportAllocs()
	for b.Loop() {
		r.now = r.now.Add(time.Hour)
		r.dialog.Begin(r.now)
		for i := range answers {
			r.dialog.Answer(poll.Answer{Response: answers[i], At: r.now})
		}
		r.box.Open().Reset()
		r.box.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(lamps*values), "ns/value")
	b.ReportMetric(float64(len(answers)), "requests/op")
}
