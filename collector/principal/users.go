package principal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/haidang-noc/haidang/internal/conf"
)

// usersFile is the form of the file of users.
type usersFile struct {
	Users []userEntry `yaml:"users"`
}

// userEntry is one person.
type userEntry struct {
	Name      string   `yaml:"name"`
	Role      Role     `yaml:"role"`
	Password  string   `yaml:"password"`  // its argon2id or bcrypt hash
	Provinces []string `yaml:"provinces"` // what it sees; none: all
}

// User is a person who may log in. It is immutable; a reload makes new ones.
type User struct {
	Principal
	password password
	hash     string
}

// PasswordMark changes with the password, and tells nothing of it: a session that was begun with another mark ends.
func (u *User) PasswordMark() string {
	sum := sha256.Sum256([]byte(u.hash))
	return hex.EncodeToString(sum[:])
}

// Users are the people who may log in. It is safe for concurrent use, also while it reloads.
type Users struct {
	path  string
	list  atomic.Pointer[map[string]*User]
	dummy password      // what an unknown name is checked against
	slots chan struct{} // a check costs 19 MiB: only so many at a time
}

// checksAtOnce bounds the memory that logins take.
const checksAtOnce = 4

// OpenUsers reads the file of users.
func OpenUsers(path string) (*Users, error) {
	hash, err := HashPassword("nobody has this password")
	if err != nil {
		return nil, err
	}
	u := &Users{path: path, slots: make(chan struct{}, checksAtOnce)}
	if u.dummy, err = parsePassword(hash); err != nil {
		return nil, err
	}
	return u, u.Reload()
}

// Reload reads the file again. On an error everything stays as it was.
func (u *Users) Reload() error {
	list, err := readUsers(u.path)
	if err != nil {
		return err
	}
	u.list.Store(&list)
	return nil
}

// Check says why a Reload would fail.
func (u *Users) Check() error {
	_, err := readUsers(u.path)
	return err
}

func readUsers(path string) (map[string]*User, error) {
	var f usersFile
	if err := conf.Load(path, &f); err != nil {
		return nil, err
	}
	list := make(map[string]*User, len(f.Users))
	for i, e := range f.Users {
		user, err := e.user()
		if err == nil && list[e.Name] != nil {
			err = fmt.Errorf("name: it appears twice")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: users[%d] %q: %w", path, i, e.Name, err)
		}
		list[e.Name] = user
	}
	return list, nil
}

func (e userEntry) user() (*User, error) {
	switch {
	case e.Name == "":
		return nil, fmt.Errorf("name: want one")
	case !e.Role.valid() || e.Role == Agent:
		return nil, fmt.Errorf("role: %q: want viewer, operator, approver or admin", e.Role)
	}
	p, err := parsePassword(e.Password)
	if err != nil {
		return nil, err
	}
	return &User{Principal{Name: e.Name, Role: e.Role, provinces: slices.Clone(e.Provinces)}, p, e.Password}, nil
}

// Find is the user of this name, or nil.
func (u *Users) Find(name string) *User { return (*u.list.Load())[name] }

// Login is the user whose password this is, or nil. Whether the name exists cannot be told from the time
// that it takes, if the passwords were hashed by HashPassword. It waits while others log in.
func (u *Users) Login(ctx context.Context, name, secret string) (*User, error) {
	select {
	case u.slots <- struct{}{}:
		defer func() { <-u.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	user := u.Find(name)
	if user == nil {
		u.dummy.is(secret)
		return nil, nil
	}
	if !user.password.is(secret) {
		return nil, nil
	}
	return user, nil
}
