// Package message reads syslog messages as devices send them: RFC 5424, RFC 3164, and what vendors make of the latter. It
// allocates nothing; what it returns points into the text.
package message

import (
	"bytes"
	"errors"
)

// Message is one that was read.
type Message struct {
	Priority int    // facility × 8 + severity; -1: none was told
	Stamp    Stamp  // when the device says it was
	Host     []byte // who it says it is; empty: it does not
	Text     []byte // from the tag, or APP-NAME, on
}

// Severity is 0 (emergency) to 7 (debug); notice if none was told, as RFC 3164 has it.
func (m *Message) Severity() int {
	if m.Priority < 0 {
		return 5
	}
	return m.Priority & 7
}

// ErrEmpty means that there is nothing in a message.
var ErrEmpty = errors.New("message: empty")

const (
	maxPriority = 191
	maxHost     = 255
	maxWords    = 3 // before the time stamp
)

// Parse reads a message. Every text but an empty one is one: what cannot be told apart is left in Text.
func Parse(text []byte) (Message, error) {
	m := Message{Priority: -1}
	c := cursor(bytes.Trim(text, "\x00\r\n\t "))
	if len(c) == 0 {
		return m, ErrEmpty
	}
	m.Priority = c.priority()
	if !m.standard(c) {
		m.loose(c)
	}
	m.Text = bytes.TrimSpace(m.Text)
	if len(m.Text) == 0 {
		return m, ErrEmpty
	}
	return m, nil
}

// standard reads RFC 5424: VERSION TIMESTAMP HOSTNAME APP-NAME ….
func (m *Message) standard(c cursor) bool {
	version := c.word(' ')
	if len(version) == 0 || len(version) > 3 || !digits(version) || !c.skip(' ') {
		return false
	}
	if !c.nothing() {
		var ok bool
		if m.Stamp, ok = c.stamp(); !ok {
			return false
		}
	}
	if !c.skip(' ') {
		m.Stamp = Stamp{}
		return false
	}
	if !c.nothing() {
		m.Host = c.word(' ')
	}
	if !c.skip(' ') || len(m.Host) > maxHost {
		m.Stamp, m.Host = Stamp{}, nil
		return false
	}
	m.Text = c
	return true
}

// loose reads the rest: any of a sequence number, a host, a place in the chassis and a time stamp, in the orders that
// devices have them, and once more if a relay has put a header of its own before the device's.
func (m *Message) loose(c cursor) {
	for range 2 {
		found, host, rest := header(c)
		if !found.Told() {
			break
		}
		m.Stamp, c = found, rest
		if len(host) > 0 {
			m.Host = host
		}
	}
	c.lead()
	m.Text = c
}

// header reads a header up to its time stamp and the host behind it. Without a stamp there is none.
func header(c cursor) (s Stamp, host []byte, rest cursor) {
	for range maxWords + 1 {
		c.lead()
		doubtful := c.skip('*') || c.skip('.')
		if stamp, ok := c.stamp(); ok {
			stamp.Doubtful = stamp.Doubtful || doubtful
			if !stamp.alone {
				if behind := c.host(); len(behind) > 0 {
					host = behind
				}
			}
			return stamp, host, c
		}
		word := c.token()
		if len(word) == 0 || len(word) > maxHost || word[0] == '%' || !c.skip(':') && !c.skip(' ') {
			return Stamp{}, nil, c // a mnemonic is not in a header
		}
		if bytes.IndexByte(word, '/') < 0 && !digits(word) { // no place in the chassis, no number
			host = word
		}
	}
	return Stamp{}, nil, c
}
