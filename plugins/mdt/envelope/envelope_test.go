package envelope_test

import (
	"strings"
	"testing"

	bis "github.com/cisco-ie/nx-telemetry-proto/telemetry_bis"
	"google.golang.org/protobuf/proto"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/mdt/envelope"
	"github.com/haidang-noc/haidang/plugins/mdt/sensor"
)

func cisco(t testing.TB) []byte {
	t.Helper()
	out, err := proto.Marshal(&bis.Telemetry{
		NodeId: &bis.Telemetry_NodeIdStr{NodeIdStr: "xr1"}, Subscription: &bis.Telemetry_SubscriptionIdStr{SubscriptionIdStr: "s1"},
		EncodingPath: "a:b/c", MsgTimestamp: 7, DataGpbkv: []*bis.TelemetryField{{Timestamp: 8}, {Timestamp: 9}},
		DataGpb: &bis.TelemetryGPBTable{Row: []*bis.TelemetryRowGPB{{Timestamp: 10, Keys: []byte("k"), Content: []byte("c")}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCisco(t *testing.T) {
	octets := cisco(t)
	m, err := envelope.Cisco(octets)
	if err != nil || string(m.Node) != "xr1" || string(m.Subscription) != "s1" || string(m.Path) != "a:b/c" || m.Time != 7 {
		t.Errorf("%+v, %v", m, err)
	}
	var times []uint64
	for row := range m.Fields.All() {
		times = append(times, sensor.RowTime(row))
	}
	for octets := range m.Table.All() {
		row, err := envelope.TableRow(octets)
		if err != nil || string(row.Keys) != "k" || string(row.Content) != "c" {
			t.Errorf("%+v, %v", row, err)
		}
		times = append(times, row.Time)
	}
	if len(times) != 3 || times[0] != 8 || times[1] != 9 || times[2] != 10 {
		t.Error(times)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = envelope.Cisco(octets) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
	for cut := 1; cut < len(octets); cut++ { // every beginning of it is read without harm
		if m, err := envelope.Cisco(octets[:cut]); err == nil && len(m.Path) > 5 {
			t.Errorf("%d: %+v", cut, m)
		}
	}
}

func TestCiscoJSON(t *testing.T) {
	m, rows, err := envelope.CiscoJSON([]byte(`{"encoding_path":"p","msg_timestamp":"7","data_json":[{"timestamp":9,"keys":[{"a":"x"}],"content":{"l":[{"n":1},{"n":true}]}}]}`))
	if err != nil || string(m.Path) != "p" || m.Time != 7 || len(rows) != 1 || rows[0].Time != 9 {
		t.Fatalf("%+v, %+v, %v", m, rows, err)
	}
	var got []string
	rows[0].Tree.Get("content", func(content sensor.Tree, _ point.Value) {
		content.Get("l", func(one sensor.Tree, _ point.Value) {
			one.Get("n", func(_ sensor.Tree, v point.Value) { got = append(got, string(v.Text)) })
		})
	})
	if strings.Join(got, ",") != "1," {
		t.Errorf("%q", got)
	}
	for _, text := range []string{"", "{", "[]", `{"data_json":[1`, `{"data_json":7}`} {
		if _, _, err := envelope.CiscoJSON([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func FuzzBinary(f *testing.F) {
	f.Add(cisco(f))
	f.Fuzz(func(t *testing.T, octets []byte) {
		for _, read := range []func([]byte) (envelope.Message, error){envelope.Cisco, envelope.Huawei, envelope.Juniper} {
			m, err := read(octets)
			if err != nil {
				continue
			}
			for row := range m.Table.All() {
				_, _ = envelope.TableRow(row)
			}
			for row := range m.Fields.All() {
				sensor.RowTime(row)
			}
		}
		_, _ = envelope.ReadArgs(octets)
	})
}

func FuzzJSON(f *testing.F) {
	f.Add(`{"encoding_path":"p","data_json":[{"timestamp":9,"keys":[{"a":"x"}],"content":{"l":[{"n":1},{"n":2}]}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		if _, rows, err := envelope.CiscoJSON([]byte(text)); err == nil {
			for _, row := range rows {
				row.Tree.Get("keys", func(sensor.Tree, point.Value) {})
			}
		}
	})
}
