package sdk

import (
	"context"
	"fmt"
	"time"
)

// First runs what hears until it has written for the first time: a round of an input that is sent to. If that takes longer
// than wait, it fails.
func First(ctx context.Context, out *Output, wait time.Duration, hear func(ctx context.Context, write Write) error) error {
	limited, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	came := false
	err := hear(limited, func(ctx context.Context, lines []byte, points int) error {
		came = true
		defer cancel()
		return out.Write(ctx, lines, points)
	})
	if err != nil || came {
		return err
	}
	return fmt.Errorf("nothing that is written came within %v", wait)
}

// Write is Output.Write, or what stands for it.
type Write = func(ctx context.Context, lines []byte, points int) error
