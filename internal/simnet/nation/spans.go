package nation

import "github.com/haidang-noc/haidang/internal/simnet/fault"

// Dark is when the device has no power. The spans are sorted and disjoint, and the overlay's own.
func (o *Overlay) Dark(device int32) []fault.Span {
	if t := o.devices[device]; t != nil {
		return t.power
	}
	return nil
}

// Unreached is when nothing can reach the device: it has no power, a gateway above it has none, or the link of its first port
// is down. The spans are sorted and disjoint, and the caller's own.
func (o *Overlay) Unreached(device int32) []fault.Span {
	var out []fault.Span
	if t := o.devices[device]; t != nil {
		out = append(out, t.silent...)
	}
	if c := o.links[o.LinkOf(Port{device, 0})]; c != nil {
		for _, s := range c.segments {
			if s.down {
				out = append(out, s.Span)
			}
		}
	}
	return fault.Union(out)
}
