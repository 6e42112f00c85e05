package process

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Program is what to start.
type Program struct {
	// Name is the component's.
	Name string
	// Path is the executable.
	Path string
	// Version is recorded.
	Version string
	// Arguments follow the program's name.
	Arguments []string
	// Environment is all there is.
	Environment []string
	// Log takes both outputs.
	Log string
}

// Start runs a program in a session of its own, so that neither the end of
// this one nor a Ctrl-C at its terminal reaches it. failed is called when the
// program ends while this one still runs.
func Start(ledger *Ledger, program Program, failed func(error)) error {
	log, err := os.OpenFile(program.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("opening the log of %s: %w", program.Name, err)
	}
	defer func() { _ = log.Close() }()

	record := Record{Name: program.Name, Version: program.Version, Since: time.Now().UTC()}
	if err := ledger.Put(record); err != nil {
		return err
	}
	//nolint:noctx // A program that we built; it outlives every context.
	command := exec.Command(program.Path, program.Arguments...)
	command.Dir = "/"
	command.Env = program.Environment
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", program.Name, err)
	}
	// The process is our child, so its number cannot change hands here.
	if record.Identity, err = System().Identify(command.Process.Pid); err != nil {
		return fmt.Errorf("identifying the process of %s: %w", program.Name, err)
	}
	if err := ledger.Put(record); err != nil {
		return err
	}
	go func() {
		err := command.Wait()
		if err == nil {
			err = fmt.Errorf("exit status 0")
		}
		failed(&Ended{Component: program.Name, Cause: err})
	}()
	return nil
}

// Ended tells that a component ended by itself.
type Ended struct {
	// Component is its name.
	Component string
	// Cause is how it ended.
	Cause error
}

func (e *Ended) Error() string { return fmt.Sprintf("%s ended: %v", e.Component, e.Cause) }

func (e *Ended) Unwrap() error { return e.Cause }

// Until calls attempt until it succeeds or the context ends, and then tells
// the last reason.
func Until(ctx context.Context, interval time.Duration, attempt func(context.Context) error) error {
	for {
		err := attempt(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (last: %w)", context.Cause(ctx), err)
		case <-time.After(interval):
		}
	}
}
