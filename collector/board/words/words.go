// Package words holds what the board says, in Vietnamese and in English, and how each language writes
// numbers and times.
package words

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
)

//go:embed words.csv
var table string //nolint:gochecknoglobals // embedded

// The languages, the first one by default.
const (
	Vietnamese = "vi"
	English    = "en"
)

// Words are the words of one language.
type Words struct {
	Lang string
	text map[string]string
}

// Load reads the words of both languages. A word that one of them lacks is an error.
func Load() (vi, en *Words, err error) {
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("words.csv: %w", err)
	}
	vi, en = &Words{Vietnamese, map[string]string{}}, &Words{English, map[string]string{}}
	var errs []error
	for i, row := range rows[1:] {
		key := row[0]
		if _, twice := vi.text[key]; twice || key == "" || row[1] == "" || row[2] == "" {
			errs = append(errs, fmt.Errorf("words.csv:%d: %q: want a new key and a text in both languages", i+2, key))
		}
		vi.text[key], en.text[key] = row[1], row[2]
	}
	return vi, en, errors.Join(errs...)
}

// Has says whether there is a word of this key.
func (w *Words) Has(key string) bool { return w.text[key] != "" }

// Say is the word of a key, with its places filled. A key without a word is shown as it is.
func (w *Words) Say(key string, args ...any) string {
	text, ok := w.text[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Keys are all keys, in no order.
func (w *Words) Keys() []string {
	keys := make([]string, 0, len(w.text))
	for key := range w.text {
		keys = append(keys, key)
	}
	return keys
}
