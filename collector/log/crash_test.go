package log

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"
)

// Tests that need a process to kill or to limit start this test binary again as that process.
const childEnv = "HAIDANG_LOG_TEST_CHILD"

func TestMain(m *testing.M) {
	children := map[string]func(dir string) error{"publisher": publisher, "limited": limited}
	if child := children[os.Getenv(childEnv)]; child != nil {
		if err := child(os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if err := flag.Set("rapid.checks", "20"); err != nil { // each starts servers; the command line may say otherwise
		panic(err)
	}
	os.Exit(m.Run())
}

func child(t *testing.T, role, dir string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, dir)
	cmd.Env = append(os.Environ(), childEnv+"="+role)
	cmd.Stderr = os.Stderr
	return cmd
}

// publisher publishes from several goroutines until it is killed, and prints the number of each
// message that was acknowledged.
func publisher(dir string) error {
	ctx := context.Background()
	l, err := Open(ctx, embedded(dir), zerolog.Nop(), nil)
	if err != nil {
		return err
	}
	last, err := l.Last(ctx, 0)
	if err != nil {
		return err
	}
	var out sync.Mutex
	failed := make(chan error)
	for g := range 4 {
		go func() {
			for i := 4*(int(last)+1000) + g; ; i += 4 {
				m := message(i)
				m.Batch.Frames = append(m.Batch.Frames, make([]byte, i%7*1000)...)
				if err := l.Publish(ctx, 0, m); err != nil {
					failed <- err
				}
				out.Lock()
				fmt.Println(i)
				out.Unlock()
			}
		}()
	}
	return <-failed
}

func TestKilledPublisherLosesNothing(t *testing.T) {
	dir := t.TempDir()
	acked := map[string]bool{}
	for range 8 {
		killPublisher(t, dir, 50+rand.IntN(400), acked)
		l := open(t, embedded(dir))
		last, err := l.Last(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		stored := map[string]int{}
		for _, m := range readTo(t, l, 0, 1, last) {
			stored[m.ID]++
		}
		for id := range acked {
			if stored[id] != 1 {
				t.Errorf("%s was acknowledged and is there %d times", id, stored[id])
			}
		}
		if n := count(t, l.metrics.lost); n != 0 {
			t.Errorf("%v messages lost", n)
		}
		closeLog(t, l)
	}
	t.Logf("%d messages acknowledged", len(acked))
}

// killPublisher kills a publisher in the middle of its work after so many acknowledgements.
func killPublisher(t *testing.T, dir string, after int, acked map[string]bool) {
	t.Helper()
	cmd := child(t, "publisher", dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		i, err := strconv.Atoi(lines.Text())
		if err != nil {
			break // the kill cut the line
		}
		acked[message(i).ID] = true
		if n == after {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("publisher ended by itself: %v", err)
	}
}

// limited fills the log until the system refuses to write a byte more to its files, lifts that limit
// and publishes again.
func limited(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	ctx := context.Background()
	l, err := Open(ctx, embedded(dir), zerolog.New(os.Stderr).Level(zerolog.ErrorLevel), nil)
	if err != nil {
		return err
	}
	if err := setFileSize(1 << 20); err != nil {
		return err
	}
	down := l.conn.StatusChanged(nats.RECONNECTING)
	n := 0
	for ; err == nil; n++ {
		short, cancel := context.WithTimeout(ctx, time.Second)
		err = l.Publish(short, 0, big(n, 100<<10))
		cancel()
	}
	<-down // the server is being started anew
	fmt.Println("failed", n, err)
	if err := setFileSize(1 << 40); err != nil {
		return err
	}
	connected := l.conn.StatusChanged(nats.CONNECTED)
	for !l.conn.IsConnected() || l.Publish(ctx, 0, big(n-1, 100<<10)) != nil {
		select {
		case <-connected:
		case <-time.After(100 * time.Millisecond): // it is, and the stream is not yet
		}
	}
	return l.Close()
}

func setFileSize(limit uint64) error {
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: 1 << 40})
}

func TestDiskThatRefusesWrites(t *testing.T) {
	dir := t.TempDir()
	cmd := child(t, "limited", dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(out)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	t.Logf("%s %v", text, err)
	l := open(t, embedded(dir))
	last, err := l.Last(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range readTo(t, l, 0, 1, last) {
		if m.ID != fmt.Sprint(i) {
			t.Fatalf("message %d has id %s", i, m.ID)
		}
	}
}
