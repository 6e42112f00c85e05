package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/google/uuid"
	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// Schema is the state of a store's schema.
type Schema struct {
	// Version of the schema; 0 if there is none.
	Version int64
	// MinCompatible is the oldest version that a program must know to use it.
	MinCompatible int64
}

// KnownVersion is the newest schema that this program knows.
func KnownVersion() int64 {
	entries, err := fs.ReadDir(migrations, "migrations/postgres")
	if err != nil {
		panic(err) // they are compiled in
	}
	return int64(len(entries))
}

// Schema reads the state of the schema without changing anything.
func (s *Store) Schema(ctx context.Context) (Schema, error) {
	var schema Schema
	var count int
	if err := s.db.QueryRowContext(ctx, s.dialect.tableExists(), "schema_version").Scan(&count); err != nil {
		return schema, fmt.Errorf("looking for the schema: %w", s.dialect.accessError(err))
	}
	if count == 0 {
		return schema, nil
	}
	err := s.db.QueryRowContext(ctx, `SELECT coalesce(max(version), 0), coalesce(max(min_compatible), 0) FROM schema_version`).
		Scan(&schema.Version, &schema.MinCompatible)
	if err != nil {
		return schema, fmt.Errorf("reading the schema's version: %w", s.dialect.accessError(err))
	}
	return schema, nil
}

// CheckSchema gives a *SchemaError unless this program can use the store as it
// is: its schema is one that the program knows, or a newer one that is still
// compatible with it.
func (s *Store) CheckSchema(ctx context.Context) error {
	schema, err := s.Schema(ctx)
	if err != nil {
		return err
	}
	if known := KnownVersion(); schema.MinCompatible > known || schema.Version < known {
		return &SchemaError{Found: schema.Version, MinCompatible: schema.MinCompatible, Known: known}
	}
	return nil
}

// Migrate brings the schema to KnownVersion and gives the versions before and
// after. A schema that is newer is left alone; one that this program is too old
// for is a *SchemaError. Several programs may migrate at once: one does it.
func (s *Store) Migrate(ctx context.Context) (from, to int64, err error) {
	schema, err := s.Schema(ctx)
	if err != nil {
		return 0, 0, err
	}
	known := KnownVersion()
	if schema.MinCompatible > known {
		return schema.Version, schema.Version, &SchemaError{Found: schema.Version, MinCompatible: schema.MinCompatible, Known: known}
	}
	if schema.Version < known {
		if err := s.migrate(ctx); err != nil {
			return schema.Version, schema.Version, err
		}
	}
	if err := s.name(ctx); err != nil {
		return schema.Version, schema.Version, err
	}
	return schema.Version, max(schema.Version, known), nil
}

func (s *Store) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, s.dialect.folder())
	if err != nil {
		return fmt.Errorf("finding the migrations: %w", err)
	}
	unlock, err := s.migrationLock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	provider, err := goose.NewProvider(s.dialect.goose(), s.db, files, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("preparing the migrations: %w", s.dialect.accessError(err))
	}
	// In SQLite another migrator may be a step ahead, and then a step of ours fails
	// and is undone: whoever fails looks again, at most once for every step.
	for range KnownVersion() + 1 {
		if _, err = provider.Up(ctx); err == nil || !s.IsSQLite() {
			break
		}
		if s.CheckSchema(ctx) == nil {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("migrating: %w", s.dialect.accessError(err))
	}
	return nil
}

// migrationLock keeps other migrators out.
func (s *Store) migrationLock(ctx context.Context) (unlock func(), err error) {
	if s.IsSQLite() {
		// Every migration is one transaction: see migrate.
		return func() {}, nil
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, s.dialect.accessError(err)
	}
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(writersLock)+1); err != nil {
		conn.Close()
		return nil, fmt.Errorf("waiting for another migration: %w", s.dialect.accessError(err))
	}
	return func() {
		// A lock that cannot be given back goes with the connection.
		if _, err := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(writersLock)+1); err != nil {
			_ = conn.Raw(func(any) error { return err })
		}
		conn.Close()
	}, nil
}

// name gives a fresh store its id and the key of its hashes.
func (s *Store) name(ctx context.Context) error {
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return fmt.Errorf("making the key of the store's hashes: %w", err)
	}
	err := s.write(ctx, func(t *transaction) error {
		_, err := t.exec(`INSERT INTO store (one, store_id, hash_key, sensitive_fields, created_at) VALUES (1, $1, $2, '["bankAccount"]', $3) ON CONFLICT (one) DO NOTHING`,
			uuid.NewString(), hex.EncodeToString(key[:]), t.now)
		return err
	})
	if err != nil {
		return fmt.Errorf("naming the store: %w", err)
	}
	return nil
}

// Owner is who a store belongs to.
type Owner struct {
	// Cluster is the uid of the cluster's kube-system namespace.
	Cluster string
	// Namespace and Name are those of the CustomerStore.
	Namespace, Name string
}

// Mark is what a store says of itself.
type Mark struct {
	// StoreID is made once, with the store.
	StoreID string
	// Owner it is marked with; nil while nobody claimed it.
	Owner *Owner
	Declaration
}

// Declaration is what a CustomerStore declares that the store itself must know.
type Declaration struct {
	// ReportingCurrency is an ISO 4217 code; "" while nobody claimed the store.
	ReportingCurrency string
	// SensitiveFields are held encrypted only.
	SensitiveFields []string
	// ExpectedRelationshipMonths is for how long a customer is expected to stay;
	// 0 leaves it as it is, which is customer.DefaultRelationshipMonths at first.
	ExpectedRelationshipMonths int64
}

