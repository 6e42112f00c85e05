// Package postgres gives tests a real PostgreSQL of their own. It holds nothing
// that is worth keeping, and it ends with the program that started it, however
// that ends.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Variable is the environment variable that names a server to test with instead
// of one of our own: a URL of a superuser, or of a role with CREATEDB and
// CREATEROLE.
const Variable = "FAIRLEAD_TEST_POSTGRES"

// Server is a running PostgreSQL.
type Server struct {
	// URL connects as a role that creates databases and roles: the superuser of
	// a server that was started here.
	URL string

	// own is nil for a server of somebody else's.
	own *own
}

// Main starts a PostgreSQL, hands it to ready, runs the tests of the package and
// stops it. With the variable FAIRLEAD_TEST_POSTGRES it takes the server named
// there as it is, and the options do not count. The context that ready gets ends
// after the tests. Main is called from a package's TestMain and returns the code
// to exit with.
func Main(m *testing.M, ready func(context.Context, *Server) error, options ...Option) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	server, err := Find(ctx, options...)
	if err != nil {
		return fail(err)
	}
	if err := ready(ctx, server); err != nil {
		return fail(fmt.Errorf("preparing PostgreSQL: %w", errors.Join(err, server.Stop())))
	}
	code := m.Run()
	cancel()
	if err := server.Stop(); err != nil {
		return fail(err)
	}
	return code
}

// Find gives the server that the variable FAIRLEAD_TEST_POSTGRES names, or starts
// one as Start does. It is for tests whose TestMain starts something else as well.
func Find(ctx context.Context, options ...Option) (*Server, error) {
	server, err := named(ctx)
	if server == nil && err == nil {
		server, err = Start(ctx, options...)
	}
	return server, err
}

// Stop ends the server and removes its data. It tells if the server had ended by
// itself before. A server that the environment named goes on.
func (s *Server) Stop() error {
	if s.own == nil {
		return nil
	}
	return s.own.stop()
}

// named returns the server that the environment names, or nil if it names none.
func named(ctx context.Context) (*Server, error) {
	server := &Server{URL: os.Getenv(Variable)}
	if server.URL == "" {
		return nil, nil
	}
	err := server.run(ctx, func(connection *pgx.Conn) error {
		var able bool
		const question = `SELECT rolsuper OR (rolcreatedb AND rolcreaterole) FROM pg_roles WHERE rolname = current_user`
		if err := connection.QueryRow(ctx, question).Scan(&able); err != nil {
			return fmt.Errorf("asking for the role's rights: %w", err)
		}
		if !able {
			return errors.New("the role must be a superuser, or have CREATEDB and CREATEROLE")
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the server that %s names: %w", Variable, err)
	}
	return server, nil
}

// fail reports why tests could not run, as go test shows it.
func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}
