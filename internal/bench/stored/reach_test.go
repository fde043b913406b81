package stored_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/internal/bench/stored"
)

// A month that is asked for has its time lines joined, as a collector leaves them when the last day closes.
func TestAMonthOfSamplesIsJoined(t *testing.T) {
	ctx := context.Background()
	month, path := model.Month{Year: 2026, Month: 10}, filepath.Join(t.TempDir(), "store.db")
	if err := stored.Reach(ctx, path, month, []string{"a", "b"}, func(int, int64) bool { return true }); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(ctx, store.Config{Path: path, ReadOnly: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.View(ctx, func(v *store.View) error {
		line, err := v.MonthLine(int32(month.First()), 0)
		if len(line.Data) == 0 {
			t.Error("no time lines")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
