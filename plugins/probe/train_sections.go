package probe

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/probe/emodel"
	"github.com/haidang-noc/haidang/plugins/probe/stamp"
	"github.com/haidang-noc/haidang/plugins/probe/train"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// The methods.
const (
	methodICMP     = "icmp"
	methodSTAMP    = "stamp"
	methodDNS      = "dns"
	methodWeb      = "web"
	methodDownload = "download"
	methodUpload   = "upload"
)

// Common is what every test has. (The YAML library wants its name to be exported.)
type Common struct {
	Name     string        `yaml:"name"`
	Method   string        `yaml:"method"`
	Device   string        `yaml:"device"`
	Province string        `yaml:"province"`
	Service  string        `yaml:"service"`
	Interval conf.Duration `yaml:"interval"`

	file string
	line int
}

// services are those that the collector scores.
func services() []string {
	return []string{"mobile_voice", "mobile_data", "mobile_data_5g", "fixed_broadband", "iptv", "iptv_headend", "transport"}
}

func (c *Common) check() error {
	switch {
	case c.Name == "":
		return fmt.Errorf("name: want one: it is the tag target")
	case (c.Device == "") == (c.Province == ""):
		return fmt.Errorf("device: want either a device or a province")
	case c.Service != "" && !slices.Contains(services(), c.Service):
		return fmt.Errorf("service: %q: want one of %s", c.Service, strings.Join(services(), ", "))
	case c.Interval.D() < 5*time.Second || c.Interval.D() > 24*time.Hour || c.Interval.D()%time.Second != 0:
		return fmt.Errorf("interval: %v: want whole seconds, 5s to 24h", c.Interval.D())
	}
	return nil
}

// tags are those of the test's points.
func (c *Common) tags() []sdk.Tag {
	return []sdk.Tag{{Key: "device", Value: c.Device}, {Key: "province", Value: c.Province}, {Key: "service", Value: c.Service}, {Key: "target", Value: c.Name}}
}

// trainSection is a test of method icmp or stamp.
type trainSection struct {
	Common   `yaml:",inline"`
	Address  string        `yaml:"address"`
	Packets  int           `yaml:"packets"`
	Spacing  conf.Duration `yaml:"spacing"`
	Timeout  conf.Duration `yaml:"timeout"`
	Size     int           `yaml:"size"`
	DSCP     int           `yaml:"dscp"`
	Reach    bool          `yaml:"reach"`
	Key      conf.Secret   `yaml:"key"`
	Stateful bool          `yaml:"stateful"`
	Voice    *voiceSection `yaml:"voice"`
}

// voiceSection says how to make a MOS of a train.
type voiceSection struct {
	Codec  string        `yaml:"codec"`
	Buffer conf.Duration `yaml:"buffer"`
}

// trainTest is a test of method icmp or stamp, checked.
type trainTest struct {
	Common
	packets train.Config
	method  string
	tos     uint8
	reach   bool
	voice   *voice
}

// voice is the codec and the delay that its far end adds.
type voice struct {
	emodel.Codec
	buffer time.Duration
}

// reader reads tests.
type reader struct {
	*setup
	config sdk.Config
	names  map[string]string // where a series was written, by device or province, service and name
}

// test reads one element of tests.
func (r *reader) test(section conf.Section) error {
	var head struct {
		Method string `yaml:"method"`
	}
	if err := conf.DecodeForeign(section.File, section.Text, &head); err != nil {
		return conf.Decode(section.File, section.Line, section.Text, &head) // the same mistake, with its line
	}
	var err error
	switch head.Method {
	case methodICMP, methodSTAMP:
		err = r.train(section)
	case methodDNS:
		err = r.dns(section)
	case methodWeb:
		err = r.web(section)
	case methodDownload, methodUpload:
		err = r.bulk(section)
	default:
		err = conf.At(section.File, section.Line, "method", "%q: want %s", head.Method,
			strings.Join([]string{methodICMP, methodSTAMP, methodDNS, methodWeb, methodDownload, methodUpload}, ", "))
	}
	return err
}

// common gives a section's defaults.
func (r *reader) common(section conf.Section) Common {
	return Common{Interval: r.Interval, file: section.File, line: section.Line}
}

// enter makes sure that no two tests write one series.
func (r *reader) enter(c *Common) error {
	key := strings.Join([]string{c.Device, c.Province, c.Service, c.Name}, "\x00")
	if where, taken := r.names[key]; taken {
		return conf.At(c.file, c.line, "name", "%q: %s has it, too, for the same device or province and service", c.Name, where)
	}
	r.names[key] = fmt.Sprintf("%s:%d", c.file, c.line)
	return nil
}

// place puts a mistake of a section where the section is.
func place(section conf.Section, err error) error {
	if err == nil {
		return nil
	}
	placed := conf.Place(section.File, section.Line, section.Text, err)
	if placed.Error() == err.Error() { // about a key that is not there
		return fmt.Errorf("%s:%d: %w", section.File, section.Line, err)
	}
	return placed
}

