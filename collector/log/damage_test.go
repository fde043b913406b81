package log

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// flipByte damages the stored message of partition 0 that holds the text, while the log is closed.
func flipByte(t *testing.T, dir, text string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "jetstream/$G/streams/HAIDANG_0/msgs/*.blk"))
	if err != nil || len(files) != 1 {
		t.Fatal("message blocks:", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	data[bytes.Index(data, []byte(text))] ^= 1
	if err := os.WriteFile(files[0], data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedMessageIsAGap(t *testing.T) {
	dir := t.TempDir()
	l := open(t, embedded(dir))
	publish(t, l, 0, 1, 100)
	closeLog(t, l)
	flipByte(t, dir, "frame 50")

	l = open(t, embedded(dir))
	var last uint64
	err := l.Read(t.Context(), 0, 1, func(seq uint64, _ Message) error { last = seq; return nil })
	var gap *GapError
	if !errors.As(err, &gap) || gap.From != 50 || gap.To != 50 || last != 49 {
		t.Fatalf("read to %d: %v", last, err)
	}
	if got := readTo(t, l, 0, gap.To+1, 100); len(got) != 50 {
		t.Fatalf("%d messages behind the gap", len(got))
	}
}

// Without its index the server reads the block anew and cuts it off at the first damage.
func TestCutOffTailIsCounted(t *testing.T) {
	dir := t.TempDir()
	l := open(t, embedded(dir))
	publish(t, l, 0, 1, 100)
	closeLog(t, l)
	flipByte(t, dir, "frame 50")
	if err := os.Remove(filepath.Join(dir, "jetstream/$G/streams/HAIDANG_0/msgs/index.db")); err != nil {
		t.Fatal(err)
	}

	l = open(t, embedded(dir))
	if n := count(t, l.metrics.lost); n != 51 {
		t.Fatalf("counted %v lost messages", n)
	}
	publish(t, l, 0, 101, 101)
	readTo(t, l, 0, 1, 50)
}

func FuzzWalkRecords(f *testing.F) {
	f.Add(append([]byte{recordMin, 0, 0, 0x80, 7}, make([]byte, recordMin)...))
	f.Fuzz(func(t *testing.T, block []byte) {
		if _, err := walkRecords(bytes.NewReader(block), int64(len(block))); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTornTailIsNoLoss(t *testing.T) {
	dir := t.TempDir()
	l := open(t, embedded(dir))
	publish(t, l, 0, 1, 10)
	closeLog(t, l)
	block := filepath.Join(dir, "jetstream/$G/streams/HAIDANG_0/msgs/1.blk")
	data, err := os.ReadFile(block)
	if err != nil {
		t.Fatal(err)
	}
	for _, torn := range [][]byte{data[:1], data[:recordHead], data[:recordMin+1], make([]byte, 4096)} {
		if err := os.WriteFile(block, append(data[:len(data):len(data)], torn...), 0o600); err != nil {
			t.Fatal(err)
		}
		l := open(t, embedded(dir))
		if n := count(t, l.metrics.lost); n != 0 {
			t.Fatalf("counted %v lost messages", n)
		}
		readTo(t, l, 0, 1, 10)
		closeLog(t, l)
	}
}

func TestDamagedStreamNamesItsDirectory(t *testing.T) {
	dir := t.TempDir()
	closeLog(t, open(t, embedded(dir)))
	stream := filepath.Join(dir, "jetstream/$G/streams/HAIDANG_0")
	if err := os.WriteFile(filepath.Join(stream, "meta.inf"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), embedded(dir), zerolog.Nop(), nil)
	if err == nil || !strings.Contains(err.Error(), stream) {
		t.Fatalf("error does not name %s: %v", stream, err)
	}
	if err := os.RemoveAll(stream); err != nil {
		t.Fatal(err)
	}
	publish(t, open(t, embedded(dir)), 0, 1, 1)
}

func TestLostStreamGoesOnBehindThePosition(t *testing.T) {
	cfg := embedded(t.TempDir())
	cfg.Positions = []uint64{0, 1000}
	l := open(t, cfg)
	publish(t, l, 0, 1, 2)
	publish(t, l, 1, 1, 2)
	if got := readTo(t, l, 1, 1001, 1002); got[0].ID != message(1).ID {
		t.Fatal(got)
	}
	readTo(t, l, 0, 1, 2)
	if err := l.Read(t.Context(), 0, 4, nil); err == nil || !strings.Contains(err.Error(), "log ends at 2") {
		t.Fatal("reading beyond the end:", err)
	}
}

func TestShortStreamIsMovedUpToThePosition(t *testing.T) {
	dir := t.TempDir()
	l := open(t, embedded(dir))
	publish(t, l, 0, 1, 10)
	closeLog(t, l)
	cfg := embedded(dir)
	cfg.Positions = []uint64{20, 0}
	l = open(t, cfg)
	publish(t, l, 0, 21, 21)
	readTo(t, l, 0, 21, 21)
}
