//go:build real

package pmfile_test

import (
	"context"
	"crypto/ed25519"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/haidang-noc/haidang/internal/loopback"
	"github.com/haidang-noc/haidang/plugins/pmfile"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// station is an OpenSSH server with files, behind a line that can be cut.
type station struct {
	t       *testing.T
	dir     string
	address string
	host    ssh.PublicKey
	line    *line
}

func newStation(t *testing.T) *station {
	t.Helper()
	sshd, err := exec.LookPath("sshd")
	if err != nil {
		t.Fatal("sshd is not installed: apt-get install openssh-server")
	}
	if os.Geteuid() == 0 { // it wants its own folder then
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s := &station{t: t, dir: t.TempDir()}
	s.host = s.key("host")
	client := s.key("client")
	s.write("authorized", string(ssh.MarshalAuthorizedKey(client)))
	if err := os.Mkdir(s.path("in"), 0o750); err != nil {
		t.Fatal(err)
	}
	address := loopback.Address(t)
	_, port, _ := net.SplitHostPort(address)
	s.write("sshd_config", fmt.Sprintf("ListenAddress 127.0.0.1\nPort %s\nHostKey %s\nAuthorizedKeysFile %s\nPidFile none\nStrictModes no\nUsePAM no\n"+
		"PasswordAuthentication no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n", port, s.path("host"), s.path("authorized")))
	server := exec.Command(sshd, "-D", "-e", "-f", s.path("sshd_config"))
	server.Stderr = t.Output()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait() // it was killed
	})
	listening(t, address)
	s.line = newLine(t, address)
	s.address = s.line.listener.Addr().String()
	s.know(s.host)
	return s
}

func (s *station) path(name string) string { return filepath.Join(s.dir, name) }

// write puts a whole file there at once: the input takes what has not grown for a while.
func (s *station) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path("unfinished"), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(s.path("unfinished"), s.path(name)); err != nil {
		s.t.Fatal(err)
	}
}

// key makes a key pair and writes the private one.
func (s *station) key(name string) ssh.PublicKey {
	s.t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, name)
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(name, string(pem.EncodeToMemory(block)))
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		s.t.Fatal(err)
	}
	return key
}

// know makes a key the known one of the server.
func (s *station) know(key ssh.PublicKey) {
	s.write("known_hosts", knownhosts.Line([]string{s.address}, key)+"\n")
}

func (s *station) config(done string) sdk.Config {
	me, err := user.Current()
	if err != nil {
		s.t.Fatal(err)
	}
	text := fmt.Sprintf(`sources:
  - name: em
    dir: %s
    %s
    sftp: {address: %q, user: %s, key: "file:client", known_hosts: known_hosts, timeout: 5s}
state: state
quarantine: {dir: quarantine}
scan: 100ms
settle: 50ms
patience: 0s
`, s.path("in"), done, s.address, me.Username)
	return sdk.Config{Agent: "a1", Dir: s.dir, File: s.path("agent.yaml"), Line: 1, YAML: []byte(text)}
}

func (s *station) file(name string, value int) {
	s.t.Helper()
	s.write(filepath.Join("in", name), fmt.Sprintf(`<measCollecFile><fileHeader/><measData><managedElement localDn="ManagedElement=e%d"/><measInfo measInfoId="g">
<granPeriod duration="PT900S" endTime="2026-10-01T12:15:00+07:00"/><measTypes>RRC.ConnEstabAtt.sum</measTypes>
<measValue measObjLdn="ENBFunction=1"><measResults>%d</measResults></measValue></measInfo></measData></measCollecFile>`, value, value))
}

// listening waits until somebody listens at an address.
func listening(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("nobody listens at %s", address)
		}
	}
}

// line carries connections to an address, until it is cut.
type line struct {
	listener net.Listener

	mu    sync.Mutex
	open  []net.Conn
	calls int
}

func newLine(t *testing.T, to string) *line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	one := &line{listener: l}
	t.Cleanup(func() {
		l.Close()
		one.cut()
	})
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return // the test is over
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close() // the server is not up yet
				continue
			}
			one.mu.Lock()
			one.open, one.calls = append(one.open, near, far), one.calls+1
			one.mu.Unlock()
			go func() { _, _ = io.Copy(far, near) }()
			go func() { _, _ = io.Copy(near, far) }()
		}
	}()
	return one
}

// cut ends all connections.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.open {
		c.Close()
	}
	l.open = nil
}

func TestRealFilesOfAnSFTPServer(t *testing.T) {
	s := newStation(t)
	s.file("A1.xml", 1)
	if err := os.Mkdir(s.path("in/sub"), 0o750); err != nil {
		t.Fatal(err)
	}
	s.file("sub/A2.xml", 2)
	s.write("in/A0.xml", "<html/>") // the first one, so it is put aside before the last one is taken
	again := false
	lines := plugintest.Run(t, pmfile.New(), s.config("done: delete"), func(l plugintest.Lines) bool {
		if len(l) == 2 && !again {
			again = true
			s.line.cut()
			s.file("A3.xml", 3)
		}
		return len(l) >= 3
	})
	for i, want := range []string{"RRC.ConnEstabAtt.sum=1,", "RRC.ConnEstabAtt.sum=2,", "RRC.ConnEstabAtt.sum=3,"} {
		if got := lines.Sorted()[i]; !strings.Contains(got, want) {
			t.Errorf("line %d: %s, want %s", i, got, want)
		}
	}
	if kept, err := os.ReadDir(s.path("quarantine")); err != nil || len(kept) != 2 {
		t.Errorf("quarantine: %v, %v", kept, err)
	}
	if s.line.calls < 2 {
		t.Error("nobody called again after the line was cut")
	}
	s.file("A4.xml", 4)
	lines = plugintest.Run(t, pmfile.New(), s.config("done: move\n    move_to: ../done"), func(l plugintest.Lines) bool {
		return strings.Contains(strings.Join(l, ""), "sum=4,")
	})
	if text := strings.Join(lines, "\n"); strings.Contains(text, "sum=1,") || strings.Contains(text, "sum=2,") {
		t.Errorf("after a restart files are taken again: %s", text)
	}
}

// A server with another key than the known one, or one that nobody knows, is not talked to.
func TestRealHostKeysAreChecked(t *testing.T) {
	s := newStation(t)
	s.file("A1.xml", 1)
	for name, known := range map[string]func(){
		"another key": func() { s.know(s.key("other")) },
		"no key":      func() { s.write("known_hosts", "") },
	} {
		known()
		log := &lastWords{said: make(chan string, 64)}
		config := s.config("done: delete")
		config.Log = slog.New(slog.NewTextHandler(log, nil))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		in := pmfile.New()
		if err := in.Configure(config); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- in.Run(ctx, nil) }() // no line is ever written
		select {
		case words := <-log.said:
			if !strings.Contains(words, "known_hosts") {
				t.Errorf("%s: %s", name, words)
			}
		case <-ctx.Done():
			t.Errorf("%s: nothing is said", name)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(s.path("in/A1.xml")); err != nil {
		t.Errorf("the file is gone: %v", err)
	}
}

// lastWords is a log of which a test reads the lines.
type lastWords struct{ said chan string }

func (l *lastWords) Write(p []byte) (int, error) {
	select {
	case l.said <- string(p):
	default: // enough was said
	}
	return len(p), nil
}
