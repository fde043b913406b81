package wire_test

import (
	"math"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/gnmi/wire"
)

// item is an update as the reference reads it.
type item struct {
	path       string
	duplicates uint64
	value      wire.Value
}

// reference reads an update with the generated code.
func reference(u *gpb.Update) (item, bool) {
	path, err := proto.MarshalOptions{Deterministic: true}.Marshal(u.GetPath())
	if err != nil {
		return item{}, false
	}
	i := item{path: string(path), duplicates: uint64(u.GetDuplicates())}
	switch v := u.GetVal().GetValue().(type) {
	case *gpb.TypedValue_StringVal:
		i.value = wire.Value{Kind: wire.Text, Text: []byte(v.StringVal)}
	case *gpb.TypedValue_AsciiVal:
		i.value = wire.Value{Kind: wire.Text, Text: []byte(v.AsciiVal)}
	case *gpb.TypedValue_IntVal:
		i.value = wire.Value{Kind: wire.Int, Bits: uint64(v.IntVal)}
	case *gpb.TypedValue_UintVal:
		i.value = wire.Value{Kind: wire.Uint, Bits: v.UintVal}
	case *gpb.TypedValue_BoolVal:
		i.value = wire.Value{Kind: wire.Bool}
		if v.BoolVal {
			i.value.Bits = 1
		}
	case *gpb.TypedValue_BytesVal:
		i.value = wire.Value{Kind: wire.Bytes, Text: v.BytesVal}
	case *gpb.TypedValue_DoubleVal:
		i.value = wire.Value{Kind: wire.Float, Bits: math.Float64bits(v.DoubleVal)}
	case *gpb.TypedValue_JsonVal:
		i.value = wire.Value{Kind: wire.JSON, Text: v.JsonVal}
	case *gpb.TypedValue_JsonIetfVal:
		i.value = wire.Value{Kind: wire.JSON, Text: v.JsonIetfVal}
	default:
		return i, false
	}
	return i, true
}

func (i item) is(got *wire.Item) bool {
	return string(got.Path) == i.path && got.Duplicates == i.duplicates && got.Value.Kind == i.value.Kind &&
		got.Value.Bits == i.value.Bits && string(got.Value.Text) == string(i.value.Text)
}

func values() *rapid.Generator[*gpb.TypedValue] {
	return rapid.Custom(func(t *rapid.T) *gpb.TypedValue {
		octets := rapid.SliceOf(rapid.Byte()).Draw(t, "octets")
		n := rapid.Uint64().Draw(t, "number")
		return rapid.SampledFrom([]*gpb.TypedValue{
			{Value: &gpb.TypedValue_StringVal{StringVal: rapid.String().Draw(t, "text")}},
			{Value: &gpb.TypedValue_AsciiVal{AsciiVal: rapid.String().Draw(t, "ascii")}},
			{Value: &gpb.TypedValue_IntVal{IntVal: int64(n)}}, {Value: &gpb.TypedValue_UintVal{UintVal: n}},
			{Value: &gpb.TypedValue_BoolVal{BoolVal: n%2 == 0}}, {Value: &gpb.TypedValue_BytesVal{BytesVal: octets}},
			{Value: &gpb.TypedValue_DoubleVal{DoubleVal: rapid.Float64().Draw(t, "float")}},
			{Value: &gpb.TypedValue_JsonVal{JsonVal: octets}}, {Value: &gpb.TypedValue_JsonIetfVal{JsonIetfVal: octets}},
		}).Draw(t, "value")
	})
}

// What the generated code encodes is read as it reads it.
func TestReadsWhatIsEncoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := &gpb.Notification{Timestamp: rapid.Int64().Draw(t, "time"), Prefix: &gpb.Path{Target: rapid.String().Draw(t, "target")}}
		updates := rapid.IntRange(0, 4).Draw(t, "updates")
		want := make([]item, 0, updates)
		for range updates {
			u := &gpb.Update{Path: &gpb.Path{Origin: rapid.String().Draw(t, "origin")}, Val: values().Draw(t, "val"),
				Duplicates: rapid.Uint32().Draw(t, "duplicates")}
			n.Update = append(n.Update, u)
			i, _ := reference(u)
			want = append(want, i)
		}
		for range rapid.IntRange(0, 2).Draw(t, "deletes") {
			n.Delete = append(n.Delete, &gpb.Path{Origin: "x"})
		}
		b, err := proto.Marshal(&gpb.SubscribeResponse{Response: &gpb.SubscribeResponse_Update{Update: n}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := wire.Parse(b)
		if err != nil || r.Kind != wire.Update || r.Notification.Time != n.Timestamp || r.Notification.Updates != len(want) || r.Notification.Deletes != len(n.Delete) {
			t.Fatalf("read %+v, %v", r, err)
		}
		at := 0
		r.Notification.EachUpdate(func(i *wire.Item, err error) {
			if err != nil || !want[at].is(i) {
				t.Fatalf("update %d is %+v, %v; want %+v", at, i, err, want[at])
			}
			at++
		})
	})
}

func TestKindsOfResponses(t *testing.T) {
	for want, m := range map[wire.Kind]*gpb.SubscribeResponse{
		wire.Sync:   {Response: &gpb.SubscribeResponse_SyncResponse{SyncResponse: true}},
		wire.Failed: {Response: &gpb.SubscribeResponse_Error{Error: &gpb.Error{Code: 3}}}, //nolint:staticcheck // old targets send it
		wire.Empty:  {},
	} {
		b, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := wire.Parse(b); err != nil || r.Kind != want {
			t.Errorf("%v is read as %v, %v", m, r.Kind, err)
		}
	}
}

// Whatever comes, what the generated code takes is read alike, and nothing panics.
func FuzzParse(f *testing.F) {
	n := &gpb.Notification{Timestamp: 7, Prefix: &gpb.Path{Target: "r1"}, Delete: []*gpb.Path{{}},
		Update: []*gpb.Update{{Path: &gpb.Path{Origin: "o"}, Val: &gpb.TypedValue{Value: &gpb.TypedValue_UintVal{UintVal: 9}}}}}
	b, err := proto.Marshal(&gpb.SubscribeResponse{Response: &gpb.SubscribeResponse_Update{Update: n}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte{0x18, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var m gpb.SubscribeResponse
		refused := proto.Unmarshal(b, &m) != nil
		r, err := wire.Parse(b)
		if err != nil || r.Kind != wire.Update {
			return
		}
		updates := m.GetUpdate().GetUpdate()
		at := 0
		r.Notification.EachUpdate(func(i *wire.Item, err error) {
			if err == nil && !refused && len(updates) == r.Notification.Updates && at < len(updates) {
				//nolint:staticcheck // the deprecated value comes first in some targets
				if want, ok := reference(updates[at]); ok && i.Value.Kind != want.value.Kind && updates[at].GetValue() == nil {
					t.Errorf("update %d is %+v, want %+v", at, i, want)
				}
			}
			at++
		})
		r.Notification.EachDelete(func([]byte) {})
	})
}
