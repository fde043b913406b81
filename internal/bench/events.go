package bench

import (
	"fmt"
	"os/exec"
)

// events measures the inputs that are sent to: syslog beside leodido/go-syslog's parser, dial-out telemetry beside Cisco's generated
// code, which Telegraf's input for it decodes with. Figures are those of the packages' own benchmarks.
func (c Config) events() (Part, error) {
	p := Part{Title: "Syslog and dial-out telemetry", Columns: []string{"ns/op", "MB/s", "B/op", "allocs/op", "own figure"},
		Notes: []string{"Parse and Decode have a row of ours and one of the peer; Input is from the message to line protocol, TCP with the socket and the sender's share."}}
	if c.Source == "" {
		p.Notes = append(p.Notes, "left out: the source is not here")
		return p, nil
	}
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", ".", "-benchmem", "-benchtime", fmt.Sprintf("%dms", c.scaled(500)), "-timeout", "5m", "./plugins/syslog", "./plugins/mdt")
	cmd.Dir = c.Source
	out, err := cmd.CombinedOutput()
	p.Rows = benchmarks(string(out))
	if err != nil {
		return p, fmt.Errorf("go test -bench: %w: %s", err, out[max(0, len(out)-500):])
	}
	return p, nil
}
