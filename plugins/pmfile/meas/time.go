package meas

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// parseTime reads an instant: 2026-10-01T12:00:00+07:00, with Z, without an offset (then it is local), or as TS 32.401 has it,
// 20261001120000+0700. Fractions of a second are cut off.
func parseTime(text []byte, local *time.Location) (int64, error) {
	s := string(bytes.TrimSpace(text))
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "20060102150405Z0700", "20060102150405"} {
		if t, err := time.ParseInLocation(layout, s, local); err == nil && t.Year() >= 1970 {
			return t.Unix(), nil
		}
	}
	return 0, fmt.Errorf("%.64q is no time: want one like 2026-10-01T12:00:00+07:00", s)
}

// maxPeriod bounds a granularity period: a month.
const maxPeriod = 31 * 86400

// duration is a duration of ISO 8601 in whole seconds. Months and years have no length of their own.
var duration = regexp.MustCompile(`^P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})(?:[.,]0+)?S)?)?$`)

// parseDuration reads PT900S, PT15M, P1DT12H.
func parseDuration(text []byte) (int64, error) {
	bad := fmt.Errorf("%.64q is no granularity period: want one like PT900S or PT15M", text)
	parts := duration.FindSubmatch(bytes.TrimSpace(text))
	if parts == nil {
		return 0, bad
	}
	sum := int64(0)
	for i, unit := range [...]int64{86400, 3600, 60, 1} {
		n, _ := strconv.ParseInt(string(parts[i+1]), 10, 64) // digits, or nothing
		sum += n * unit
	}
	return sum, checkPeriod(sum, bad)
}

// parseSeconds reads a granularity period as TS 32.401 has it.
func parseSeconds(text []byte) (int64, error) {
	n, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	bad := fmt.Errorf("%.64q is no granularity period: want a number of seconds", text)
	if err != nil {
		return 0, bad
	}
	return n, checkPeriod(n, bad)
}

func checkPeriod(n int64, bad error) error {
	if n < 1 || n > maxPeriod {
		return bad
	}
	return nil
}
