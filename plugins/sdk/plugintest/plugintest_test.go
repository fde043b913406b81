package plugintest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// clock writes the number of its round.
type clock struct {
	key []byte
}

func (c *clock) Configure(cfg sdk.Config) error {
	if string(cfg.YAML) == "bad" {
		return fmt.Errorf("%s:%d: bad is not allowed", cfg.File, cfg.Line)
	}
	c.key = cfg.Key("clock", sdk.Tag{Key: "device", Value: "d1"})
	return nil
}

func (c *clock) Run(ctx context.Context, out *sdk.Output) error {
	round := 0
	return sdk.Poll(ctx, 10*time.Millisecond, 0, func(ctx context.Context) error {
		round++
		return out.Write(ctx, fmt.Appendf(nil, "%s n=%di %d\n", c.key, round, time.Now().UnixNano()), 1)
	})
}

func (c *clock) Once(ctx context.Context, out *sdk.Output) error {
	if err := out.Write(ctx, fmt.Appendf(nil, "%s n=0i\n", c.key), 1); err != nil {
		return err
	}
	return errors.New("d2 does not answer")
}

func TestRunCollectsUntilEnough(t *testing.T) {
	lines := plugintest.Run(t, &clock{}, sdk.Config{Agent: "a1"}, func(l plugintest.Lines) bool { return len(l) >= 3 })
	for i, line := range lines.WithoutTimes() {
		if want := fmt.Sprintf("clock,agent=a1,device=d1 n=%di", i+1); line != want {
			t.Fatalf("line %d = %q; want %q", i, line, want)
		}
	}
}

func TestOnceReturnsLinesAndError(t *testing.T) {
	lines, err := plugintest.Once(t, &clock{}, sdk.Config{Agent: "a1"})
	if err == nil || err.Error() != "d2 does not answer" {
		t.Errorf("error = %v", err)
	}
	lines.Golden(t, "testdata/once.lp")
}

func TestConfigureReturnsTheMessage(t *testing.T) {
	err := plugintest.Configure(t, &clock{}, sdk.Config{YAML: []byte("bad"), File: "a.yaml", Line: 7})
	if err == nil || err.Error() != "a.yaml:7: bad is not allowed" {
		t.Errorf("error = %v", err)
	}
}
