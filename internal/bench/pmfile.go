package bench

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/bench/proc"
	"github.com/haidang-noc/haidang/plugins/pmfile/meas"
)

// A file as a base station writes it: so many groups of counters, each of several objects.
const (
	pmGroups   = 34
	pmCounters = 26 // of a group
	pmObjects  = 3  // of a group
)

const pmConfig = `name: bench-0
listen: %s
log: {level: warn}
spool: {dir: spool}
collector: {url: "%s", token: "file:token"}
plugins: %s
inputs:
  - type: pmfile
    config: {sources: [{name: em, dir: in, done: delete}], state: state, quarantine: {dir: quarantine}, settle: 10ms, scan: 100ms}
`

// pmText is a file of one base station: 2,652 values in about 150 KB.
func pmText(station int) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<measCollecFile xmlns="http://www.3gpp.org/ftp/specs/archive/32_series/32.435#measCollec">` +
		`<fileHeader vendorName="Vendor" dnPrefix="SubNetwork=1"><fileSender localDn="em"/></fileHeader>`)
	fmt.Fprintf(&b, "\n  <measData>\n    <managedElement localDn=\"station-%d\" swVersion=\"R1\"/>\n", station)
	for g := range pmGroups {
		fmt.Fprintf(&b, "    <measInfo measInfoId=\"PM=1,PmGroup=Group%d\">\n      <job jobId=\"all\"/>\n      <granPeriod duration=\"PT900S\"\n"+
			"                  endTime=\"2026-10-01T12:15:00+07:00\"/>\n      <repPeriod duration=\"PT900S\"/>\n", g)
		for c := range pmCounters {
			fmt.Fprintf(&b, "      <measType p=\"%d\">pmCounterOfTheGroupNumber%d</measType>\n", c+1, c)
		}
		for o := range pmObjects {
			fmt.Fprintf(&b, "      <measValue measObjLdn=\"ManagedElement=station-%d,GNBDUFunction=1,NRCellDU=%d\">\n", station, o)
			for c := range pmCounters {
				fmt.Fprintf(&b, "        <r p=\"%d\">%d</r>\n", c+1, c*o*station%7919)
			}
			b.WriteString("      </measValue>\n")
		}
		b.WriteString("    </measInfo>\n")
	}
	b.WriteString("  </measData>\n</measCollecFile>\n")
	return b.Bytes()
}

// pmUnmarshaled is a file as encoding/xml makes it of its elements.
type pmUnmarshaled struct {
	Data []struct {
		Element struct {
			Name string `xml:"localDn,attr"`
		} `xml:"managedElement"`
		Info []struct {
			Group string `xml:"measInfoId,attr"`
			Gran  struct {
				Duration string `xml:"duration,attr"`
				End      string `xml:"endTime,attr"`
			} `xml:"granPeriod"`
			Types []struct {
				P    int    `xml:"p,attr"`
				Name string `xml:",chardata"`
			} `xml:"measType"`
			Values []struct {
				Object  string `xml:"measObjLdn,attr"`
				Results []struct {
					P    int    `xml:"p,attr"`
					Text string `xml:",chardata"`
				} `xml:"r"`
			} `xml:"measValue"`
		} `xml:"measInfo"`
	} `xml:"measData"`
}

// pmfile measures reading files of measurements beside encoding/xml, and the input as it runs below an agent.
func (c Config) pmfile() (Part, error) {
	p := Part{Title: "Files of 3GPP measurements (TS 32.435)",
		Columns: []string{"MB/s of a core", "× encoding/xml", "k values/s of a core", "files/s of a core", "peak MB"},
		Notes: []string{fmt.Sprintf("A file has %d values in %d KB of text. 83,000 stations in 15 minutes are 92 files a second. "+
			"The input takes them compressed, with its ledger and the agent's spool synced; a core is of its own process.", pmGroups*pmCounters*pmObjects, len(pmText(1))>>10)}}
	var ours, theirs []float64
	for range c.Runs {
		n, err := perCore(c.scaled(300), func(text []byte) error {
			_, err := pmReader.Read(bytes.NewReader(text))
			return err
		})
		if err != nil {
			return p, err
		}
		ours = append(ours, n)
		if n, err = perCore(c.scaled(20), func(text []byte) error { return xml.Unmarshal(text, new(pmUnmarshaled)) }); err != nil {
			return p, err
		}
		theirs = append(theirs, n)
	}
	self := func(n float64) float64 { return n }
	peer := median(theirs, self)
	p.Rows = append(p.Rows, pmRow("encoding/xml, Unmarshal", peer, peer, spread(theirs, self)), pmRow("reader alone", median(ours, self), peer, spread(ours, self)))
	row, err := c.pmInput(peer)
	if err == nil {
		p.Rows = append(p.Rows, row)
	}
	return p, err
}

// pmReader is the input's reader.
var pmReader = meas.NewReader(meas.Options{MaxSize: 1 << 30, Local: time.UTC}) //nolint:gochecknoglobals // of a benchmark

// perCore is how many MB read can do in a second of processor time.
func perCore(times int, read func([]byte) error) (float64, error) {
	text := pmText(7)
	before := proc.Self()
	for range times {
		if err := read(text); err != nil {
			return 0, err
		}
	}
	return ratio(float64(times*len(text))/1e6, proc.Self().Minus(before).Total().Seconds()), nil
}

func pmRow(name string, speed, peer float64, spread string) Row {
	files := speed * 1e6 / float64(len(pmText(7)))
	return Row{Name: name, Values: []float64{speed, ratio(speed, peer), files * pmGroups * pmCounters * pmObjects / 1e3, files, 0}, Spread: spread}
}

// pmInput runs an agent with the input over a folder of files, one for each of many stations.
func (c Config) pmInput(peer float64) (Row, error) {
	dir, err := os.MkdirTemp("", "haidang-bench-")
	if err != nil {
		return Row{}, err
	}
	defer os.RemoveAll(dir)
	s, err := newSink()
	if err != nil {
		return Row{}, err
	}
	defer s.close()
	files := c.scaled(2000)
	if err := pmFolder(filepath.Join(dir, "in"), files); err != nil {
		return Row{}, err
	}
	address, err := freeAddress()
	if err != nil {
		return Row{}, err
	}
	for name, text := range map[string]string{"agent.yaml": fmt.Sprintf(pmConfig, address, s.url(), c.Bin), "token": "bench-token-for-nothing"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return Row{}, err
		}
	}
	agent, err := proc.Start(dir, "agent", filepath.Join(c.Bin, "haidang-agent"), "run", "--config", filepath.Join(dir, "agent.yaml"))
	if err != nil {
		return Row{}, err
	}
	defer agent.Stop()
	err = agent.Until("the files are taken", 5*time.Minute, func() (bool, error) {
		left, err := os.ReadDir(filepath.Join(dir, "in"))
		return err == nil && len(left) == 0, err
	})
	if err != nil {
		return Row{}, err
	}
	return pmUsed(agent, float64(files), peer)
}

// pmUsed is what the input used for so many files.
func pmUsed(agent *proc.Program, files, peer float64) (Row, error) {
	children, err := proc.Children(agent.PID())
	if err != nil {
		return Row{}, err
	}
	used, err := proc.Used(children["haidang-input-pmfile"])
	if err != nil {
		return Row{}, err
	}
	speed := ratio(files*float64(len(pmText(7)))/1e6, used.Total().Seconds())
	r := pmRow("haidang-input-pmfile, from folder to spool", speed, peer, "")
	peak, err := proc.PeakRSS(children["haidang-input-pmfile"])
	r.Values[4] = float64(peak) / 1e6
	return r, err
}

// pmFolder writes compressed files of so many stations.
func pmFolder(dir string, stations int) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	text := pmText(7)
	for i := range stations {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write([]byte(strings.ReplaceAll(string(text), "station-7", fmt.Sprintf("station-%05d", i)))); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("A20261001.1200+0700-1215+0700_station-%05d.xml.gz", i)), b.Bytes(), 0o600); err != nil {
			return err
		}
	}
	return nil
}
