package decode_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/gnmi/decode"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newConfig is that of a target named r1.
func newConfig(box *outbox.Box) *decode.Config {
	return &decode.Config{
		Device: "r1", Interval: time.Minute, Heartbeat: 5 * time.Minute, MaxRows: 1000, Box: box, Metrics: decode.NewMetrics(nil),
		Log: slog.New(slog.DiscardHandler),
		Key: func(measurement string, tags ...point.Tag) []byte {
			return point.AppendKey(nil, measurement, append(tags, point.Tag{Key: "agent", Value: "a1"})...)
		},
	}
}

// line is a line that was written.
type line struct {
	Key    []byte
	Fields []point.Field
	Time   int64
	Text   string
}

// written takes the lines out of a box.
func written(t testing.TB, box *outbox.Box) (all []line) {
	t.Helper()
	e := box.Open()
	defer box.Close()
	s := point.NewScanner(append([]byte(nil), e.Bytes()...), point.Options{})
	for s.Next() {
		l := s.Line()
		one := line{Key: append([]byte(nil), l.Key...), Time: l.Time, Text: fmt.Sprintf("%s %d", l.Text, l.Time)}
		for _, f := range l.Fields {
			f.Key, f.Text = append([]byte(nil), f.Key...), append([]byte(nil), f.Text...)
			one.Fields = append(one.Fields, f)
		}
		all = append(all, one)
	}
	e.Reset()
	return all
}

// encode makes a message of a notification.
func encode(t testing.TB, n *gpb.Notification) []byte {
	t.Helper()
	b, err := proto.Marshal(&gpb.SubscribeResponse{Response: &gpb.SubscribeResponse_Update{Update: n}})
	must(t, err)
	return b
}
