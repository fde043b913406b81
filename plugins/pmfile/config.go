package pmfile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	shipped "github.com/haidang-noc/haidang/configs/counters"
	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/pmfile/counters"
	"github.com/haidang-noc/haidang/plugins/pmfile/source"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// settings is the input's section of the agent's configuration; sample.yaml explains every key.
type settings struct {
	Sources    []conf.Section     `yaml:"sources"`
	Match      []string           `yaml:"match"`
	Ignore     []string           `yaml:"ignore"`
	Depth      int                `yaml:"depth"`
	Scan       conf.Duration      `yaml:"scan"`
	Settle     conf.Duration      `yaml:"settle"`
	Patience   conf.Duration      `yaml:"patience"`
	MaxSize    conf.Bytes         `yaml:"max_size"`
	Offset     string             `yaml:"offset"`
	Vectors    bool               `yaml:"vectors"`
	Counters   string             `yaml:"counters"`
	Cells      string             `yaml:"cells"`
	Elements   []conf.Section     `yaml:"elements"`
	Expect     []string           `yaml:"expect"`
	Due        conf.Duration      `yaml:"due"`
	Late       conf.Duration      `yaml:"late"`
	State      string             `yaml:"state"`
	Remember   rememberSettings   `yaml:"remember"`
	Quarantine quarantineSettings `yaml:"quarantine"`

	filter source.Filter
	local  *time.Location
}

type rememberSettings struct {
	For   conf.Duration `yaml:"for"`
	Files int           `yaml:"files"`
}

type quarantineSettings struct {
	Dir   string     `yaml:"dir"`
	Size  conf.Bytes `yaml:"size"`
	Files int        `yaml:"files"`
}

func defaults() settings {
	return settings{
		Match: []string{"*"}, Ignore: []string{"*.tmp", "*.part", "*.partial", "*.filepart", "*.writing", "*~"}, Depth: 3,
		Scan: conf.Duration(30 * time.Second), Settle: conf.Duration(5 * time.Second), Patience: conf.Duration(10 * time.Minute),
		MaxSize: 128 << 20, Offset: "+07:00", Vectors: true, Due: conf.Duration(10 * time.Minute), Late: conf.Duration(2 * time.Hour),
		State: "data/pmfile", Remember: rememberSettings{conf.Duration(48 * time.Hour), 500_000},
		Quarantine: quarantineSettings{"data/pmfile/quarantine", 1 << 30, 1000},
	}
}

// mostFiles is how many files of a source are looked at in one round.
const mostFiles = 200_000

// Validate checks what can be said without looking at another part of the section.
func (s *settings) Validate() error {
	if len(s.Sources) == 0 {
		return errors.New("sources: want at least one")
	}
	s.filter = source.Filter{Match: s.Match, Ignore: s.Ignore, Depth: s.Depth, Max: mostFiles}
	if err := s.filter.Check(); err != nil {
		return fmt.Errorf("match: %w", err)
	}
	at, err := time.Parse("-07:00", s.Offset)
	if err != nil {
		return fmt.Errorf("offset: %q: want one like +07:00", s.Offset)
	}
	_, seconds := at.Zone()
	s.local = time.FixedZone(s.Offset, seconds)
	return cmp.Or(
		conf.Within("depth", int64(s.Depth), 0, 16),
		conf.Within("scan", s.Scan.D().Milliseconds(), 100, 3_600_000),
		conf.Within("settle", s.Settle.D().Milliseconds(), 10, 3_600_000),
		conf.Within("patience", s.Patience.D().Milliseconds(), 0, 24*3_600_000),
		conf.Within("max_size", int64(s.MaxSize), 1<<20, 1<<30),
		conf.Within("due", int64(s.Due.D().Seconds()), 0, 86400),
		conf.Within("late", int64(s.Late.D().Seconds()), 60, 31*86400),
		conf.Within("remember: for", int64(s.Remember.For.D().Seconds()), 3600, 31*86400),
		conf.Within("remember: files", int64(s.Remember.Files), 1000, 10_000_000),
		conf.Within("quarantine: size", int64(s.Quarantine.Size), 1<<20, 1<<40),
		conf.Within("quarantine: files", int64(s.Quarantine.Files), 1, 100_000),
	)
}

// place is a source that is configured.
type place struct {
	sourceSettings
	open func(ctx context.Context) (source.Place, error)
}

// setup is everything that the configuration says, read and checked.
type setup struct {
	settings
	maps   *counters.Maps
	places *places
	from   []place
}

// read reads the section and all that it refers to.
func read(c sdk.Config) (*setup, error) {
	s := &setup{settings: defaults(), places: newPlaces()}
	if err := c.Decode(&s.settings); err != nil {
		return nil, err
	}
	s.State, s.Quarantine.Dir = conf.Path(c.Dir, s.State), conf.Path(c.Dir, s.Quarantine.Dir)
	folders := []counters.Folder{{Name: "configs/counters", Files: shipped.Files()}}
	if s.Counters != "" {
		own := conf.Path(c.Dir, s.Counters)
		if _, err := os.ReadDir(own); err != nil {
			return nil, conf.At(c.File, c.Line, "counters", "%v", err)
		}
		folders = append(folders, counters.Folder{Name: own, Files: os.DirFS(own)})
	}
	var err error
	if s.maps, err = counters.Load(folders...); err != nil {
		return nil, err
	}
	if s.Cells != "" {
		if err := s.places.readCells(conf.Path(c.Dir, s.Cells)); err != nil {
			return nil, err
		}
	}
	return s, errors.Join(s.readElements(), s.readSources(c))
}

// readElements reads which device an element is, where cells.csv does not say.
func (s *setup) readElements() error {
	for _, section := range s.Elements {
		var row struct {
			Element string `yaml:"element"`
			Device  string `yaml:"device"`
		}
		if err := conf.Decode(section.File, section.Line, section.Text, &row); err != nil {
			return err
		}
		if row.Element == "" || row.Device == "" {
			return conf.At(section.File, section.Line, "element", "want an element and its device")
		}
		s.places.elements[row.Element] = row.Device // wins over cells.csv
	}
	return nil
}

func (s *setup) readSources(c sdk.Config) error {
	names := map[string]int{}
	for _, section := range s.Sources {
		one := sourceSettings{Done: keepDone}
		if err := conf.Decode(section.File, section.Line, section.Text, &one); err != nil {
			return err
		}
		if first := names[one.Name]; first > 0 {
			return conf.At(section.File, section.Line, "name", "%s is there already, in line %d", one.Name, first)
		}
		names[one.Name] = section.Line
		p := place{sourceSettings: one}
		if one.SFTP == nil {
			dir := conf.Path(c.Dir, one.Dir)
			p.Dir = dir
			p.open = func(context.Context) (source.Place, error) { return source.Folder(dir) }
		} else {
			server, err := one.server(c.Dir)
			if err != nil {
				return conf.At(section.File, section.Line, "sftp", "%v", err)
			}
			p.open = func(ctx context.Context) (source.Place, error) { return source.Dial(ctx, server) }
		}
		s.from = append(s.from, p)
	}
	return nil
}
