package pluginhost

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/wire"
)

const defaultStopTimeout = 10 * time.Second

// Config is the part of the agent's configuration that says which inputs run.
type Config struct {
	Agent       string        `yaml:"-"`            // the agent's name, for the inputs
	Plugins     string        `yaml:"plugins"`      // the folder of the plugins; by default that of the agent's own program
	StopTimeout conf.Duration `yaml:"stop_timeout"` // how long an input may take to end; 10s by default
	Inputs      []Input       `yaml:"inputs"`
}

// Input is one input type; the agent runs one process for it.
type Input struct {
	Type   string       `yaml:"type"`   // snmp runs the program haidang-input-snmp
	SHA256 string       `yaml:"sha256"` // the only content that the program may have
	Env    []string     `yaml:"env"`    // names of environment variables that the plugin may see
	Config conf.Section `yaml:"config"` // for the plugin alone
}

var inputType = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// Validate checks what needs no plugin.
func (c Config) Validate() error {
	var errs []error
	seen := make(map[string]bool)
	for i, in := range c.Inputs {
		if !inputType.MatchString(in.Type) {
			errs = append(errs, fmt.Errorf("inputs[%d].type: %q is not the name of an input: want for example snmp", i, in.Type))
		}
		if seen[in.Type] {
			errs = append(errs, fmt.Errorf("inputs[%d].type: %s is there twice: one input takes all targets of its type", i, in.Type))
		}
		seen[in.Type] = true
		if sum, err := hex.DecodeString(in.SHA256); err != nil || len(sum) != 0 && len(sum) != 32 {
			errs = append(errs, fmt.Errorf("inputs[%d].sha256: %q is not 64 hexadecimal digits", i, in.SHA256))
		}
	}
	return errors.Join(errs...)
}

// withDefaults fills in what the configuration leaves open.
func (c Config) withDefaults() (Config, error) {
	if c.StopTimeout == 0 {
		c.StopTimeout = conf.Duration(defaultStopTimeout)
	}
	if c.Plugins == "" {
		self, err := os.Executable()
		if err != nil {
			return c, fmt.Errorf("pluginhost: plugins is not set and the agent's own folder is unknown: %w", err)
		}
		c.Plugins = filepath.Dir(self)
	}
	return c, nil
}

func (c Config) program(in Input) string {
	return filepath.Join(c.Plugins, wire.BinaryPrefix+in.Type)
}

// settings is what the plugin's Configure gets.
func (c Config) settings(in Input, level zerolog.Level) *wire.Settings {
	s := &wire.Settings{Agent: c.Agent, Yaml: in.Config.Text, File: in.Config.File, Line: uint32(in.Config.Line)}
	switch {
	case level <= zerolog.DebugLevel:
		s.Level = "debug"
	case level >= zerolog.ErrorLevel:
		s.Level = "error"
	default:
		s.Level = level.String()
	}
	if in.Config.File != "" {
		s.Dir = filepath.Dir(in.Config.File)
	}
	return s
}
