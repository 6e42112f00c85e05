package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Role is whom a connection to PostgreSQL acts as, and what it may beyond what a
// worker needs.
type Role struct {
	// Name of the role.
	Name string
	// Superuser: no right is refused to it.
	Superuser bool
	// Where the connection leads to: server and database, as the server tells them
	// apart.
	Where string
	// Creates: it may make tables in the store's schema, or owns some there.
	Creates bool
}

// Role tells whom the store is connected as. SQLite has no roles: all is zero.
func (s *Store) Role(ctx context.Context) (role Role, err error) {
	if s.IsSQLite() {
		return role, nil
	}
	err = s.db.QueryRowContext(ctx, `
		SELECT current_user, rolsuper,
		       coalesce(has_schema_privilege(current_schema(), 'CREATE'), FALSE) OR has_database_privilege(current_database(), 'CREATE') OR
		       EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema()))
		                 AND c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'USAGE')),
		       (SELECT oid FROM pg_database WHERE datname = current_database())::text || '@' || extract(epoch FROM pg_postmaster_start_time())::text
		FROM pg_roles WHERE rolname = current_user`).Scan(&role.Name, &role.Superuser, &role.Creates, &role.Where)
	if err != nil {
		return role, fmt.Errorf("asking for the rights of the role: %w", s.dialect.accessError(err))
	}
	return role, nil
}

// What workers write: claims, what came of them, and nothing else.
const workerWrites = `('outreach_shard', 'outreach_outcome', 'outreach_retry', 'message_event', 'contact_pressure', 'channel_rate')`

// What workers may change, and neither make nor remove: a run that fails too often is halted.
const workerChanges = `('outreach_run')`

// GrantWorker gives a role what a worker needs and lacks: to read all but what
// is sealed, and to write claims and what came of them. It is asked for again
// after a migration, which may bring tables.
func (s *Store) GrantWorker(ctx context.Context, role string) error {
	if s.IsSQLite() {
		return nil
	}
	// Grants that are there already are not given again: each would write to the
	// catalogue and be waited for by others.
	rows, err := s.db.QueryContext(ctx, `
		SELECT quote_ident(current_schema()), CASE WHEN has_schema_privilege($1, current_schema(), 'USAGE') THEN '' ELSE 'USAGE' END, ''
		UNION ALL
		SELECT format('%I.%I', current_schema(), c.relname), CASE WHEN c.relname IN `+workerWrites+` THEN 'SELECT, INSERT, UPDATE, DELETE' WHEN c.relname IN `+workerChanges+` THEN 'SELECT, UPDATE' ELSE 'SELECT' END, 'TABLE'
		FROM pg_class c
		WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relkind IN ('r', 'p') AND c.relname <> 'sensitive_field'
		  AND NOT (has_table_privilege($1, c.oid, 'SELECT')
		       AND (c.relname NOT IN `+workerWrites+` AND c.relname NOT IN `+workerChanges+` OR has_table_privilege($1, c.oid, 'UPDATE'))
		       AND (c.relname NOT IN `+workerWrites+` OR has_table_privilege($1, c.oid, 'INSERT') AND has_table_privilege($1, c.oid, 'DELETE')))`, role)
	if err != nil {
		return fmt.Errorf("asking what the worker's role lacks: %w", s.dialect.accessError(err))
	}
	defer rows.Close()
	var statements []string
	for rows.Next() {
		var object, rights, kind string
		if err := rows.Scan(&object, &rights, &kind); err != nil {
			return fmt.Errorf("asking what the worker's role lacks: %w", err)
		}
		if rights == "" {
			continue
		}
		if kind == "" {
			kind = "SCHEMA"
		}
		statements = append(statements, fmt.Sprintf(`GRANT %s ON %s %s TO %s`, rights, kind, object, pgx.Identifier{role}.Sanitize()))
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("asking what the worker's role lacks: %w", s.dialect.accessError(err))
	}
	for _, statement := range statements {
		if _, err := s.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("granting to the worker's role: %w", s.dialect.accessError(err))
		}
	}
	return nil
}
