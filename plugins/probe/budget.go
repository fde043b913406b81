package probe

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// budget is the day's account of octets of pages and transfers. It is kept on disk, so that a restart does not open a new one.
type budget struct {
	most int64
	file string

	mu   sync.Mutex
	day  string
	used int64
}

// account is the file.
type account struct {
	Day  string `json:"day"`
	Used int64  `json:"used_octets"`
}

const accountFile = "traffic.json"

// openBudget reads the account. A file that cannot be read is an error: the limit would not hold.
func openBudget(dir string, most int64) (*budget, error) {
	b := &budget{most: most, file: filepath.Join(dir, accountFile)}
	text, err := os.ReadFile(b.file)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	var a account
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil {
		return nil, fmt.Errorf("probe: account of traffic: %s: %w; if it is damaged, remove it", b.file, err)
	}
	b.day, b.used = a.Day, a.Used
	return b, nil
}

// take reserves octets of the day's, or says why not: they are not there, or the account cannot be kept.
func (b *budget) take(now time.Time, octets int64) (refused string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if day := now.UTC().Add(7 * time.Hour).Format(time.DateOnly); day != b.day { // days of Việt Nam
		b.day, b.used = day, 0
	}
	if b.used+octets > b.most {
		return "budget"
	}
	b.used += octets
	if b.save() != nil {
		b.used -= octets
		return "state"
	}
	return ""
}

// giveBack returns what was reserved and not used.
func (b *budget) giveBack(octets int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used = max(b.used-octets, 0)
	_ = b.save() // the file then says too much, which is safe
}

// save replaces the file. The lock is held.
func (b *budget) save() error {
	text, err := json.Marshal(account{b.day, b.used})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(b.file), 0o750); err != nil {
		return err
	}
	next := b.file + ".new"
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return err
	}
	return os.Rename(next, b.file)
}
