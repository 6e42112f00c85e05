package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// launcher runs PostgreSQL's programs for one server.
type launcher struct {
	// programs is the folder of initdb and postgres.
	programs string
	// account runs them; nil is ourselves.
	account *syscall.Credential
	home    *folder
}

// process is a program that runs, or has run.
type process struct {
	command *exec.Cmd
	log     string
	// done closes when the program has ended; err is how.
	done chan struct{}
	err  error
}

// launch starts a program that does not outlive this one.
func (l *launcher) launch(ctx context.Context, name string, arguments ...string) (*process, error) {
	path := filepath.Join(l.home.path, name+".log")
	log, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log of %s: %w", name, err)
	}
	defer func() { _ = log.Close() }()

	// It ends with Stop, not with the context of the start.
	//nolint:gosec // A program of the PostgreSQL that is installed; arguments come from tests.
	command := exec.CommandContext(context.WithoutCancel(ctx), filepath.Join(l.programs, name), arguments...)
	command.Dir = l.home.path
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC"}
	command.Stdout, command.Stderr = log, log
	// As long as the program has the folder's lock nobody clears the folder away.
	command.ExtraFiles = []*os.File{l.home.lock}
	// In a process group of its own, a Ctrl-C at the terminal reaches us only.
	command.SysProcAttr = &syscall.SysProcAttr{Credential: l.account, Setpgid: true}
	endWithParent(command.SysProcAttr)

	launched := &process{command: command, log: path, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// To the kernel the parent is the thread that starts the program, and a
		// program that ends with its parent would end with that thread. So the
		// thread stays until the program has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := command.Start()
		started <- err
		if err == nil {
			launched.err = command.Wait()
			close(launched.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("running %s: %w", name, err)
	}
	return launched, nil
}

// hasEnded tells whether the program has ended.
func (p *process) hasEnded() bool {
	if !errors.Is(p.command.Process.Signal(syscall.Signal(0)), os.ErrProcessDone) {
		return false
	}
	<-p.done
	return true
}

// end ends the program, whose data nobody needs any more.
func (p *process) end() error {
	// SIGQUIT is PostgreSQL's immediate shutdown: it waits for nobody, writes
	// nothing, and still gives back its shared memory. It takes five seconds at
	// most before it kills what does not end.
	const grace = 10 * time.Second
	for _, signal := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGKILL} {
		if err := p.command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("ending process %d: %w", p.command.Process.Pid, err)
		}
		select {
		case <-p.done:
			return nil
		case <-time.After(grace):
		}
	}
	return fmt.Errorf("process %d does not end", p.command.Process.Pid)
}

// lastWords are the end of what the program said.
func (p *process) lastWords() string {
	content, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	const enough = 4000
	return string(content[max(0, len(content)-enough):])
}

// unprivileged is the account to run PostgreSQL as, which refuses to run as
// root. It is nil if we are not root.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := identifier(found.Uid)
		if err != nil {
			return nil, err
		}
		gid, err := identifier(found.Gid)
		if err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uid, Gid: gid}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither an account postgres nor nobody")
}
