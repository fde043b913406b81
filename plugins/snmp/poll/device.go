package poll

import (
	"bytes"

	"github.com/haidang-noc/haidang/internal/point"
)

// Device is who a device is, for all dialogs with it: there is one of it for each of very many devices. Nobody changes it.
type Device struct {
	Name      string
	Community string // of v2c
	Tags      []byte // of every line, as they continue a measurement
}

// NewDevice makes a device; key makes the key of a series with the agent's tag.
func NewDevice(name, community string, key func(measurement string, tags ...point.Tag) []byte) *Device {
	const any = "m"
	tags := bytes.TrimPrefix(key(any, point.Tag{Key: "device", Value: name}), []byte(any))
	return &Device{Name: name, Community: community, Tags: bytes.Clone(tags)}
}
