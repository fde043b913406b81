package listen

import (
	"context"
	"fmt"
	"log/slog"
	"net"
)

// Opened is an endpoint that is open.
type Opened struct {
	Run   func(context.Context) error // takes what comes until its context is done
	Close func() error
	Addr  net.Addr
}

// Open opens all endpoints or none, and makes of each a source that takes what comes until its context is done, and then
// closes the endpoint. The log is told where they are.
func Open(all []Endpoint, log *slog.Logger, open func(Endpoint) (Opened, error)) (sources []func(context.Context) error, err error) {
	var opened []Opened
	for _, e := range all {
		o, err := open(e)
		if err != nil {
			for _, o := range opened {
				_ = o.Close()
			}
			return nil, fmt.Errorf("%s: %w", e, err)
		}
		opened = append(opened, o)
		log.Info("listening", "endpoint", e.Scheme+"://"+o.Addr.String())
		sources = append(sources, func(ctx context.Context) error {
			defer func() { _ = o.Close() }()
			return o.Run(ctx)
		})
	}
	return sources, nil
}
