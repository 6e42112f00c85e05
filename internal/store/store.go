// Package store keeps customers in PostgreSQL or SQLite: parties with what each
// source says of them, facts, and what follows from facts. One set of tests
// (storetest) holds both databases to the same behaviour.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// minPostgres is the oldest server version that is supported, as PostgreSQL
// states server_version_num.
const minPostgres = 140000

// connectTimeout bounds the first contact with a server that does not answer.
const connectTimeout = 5 * time.Second

// Options are how a store is opened.
type Options struct {
	// MaxConnections to a server; 4 if zero, at least 2. SQLite has one writer
	// whatever it says.
	MaxConnections int
	// Create lets SQLite make the file if there is none.
	Create bool
	// Now tells the time; time.Now if nil.
	Now func() time.Time
	// KeepPlans has a server plan each statement once a connection, whatever its parameters:
	// for whoever asks the same again and again, and never for much.
	KeepPlans bool
	// Portion is how many parties a rebuild computes at once; as many as suit the
	// database if zero.
	Portion int
}

// Store is an open customer store. Its methods may be used concurrently.
type Store struct {
	db      *sql.DB
	dialect dialect
	now     func() time.Time
	portion int
}

// Open connects to the store that a URL names: postgres://... or
// sqlite:///path/to/file.db. It does not look at the schema: see Schema and
// Migrate. Errors are an *AccessError where the database refuses or cannot be
// reached, and an *URLError where the URL is wrong; neither holds a password.
func Open(ctx context.Context, rawURL string, options Options) (*Store, error) {
	if options.MaxConnections == 0 {
		options.MaxConnections = 4
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	scheme, _, _ := strings.Cut(rawURL, ":")
	var store *Store
	var err error
	switch scheme {
	case "postgres", "postgresql":
		store, err = openPostgres(rawURL, options)
	case "sqlite":
		store, err = openSQLite(rawURL, options)
	default:
		return nil, &URLError{"want postgres://USER:PASSWORD@HOST/DATABASE or sqlite:///PATH/TO/FILE.db"}
	}
	if err != nil {
		return nil, err
	}
	store.now, store.portion = options.Now, options.Portion
	if store.portion == 0 {
		store.portion = store.dialect.marksAtOnce() * marksAtOnce
	}
	if err := store.greet(ctx); err != nil {
		store.db.Close()
		return nil, err
	}
	return store, nil
}

func openPostgres(rawURL string, options Options) (*Store, error) {
	config, err := pgx.ParseConfig(rawURL)
	if err != nil {
		// The error of the parser repeats parts of the URL.
		return nil, &URLError{"not a URL of PostgreSQL: want postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=..., with special characters of the password written as %XX"}
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "fairlead"
	}
	config.RuntimeParams["timezone"] = "UTC"
	var connected []stdlib.OptionOpenDB
	if options.KeepPlans {
		// Not among the parameters at the start of a connection: poolers let only some in.
		connected = append(connected, stdlib.OptionAfterConnect(func(ctx context.Context, connection *pgx.Conn) error {
			_, err := connection.Exec(ctx, "SET plan_cache_mode = force_generic_plan")
			return err
		}))
	}
	db := stdlib.OpenDB(*config, connected...)
	// A migration holds its lock on one connection and works on another.
	connections := max(2, options.MaxConnections)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return &Store{db: db, dialect: postgres{}}, nil
}

// openSQLite opens a file with a journal that readers and one writer share.
func openSQLite(rawURL string, options Options) (*Store, error) {
	parsed, err := url.Parse(rawURL)
	if err != nil || parsed.Host != "" || parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" || !filepath.IsAbs(parsed.Path) || strings.HasSuffix(parsed.Path, "/") {
		return nil, &URLError{"want sqlite:///PATH/TO/FILE.db: three slashes, an absolute path, nothing behind it"}
	}
	mode := "rw"
	if options.Create {
		mode = "rwc"
	}
	query := url.Values{"mode": {mode}, "_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(30000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "cache_size(-16000)", "temp_store(MEMORY)",
		// What is erased must not stay in free pages.
		"secure_delete(ON)",
	}}
	dsn := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: parsed.Path}).EscapedPath(), RawQuery: query.Encode()}).String()
	if options.Create {
		// It holds names and addresses: for its owner only, and with it what SQLite
		// keeps beside it. Why it cannot be made, opening it tells.
		if file, err := os.OpenFile(parsed.Path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
			file.Close()
		}
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, &URLError{fmt.Sprintf("opening SQLite: %v", err)}
	}
	// One connection: SQLite has one writer, and a process must not wait for itself.
	db.SetMaxOpenConns(1)
	return &Store{db: db, dialect: sqlite{path: parsed.Path}}, nil
}

// greet makes sure that the database answers and is new enough.
func (s *Store) greet(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*connectTimeout)
	defer cancel()
	if err := s.db.PingContext(ctx); err != nil {
		return s.dialect.accessError(err)
	}
	return s.dialect.checkVersion(ctx, s.db)
}

// Close ends all connections.
func (s *Store) Close() error { return s.db.Close() }

// Ping tells whether the database answers, as Open does.
func (s *Store) Ping(ctx context.Context) error { return s.greet(ctx) }

// IsSQLite tells whether the store is a file of SQLite.
func (s *Store) IsSQLite() bool { _, is := s.dialect.(sqlite); return is }

// millis is the time as the database holds it.
func (s *Store) millis() int64 { return s.now().UnixMilli() }

// write runs work in one transaction that no other writer of parties overlaps:
// if it gives no error, all of it is committed, and otherwise nothing.
func (s *Store) write(ctx context.Context, work func(*transaction) error) error {
	t, err := s.begin(ctx, nil)
	if err != nil {
		return err
	}
	defer t.end()
	if err := t.dialect.lock(t); err != nil {
		return fmt.Errorf("waiting for other writers: %w", err)
	}
	if err := work(t); err != nil {
		return err
	}
	return t.commit()
}

// change runs work in one transaction, which other writers may overlap where the database
// lets them: if it gives no error, all of it is committed, and otherwise nothing.
func (s *Store) change(ctx context.Context, work func(*transaction) error) error {
	t, err := s.begin(ctx, nil)
	if err != nil {
		return err
	}
	defer t.end()
	if err := work(t); err != nil {
		return err
	}
	return t.commit()
}

// read runs work in one transaction that sees one state of the store.
func (s *Store) read(ctx context.Context, work func(*transaction) error) error {
	t, err := s.begin(ctx, s.dialect.readOptions())
	if err != nil {
		return err
	}
	defer t.end()
	return work(t)
}

// alone is for work that is one statement: it is a transaction by itself, and need not be
// begun and ended.
func (s *Store) alone(ctx context.Context) *transaction {
	return &transaction{ctx: ctx, dialect: s.dialect, on: s.db, now: s.millis()}
}

// begin starts a transaction, which has to be ended.
func (s *Store) begin(ctx context.Context, options *sql.TxOptions) (*transaction, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, s.dialect.accessError(err)
	}
	tx, err := conn.BeginTx(ctx, options)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("beginning a transaction: %w", s.dialect.accessError(err))
	}
	return &transaction{ctx: ctx, tx: tx, conn: conn, dialect: s.dialect, on: tx, now: s.millis()}, nil
}
