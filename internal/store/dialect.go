package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	sqlitedriver "modernc.org/sqlite"
	sqlitecode "modernc.org/sqlite/lib"
)

// dialect is where PostgreSQL and SQLite differ.
type dialect interface {
	// text rewrites a statement with $1 placeholders.
	text(statement string) string
	// lock keeps other writers of parties out until the transaction ends.
	lock(t *transaction) error
	// lockRelaxed is lock, and lets the transaction be lost in a crash of the
	// server, though never in part.
	lockRelaxed(t *transaction) error
	// lockRefresh keeps others from computing profiles until the transaction ends.
	lockRefresh(t *transaction) error
	// lockPortion keeps refreshes away until the transaction ends, but not other
	// portions of parties, of which rebuilders may be under way at once.
	lockPortion(t *transaction) error
	rebuilders() int
	// lockGeneration lets nobody else write profiles until the transaction ends, so that
	// generations are committed in their order.
	lockGeneration(t *transaction) error
	// lockSegments keeps others from evaluating segments until the transaction ends.
	lockSegments(t *transaction) error
	// passLocked ends a SELECT of rows that are to be changed: those that somebody else
	// changes are passed by.
	passLocked() string
	// joinsFull tells whether a full join takes no longer than reading both sides.
	joinsFull() bool
	// textOf is the text under a name of a JSON object.
	textOf(object, name string) string
	// digest is an aggregate of members and their classes that does not depend on their
	// order; "" if the database has none.
	digest(customer, class string) string
	// count lets statements be planned for a temporary table as it is.
	count(t *transaction, table string) error
	// oneState are the options of a transaction that may make temporary tables and
	// sees one state of the store.
	oneState() *sql.TxOptions
	// marksAtOnce is how many marks one refresh takes, and takeMarks takes them.
	marksAtOnce() int
	takeMarks() string
	// onCommitDrop makes a temporary table go with its transaction, and
	// dropTemporary where that cannot be said.
	onCommitDrop() string
	dropTemporary(t *transaction, tables []string) error
	// planFor lets statements of the transaction be planned for a temporary table
	// as it is, and for so many parties.
	planFor(t *transaction, parties int64, table string) error
	// planAudience lets statements of the transaction be planned for many customers at once.
	planAudience(t *transaction) error
	// onceEach ends a SELECT whose columns are to be computed once.
	onceEach() string
	// total is the function that adds up integers and gives one.
	total() string
	// least is the function that gives the least of its arguments.
	least() string
	// keyedHash is hashOf of a text, by the paddedKeys.
	keyedHash(inner, outer, text string) string
	// byCodePoint makes texts compare as they do in Go.
	byCodePoint() string
	// attributes are those of a party, of which ->> takes one.
	attributes(party string) string
	// readOptions are those of a transaction that only reads.
	readOptions() *sql.TxOptions
	// insert adds rows to a table. A key that exists already is errDuplicate.
	insert(t *transaction, table string, columns []string, rows *rowBuffer) error
	// forget takes what was deleted from where it stays for a while.
	forget(ctx context.Context, db *sql.DB) error
	// accessError explains why the database cannot be used; other errors stay.
	accessError(err error) error
	// checkVersion refuses a server that is too old.
	checkVersion(ctx context.Context, db *sql.DB) error
	// goose is the name that the migrator knows the database by.
	goose() goose.Dialect
	// tableExists asks for the name of a table.
	tableExists() string
	// folder of the migrations.
	folder() string
}

// errDuplicate says that a row's key is there already.
var errDuplicate = errors.New("a row with this key is there already")

// writersLock is the advisory lock of everyone who writes parties or facts.
const writersLock = 0x6661_6972_6c65_6164

type postgres struct{}

func (postgres) text(statement string) string { return statement }

func (postgres) lock(t *transaction) error {
	_, err := t.exec(`SELECT pg_advisory_xact_lock($1)`, int64(writersLock))
	return err
}

// lockRelaxed: the commit of the import's end waits for the disk, and with it
// all before; what a crash takes is imported again.
func (postgres) lockRelaxed(t *transaction) error {
	_, err := t.exec(`SELECT set_config('synchronous_commit', 'off', true), pg_advisory_xact_lock($1)`, int64(writersLock))
	return err
}

func (postgres) readOptions() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}

// forget does nothing: dead rows go by the server's own vacuum.
func (postgres) forget(context.Context, *sql.DB) error { return nil }

func (postgres) goose() goose.Dialect { return goose.DialectPostgres }
func (postgres) folder() string       { return "migrations/postgres" }

func (postgres) tableExists() string {
	return `SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = $1`
}

