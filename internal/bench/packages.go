package bench

import (
	"bufio"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// hot are the packages that every value passes through, and the arithmetic of the month.
func hot() []string {
	return []string{"./internal/point", "./collector/ingest", "./collector/log", "./collector/kpi", "./collector/store", "./agent/spool", "./plugins/snmp/ber"}
}

// packages runs the packages' own benchmarks, each for a short time.
func (c Config) packages() (Part, error) {
	p := Part{Title: "Benchmarks of single packages", Columns: []string{"ns/op", "MB/s", "B/op", "allocs/op", "own figure"}}
	if c.Source == "" {
		return p, nil
	}
	args := append([]string{"test", "-run", "^$", "-bench", ".", "-benchmem", "-benchtime", fmt.Sprintf("%dms", c.scaled(100)), "-timeout", "5m"}, hot()...)
	cmd := exec.Command("go", args...)
	cmd.Dir = c.Source
	out, err := cmd.CombinedOutput()
	p.Rows = benchmarks(string(out))
	if err != nil {
		return p, fmt.Errorf("go test -bench: %w: %s", err, out[max(0, len(out)-500):])
	}
	return p, nil
}

// benchmarks reads the output of go test -bench.
func benchmarks(out string) (rows []Row) {
	pkg := ""
	for s := bufio.NewScanner(strings.NewReader(out)); s.Scan(); {
		words := strings.Fields(s.Text())
		switch {
		case len(words) == 2 && words[0] == "pkg:":
			pkg = strings.TrimPrefix(words[1], "github.com/haidang-noc/haidang/")
		case len(words) > 3 && strings.HasPrefix(words[0], "Benchmark"):
			rows = append(rows, benchmark(pkg, words))
		}
	}
	return rows
}

// benchmark is one line: a name, the number of times, and pairs of a figure and its unit.
func benchmark(pkg string, words []string) Row {
	units := []string{"ns/op", "MB/s", "B/op", "allocs/op"}
	name := strings.TrimPrefix(words[0], "Benchmark")
	if i := strings.LastIndexByte(name, '-'); i > 0 {
		name = name[:i]
	}
	r := Row{Name: pkg + " " + name, Values: make([]float64, len(units)+1)}
	for i := 2; i+1 < len(words); i += 2 {
		v, err := strconv.ParseFloat(words[i], 64)
		if err != nil {
			continue
		}
		if at := slices.Index(units, words[i+1]); at >= 0 {
			r.Values[at] = v
		} else {
			r.Values[len(units)] = v
			r.Name += " (" + words[i+1] + ")"
		}
	}
	return r
}
