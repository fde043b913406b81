package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/internal/bench/proc"
	"github.com/haidang-noc/haidang/internal/bench/stored"
)

const monthConfig = `listen: 127.0.0.1:0
data_dir: data
principals: principals.yaml
telegraf: ""
log: {level: warn}
inventory: {devices: devices.csv, links: links.csv, maintenance: maintenance.csv, targets: %s, holidays: %s, provinces: %s, unit_set: "63"}
`

// monthDevices is a tenth of the nation; --scale 10 makes it 83,000 devices and half a million links.
const (
	monthDevices    = 8300
	monthInterfaces = 23
	monthsBefore    = 12
)

// month measures what the scorecards of a stored month cost, and asks VictoriaMetrics for the availability
// of the same kind of month.
func (c Config) month() (Part, error) {
	p := Part{Title: "A month of the nation, from the store", Columns: []string{"seconds", "CPU s", "peak MB"}}
	dir, err := os.MkdirTemp("", "haidang-bench-")
	if err != nil {
		return p, err
	}
	defer os.RemoveAll(dir)
	last := model.MonthOf(model.MonthOf(time.Now().Unix()).Start() - 1)
	devices := c.scaled(monthDevices)
	if err := c.storedMonth(&p, dir, last, devices); err != nil {
		return p, err
	}
	if err := c.askMonth(&p, dir, last); err != nil {
		return p, err
	}
	for _, step := range []struct{ name, args string }{
		{"read the files, compute and publish", "publish --by bench --month " + last.String()},
		{"JSON of all units, as published", "--revision last --format json --out json --month " + last.String()},
		{"XLSX and PDF of all units, as published", "--revision last --format xlsx,pdf --out office --month " + last.String()},
	} {
		row, err := c.timed(dir, step.name, strings.Fields(step.args))
		if err != nil {
			return p, err
		}
		p.Rows = append(p.Rows, row)
	}
	return p, c.sameSamples(&p, dir, last)
}

// askMonth has the month added up, asks it, and asks it again with a year before it in the store.
func (c Config) askMonth(p *Part, dir string, month model.Month) error {
	q := Question{Dir: dir, Configs: c.Configs, Month: month, Runs: c.Runs, AddUp: true}
	c.say("month: add up")
	if err := c.asked(p, q); err != nil {
		return err
	}
	q.AddUp = false
	c.say("month: ask")
	if err := c.asked(p, q); err != nil {
		return err
	}
	c.say("month: the year before")
	inv, err := inventory.Load(q.files())
	if err != nil {
		return err
	}
	if err := stored.Earlier(context.Background(), filepath.Join(dir, "data", "store.db"), inv, month, monthsBefore); err != nil {
		return err
	}
	p.Notes = append(p.Notes, fmt.Sprintf("With %d months before it, without their rates: %.2f GB.", monthsBefore, float64(proc.DiskBytes(filepath.Join(dir, "data")))/1e9))
	a, err := q.apart()
	if err != nil {
		return err
	}
	p.Rows = append(p.Rows, Row{Name: "the same with 13 months in the store", Spread: spread(a.Runs, seconds), Values: []float64{
		median(a.Runs, seconds), median(a.Runs, func(t Took) float64 { return t.CPU }), a.PeakMB}})
	return nil
}

// operator makes the operator's files of a nation, and the folder of the collector's data.
func (c Config) operator(dir string, devices int) (*inventory.Index, error) {
	provinces := filepath.Join(c.Configs, "provinces")
	sim := filepath.Join(dir, "simnet.yaml")
	text := fmt.Sprintf("nation: {seed: 1, since: 2020-01-01T00:00:00+07:00, provinces: %s, devices: %d, interfaces: %d, address: 127.64.0.1}\nsnmp: {port: 1161, community: public}\n",
		filepath.Join(provinces, "provinces-63.csv"), devices, monthInterfaces)
	targets, holidays := filepath.Join(c.Configs, "targets.yaml"), filepath.Join(c.Configs, "holidays.csv")
	for name, text := range map[string]string{sim: text, filepath.Join(dir, "collector.yaml"): fmt.Sprintf(monthConfig, targets, holidays, provinces),
		filepath.Join(dir, "principals.yaml"): "principals: []\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	if out, err := exec.Command(filepath.Join(c.Bin, "haidang-simnet"), "inventory", "--config", sim, "--out", dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("haidang-simnet inventory: %w: %s", err, out)
	}
	inv, err := inventory.Load(Question{Dir: dir, Configs: c.Configs}.files())
	if err != nil {
		return nil, err
	}
	return inv, os.Mkdir(filepath.Join(dir, "data"), 0o750)
}

// storedMonth makes the inventory and the store, and says how large it is.
func (c Config) storedMonth(p *Part, dir string, month model.Month, devices int) error {
	inv, err := c.operator(dir, devices)
	if err != nil {
		return err
	}
	start := time.Now()
	if err := stored.Month(context.Background(), filepath.Join(dir, "data", "store.db"), inv, month); err != nil {
		return err
	}
	days := int(month.Next().First()-month.First()) + 2
	bytes := proc.DiskBytes(filepath.Join(dir, "data"))
	p.Notes = append(p.Notes, fmt.Sprintf("%d devices, %d links, %d days: %.2f GB in the store, %.0f bytes per device or link and day. Making it took %s.",
		len(inv.Devices), len(inv.Links), days, float64(bytes)/1e9, float64(bytes)/float64((len(inv.Devices)+len(inv.Links))*days), time.Since(start).Round(time.Second)))
	return nil
}

// timed runs the collector's command scorecard and says what it used.
func (c Config) timed(dir, name string, args []string) (Row, error) {
	c.say("month: %s", name)
	cmd := exec.Command(filepath.Join(c.Bin, "haidang-collector"), append([]string{"scorecard"}, args...)...)
	cmd.Args = append(cmd.Args, "--config", filepath.Join(dir, "collector.yaml"))
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return Row{}, fmt.Errorf("%s: %w", name, err)
	}
	peak := watch(cmd.Process.Pid)
	if err := cmd.Wait(); err != nil {
		return Row{}, fmt.Errorf("%s: %w: %.500s", name, err, out.Bytes())
	}
	took, used := time.Since(start).Seconds(), cmd.ProcessState
	return Row{Name: name, Values: []float64{took, (used.UserTime() + used.SystemTime()).Seconds(), float64(peak()) / 1e6}}, nil
}

// watch reads a process' peak memory until it has ended; what getrusage tells would include that of this process, of
// which it is a copy for a moment.
func watch(pid int) (peak func() int64) {
	result := make(chan int64)
	go func() {
		var last int64
		for {
			now, err := proc.PeakRSS(pid)
			if err != nil {
				result <- last
				return
			}
			last = now
			<-time.After(10 * time.Millisecond)
		}
	}()
	return func() int64 { return <-result }
}
