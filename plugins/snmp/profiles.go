package snmp

import (
	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
	"github.com/haidang-noc/haidang/plugins/snmp/profile"
)

// cadence is how often the configuration wants a table to be polled.
type cadence struct {
	Table      string        `yaml:"table"`
	Every      conf.Duration `yaml:"every"`
	BelowFloor bool          `yaml:"below_floor"`
}

// readProfiles reads the shipped profiles and the operator's own, and what the configuration says of their tables.
func (s *settings) readProfiles(c sdk.Config) (*profile.Set, error) {
	set, err := profile.Load(conf.Path(c.Dir, s.Profiles))
	if err != nil {
		return nil, conf.Place(c.File, c.Line, c.YAML, err)
	}
	var wishes poll.Cadences
	for _, section := range s.Tables {
		var w cadence
		if err := conf.Decode(section.File, section.Line, section.Text, &w); err != nil {
			return nil, err
		}
		if w.Table == "" || w.Every == 0 {
			return nil, conf.At(section.File, section.Line, "tables", "want the name of a table and every")
		}
		if err := wishes.Set(w.Table, poll.Wish{Every: w.Every.D(), BelowFloor: w.BelowFloor, File: section.File, Line: section.Line}); err != nil {
			return nil, err
		}
	}
	return set, set.Retime(&wishes, s.Interval.D())
}
