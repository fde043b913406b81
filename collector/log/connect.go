package log

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// minServer is the oldest external server that is accepted. The 2.12 line lost acknowledged messages
// after a damaged block or a power failure (nats-server #7549, #7564); 2.15 is what the embedded
// server is and what everything here was tested with.
var minServer = [2]int{2, 15}

// connect makes a connection that comes back by itself for ever. It buffers nothing while it is
// away: a caller learns at once that the log is out of reach.
func (l *Log) connect(name string) (*nats.Conn, error) {
	opts := []nats.Option{
		nats.Name(name),
		nats.Timeout(apiTimeout),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(200 * time.Millisecond),
		nats.ReconnectBufSize(-1),
		nats.DisconnectErrHandler(l.disconnected),
		nats.ErrorHandler(l.asyncError),
	}
	if l.server != nil {
		opts = append(opts, nats.InProcessServer(l.server))
	}
	if l.cfg.Credentials != "" {
		opts = append(opts, nats.UserCredentials(l.cfg.Credentials))
	}
	if l.cfg.RootCA != "" {
		opts = append(opts, nats.RootCAs(l.cfg.RootCA))
	}
	conn, err := nats.Connect(l.cfg.URL, opts...)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return conn, nil
}

func (l *Log) disconnected(_ *nats.Conn, err error) {
	if err != nil {
		l.metrics.disconnects.Inc()
		l.log.Warn().Err(err).Msg("lost the connection to the log, trying again")
	}
}

func (l *Log) asyncError(_ *nats.Conn, _ *nats.Subscription, err error) {
	l.log.Warn().Err(err).Msg("connection to the log reports")
}

// checkServer refuses a server that could not keep what the log promises.
func (l *Log) checkServer() error {
	version := l.conn.ConnectedServerVersion()
	if !atLeast(version, minServer) {
		return fmt.Errorf("server is version %s, want at least %d.%d", version, minServer[0], minServer[1])
	}
	if have := l.conn.MaxPayload(); have < MaxMessage+headerRoom {
		return fmt.Errorf("server takes messages of %d bytes, want at least %d: set max_payload", have, MaxMessage+headerRoom)
	}
	return nil
}

func atLeast(version string, want [2]int) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	if errors.Join(err1, err2) != nil {
		return false
	}
	return major > want[0] || major == want[0] && minor >= want[1]
}

// redact hides the passwords in a list of URLs.
func redact(urls string) string {
	parts := strings.Split(urls, ",")
	for i, p := range parts {
		if u, err := url.Parse(strings.TrimSpace(p)); err == nil {
			parts[i] = u.Redacted()
		} else {
			parts[i] = "<url>"
		}
	}
	return strings.Join(parts, ",")
}
