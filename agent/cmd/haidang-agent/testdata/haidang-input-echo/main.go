// Haidang-input-echo is an input that says one thing when it starts and one when it is stopped.
package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/haidang-noc/haidang/plugins/sdk"
)

func main() { sdk.Serve(&input{}) }

type input struct{ key []byte }

func (in *input) Configure(c sdk.Config) error {
	in.key = c.Key("echo")
	if !strings.HasPrefix(string(c.YAML), "      say: ") {
		return fmt.Errorf("%s:%d: want say", c.File, c.Line)
	}
	return nil
}

func (in *input) Run(ctx context.Context, out *sdk.Output) error {
	if err := in.say(ctx, out, "first words"); err != nil {
		return err
	}
	<-ctx.Done()
	return in.say(context.WithoutCancel(ctx), out, "last words")
}

func (in *input) Once(ctx context.Context, out *sdk.Output) error { return in.say(ctx, out, "once") }

func (in *input) say(ctx context.Context, out *sdk.Output, words string) error {
	return out.Write(ctx, fmt.Appendf(nil, "%s words=%q 1\n", in.key, words), 1)
}
