package probe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
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
	var file, metrics string
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
			reg := prometheus.NewRegistry()
			services, err := r.open(newClock(s.Clock), reg, slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil)))
			if err != nil {
				return err
			}
			if metrics != "" {
				services = append(services, func(ctx context.Context) error { return serveMetrics(ctx, metrics, reg) })
			}
			return together(ctx, services)
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration file")
	cmd.Flags().StringVar(&metrics, "metrics", "", "address to serve /metrics at, such as 127.0.0.1:8476")
	_ = cmd.MarkFlagRequired("config") // the flag exists
	return cmd
}

// serveMetrics shows what the reflector counts.
func serveMetrics(ctx context.Context, address string, reg *prometheus.Registry) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	server := &http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("probe: metrics: %w", err)
	}
	return nil
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
