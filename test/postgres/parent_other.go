//go:build !linux

package postgres

import "syscall"

// endWithParent can be had from Linux only. Elsewhere a server outlives a test
// program that is killed, and is to be ended by hand.
func endWithParent(*syscall.SysProcAttr) {}
