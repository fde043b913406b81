//go:build conformance

package recordings

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/simnet/ber"
	"github.com/haidang-noc/haidang/internal/simnet/recording"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
	"github.com/haidang-noc/haidang/internal/simnet/udp"
)

// disordered is a recording as an agent without order would answer it: after an object comes the one in
// the file's next line, even if its name is smaller or was there before. haidang-simnet sorts its
// recordings, so this is not to be seen there.
type disordered struct {
	*recording.Recording
	lines []int       // positions in the recording, in the order of the file
	first map[int]int // line of a position
}

func readDisordered(t *testing.T, path string) *disordered {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := recording.Parse(filepath.Base(path), strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	d := &disordered{Recording: rec, first: map[int]int{}}
	for line := range strings.Lines(string(text)) {
		oid, _, _ := strings.Cut(line, "|")
		name, err := ber.ParseOID(oid)
		pos, exact := rec.Find(name)
		if err != nil || !exact {
			continue
		}
		if _, again := d.first[pos]; !again {
			d.first[pos] = len(d.lines)
		}
		d.lines = append(d.lines, pos)
	}
	return d
}

// Len is the number of lines.
func (d *disordered) Len() int { return len(d.lines) }

// Find is the object's first line or, if there is none, the first line with a later name.
func (d *disordered) Find(name []byte) (line int, exact bool) {
	pos, exact := d.Recording.Find(name)
	if exact {
		return d.first[pos], true
	}
	for line < len(d.lines) && d.lines[line] < pos {
		line++
	}
	return line, false
}

// AppendName writes the name in a line.
func (d *disordered) AppendName(dst []byte, line int) []byte {
	return d.Recording.AppendName(dst, d.lines[line])
}

// AppendValue writes the value of the object in a line.
func (d *disordered) AppendValue(dst []byte, line int) []byte {
	return d.Recording.AppendValue(dst, d.lines[line])
}

// face answers for views, each at its own address.
type face struct {
	views     map[udp.Address]snmpd.View
	responder snmpd.Responder
}

// Begin has nothing to do.
func (f *face) Begin(time.Time) {}

// Answer answers for the view at an address.
func (f *face) Answer(dst, datagram []byte, at udp.Address) ([]byte, snmpd.Delivery) {
	v, ok := f.views[at]
	if !ok {
		return dst, snmpd.Delivery{}
	}
	answer, binds := f.responder.Answer(dst, datagram, "", v)
	return answer, snmpd.Delivery{Binds: binds, From: at}
}

// misbehave serves files as they stand, until the test ends.
func misbehave(t *testing.T, folder string, names []string) simulator {
	t.Helper()
	f := &face{views: map[udp.Address]snmpd.View{}, responder: snmpd.Responder{Limit: snmpd.LongestAnswer}}
	s := simulator{addresses: map[string]string{}}
	for i, name := range names {
		address := netip.AddrFrom4([4]byte{127, 9, 0, byte(i + 1)})
		f.views[127<<24|9<<16|udp.Address(i+1)] = readDisordered(t, filepath.Join(folder, name+".snmprec"))
		s.addresses[name] = address.String()
	}
	server, err := snmpd.Listen(0, snmpd.LongestAnswer, f, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	s.port = server.Port()
	return s
}
