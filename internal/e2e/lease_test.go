//go:build e2e

package e2e

import (
	"database/sql"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	_ "modernc.org/sqlite" // the driver of the store

	"github.com/haidang-noc/haidang/internal/loopback"
)

// Two collectors share one store and one NATS server. The owner is frozen past its lease, the other one
// takes over and goes on; when the first wakes up it commits nothing more, and the scorecards are those of
// a month that nobody disturbed.
func TestFrozenOwnerCommitsNothing(t *testing.T) {
	nation := root("internal/e2e/testdata/nation.yaml")
	calm := newSite(t, nation)
	c := calm.collector()
	calm.send("300s")
	calm.settled()
	want := calm.scorecards("collector.yaml", month)
	c.stop()

	s := newSite(t, nation)
	url := s.natsServer()
	second := loopback.Address(t)
	for name, owner := range map[string]string{"one": s.listen, "two": second} {
		s.collectorConfig(name+".yaml", owner, fmt.Sprintf("queue: {url: %q, max_bytes: 1GiB, replicas: 1}\npartitions: {count: 3, checkpoint_every: 200ms, lease: 10s, owner: %s}\n", url, name))
	}
	one := s.start("haidang-collector", "serve", "--config", s.path("one.yaml"))
	s.until("the first collector owns all", func() bool { return owned(s.listen) == 3 })
	two := s.start("haidang-collector", "serve", "--config", s.path("two.yaml"))
	s.until("the second one answers", func() bool { return metrics(second) != nil })
	if n := owned(second); n != 0 {
		t.Fatalf("the second collector owns %v partitions that are the first one's", n)
	}
	s.send("300s", "--disorder", "5") // accepted, and not all of it applied
	s.freeze(one)
	s.until("the second collector has taken over", func() bool { return owned(second) == 3 })
	one.signal(syscall.SIGCONT)
	s.until("the first one notices", func() bool { return owned(s.listen) == 0 })
	for sample, v := range metrics(s.listen) {
		if strings.HasPrefix(sample, `haidang_store_commits_total{result="fenced"}`) {
			t.Logf("%v checkpoints of the frozen owner were fenced off", v)
		}
	}
	one.stop()
	s.listen = second
	s.settled()
	two.stop()
	equal(t, s.scorecards("two.yaml", month), want)
}

// freeze stops a collector between two commits. Stopped in the middle of one it keeps the store's lock, which
// SQLite takes from nobody: then it is let go and stopped anew.
func (s *site) freeze(d *daemon) {
	s.t.Helper()
	s.until("the collector is stopped between two commits", func() bool {
		d.signal(syscall.SIGSTOP)
		if s.writable() {
			return true
		}
		d.signal(syscall.SIGCONT)
		return false
	})
}

// writable says that nobody is writing to the store.
func (s *site) writable() bool {
	db, err := sql.Open("sqlite", "file:"+s.path("data/store.db")+"?mode=rw&_txlock=immediate&_pragma=busy_timeout(100)")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		return false
	}
	return tx.Rollback() == nil
}

// owned is how many partitions the collector says it owns.
func owned(address string) (n float64) {
	for _, v := range sequences(metrics(address), "haidang_partition_owned") {
		n += v
	}
	return n
}

// send uploads both agents' month.
func (s *site) send(interval string, more ...string) {
	s.t.Helper()
	s.until("the collector listens", func() bool { return metrics(s.listen) != nil })
	for agent, token := range map[string]string{"agent-01": "env:E2E_AGENT", "agent-02": "env:E2E_AGENT2"} {
		s.output("haidang-simnet", append([]string{"month", "--config", s.nation, "--month", month, "--interval", interval,
			"--agent", agent, "--url", "http://" + s.listen, "--token", token}, more...)...)
	}
}

// natsServer builds and starts the server of the version in go.mod and returns its URL.
func (s *site) natsServer() string {
	s.t.Helper()
	program := filepath.Join(s.dir, "nats-server")
	if out, err := exec.Command("go", "build", "-o", program, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		s.t.Fatalf("build nats-server: %v\n%s", err, out)
	}
	address := loopback.Address(s.t)
	host, port, _ := strings.Cut(address, ":")
	s.write("nats.conf", fmt.Sprintf("host: %s\nport: %s\nmax_payload: 16MB\njetstream: {store_dir: %q, sync_interval: always}\n", host, port, s.path("nats")))
	cmd := exec.Command(program, "-c", s.path("nats.conf"), "-l", s.path("nats.log"))
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	s.until("the NATS server listens", func() bool { return listens(address) })
	return "nats://" + address
}

func listens(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}
