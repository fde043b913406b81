package point

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/influxdata/line-protocol/v2/lineprotocol"
)

// Series is a key taken apart.
type Series struct {
	Measurement string
	Tags        []Tag // in the order of the text
}

// Tag is the value of a tag, or empty.
func (s Series) Tag(key string) string {
	for _, t := range s.Tags {
		if t.Key == key {
			return t.Value
		}
	}
	return ""
}

// AppendKey appends what identifies a series in line protocol: the measurement and its tags, sorted
// and escaped. Tags without a value are left out, of two with one key the later counts. Characters
// that cannot be carried become U+FFFD. An empty measurement makes no key, and an Encoder no line.
func AppendKey(dst []byte, measurement string, tags ...Tag) []byte {
	if measurement == "" {
		return dst
	}
	if measurement[0] == '#' { // would make the line a comment
		measurement = string(utf8.RuneError) + measurement[1:]
	}
	dst = appendName(dst, measurement, escapeMeasurement)
	var room [16]Tag
	sorted := append(room[:0], tags...)
	slices.SortStableFunc(sorted, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
	for i, t := range sorted {
		replaced := i+1 < len(sorted) && sorted[i+1].Key == t.Key
		if t.Key == "" || t.Value == "" || replaced {
			continue
		}
		dst = append(dst, ',')
		dst = appendName(dst, t.Key, escapeName)
		dst = append(dst, '=')
		dst = appendName(dst, t.Value, escapeName)
	}
	return dst
}

// ParseKey takes a raw key apart, as it stands in Line.Key. It is exact, not fast: callers remember
// what they made of a key.
func ParseKey(key []byte) (Series, error) {
	if plainKey(key) {
		return parsePlainKey(string(key)), nil
	}
	s, err := parseKey(key)
	if err != nil {
		return Series{}, fmt.Errorf("point: key %q: %w", clip(string(key)), reason(err))
	}
	return s, nil
}

// parsePlainKey takes a key apart that plainKey found good. Its parts share the key's memory.
func parsePlainKey(key string) Series {
	measurement, tags, _ := strings.Cut(key, ",")
	s := Series{Measurement: measurement}
	if n := strings.Count(tags, "="); n > 0 {
		s.Tags = make([]Tag, 0, n)
	}
	for tags != "" {
		var tag string
		tag, tags, _ = strings.Cut(tags, ",")
		name, value, _ := strings.Cut(tag, "=")
		s.Tags = append(s.Tags, Tag{Key: name, Value: value})
	}
	return s
}

func parseKey(key []byte) (Series, error) {
	if keyEnd(key) != len(key) {
		return Series{}, errors.New("ends early")
	}
	if len(key) > 0 && (key[0] == '#' || key[0] == ' ') {
		return Series{}, errors.New("no measurement")
	}
	// The blank tells the decoder that the key is complete.
	dec := lineprotocol.NewDecoderWithBytes(append(bytes.Clone(key), ' '))
	if !dec.Next() {
		return Series{}, errors.New("is empty")
	}
	return decodeKey(dec)
}

func decodeKey(dec *lineprotocol.Decoder) (Series, error) {
	m, err := dec.Measurement()
	if err != nil {
		return Series{}, err
	}
	s := Series{Measurement: string(m)}
	for {
		k, v, err := dec.NextTag()
		if err != nil {
			return s, err
		}
		if k == nil {
			return s, uniqueTags(s.Tags)
		}
		s.Tags = append(s.Tags, Tag{Key: string(k), Value: string(v)})
	}
}

func uniqueTags(tags []Tag) error {
	ascending := func(a, b Tag) int { return strings.Compare(a.Key, b.Key) }
	if !slices.IsSortedFunc(tags, ascending) {
		tags = slices.SortedFunc(slices.Values(tags), ascending)
	}
	for i := 1; i < len(tags); i++ {
		if tags[i].Key == tags[i-1].Key {
			return fmt.Errorf("tag %q appears twice", tags[i].Key)
		}
	}
	return nil
}

// plainKey says that key is a well-formed key without escapes, of tags in ascending order. False
// says nothing: such keys are left to the decoder.
func plainKey(key []byte) bool {
	ascii := true
	for _, c := range key {
		if c <= ' ' || c == '\\' || c == 0x7f {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	if !ascii && !utf8.Valid(key) {
		return false
	}
	measurement, tags, tagged := bytes.Cut(key, comma)
	return len(measurement) > 0 && measurement[0] != '#' && (!tagged || plainTags(tags))
}

func plainTags(tags []byte) bool {
	var last []byte
	for more := true; more; {
		var tag []byte
		tag, tags, more = bytes.Cut(tags, comma)
		name, value, ok := bytes.Cut(tag, equals)
		if !ok || len(name) == 0 || len(value) == 0 || bytes.IndexByte(value, '=') >= 0 || bytes.Compare(last, name) >= 0 {
			return false
		}
		last = name
	}
	return true
}

var (
	comma  = []byte{','}
	equals = []byte{'='}
)