// declares tells whether a store declares what is wanted already.
func (d Declaration) declares(wanted Declaration) bool {
	return d.ReportingCurrency == wanted.ReportingCurrency && slices.Equal(d.SensitiveFields, wanted.SensitiveFields) &&
		(wanted.ExpectedRelationshipMonths == 0 || wanted.ExpectedRelationshipMonths == d.ExpectedRelationshipMonths)
}

// Mark reads what the store says of itself.
func (s *Store) Mark(ctx context.Context) (mark Mark, err error) {
	err = s.read(ctx, func(t *transaction) error { mark, err = readMark(t); return err })
	return mark, err
}

func readMark(t *transaction) (Mark, error) {
	var mark Mark
	var cluster, namespace, name, currency sql.NullString
	var sensitive string
	err := t.row(`SELECT store_id, owner_cluster, owner_namespace, owner_name, reporting_currency, sensitive_fields, expected_relationship_months FROM store`).
		Scan(&mark.StoreID, &cluster, &namespace, &name, &currency, &sensitive, &mark.ExpectedRelationshipMonths)
	if errors.Is(err, sql.ErrNoRows) {
		return mark, &SchemaError{Known: KnownVersion()}
	}
	if err != nil {
		return mark, fmt.Errorf("reading the store's mark: %w", err)
	}
	if err := json.Unmarshal([]byte(sensitive), &mark.SensitiveFields); err != nil {
		return mark, fmt.Errorf("reading the names of sensitive fields: %w", err)
	}
	mark.ReportingCurrency = currency.String
	if cluster.Valid {
		mark.Owner = &Owner{Cluster: cluster.String, Namespace: namespace.String, Name: name.String}
	}
	return mark, nil
}

// Claim marks the store as belonging to an owner and gives its mark. A store of
// another owner is an *OwnerError and stays as it is, unless adopt names its id.
func (s *Store) Claim(ctx context.Context, owner Owner, declared Declaration, adopt string) (Mark, error) {
	// Most claims find everything as it should be, and need no writer's turn.
	mark, err := s.Mark(ctx)
	if err != nil {
		return mark, err
	}
	if mark.Owner != nil && *mark.Owner == owner && mark.declares(declared) {
		return mark, nil
	}
	sensitive, err := json.Marshal(declared.SensitiveFields)
	if err != nil {
		return mark, fmt.Errorf("writing the names of sensitive fields: %w", err)
	}
	err = s.write(ctx, func(t *transaction) error {
		mark, err = readMark(t)
		if err != nil {
			return err
		}
		if mark.Owner != nil && *mark.Owner != owner && adopt != mark.StoreID {
			return &OwnerError{StoreID: mark.StoreID, Owner: *mark.Owner}
		}
		if declared.ExpectedRelationshipMonths == 0 {
			declared.ExpectedRelationshipMonths = mark.ExpectedRelationshipMonths
		}
		if _, err = t.exec(`
			UPDATE store SET owner_cluster = $1, owner_namespace = $2, owner_name = $3, sensitive_fields = $4, expected_relationship_months = $5`,
			owner.Cluster, owner.Namespace, owner.Name, string(sensitive), declared.ExpectedRelationshipMonths); err != nil {
			return fmt.Errorf("marking the store: %w", err)
		}
		if declared.ExpectedRelationshipMonths != mark.ExpectedRelationshipMonths {
			// Members of segments may follow from it.
			if err := logEverybody(t); err != nil {
				return err
			}
		}
		if err := reportIn(t, mark.ReportingCurrency, declared.ReportingCurrency); err != nil {
			return err
		}
		mark.Owner, mark.Declaration = &owner, declared
		return nil
	})
	return mark, err
}

// ReportIn makes a currency the one that sums are stated in, in a store that has
// no owner and no other one. In a cluster the CustomerStore declares it. A store
// that is owned, or reports in another currency, is a *ConflictError.
func (s *Store) ReportIn(ctx context.Context, currency string) error {
	return s.write(ctx, func(t *transaction) error {
		mark, err := readMark(t)
		switch {
		case err != nil:
			return err
		case mark.ReportingCurrency == currency:
			return nil
		case mark.Owner != nil:
			return &ConflictError{fmt.Sprintf("the store belongs to the CustomerStore %s/%s, which declares its currency: %s", mark.Owner.Namespace, mark.Owner.Name, mark.ReportingCurrency)}
		case mark.ReportingCurrency != "":
			return &ConflictError{fmt.Sprintf("the store reports in %s: recorded sums are in it", mark.ReportingCurrency)}
		}
		return reportIn(t, "", currency)
	})
}

// reportIn records the reporting currency; all sums follow.
func reportIn(t *transaction, before, currency string) error {
	if before == currency {
		return nil
	}
	if _, err := t.exec(`UPDATE store SET reporting_currency = $1`, currency); err != nil {
		return fmt.Errorf("recording the reporting currency: %w", err)
	}
	return mark(t, []int64{everybodyMark, ratesMark})
}

// Counts are how many customers and contacts a store has.
type Counts struct {
	// Customers are parties with a role of their own.
	Customers int64
	// Contacts are persons who belong to an organization.
	Contacts int64
}

// Counts counts customers and contacts.
func (s *Store) Counts(ctx context.Context) (counts Counts, err error) {
	err = s.read(ctx, func(t *transaction) error {
		if counts.Customers, err = t.number(`SELECT count(*) FROM party WHERE roles <> 0 AND merged_into IS NULL AND erased_at IS NULL`); err != nil {
			return fmt.Errorf("counting customers: %w", err)
		}
		if counts.Contacts, err = t.number(`SELECT count(DISTINCT person_id) FROM affiliation WHERE withdrawn_at IS NULL`); err != nil {
			return fmt.Errorf("counting contacts: %w", err)
		}
		return nil
	})
	return counts, err
}
