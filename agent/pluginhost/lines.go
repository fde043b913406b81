package pluginhost

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"

	"github.com/rs/zerolog"
)

// maxLogLine bounds what is kept of a plugin's line, or of the text of its crash.
const maxLogLine = 64 << 10

// lineLogger writes a plugin's standard error into the agent's log: JSON of slog and hclog with level and
// fields, other text as it is, and the text of a crash as one entry. It is for one goroutine.
type lineLogger struct {
	log   zerolog.Logger
	line  []byte
	crash []byte // since "panic:" or "fatal error:"
}

func newLineLogger(log zerolog.Logger) *lineLogger { return &lineLogger{log: log} }

// Write takes any part of the text. It never fails.
func (l *lineLogger) Write(p []byte) (int, error) {
	n := len(p)
	for {
		before, after, found := bytes.Cut(p, []byte("\n"))
		l.line = append(l.line, before[:min(len(before), maxLogLine-len(l.line))]...)
		if !found {
			return n, nil
		}
		l.entry(l.line)
		l.line, p = l.line[:0], after
	}
}

// Close writes what has no newline yet, and the crash.
func (l *lineLogger) Close() error {
	if len(l.line) > 0 {
		l.entry(l.line)
	}
	if len(l.crash) > 0 {
		l.log.Error().Bytes("stack", l.crash).Msg("the plugin crashed")
	}
	l.line, l.crash = nil, nil
	return nil
}

func (l *lineLogger) entry(line []byte) {
	line = bytes.TrimRight(line, "\r")
	switch {
	case len(l.crash) > 0 || bytes.HasPrefix(line, []byte("panic: ")) || bytes.HasPrefix(line, []byte("fatal error: ")):
		line = append(line, '\n')
		l.crash = append(l.crash, line[:min(len(line), maxLogLine-len(l.crash))]...)
	case len(line) == 0:
	case !l.structured(line):
		l.log.Info().Msg(string(line))
	}
}

// structured writes a line that is JSON with a message; it reports whether it was.
func (l *lineLogger) structured(line []byte) bool {
	var fields map[string]json.RawMessage
	if line[0] != '{' || json.Unmarshal(line, &fields) != nil {
		return false
	}
	message := text(fields, slog.MessageKey) + text(fields, "@message") // slog writes the one, hclog the other
	if message == "" {
		return false
	}
	level := levelOf(text(fields, slog.LevelKey) + text(fields, "@level"))
	for _, key := range []string{slog.MessageKey, slog.LevelKey, slog.TimeKey, "@message", "@level", "@timestamp"} {
		delete(fields, key)
	}
	for _, key := range []string{"input", zerolog.MessageFieldName} { // would stand there twice
		if v, ok := fields[key]; ok {
			delete(fields, key)
			fields["plugin_"+key] = v
		}
	}
	l.log.WithLevel(level).Fields(anyOf(fields)).Msg(message)
	return true
}

// text is a field that is a string, or nothing.
func text(fields map[string]json.RawMessage, key string) string {
	var s string
	if json.Unmarshal(fields[key], &s) != nil {
		return ""
	}
	return s
}

func anyOf(fields map[string]json.RawMessage) map[string]any {
	out := make(map[string]any, len(fields))
	for k, v := range fields {
		out[k] = v
	}
	return out
}

// levelOf understands slog ("WARN", "INFO+2") and hclog ("warn", "trace").
func levelOf(s string) zerolog.Level {
	if strings.EqualFold(s, "trace") {
		return zerolog.TraceLevel
	}
	var level slog.Level
	if level.UnmarshalText([]byte(s)) != nil {
		return zerolog.InfoLevel
	}
	switch {
	case level < slog.LevelInfo:
		return zerolog.DebugLevel
	case level < slog.LevelWarn:
		return zerolog.InfoLevel
	case level < slog.LevelError:
		return zerolog.WarnLevel
	}
	return zerolog.ErrorLevel
}
