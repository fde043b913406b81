package pmfile

import (
	"bytes"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	shipped "github.com/haidang-noc/haidang/configs/counters"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/pmfile/counters"
	"github.com/haidang-noc/haidang/plugins/pmfile/meas"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// Whatever a file holds, its lines are lines: each can be read, has each field once, and fits a batch.
func FuzzLines(f *testing.F) {
	for _, vendor := range [...]string{"Huawei", "Ericsson AB", "V"} {
		f.Add([]byte(vendorFile(vendor, "L.Thrp.bits.DL L.RRC.ConnReq.Att RRC.ConnEstabAtt.sum a,b c=d period_s", "1 2 3 4 1,2 6")))
		f.Add([]byte(vendorFile(vendor, "pmPdcpVolDlDrb pmPdcpVolDlDrbLastTTI suspect x&#10;y", "1e300 -7 1e999 &#34;\\")))
	}
	maps, err := counters.Load(counters.Folder{Files: shipped.Files()})
	if err != nil {
		f.Fatal(err)
	}
	config := sdk.Config{Agent: "a1"}
	w := &writer{key: config.Key, maps: maps, places: newPlaces(), vectors: true, metrics: newMetrics(prometheus.NewRegistry()), taken: map[string]bool{}}
	r := meas.NewReader(meas.Options{MaxSize: 1 << 20, Local: time.UTC})
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := r.Read(bytes.NewReader(text))
		if err != nil {
			return
		}
		w.file(file, origin{revision: 1, now: time.Unix(1<<33, 0)})
		lines, n := w.lines.Bytes(), 0
		for s := point.NewScanner(lines, point.Options{}); s.Next(); n++ {
			if s.Err() != nil {
				t.Fatalf("%v\n%q", s.Err(), lines)
			}
			names := map[string]bool{}
			for _, field := range s.Line().Fields {
				if names[string(field.Key)] {
					t.Fatalf("%q comes twice: %q", field.Key, s.Line().Text)
				}
				names[string(field.Key)] = true
			}
			if !names["period_s"] || len(s.Line().Text) >= point.FrameBytes {
				t.Fatalf("%q", s.Line().Text)
			}
		}
		if n != w.lines.Lines() {
			t.Fatalf("%d lines of %d", n, w.lines.Lines())
		}
	})
}
