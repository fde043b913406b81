package probe

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/devices"
)

// inventorySection pings devices of devices.csv: the rows of this agent, or of any, that hold now.
type inventorySection struct {
	File     string        `yaml:"file"`
	Methods  []string      `yaml:"methods"`
	Interval conf.Duration `yaml:"interval"`
	Packets  int           `yaml:"packets"`
	Spacing  conf.Duration `yaml:"spacing"`
	Timeout  conf.Duration `yaml:"timeout"`
}

// inventory adds a test for each device whose primary method is asked for.
func (r *reader) inventory(section conf.Section) error {
	s := inventorySection{Methods: []string{methodICMP}, Interval: r.Interval, Packets: 3, Spacing: r.Spacing, Timeout: r.Timeout}
	if err := conf.Decode(section.File, section.Line, section.Text, &s); err != nil {
		return err
	}
	now := time.Now()
	err := devices.Read(conf.Path(r.config.Dir, s.File), func(row devices.Row) error {
		if err := r.row(&s, row, now, section); err != nil {
			return row.At("device", err)
		}
		return nil
	})
	if unread := new(fs.PathError); errors.As(err, &unread) {
		return conf.At(section.File, section.Line, "inventory: file", "%v", unread)
	}
	return err
}

// row adds the test of a row of devices.csv. One without an IP address cannot be pinged.
func (r *reader) row(s *inventorySection, row devices.Row, now time.Time, section conf.Section) error {
	addr, err := devices.ParseAddress(row.Address, 0)
	if err != nil || !row.Of(r.config.Agent) || !slices.Contains(s.Methods, row.Method) || !row.Holds(now) {
		return nil
	}
	name := strings.Clone(row.Device)
	one := trainSection{Common: r.common(section), Address: addr.Addr().String(), Packets: s.Packets, Spacing: s.Spacing, Timeout: s.Timeout, Reach: true}
	one.Name, one.Method, one.Device, one.Interval = name, methodICMP, name, s.Interval
	t, err := one.read()
	if err != nil {
		return err
	}
	r.trains = append(r.trains, t)
	return r.enter(&t.Common)
}