func (postgres) checkVersion(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int`).Scan(&version); err != nil {
		return postgres{}.accessError(err)
	}
	if version < minPostgres {
		return &AccessError{TooOld, fmt.Sprintf("the server is PostgreSQL %d, and 14 or newer is needed", version/10000)}
	}
	return nil
}

// Codes of PostgreSQL, appendix A of its manual.
const (
	codeUniqueViolation = "23505"
	codeNoDatabase      = "3D000"
	codeNoRight         = "42501"
)

func (postgres) accessError(err error) error {
	var fromServer *pgconn.PgError
	if errors.As(err, &fromServer) {
		switch {
		case strings.HasPrefix(fromServer.Code, "28"):
			return &AccessError{WrongCredentials, "the server refuses the user or the password: " + fromServer.Message}
		case fromServer.Code == codeNoDatabase:
			return &AccessError{NoDatabase, fromServer.Message}
		case fromServer.Code == codeNoRight:
			return &AccessError{NoRight, "the role lacks a right: " + fromServer.Message}
		case strings.HasPrefix(fromServer.Code, "57P"), strings.HasPrefix(fromServer.Code, "53"):
			return &AccessError{Unreachable, "the server takes no connections now: " + fromServer.Message}
		}
		return err
	}
	var toServer *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &toServer) || errors.As(err, &network) || errors.Is(err, net.ErrClosed) {
		return &AccessError{Unreachable, "the server cannot be reached: " + withoutSecrets(err)}
	}
	return err
}

// withoutSecrets names the last cause of a failure to connect: what pgx puts
// around it repeats user and host, and may repeat more.
func withoutSecrets(err error) string {
	var operation *net.OpError
	if errors.As(err, &operation) {
		// Without the port on our side, which is another each time.
		return fmt.Sprintf("%s %v: %v", operation.Op, operation.Addr, operation.Err)
	}
	var lookup *net.DNSError
	if errors.As(err, &lookup) {
		return fmt.Sprintf("looking up %s: %s", lookup.Name, lookup.Err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "it does not answer in time"
	}
	last := err
	for next := errors.Unwrap(last); next != nil; next = errors.Unwrap(next) {
		last = next
	}
	return last.Error()
}

type sqlite struct{ path string }

var placeholder = regexp.MustCompile(`\$(\d+)`)

func (sqlite) text(statement string) string { return placeholder.ReplaceAllString(statement, "?$1") }

// lock does nothing: every transaction of SQLite begins as the only writer.
func (sqlite) lock(*transaction) error { return nil }

func (s sqlite) lockRelaxed(t *transaction) error { return s.lock(t) }

// forget brings the journal into the file, whose free pages are overwritten, and
// empties it.
func (sqlite) forget(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		return fmt.Errorf("emptying the journal after an erasure: %w", err)
	}
	return nil
}

// readOptions begin a transaction that waits for no writer.
func (sqlite) readOptions() *sql.TxOptions { return &sql.TxOptions{ReadOnly: true} }
func (sqlite) goose() goose.Dialect        { return goose.DialectSQLite3 }
func (sqlite) folder() string              { return "migrations/sqlite" }

func (sqlite) tableExists() string {
	return `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?1`
}

func (sqlite) checkVersion(context.Context, *sql.DB) error { return nil }

func (s sqlite) accessError(err error) error {
	var fromDriver *sqlitedriver.Error
	if !errors.As(err, &fromDriver) {
		return err
	}
	switch fromDriver.Code() & 0xff {
	case sqlitecode.SQLITE_CANTOPEN:
		if _, err := os.Stat(s.path); errors.Is(err, fs.ErrNotExist) {
			if _, err := os.Stat(filepath.Dir(s.path)); err != nil {
				return &AccessError{NoDatabase, fmt.Sprintf("the folder of %s does not exist", s.path)}
			}
			return &AccessError{NoDatabase, fmt.Sprintf("%s does not exist: fairlead migrate makes it", s.path)}
		}
		return &AccessError{NoRight, fmt.Sprintf("%s cannot be opened", s.path)}
	case sqlitecode.SQLITE_READONLY, sqlitecode.SQLITE_PERM, sqlitecode.SQLITE_AUTH:
		return &AccessError{NoRight, fmt.Sprintf("%s cannot be written", s.path)}
	case sqlitecode.SQLITE_NOTADB:
		return &AccessError{NoDatabase, fmt.Sprintf("%s is not a database of SQLite", s.path)}
	case sqlitecode.SQLITE_BUSY, sqlitecode.SQLITE_LOCKED:
		return &AccessError{Unreachable, fmt.Sprintf("%s is held by another writer", s.path)}
	case sqlitecode.SQLITE_FULL, sqlitecode.SQLITE_IOERR, sqlitecode.SQLITE_CORRUPT:
		return &AccessError{Unreachable, fmt.Sprintf("%s cannot be used: %v", s.path, fromDriver)}
	}
	return err
}

// isDuplicate tells whether SQLite refused a key that is there already.
func isDuplicate(err error) bool {
	var fromDriver *sqlitedriver.Error
	return errors.As(err, &fromDriver) && fromDriver.Code()&0xff == sqlitecode.SQLITE_CONSTRAINT &&
		(fromDriver.Code() == sqlitecode.SQLITE_CONSTRAINT_UNIQUE || fromDriver.Code() == sqlitecode.SQLITE_CONSTRAINT_PRIMARYKEY)
}
