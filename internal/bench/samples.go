package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/internal/bench/proc"
	"github.com/haidang-noc/haidang/internal/bench/stored"
)

// samplesDevices have a sample every minute of the month: 45 million of them. promtool takes 48 bytes of memory for
// each, so --scale makes no more than twice as many.
const samplesDevices = 1000

// sameSamples asks haidang, VictoriaMetrics and Prometheus for the month's availability by province, of the same
// samples, and holds the answers against each other.
func (c Config) sameSamples(p *Part, dir string, month model.Month) error {
	dir = filepath.Join(dir, "samples")
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o750); err != nil {
		return err
	}
	codes, err := provinceCodes(filepath.Join(c.Configs, "provinces", "provinces-63.csv"))
	if err != nil {
		return err
	}
	s := samples{dir: dir, month: month, n: min(c.scaled(samplesDevices), 2*samplesDevices), codes: codes}
	ours, err := c.askStored(p, s)
	if err != nil {
		return err
	}
	for _, peer := range []struct {
		name  string
		start func(samples) (*proc.Program, string, error)
	}{{"VictoriaMetrics", c.victoriaOf}, {"Prometheus", prometheusOf}} {
		c.say("month: %s", peer.name)
		program, base, err := peer.start(s)
		if err != nil {
			return fmt.Errorf("%s: %w", peer.name, err)
		}
		if program == nil {
			p.Notes = append(p.Notes, peer.name+" is not installed.")
			continue
		}
		row := Row{Name: fmt.Sprintf("availability by province of %d devices: %s", s.n, peer.name)}
		err = c.ask(&row, program, base, s, ours.Net)
		program.Stop()
		if err != nil {
			return fmt.Errorf("%s: %w", peer.name, err)
		}
		p.Rows = append(p.Rows, row)
		mine := median(ours.Runs, seconds)
		p.Notes = append(p.Notes, fmt.Sprintf("%s took %.0f times as long as haidang for the same answer, and %.0f times the processor time.", peer.name,
			row.Values[0]/mine, row.Values[1]/median(ours.Runs, func(t Took) float64 { return t.CPU })))
	}
	return nil
}

// askStored puts the samples through the engine into a store, and asks it.
func (c Config) askStored(p *Part, s samples) (a Answer, err error) {
	for name, text := range map[string]string{"devices.csv": s.devices(), "links.csv": "link,a_device,a_ifname,b_device,b_ifname,class,capacity_mbps,valid_from,valid_to\n",
		"maintenance.csv": "id,scope,start,end,created_at,approved_by,approved_at,reason\n"} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
			return a, err
		}
	}
	names := make([]string, s.n)
	for i := range names {
		names[i] = deviceName(i)
	}
	if err := stored.Reach(context.Background(), filepath.Join(s.dir, "data", "store.db"), s.month, names, s.up); err != nil {
		return a, err
	}
	q := Question{Dir: s.dir, Configs: c.Configs, Month: s.month, Runs: max(c.Runs, 20)}
	if a, err = q.apart(); err != nil {
		return a, err
	}
	p.Rows = append(p.Rows, Row{Name: fmt.Sprintf("availability by province of %d devices: haidang", s.n), Spread: spread(a.Runs, seconds),
		Values: []float64{median(a.Runs, seconds), median(a.Runs, func(t Took) float64 { return t.CPU }), a.PeakMB}})
	return a, nil
}

// samples says of every device and minute whether it answered.
type samples struct {
	dir   string
	month model.Month
	n     int
	codes []string // of the provinces
}

func deviceName(i int) string { return fmt.Sprintf("d%05d", i) }

func (s samples) province(i int) string { return s.codes[i%len(s.codes)] }

func provinceCodes(file string) ([]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(rows) < 2 {
		return nil, fmt.Errorf("%s: no rows: %w", file, err)
	}
	codes := make([]string, 0, len(rows))
	for _, row := range rows[1:] {
		codes = append(codes, row[0])
	}
	return codes, nil
}

// up is false in one hour of the month, another one for each device.
func (s samples) up(device int, at int64) bool {
	return (at-s.month.Start())/3600 != int64(device%600)
}

func (s samples) devices() string {
	text := "device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,primary_method,agent,profile,valid_from,valid_to\n"
	for i := range s.n {
		text += fmt.Sprintf("%s,127.0.0.1:161,%s,bng,,,,,0,0,snmp,,,2020-01-01T00:00:00+07:00,\n", deviceName(i), s.province(i))
	}
	return text
}

// victoriaOf starts VictoriaMetrics and gives it the samples; nil: it is not there.
func (c Config) victoriaOf(s samples) (*proc.Program, string, error) {
	if c.Victoria == "" {
		return nil, "", nil
	}
	address, err := freeAddress()
	if err != nil {
		return nil, "", err
	}
	p, err := proc.Start(s.dir, "victoria", c.Victoria, "-storageDataPath="+filepath.Join(s.dir, "victoria"), "-retentionPeriod=24", "-httpListenAddr="+address,
		"-loggerLevel=ERROR", "-search.maxSamplesPerQuery=10000000000", "-search.maxQueryDuration=5m", "-search.disableCache")
	if err != nil {
		return nil, "", err
	}
	base := "http://" + address
	if err := (&server{Program: p}).ready(base + "/health"); err != nil {
		return nil, "", err
	}
	for i := range s.n {
		if err := s.importInto(base+"/api/v1/import", i); err != nil {
			p.Stop()
			return nil, "", err
		}
	}
	if _, err = get(base + "/internal/force_flush"); err != nil {
		p.Stop()
	}
	return p, base, err
}

