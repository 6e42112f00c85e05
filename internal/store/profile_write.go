package store

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// profileTable is a table that follows from facts.
type profileTable struct {
	// name of the table, and of the temporary one that holds how it has to be.
	name, fresh string
	// keys of a row beside the customer.
	keys []string
	// columns that are computed.
	columns []string
}

// profileTables are all of them. The first is the customer's own, whose generation
// tells whether anything about the customer changed.
var profileTables = []profileTable{
	{"customer_profile", "refresh_customer", nil, append(columnsOf(customer.CustomerMeasures), "next_change_at")},
	{"customer_series_profile", "refresh_series", []string{"series", "role"}, columnsOf(customer.SeriesMeasures)},
	{"customer_dimension_profile", "refresh_dimension", []string{"dimension"}, columnsOf(customer.DimensionMeasures)},
	{"customer_preference", "refresh_preference", []string{"name"}, columnsOf(customer.PreferenceMeasures)},
}

// columnsOf are the columns of measures that are stored.
func columnsOf(measures []customer.Measure) []string {
	var columns []string
	for _, measure := range measures {
		if !measure.Computed {
			columns = append(columns, measure.Column())
		}
	}
	return columns
}

// store writes what came out otherwise than it is stored.
func (r *refresh) store(parameters map[string]any) error {
	if err := r.dialect.lockGeneration(r.transaction); err != nil {
		return fmt.Errorf("waiting for others who write profiles: %w", err)
	}
	generation, err := r.number(`SELECT coalesce(max(generation), 0) + 1 FROM profile_state`)
	if err != nil {
		return fmt.Errorf("reading the generation of profiles: %w", err)
	}
	parameters["generation"] = generation
	// Whose own row changed, and of whom one beside it did.
	var own, beside []int64
	for i, table := range profileTables {
		changed, err := r.storeTable(table, parameters)
		if err != nil {
			return fmt.Errorf("writing %s: %w", table.name, err)
		}
		if i == 0 {
			own = changed
		} else {
			beside = append(beside, changed...)
		}
	}
	beside = without(distinctNumbers(beside), own)
	looked := r.parties
	if looked == nil {
		looked = slices.Concat(own, beside)
	}
	if err := r.logLooked(looked); err != nil {
		return err
	}
	if len(own)+len(beside) == 0 {
		return nil
	}
	if _, err := updateAmong(r.transaction, "customer_profile", "generation = $2", "customer_id", beside, generation); err != nil {
		return fmt.Errorf("counting the generation of profiles: %w", err)
	}
	r.done.Changed += int64(len(own) + len(beside))
	r.done.Generation = generation
	_, err = r.exec(`INSERT INTO profile_state (one, generation, refreshed_at) VALUES (1, $1, $2)
		ON CONFLICT (one) DO UPDATE SET generation = excluded.generation, refreshed_at = excluded.refreshed_at`, generation, r.now)
	if err != nil {
		return fmt.Errorf("recording the generation of profiles: %w", err)
	}
	return nil
}

// without are the numbers that are not among others.
func without(numbers, others []int64) []int64 {
	among := make(map[int64]bool, len(others))
	for _, number := range others {
		among[number] = true
	}
	return slices.DeleteFunc(numbers, func(number int64) bool { return among[number] })
}

// storeTable writes what is new or differs in one table, and gives whose it is.
func (r *refresh) storeTable(table profileTable, parameters map[string]any) (changed []int64, err error) {
	text, args := r.bind("SELECT count(*) FROM (SELECT 1 FROM refresh_touched w CROSS JOIN "+table.name+" p WHERE p.customer_id IS THEIRS LIMIT 1) x", parameters)
	stored, err := r.number(text, args...)
	if err != nil {
		return nil, err
	}
	if stored == 0 {
		if err := r.run(table.insert("", ""), parameters); err != nil {
			return nil, err
		}
		err = r.query(scanInto(&changed), "SELECT DISTINCT customer_id FROM "+table.fresh)
		return changed, err
	}
	var gone, other int
	text, args = r.bind("SELECT coalesce(p.customer_id, f.customer_id), CASE WHEN f.customer_id IS NULL THEN 1 ELSE 0 END FROM "+table.compared()+" WHERE "+table.isOther(), parameters)
	err = r.query(func(rows *sql.Rows) error {
		var customer int64
		var isGone int
		if err := rows.Scan(&customer, &isGone); err != nil {
			return err
		}
		gone, other = gone+isGone, other+1-isGone
		changed = append(changed, customer)
		return nil
	}, text, args...)
	if err != nil {
		return nil, err
	}
	if gone > 0 {
		if err := r.run(table.forget(), parameters); err != nil {
			return nil, err
		}
	}
	if other > 0 {
		if err := r.run(table.replace(), parameters); err != nil {
			return nil, err
		}
	}
	return distinctNumbers(changed), nil
}

// same is the condition that two rows are of the same key.
func (p profileTable) same(one, other string) string {
	conditions := []string{one + ".customer_id = " + other + ".customer_id"}
	for _, key := range p.keys {
		conditions = append(conditions, fmt.Sprintf("%s.%s = %s.%[2]s", one, key, other))
	}
	return strings.Join(conditions, " AND ")
}

// compared are rows p of touched parties as they are stored, beside f as they have to
// be; where a row is missing on one side, all of it is NULL.
func (p profileTable) compared() string {
	return fmt.Sprintf(`(SELECT p.* FROM refresh_touched w CROSS JOIN %s p WHERE p.customer_id IS THEIRS) p FULL JOIN %s f ON %s`, p.name, p.fresh, p.same("p", "f"))
}

// isOther is the condition that rows of compared are not the same.
func (p profileTable) isOther() string {
	return "(p.customer_id IS NULL OR f.customer_id IS NULL OR " + p.differs() + ")"
}

// forget removes the rows of touched parties that should not be.
func (p profileTable) forget() string {
	return fmt.Sprintf(`DELETE FROM %[1]s WHERE customer_id IN (SELECT w.id FROM refresh_touched w) AND NOT EXISTS (SELECT 1 FROM %[2]s f WHERE %[3]s)`,
		p.name, p.fresh, p.same("f", p.name))
}

// replace writes the rows that are new or came out otherwise.
func (p profileTable) replace() string {
	set := []string{"generation = excluded.generation"}
	for _, column := range p.columns {
		set = append(set, column+" = excluded."+column)
	}
	return p.insert(fmt.Sprintf(" LEFT JOIN %s p ON %s WHERE p.customer_id IS NULL OR %s", p.name, p.same("p", "f"), p.differs()),
		fmt.Sprintf(" ON CONFLICT (%s) DO UPDATE SET %s", list("", p.allKeys()), strings.Join(set, ", ")))
}

// insert writes the rows that a condition chooses.
func (p profileTable) insert(chosen, conflict string) string {
	return fmt.Sprintf(`INSERT INTO %s (%s, generation, %s) SELECT %s, @generation, %s FROM %s f%s%s`,
		p.name, list("", p.allKeys()), list("", p.columns), list("f.", p.allKeys()), list("f.", p.columns), p.fresh, chosen, conflict)
}

func (p profileTable) allKeys() []string { return append([]string{"customer_id"}, p.keys...) }

// differs is the condition that a stored row p is not as f.
func (p profileTable) differs() string {
	return "(" + list("p.", p.columns) + ") IS DISTINCT FROM (" + list("f.", p.columns) + ")"
}

func list(alias string, columns []string) string {
	named := make([]string, len(columns))
	for i, column := range columns {
		named[i] = alias + column
	}
	return strings.Join(named, ", ")
}
