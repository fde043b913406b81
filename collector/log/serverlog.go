package log

import (
	"fmt"
	"strings"

	"github.com/rs/zerolog"
)

// serverLog passes what the embedded server says to our log. A fatal error of it ends the start, not
// the process.
type serverLog struct {
	log   zerolog.Logger
	fatal chan<- error
}

func (s serverLog) Noticef(format string, v ...any) { s.log.Debug().Msgf(format, v...) }
func (s serverLog) Errorf(format string, v ...any)  { s.log.Error().Msgf(format, v...) }
func (s serverLog) Debugf(format string, v ...any)  { s.log.Debug().Msgf(format, v...) }
func (s serverLog) Tracef(format string, v ...any)  { s.log.Trace().Msgf(format, v...) }

// Warnf drops the advice against messages beyond 8 MiB at every start: ours are 8 MiB and headers.
func (s serverLog) Warnf(format string, v ...any) {
	if !strings.HasPrefix(format, "Maximum payloads over") {
		s.log.Warn().Msgf(format, v...)
	}
}

func (s serverLog) Fatalf(format string, v ...any) {
	select {
	case s.fatal <- fmt.Errorf("embedded server: "+format, v...):
	default:
	}
}
