package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// NewDatabase makes an empty database for a test and returns its URL, which
// connects as its owner: a role of its own that is no superuser, and can do
// nothing in any other database. Both are gone after the test, whoever is still
// connected.
func (s *Server) NewDatabase(t testing.TB) string {
	t.Helper()
	database, err := s.CreateDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.DropDatabase(ctx, database); err != nil {
			t.Error(err)
		}
	})
	return database
}

// NewRole makes another role for a database of NewDatabase and returns the URL
// that connects as it. It may connect and nothing more until the owner grants
// it. Its name in PostgreSQL is the database's, an underscore and the name. It is
// gone with the database.
func (s *Server) NewRole(t testing.TB, database, name string) string {
	t.Helper()
	role, err := s.CreateRole(t.Context(), database, name)
	if err != nil {
		t.Fatal(err)
	}
	return role
}

// CreateDatabase is NewDatabase for programs that are not tests: it stays until
// DropDatabase, or until the server ends.
func (s *Server) CreateDatabase(ctx context.Context) (string, error) {
	name := "fairlead_" + strings.ToLower(rand.Text())
	made, err := s.urlOf(name, name)
	if err != nil {
		return "", fmt.Errorf("creating a database: %w", err)
	}
	quoted := pgx.Identifier{name}.Sanitize()
	err = s.execute(ctx,
		createRole(name, made),
		// Who is no superuser must be a member of the role to make it an owner.
		fmt.Sprintf(`GRANT %s TO CURRENT_USER`, quoted),
		// template1 may have been changed by somebody; template0 is as delivered.
		fmt.Sprintf(`CREATE DATABASE %s OWNER %s TEMPLATE template0 ENCODING 'UTF8'`, quoted, quoted),
		fmt.Sprintf(`REVOKE ALL ON DATABASE %s FROM PUBLIC`, quoted),
	)
	if err != nil {
		return "", errors.Join(fmt.Errorf("creating a database: %w", err), s.DropDatabase(ctx, made.String()))
	}
	return made.String(), nil
}

// CreateRole is NewRole for programs that are not tests.
func (s *Server) CreateRole(ctx context.Context, database, name string) (string, error) {
	owner, err := databaseName(database)
	if err != nil {
		return "", fmt.Errorf("creating a role: %w", err)
	}
	role := owner + "_" + name
	made, err := s.urlOf(owner, role)
	if err != nil {
		return "", fmt.Errorf("creating a role: %w", err)
	}
	err = s.execute(ctx, createRole(role, made),
		fmt.Sprintf(`GRANT CONNECT ON DATABASE %s TO %s`, pgx.Identifier{owner}.Sanitize(), pgx.Identifier{role}.Sanitize()))
	if err != nil {
		return "", fmt.Errorf("creating a role: %w", err)
	}
	return made.String(), nil
}

// DropDatabase drops a database that was made here, and its roles. Who is still
// connected is thrown out.
func (s *Server) DropDatabase(ctx context.Context, database string) error {
	name, err := databaseName(database)
	if err != nil {
		return fmt.Errorf("dropping a database: %w", err)
	}
	err = s.run(ctx, func(connection *pgx.Conn) error {
		drop := fmt.Sprintf(`DROP DATABASE IF EXISTS %s WITH (FORCE)`, pgx.Identifier{name}.Sanitize())
		if _, err := connection.Exec(ctx, drop); err != nil {
			return err
		}
		// A role can be dropped when the last database that knows it is gone.
		rows, err := connection.Query(ctx, `SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1)`, name)
		if err != nil {
			return err
		}
		roles, err := pgx.CollectRows(rows, pgx.RowTo[string])
		for _, role := range roles {
			_, failed := connection.Exec(ctx, fmt.Sprintf(`DROP ROLE %s`, pgx.Identifier{role}.Sanitize()))
			err = errors.Join(err, failed)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("dropping the database %s: %w", name, err)
	}
	return nil
}

// createRole is the statement that makes a role with the password of its URL,
// which is of letters and digits only.
func createRole(role string, made *url.URL) string {
	password, _ := made.User.Password()
	return fmt.Sprintf(`CREATE ROLE %s LOGIN PASSWORD '%s'`, pgx.Identifier{role}.Sanitize(), password)
}

// urlOf is the URL of a database for a role, with a new password.
func (s *Server) urlOf(database, role string) (*url.URL, error) {
	made, err := url.Parse(s.URL)
	if err != nil {
		// What url.Parse says repeats the password.
		return nil, errors.New("the server's URL cannot be read")
	}
	made.User = url.UserPassword(role, rand.Text())
	made.Path = "/" + database
	return made, nil
}

// databaseName of a URL that urlOf made.
func databaseName(database string) (string, error) {
	parsed, err := url.Parse(database)
	if err != nil || !strings.HasPrefix(parsed.Path, "/fairlead_") {
		return "", errors.New("not the URL of a database that was made here")
	}
	return strings.TrimPrefix(parsed.Path, "/"), nil
}

// execute runs statements one after the other.
func (s *Server) execute(ctx context.Context, statements ...string) error {
	return s.run(ctx, func(connection *pgx.Conn) error {
		for _, statement := range statements {
			if _, err := connection.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

// run does something on a connection of its own.
func (s *Server) run(ctx context.Context, do func(*pgx.Conn) error) error {
	connection, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	return errors.Join(do(connection), connection.Close(ctx))
}
