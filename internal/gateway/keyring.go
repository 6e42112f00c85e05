package gateway

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/fairlead/fairlead/internal/gateway/link"
)

// Keyring is a keyset in a file, which may change: a mounted Secret is rotated under the
// program that reads it.
type Keyring struct {
	file, store string
	text        []byte
	keys        atomic.Pointer[link.Keys]
}

// OpenKeyring reads a keyset from a file. store is the ID of the store that links are of.
func OpenKeyring(file, store string) (*Keyring, error) {
	k := &Keyring{file: file, store: store}
	if _, err := k.Reload(); err != nil {
		return nil, err
	}
	return k, nil
}

// Keys are those that were read last.
func (k *Keyring) Keys() *link.Keys { return k.keys.Load() }

// Reload reads the file again, and tells whether the keys are others now. Where it cannot be
// used the keys stay as they were. It is for one goroutine.
func (k *Keyring) Reload() (changed bool, err error) {
	text, err := os.ReadFile(k.file)
	if err != nil {
		return false, fmt.Errorf("reading the keyset of links: %w", err)
	}
	if bytes.Equal(text, k.text) {
		return false, nil
	}
	keys, err := link.Parse(text, k.store)
	if err != nil {
		return false, err
	}
	k.text = text
	k.keys.Store(keys)
	return true, nil
}

// Follow reads the file again and again, until the context ends.
func (k *Keyring) Follow(ctx context.Context, every time.Duration, log *slog.Logger) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		switch changed, err := k.Reload(); {
		case err != nil:
			log.Warn("the keyset of links could not be read again, and stays as it was", "error", err)
		case changed:
			log.Info("the keyset of links was read again")
		}
	}
}
