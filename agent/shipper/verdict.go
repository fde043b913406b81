package shipper

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// verdict is what an answer means for its batch.
type verdict int

const (
	again    verdict = iota // the batch stays, the destination gets a pause
	done                    // the collector has the batch durably
	partial                 // it has the good lines; the others it will never take
	rejected                // it will never take the batch
)

// judge is the only place where a status decides. A 400 without the collector's message comes from something else in
// between, say a TLS port that was spoken to in plain HTTP, and must not cost data.
func judge(status int, message string) verdict {
	switch status {
	case http.StatusBadRequest:
		switch {
		case message == "":
			return again
		case strings.HasPrefix(message, "partial write"):
			return partial
		}
		return rejected
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, // somebody will put that right
		http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return again
	}
	switch status / 100 {
	case 2:
		return done
	case 4: // 413 among them
		return rejected
	}
	return again // 5xx, and redirects, which are not followed
}

// collectorMessage is the text of a JSON error as InfluxDB's write API has it, version 2 or 1; "" for anything else.
func collectorMessage(body []byte) string {
	var e struct {
		Message string `json:"message"`
		Error   string `json:"error"`
	}
	if json.Unmarshal(body, &e) != nil {
		return ""
	}
	if e.Message != "" {
		return e.Message
	}
	return e.Error
}

// maxRetryAfter bounds what a server may ask for: an agent that is silent for longer is a fault.
const maxRetryAfter = time.Hour

// retryAfter reads the header in either form, seconds or a date.
func retryAfter(value string, now time.Time) time.Duration {
	var d time.Duration
	if seconds, err := strconv.ParseUint(strings.TrimSpace(value), 10, 31); err == nil {
		d = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), maxRetryAfter)
}

// devices finds the device names in a message that quotes lines.
func devices(message string) []string {
	parts := strings.Split(message, "device=")[1:]
	names := make([]string, 0, len(parts))
	for _, part := range parts {
		if end := strings.IndexAny(part, ", \"'"); end >= 0 {
			part = part[:end]
		}
		names = append(names, part)
	}
	return names
}
