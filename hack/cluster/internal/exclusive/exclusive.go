// Package exclusive lets one program at a time change the cluster.
package exclusive

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// name is a Unix socket in the abstract namespace: it needs no file that
// could stay behind, and the kernel frees it however its owner ends.
const name = "@fairlead-cluster-change"

// Acquire waits until nobody else changes the cluster. waiting is called once
// with the process number of who does, 0 if it cannot be told.
func Acquire(ctx context.Context, waiting func(pid int)) (release func(), err error) {
	return acquire(ctx, name, waiting)
}

func acquire(ctx context.Context, name string, waiting func(pid int)) (release func(), err error) {
	told := false
	for {
		listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: name, Net: "unix"})
		if err == nil {
			return func() { _ = listener.Close() }, nil
		}
		if !errors.Is(err, unix.EADDRINUSE) {
			return nil, fmt.Errorf("reserving the right to change the cluster: %w", err)
		}
		if !told {
			waiting(holder(name))
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for another program that changes the cluster: %w", context.Cause(ctx))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// holder asks the kernel who listens.
func holder(name string) int {
	connection, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: name, Net: "unix"})
	if err != nil {
		return 0
	}
	defer func() { _ = connection.Close() }()
	raw, err := connection.SyscallConn()
	if err != nil {
		return 0
	}
	pid := 0
	_ = raw.Control(func(descriptor uintptr) {
		if credentials, err := unix.GetsockoptUcred(int(descriptor), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			pid = int(credentials.Pid)
		}
	})
	return pid
}
