package store

import (
	"fmt"
	"regexp"
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

// temporary are the tables of a refresh, in the order in which they are made.
var temporary = []string{
	"refresh_touched", "refresh_who", "refresh_held", "refresh_took", "refresh_entry", "refresh_standing", "refresh_money", "refresh_series", "refresh_dimension", "refresh_preference",
	"refresh_customer",
}

// recompute brings the profiles of parties up to date.
func (r *refresh) recompute(parties []int64) error {
	if len(parties) == 0 {
		return nil
	}
	touched := &rowBuffer{width: 1}
	for _, party := range parties {
		touched.add(numberCell(party))
	}
	if _, err := r.exec(`CREATE TEMP TABLE refresh_touched (id BIGINT NOT NULL PRIMARY KEY)` + r.dialect.onCommitDrop()); err != nil {
		return fmt.Errorf("preparing a refresh: %w", err)
	}
	if err := r.insert("refresh_touched", []string{"id"}, touched); err != nil {
		return fmt.Errorf("preparing a refresh: %w", err)
	}
	return r.recomputeTouched(int64(len(parties)))
}

// recomputeTouched brings the profiles of refresh_touched up to date.
func (r *refresh) recomputeTouched(parties int64) error {
	r.done.Looked += parties
	if err := r.compute(parties); err != nil {
		return err
	}
	if err := r.store(); err != nil {
		return err
	}
	return r.dialect.dropTemporary(r.transaction, temporary)
}

// compute lays out how the profiles of refresh_touched have to be.
func (r *refresh) compute(parties int64) error {
	if err := r.dialect.planFor(r.transaction, parties, "refresh_touched"); err != nil {
		return err
	}
	parameters, err := r.parameters()
	if err != nil {
		return err
	}
	for _, step := range []struct {
		statement string
		about     string
	}{
		{`CREATE TEMP TABLE refresh_who (id BIGINT NOT NULL PRIMARY KEY)` + r.dialect.onCommitDrop(), ""},
		{`INSERT INTO refresh_who SELECT p.id FROM refresh_touched w CROSS JOIN party p WHERE p.id = w.id AND p.merged_into IS NULL AND p.erased_at IS NULL`, "refresh_who"},
		{heldEditions(), "refresh_held"},
		{tookPart(), "refresh_took"},
		{entries(), "refresh_entry"},
		{bySeriesAndRole(), "refresh_standing"},
		{moneyBySeries(), "refresh_money"},
		{bySeries(), "refresh_series"},
		{lastAnswers, "refresh_dimension"},
		{preferencesByName, "refresh_preference"},
		{byCustomer(), "refresh_customer"},
		// What is recorded of somebody who is no customer makes no profile.
		{`DELETE FROM refresh_dimension WHERE customer_id NOT IN (SELECT c.customer_id FROM refresh_customer c)`, ""},
		{`DELETE FROM refresh_preference WHERE customer_id NOT IN (SELECT c.customer_id FROM refresh_customer c)`, ""},
	} {
		if err := r.run(step.statement, parameters); err != nil {
			return fmt.Errorf("computing profiles (%s): %w", step.about, err)
		}
		if step.about != "" {
			if err := r.dialect.planFor(r.transaction, parties, step.about); err != nil {
				return err
			}
		}
	}
	return nil
}

var parameter = regexp.MustCompile(`@\w+`)

// run carries out a statement whose parameters have names.
func (r *refresh) run(statement string, parameters map[string]any) error {
	text, args := r.bind(statement, parameters)
	_, err := r.exec(text, args...)
	return err
}

// bind says a statement in the words of the database, and puts numbers for the names
// of its parameters.
func (r *refresh) bind(statement string, parameters map[string]any) (text string, args []any) {
	statement = strings.NewReplacer(" ON COMMIT DROP", r.dialect.onCommitDrop(), "least(", r.dialect.least()+"(", "total(", r.dialect.total()+"(",
		onceEach, r.dialect.onceEach()).Replace(statement)
	places := map[string]string{}
	statement = parameter.ReplaceAllStringFunc(statement, func(name string) string {
		if places[name] == "" {
			value, known := parameters[name[1:]]
			if !known {
				panic("a statement of the refresh has no parameter " + name)
			}
			args = append(args, value)
			places[name] = fmt.Sprintf("CAST($%d AS %s)", len(args), sqlType(value))
		}
		return places[name]
	})
	return statement, args
}

func sqlType(value any) string {
	if _, is := value.(int64); is {
		return "BIGINT"
	}
	return "TEXT"
}

// store writes what came out otherwise than it is stored.
func (r *refresh) store() error {
	generation, err := r.number(`SELECT coalesce(max(generation), 0) + 1 FROM profile_state`)
	if err != nil {
		return fmt.Errorf("reading the generation of profiles: %w", err)
	}
	// Whose own row changed, and of whom one beside it did.
	var own, beside []int64
	for i, table := range profileTables {
		changed := &beside
		if i == 0 {
			changed = &own
		}
		if err := r.query(scanInto(changed), table.forget()); err != nil {
			return fmt.Errorf("removing what is no longer in %s: %w", table.name, err)
		}
		statement, args := r.bind(table.replace(), map[string]any{"generation": generation})
		if err := r.query(scanInto(changed), statement, args...); err != nil {
			return fmt.Errorf("writing %s: %w", table.name, err)
		}
	}
	if len(own)+len(beside) == 0 {
		return nil
	}
	if len(beside) > 0 {
		beside = distinctNumbers(beside)
		condition, list := among(r.transaction, "customer_id", 1, beside)
		if _, err := r.exec(`UPDATE customer_profile SET generation = $2 WHERE `+condition+` AND generation <> $2`, list, generation); err != nil {
			return fmt.Errorf("counting the generation of profiles: %w", err)
		}
	}
	r.done.Changed += int64(len(distinctNumbers(append(own, beside...))))
	r.done.Generation = generation
	_, err = r.exec(`INSERT INTO profile_state (one, generation, refreshed_at) VALUES (1, $1, $2)
		ON CONFLICT (one) DO UPDATE SET generation = excluded.generation, refreshed_at = excluded.refreshed_at`, generation, r.now)
	if err != nil {
		return fmt.Errorf("recording the generation of profiles: %w", err)
	}
	return nil
}

// same is the condition that two rows are of the same key.
func (p profileTable) same(one, other string) string {
	conditions := []string{one + ".customer_id = " + other + ".customer_id"}
	for _, key := range p.keys {
		conditions = append(conditions, fmt.Sprintf("%s.%s = %s.%[2]s", one, key, other))
	}
	return strings.Join(conditions, " AND ")
}

// forget removes the rows of touched parties that should not be, and gives whose
// they were.
func (p profileTable) forget() string {
	return fmt.Sprintf(`DELETE FROM %[1]s WHERE customer_id IN (SELECT w.id FROM refresh_touched w) AND NOT EXISTS (SELECT 1 FROM %[2]s f WHERE %[3]s) RETURNING customer_id`,
		p.name, p.fresh, p.same("f", p.name))
}

func list(alias string, columns []string) string {
	named := make([]string, len(columns))
	for i, column := range columns {
		named[i] = alias + column
	}
	return strings.Join(named, ", ")
}

// replace writes the rows that are new or came out otherwise, and gives whose they
// are.
func (p profileTable) replace() string {
	keys := append([]string{"customer_id"}, p.keys...)
	set := []string{"generation = excluded.generation"}
	for _, column := range p.columns {
		set = append(set, column+" = excluded."+column)
	}
	return fmt.Sprintf(`INSERT INTO %[1]s (%[2]s, generation, %[3]s)
		SELECT %[4]s, @generation, %[5]s FROM %[6]s f LEFT JOIN %[1]s p ON %[7]s
		 WHERE p.customer_id IS NULL OR %[8]s
		ON CONFLICT (%[2]s) DO UPDATE SET %[9]s RETURNING customer_id`,
		p.name, list("", keys), list("", p.columns), list("f.", keys), list("f.", p.columns), p.fresh, p.same("p", "f"), p.differs(), strings.Join(set, ", "))
}

// differs is the condition that a stored row p is not as f.
func (p profileTable) differs() string {
	return "(" + list("p.", p.columns) + ") IS DISTINCT FROM (" + list("f.", p.columns) + ")"
}
