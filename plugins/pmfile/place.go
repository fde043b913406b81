package pmfile

import (
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/pmfile/source"
)

// sourceSettings are one source.
type sourceSettings struct {
	Name   string        `yaml:"name"`
	Dir    string        `yaml:"dir"`
	SFTP   *sftpSettings `yaml:"sftp"`
	Done   string        `yaml:"done"`
	MoveTo string        `yaml:"move_to"`
	Vendor string        `yaml:"vendor"`
}

type sftpSettings struct {
	Address    string        `yaml:"address"`
	User       string        `yaml:"user"`
	Key        conf.Secret   `yaml:"key"`
	Passphrase conf.Secret   `yaml:"passphrase"`
	Password   conf.Secret   `yaml:"password"`
	KnownHosts string        `yaml:"known_hosts"`
	Timeout    conf.Duration `yaml:"timeout"`
}

// sourceName is what a source may be called.
var sourceName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// Validate checks what can be said of one source.
func (s *sourceSettings) Validate() error {
	switch {
	case !sourceName.MatchString(s.Name):
		return fmt.Errorf("name: %q: want letters, digits, . _ - (up to 64)", s.Name)
	case s.Dir == "":
		return errors.New("dir: want the folder with the files")
	case s.Done != keepDone && s.Done != removeDone && s.Done != moveDone:
		return fmt.Errorf("done: %q: want %s, %s or %s", s.Done, keepDone, removeDone, moveDone)
	case (s.Done == moveDone) != (s.MoveTo != ""):
		return errors.New("move_to: want a folder with done: move, and none without")
	case s.SFTP == nil:
		return nil
	}
	return s.SFTP.validate()
}

func (f *sftpSettings) validate() error {
	if f.Timeout == 0 {
		f.Timeout = conf.Duration(30 * time.Second)
	}
	_, _, err := net.SplitHostPort(f.Address)
	switch {
	case err != nil:
		return fmt.Errorf("sftp: address: %q: want host:port", f.Address)
	case f.User == "":
		return errors.New("sftp: user: want one")
	case f.KnownHosts == "":
		return errors.New("sftp: known_hosts: want a file with the host's key; without it nobody knows who answers")
	case f.Key.IsZero() && f.Password.IsZero():
		return errors.New("sftp: key: want a key, a password, or both")
	case f.Timeout.D() < time.Second || f.Timeout.D() > 10*time.Minute:
		return errors.New("sftp: timeout: want 1s to 10m")
	}
	return nil
}

// server is the SFTP server of a source, with its secrets.
func (s *sourceSettings) server(dir string) (source.Server, error) {
	f := s.SFTP
	server := source.Server{Address: f.Address, User: f.User, KnownHosts: conf.Path(dir, f.KnownHosts), Dir: s.Dir, Timeout: f.Timeout.D()}
	if _, err := os.Stat(server.KnownHosts); err != nil {
		return server, fmt.Errorf("known_hosts: %w", err)
	}
	if !f.Key.IsZero() {
		text, err := f.Key.Reveal()
		if err != nil {
			return server, fmt.Errorf("key: %w", err)
		}
		signer, err := f.signer([]byte(text))
		if err != nil {
			return server, fmt.Errorf("key: %w", err)
		}
		server.Auth = append(server.Auth, ssh.PublicKeys(signer))
	}
	if !f.Password.IsZero() {
		password, err := f.Password.Reveal()
		if err != nil {
			return server, fmt.Errorf("password: %w", err)
		}
		server.Auth = append(server.Auth, ssh.Password(password), ssh.KeyboardInteractive(always(password)))
	}
	return server, nil
}

// always answers every question with the password: there are servers that ask for it so.
func always(password string) ssh.KeyboardInteractiveChallenge {
	return func(_, _ string, questions []string, _ []bool) ([]string, error) {
		return slices.Repeat([]string{password}, len(questions)), nil
	}
}

func (f *sftpSettings) signer(pem []byte) (ssh.Signer, error) {
	if f.Passphrase.IsZero() {
		return ssh.ParsePrivateKey(pem)
	}
	phrase, err := f.Passphrase.Reveal()
	if err != nil {
		return nil, fmt.Errorf("passphrase: %w", err)
	}
	return ssh.ParsePrivateKeyWithPassphrase(pem, []byte(phrase))
}
