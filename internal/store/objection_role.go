package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// gatewayRights are what the gateway may do, by table, right and columns: to tell whose link it
// is, what is said of that mailbox, and to take down what is said. It reads no name, and of
// addresses those of a party that it has the number of.
var gatewayRights = []struct{ table, right, columns string }{
	{"schema_version", "SELECT", "version min_compatible"},
	{"store", "SELECT", "store_id owner_cluster owner_namespace owner_name reporting_currency sensitive_fields expected_relationship_months"},
	{"contact_topic", "SELECT", "name legal_basis titles"},
	{"party", "SELECT", "id locale merged_into erased_at"},
	{"party_record", "SELECT", "id party_id"},
	{"contact_point", "SELECT", "party_id address_id medium address withdrawn_at"},
	{"objection", "SELECT", "id address_id medium topic at method run_id taken_back_at"},
	{"objection", "INSERT", "id address_id medium topic at method run_id"},
	{"objection", "UPDATE", "taken_back_at"},
	{"consent", "SELECT", "person_id topic medium given withdrawn expires withdrawn_at"},
	{"consent", "INSERT", "id source_id external_key person_id person_record_id topic medium legal_basis wording proof given digest import_id"},
	{"source", "SELECT", "id name"},
	{"source", "INSERT", "id name trust"},
	{"number_block", "SELECT", "name next"},
	{"number_block", "INSERT", "name next"},
	{"number_block", "UPDATE", "next"},
}

// GrantGateway gives a role what the gateway needs and lacks. It is asked for again after a
// migration.
func (s *Store) GrantGateway(ctx context.Context, role string) error {
	if s.IsSQLite() {
		return nil
	}
	statements, err := s.gatewayLacks(ctx, role)
	if err != nil {
		return fmt.Errorf("asking what the gateway's role lacks: %w", s.dialect.accessError(err))
	}
	for _, statement := range statements {
		if _, err := s.db.ExecContext(ctx, statement+" TO "+pgx.Identifier{role}.Sanitize()); err != nil {
			return fmt.Errorf("granting to the gateway's role: %w", s.dialect.accessError(err))
		}
	}
	return nil
}

// gatewayLacks are the grants that are not given yet, without the role.
func (s *Store) gatewayLacks(ctx context.Context, role string) (statements []string, err error) {
	var tables, kinds, columns []string
	for _, r := range gatewayRights {
		for _, column := range strings.Fields(r.columns) {
			tables, kinds, columns = append(tables, r.table), append(kinds, r.right), append(columns, column)
		}
	}
	rows, err := s.db.QueryContext(ctx, `
		SELECT 'GRANT USAGE ON SCHEMA ' || quote_ident(current_schema()) WHERE NOT has_schema_privilege($1, current_schema(), 'USAGE')
		UNION ALL
		SELECT format('GRANT %s (%s) ON %I.%I', v.kind, string_agg(quote_ident(v.name), ', '), current_schema(), v.relation)
		FROM unnest($2::text[], $3::text[], $4::text[]) v (relation, kind, name)
		WHERE NOT has_column_privilege($1, format('%I.%I', current_schema(), v.relation), v.name, v.kind)
		GROUP BY v.relation, v.kind`, role, tables, kinds, columns)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	err = scanTexts(rows, &statements)
	return statements, err
}

func scanTexts(rows *sql.Rows, texts *[]string) error {
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		*texts = append(*texts, text)
	}
	return rows.Err()
}
