package noc

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

func sequence(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// sum adds up the series of a page of metrics that begin so.
func sum(text, prefix string) (total float64) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, prefix) {
			continue
		}
		if v, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, ' '):]), 64); err == nil {
			total += v
		}
	}
	return total
}

// codes are the shipped units.
func codes(configs string) (out []string, err error) {
	text, err := os.ReadFile(filepath.Join(configs, "provinces", "provinces-34.csv"))
	if err != nil {
		return nil, fmt.Errorf("noc: %w", err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		code, _, _ := strings.Cut(line, ",")
		out = append(out, code)
	}
	return out, nil
}
