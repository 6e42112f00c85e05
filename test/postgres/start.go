package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// superuser of every server that is started here.
	superuser = "postgres"
	// startLimit is how long one server may take until it answers.
	startLimit = time.Minute
	// attempts to find a port that nobody takes before the server does.
	attempts = 5
)

// Option changes how a server is started.
type Option func(*plan)

// plan is what the options come to.
type plan struct {
	address  string
	settings map[string]string
}

// Listen makes the server listen on another address of this machine than
// 127.0.0.1, for programs elsewhere: pods, or another machine. They need the
// password as well.
func Listen(address string) Option {
	return func(p *plan) { p.address = address }
}

// Setting sets a parameter of PostgreSQL: Setting("fsync", "on") for a benchmark
// that is to measure the disk.
func Setting(name, value string) Option {
	return func(p *plan) { p.settings[name] = value }
}

// planOf applies the options to what suits tests: a server that starts fast and
// takes little.
func planOf(options []Option) (plan, error) {
	made := plan{
		address: "127.0.0.1",
		settings: map[string]string{
			"cluster_name":    "fairlead-test",
			"fsync":           "off",
			"max_connections": "100",
			"shared_buffers":  "128MB",
			"timezone":        "UTC",
			"log_timezone":    "UTC",
		},
	}
	for _, option := range options {
		option(&made)
	}
	if ip := net.ParseIP(made.address); ip == nil || ip.IsUnspecified() {
		return plan{}, fmt.Errorf("PostgreSQL cannot listen on %q: name one IP address of this machine", made.address)
	}
	return made, nil
}

// Start starts a PostgreSQL that ends with this program, or earlier with Stop.
// The context is that of the start. Where PostgreSQL is not installed, root on a
// Debian has it installed; anybody else is told how to.
func Start(ctx context.Context, options ...Option) (*Server, error) {
	server, err := start(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("starting PostgreSQL: %w", err)
	}
	return server, nil
}

func start(ctx context.Context, options []Option) (*Server, error) {
	wanted, err := planOf(options)
	if err != nil {
		return nil, err
	}
	programs, err := Programs(ctx)
	if err != nil {
		return nil, err
	}
	account, err := unprivileged()
	if err != nil {
		return nil, err
	}
	sweep(os.TempDir())
	home, err := newFolder(os.TempDir(), account)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	l := launcher{programs: programs, account: account, home: home}
	password := rand.Text()
	if err := l.initialize(ctx, password); err != nil {
		return nil, errors.Join(err, home.remove())
	}
	for attempt := 1; ; attempt++ {
		server, err := l.serve(ctx, wanted, password)
		if err == nil {
			return server, nil
		}
		if attempt == attempts || !errors.Is(err, errPortTaken) {
			return nil, errors.Join(err, home.remove())
		}
	}
}

// errPortTaken tells that somebody took the port between our finding it free and
// the server's start.
var errPortTaken = errors.New("the port was taken")

// initialize makes the files of an empty server.
func (l *launcher) initialize(ctx context.Context, password string) error {
	passwordFile := filepath.Join(l.home.path, "password")
	if err := l.write(passwordFile, password); err != nil {
		return err
	}
	initdb, err := l.launch(ctx, "initdb",
		"--pgdata="+l.data(), "--username="+superuser, "--pwfile="+passwordFile,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
	if err != nil {
		return err
	}
	select {
	case <-initdb.done:
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("initdb: %w", context.Cause(ctx)), initdb.end())
	}
	if initdb.err != nil {
		return fmt.Errorf("initdb: %w\n%s", initdb.err, initdb.lastWords())
	}
	if err := os.Remove(passwordFile); err != nil {
		return fmt.Errorf("removing the file of the password: %w", err)
	}
	// What initdb writes lets in connections from 127.0.0.1 only.
	return l.write(filepath.Join(l.data(), "pg_hba.conf"), "host all all all scram-sha-256\n")
}

// serve starts the server on a free port and waits until it answers.
func (l *launcher) serve(ctx context.Context, wanted plan, password string) (*Server, error) {
	port, err := freePort(ctx, wanted.address)
	if err != nil {
		return nil, err
	}
	arguments := []string{"-D", l.data()}
	for _, name := range slices.Sorted(maps.Keys(wanted.settings)) {
		arguments = append(arguments, "-c", name+"="+wanted.settings[name])
	}
	// The path of a socket may only be short, and a temporary folder's is not.
	arguments = append(arguments, "-c", "listen_addresses="+wanted.address, "-c", "port="+port, "-c", "unix_socket_directories=")
	server := &Server{URL: (&url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, password),
		Host: net.JoinHostPort(wanted.address, port), Path: "/postgres", RawQuery: "sslmode=disable",
	}).String()}
	o := &own{launcher: l, arguments: arguments}
	if err := o.start(ctx, server); err != nil {
		return nil, err
	}
	o.stop = sync.OnceValue(o.end)
	server.own = o
	return server, nil
}

// awaitAnswer connects until the server lets us in.
func (s *Server) awaitAnswer(ctx context.Context, running *process) error {
	for {
		connection, err := pgx.Connect(ctx, s.URL)
		if err == nil {
			return connection.Close(ctx)
		}
		select {
		case <-running.done:
			words := running.lastWords()
			if strings.Contains(words, "could not bind") {
				return fmt.Errorf("%w\n%s", errPortTaken, words)
			}
			return fmt.Errorf("it ended: %w\n%s", running.err, words)
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w (last: %w)\n%s", context.Cause(ctx), err, running.lastWords())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// freePort finds a port of the address on which nobody listens.
func freePort(ctx context.Context, address string) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, errors.Join(err, listener.Close())
}

// data is the folder of the server's own files.
func (l *launcher) data() string { return filepath.Join(l.home.path, "data") }

// write writes a file for the server's account.
func (l *launcher) write(path, content string) error {
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return fmt.Errorf("writing for PostgreSQL: %w", err)
	}
	return give(path, l.account)
}

// give makes a file the account's; nil is ourselves.
func give(path string, account *syscall.Credential) error {
	if account == nil {
		return nil
	}
	if err := os.Chown(path, int(account.Uid), int(account.Gid)); err != nil {
		return fmt.Errorf("giving PostgreSQL's account what it needs: %w", err)
	}
	return nil
}

// identifier reads a number of a user or group as the system writes it.
func identifier(text string) (uint32, error) {
	number, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("the number of an account: %w", err)
	}
	return uint32(number), nil
}
