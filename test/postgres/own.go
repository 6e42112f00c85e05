package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// own is a server that was started here.
type own struct {
	launcher  *launcher
	arguments []string
	process   *process
	// killed says that it ended because it was to.
	killed bool
	stop   func() error
}

// start starts the server's program, and waits until it answers.
func (o *own) start(ctx context.Context, server *Server) error {
	postgres, err := o.launcher.launch(ctx, "postgres", o.arguments...)
	if err != nil {
		return err
	}
	if err := server.awaitAnswer(ctx, postgres); err != nil {
		return errors.Join(err, postgres.end())
	}
	o.process, o.killed = postgres, false
	return nil
}

// end ends the server for good.
func (o *own) end() error {
	var early error
	if !o.killed && o.process.hasEnded() {
		early = fmt.Errorf("PostgreSQL ended by itself: %w\n%s", o.process.err, o.process.lastWords())
	}
	if err := errors.Join(early, o.process.end(), o.launcher.home.remove()); err != nil {
		return fmt.Errorf("stopping PostgreSQL: %w", err)
	}
	return nil
}

var errNotOurs = errors.New("it is a server of somebody else's, which " + Variable + " names")

// Kill ends the server as a crash does, like pg_ctl stop -m immediate: whoever is connected is
// cut off in the middle, nothing is written any more, and what was committed is recovered by
// StartAgain. A server that the environment named is not ours to kill.
func (s *Server) Kill() error {
	if s.own == nil {
		return fmt.Errorf("killing PostgreSQL: %w", errNotOurs)
	}
	s.own.killed = true
	if err := s.own.process.end(); err != nil {
		return fmt.Errorf("killing PostgreSQL: %w", err)
	}
	return nil
}

// StartAgain starts a server that was killed, with the same data and at the same address.
func (s *Server) StartAgain(ctx context.Context) error {
	if s.own == nil {
		return fmt.Errorf("starting PostgreSQL again: %w", errNotOurs)
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		err := s.own.start(ctx, s)
		if err == nil {
			return nil
		}
		// A connection that somebody makes may have got the port; it does not last.
		if !errors.Is(err, errPortTaken) || ctx.Err() != nil {
			return fmt.Errorf("starting PostgreSQL again: %w", err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
