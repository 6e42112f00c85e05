package postgres

import "syscall"

// endWithParent has the kernel end the program with us, even if we are killed.
func endWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGQUIT }
