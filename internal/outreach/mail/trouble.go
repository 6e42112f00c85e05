package mail

import (
	"fmt"
)

// Trouble is what stands between a channel and its server.
type Trouble string

// The troubles. The names can stand as the reason of a condition.
const (
	// TroubleSettings: the settings contradict themselves.
	TroubleSettings Trouble = "SettingsInvalid"
	// TroubleUnreachable: there is no connection, or no answer in time.
	TroubleUnreachable Trouble = "ServerUnreachable"
	// TroubleNotSMTP: what answers does not speak SMTP.
	TroubleNotSMTP Trouble = "NotSMTP"
	// TroubleRefused: the server speaks SMTP and wants nothing from us.
	TroubleRefused Trouble = "ServerRefused"
	// TroubleNoStartTLS: the server does not offer the encryption demanded.
	TroubleNoStartTLS Trouble = "StartTLSMissing"
	// TroubleTLS: there is no agreement on how to encrypt.
	TroubleTLS Trouble = "TLSFailed"
	// TroubleCertificate: the server's certificate does not prove who it is.
	TroubleCertificate Trouble = "CertificateInvalid"
	// TroubleAuthentication: the server does not take the credentials.
	TroubleAuthentication Trouble = "AuthenticationFailed"
)

// ChannelError says why a server cannot be used, and what may help. It holds no
// credentials, no text of the server and no person's address.
type ChannelError struct {
	Trouble Trouble
	// Code and Enhanced are the server's reply, if one was the reason.
	Code     int
	Enhanced EnhancedCode
	// Text says what happened and what may help.
	Text string
	// Err is the cause, if there is one.
	Err error
}

// Error says what happened, the reply's code, the way out and the cause.
func (e *ChannelError) Error() string {
	text := e.Text
	if e.Code > 0 {
		text += fmt.Sprintf(" (reply %d", e.Code)
		if e.Enhanced != (EnhancedCode{}) {
			text += " " + e.Enhanced.String()
		}
		text += ")"
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *ChannelError) Unwrap() error { return e.Err }

// Temporary tells whether waiting alone may help.
func (e *ChannelError) Temporary() bool {
	if e.Code > 0 {
		return e.Code/100 == transient
	}
	return e.Trouble == TroubleUnreachable
}

// refused makes the error for a server that declines.
func refused(trouble Trouble, r reply, text string) *ChannelError {
	return &ChannelError{Trouble: trouble, Code: r.code, Enhanced: r.enhanced, Text: text}
}