func (r *reader) train(section conf.Section) error {
	s := trainSection{Common: r.common(section), Packets: r.Packets, Spacing: r.Spacing, Timeout: r.Timeout}
	if err := conf.Decode(section.File, section.Line, section.Text, &s); err != nil {
		return err
	}
	t, err := s.read()
	if err != nil {
		return place(section, err)
	}
	if err := r.enter(&t.Common); err != nil {
		return err
	}
	t.packets.Session = uint16(len(r.trains) + 1)
	r.trains = append(r.trains, t)
	return nil
}

func (s *trainSection) read() (*trainTest, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	peer, err := s.peer()
	if err != nil {
		return nil, err
	}
	t := &trainTest{Common: s.Common, method: s.Method, tos: uint8(s.DSCP << 2), reach: s.Reach, packets: train.Config{
		Name: strings.Join([]string{s.Device, s.Province, s.Service, s.Name}, "/"), Peer: peer, Packets: s.Packets, Spacing: s.Spacing.D(),
		Interval: s.Interval.D(), Timeout: s.Timeout.D(), Size: s.Size, Stateful: s.Stateful}}
	if !s.Key.IsZero() {
		secret, err := s.Key.Reveal()
		if err != nil {
			return nil, fmt.Errorf("key: %w", err)
		}
		if len(secret) < stamp.SecretLen {
			return nil, fmt.Errorf("key: want at least %d octets", stamp.SecretLen)
		}
		t.packets.Secret = stamp.NewKey([]byte(secret))
	}
	if s.Voice != nil {
		if t.voice, err = s.Voice.read(); err != nil {
			return nil, err
		}
		t.packets.Buffer = t.voice.buffer
	}
	return t, nil
}

func (s *trainSection) check() error {
	if err := s.Common.check(); err != nil {
		return err
	}
	if err := cmp.Or(
		conf.Within("packets", int64(s.Packets), 1, 1000),
		conf.Within("dscp", int64(s.DSCP), 0, 63),
		conf.Within("size", int64(s.Size), 0, 9000),
	); err != nil {
		return err
	}
	round := time.Duration(s.Packets)*s.Spacing.D() + s.Timeout.D() + time.Second
	switch {
	case s.Spacing.D() < time.Millisecond:
		return fmt.Errorf("spacing: %v: want at least 1ms", s.Spacing.D())
	case s.Timeout.D() < 10*time.Millisecond || s.Timeout.D() > 30*time.Second:
		return fmt.Errorf("timeout: %v: want 10ms to 30s", s.Timeout.D())
	case round > s.Interval.D():
		return fmt.Errorf("interval: %v: a round of %d packets takes up to %v", s.Interval.D(), s.Packets, round)
	case s.Method == methodICMP && (s.Stateful || !s.Key.IsZero()):
		return fmt.Errorf("method: icmp has neither key nor stateful")
	case s.Reach && (s.Method != methodICMP || s.Device == ""):
		return fmt.Errorf("reach: is of icmp and of a device")
	case s.Service == "" && !s.Reach:
		return fmt.Errorf("service: want one of %s", strings.Join(services(), ", "))
	}
	return nil
}

func (s *trainSection) peer() (netip.AddrPort, error) {
	if s.Method == methodSTAMP {
		return address(s.Address, stamp.Port)
	}
	a, err := netip.ParseAddr(s.Address)
	if err != nil || a.Zone() != "" || a.IsUnspecified() || a.IsMulticast() {
		return netip.AddrPort{}, fmt.Errorf("address: %q: want an IP address without a port", s.Address)
	}
	return netip.AddrPortFrom(a.Unmap(), 0), nil
}

// address reads an IP address with or without a port.
func address(text string, port uint16) (netip.AddrPort, error) {
	p, err := netip.ParseAddrPort(text)
	if err != nil {
		var a netip.Addr
		a, err = netip.ParseAddr(text)
		p = netip.AddrPortFrom(a, port)
	}
	if a := p.Addr(); err != nil || a.Zone() != "" || a.IsUnspecified() || a.IsMulticast() || p.Port() == 0 {
		return p, fmt.Errorf("address: %q: want an IP address, with or without a port: 10.1.2.3, 10.1.2.3:%d, [2001:db8::1]:%d", text, port, port)
	}
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port()), nil
}

func (v *voiceSection) read() (*voice, error) {
	codec, ok := emodel.Codecs()[v.Codec]
	if !ok {
		return nil, fmt.Errorf("voice: codec: %q: want one of %s", v.Codec, strings.Join(slices.Sorted(maps.Keys(emodel.Codecs())), ", "))
	}
	if v.Buffer.D() < 0 || v.Buffer.D() > time.Second {
		return nil, fmt.Errorf("voice: buffer: %v: want 0s to 1s", v.Buffer.D())
	}
	return &voice{codec, v.Buffer.D()}, nil
}
