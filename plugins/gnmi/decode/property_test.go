package decode_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/gnmi/decode"
	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
	"github.com/haidang-noc/haidang/plugins/gnmi/xpath"
)

// plan is that of all shipped sets.
func plan(t interface{ Fatal(...any) }) *pathset.Plan {
	sets, err := pathset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	return pathset.NewPlan(sets)
}

// known is a leaf that the property draws values for.
type known struct {
	path []string // below the interface
	text bool
}

func knownLeaves() []known {
	return []known{
		{[]string{"state", "oper-status"}, true}, {[]string{"state", "admin-status"}, true},
		{[]string{"state", "counters", "in-octets"}, false}, {[]string{"state", "counters", "out-octets"}, false},
		{[]string{"state", "counters", "in-errors"}, false}, {[]string{"state", "mtu"}, false},
	}
}

// interfaces are drawn values by interface and leaf.
func interfaces(t *rapid.T) map[string]map[int]any {
	all := map[string]map[int]any{}
	for _, name := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9/.:\[\]=\\ "-]{1,8}`), 1, 3, rapid.ID).Draw(t, "names") {
		all[name] = map[int]any{}
		for i, l := range knownLeaves() {
			if !rapid.Bool().Draw(t, "has") {
				continue
			}
			all[name][i] = rapid.SampledFrom([]string{"UP", "DOWN"}).Draw(t, "state")
			if !l.text {
				all[name][i] = rapid.Uint64().Draw(t, "counter")
			}
		}
	}
	return all
}

// Values one by one, in any order and under any prefix, and the same values as one tree in JSON, are the same lines.
func TestLeavesAndTreesAreTheSame(t *testing.T) {
	p := plan(t)
	rapid.Check(t, func(t *rapid.T) {
		values := interfaces(t)
		one := told(t, p, asTree(t, values))
		many := told(t, p, asLeaves(t, values)...)
		if !slices.Equal(one, many) {
			t.Fatalf("as a tree\n%s\none by one\n%s", strings.Join(one, "\n"), strings.Join(many, "\n"))
		}
	})
}

// told are the lines of some notifications, in order.
func told(t *rapid.T, p *pathset.Plan, all ...*gpb.Notification) []string {
	box, now := outbox.New(), time.Unix(1_790_000_000, 0)
	target := decode.New(newConfig(box), p, false, new(decode.Identity))
	for _, n := range all {
		n.Timestamp = now.UnixNano()
		b, err := proto.Marshal(&gpb.SubscribeResponse{Response: &gpb.SubscribeResponse_Update{Update: n}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := target.Take(b, now); err != nil {
			t.Fatal(err)
		}
	}
	target.Flush(now)
	e := box.Open()
	defer box.Close()
	lines := strings.Split(strings.TrimSuffix(string(e.Bytes()), "\n"), "\n")
	slices.Sort(lines)
	return lines
}

func asTree(t *rapid.T, values map[string]map[int]any) *gpb.Notification {
	list := make([]any, 0, len(values))
	for name, leaves := range values {
		tree := map[string]any{"name": name, "config": map[string]any{"name": name, "mtu": []any{1, "x", nil}}}
		for i, v := range leaves {
			if n, ok := v.(uint64); ok {
				v = fmt.Sprint(n)
			}
			put(tree, knownLeaves()[i].path, v)
		}
		list = append(list, tree)
	}
	text, err := json.Marshal(map[string]any{"openconfig-interfaces:interface": list})
	if err != nil {
		t.Fatal(err)
	}
	return &gpb.Notification{Update: []*gpb.Update{{Path: xpath.Proto("openconfig", []xpath.Elem{{Name: "interfaces"}}), Val: typed(text)}}}
}

func put(tree map[string]any, path []string, v any) {
	for _, name := range path[:len(path)-1] {
		next, ok := tree[name].(map[string]any)
		if !ok {
			next = map[string]any{}
			tree[name] = next
		}
		tree = next
	}
	tree[path[len(path)-1]] = v
}

func asLeaves(t *rapid.T, values map[string]map[int]any) (all []*gpb.Notification) {
	for name, leaves := range values {
		for i, v := range leaves {
			path := knownLeaves()[i].path
			elems := make([]xpath.Elem, 0, len(path)+2)
			elems = append(elems, xpath.Elem{Name: "interfaces"}, xpath.Elem{Name: "interface", Keys: []xpath.Key{{Name: "name", Value: name}}})
			for _, e := range path {
				elems = append(elems, xpath.Elem{Name: e})
			}
			val := &gpb.TypedValue{Value: &gpb.TypedValue_StringVal{StringVal: fmt.Sprint(v)}}
			if n, ok := v.(uint64); ok {
				val = &gpb.TypedValue{Value: &gpb.TypedValue_UintVal{UintVal: n}}
			}
			cut := rapid.IntRange(0, len(elems)).Draw(t, "cut")
			all = append(all, &gpb.Notification{Prefix: xpath.Proto("openconfig", elems[:cut]),
				Update: []*gpb.Update{{Path: xpath.Proto("", elems[cut:]), Val: val}}})
		}
	}
	return rapid.Permutation(all).Draw(t, "order")
}

// Whatever comes, twice, lines are well formed and rows are bounded.
func FuzzTake(f *testing.F) {
	p := plan(f)
	add := func(n *gpb.Notification) {
		b, err := proto.Marshal(&gpb.SubscribeResponse{Response: &gpb.SubscribeResponse_Update{Update: n}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	path := xpath.Proto("openconfig", []xpath.Elem{{Name: "interfaces"}, {Name: "interface", Keys: []xpath.Key{{Name: "name", Value: "e1"}}}, {Name: "state"}, {Name: "oper-status"}})
	add(&gpb.Notification{Timestamp: 1, Update: []*gpb.Update{{Path: path, Val: typed("DOWN"), Duplicates: 3}}, Delete: []*gpb.Path{path}})
	add(&gpb.Notification{Prefix: xpath.Proto("", []xpath.Elem{{Name: "interfaces"}}), Update: []*gpb.Update{{Path: &gpb.Path{},
		Val: typed([]byte(`{"a:interface":[{"name":"e1","state":{"oper-status":"UP","counters":{"in-octets":"7"}}},7,[{}],"x"]}`))}}})
	add(&gpb.Notification{Update: []*gpb.Update{{Path: &gpb.Path{Element: []string{"interfaces", "interface", "e1", "state", "admin-status"}}, //nolint:staticcheck // is meant
		Value: &gpb.Value{Value: []byte(`"UP"`), Type: gpb.Encoding_JSON}}}}) //nolint:staticcheck // is meant
	f.Add([]byte{0x18, 1})
	f.Fuzz(func(t *testing.T, message []byte) {
		box, now := outbox.New(), time.Unix(1_790_000_000, 0)
		cfg := newConfig(box)
		cfg.MaxRows = 4
		target := decode.New(cfg, p, false, new(decode.Identity))
		for range 2 {
			_, _ = target.Take(message, now) // an error is an answer
			target.Sweep(now.Add(time.Second))
		}
		e := box.Open()
		defer box.Close()
		s := point.NewScanner(e.Bytes(), point.Options{})
		for s.Next() {
			if err := s.Err(); err != nil {
				t.Errorf("%v: %s", err, e.Bytes())
			}
		}
	})
}
