// Command haidang-input-replay is the tests' own input: it plays a file of line protocol and notes how far
// the agent has taken it, so that a run that is killed goes on where it was; some lines come twice.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

func main() { sdk.Serve(&input{}) }

type input struct {
	File  string        `yaml:"file"`  // zstd frames of line protocol
	Chunk int           `yaml:"chunk"` // lines handed over at a time
	Pause conf.Duration `yaml:"pause"` // between chunks
	Note  string        `yaml:"note"`  // file that says how many lines were taken
	Done  string        `yaml:"done"`  // file to make when all were
}

// Configure reads the input's section.
func (in *input) Configure(c sdk.Config) error {
	return conf.Decode(c.File, c.Line, c.YAML, in)
}

// Run plays the file and waits.
func (in *input) Run(ctx context.Context, out *sdk.Output) error {
	if err := in.Once(ctx, out); err != nil {
		return err
	}
	if err := os.WriteFile(in.Done, nil, 0o600); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// Once plays the file.
func (in *input) Once(ctx context.Context, out *sdk.Output) error {
	f, err := os.Open(in.File)
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	defer f.Close()
	d, err := zstd.NewReader(f)
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	defer d.Close()
	lines := bufio.NewScanner(d)
	taken := in.taken()
	for range taken {
		lines.Scan()
	}
	for more := true; more; {
		var chunk []byte
		n := 0
		for ; n < in.Chunk && more; n++ {
			if more = lines.Scan(); !more {
				break
			}
			chunk = append(append(chunk, lines.Bytes()...), '\n')
		}
		if err := in.give(ctx, out, chunk, n); err != nil {
			return err
		}
		taken += n
		if err := in.note(taken); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (in *input) give(ctx context.Context, out *sdk.Output, chunk []byte, lines int) error {
	if err := out.Write(ctx, chunk, lines); err != nil {
		return err
	}
	if err := out.Sync(ctx); err != nil {
		return err
	}
	select {
	case <-time.After(in.Pause.D()):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// taken is how many lines the agent has, by the note; 0 without one.
func (in *input) taken() (n int) {
	text, err := os.ReadFile(in.Note)
	if err == nil {
		_, err = fmt.Sscan(string(text), &n)
	}
	if err != nil {
		return 0
	}
	return n
}

func (in *input) note(taken int) error {
	if err := os.WriteFile(in.Note+".new", fmt.Append(nil, taken), 0o600); err != nil {
		return err
	}
	return os.Rename(in.Note+".new", in.Note)
}
