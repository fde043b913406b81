package log

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/internal/point"
)

func embedded(dir string) Config {
	return Config{Partitions: 2, MaxBytes: 128 << 20, Dir: dir, MinFree: 1}
}

func open(t testing.TB, cfg Config) *Log {
	t.Helper()
	l, err := Open(t.Context(), cfg, zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.WarnLevel), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeLog(t, l) })
	return l
}

func closeLog(t testing.TB, l *Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func message(i int) Message {
	return Message{
		ID: fmt.Sprintf("spool/%d", i), Principal: "agent-hà-nội", Received: int64(i), Relayed: i%2 == 0,
		Batch: point.Batch{Frames: fmt.Appendf(nil, "frame %d", i), Points: i, Raw: 2 * i},
	}
}

func publish(t testing.TB, l *Log, partition, from, to int) {
	t.Helper()
	for i := from; i <= to; i++ {
		if err := l.Publish(t.Context(), partition, message(i)); err != nil {
			t.Fatal(err)
		}
	}
}

// readTo reads the messages from one sequence to another, which must follow each other.
func readTo(t testing.TB, l *Log, partition int, from, to uint64) (got []Message) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	next := from
	err := l.Read(ctx, partition, from, func(seq uint64, m Message) error {
		if seq != next {
			t.Errorf("got sequence %d, want %d", seq, next)
		}
		next++
		got = append(got, m)
		if seq == to {
			return errStop
		}
		return nil
	})
	if !errors.Is(err, errStop) {
		t.Fatalf("read up to %d, want %d: %v", next-1, to, err)
	}
	return got
}

// count is the value of one counter.
func count(t testing.TB, c prometheus.Collector) (sum float64) {
	t.Helper()
	reg := prometheus.NewRegistry()
	reg.MustRegister(c)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range families[0].GetMetric() {
		sum += m.GetCounter().GetValue()
	}
	return sum
}

var errStop = errors.New("enough")

func TestPublishedIsRead(t *testing.T) {
	l := open(t, embedded(t.TempDir()))
	publish(t, l, 1, 1, 5)
	want := []Message{message(3), message(4), message(5)}
	if diff := cmp.Diff(want, readTo(t, l, 1, 3, 5)); diff != "" {
		t.Fatal(diff)
	}
	empty := Message{Principal: "p"}
	if err := l.Publish(t.Context(), 1, empty); err != nil {
		t.Fatal(err)
	}
	got := readTo(t, l, 1, 6, 6)[0]
	if got.ID != "" || len(got.Batch.Frames) != 0 || got.Relayed {
		t.Fatalf("%+v", got)
	}
}

