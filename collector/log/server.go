package log

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// server is the NATS server inside this process. It listens on nothing and syncs every message
// before it acknowledges it. As the in-process dialer of its clients it always leads to the running
// instance, so that they survive a restart of it.
type server struct {
	opts natsd.Options
	log  zerolog.Logger
	lost prometheus.Counter
	lock *os.File

	healing atomic.Bool
	mu      sync.Mutex
	running *natsd.Server
	stopped bool
}

// restartTimeout is enough to recover a log of any size that its disk can hold.
const restartTimeout = 10 * time.Minute

func startServer(ctx context.Context, cfg Config, log zerolog.Logger, lost prometheus.Counter) (*server, error) {
	if err := os.MkdirAll(cfg.Dir, 0o750); err != nil {
		return nil, err
	}
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	s := &server{opts: serverOptions(cfg), log: log, lost: lost, lock: lock}
	if s.running, err = s.start(ctx); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return s, nil
}

func serverOptions(cfg Config) natsd.Options {
	return natsd.Options{
		ServerName:             "haidang",
		DontListen:             true,
		NoSigs:                 true,
		JetStream:              true,
		DisableJetStreamBanner: true,
		StoreDir:               cfg.Dir,
		SyncAlways:             true,
		MaxPayload:             MaxMessage + headerRoom,
		JetStreamMaxStore:      1 << 50, // no limit: each stream has its own, and a sum in the way forbids changing them
		JetStreamMaxMemory:     64 << 20,
	}
}

// start runs a new instance and waits until it has recovered everything that is in the directory.
func (s *server) start(ctx context.Context) (*natsd.Server, error) {
	found, err := storedStreams(s.opts.StoreDir)
	if err != nil {
		return nil, err
	}
	opts := s.opts // the server writes its defaults into it
	srv, err := natsd.NewServer(&opts)
	if err != nil {
		return nil, err
	}
	fatal := make(chan error, 1)
	srv.SetLoggerV2(serverLog{s.log, fatal}, false, false, false)
	go srv.Start()
	if err := waitReady(ctx, srv, fatal); err != nil {
		shutdown(srv)
		return nil, err
	}
	if err := s.checkRecovered(srv, found); err != nil {
		shutdown(srv)
		return nil, err
	}
	return srv, nil
}

func waitReady(ctx context.Context, srv *natsd.Server, fatal <-chan error) error {
	for !srv.ReadyForConnections(50 * time.Millisecond) {
		select {
		case err := <-fatal:
			return err
		case <-ctx.Done():
			return fmt.Errorf("embedded server did not start: %w", ctx.Err())
		default:
		}
	}
	if !srv.JetStreamEnabled() {
		return errors.New("embedded server started without its store")
	}
	return nil
}

// stored is what is on disk of a stream before the server looks at it.
type stored struct {
	dir  string
	last uint64
}

func storedStreams(dir string) (map[string]stored, error) {
	root := filepath.Join(dir, natsd.JetStreamStoreDir, natsd.DEFAULT_GLOBAL_ACCOUNT, "streams")
	entries, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	streams := make(map[string]stored, len(entries))
	for _, e := range entries {
		if !e.IsDir() || e.Name()[0] == '.' { // the server is about to delete those with a dot
			continue
		}
		path := filepath.Join(root, e.Name())
		last, err := lastStored(path)
		if err != nil {
			return nil, err
		}
		streams[e.Name()] = stored{path, last}
	}
	return streams, nil
}

// checkRecovered makes an error of what the server only warns about: a stream that is on disk but
// cannot be read. Without this an empty one would be made in its place. A stream that lost its end
// is counted and goes on.
func (s *server) checkRecovered(srv *natsd.Server, found map[string]stored) error {
	account, err := srv.JszAccount(&natsd.JSzOptions{Account: natsd.DEFAULT_GLOBAL_ACCOUNT, Streams: true})
	if err != nil {
		return fmt.Errorf("list recovered streams: %w", err)
	}
	for _, stream := range account.Streams {
		if have, want := stream.State.LastSeq, found[stream.Name].last; have < want {
			s.lost.Add(float64(want - have))
			s.log.Error().Str("dir", found[stream.Name].dir).Uint64("from", have+1).Uint64("to", want).
				Msg("a damaged block cost the log these messages")
		}
		delete(found, stream.Name)
	}
	for _, f := range found {
		return fmt.Errorf("%s is damaged and was not recovered (the reason is in the log above): move it away to start without its messages", f.dir)
	}
	return nil
}

// InProcessConn connects a client to the running instance.
func (s *server) InProcessConn() (net.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running.InProcessConn()
}

// heal looks, in the background, whether a write error has stopped one of the server's streams, which
// they never leave by themselves, and starts the server anew if so. Clients reconnect.
func (s *server) heal() {
	if !s.healing.CompareAndSwap(false, true) {
		return
	}
	go func() {
		defer s.healing.Store(false)
		failure := s.failure()
		if failure == "" {
			return
		}
		s.log.Error().Str("error", failure).Msg("the log's server has failed, starting it anew")
		ctx, cancel := context.WithTimeout(context.Background(), restartTimeout)
		defer cancel()
		if err := s.restart(ctx); err != nil {
			s.log.Error().Err(err).Msg("the log's server does not start, waiting for the next message to try again")
		}
	}()
}

// failure says why the server cannot work, or nothing.
func (s *server) failure() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return ""
	}
	return s.running.Healthz(&natsd.HealthzOptions{}).Error
}

func (s *server) restart(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil
	}
	shutdown(s.running)
	running, err := s.start(ctx)
	if err == nil {
		s.running = running
	}
	return err
}

func (s *server) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	shutdown(s.running)
	return s.lock.Close()
}

func shutdown(srv *natsd.Server) {
	srv.Shutdown()
	srv.WaitForShutdown()
}

// lockDir keeps a second process out of the directory: the server itself would not notice it.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%s is in use by another process: %w", dir, err), f.Close())
	}
	return f, nil
}

// free is how many bytes an ordinary process may still write to the disk of path.
func free(path string) (int64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", path, err)
	}
	return int64(st.Bavail) * st.Bsize, nil
}
