package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// Profile is what follows from the facts about a customer.
type Profile struct {
	// Currency that amounts are stated in; "" if the store has none.
	Currency string `json:"currency,omitempty"`
	// Generation of the refresh that changed it last.
	Generation int64 `json:"generation"`
	// Behind says that facts came in or time went by that it does not count yet.
	Behind bool `json:"behind,omitempty"`
	// Measures of the customer, those that are absent left out.
	Measures []Figure `json:"measures"`
	// Series by series and role.
	Series []SeriesProfile `json:"series,omitempty"`
	// Dimensions that the customer rated.
	Dimensions []DimensionProfile `json:"dimensions,omitempty"`
	// Preferences by name.
	Preferences []NamedText `json:"preferences,omitempty"`
}

// Figure is the value of a measure, with the facts behind it.
type Figure struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	// Facts behind it, how many by entity.
	Facts []FactCount `json:"facts,omitempty"`
}

// FactCount is how many facts of an entity a figure follows from.
type FactCount struct {
	Entity string `json:"entity"`
	Count  int64  `json:"count"`
}

// SeriesProfile is how a customer stands with a series in a role.
type SeriesProfile struct {
	Series   string   `json:"series"`
	Role     string   `json:"role"`
	Measures []Figure `json:"measures"`
}

// DimensionProfile is a customer's last answer in a dimension.
type DimensionProfile struct {
	Dimension string   `json:"dimension"`
	Measures  []Figure `json:"measures"`
}

