package xpath_test

import (
	"strings"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/gnmi/xpath"
)

func decode(t interface{ Fatal(...any) }, p *gpb.Path) xpath.Path {
	b, err := proto.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	got, err := xpath.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// A path that is written with its values escaped is read, sent and received as the same path.
func TestPathsSurvive(t *testing.T) {
	escape := strings.NewReplacer(`\`, `\\`, `]`, `\]`)
	rapid.Check(t, func(t *rapid.T) {
		text, name := "", rapid.StringMatching(`[a-z][a-z0-9-]{0,6}`)
		for range rapid.IntRange(1, 5).Draw(t, "elements") {
			text += "/" + name.Draw(t, "name")
			for _, key := range rapid.SliceOfNDistinct(name, 0, 2, rapid.ID).Draw(t, "keys") {
				text += "[" + key + "=" + escape.Replace(rapid.String().Draw(t, "value")) + "]"
			}
		}
		elems, err := xpath.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got := decode(t, xpath.Proto("o", elems))
		if len(got.Elems) != len(elems) || got.Origin != "o" {
			t.Fatalf("%q became %v", text, got)
		}
		for i := range elems {
			for _, k := range elems[i].Keys {
				if got.Elems[i].Name != elems[i].Name || got.Elems[i].Key(k.Name) != k.Value {
					t.Fatalf("%q became %v", text, got)
				}
			}
		}
	})
}

func TestSources(t *testing.T) {
	for want, p := range map[string]xpath.Path{
		"b:/x/y":      xpath.Join(decode(t, &gpb.Path{Origin: "a", Elem: []*gpb.PathElem{{Name: "x"}}}), decode(t, &gpb.Path{Origin: "b", Elem: []*gpb.PathElem{{Name: "m:y"}}})),
		"a:/x/y":      xpath.Join(decode(t, &gpb.Path{Origin: "a", Elem: []*gpb.PathElem{{Name: "m:x"}}}), decode(t, &gpb.Path{Elem: []*gpb.PathElem{{Name: "y"}}})),
		"m:/x/y":      xpath.Join(decode(t, &gpb.Path{Elem: []*gpb.PathElem{{Name: "m:x"}}}), decode(t, &gpb.Path{Elem: []*gpb.PathElem{{Name: "n:y"}}})),
		"n:/y":        xpath.Join(xpath.Path{}, decode(t, &gpb.Path{Elem: []*gpb.PathElem{{Name: "n:y"}}})),
		"/y[k-1=a:b]": decode(t, &gpb.Path{Elem: []*gpb.PathElem{{Name: "y", Key: map[string]string{"m:k_1": "a:b"}}}}),
	} {
		if got := p.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestWrongPaths(t *testing.T) {
	for _, text := range []string{"/a//b", "/a[", "/a[k]", "/a[k=v", "/a[=v]", "/a[k=v]x", "/a/", "/[k=v]"} {
		if _, err := xpath.Parse(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	long := &gpb.Path{}
	for range 100 {
		long.Elem = append(long.Elem, &gpb.PathElem{Name: "x"})
	}
	b, err := proto.Marshal(long)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := xpath.Decode(b); err == nil {
		t.Error("a path of 100 elements is taken")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("\x1a\x0c\x0a\x01a\x12\x07\x0a\x01k\x12\x02vv"), "/a[k=v]/b")
	f.Add([]byte("\x0a\x06a[k=v]\x0a\x01b"), `/a[k=\]]`)
	f.Fuzz(func(t *testing.T, b []byte, text string) {
		if p, err := xpath.Decode(b); err == nil {
			_ = p.String()
		}
		if elems, err := xpath.Parse(text); err == nil {
			for _, e := range elems {
				if e.Name == "" {
					t.Errorf("%q has an element without a name", text)
				}
			}
		}
	})
}
