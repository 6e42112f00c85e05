// Package sensitive seals the fields that nobody may read in the database, such
// as a bank account, before they get there.
//
// A sealed value opens only for the party and the field it was sealed for, so
// that whoever can write to the database cannot make one customer's account
// appear as another's. Beside it stands a keyed hash, by which equal values are
// found without being opened. What an attacker learns from a copy of the
// database is how long values are and which of one field are equal.
//
// Keys come as a Tink keyset. Rotation is in three steps: Rotate adds a key that
// seals from then on; every value that is not Current is opened, sealed and
// hashed anew; then the old key may be taken out of the keyset.
package sensitive

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/secretdata"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Keyset seals, opens and hashes. It may be used by several goroutines at once.
type Keyset struct {
	aead tink.AEAD
	// primary begins all that the primary key seals.
	primary []byte
	// prefixes begin what any of the keys seals.
	prefixes [][]byte
	// hashKeys, of the primary key first.
	hashKeys [][]byte
}

// Format keeps keys out of every message that a keyset gets into by mistake.
func (Keyset) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte("keyset")) }

// AEAD seals and opens for other purposes than fields, with associated data that say which.
func (k *Keyset) AEAD() tink.AEAD { return k.aead }

// Parse reads a Tink keyset for AEAD as cleartext JSON, as it stands in the key
// "keyset" of a Secret: what `tinkey create-keyset` and Generate write. Errors
// say what is wrong with it and repeat nothing of it but the numbers of keys.
func Parse(text []byte) (*Keyset, error) {
	made, _, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("reading the keyset: %w", err)
	}
	return made, nil
}

// parse reads a keyset. Tink's and the JSON decoder's own errors may quote what
// they read, which is keys, so none of them is passed on.
func parse(text []byte) (*Keyset, *keyset.Handle, error) {
	content, err := decode(text)
	if err != nil {
		return nil, nil, err
	}
	if err := checkPrimary(content); err != nil {
		return nil, nil, err
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		return nil, nil, errors.New("a key in it is damaged, stands there twice, or is of a kind that is not known")
	}
	made := &Keyset{}
	if made.aead, err = aead.New(handle); err != nil {
		return nil, nil, errors.New("its keys are not for AEAD: make it with the template AES256_GCM")
	}
	for i := range handle.Len() {
		entry, err := handle.Entry(i)
		if err != nil {
			return nil, nil, fmt.Errorf("key %d in the order of the keyset cannot be had", i+1)
		}
		if entry.KeyStatus() != keyset.Enabled {
			continue
		}
		if err := made.add(entry); err != nil {
			return nil, nil, fmt.Errorf("key %d %w", entry.KeyID(), err)
		}
	}
	return made, handle, nil
}

// decode reads the JSON of a keyset.
func decode(text []byte) (*tinkpb.Keyset, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("it is empty")
	}
	if !json.Valid(text) {
		return nil, errors.New("it is not JSON")
	}
	content, err := keyset.NewJSONReader(bytes.NewReader(text)).Read()
	if err != nil {
		var encrypted struct {
			EncryptedKeyset json.RawMessage `json:"encryptedKeyset"`
		}
		if json.Unmarshal(text, &encrypted) == nil && encrypted.EncryptedKeyset != nil {
			return nil, errors.New("it is encrypted with a key of a KMS: a keyset in cleartext is needed")
		}
		return nil, errors.New("it is JSON, but not a Tink keyset")
	}
	return content, nil
}

// checkPrimary demands a key that seals.
func checkPrimary(content *tinkpb.Keyset) error {
	if len(content.GetKey()) == 0 {
		return errors.New("it has no keys")
	}
	primary := content.GetPrimaryKeyId()
	for _, key := range content.GetKey() {
		if key.GetKeyId() != primary {
			continue
		}
		if key.GetStatus() != tinkpb.KeyStatusType_ENABLED {
			return fmt.Errorf("its primary key %d is not enabled", primary)
		}
		return nil
	}
	return fmt.Errorf("it has no primary key: primaryKeyId is %d, and no key has that number", primary)
}

// add notes what an enabled key begins its ciphertexts with, and derives the key
// for hashes from it.
func (k *Keyset) add(entry *keyset.Entry) error {
	key, ok := entry.Key().(interface {
		KeyBytes() secretdata.Bytes
		OutputPrefix() []byte
	})
	if !ok {
		return errors.New("is of a kind that hashes cannot be derived from: make it with the template AES256_GCM")
	}
	prefix := key.OutputPrefix()
	if len(prefix) == 0 {
		return errors.New("has the output prefix RAW, so that nobody could tell what it has sealed: TINK is needed")
	}
	// The purpose keeps the derived key apart from the one that encrypts.
	const purpose = "fairlead: hash of sensitive fields, 1"
	hashKey, err := hkdf.Key(sha256.New, key.KeyBytes().Data(insecuresecretdataaccess.Token{}), nil, purpose, sha256.Size)
	if err != nil {
		return errors.New("gives no key for hashes")
	}
	if entry.IsPrimary() {
		k.primary = prefix
		k.hashKeys = append([][]byte{hashKey}, k.hashKeys...)
	} else {
		k.hashKeys = append(k.hashKeys, hashKey)
	}
	k.prefixes = append(k.prefixes, prefix)
	return nil
}

// Generate makes a keyset of one new AES256_GCM key, as JSON.
func Generate() ([]byte, error) {
	text, err := withNewPrimary(keyset.NewManager())
	if err != nil {
		return nil, fmt.Errorf("generating a keyset: %w", err)
	}
	return text, nil
}

// Rotate adds a new primary AES256_GCM key to a keyset. The other keys stay, to
// open what they have sealed.
func Rotate(text []byte) ([]byte, error) {
	_, handle, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("rotating the keyset: %w", err)
	}
	rotated, err := withNewPrimary(keyset.NewManagerFromHandle(handle))
	if err != nil {
		return nil, fmt.Errorf("rotating the keyset: %w", err)
	}
	return rotated, nil
}

// withNewPrimary adds a new primary key and writes the keyset.
func withNewPrimary(manager *keyset.Manager) ([]byte, error) {
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, errors.New("no new key could be made")
	}
	if err := manager.SetPrimary(id); err != nil {
		return nil, errors.New("the new key could not be made the primary one")
	}
	handle, err := manager.Handle()
	if err != nil {
		return nil, errors.New("the keys do not make a keyset")
	}
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		return nil, errors.New("the keyset could not be written as JSON")
	}
	return text.Bytes(), nil
}