// readProfile reads the profile of a party; nil if it has none.
func readProfile(t *transaction, id int64) (*Profile, error) {
	mark, err := readMark(t)
	if err != nil {
		return nil, err
	}
	p := &Profile{Currency: mark.ReportingCurrency}
	facts, err := factsOf(t, id)
	if err != nil {
		return nil, err
	}
	var selected []string
	for _, measure := range customer.CustomerMeasures {
		column := measure.Column()
		if measure.Computed {
			column = Computed(measure.Name)
		}
		selected = append(selected, column)
	}
	selected = append(selected, "generation", "CASE WHEN next_change_at <= @today THEN 1 ELSE 0 END")
	messages, err := recentMessages(t, id)
	if err != nil {
		return nil, err
	}
	query, args := newRefresh(t).bind("SELECT "+strings.Join(selected, ", ")+" FROM customer_profile p WHERE customer_id = @id",
		map[string]any{"today": asOf(t.now).today, "id": id, "messages": messages})
	err = t.query(func(rows *sql.Rows) error {
		values, err := scanAll(rows, len(selected))
		if err != nil {
			return err
		}
		p.Measures = figures(customer.CustomerMeasures, values, p.Currency, facts)
		p.Generation, _ = values[len(values)-2].(int64)
		p.Behind = values[len(values)-1] == int64(1)
		return nil
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the profile: %w", err)
	}
	if p.Generation == 0 {
		return nil, nil //nolint:nilnil // most parties are contacts, and have no profile
	}
	if !p.Behind {
		if p.Behind, err = isMarked(t, id); err != nil {
			return nil, err
		}
	}
	return p, readProfileRows(t, id, p)
}

// readProfileRows reads what stands beside the customer's own row.
func readProfileRows(t *transaction, id int64, p *Profile) error {
	facts, err := factsBySeries(t, id)
	if err != nil {
		return err
	}
	return errors.Join(
		eachRow(t, "customer_series_profile", "series, role", customer.SeriesMeasures, id, func(keys []string, values []any) {
			p.Series = append(p.Series, SeriesProfile{keys[0], keys[1], figures(customer.SeriesMeasures, values, p.Currency, facts[keys[0]])})
		}),
		eachRow(t, "customer_dimension_profile", "dimension", customer.DimensionMeasures, id, func(keys []string, values []any) {
			p.Dimensions = append(p.Dimensions, DimensionProfile{keys[0], figures(customer.DimensionMeasures, values, p.Currency, nil)})
		}),
		eachRow(t, "customer_preference", "name", customer.PreferenceMeasures, id, func(keys []string, values []any) {
			preference := NamedText{Name: keys[0]}
			for _, figure := range figures(customer.PreferenceMeasures, values, p.Currency, nil) {
				if figure.Name == "value" {
					preference.Value = figure.Value
				} else {
					preference.Note = figure.Name + " " + figure.Value
				}
			}
			p.Preferences = append(p.Preferences, preference)
		}))
}

// eachRow reads the rows of a customer in one of the tables of profiles.
func eachRow(t *transaction, table, keys string, measures []customer.Measure, id int64, each func(keys []string, values []any)) error {
	count := strings.Count(keys, ",") + 1
	columns := columnsOf(measures)
	err := t.query(func(rows *sql.Rows) error {
		values, err := scanAll(rows, count+len(columns))
		if err != nil {
			return err
		}
		named := make([]string, count)
		for i := range named {
			named[i], _ = values[i].(string)
		}
		each(named, values[count:])
		return nil
	}, "SELECT "+keys+", "+strings.Join(columns, ", ")+" FROM "+table+" WHERE customer_id = $1 ORDER BY "+keys, id)
	if err != nil {
		return fmt.Errorf("reading %s: %w", table, err)
	}
	return nil
}

func scanAll(rows *sql.Rows, n int) ([]any, error) {
	values, targets := make([]any, n), make([]any, n)
	for i := range values {
		targets[i] = &values[i]
	}
	err := rows.Scan(targets...)
	return values, err
}

// figures are the values of measures that are not absent, written for people.
func figures(measures []customer.Measure, values []any, currency string, facts map[string]int64) []Figure {
	var all []Figure
	for i, measure := range measures {
		if i >= len(values) || values[i] == nil {
			continue
		}
		figure := Figure{Name: measure.Name, Value: measure.Format(valueOf(measure.Kind, values[i]), currency)}
		for _, entity := range measure.From {
			if n := facts[entity]; n > 0 {
				figure.Facts = append(figure.Facts, FactCount{entity, n})
			}
		}
		all = append(all, figure)
	}
	return all
}

// subjectOf is the condition that a fact counts in the figures of the party $1.
func subjectOf(entity *customer.Entity) string {
	switch entity.Name {
	case "bookingStatus":
		return concerns(entity)
	case "affiliation":
		return "f.organization_id = $1"
	case "referral":
		return "(f.referrer_id = $1 OR f.referred_id = $1)"
	default:
		return "f." + partyColumns(entity.Fields[entity.Parties()[0]])[0] + " = $1"
	}
}

// factsOf counts the facts about a party by entity.
func factsOf(t *transaction, id int64) (map[string]int64, error) {
	facts := map[string]int64{}
	for i := range customer.Entities {
		entity := &customer.Entities[i]
		if entity.Name == "party" || len(entity.Parties()) == 0 && entity.Name != "bookingStatus" {
			continue
		}
		n, err := t.number("SELECT count(*) FROM "+entity.Table+" f WHERE withdrawn_at IS NULL AND "+subjectOf(entity), id)
		if err != nil {
			return nil, fmt.Errorf("counting the %ss of a party: %w", entity.Name, err)
		}
		facts[entity.Name] = n
	}
	return facts, nil
}

// factsBySeries counts the facts about a party that are about an edition, by series
// and entity.
func factsBySeries(t *transaction, id int64) (map[string]map[string]int64, error) {
	facts := map[string]map[string]int64{}
	for i := range customer.Entities {
		entity := &customer.Entities[i]
		from := entity.Table + " f"
		if entity.Name == "bookingStatus" {
			from = "booking f JOIN booking_status s ON s.booking_id = f.id AND s.withdrawn_at IS NULL"
		} else if entity.Index("edition") < 0 || len(entity.Parties()) == 0 {
			continue
		}
		subject := "f.customer_id = $1"
		if entity.Name != "bookingStatus" {
			subject = subjectOf(entity)
		}
		err := t.query(func(rows *sql.Rows) error {
			var series string
			var n int64
			if err := rows.Scan(&series, &n); err != nil {
				return err
			}
			if facts[series] == nil {
				facts[series] = map[string]int64{}
			}
			facts[series][entity.Name] = n
			return nil
		}, "SELECT e.series, count(*) FROM "+from+" JOIN edition e ON e.id = f.edition_id WHERE f.withdrawn_at IS NULL AND "+subject+" GROUP BY e.series", id)
		if err != nil {
			return nil, fmt.Errorf("counting the %ss of a party by series: %w", entity.Name, err)
		}
	}
	return facts, nil
}

// isMarked tells whether a party waits for a refresh.
func isMarked(t *transaction, id int64) (bool, error) {
	r := &refresh{transaction: t}
	marked, err := r.readMarks(`SELECT parties FROM change_mark WHERE parties LIKE $1 OR parties LIKE '%-%'`, fmt.Sprint("%", id, "%"))
	if err != nil {
		return false, fmt.Errorf("reading marks: %w", err)
	}
	return slices.ContainsFunc(marked, func(party int64) bool { return party == id || party < 0 }), nil
}

// recentMessages counts what was sent to the mailboxes of a party and of the
// persons who belong to it. Mailboxes are known by keyed hashes only; what is sent
// marks nobody, so it is counted when it is asked for.
func recentMessages(t *transaction, id int64) (int64, error) {
	hashKey, err := readHashKey(t)
	if err != nil {
		return 0, err
	}
	var hashes []string
	err = t.query(func(rows *sql.Rows) error {
		var key string
		err := rows.Scan(&key)
		hashes = append(hashes, hashOf(hashKey, key))
		return err
	}, `SELECT DISTINCT c.address_key FROM contact_point c
	     WHERE c.withdrawn_at IS NULL AND (c.party_id = $1 OR c.party_id IN (SELECT a.person_id FROM affiliation a WHERE a.organization_id = $1 AND a.withdrawn_at IS NULL))`, id)
	if err != nil {
		return 0, fmt.Errorf("reading addresses: %w", err)
	}
	if len(hashes) == 0 {
		return 0, nil
	}
	var sum []string
	for slot := 1; slot <= pressureSlots; slot++ {
		sum = append(sum, fmt.Sprintf("CASE WHEN p.t%d >= $2 THEN 1 ELSE 0 END", slot))
	}
	condition, list := among(t, "a.hash", 1, hashes)
	sent, err := t.number("SELECT coalesce(sum("+strings.Join(sum, " + ")+"), 0) FROM address a JOIN contact_pressure p ON p.address_id = a.id WHERE "+condition,
		list, t.now-customer.MonthDays*dayMillis)
	if err != nil {
		return 0, fmt.Errorf("counting messages: %w", err)
	}
	return sent, nil
}

// pressureSlots are how many contacts contact_pressure remembers of a mailbox.
const pressureSlots = 12
