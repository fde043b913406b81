package pull_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/haidang-noc/haidang/plugins/pmfile/pull"
)

// flat writes a document as text that two readers can be compared by: texts joined, prefixes gone.
type flat struct{ bytes.Buffer }

func (f *flat) start(name string) { fmt.Fprintf(f, "\x00<%s", name) }
func (f *flat) attr(name, v string) {
	fmt.Fprintf(f, "\x00 %s=%s", name, v)
}
func (f *flat) end(name string) { fmt.Fprintf(f, "\x00>%s\x00", name) }

func ours(src io.Reader) (string, error) {
	var r pull.Reader
	var out flat
	r.Reset(src)
	for {
		kind, err := r.Next()
		switch {
		case err != nil:
			return "", err
		case kind == pull.EOF:
			return out.String(), nil
		case kind == pull.Start:
			out.start(string(r.Name()))
			for _, a := range r.Attrs() {
				out.attr(string(a.Name), string(a.Value))
			}
		case kind == pull.End:
			out.end(string(r.Name()))
		case kind == pull.Text:
			out.Write(r.Text())
		}
	}
}

func theirs(src io.Reader) (string, error) {
	d := xml.NewDecoder(src)
	var out flat
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			out.start(t.Name.Local)
			for _, a := range t.Attr {
				out.attr(a.Name.Local, a.Value)
			}
		case xml.EndElement:
			out.end(t.Name.Local)
		case xml.CharData:
			out.Write(t)
		}
	}
}

// allowed says whether we may refuse what encoding/xml takes.
func allowed(err error, text []byte) bool {
	var e *pull.Error
	if !errors.As(err, &e) {
		return false
	}
	ascii := !bytes.ContainsFunc(text, func(c rune) bool { return c >= 0x80 })
	return e.Fault == pull.Limit || !ascii && strings.HasSuffix(e.What, "is no name")
}

func agree(t *testing.T, text []byte) {
	t.Helper()
	ascii := bytes.Contains(bytes.ToLower(text), []byte("us-ascii"))
	want, theirErr := theirs(bytes.NewReader(text))
	got, ourErr := ours(bytes.NewReader(text))
	want = strings.TrimPrefix(want, "\ufeff")
	switch {
	case ourErr != nil && theirErr == nil && !allowed(ourErr, text):
		t.Fatalf("refused: %v\n%q", ourErr, text)
	case ourErr == nil && theirErr != nil && !ascii:
		t.Fatalf("taken, but encoding/xml says: %v\n%q", theirErr, text)
	case ourErr == nil && theirErr == nil && got != want:
		t.Fatalf("read differently:\n%q\ngot  %q\nwant %q", text, got, want)
	}
	again, err := ours(iotest.OneByteReader(bytes.NewReader(text)))
	if fmt.Sprint(err) != fmt.Sprint(ourErr) || again != got {
		t.Fatalf("byte by byte: %v, at once: %v\n%q", err, ourErr, text)
	}
}

func seeds() []string {
	return []string{
		"", " ", "<a/>", "<a></a>", "<a>1</a><b/>", "<a x='1' y=\"2\"z='3'/>", "<p:a p:b='c'></p:a>", "<a:/>", "<:a/>", "<a:b:c/>",
		"<a>x<!-- c -->y<![CDATA[<z>]]></a>", "<a>&lt;&amp;&#65;&#x41;&#13;\n\r\n\r</a>", "<a>&nbsp;</a>", "<a>&#xD800;&#1;</a>", "<a>]]></a>", "<a>]]&gt;</a>",
		"<?xml version=\"1.0\" encoding='utf-8'?><a/>", "<?xml-stylesheet a?><?xml version='1.0'?><a/>", "<?xml version='1.1'?>", "<?xml encoding='latin1'?>",
		"<!DOCTYPE a [<!ENTITY b 'c>'><!-- > ' -->]><a/>", "<!><a/>", "<!\"><a/>", "<!D<!-x>>", "<!-- a-- -->", "<!--->", "<![CDATA[", "\ufeff<a/>", "\xff\xfe<\x00",
		"<a b='\xff'/>", "<a>\xff</a>", "<a>\ufffe</a>", "<é/>", "<a é='1'/>", "<a", "<a b", "<a b=", "<a b='", "</a>", "<a></b>", "<a/ >", "<?a:b:c?>",
		"<a b='<'/>", "<a b='\r\n&quot;'/>", "<a>\x01</a>", "<!D \"", "<!D <!-- -- >", "<?xml us-ascii encoding='US-ASCII'?><a/>",
	}
}

func TestAgreesWithEncodingXML(t *testing.T) {
	for _, s := range seeds() {
		agree(t, []byte(s))
	}
	files, _ := filepath.Glob("../testdata/*.xml")
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, text)
		for n := 0; n < len(text); n += 1 + len(text)/200 {
			agree(t, text[:n])
		}
	}
}

func FuzzAgreesWithEncodingXML(f *testing.F) {
	for _, s := range seeds() {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) { agree(t, text) })
}
