//go:build real

package log

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/internal/loopback"
)

const clusterConfig = `
server_name: n%d
listen: "127.0.0.1:%d"
max_payload: %d
jetstream: { store_dir: %q, sync_interval: always, max_file_store: 1GB }
cluster: { name: test, listen: "127.0.0.1:%d", routes: [%s] }
`

// cluster is three real servers that keep three copies.
type cluster struct {
	exe     string
	configs [3]string
	urls    [3]string
	cmds    [3]*exec.Cmd
}

func startCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{exe: buildServer(t).exe}
	var ports [6]int
	for i := range ports {
		ports[i] = loopback.Port(t)
	}
	var routes []string
	for _, p := range ports[3:] {
		routes = append(routes, fmt.Sprintf(`"nats://127.0.0.1:%d"`, p))
	}
	for i := range c.configs {
		dir := t.TempDir()
		c.configs[i] = filepath.Join(dir, "nats.conf")
		c.urls[i] = fmt.Sprintf("nats://127.0.0.1:%d", ports[i])
		text := fmt.Sprintf(clusterConfig, i, ports[i], MaxMessage+headerRoom, dir, ports[3+i], strings.Join(routes, ", "))
		if err := os.WriteFile(c.configs[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c.start(t, i)
		t.Cleanup(func() { c.kill(i) })
	}
	return c
}

func (c *cluster) start(t *testing.T, i int) {
	t.Helper()
	c.cmds[i] = exec.Command(c.exe, "-c", c.configs[i])
	if err := c.cmds[i].Start(); err != nil {
		t.Fatal(err)
	}
}

func (c *cluster) kill(i int) {
	_ = c.cmds[i].Process.Kill()
	_ = c.cmds[i].Wait()
}

// open waits until the cluster has elected its leader.
func (c *cluster) open(t *testing.T) *Log {
	t.Helper()
	cfg := Config{Partitions: 1, MaxBytes: 128 << 20, URL: strings.Join(c.urls[:], ","), Replicas: 3}
	deadline := time.Now().Add(5 * time.Minute)
	for {
		l, err := Open(t.Context(), cfg, zerolog.Nop(), nil)
		if err == nil {
			t.Cleanup(func() { closeLog(t, l) })
			return l
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// publishAll sends each message until it is acknowledged, as a shipper would.
func publishAll(ctx context.Context, l *Log, from, to int) error {
	for i := from; i <= to; i++ {
		for {
			short, cancel := context.WithTimeout(ctx, 2*time.Second)
			err := l.Publish(short, 0, message(i))
			cancel()
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return errors.Join(err, ctx.Err())
			}
		}
	}
	return nil
}

// Each server in turn is killed while messages are written and read, and comes back.
func TestClusterSurvivesEachServer(t *testing.T) {
	c := startCluster(t)
	l := c.open(t)
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	const perServer = 300
	read := make(chan error, 1)
	got := make([]Message, 0, 4*perServer)
	go func() {
		read <- l.Read(ctx, 0, 1, func(_ uint64, m Message) error {
			got = append(got, m)
			if len(got) == 3*perServer {
				return errStop
			}
			return nil
		})
	}()
	for i := range c.cmds {
		first := i*perServer + 1
		if err := publishAll(ctx, l, first, first+perServer/3); err != nil {
			t.Fatal(err)
		}
		c.kill(i)
		if err := publishAll(ctx, l, first+perServer/3+1, first+2*perServer/3); err != nil {
			t.Fatal(err)
		}
		c.start(t, i)
		if err := publishAll(ctx, l, first+2*perServer/3+1, first+perServer-1); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-read; !errors.Is(err, errStop) {
		t.Fatal(err)
	}
	for i, m := range got {
		if m.ID != message(i+1).ID {
			t.Fatalf("message %d has id %s", i+1, m.ID)
		}
	}
}
