package mail

import "time"

// State is what became of a message.
type State string

// The states. Only after Unknown can nobody say whether the message was taken;
// after Failed, Deferred and NotTried it certainly was not.
const (
	// StateSent: the server took the message.
	StateSent State = "Sent"
	// StateFailed: the message was refused for good.
	StateFailed State = "Failed"
	// StateDeferred: the message was refused for now.
	StateDeferred State = "Deferred"
	// StateUnknown: the connection ended after the end of the message was written
	// and before the server answered.
	StateUnknown State = "Unknown"
	// StateNotTried: the message was not handed over. It may be sent at once.
	StateNotTried State = "NotTried"
)

// Outcome is what became of one message of a window. It holds nothing that
// identifies a person: a server's text often repeats the address.
type Outcome struct {
	State State
	// Code of the server's reply. It is 0 where no reply decided: for NotTried,
	// Unknown, and Failed without the server having been asked. Enhanced then says
	// why it failed.
	Code int
	// Enhanced is the enhanced status code, if there was one.
	Enhanced EnhancedCode
	// Channel: the trouble is one of the server or the sender, and would have met
	// every recipient.
	Channel bool
	// Wait is for how long the server asks to be left alone; 0 if it does not say.
	// Mail servers never do.
	Wait time.Duration
}

// Why a message is refused before the server is asked (RFC 3463, RFC 6531).
var (
	// CodeBadMessage: the bytes are no message with CRLF at every line's end and at
	// most 998 bytes a line.
	CodeBadMessage = EnhancedCode{5, 6, 0}
	// CodeBadRecipient: the recipient's address cannot be written to.
	CodeBadRecipient = EnhancedCode{5, 1, 3}
	// CodeBadSender: the sender's address cannot be used.
	CodeBadSender = EnhancedCode{5, 1, 7}
	// CodeTooLarge: the message is larger than the server takes.
	CodeTooLarge = EnhancedCode{5, 3, 4}
	// CodeNeedsEightBit: the message has bytes beyond ASCII, and the server lacks
	// 8BITMIME.
	CodeNeedsEightBit = EnhancedCode{5, 6, 3}
	// CodeNeedsSMTPUTF8: an address or header has bytes beyond ASCII, and the server
	// lacks SMTPUTF8.
	CodeNeedsSMTPUTF8 = EnhancedCode{5, 6, 7}
)

// step is the place in a transaction that a reply answers.
type step int

const (
	stepMail step = iota
	stepRecipient
	stepData
	stepMessage
)

// judge makes an outcome of a reply that decides about a message. What is
// neither a refusal nor the end of the message decides nothing.
func judge(r reply, at step) Outcome {
	o := Outcome{State: StateNotTried, Code: r.code, Enhanced: r.enhanced}
	switch {
	case r.kind() == transient:
		o.State, o.Channel = StateDeferred, ofChannel(r, at)
	case r.kind() == permanent:
		o.State, o.Channel = StateFailed, ofChannel(r, at)
	case r.kind() == positive && at == stepMessage:
		o.State = StateSent
	}
	return o
}

// ofChannel tells whether a refusal would have met every recipient.
func ofChannel(r reply, at step) bool {
	switch r.code {
	case closing, 530, 534, 535, 538:
		// The server closes, or wants credentials or encryption first.
		return true
	}
	switch e := r.enhanced; {
	case e.Subject == 3 && (e.Detail == 1 || e.Detail == 2):
		// The mail system is full, or takes no mail at present.
		return true
	case e.Subject == 6, e.Subject == 3 && e.Detail == 4, e.Subject == 2 && e.Detail == 3:
		// The content or the size of this message.
		return false
	}
	// MAIL names no recipient. 552 to it is about the size that it declares.
	return at == stepMail && r.code != 552
}
