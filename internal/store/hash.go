package store

import (
	"crypto/hmac"
	"crypto/sha256"
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
