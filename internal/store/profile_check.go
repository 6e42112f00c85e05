package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
)

// Difference is a figure that is stored otherwise than it is computed.
type Difference struct {
	// Code of the customer.
	Code string `json:"code"`
	// Table that holds the row, and the rest of its key, such as series and role.
	Table string   `json:"table"`
	Key   []string `json:"key,omitempty"`
	// Measure, or "row" if the row is missing or should not be there.
	Measure string `json:"measure"`
	// Stored and Computed values as the database holds them; "" for none.
	Stored   string `json:"stored"`
	Computed string `json:"computed"`
}

// Checked is what a comparison of stored with computed profiles found.
type Checked struct {
	// Compared is how many parties' profiles were; Waiting how many were not,
	// because they are marked or time has changed them: a refresh is due.
	Compared int64 `json:"compared"`
	Waiting  int64 `json:"waiting"`
	// Differences found, in all and by table and measure.
	Differences int64            `json:"differences"`
	ByMeasure   map[string]int64 `json:"byMeasure,omitempty"`
	// Found are the first of them.
	Found []Difference `json:"found,omitempty"`
}

// Check computes all profiles anew, changes nothing, and names what is stored
// otherwise: the first atMost differences in full, all of them by number. Each
// portion sees one state of the store, so that who writes meanwhile is no difference.
func (s *Store) Check(ctx context.Context, atMost int, progress func(done, total int64)) (Checked, error) {
	c := &comparison{atMost: atMost, Checked: Checked{ByMeasure: map[string]int64{}}}
	p := &portions{store: s, options: s.dialect.oneState(), progress: progress, work: c.portion}
	_, err := p.run(ctx, 1)
	return c.Checked, err
}

type comparison struct {
	Checked
	atMost int
}

// portion compares the parties of refresh_touched; the transaction is undone.
func (c *comparison) portion(r *refresh, parties int64) error {
	waiting, everybody, err := r.waiting()
	if err != nil {
		return err
	}
	if c.Compared+c.Waiting == 0 && !everybody {
		if err := c.compareConversions(r); err != nil {
			return err
		}
	}
	left, err := deleteAmong(r.transaction, "refresh_touched", "id", waiting)
	if err != nil {
		return err
	}
	c.Waiting += left
	c.Compared += parties - left
	parameters, err := r.compute(parties)
	if err != nil {
		return err
	}
	for _, table := range profileTables {
		if err := c.compare(r, table, parameters); err != nil {
			return fmt.Errorf("comparing %s: %w", table.name, err)
		}
	}
	return nil
}

// waiting are the parties of refresh_touched that a refresh would compute again:
// everybody, if what all profiles depend on changed.
func (r *refresh) waiting() (waiting []int64, everybody bool, err error) {
	if waiting, err = r.readMarks(`SELECT parties FROM change_mark`); err != nil {
		return nil, false, fmt.Errorf("reading marks: %w", err)
	}
	if slices.ContainsFunc(waiting, func(party int64) bool { return party < 0 }) {
		waiting = waiting[:0]
		err = r.query(scanInto(&waiting), `SELECT id FROM refresh_touched`)
		return waiting, true, err
	}
	err = r.query(scanInto(&waiting), `SELECT customer_id FROM customer_profile WHERE next_change_at <= $1 AND customer_id IN (SELECT w.id FROM refresh_touched w)`, r.asOf.today)
	return waiting, false, err
}

// compareConversions names the currencies whose rates are stored otherwise than
// they follow from what is recorded.
func (c *comparison) compareConversions(r *refresh) error {
	recorded, err := r.recordedRates()
	if err != nil {
		return fmt.Errorf("reading exchange rates: %w", err)
	}
	stored, err := r.storedConversions()
	if err != nil {
		return err
	}
	since := changedSince(stored, recorded)
	for _, currency := range slices.Sorted(maps.Keys(since)) {
		c.found(Difference{Table: "conversion", Key: []string{currency}, Measure: "row", Computed: "other from " + time.UnixMilli(since[currency]).UTC().Format(time.DateOnly) + " on"})
	}
	return nil
}

// compare names what differs in one table.
func (c *comparison) compare(r *refresh, table profileTable, parameters map[string]any) error {
	keys := table.allKeys()
	text, args := r.bind(fmt.Sprintf(`SELECT y.code, CASE WHEN p.customer_id IS NULL THEN 0 ELSE 1 END, CASE WHEN f.customer_id IS NULL THEN 0 ELSE 1 END, %s, %s, %s
		FROM %s JOIN party y ON y.id = coalesce(p.customer_id, f.customer_id) WHERE %s ORDER BY %s`,
		coalesced(keys[1:], "''"), list("p.", table.columns), list("f.", table.columns), table.compared(), table.isOther(), coalesced(keys, "")), parameters)
	return r.query(func(rows *sql.Rows) error { return c.note(rows, table) }, text, args...)
}

// coalesced gives columns from whichever side has the row.
func coalesced(columns []string, none string) string {
	if len(columns) == 0 {
		return none
	}
	both := make([]string, len(columns))
	for i, column := range columns {
		both[i] = "coalesce(p." + column + ", f." + column + ")"
	}
	return strings.Join(both, ", ")
}

// note takes down what differs in one row.
func (c *comparison) note(rows *sql.Rows, table profileTable) error {
	keys := make([]string, max(1, len(table.keys)))
	values := make([]any, 2*len(table.columns))
	d := Difference{Table: table.name}
	var isStored, isComputed int64
	targets := []any{&d.Code, &isStored, &isComputed}
	for i := range keys {
		targets = append(targets, &keys[i])
	}
	for i := range values {
		targets = append(targets, &values[i])
	}
	if err := rows.Scan(targets...); err != nil {
		return err
	}
	d.Key = keys[:len(table.keys)]
	if isStored != isComputed {
		d.Measure = "row"
		d.Stored, d.Computed = present(isStored), present(isComputed)
		c.found(d)
		return nil
	}
	for i, column := range table.columns {
		one, other := values[i], values[len(table.columns)+i]
		if one == other {
			continue
		}
		d.Measure, d.Stored, d.Computed = column, plainly(one), plainly(other)
		for _, measure := range measuresOf(table.name) {
			if measure.Column() == column {
				d.Measure = measure.Name
			}
		}
		c.found(d)
	}
	return nil
}

func (c *comparison) found(d Difference) {
	c.Differences++
	c.ByMeasure[d.Table+"."+d.Measure]++
	if len(c.Found) < c.atMost {
		c.Found = append(c.Found, d)
	}
}

func present(is int64) string {
	if is == 0 {
		return ""
	}
	return "there"
}

func plainly(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// measuresOf are the measures that a table holds.
func measuresOf(table string) []customer.Measure {
	switch table {
	case "customer_series_profile":
		return customer.SeriesMeasures
	case "customer_dimension_profile":
		return customer.DimensionMeasures
	case "customer_preference":
		return customer.PreferenceMeasures
	default:
		return customer.CustomerMeasures
	}
}
