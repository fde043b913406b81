//go:build linux && (amd64 || arm64)

package engine

import (
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

func TestAddressesComeBackFromTheKernelsForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int{4, 16}).Draw(t, "size")
		addr, _ := netip.AddrFromSlice(rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "addr"))
		in := netip.AddrPortFrom(addr, rapid.Uint16().Draw(t, "port"))
		var sa unix.RawSockaddrInet6
		setPeer(&sa, in)
		if out := getPeer(&sa); out != in {
			t.Errorf("%v came back as %v", in, out)
		}
	})
}
