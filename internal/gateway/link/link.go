// Package link makes the links by which whoever was written to reaches the gateway, and reads
// them. A link is all that tells the gateway who comes: nobody can make one, change one, or
// use one for anything else than it was made for. What it says is sealed, and has no name and
// no address, but numbers of the store.
package link

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/fairlead/fairlead/internal/customer/sensitive"
)

// Purpose is what a link is for. One for another purpose does not open.
type Purpose string

// The purposes.
const (
	// Unsubscribe ends messages.
	Unsubscribe Purpose = "unsubscribe"
	// Preferences lets a person choose.
	Preferences Purpose = "preferences"
)

// Door is the part of a URL's path before the token, such as "u".
func (p Purpose) Door() string { return string(p[:1]) }

// ByDoor are the purposes by their doors.
var ByDoor = map[string]Purpose{Unsubscribe.Door(): Unsubscribe, Preferences.Door(): Preferences}

// Example stands in the place of a token where a link must lead nobody anywhere, such as in a
// preview. It is none, and is refused.
const Example = "EXAMPLE"

// URL is where a token is answered. publicURL has no slash at its end.
func URL(publicURL string, purpose Purpose, token string) string {
	return publicURL + "/" + purpose.Door() + "/" + token
}

// Lifetime of a link, a year and a half: mails are kept, and their links have to work.
const Lifetime = 548 * 24 * time.Hour

// Link is what a link says.
type Link struct {
	// AddressID is the mailbox that was written to, RecipientID the party that reads there, and
	// RunID the run whose message it was.
	AddressID, RecipientID, RunID int64
	// Medium of the message, and Topic that it was about.
	Medium, Topic string
	// Expires at the end of this day, in UTC.
	Expires time.Time
}

// ErrRefused says that a token is none that this store made for this purpose, or that it has
// expired: whoever shows one is told no more.
var ErrRefused = errors.New("the link is not valid")

// Keys seal and open the links of one store. They may be used by several goroutines at once.
type Keys struct {
	aead  tink.AEAD
	store string
}

// Parse reads a keyset as sensitive.Parse does. store is the ID of the store that the links
// are of: numbers mean somebody else in another.
func Parse(keyset []byte, store string) (*Keys, error) {
	keys, err := sensitive.Parse(keyset)
	if err != nil {
		return nil, err
	}
	return &Keys{aead: keys.AEAD(), store: store}, nil
}

// purposeOf is what a token is bound to beside its keys.
func (k *Keys) purposeOf(purpose Purpose) []byte {
	return []byte("fairlead: link, 1\x00" + string(purpose) + "\x00" + k.store)
}

// version begins what is sealed.
const version = 1

// longest token that is looked at. None that is made comes near.
const longest = 512

const day = 24 * 60 * 60

// Seal makes a token. Each is another one.
func (k *Keys) Seal(purpose Purpose, l Link) (string, error) {
	text := []byte{version}
	for _, number := range []int64{l.AddressID, l.RecipientID, l.RunID, l.Expires.Unix() / day} {
		text = binary.AppendVarint(text, number)
	}
	text = binary.AppendUvarint(text, uint64(len(l.Medium)))
	text = append(append(text, l.Medium...), l.Topic...)
	sealed, err := k.aead.Encrypt(text, k.purposeOf(purpose))
	if err != nil {
		// What Tink says may be about keys.
		return "", errors.New("sealing a link failed")
	}
	token := base64.RawURLEncoding.EncodeToString(sealed)
	if len(token) > longest {
		return "", fmt.Errorf("sealing a link: the topic or the medium is too long")
	}
	return token, nil
}

// Open reads a token at a moment. Whatever is wrong with it, it is ErrRefused, and about the
// same is done: what depends on a key takes the same time whatever the token is.
func (k *Keys) Open(purpose Purpose, token string, now time.Time) (Link, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(token[:min(len(token), longest)])
	// The decoder overlooks line breaks and stray bits at the end.
	wrong := err != nil || base64.RawURLEncoding.EncodeToString(sealed) != token
	text, err := k.aead.Decrypt(sealed, k.purposeOf(purpose))
	if wrong || err != nil {
		return Link{}, ErrRefused
	}
	l, ok := read(text)
	if !ok || !now.Before(l.Expires) {
		return Link{}, ErrRefused
	}
	return l, nil
}

// read reads what was sealed.
func read(text []byte) (l Link, ok bool) {
	if len(text) == 0 || text[0] != version {
		return l, false
	}
	text = text[1:]
	var last int64
	for _, number := range []*int64{&l.AddressID, &l.RecipientID, &l.RunID, &last} {
		read, size := binary.Varint(text)
		if size <= 0 {
			return l, false
		}
		*number, text = read, text[size:]
	}
	length, size := binary.Uvarint(text)
	if size <= 0 || last < 0 || last > 1<<24 {
		return l, false
	}
	if text = text[size:]; length > uint64(len(text)) {
		return l, false
	}
	l.Medium, l.Topic = string(text[:length]), string(text[length:])
	l.Expires = time.Unix((last+1)*day, 0).UTC()
	return l, true
}
