package log

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/haidang-noc/haidang/internal/point"
)

// Message is one accepted batch.
type Message struct {
	// ID is <spool>/<sequence>, with /<partition> behind it if that partition passed the lines on;
	// empty if the client gave no batch header. The log drops a message whose ID it has seen lately.
	ID        string
	Principal string // who sent it
	Received  int64  // Unix ns
	Relayed   bool   // passed on by the sender's partition, already counted there
	Batch     point.Batch
}

const (
	headPrincipal = "Haidang-Principal"
	headReceived  = "Haidang-Received"
	headRelayed   = "Haidang-Relayed"
	headPoints    = "Haidang-Points"
	headRaw       = "Haidang-Raw"
)

// encode maps a message to headers and data; the frames are not copied.
func (m Message) encode(subject string) (*nats.Msg, error) {
	if err := headerSafe("id", m.ID); err != nil {
		return nil, err
	}
	if err := headerSafe("principal", m.Principal); err != nil {
		return nil, err
	}
	h := nats.Header{
		headPrincipal: {m.Principal},
		headReceived:  {strconv.FormatInt(m.Received, 10)},
		headPoints:    {strconv.Itoa(m.Batch.Points)},
		headRaw:       {strconv.Itoa(m.Batch.Raw)},
	}
	if m.ID != "" {
		h[jetstream.MsgIDHeader] = []string{m.ID}
	}
	if m.Relayed {
		h[headRelayed] = []string{"1"}
	}
	msg := &nats.Msg{Subject: subject, Header: h, Data: m.Batch.Frames}
	if msg.Size() > MaxMessage+headerRoom || len(m.Batch.Frames) > MaxMessage {
		return nil, fmt.Errorf("%d bytes, limit is %d: %w", len(m.Batch.Frames), MaxMessage, ErrTooLarge)
	}
	return msg, nil
}

// headerSafe refuses what would not come out of a header as it went in.
func headerSafe(what, value string) error {
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' }) || strings.TrimSpace(value) != value {
		return fmt.Errorf("%s %q has control characters or outer spaces", what, value)
	}
	return nil
}

func decode(h nats.Header, frames []byte) (Message, error) {
	received, err1 := strconv.ParseInt(h.Get(headReceived), 10, 64)
	points, err2 := strconv.Atoi(h.Get(headPoints))
	raw, err3 := strconv.Atoi(h.Get(headRaw))
	return Message{
		ID:        h.Get(jetstream.MsgIDHeader),
		Principal: h.Get(headPrincipal),
		Received:  received,
		Relayed:   h.Get(headRelayed) != "",
		Batch:     point.Batch{Frames: frames, Points: points, Raw: raw},
	}, errors.Join(err1, err2, err3)
}
