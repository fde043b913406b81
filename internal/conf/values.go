package conf

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Duration is written like 10s, 1m30s or 500ms.
type Duration time.Duration

// D is the duration as the standard library has it.
func (d Duration) D() time.Duration { return time.Duration(d) }

// UnmarshalText reads a duration; negative ones are refused.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil || v < 0 {
		return fmt.Errorf("%q is not a duration: want for example 10s, 1m30s or 500ms", text)
	}
	*d = Duration(v)
	return nil
}

// UnmarshalYAML reads a duration where it stands.
func (d *Duration) UnmarshalYAML(ctx context.Context, n ast.Node) error { return scalar(ctx, n, d) }

// MarshalText writes the duration as UnmarshalText reads it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.D().String()), nil }

// Bytes is a size written like 512KiB, 8MiB, 20GiB or a plain number of bytes.
type Bytes int64

var byteUnits = [...]struct {
	suffix string
	factor int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"B", 1}, {"", 1}}

// UnmarshalText reads a size.
func (b *Bytes) UnmarshalText(text []byte) error {
	for _, u := range byteUnits {
		digits, ok := strings.CutSuffix(string(text), u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err == nil && n >= 0 && n <= (1<<62)/u.factor {
			*b = Bytes(n * u.factor)
			return nil
		}
	}
	return fmt.Errorf("%q is not a size: want for example 512KiB, 8MiB or 20GiB", text)
}

// UnmarshalYAML reads a size where it stands.
func (b *Bytes) UnmarshalYAML(ctx context.Context, n ast.Node) error { return scalar(ctx, n, b) }

// Pattern is a regular expression; the zero Pattern has none.
type Pattern struct{ *regexp.Regexp }

// UnmarshalText compiles the expression.
func (p *Pattern) UnmarshalText(text []byte) (err error) {
	if p.Regexp, err = regexp.Compile(string(text)); err != nil {
		return fmt.Errorf("%q is not a regular expression: %w", text, err)
	}
	return nil
}

// UnmarshalYAML compiles the expression where it stands.
func (p *Pattern) UnmarshalYAML(ctx context.Context, n ast.Node) error { return scalar(ctx, n, p) }

// Secret names where a secret is kept: env:NAME or file:PATH. Configuration files never hold one. In a configuration
// file a relative PATH is relative to the folder of that file.
type Secret struct{ ref string }

// NewSecret makes a reference from env:NAME or file:PATH; a relative PATH is relative to the working directory.
func NewSecret(ref string) (Secret, error) {
	var s Secret
	err := s.UnmarshalText([]byte(ref))
	return s, err
}

// UnmarshalText reads the reference and refuses a secret written out.
func (s *Secret) UnmarshalText(text []byte) error {
	kind, name, ok := strings.Cut(string(text), ":")
	if !ok || name == "" || (kind != "env" && kind != "file") {
		return fmt.Errorf("a secret is given by reference: want env:NAME or file:PATH")
	}
	s.ref = string(text)
	return nil
}

// UnmarshalYAML reads the reference in a file, whose folder is where a relative path begins.
func (s *Secret) UnmarshalYAML(ctx context.Context, n ast.Node) error {
	if err := scalar(ctx, n, s); err != nil {
		return err
	}
	src, ok := ctx.Value(sourceKey{}).(source)
	if path, isFile := strings.CutPrefix(s.ref, "file:"); ok && isFile && !filepath.IsAbs(path) {
		s.ref = "file:" + filepath.Join(filepath.Dir(src.file), path)
	}
	return nil
}

// IsZero says that no secret is configured.
func (s Secret) IsZero() bool { return s.ref == "" }

// String never shows the secret, nor where it is.
func (s Secret) String() string { return "<secret>" }

// Reveal reads the secret now, so that a rotated file is taken up.
func (s Secret) Reveal() (string, error) {
	kind, name, _ := strings.Cut(s.ref, ":")
	switch kind {
	case "env":
		v, ok := os.LookupEnv(name)
		if !ok {
			return "", fmt.Errorf("secret %s: the environment variable is not set", s.ref)
		}
		return v, nil
	case "file":
		v, err := os.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("secret: %w", err)
		}
		return strings.TrimRight(string(v), "\r\n"), nil
	}
	return "", fmt.Errorf("secret: none configured")
}
