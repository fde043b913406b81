package ingest

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
)

// The units of time stamps, as the two APIs write them.
var (
	precisions2 = map[string]point.Precision{"": point.Nanosecond, "ns": point.Nanosecond, "us": point.Microsecond,
		"ms": point.Millisecond, "s": point.Second}
	precisions1 = map[string]point.Precision{"": point.Nanosecond, "n": point.Nanosecond, "ns": point.Nanosecond,
		"u": point.Microsecond, "us": point.Microsecond, "µ": point.Microsecond, "ms": point.Millisecond, "s": point.Second,
		"m": 60 * point.Second, "h": 3600 * point.Second}
)

// encoding is the form of a body.
type encoding string

const (
	plain encoding = "identity"
	gzip  encoding = "gzip"
	zstd  encoding = "zstd"
)

// head is what a request says besides its body.
type head struct {
	precision point.Precision
	encoding  encoding
	spool     string
	sequence  uint64
	sent      int64 // the client's clock, 0 if it does not tell
	received  int64
}

func readHead(r *http.Request, units map[string]point.Precision) (head, *fault) {
	h := head{received: time.Now().UnixNano()}
	var ok bool
	if h.precision, ok = units[r.URL.Query().Get("precision")]; !ok {
		return h, refuse(http.StatusBadRequest, "precision: %q: want ns, us, ms or s", r.URL.Query().Get("precision"))
	}
	switch e := encoding(strings.ToLower(r.Header.Get("Content-Encoding"))); e {
	case "":
		h.encoding = plain
	case plain, gzip, zstd:
		h.encoding = e
	default:
		return h, refuse(http.StatusUnsupportedMediaType, "Content-Encoding: %q: want zstd, gzip or identity", e)
	}
	if values := r.Header.Values("Haidang-Batch"); len(values) > 0 {
		if h.spool, h.sequence, ok = parseBatch(values[0]); !ok || len(values) > 1 {
			return h, refuse(http.StatusBadRequest, "Haidang-Batch: want one of 32 hexadecimal digits, a slash and a sequence number")
		}
	}
	// A clock that cannot be read is as good as none: it only feeds a metric.
	h.sent, _ = strconv.ParseInt(r.Header.Get("Haidang-Sent"), 10, 64)
	return h, nil
}

// parseBatch reads <32 hex>/<sequence> in the only way it is written, so that no two spellings of one
// batch exist.
func parseBatch(s string) (spool string, sequence uint64, ok bool) {
	spool, number, _ := strings.Cut(s, "/")
	if len(spool) != 32 || strings.Trim(spool, "0123456789abcdef") != "" {
		return "", 0, false
	}
	sequence, err := strconv.ParseUint(number, 10, 64)
	return spool, sequence, err == nil && strconv.FormatUint(sequence, 10) == number
}
