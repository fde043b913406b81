// Package usm is SNMPv3's user-based security model (RFC 3414, 3826, 7860): protocols, users, keys, messages, and what a
// poller has to know of the engine that it asks (Remote).
//
// It is arithmetic: it opens no socket and reads no clock. Whatever is in a message counts only once its authentication
// code was verified; what may be taken from a message without one, so that a device can be found at all, is said at
// Remote.
package usm

// Levels of security, and whether its sender wants to hear of errors, in the flags of a message.
const (
	Auth       = 1
	Priv       = 2
	Reportable = 4

	levels = Auth | Priv
)

// Window is how far the clocks of two engines may differ, in seconds, and MaxBoots the count of an engine that has
// started too often to be timed (RFC 3414, 2.2).
const (
	Window   = 150
	MaxBoots = 1<<31 - 1
)
