package inventory

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

// BaselineWriter writes speed_baseline.csv, as Load reads it.
type BaselineWriter struct{ out *csv.Writer }

// NewBaselineWriter begins a file with its header.
func NewBaselineWriter(w io.Writer) BaselineWriter {
	b := BaselineWriter{csv.NewWriter(w)}
	b.out.Write(strings.Split(baselineHeader, ",")) //nolint:errcheck // kept by the writer until Flush
	return b
}

// Write adds rows, which need not be in the file yet when it returns.
func (b BaselineWriter) Write(rows []model.SpeedBase) {
	for _, r := range rows {
		b.out.Write([]string{ //nolint:errcheck // kept by the writer until Flush
			r.Month.String(), r.Province, r.Cell, strconv.FormatInt(r.VolumeKbit, 10), strconv.FormatInt(r.TimeMs, 10), r.CounterMap,
		})
	}
}

// Flush writes what is left. Its error is the first one of all.
func (b BaselineWriter) Flush() error {
	b.out.Flush()
	return b.out.Error()
}
