package obs

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	toolkit "github.com/prometheus/exporter-toolkit/web"
)

// Serve answers on the listener until ctx ends, which gives requests under way five seconds more. webConfig is a file
// of the exporter-toolkit's format (TLS, passwords), or empty.
func Serve(ctx context.Context, listener net.Listener, webConfig string, handler http.Handler) error {
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, Handler: handler}
	systemd, ended := false, make(chan error, 1)
	go func() {
		ended <- toolkit.ServeMultiple([]net.Listener{listener}, server, &toolkit.FlagConfig{WebListenAddresses: &[]string{listener.Addr().String()},
			WebSystemdSocket: &systemd, WebConfigFile: &webConfig}, slog.New(slog.DiscardHandler))
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(stop), ctx.Err())
}
