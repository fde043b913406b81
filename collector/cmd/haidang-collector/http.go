package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	toolkit "github.com/prometheus/exporter-toolkit/web"

	"github.com/haidang-noc/haidang/collector/web"
	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/obs"
)

func (c *collector) http(ctx context.Context) error {
	c.log.Info().Stringer("address", c.listener.Addr()).Msg("listening")
	handler := web.New(web.Deps{Ingest: c.ingest, Principals: c.principals, Latest: c.view.Latest, Reload: c.reload, Maintenance: c.book, Replan: c.replan,
		Alarms: c.alarms, Board: c.board, Ready: c.ready, Registry: c.registry, Log: c.log})
	return obs.Serve(ctx, c.listener, c.cfg.WebConfig, c.guard.Handler(handler))
}

// checkWeb reads the TLS file as the server will. Its basic authentication would stand before the tokens,
// on every path, and lock the agents out.
func checkWeb(path string) error {
	if path == "" {
		return nil
	}
	if err := toolkit.Validate(path); err != nil {
		return fmt.Errorf("web_config: %s: %w", path, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("web_config: %w", err)
	}
	var file struct {
		Users map[string]string `yaml:"basic_auth_users"`
	}
	if err := conf.DecodeForeign(path, text, &file); err != nil || len(file.Users) > 0 {
		return errors.Join(fmt.Errorf("web_config: %s: basic_auth_users: principals.yaml says who may do what", path), err)
	}
	return nil
}
