package mail

import (
	"bytes"
	"context"
	"errors"
)

// work is the sending of one window.
type work struct {
	*Connection
	// ctx is kept because work lives no longer than one call of Send.
	ctx      context.Context
	window   []Envelope
	outcomes []Outcome
	// next is the first message not looked at yet.
	next int
	// stopped: trouble of the channel ends the window.
	stopped bool
}

// none is the place of no message.
const none = -1

// alone queues nothing after the end of a message.
func alone() int { return none }

// pipelined sends the window where the server takes several commands at once.
// One write carries the end of a message and the commands of the next (RFC 2920,
// section 3.1), so that a message costs one turn and not four. DATA is the last
// of what is written in one go: whether the message may follow is not known
// before its answer.
//
// An error ends the connection.
func (w *work) pipelined() error {
	current := w.begin()
	if current == none {
		return nil
	}
	if _, err := w.flush(); err != nil {
		return err
	}
	for current != none {
		outcome := &w.outcomes[current]
		ready, err := w.answers(outcome)
		if err != nil {
			return err
		}
		if ready && outcome.State == StateNotTried {
			current, err = w.deliver(current, w.begin)
		} else {
			current, err = w.abandon(ready, w.begin)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// begin queues the commands of the next message that can be sent, and gives its
// place. Messages that cannot be are settled on the way.
func (w *work) begin() int {
	for w.next < len(w.window) && !w.stopped && w.ctx.Err() == nil {
		current := w.next
		w.next++
		out, refusal, ok := w.extensions.appendCommands(w.out, &w.window[current])
		if ok {
			w.out = out
			return current
		}
		w.settle(&w.outcomes[current], refusal)
	}
	return none
}

// settle records an outcome.
func (w *work) settle(outcome *Outcome, decided Outcome) {
	*outcome = decided
	w.stopped = w.stopped || decided.Channel
}

// answers reads the replies to MAIL, RCPT and DATA. The first refusal decides,
// since it is what the later ones follow from. It tells whether the server
// awaits a message.
func (w *work) answers(outcome *Outcome) (ready bool, err error) {
	taken := [stepMessage]bool{}
	for at := stepMail; at <= stepData; at++ {
		r, err := w.read(w.server.Timeouts.Command, nil)
		if err != nil {
			return false, err
		}
		if taken[at], err = accepted(r, at); err != nil {
			return false, err
		}
		if !taken[at] && outcome.State == StateNotTried {
			w.settle(outcome, judge(r, at))
		}
		if r.code == closing {
			return false, errClosing
		}
	}
	if taken[stepData] && taken[stepRecipient] && !taken[stepMail] {
		// An end of the message would reach the recipient as an empty mail.
		return false, errReply
	}
	return taken[stepData], nil
}

// accepted tells whether a step succeeded. An error is a reply that no server
// may give there.
func accepted(r reply, at step) (bool, error) {
	want := positive
	if at == stepData {
		want = goOn
	}
	switch r.kind() {
	case want:
		return true, nil
	case transient, permanent:
		return false, nil
	}
	return false, errReply
}

// deliver writes a message whose commands were accepted, and what then queues
// after its end, and settles the message by the server's answer.
func (w *work) deliver(current int, then func() int) (next int, err error) {
	outcome := &w.outcomes[current]
	if err := w.content(w.window[current].Data); err != nil {
		w.explain(outcome, err)
		return none, err
	}
	dot := len(w.out)
	w.out = append(w.out, ".\r\n"...)
	next = then()
	written, err := w.flush()
	if written > dot {
		// From here to the answer nobody knows.
		outcome.State = StateUnknown
	}
	if err != nil {
		w.explain(outcome, err)
		return none, err
	}
	r, err := w.read(w.server.Timeouts.Message, nil)
	if err != nil {
		return none, err
	}
	return next, w.conclude(outcome, r)
}

// conclude settles a message by the reply to its end.
func (w *work) conclude(outcome *Outcome, r reply) error {
	decided := judge(r, stepMessage)
	if decided.State == StateNotTried {
		return errReply
	}
	w.settle(outcome, decided)
	if r.code == closing {
		return errClosing
	}
	return nil
}

// explain looks for a reply after a broken write: some servers refuse a message
// before its end and close. What does not decide leaves the outcome.
func (w *work) explain(outcome *Outcome, broken error) {
	if errors.Is(broken, errStray) {
		return
	}
	r, err := w.read(lastWords, nil)
	if err != nil || r.kind() == positive && outcome.State != StateUnknown {
		return
	}
	// The connection has ended already, so a reply that fits nothing changes nothing.
	_ = w.conclude(outcome, r)
}

// abandon ends a transaction that was refused, and writes what then queues after
// it. If the server awaits a message all the same, a lone dot ends that; there
// is no recipient whom it could reach.
func (w *work) abandon(ready bool, then func() int) (next int, err error) {
	end := "RSET\r\n"
	if ready {
		end = ".\r\n"
	}
	w.out = append(w.out, end...)
	next = then()
	if _, err := w.flush(); err != nil {
		return none, err
	}
	r, err := w.read(w.server.Timeouts.Message, nil)
	switch {
	case err != nil:
		return none, err
	case r.code == closing:
		return none, errClosing
	case r.kind() == goOn || !ready && r.kind() != positive:
		return none, errReply
	}
	return next, nil
}

// content queues a message with its dots stuffed. Whole blocks are written on the
// way, so that a large message needs no large buffer.
func (w *work) content(data []byte) error {
	if data[0] == '.' {
		w.out = append(w.out, '.')
	}
	for {
		dot := bytes.Index(data, []byte("\n."))
		if dot < 0 {
			return w.queue(data)
		}
		if err := w.queue(data[:dot+1]); err != nil {
			return err
		}
		w.out = append(w.out, '.')
		data = data[dot+1:]
	}
}

// queue appends to what is to be written, and writes whenever there is a block.
func (w *work) queue(data []byte) error {
	for len(w.out)+len(data) > blockSize {
		part := max(0, blockSize-len(w.out))
		w.out = append(w.out, data[:part]...)
		data = data[part:]
		if _, err := w.flush(); err != nil {
			return err
		}
	}
	w.out = append(w.out, data...)
	return nil
}

// stepwise sends the window where the server takes one command at a time.
func (w *work) stepwise() error {
	for {
		current := w.begin()
		if current == none {
			return nil
		}
		outcome := &w.outcomes[current]
		mail, recipient := cutCommands(w.out)
		// The commands leave the buffer before the message comes into it.
		var lines [stepMessage]string
		lines[stepMail], lines[stepRecipient], lines[stepData] = string(mail), string(recipient), "DATA\r\n"
		at, err := w.steps(outcome, lines)
		switch {
		case err != nil:
			return err
		case outcome.State == StateNotTried:
			if _, err := w.deliver(current, alone); err != nil {
				return err
			}
		case at > stepMail:
			if _, err := w.abandon(false, alone); err != nil {
				return err
			}
		}
	}
}

// steps gives one command after the other, up to the first refusal.
func (w *work) steps(outcome *Outcome, lines [stepMessage]string) (at step, err error) {
	for at = stepMail; at <= stepData; at++ {
		r, err := w.command(w.server.Timeouts.Command, lines[at])
		if err != nil {
			return at, err
		}
		taken, err := accepted(r, at)
		switch {
		case err != nil:
			return at, err
		case taken:
			continue
		}
		w.settle(outcome, judge(r, at))
		if r.code == closing {
			return at, errClosing
		}
		return at, nil
	}
	return at, nil
}

// cutCommands takes the commands for MAIL and RCPT apart.
func cutCommands(commands []byte) (mail, recipient []byte) {
	end := bytes.Index(commands, []byte("\r\n")) + len("\r\n")
	rest := commands[end:]
	return commands[:end], rest[:bytes.Index(rest, []byte("\r\n"))+len("\r\n")]
}
