package probe

import (
	"context"
	"errors"
	"log/slog"
	"os/signal"
	"sync"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/internal/conf"
)

// Tools are the sub-commands of haidang-input-probe.
func Tools() *cobra.Command {
	root := &cobra.Command{Use: "haidang-input-probe", Short: "Tools of the input for probes", SilenceUsage: true, SilenceErrors: true}
	root.AddCommand(reflectorCommand())
	return root
}

// reflectorCommand answers STAMP where no agent runs.
func reflectorCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "reflector --config FILE", Short: "Answer STAMP and TWAMP Light test packets", Args: cobra.NoArgs,
		Long: "Answers STAMP (RFC 8762) and TWAMP Light test packets until it is stopped.\n" +
			"FILE holds the sections reflector and clock, as the input's configuration does.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			s := reflectorFile{Clock: defaults().Clock}
			if err := conf.Load(file, &s); err != nil {
				return err
			}
			r, err := s.Reflector.read()
			if err != nil {
				return conf.At(file, 1, "reflector", "%v", err)
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			services, err := r.open(newClock(s.Clock), prometheus.NewRegistry(), slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil)))
			if err != nil {
				return err
			}
			return together(ctx, services)
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration file")
	_ = cmd.MarkFlagRequired("config") // the flag exists
	return cmd
}

// reflectorFile is the configuration of a reflector alone.
type reflectorFile struct {
	Reflector reflectorSection `yaml:"reflector"`
	Clock     clockSettings    `yaml:"clock"`
}

// Validate checks the clock; the rest is checked when it is read.
func (f *reflectorFile) Validate() error { return f.Clock.validate() }

// together runs all services until ctx is done or one fails.
func together(ctx context.Context, all []service) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make(chan error, len(all))
	var group sync.WaitGroup
	for _, one := range all {
		group.Go(func() {
			errs <- one(ctx)
			cancel()
		})
	}
	group.Wait()
	close(errs)
	var out []error
	for err := range errs {
		out = append(out, err)
	}
	return errors.Join(out...)
}
