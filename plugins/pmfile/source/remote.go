package source

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"path"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// Server is a folder of another machine, and how to get there.
type Server struct {
	Address    string // host:port
	User       string
	Auth       []ssh.AuthMethod
	KnownHosts string        // file; a host that is not in it, or has another key, is not talked to
	Dir        string        // its folder
	Timeout    time.Duration // of silence, after which it counts as gone
}

// remote is a folder of another machine.
type remote struct {
	dir    string
	conn   *ssh.Client
	client *sftp.Client
	stop   func() bool
}

// ErrHostKey means that the host is not the one that is known.
var ErrHostKey = errors.New("the host's key is not the one in known_hosts")

// Dial connects. The connection ends with ctx.
func Dial(ctx context.Context, s Server) (Place, error) {
	p, err := s.dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("source: %s: %w", s.Address, err)
	}
	return p, nil
}

func (s Server) dial(ctx context.Context) (*remote, error) {
	config, err := s.config()
	if err != nil {
		return nil, err
	}
	raw, err := (&net.Dialer{Timeout: s.Timeout}).DialContext(ctx, "tcp", s.Address)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() }) // whoever waits for it gets the error
	conn, channels, requests, err := ssh.NewClientConn(patient{raw, s.Timeout}, s.Address, config)
	if err != nil {
		stop()
		_ = raw.Close() // it is closed already, or of no use
		return nil, err
	}
	r := &remote{dir: s.Dir, conn: ssh.NewClient(conn, channels, requests), stop: stop}
	go r.keepAlive(s.Timeout / 3)
	if r.client, err = sftp.NewClient(r.conn, sftp.UseConcurrentReads(true)); err != nil {
		stop()
		_ = r.conn.Close() // of no use
		return nil, err
	}
	return r, nil
}

// patient is a connection on which a silence longer than timeout is an error.
type patient struct {
	net.Conn
	timeout time.Duration
}

func (p patient) Read(b []byte) (int, error) {
	if err := p.SetReadDeadline(time.Now().Add(p.timeout)); err != nil {
		return 0, err
	}
	return p.Conn.Read(b)
}

func (p patient) Write(b []byte) (int, error) {
	if err := p.SetWriteDeadline(time.Now().Add(p.timeout)); err != nil {
		return 0, err
	}
	return p.Conn.Write(b)
}

// keepAlive makes the other side say something now and then, until the connection is closed.
func (r *remote) keepAlive(every time.Duration) {
	closed := make(chan struct{})
	go func() {
		_ = r.conn.Wait() // how it ended, those who use it are told
		close(closed)
	}()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if _, _, err := r.conn.SendRequest("keepalive@openssh.com", true, nil); err != nil {
				return
			}
		case <-closed:
			return
		}
	}
}

func (s Server) config() (*ssh.ClientConfig, error) {
	known, err := knownhosts.New(s.KnownHosts)
	if err != nil {
		return nil, fmt.Errorf("known_hosts: %w", err)
	}
	algorithms, err := s.algorithms(known)
	if err != nil {
		return nil, err
	}
	return &ssh.ClientConfig{
		User: s.User, Auth: s.Auth, Timeout: s.Timeout, HostKeyAlgorithms: algorithms,
		HostKeyCallback: func(host string, addr net.Addr, key ssh.PublicKey) error {
			if err := known(host, addr, key); err != nil {
				return fmt.Errorf("%w: it shows %s: %w", ErrHostKey, ssh.FingerprintSHA256(key), err)
			}
			return nil
		},
	}, nil
}

// algorithms are those of the keys that are known of the host, so that it shows one of these and no other. known tells them when
// it is asked about a key that nobody has.
func (s Server) algorithms(known ssh.HostKeyCallback) (names []string, err error) {
	nobody, err := ssh.NewPublicKey(ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)))
	if err != nil {
		return nil, err
	}
	var wanted *knownhosts.KeyError
	if err := known(s.Address, &net.TCPAddr{}, nobody); !errors.As(err, &wanted) || len(wanted.Want) == 0 {
		return nil, fmt.Errorf("%w: there is none; ssh-keyscan shows the host's keys, compare them before adding them", ErrHostKey)
	}
	for _, k := range wanted.Want {
		if t := k.Key.Type(); t == ssh.KeyAlgoRSA {
			names = append(names, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
		} else {
			names = append(names, t)
		}
	}
	return names, nil
}

func (r *remote) List(ctx context.Context, f *Filter) ([]File, error) {
	return walk(ctx, f, func(dir string) ([]fs.FileInfo, error) { return r.client.ReadDirContext(ctx, path.Join(r.dir, dir)) })
}

// ahead is how much of a file is asked for at once.
const ahead = 256 << 10

func (r *remote) Open(at string) (io.ReadCloser, error) {
	f, err := r.client.Open(path.Join(r.dir, at))
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{bufio.NewReaderSize(f, ahead), f}, nil
}

func (r *remote) Stat(at string) (File, error) {
	info, err := r.client.Lstat(path.Join(r.dir, at))
	if err != nil {
		return File{}, err
	}
	return File{at, info.Size(), info.ModTime()}, nil
}

func (r *remote) Remove(at string) error { return r.client.Remove(path.Join(r.dir, at)) }

func (r *remote) Move(from, to string) error {
	target := path.Join(join(r.dir, to), from)
	if err := r.client.MkdirAll(path.Dir(target)); err != nil {
		return err
	}
	if _, ok := r.client.HasExtension("posix-rename@openssh.com"); ok {
		return r.client.PosixRename(path.Join(r.dir, from), target)
	}
	_ = r.client.Remove(target) // the older protocol renames to no name that is taken
	return r.client.Rename(path.Join(r.dir, from), target)
}

func (r *remote) Close() error {
	r.stop()
	return errors.Join(r.client.Close(), r.conn.Close())
}
