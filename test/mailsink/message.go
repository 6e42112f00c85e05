package mailsink

import (
	"bytes"
	"strings"
	"sync"
	"time"
)

const (
	// keptBytes bounds the memory of all messages that are kept.
	keptBytes = 64 << 20
	// reusedBytes is the largest buffer that is used again: one large message must
	// not hold its memory for ever.
	reusedBytes = 64 << 10
)

// separator stands between the recipients of a message; no address has it.
var separator = []byte("\n")

// Message is a message as it was accepted.
type Message struct {
	// Number counts messages from one, in the order in which they were accepted.
	Number int
	Time   time.Time
	// From and To are the envelope. From is empty for the null sender.
	From string
	To   []string
	// Raw is the message byte for byte, without the dots that SMTP adds.
	Raw []byte
}

// newest keeps the newest messages. Its places, and their memory, are used in turn.
type newest struct {
	mutex  sync.Mutex
	places []place
	// Numbers of the oldest message that is kept, and of the last.
	oldest, last int
	bytes        int
}

type place struct {
	time          time.Time
	from, to, raw []byte
}

func newNewest(keep int) *newest {
	return &newest{places: make([]place, max(keep, 0)), oldest: 1}
}

func (n *newest) place(number int) *place { return &n.places[(number-1)%len(n.places)] }

func (n *newest) add(now time.Time, from, to, raw []byte) {
	if len(n.places) == 0 {
		return
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.last++
	p := n.place(n.last)
	n.bytes -= cap(p.raw)
	if cap(p.raw) > reusedBytes {
		p.raw = nil
	}
	p.time = now
	p.from = append(p.from[:0], from...)
	p.to = append(p.to[:0], to...)
	p.raw = append(p.raw[:0], raw...)
	n.bytes += cap(p.raw)
	n.oldest = max(n.oldest, n.last-len(n.places)+1)
	for ; n.bytes > keptBytes && n.oldest < n.last; n.oldest++ {
		old := n.place(n.oldest)
		n.bytes -= cap(old.raw)
		old.raw = nil
	}
}

func (n *newest) after(number int) []Message {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	var messages []Message
	for i := max(number+1, n.oldest); i <= n.last; i++ {
		messages = append(messages, n.message(i))
	}
	return messages
}

func (n *newest) find(number int) (Message, bool) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if number < n.oldest || number > n.last {
		return Message{}, false
	}
	return n.message(number), true
}

// message copies: its place is used again.
func (n *newest) message(number int) Message {
	p := n.place(number)
	return Message{
		Number: number,
		Time:   p.time,
		From:   string(p.from),
		To:     strings.Split(string(p.to), string(separator)),
		Raw:    bytes.Clone(p.raw),
	}
}

// messageID finds the Message-ID in the header of a message.
func messageID(raw []byte) []byte {
	name := []byte("message-id:")
	for len(raw) > 0 {
		var line []byte
		line, raw, _ = bytes.Cut(raw, []byte("\n"))
		if len(bytes.TrimSpace(line)) == 0 {
			return nil
		}
		if len(line) < len(name) || !bytes.EqualFold(line[:len(name)], name) {
			continue
		}
		value := bytes.TrimSpace(line[len(name):])
		// A long one may stand on a line of its own.
		if len(value) == 0 && len(raw) > 0 && (raw[0] == ' ' || raw[0] == '\t') {
			line, _, _ = bytes.Cut(raw, []byte("\n"))
			value = bytes.TrimSpace(line)
		}
		return value
	}
	return nil
}
