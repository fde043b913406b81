package gnmi

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/devices"
	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
	"github.com/haidang-noc/haidang/plugins/gnmi/session"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// settings is the input's section of the agent's configuration; sample.yaml explains every key.
type settings struct {
	Mode        string           `yaml:"mode"`
	Interval    conf.Duration    `yaml:"interval"`
	Heartbeat   conf.Duration    `yaml:"heartbeat"`
	States      session.States   `yaml:"states"`
	Encoding    session.Encoding `yaml:"encoding"`
	Origin      session.Origin   `yaml:"origin"`
	Timeout     conf.Duration    `yaml:"timeout"`
	RetryMin    conf.Duration    `yaml:"retry_min"`
	RetryMax    conf.Duration    `yaml:"retry_max"`
	Connecting  int              `yaml:"connecting"`
	MaxMessage  conf.Bytes       `yaml:"max_message"`
	MaxRows     int              `yaml:"max_rows"`
	Paths       string           `yaml:"paths"`
	Sets        []string         `yaml:"sets"`
	Credentials []conf.Section   `yaml:"credentials"`
	Targets     []conf.Section   `yaml:"targets"`
	Inventory   string           `yaml:"inventory"`
}

func defaults() settings {
	return settings{
		Mode:       "stream",
		Interval:   conf.Duration(time.Minute),
		Heartbeat:  conf.Duration(5 * time.Minute),
		States:     session.Auto,
		Origin:     session.InPath,
		Timeout:    conf.Duration(10 * time.Second),
		RetryMin:   conf.Duration(time.Second),
		RetryMax:   conf.Duration(time.Minute),
		Connecting: 32,
		MaxMessage: 16 << 20,
		MaxRows:    20000,
	}
}

// modes are the names of a subscription's modes.
func modes() []string { return []string{"stream", "poll", "once"} }

// Validate checks what can be said without looking at another part of the section.
func (s *settings) Validate() error {
	for _, choice := range []struct {
		key, value string
		of         []string
	}{
		{"mode", s.Mode, modes()},
		{"states", string(s.States), []string{string(session.Auto), string(session.OnChange), string(session.Sampled)}},
		{"encoding", string(s.Encoding), append(session.Encodings(), "")},
		{"origin", string(s.Origin), []string{string(session.InPath), string(session.InPrefix), string(session.InElem), string(session.Nowhere)}},
	} {
		if !slices.Contains(choice.of, choice.value) {
			return fmt.Errorf("%s: %q: want one of %s", choice.key, choice.value, strings.Trim(strings.Join(choice.of, ", "), ", "))
		}
	}
	if err := cmp.Or(
		conf.Within("timeout", s.Timeout.D().Milliseconds(), 100, 600_000),
		conf.Within("retry_min", s.RetryMin.D().Milliseconds(), 100, 3_600_000),
		conf.Within("retry_max", s.RetryMax.D().Milliseconds(), s.RetryMin.D().Milliseconds(), 3_600_000),
		conf.Within("connecting", int64(s.Connecting), 1, 10_000),
		conf.Within("max_message", int64(s.MaxMessage), 64<<10, 1<<30),
		conf.Within("max_rows", int64(s.MaxRows), 1, 1_000_000),
	); err != nil {
		return err
	}
	switch {
	case s.Interval.D() < time.Second || s.Interval.D()%time.Second != 0:
		return fmt.Errorf("interval: %v: want a whole number of seconds", s.Interval.D())
	case s.Heartbeat.D() < s.Interval.D() || s.Heartbeat.D()%time.Second != 0:
		return fmt.Errorf("heartbeat: %v: want a whole number of seconds, and at least the interval of %v", s.Heartbeat.D(), s.Interval.D())
	}
	return nil
}

// setup is everything that the configuration says, read and checked.
type setup struct {
	settings
	sets    []*pathset.Set
	targets []target
}

// read decodes the section and resolves everything in it.
func read(c sdk.Config) (*setup, error) {
	s := &setup{settings: defaults()}
	if err := conf.Decode(c.File, c.Line, c.YAML, &s.settings); err != nil {
		return nil, err
	}
	all, err := s.readSets(c)
	if err != nil {
		return nil, err
	}
	creds, err := readCredentials(c.Dir, s.Credentials, all)
	if err != nil {
		return nil, err
	}
	r := resolver{credentials: creds, agent: c.Agent, seen: map[string]origin{}}
	for _, section := range s.Targets {
		if err := r.inline(section); err != nil {
			return nil, err
		}
	}
	if s.Inventory != "" {
		if err := devices.Read(conf.Path(c.Dir, s.Inventory), r.row); err != nil {
			return nil, conf.Place(c.File, c.Line, c.YAML, err)
		}
	}
	if len(s.Targets) == 0 && s.Inventory == "" {
		return nil, conf.At(c.File, c.Line, "targets", "%v", errNoTargets)
	}
	s.targets = r.targets
	return s, nil
}

// readSets reads all path sets, and chooses those that targets are offered.
func (s *setup) readSets(c sdk.Config) (all []*pathset.Set, err error) {
	if all, err = pathset.Load(conf.Path(c.Dir, s.Paths)); err != nil {
		return nil, conf.Place(c.File, c.Line, c.YAML, err)
	}
	if s.sets, err = named(all, s.Sets); err != nil {
		return nil, conf.Place(c.File, c.Line, c.YAML, err)
	}
	if s.sets == nil {
		s.sets = pathset.Common(all)
	}
	return all, nil
}

// named are the sets with these names, in their order; nil without names.
func named(all []*pathset.Set, names []string) (sets []*pathset.Set, err error) {
	for i, name := range names {
		n := slices.IndexFunc(all, func(set *pathset.Set) bool { return set.Name == name })
		if n < 0 {
			known := make([]string, len(all))
			for k, set := range all {
				known[k] = set.Name
			}
			return nil, fmt.Errorf("sets[%d]: %q: want one of %s", i, name, strings.Join(known, ", "))
		}
		sets = append(sets, all[n])
	}
	return sets, nil
}

// session is what all sessions have in common.
func (s *setup) session(log *slog.Logger, m *session.Metrics) *session.Config {
	mode := gpb.SubscriptionList_Mode(gpb.SubscriptionList_Mode_value[strings.ToUpper(s.Mode)])
	return &session.Config{
		Mode: mode, Encoding: s.Encoding, Origin: s.Origin, States: s.States, Interval: s.Interval.D(), Heartbeat: s.Heartbeat.D(),
		Timeout: s.Timeout.D(), RetryMin: s.RetryMin.D(), RetryMax: s.RetryMax.D(), MaxMessage: int(s.MaxMessage), Sets: s.sets,
		Places: make(chan struct{}, s.Connecting), Plans: session.NewPlans(), Metrics: m, Log: log,
	}
}
