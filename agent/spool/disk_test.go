package spool

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"sync"

	"golang.org/x/sys/unix"
)

var errPower = errors.New("the power is off")

// memory is a disk that forgets, as real ones do: what was not synced may be gone, or there in part, after
// a crash. Any operation can be made to fail, or to be the last one.
type memory struct {
	mu      sync.Mutex
	names   map[string]*inode // as programs see them
	durable map[string]*inode // as a crash leaves them
	steps   int               // operations that change something, so far
	crashAt int               // the step that does not happen any more; 0 is never
	fail    func(op, name string) error
	room    int64 // bytes that may still be written; negative is no limit
	free    int64 // what Free says
}

type inode struct {
	data   []byte // as programs see it
	synced []byte // as a crash leaves it, at least
}

func newMemory() *memory {
	return &memory{names: map[string]*inode{}, durable: map[string]*inode{}, room: -1, free: 1 << 50}
}

// step begins an operation; the caller holds the lock.
func (m *memory) step(op, name string) error {
	if m.crashAt > 0 && m.steps >= m.crashAt {
		return errPower
	}
	if m.steps++; m.crashAt > 0 && m.steps >= m.crashAt {
		return errPower
	}
	if m.fail != nil {
		return m.fail(op, name)
	}
	return nil
}

// afterCrash is the disk that the next start finds: of everything unsynced, r decides.
func (m *memory) afterCrash(r *rand.Rand) *memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := newMemory()
	names := maps.Clone(m.durable)
	for _, name := range slices.Sorted(maps.Keys(m.names)) {
		if names[name] != m.names[name] && r.IntN(2) == 0 {
			names[name] = m.names[name]
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.durable)) {
		if m.names[name] == nil && r.IntN(2) == 0 {
			delete(names, name)
		}
	}
	for name, n := range names {
		data := n.survivor(r)
		next.names[name] = &inode{data: data, synced: slices.Clone(data)}
	}
	next.durable = maps.Clone(next.names)
	return next
}

// survivor mixes the synced content with some of what came after: all, a prefix, or holes of zeros.
func (n *inode) survivor(r *rand.Rand) []byte {
	out := slices.Clone(n.data)
	switch r.IntN(4) {
	case 0:
		return out
	case 1:
		return slices.Clone(n.synced)
	case 2:
		if len(out) > len(n.synced) {
			return out[:len(n.synced)+r.IntN(len(out)-len(n.synced))]
		}
	}
	for at := range out {
		if at >= len(n.synced) && r.IntN(3) == 0 {
			out[at] = 0
		} else if at < len(n.synced) && r.IntN(2) == 0 {
			out[at] = n.synced[at]
		}
	}
	return out
}

func (m *memory) Open(name string, flag int) (file, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.crashAt > 0 && m.steps >= m.crashAt {
		return nil, errPower
	}
	n := m.names[name]
	switch {
	case n == nil && flag&os.O_CREATE == 0:
		return nil, fmt.Errorf("open %s: %w", name, os.ErrNotExist)
	case n != nil && flag&os.O_EXCL != 0:
		return nil, fmt.Errorf("open %s: %w", name, os.ErrExist)
	case n == nil:
		if err := m.step("create", name); err != nil {
			return nil, err
		}
		n = &inode{}
		m.names[name] = n
	case flag&os.O_TRUNC != 0:
		n.data = nil
	}
	return &handle{m, n, name}, nil
}

func (m *memory) List(dir string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for name := range m.names {
		if inside(dir, name) {
			names = append(names, path.Base(name))
		}
	}
	return names, nil
}

func inside(dir, name string) bool { return path.Dir("/"+name) == path.Clean("/"+dir) }

func (m *memory) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("rename", from); err != nil {
		return err
	}
	if m.names[from] == nil {
		return os.ErrNotExist
	}
	m.names[to] = m.names[from]
	delete(m.names, from)
	return nil
}

func (m *memory) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("remove", name); err != nil {
		return err
	}
	if m.names[name] == nil {
		return os.ErrNotExist
	}
	delete(m.names, name)
	return nil
}

func (m *memory) SyncDir(dir string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("syncdir", dir); err != nil {
		return err
	}
	maps.DeleteFunc(m.durable, func(name string, _ *inode) bool { return inside(dir, name) && m.names[name] == nil })
	for name, n := range m.names {
		if inside(dir, name) {
			m.durable[name] = n
		}
	}
	return nil
}

func (m *memory) MkdirAll(string) error { return nil }
func (m *memory) Free() (int64, error)  { return m.free, nil }
func (m *memory) Lock(string) (io.Closer, error) {
	return io.NopCloser(nil), nil
}

type handle struct {
	m    *memory
	n    *inode
	name string
}

func (h *handle) ReadAt(b []byte, at int64) (int, error) {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	if h.m.fail != nil {
		if err := h.m.fail("read", h.name); err != nil {
			return 0, err
		}
	}
	if at >= int64(len(h.n.data)) {
		return 0, io.EOF
	}
	n := copy(b, h.n.data[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt may write a part before it fails, as a full disk does.
func (h *handle) WriteAt(b []byte, at int64) (int, error) {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	err := h.m.step("write", h.name)
	if err != nil {
		b = b[:len(b)/2]
	}
	grow := at + int64(len(b)) - int64(len(h.n.data))
	if h.m.room >= 0 && grow > h.m.room {
		b, err = b[:max(0, int64(len(b))-(grow-h.m.room))], unix.ENOSPC
		grow = h.m.room
	}
	if grow > 0 {
		h.n.data = append(h.n.data, make([]byte, grow)...)
		if h.m.room >= 0 {
			h.m.room -= grow
		}
	}
	if at <= int64(len(h.n.data)) {
		copy(h.n.data[at:], b)
	}
	return len(b), err
}

func (h *handle) Truncate(size int64) error {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	if err := h.m.step("truncate", h.name); err != nil {
		return err
	}
	if cut := int64(len(h.n.data)) - size; cut > 0 {
		h.n.data = h.n.data[:size]
		if h.m.room >= 0 {
			h.m.room += cut
		}
	}
	return nil
}

func (h *handle) Sync() error {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	if err := h.m.step("sync", h.name); err != nil {
		return err
	}
	h.n.synced = slices.Clone(h.n.data)
	return nil
}

func (h *handle) Size() (int64, error) {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	return int64(len(h.n.data)), nil
}

func (h *handle) Close() error { return nil }
