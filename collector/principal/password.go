package principal

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// password is the hash of one, in the form in which the file of users has it.
type password interface{ is(secret string) bool }

// The cost of a new hash: 19 MiB and two passes, OWASP's least. A stored hash may cost up to the bounds:
// whoever can edit the file of users must not be able to stop the collector by a typing error.
const (
	argonMemory = 19 << 10 // KiB
	argonPasses = 2
	argonLanes  = 1
	maxMemory   = 256 << 10
	maxPasses   = 16
	maxLanes    = 16
	saltBytes   = 16
	keyBytes    = 32
	minPassword = 10
)

// HashPassword makes what the file of users holds for a password.
func HashPassword(secret string) (string, error) {
	if len([]rune(secret)) < minPassword {
		return "", fmt.Errorf("password: want %d characters or more", minPassword)
	}
	a := argonHash{memory: argonMemory, passes: argonPasses, lanes: argonLanes, salt: make([]byte, saltBytes)}
	if _, err := rand.Read(a.salt); err != nil {
		return "", fmt.Errorf("password: %w", err)
	}
	a.key = a.derive(secret, keyBytes)
	return a.String(), nil
}

// parsePassword reads a hash of argon2id or bcrypt.
func parsePassword(text string) (password, error) {
	switch {
	case strings.HasPrefix(text, "$argon2id$"):
		return parseArgon(text)
	case strings.HasPrefix(text, "$2"):
		if _, err := bcrypt.Cost([]byte(text)); err != nil {
			return nil, errors.New("password: not a bcrypt hash")
		}
		return bcryptHash(text), nil
	}
	return nil, errors.New("password: want a hash, as haidang-collector user hash prints it")
}

type bcryptHash string

func (h bcryptHash) is(secret string) bool {
	return bcrypt.CompareHashAndPassword([]byte(h), []byte(secret)) == nil
}

// argonHash is an argon2id hash with its parameters.
type argonHash struct {
	memory    uint32 // KiB
	passes    uint32
	lanes     uint8
	salt, key []byte
}

func (a argonHash) derive(secret string, n uint32) []byte {
	return argon2.IDKey([]byte(secret), a.salt, a.passes, a.memory, a.lanes, n)
}

func (a argonHash) is(secret string) bool {
	return subtle.ConstantTimeCompare(a.derive(secret, uint32(len(a.key))), a.key) == 1
}

// String is the form that other programs know, too: $argon2id$v=19$m=…,t=…,p=…$salt$key.
func (a argonHash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, a.memory, a.passes, a.lanes, b64.EncodeToString(a.salt), b64.EncodeToString(a.key))
}

func parseArgon(text string) (password, error) {
	bad := errors.New("password: not an argon2id hash: want $argon2id$v=19$m=…,t=…,p=…$salt$key")
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return nil, bad
	}
	var a argonHash
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &a.memory, &a.passes, &a.lanes); err != nil {
		return nil, bad
	}
	var err1, err2 error
	a.salt, err1 = base64.RawStdEncoding.DecodeString(parts[4])
	a.key, err2 = base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(a.salt) < 8 || len(a.key) < 16 || len(a.key) > 64 || a.String() != text {
		return nil, bad
	}
	if a.passes < 1 || a.passes > maxPasses || a.lanes < 1 || a.lanes > maxLanes || a.memory < 8*uint32(a.lanes) || a.memory > maxMemory {
		return nil, fmt.Errorf("password: m=%d,t=%d,p=%d: want at most m=%d,t=%d,p=%d", a.memory, a.passes, a.lanes, maxMemory, maxPasses, maxLanes)
	}
	return a, nil
}
