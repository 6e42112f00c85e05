package process

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// signalOne sends a signal to exactly that process. The descriptor pins the
// process: should the number change hands after the check, the signal goes
// nowhere instead of to a stranger.
func (p Proc) signalOne(who Identity, signal unix.Signal) error {
	descriptor, err := unix.PidfdOpen(who.PID, 0)
	if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.EINVAL) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening process %d: %w", who.PID, err)
	}
	defer func() { _ = unix.Close(descriptor) }()
	if !p.Alive(who) {
		return nil
	}
	if err := unix.PidfdSendSignal(descriptor, signal, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("signalling process %d: %w", who.PID, err)
	}
	return nil
}

// Stop ends the processes that find lists: it asks them, waits for the grace,
// then kills. It looks again until find lists none, because processes that
// are being ended may still start others.
func (p Proc) Stop(ctx context.Context, grace time.Duration, find func() ([]Identity, error)) error {
	const limit = 15 * time.Second
	began := time.Now()
	// Asking twice would cut a program's orderly end short.
	asked := map[Identity]bool{}
	for {
		alive, err := find()
		if err != nil {
			return err
		}
		if len(alive) == 0 {
			return nil
		}
		elapsed := time.Since(began)
		if elapsed > limit+grace {
			return fmt.Errorf("%d processes do not end: %s", len(alive), p.describe(alive))
		}
		for _, one := range alive {
			signal := unix.SIGTERM
			if elapsed >= grace {
				signal = unix.SIGKILL
			} else if asked[one] {
				continue
			}
			asked[one] = true
			if err := p.signalOne(one, signal); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (p Proc) describe(who []Identity) string {
	text := ""
	for i, one := range who {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%d (%s)", one.PID, p.Name(one.PID))
	}
	return text
}
