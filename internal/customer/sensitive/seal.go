package sensitive

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
)

var (
	// ErrUnknownKey tells that a value was sealed with a key that the keyset does
	// not have, or not any more.
	ErrUnknownKey = errors.New("sealed with a key that is not in the keyset")
	// ErrNotSealedHere tells that a value was sealed for another party or another
	// field, or has been changed since.
	ErrNotSealedHere = errors.New("not what was sealed for this party and field")
)

// Seal encrypts the value of a party's field with the primary key. What it
// returns is text, and another one each time.
func (k *Keyset) Seal(party int64, field, value string) (string, error) {
	place, err := bind(party, field)
	if err != nil {
		return "", fmt.Errorf("sealing a sensitive field: %w", err)
	}
	sealed, err := k.aead.Encrypt([]byte(value), place)
	if err != nil {
		return "", fmt.Errorf("sealing %s of party %d failed", field, party)
	}
	return base64.StdEncoding.EncodeToString(sealed), nil
}

// Open decrypts what Seal returned for the same party and field. Otherwise the
// error is ErrNotSealedHere, or ErrUnknownKey.
func (k *Keyset) Open(party int64, field, sealed string) (string, error) {
	place, err := bind(party, field)
	if err != nil {
		return "", fmt.Errorf("opening a sensitive field: %w", err)
	}
	raw, ok := unpack(sealed)
	if !ok {
		return "", fmt.Errorf("opening %s of party %d: %w", field, party, ErrNotSealedHere)
	}
	if !slices.ContainsFunc(k.prefixes, func(prefix []byte) bool { return bytes.HasPrefix(raw, prefix) }) {
		return "", fmt.Errorf("opening %s of party %d: %w", field, party, ErrUnknownKey)
	}
	value, err := k.aead.Decrypt(raw, place)
	if err != nil {
		return "", fmt.Errorf("opening %s of party %d: %w", field, party, ErrNotSealedHere)
	}
	return string(value), nil
}

// Current tells whether a value is sealed with the primary key. After a rotation
// every other has to be sealed and hashed anew.
func (k *Keyset) Current(sealed string) bool {
	raw, ok := unpack(sealed)
	return ok && bytes.HasPrefix(raw, k.primary)
}

// Hash of a field's value is what to store beside the sealed value. It is keyed,
// for nobody to find a bank account by trying all of them, and it is the same for
// every party. Values that are to be equal must be written alike.
//
// It is made with the primary key and so changes when that does. A hash that
// outlived rotations would outlive the very key that was rotated because it was
// no longer secret.
func (k *Keyset) Hash(field, value string) string {
	return hash(k.hashKeys[0], field, value)
}

// Hashes are what to look for to find a value: its hash with the primary key,
// and then those that were made before a rotation and not yet anew.
func (k *Keyset) Hashes(field, value string) []string {
	made := make([]string, 0, len(k.hashKeys))
	for _, key := range k.hashKeys {
		made = append(made, hash(key, field, value))
	}
	return made
}

func hash(key []byte, field, value string) string {
	mac := hmac.New(sha256.New, key)
	// The length keeps field and value apart. Writing to a hash never fails.
	_, _ = fmt.Fprintf(mac, "%d\n%s%s", len(field), field, value)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// bind names the one place a value is sealed for. Stored values depend on every
// byte of it.
func bind(party int64, field string) ([]byte, error) {
	if party <= 0 {
		return nil, fmt.Errorf("there is no party %d", party)
	}
	if field == "" {
		return nil, errors.New("the field has no name")
	}
	return fmt.Appendf(nil, "fairlead: sensitive field, 1\n%d\n%d\n%s", party, len(field), field), nil
}

// unpack decodes the text of a sealed value, of which there is only one: the
// decoder alone would let line breaks and stray bits pass.
func unpack(sealed string) ([]byte, bool) {
	raw, err := base64.StdEncoding.DecodeString(sealed)
	return raw, err == nil && base64.StdEncoding.EncodeToString(raw) == sealed
}
