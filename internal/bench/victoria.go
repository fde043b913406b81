package bench

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/internal/bench/proc"
)

// victoriaDevices have a sample every minute of the month: 22 million of them.
const victoriaDevices = 500

// askVictoria loads a month of reachability and asks for the mean by province, as a dashboard would.
func (c Config) askVictoria(dir string, month model.Month) (Row, error) {
	row := Row{Name: fmt.Sprintf("VictoriaMetrics, availability by province, %d devices", victoriaDevices)}
	address, err := freeAddress()
	if err != nil {
		return row, err
	}
	p, err := proc.Start(dir, "victoria", c.Victoria, "-storageDataPath="+filepath.Join(dir, "victoria"), "-retentionPeriod=24", "-httpListenAddr="+address,
		"-loggerLevel=ERROR", "-search.maxSamplesPerQuery=10000000000", "-search.maxQueryDuration=5m", "-search.disableCache")
	if err != nil {
		return row, err
	}
	defer p.Stop()
	s := &server{Program: p}
	if err := s.ready("http://" + address + "/health"); err != nil {
		return row, err
	}
	for i := range victoriaDevices {
		if err := importUp("http://"+address+"/api/v1/import", i, month); err != nil {
			return row, err
		}
	}
	if _, err := get("http://" + address + "/internal/force_flush"); err != nil {
		return row, err
	}
	return row, c.ask(&row, p, "http://"+address, month)
}

// importUp writes one device's month: up, but for an hour.
func importUp(to string, device int, month model.Month) error {
	var body bytes.Buffer
	fmt.Fprintf(&body, `{"metric":{"__name__":"up","device":"d%05d","province":"%02d"},"values":[`, device, device%63+1)
	n := int(month.End()-month.Start()) / 60
	for i := range n {
		up := "1,"
		if i/60 == device {
			up = "0,"
		}
		body.WriteString(up)
	}
	body.Truncate(body.Len() - 1)
	body.WriteString(`],"timestamps":[`)
	for i := range n {
		body.WriteString(strconv.FormatInt((month.Start()+int64(i)*60)*1000, 10))
		body.WriteByte(',')
	}
	body.Truncate(body.Len() - 1)
	body.WriteString("]}\n")
	answer, err := http.Post(to, "application/json", &body)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("import: %s", answer.Status)
	}
	return nil
}

// ask takes the median of the runs.
func (c Config) ask(row *Row, p *proc.Program, base string, month model.Month) error {
	days := int(month.End()-month.Start()) / model.DaySeconds
	query := url.Values{"query": {fmt.Sprintf("avg by (province) (avg_over_time(up[%dd]))", days)}, "time": {strconv.FormatInt(month.End(), 10)}}
	type run struct{ seconds, cpu float64 }
	var runs []run
	for range c.Runs {
		before, err := proc.Used(p.PID())
		if err != nil {
			return err
		}
		start := time.Now()
		text, err := get(base + "/api/v1/query?" + query.Encode())
		if err != nil {
			return err
		}
		if len(text) < 1000 {
			return fmt.Errorf("query: %s", text)
		}
		took := time.Since(start)
		after, err := proc.Used(p.PID())
		if err != nil {
			return err
		}
		runs = append(runs, run{took.Seconds(), after.Minus(before).Total().Seconds()})
	}
	peak, err := proc.PeakRSS(p.PID())
	row.Values = []float64{median(runs, func(r run) float64 { return r.seconds }), median(runs, func(r run) float64 { return r.cpu }), float64(peak) / 1e6}
	return err
}
