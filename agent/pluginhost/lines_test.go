package pluginhost

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

func TestLinesBecomeEntries(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"slog": {`{"time":"2026-11-01T00:00:00Z","level":"ERROR","msg":"no answer","device":"d1","n":9007199254740993}`,
			`{"level":"error","device":"d1","n":9007199254740993,"message":"no answer"}`},
		"slog between levels": {`{"level":"INFO+2","msg":"m"}`, `{"level":"info","message":"m"}`},
		"slog debug":          {`{"level":"DEBUG","msg":"m","g":{"a":[1,2]}}`, `{"level":"debug","g":{"a":[1,2]},"message":"m"}`},
		"hclog": {`{"@level":"warn","@message":"grpc","@module":"plugin","@timestamp":"x","error":"e"}`,
			`{"level":"warn","@module":"plugin","error":"e","message":"grpc"}`},
		"hclog trace":      {`{"@level":"trace","@message":"m"}`, `{"level":"trace","message":"m"}`},
		"reserved field":   {`{"level":"INFO","msg":"m","message":"x","input":"y"}`, `{"level":"info","plugin_input":"y","plugin_message":"x","message":"m"}`},
		"unknown level":    {`{"level":"LOUD","msg":"m"}`, `{"level":"info","message":"m"}`},
		"json, no message": {`{"a":1}`, `{"level":"info","message":"{\"a\":1}"}`},
		"broken json":      {`{"msg":"m"`, `{"level":"info","message":"{\"msg\":\"m\""}`},
		"text":             {"hello\r", `{"level":"info","message":"hello"}`},
		"empty line":       {"\n\n", ``},
		"crash": {"panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n{\"msg\":\"not a line of its own\"}",
			`{"level":"error","stack":"panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n{\"msg\":\"not a line of its own\"}\n","message":"the plugin crashed"}`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := logged(c.in+"\n", 1<<20); strings.TrimSuffix(got, "\n") != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if whole, bytewise := logged(c.in, 1<<20), logged(c.in, 1); whole != bytewise {
				t.Errorf("in one write %s\nbyte by byte %s", whole, bytewise)
			}
		})
	}
}

// logged is what the agent's log says of a plugin's text that comes in pieces of n bytes.
func logged(text string, n int) string {
	var log bytes.Buffer
	l := newLineLogger(zerolog.New(&log).Level(zerolog.TraceLevel))
	for len(text) > 0 {
		n := min(n, len(text))
		_, _ = l.Write([]byte(text[:n]))
		text = text[n:]
	}
	_ = l.Close()
	return log.String()
}

func TestTheLogOfAPluginIsBounded(t *testing.T) {
	long := strings.Repeat("x", 10*maxLogLine)
	if got := logged(long, 1000); len(got) > maxLogLine+100 {
		t.Errorf("a line of %d bytes makes an entry of %d", len(long), len(got))
	}
	if got := logged("panic: x\n"+strings.Repeat(long+"\n", 10), 1<<20); len(got) > maxLogLine+100 {
		t.Errorf("a crash makes an entry of %d bytes", len(got))
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte(`{"level":"INFO","msg":"m","a":1}` + "\npanic: x\n"))
	f.Add([]byte("{\"@message\":\"m\"}\r\n\xff\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, entry := range strings.Split(strings.TrimSuffix(logged(string(text), 7), "\n"), "\n") {
			if entry != "" && !json.Valid([]byte(entry)) {
				t.Errorf("%q makes an entry that is not JSON: %s", text, entry)
			}
		}
		if logged(string(text), 1) != logged(string(text), 1<<20) {
			t.Error("the entries depend on how the text is divided")
		}
	})
}
