package store

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
)

// hashOf is the keyed hash (HMAC-SHA-256) under which erased keys and kept-out
// addresses are known. Its key belongs to the store.
func hashOf(key []byte, value string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(value))
	return hex.EncodeToString(mac.Sum(nil))
}

// paddedKeys are what a key of HMAC-SHA-256 is before the text and before the hash of both
// (RFC 2104): a statement that has them can hash as hashOf does.
func paddedKeys(key []byte) (inner, outer []byte) {
	if len(key) > sha256.BlockSize {
		sum := sha256.Sum256(key)
		key = sum[:]
	}
	inner, outer = bytes.Repeat([]byte{0x36}, sha256.BlockSize), bytes.Repeat([]byte{0x5c}, sha256.BlockSize)
	for i, b := range key {
		inner[i] ^= b
		outer[i] ^= b
	}
	return inner, outer
}

// keyed_hash is for SQLite; PostgreSQL has what it takes.
func init() {
	register("keyed_hash", 3, func(args []driver.Value) driver.Value {
		inner, hasInner := args[0].([]byte)
		outer, hasOuter := args[1].([]byte)
		text, hasText := args[2].(string)
		if !hasInner || !hasOuter || !hasText {
			return nil
		}
		hash := sha256.New()
		hash.Write(inner)
		hash.Write([]byte(text))
		sum := hash.Sum(nil)
		hash.Reset()
		hash.Write(outer)
		hash.Write(sum)
		return hex.EncodeToString(hash.Sum(nil))
	})
}

func readHashKey(t *transaction) ([]byte, error) {
	var text string
	if err := t.row(`SELECT hash_key FROM store`).Scan(&text); err != nil {
		return nil, fmt.Errorf("reading the key of the store's hashes: %w", err)
	}
	key, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("reading the key of the store's hashes: %w", err)
	}
	return key, nil
}
