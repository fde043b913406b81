package config

import (
	"errors"
	"fmt"
	"os"

	"github.com/prometheus/exporter-toolkit/web"

	"github.com/haidang-noc/haidang/internal/conf"
)

// Check looks at all that the configuration, read from path, refers to: files, certificates, the token, the spool's
// folder. It changes nothing.
func (c *Config) Check(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	if err = web.Validate(c.WebConfig); err != nil {
		err = fmt.Errorf("web_config: %w", err)
	}
	return conf.Place(path, 1, text, errors.Join(err, c.Spool.Check(), c.Collector.Check()))
}
