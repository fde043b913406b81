package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/haidang-noc/haidang/plugins/probe/web"
)

// What is wrong here says nothing of what is probed; what is wrong there does.
func TestWhoseFaultItIs(t *testing.T) {
	dial := func(address string, err error) error {
		a, e := net.ResolveTCPAddr("tcp", address)
		if e != nil {
			t.Fatal(e)
		}
		return fmt.Errorf("web: %w", &net.OpError{Op: "dial", Net: "tcp", Addr: a, Err: os.NewSyscallError("connect", err)})
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"nothing":                          {nil, ""},
		"the resolver is silent":           {&net.DNSError{Err: "i/o timeout", IsTimeout: true}, "resolver"},
		"the resolver fails":               {&net.DNSError{Err: "server misbehaving", IsTemporary: true}, "resolver"},
		"there is no such name":            {&net.DNSError{Err: "no such host", IsNotFound: true}, ""},
		"the server refuses":               {dial("127.0.0.1:80", syscall.ECONNREFUSED), ""},
		"the server resets":                {dial("127.0.0.1:80", syscall.ECONNRESET), ""},
		"nothing comes in time":            {fmt.Errorf("web: %w", context.DeadlineExceeded), ""},
		"a status":                         {fmt.Errorf("%w: 503", web.ErrStatus), ""},
		"a router on the way has no route": {dial("127.0.0.1:80", syscall.EHOSTUNREACH), ""}, // there is one from here
		"no descriptors":                   {dial("127.0.0.1:80", syscall.EMFILE), "files"},
		"no ports":                         {dial("127.0.0.1:80", syscall.EADDRNOTAVAIL), "no_address"},
		"a firewall here":                  {dial("127.0.0.1:80", syscall.EPERM), "not_permitted"},
		"too long for the account":         {fmt.Errorf("x: %w", web.ErrTooLong), "max_octets"},
		"sent on elsewhere":                {fmt.Errorf("x: %w", web.ErrNotAllowed), "not_allowed"},
		"something":                        {errors.New("x"), ""},
	} {
		if got := ownFault(c.err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
