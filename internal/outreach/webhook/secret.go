package webhook

import (
	"bytes"
	"encoding/base64"
	"errors"
)

// secretPrefix begins every secret of Standard Webhooks.
const secretPrefix = "whsec_"

// The bounds that Standard Webhooks sets to the bytes of a secret.
const (
	shortestSecret = 24
	longestSecret  = 64
)

// errSecret repeats nothing of the secret.
var errSecret = errors.New("a secret of Standard Webhooks is " + secretPrefix + " and 24 to 64 bytes in Base64")

// ParseSecret reads a secret as Standard Webhooks writes it, and gives the bytes that
// sign. Space around it is none of it: files often end with a line break.
func ParseSecret(text []byte) ([]byte, error) {
	encoded, found := bytes.CutPrefix(bytes.TrimSpace(text), []byte(secretPrefix))
	if !found {
		return nil, errSecret
	}
	key, err := base64.StdEncoding.AppendDecode(nil, encoded)
	if err != nil || len(key) < shortestSecret || len(key) > longestSecret {
		return nil, errSecret
	}
	return key, nil
}
