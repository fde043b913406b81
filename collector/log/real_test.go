//go:build real

package log

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"
)

// realServer is a nats-server process, built from the version in go.mod.
type realServer struct {
	exe, config string
	url         string
	cmd         *exec.Cmd
}

const realConfig = `
listen: "127.0.0.1:%s"
max_payload: %d
jetstream: { store_dir: %q, sync_interval: always, max_file_store: 1GB }
authorization: { user: haidang, password: topsecret }
`

func buildServer(t *testing.T) *realServer {
	t.Helper()
	dir := t.TempDir()
	s := &realServer{exe: filepath.Join(dir, "nats-server"), config: filepath.Join(dir, "nats.conf")}
	if out, err := exec.Command("go", "build", "-o", s.exe, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return s
}

var listening = regexp.MustCompile(`Listening for client connections on 127\.0\.0\.1:(\d+)`)

// start runs the server; port -1 picks a free one, which later starts keep.
func (s *realServer) start(t *testing.T, maxPayload int) {
	t.Helper()
	port := "-1"
	if s.url != "" {
		port = s.url[strings.LastIndexByte(s.url, ':')+1:]
	}
	config := fmt.Sprintf(realConfig, port, maxPayload, filepath.Join(filepath.Dir(s.config), "store"))
	if err := os.WriteFile(s.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command(s.exe, "-c", s.config)
	out, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	lines := bufio.NewScanner(out)
	for ready := false; !ready && lines.Scan(); {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			s.url = "nats://haidang:topsecret@127.0.0.1:" + m[1]
		}
		ready = strings.Contains(lines.Text(), "Server is ready")
	}
	go func() {
		for lines.Scan() { // keep its pipe empty
		}
	}()
}

func (s *realServer) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

func (s *realServer) log() Config {
	return Config{Partitions: 2, MaxBytes: 128 << 20, URL: s.url, Replicas: 1}
}

func TestRealServer(t *testing.T) {
	s := buildServer(t)
	s.start(t, 1<<20)
	_, err := Open(t.Context(), s.log(), zerolog.Nop(), nil)
	if err == nil || !strings.Contains(err.Error(), "set max_payload") || strings.Contains(err.Error(), "topsecret") {
		t.Fatal("server with the default payload:", err)
	}
	s.kill()

	s.start(t, MaxMessage+headerRoom)
	l := open(t, s.log())
	publish(t, l, 1, 1, 20)
	if err := l.Publish(t.Context(), 1, big(21, MaxMessage)); err != nil {
		t.Fatal(err)
	}
	if err := l.Purge(t.Context(), 1, 11); err != nil {
		t.Fatal(err)
	}
	readTo(t, l, 1, 11, 21)
	if state, err := l.State(t.Context(), 1); err != nil || state.First != 11 || state.Last != 21 {
		t.Fatal(state, err)
	}
}

// A server that is killed in the middle of a read and a write comes back, and both go on.
func TestRealServerIsKilled(t *testing.T) {
	s := buildServer(t)
	s.start(t, MaxMessage+headerRoom)
	l := open(t, s.log())
	publish(t, l, 0, 1, 100)
	seen, done := make(chan uint64), make(chan error, 1)
	go func() {
		done <- l.Read(t.Context(), 0, 1, func(seq uint64, m Message) error {
			if m.ID != message(int(seq)).ID {
				return fmt.Errorf("message %d has id %s", seq, m.ID)
			}
			seen <- seq
			return nil
		})
	}()
	stored := 100
	for seq := range uint64(200) {
		if seq == 50 || seq == 150 {
			s.restart(t, l)
			publish(t, l, 0, stored+1, stored+50)
			stored += 50
		}
		select {
		case got := <-seen:
			if got != seq+1 {
				t.Fatalf("got %d, want %d", got, seq+1)
			}
		case err := <-done:
			t.Fatal(err)
		}
	}
}

func (s *realServer) restart(t *testing.T, l *Log) {
	t.Helper()
	down := l.conn.StatusChanged(nats.RECONNECTING)
	s.kill()
	<-down
	if err := l.Publish(t.Context(), 1, message(1)); err == nil {
		t.Fatal("published to a dead server")
	}
	s.start(t, MaxMessage+headerRoom)
	connected := l.conn.StatusChanged(nats.CONNECTED)
	for !l.conn.IsConnected() {
		<-connected
	}
}