func TestReadWaitsForNewMessages(t *testing.T) {
	l := open(t, embedded(t.TempDir()))
	ctx, cancel := context.WithCancel(t.Context())
	seen, done := make(chan uint64), make(chan error, 1)
	go func() {
		done <- l.Read(ctx, 0, 1, func(seq uint64, _ Message) error { seen <- seq; return nil })
	}()
	for i := 1; i <= 3; i++ {
		publish(t, l, 0, i, i)
		if seq := <-seen; seq != uint64(i) {
			t.Fatalf("got %d, want %d", seq, i)
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestSecondPublishOfAnIDIsDropped(t *testing.T) {
	l := open(t, embedded(t.TempDir()))
	publish(t, l, 0, 1, 3)
	publish(t, l, 0, 2, 4)
	if last, err := l.Last(t.Context(), 0); last != 4 || err != nil {
		t.Fatal(last, err)
	}
	if n := count(t, l.metrics.duplicates); n != 2 {
		t.Fatalf("counted %v duplicates", n)
	}
}

func TestRestartKeepsMessagesAndSequence(t *testing.T) {
	dir := t.TempDir()
	for i := 1; i <= 3; i++ {
		l := open(t, embedded(dir))
		publish(t, l, 0, i, i)
		if last, err := l.Last(t.Context(), 0); last != uint64(i) || err != nil {
			t.Fatal(last, err)
		}
		readTo(t, l, 0, 1, uint64(i))
		closeLog(t, l)
	}
}

func big(id, size int) Message {
	return Message{ID: fmt.Sprint(id), Principal: "p", Batch: point.Batch{Frames: bytes.Repeat([]byte{byte(id)}, size)}}
}

func TestLargestMessage(t *testing.T) {
	l := open(t, embedded(t.TempDir()))
	for i, size := range []int{MaxMessage, 1, MaxMessage, MaxMessage, 100} {
		if err := l.Publish(t.Context(), 0, big(i, size)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Publish(t.Context(), 0, big(9, MaxMessage+1)); !errors.Is(err, ErrTooLarge) {
		t.Fatal(err)
	}
	for i, m := range readTo(t, l, 0, 1, 5) {
		if m.ID != fmt.Sprint(i) {
			t.Fatalf("message %d has id %s", i, m.ID)
		}
	}
}

func TestFullLogRefusesUntilPurged(t *testing.T) {
	cfg := embedded(t.TempDir())
	cfg.MaxBytes = 64 << 20 // 24 MiB each, and 8 for relays
	l := open(t, cfg)
	var err error
	n := 0
	for err == nil {
		n++
		err = l.Publish(t.Context(), 0, big(n, 1<<20))
	}
	if !errors.Is(err, ErrFull) || n < 23 {
		t.Fatalf("message %d: %v", n, err)
	}
	publish(t, l, 1, 1, 1) // the other partition has its own share
	relays := 0
	for err = nil; err == nil; relays++ {
		err = l.Publish(t.Context(), l.Relays(0), big(relays, 1<<20))
	}
	if !errors.Is(err, ErrFull) || relays != 8 {
		t.Fatalf("%d relays: %v", relays, err)
	}
	if err := l.Purge(t.Context(), 0, 3); err != nil {
		t.Fatal(err)
	}
	if err := l.Publish(t.Context(), 0, big(n, 1<<20)); err != nil {
		t.Fatal("after purge:", err)
	}
	if s, err := l.State(t.Context(), 0); s.First != 3 || s.Last != uint64(n) || err != nil {
		t.Fatal(s, err)
	}
	if got := count(t, l.metrics.refused.WithLabelValues("full")); got != 2 {
		t.Fatalf("counted %v refusals", got)
	}
}

func TestLittleFreeDiskRefuses(t *testing.T) {
	cfg := embedded(t.TempDir())
	have, err := free(cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	cfg.MinFree = have + have/2
	l := open(t, cfg)
	if err := l.Publish(t.Context(), 0, message(1)); !errors.Is(err, ErrFull) {
		t.Fatal(err)
	}
	if err := l.Publish(t.Context(), l.Relays(0), message(1)); err != nil {
		t.Fatal("relays may take half of what is kept free:", err)
	}
}

func TestReaderSurvivesServerRestart(t *testing.T) {
	l := open(t, embedded(t.TempDir()))
	publish(t, l, 0, 1, 100)
	seen, done := make(chan uint64, 1000), make(chan error, 1)
	go func() {
		done <- l.Read(t.Context(), 0, 1, func(seq uint64, _ Message) error {
			seen <- seq
			if seq == 101 {
				return errStop
			}
			return nil
		})
	}()
	for want := uint64(1); want <= 101; want++ {
		if want == 50 {
			connected := l.conn.StatusChanged(nats.CONNECTED)
			if err := l.server.restart(t.Context()); err != nil {
				t.Fatal(err)
			}
			<-connected
			publish(t, l, 0, 101, 101)
		}
		if seq := <-seen; seq != want {
			t.Fatalf("got %d, want %d", seq, want)
		}
	}
	if err := <-done; !errors.Is(err, errStop) {
		t.Fatal(err)
	}
	if n := count(t, l.metrics.disconnects); n == 0 {
		t.Fatal("counted no disconnect")
	}
}

func TestSmallerLimitKeepsMessages(t *testing.T) {
	cfg := embedded(t.TempDir())
	l := open(t, cfg)
	for i := range 30 {
		if err := l.Publish(t.Context(), 0, big(i, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	closeLog(t, l)
	cfg.MaxBytes = 64 << 20
	l = open(t, cfg)
	if err := l.Publish(t.Context(), 0, big(99, 1)); !errors.Is(err, ErrFull) {
		t.Fatal(err)
	}
	readTo(t, l, 0, 1, 30)
}

func TestPurgedMessagesArePassedOver(t *testing.T) {
	l := open(t, embedded(t.TempDir()))
	publish(t, l, 0, 1, 10)
	for _, below := range []uint64{6, 3, 1, 0} {
		if err := l.Purge(t.Context(), 0, below); err != nil {
			t.Fatal(err)
		}
	}
	first := uint64(0)
	err := l.Read(t.Context(), 0, 1, func(seq uint64, _ Message) error { first = seq; return errStop })
	if first != 6 || !errors.Is(err, errStop) {
		t.Fatal(first, err)
	}
	if n := count(t, l.metrics.skipped); n != 5 {
		t.Fatalf("counted %v skipped", n)
	}
}

func TestPurgeOfEverythingKeepsTheSequence(t *testing.T) {
	dir := t.TempDir()
	l := open(t, embedded(dir))
	publish(t, l, 0, 1, 10)
	if err := l.Purge(t.Context(), 0, 999); err != nil {
		t.Fatal(err)
	}
	closeLog(t, l)
	l = open(t, embedded(dir))
	if s, err := l.State(t.Context(), 0); s != (State{First: 11, Last: 10}) || err != nil {
		t.Fatalf("%+v %v", s, err)
	}
	publish(t, l, 0, 11, 11)
	readTo(t, l, 0, 11, 11)
}

func TestForeignMessageIsPassedOver(t *testing.T) {
	l := open(t, embedded(t.TempDir()))
	publish(t, l, 0, 1, 1)
	if _, err := l.js.Publish(t.Context(), l.subject(0), []byte("hello")); err != nil {
		t.Fatal(err)
	}
	publish(t, l, 0, 3, 3)
	var seqs []uint64
	err := l.Read(t.Context(), 0, 1, func(seq uint64, _ Message) error {
		seqs = append(seqs, seq)
		if seq == 3 {
			return errStop
		}
		return nil
	})
	if diff := cmp.Diff([]uint64{1, 3}, seqs); diff != "" || !errors.Is(err, errStop) {
		t.Fatal(diff, err)
	}
	if n := count(t, l.metrics.foreign); n != 1 {
		t.Fatalf("counted %v foreign messages", n)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	open(t, embedded(dir))
	fewer := t.TempDir()
	closeLog(t, open(t, embedded(fewer)))
	tests := []struct {
		name string
		cfg  Config
		want string
	}{
		{"directory in use", embedded(dir), "in use by another process"},
		{"fewer partitions", Config{Partitions: 1, MaxBytes: 1 << 30, Dir: fewer}, "belongs to another store"},
		{"no place", Config{Partitions: 1, MaxBytes: 1 << 30}, "neither directory nor URL"},
		{"no partitions", Config{Dir: dir}, "0 partitions"},
		{"too small", Config{Partitions: 8, MaxBytes: 1 << 20, Dir: dir}, "too little"},
		{"positions", Config{Partitions: 2, MaxBytes: 1 << 30, Dir: dir, Positions: []uint64{1}}, "1 positions for 2"},
		{"unreachable", Config{Partitions: 1, MaxBytes: 1 << 30, URL: "nats://user:secret@127.0.0.1:1"}, "no servers available"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l, err := Open(t.Context(), test.cfg, zerolog.Nop(), nil)
			if err == nil {
				closeLog(t, l)
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
				t.Fatalf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestBadArguments(t *testing.T) {
	l := open(t, embedded(t.TempDir()))
	for _, m := range []Message{{ID: "a\r\nb"}, {Principal: "a\nb"}, {ID: " a"}} {
		if err := l.Publish(t.Context(), 0, m); err == nil {
			t.Errorf("accepted %+v", m)
		}
	}
	for _, p := range []int{-1, 4} {
		_, err := l.Last(t.Context(), p)
		errs := []error{err, l.Publish(t.Context(), p, message(1)), l.Purge(t.Context(), p, 1), l.Read(t.Context(), p, 1, nil)}
		for _, err := range errs {
			if err == nil || !strings.Contains(err.Error(), "log has 0 to 3") {
				t.Errorf("stream %d: %v", p, err)
			}
		}
	}
}

func TestServerVersions(t *testing.T) {
	for version, want := range map[string]bool{
		"2.15.0": true, "2.15.2-beta.1": true, "2.16.0": true, "3.0.0": true,
		"2.14.9": false, "1.99.0": false, "": false, "x.y": false, "2": false,
	} {
		if got := atLeast(version, minServer); got != want {
			t.Errorf("%q: %v", version, got)
		}
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	l, err := Open(t.Context(), embedded(t.TempDir()), zerolog.Nop(), reg)
	if err != nil {
		t.Fatal(err)
	}
	publish(t, l, 1, 1, 3)
	publish(t, l, l.Relays(1), 1, 1)
	got := map[string]float64{}
	families, err := reg.Gather()
	if err != nil {
		t.Error(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			got[f.GetName()] += m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	for name, want := range map[string]float64{
		"haidang_log_last_sequence": 3, "haidang_log_first_sequence": 2, "haidang_log_messages": 3,
		"haidang_log_limit_bytes": 48 << 20, "haidang_log_published_messages_total": 4, "haidang_log_published_bytes_total": 28,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	closeLog(t, l)
	if got, err := reg.Gather(); len(got) != 0 || err != nil {
		t.Errorf("after Close: %d families, %v", len(got), err)
	}
}
