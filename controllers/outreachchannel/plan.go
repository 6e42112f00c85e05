package outreachchannel

import (
	"crypto/sha256"
	"encoding/json"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
)

// Pace is how often a channel is looked at.
type Pace struct {
	// Interval between two passes while nothing happens. The Secret is read in each.
	Interval time.Duration
	// Check is the pause between two questions to a server that answered, unless what
	// it is asked has changed.
	Check time.Duration
	// FirstPause after a passing fault; it doubles up to LongestPause.
	FirstPause, LongestPause time.Duration
}

// DefaultPace suits a cluster: a rotated Secret is taken up within a minute or so.
func DefaultPace() Pace {
	return Pace{Interval: time.Minute, Check: 5 * time.Minute, FirstPause: time.Second, LongestPause: 2 * time.Minute}
}

// pause after so many passing faults in a row.
func (p Pace) pause(failures int) time.Duration {
	pause := p.FirstPause
	for range failures - 1 {
		if pause >= p.LongestPause {
			break
		}
		pause *= 2
	}
	return min(pause, p.LongestPause)
}

// again is when a channel is looked at the next time.
type again int

const (
	// whenChanged: nothing but a change of what is watched can help.
	whenChanged again = iota
	// regularly: what may change is not watched: a Secret, a server.
	regularly
	// soon: a passing fault, which is tried again after growing pauses.
	soon
)

// ending is what a pass came to.
type ending struct {
	verdict contract.Verdict
	again   again
}

// Keys in the Secrets of channels.
const (
	keyUsername = "username"
	keyPassword = "password"
	keySigning  = "secret"
	keyDKIM     = "private.pem"
	// keyAuthorities is one of a ConfigMap.
	keyAuthorities = "ca.crt"
)

// need is a Secret that a channel names, and the keys in it that it needs.
type need struct {
	name string
	keys []string
}

// needsOf are the Secrets that a channel needs; the first one is what lets us in.
func needsOf(spec crm.OutreachChannelSpec) []need {
	switch {
	case spec.Webhook != nil:
		return []need{{string(spec.Webhook.SigningSecretName), []string{keySigning}}}
	case spec.SMTP == nil:
		return nil
	}
	needs := []need{{string(spec.SMTP.CredentialsSecretName), []string{keyUsername, keyPassword}}}
	if spec.SMTP.DKIM != nil {
		needs = append(needs, need{string(spec.SMTP.DKIM.KeySecretName), []string{keyDKIM}})
	}
	return needs
}

// secret is what was found of the Secret that a channel needs.
type secret struct {
	name string
	keys []string
	// absent: there is none of this name. forbidden: the manager may not read it.
	absent, forbidden bool
	// labelled as one that holds credentials.
	labelled bool
	// values under the keys, in their order; nil where there is none.
	values [][]byte
}

// question tells apart what a server is asked: a digest, since the password is not
// kept.
type question [sha256.Size]byte

// questionOf says what the server of a channel would be asked now. Asking for a pass
// is asking anew.
func questionOf(channel *crm.OutreachChannel, held *secret, authorities []byte) question {
	asked := struct {
		SMTP        *crm.SMTP
		Webhook     *crm.Webhook
		Requested   string
		Held        [][]byte
		Authorities []byte
	}{SMTP: channel.Spec.SMTP, Webhook: channel.Spec.Webhook, Requested: channel.Annotations[crm.AnnotationRequestedAt], Authorities: authorities}
	if held != nil {
		asked.Held = held.values
	}
	// Plain values can always be encoded.
	encoded, _ := json.Marshal(asked)
	return sha256.Sum256(encoded)
}
