package bench

import (
	"fmt"

	"github.com/haidang-noc/haidang/internal/bench/noc"
)

// nocDevices are those of the whole nation; nocFaults is how many fail, one after the other.
const (
	nocDevices = 83_000
	nocFaults  = 200
)

// noc measures what people see, at the size of the nation.
func (c Config) noc() (Part, error) {
	p := Part{Title: "What the NOC waits for", Columns: []string{"ms (least–greatest)", "99 % ms", "aim ms", "KB", "series, requests"}}
	r, err := noc.Measure(c.Bin, c.Configs, c.scaled(nocDevices), nocFaults, c.say)
	if err != nil {
		return p, err
	}
	at := func(all []float64, q float64) float64 { return all[min(int(q*float64(len(all))), len(all)-1)] }
	ends := func(all []float64) string { return brief(all[0]) + "–" + brief(all[len(all)-1]) }
	p.Rows = []Row{
		{"second failed poll sent, to its row on a board that listens", []float64{at(r.Fault, .5), at(r.Fault, .99), 2000, 0, 0}, ends(r.Fault)},
		{"a backbone node's failure sent, to its alarm", []float64{r.NodeRoot, 0, 1000, 0, 0}, ""},
		{fmt.Sprintf("the last of %d behind it sent, to one alarm that counts them all", r.Behind), []float64{r.NodeAll, 0, 1000, 0, 0}, ""},
		{"/metrics", []float64{at(r.Scrape, .5), 0, 100, float64(r.ScrapeBytes) / 1000, float64(r.Series)}, ends(r.Scrape)},
		{"the board's page, made and sent", []float64{r.Page, 0, 0, float64(r.PageBytes) / 1000, 0}, ""},
	}
	if r.Paint.Missing == "" {
		p.Rows = append(p.Rows, Row{"the board in Chromium, to the first paint", []float64{r.Paint.FirstMs, 0, 0, r.Paint.Bytes / 1000, r.Paint.Requests}, ""})
	} else {
		p.Notes = append(p.Notes, "Chromium: "+r.Paint.Missing)
	}
	p.Notes = append(p.Notes, fmt.Sprintf("%d devices are polled every minute meanwhile; the node's failure made %d alarms.", r.Devices, r.Roots))
	return p, nil
}