// importInto writes one device's month.
func (s samples) importInto(to string, device int) error {
	var body jsonLine
	body.Metric = map[string]string{"__name__": "up", "device": deviceName(device), "province": s.province(device)}
	for at := s.month.Start(); at < s.month.End(); at += 60 {
		body.Values, body.Timestamps = append(body.Values, s.value(device, at)), append(body.Timestamps, at*1000)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	answer, err := http.Post(to, "application/json", bytes.NewReader(append(text, '\n')))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("import: %s", answer.Status)
	}
	return nil
}

type jsonLine struct {
	Metric     map[string]string `json:"metric"`
	Values     []int             `json:"values"`
	Timestamps []int64           `json:"timestamps"`
}

func (s samples) value(device int, at int64) int {
	if s.up(device, at) {
		return 1
	}
	return 0
}

// prometheusOf makes a Prometheus' blocks of the samples and starts it on them; nil: it is not there.
func prometheusOf(s samples) (*proc.Program, string, error) {
	program, err1 := exec.LookPath("prometheus")
	tool, err2 := exec.LookPath("promtool")
	if err1 != nil || err2 != nil {
		return nil, "", nil
	}
	text, data, config := filepath.Join(s.dir, "up.txt"), filepath.Join(s.dir, "prometheus"), filepath.Join(s.dir, "prometheus.yml")
	if err := s.openMetrics(text); err != nil {
		return nil, "", err
	}
	out, err := exec.Command(tool, "tsdb", "create-blocks-from", "--quiet", "--max-block-duration=486h", "openmetrics", text, data).CombinedOutput()
	if err != nil {
		return nil, "", fmt.Errorf("promtool: %w: %.500s", err, out)
	}
	if err := os.Remove(text); err != nil { // it is large
		return nil, "", err
	}
	if err := os.WriteFile(config, []byte("global: {}\n"), 0o600); err != nil {
		return nil, "", err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, "", err
	}
	p, err := proc.Start(s.dir, "prometheus", program, "--config.file="+config, "--storage.tsdb.path="+data, "--storage.tsdb.retention.time=100y",
		"--web.listen-address="+address, "--query.max-samples=10000000000", "--query.timeout=5m", "--log.level=error")
	if err != nil {
		return nil, "", err
	}
	return p, "http://" + address, (&server{Program: p}).ready("http://" + address + "/-/ready")
}

// openMetrics writes the samples as promtool reads them, series by series.
func (s samples) openMetrics(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	_, _ = w.WriteString("# TYPE up gauge\n") // what fails shows when it is flushed
	for i := range s.n {
		key := fmt.Sprintf("up{device=%q,province=%q} ", deviceName(i), s.province(i))
		for at := s.month.Start(); at < s.month.End(); at += 60 {
			_, _ = w.WriteString(key)
			_, _ = w.WriteString(strconv.Itoa(s.value(i, at)) + " " + strconv.FormatInt(at, 10) + "\n")
		}
	}
	_, _ = w.WriteString("# EOF\n")
	return errors.Join(w.Flush(), f.Sync())
}

// ask takes the median of the runs. The answer must be ours.
func (c Config) ask(row *Row, p *proc.Program, base string, s samples, want map[string]float64) error {
	days := int(s.month.End()-s.month.Start()) / model.DaySeconds
	query := url.Values{"query": {fmt.Sprintf("avg by (province) (avg_over_time(up[%dd]))", days)}, "time": {strconv.FormatInt(s.month.End()-1, 10)}}
	var runs []Took
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
		took := time.Since(start)
		after, err := proc.Used(p.PID())
		if err != nil {
			return err
		}
		if err := sameAnswer(text, want); err != nil {
			return err
		}
		runs = append(runs, Took{took.Seconds(), after.Minus(before).Total().Seconds()})
	}
	peak, err := proc.PeakRSS(p.PID())
	row.Values = []float64{median(runs, seconds), median(runs, func(t Took) float64 { return t.CPU }), float64(peak) / 1e6}
	row.Spread = spread(runs, seconds)
	return err
}

// sameAnswer compares an instant vector by province with what we say.
func sameAnswer(text string, want map[string]float64) error {
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return fmt.Errorf("query: %w: %.200s", err, text)
	}
	if len(answer.Data.Result) != len(want) {
		return fmt.Errorf("query: %d provinces, want %d: %.200s", len(answer.Data.Result), len(want), text)
	}
	for _, r := range answer.Data.Result {
		value, _ := r.Value[1].(string)
		got, err := strconv.ParseFloat(value, 64)
		if ours := want[r.Metric["province"]]; err != nil || math.Abs(got-ours) > 1e-9 {
			return fmt.Errorf("province %s: they say %s, we say %.9f", r.Metric["province"], value, ours)
		}
	}
	return nil
}
