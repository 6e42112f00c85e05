package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// Party is everything that is held of one party.
type Party struct {
	Code string `json:"code"`
	Kind string `json:"kind"`
	// Fields as they stand, in the order of customer.PartyFields.
	Fields []NamedText `json:"fields"`
	// Attributes beyond them.
	Attributes []NamedText `json:"attributes,omitempty"`
	// AskedFor is the code that was asked for, if it is of a party that was merged
	// into this one.
	AskedFor string `json:"askedFor,omitempty"`
	// Erased says that the person was erased.
	Erased bool `json:"erased,omitempty"`
	// Profile is what follows from the facts; nil for who is no customer.
	Profile *Profile `json:"profile,omitempty"`
	// Records are what each source says, under which key.
	Records []SourceRecord `json:"records,omitempty"`
	// Sensitive fields; values are masked unless they were revealed.
	Sensitive []NamedText `json:"sensitive,omitempty"`
	// Facts by entity.
	Facts []Facts `json:"facts,omitempty"`
	// Corrections is how many rows said something else before, and Past what they
	// said, if it was asked for.
	Corrections int64        `json:"corrections,omitempty"`
	Past        []Correction `json:"past,omitempty"`
	// Accesses are who saw sensitive fields.
	Accesses []Access `json:"accesses,omitempty"`

	id int64
}

// NamedText is a value under its name, written for people.
type NamedText struct {
	Name string `json:"name"`
	// Value; "" for nothing.
	Value string `json:"value"`
	// Note says what is to be known about it, such as that it was inferred.
	Note string `json:"note,omitempty"`
}

// SourceRecord is what one source says of a party.
type SourceRecord struct {
	Source string `json:"source"`
	// LegalBasis and Acquired are the source's provenance.
	LegalBasis string `json:"legalBasis,omitempty"`
	Acquired   string `json:"acquired,omitempty"`
	Key        string `json:"key"`
	Trust      int64  `json:"trust"`
	// At is when it was said, in milliseconds since 1970.
	At        int64           `json:"at"`
	Withdrawn bool            `json:"withdrawn,omitempty"`
	Content   json.RawMessage `json:"content"`
	id        int64
}

// Facts are rows of one entity.
type Facts struct {
	Entity string `json:"entity"`
	// Columns name the values of Rows.
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
	// Total is how many there are, if Rows was cut.
	Total int64 `json:"total"`
}

// Correction is what a row said before it was corrected.
type Correction struct {
	Entity string `json:"entity"`
	// At is when it was corrected, in milliseconds since 1970.
	At int64 `json:"at"`
	// Before is the row by the names of its columns, as the store held it.
	Before json.RawMessage `json:"before"`
}

// Access says who saw a sensitive field of a party.
type Access struct {
	Field   string `json:"field"`
	Actor   string `json:"actor"`
	Purpose string `json:"purpose"`
	// At in milliseconds since 1970.
	At int64 `json:"at"`
}

// ShowOptions are how much of a party is read.
type ShowOptions struct {
	// FactsAtMost of each entity; all if zero.
	FactsAtMost int
	// Keys decrypt sensitive fields; without them nothing of them is shown.
	Keys Sealer
	// Mask hides a decrypted value; nil reveals it, which is written to the access log.
	Mask func(string) string
	// Past asks for what rows said before they were corrected.
	Past bool
	// Actor and Purpose stand in the access log.
	Actor, Purpose string
}

// Show reads everything that is held of the party with a code; one that was
// merged shows the party it belongs to. Revealing sensitive fields is recorded
// before they are given out.
func (s *Store) Show(ctx context.Context, code string, options ShowOptions) (party *Party, err error) {
	work := func(t *transaction) error { party, err = show(t, code, options); return err }
	if options.Keys != nil && options.Mask == nil {
		return party, s.write(ctx, work)
	}
	err = s.read(ctx, work)
	return party, err
}

func show(t *transaction, code string, options ShowOptions) (*Party, error) {
	state, err := findParty(t, code)
	if err != nil {
		return nil, err
	}
	id := state.id
	party := &Party{}
	if state.mergedInto != 0 {
		party.AskedFor = code
		if id, err = root(t, id); err != nil {
			return nil, err
		}
	}
	if err := readParty(t, id, party); err != nil {
		return nil, err
	}
	if err := readSourceRecords(t, party); err != nil {
		return nil, err
	}
	if err := readSensitive(t, party, options); err != nil {
		return nil, err
	}
	if err := readFacts(t, party, options.FactsAtMost); err != nil {
		return nil, err
	}
	if party.Profile, err = readProfile(t, id); err != nil {
		return nil, err
	}
	if party.Corrections, err = t.number(`SELECT count(*) FROM correction WHERE party_id = $1`, id); err != nil {
		return nil, fmt.Errorf("counting corrections: %w", err)
	}
	if options.Past {
		if err := readPast(t, party); err != nil {
			return nil, err
		}
	}
	err = t.query(func(rows *sql.Rows) error {
		var a Access
		err := rows.Scan(&a.Field, &a.Actor, &a.Purpose, &a.At)
		party.Accesses = append(party.Accesses, a)
		return err
	}, `SELECT field, actor, purpose, at FROM access_log WHERE party_id = $1 ORDER BY at, id`, id)
	if err != nil {
		return nil, fmt.Errorf("reading the access log: %w", err)
	}
	return party, nil
}

// readPast reads what rows about a party said before.
func readPast(t *transaction, party *Party) error {
	err := t.query(func(rows *sql.Rows) error {
		var c Correction
		var before string
		err := rows.Scan(&c.Entity, &c.At, &before)
		c.Before = json.RawMessage(before)
		party.Past = append(party.Past, c)
		return err
	}, `SELECT entity, at, before FROM correction WHERE party_id = $1 ORDER BY id`, party.id)
	if err != nil {
		return fmt.Errorf("reading corrections: %w", err)
	}
	return nil
}

// readParty reads a party's row.
func readParty(t *transaction, id int64, party *Party) error {
	var row map[string]any
	err := t.query(func(rows *sql.Rows) (err error) { row, err = scanMap(rows); return err }, `SELECT * FROM party WHERE id = $1`, id)
	if err != nil {
		return fmt.Errorf("reading a party: %w", err)
	}
	party.id = id
	party.Code, _ = row["code"].(string)
	party.Kind, _ = row["kind"].(string)
	party.Erased = row["erased_at"] != nil
	for i, field := range customer.PartyFields {
		if i == customer.PartyKind || i == customer.PartyCode || i >= customer.PartyAt {
			continue
		}
		value := NamedText{Name: field.Name, Value: field.Format(valueOf(field.Kind, row[field.Column()]), "")}
		if i == customer.PartyTimeZone && isTrue(row["time_zone_inferred"]) {
			value.Note = "inferred from the country"
		}
		if value.Value != "" {
			party.Fields = append(party.Fields, value)
		}
	}
	text, _ := row["attributes"].(string)
	party.Attributes, err = readAttributes(t, text)
	return err
}

// readAttributes writes attributes for people, by the types that they have.
func readAttributes(t *transaction, text string) ([]NamedText, error) {
	said, err := parseContent(text)
	if err != nil || len(said) == 0 {
		return nil, err
	}
	kinds := map[string]string{}
	err = t.query(func(rows *sql.Rows) error {
		var name, kind string
		err := rows.Scan(&name, &kind)
		kinds[name] = kind
		return err
	}, `SELECT name, kind FROM attribute`)
	if err != nil {
		return nil, fmt.Errorf("reading the types of attributes: %w", err)
	}
	var attributes []NamedText
	for name, value := range said {
		attributes = append(attributes, NamedText{Name: name, Value: formatAttribute(kinds[name], value)})
	}
	slices.SortFunc(attributes, func(a, b NamedText) int { return strings.Compare(a.Name, b.Name) })
	return attributes, nil
}

func formatAttribute(kind string, value any) string {
	number, is := value.(json.Number)
	if !is {
		return fmt.Sprint(value)
	}
	n, err := number.Int64()
	if err != nil {
		return number.String()
	}
	for _, field := range []customer.Field{{Kind: customer.Decimal, Scale: customer.AttributeScale}, {Kind: customer.Day}, {Kind: customer.Instant}} {
		if field.Kind.String() == kind {
			return field.Format(customer.Number(n), "")
		}
	}
	return number.String()
}

// valueOf is a column as a value.
func valueOf(kind customer.Kind, column any) customer.Value {
	switch value := column.(type) {
	case nil:
		return customer.Value{}
	case int64:
		return customer.Number(value)
	case bool:
		if value {
			return customer.Number(1)
		}
		return customer.Number(0)
	case string:
		return customer.String(value)
	default:
		panic(fmt.Sprintf("a store holds no %T, and a field of kind %v has one", column, kind))
	}
}

func isTrue(column any) bool { return column == true || column == int64(1) }

func readSourceRecords(t *transaction, party *Party) error {
	err := t.query(func(rows *sql.Rows) error {
		var r SourceRecord
		var said string
		err := rows.Scan(&r.id, &r.Source, &r.LegalBasis, &r.Acquired, &r.Key, &r.Trust, &r.At, &r.Withdrawn, &said)
		r.Content = json.RawMessage(said)
		party.Records = append(party.Records, r)
		return err
	}, `SELECT r.id, s.name, coalesce(s.legal_basis, ''), coalesce(s.acquired, ''), r.external_key, s.trust, r.at, r.withdrawn_at IS NOT NULL, r.content
	      FROM party_record r JOIN source s ON s.id = r.source_id WHERE r.party_id = $1 ORDER BY s.trust DESC, r.at DESC, r.id`, party.id)
	if err != nil {
		return fmt.Errorf("reading what sources say: %w", err)
	}
	return nil
}

// readSensitive decrypts sensitive fields, masked or on the record.
func readSensitive(t *transaction, party *Party, options ShowOptions) error {
	type sealed struct {
		record      int64
		field, text string
	}
	var all []sealed
	err := t.query(func(rows *sql.Rows) error {
		var s sealed
		err := rows.Scan(&s.record, &s.field, &s.text)
		all = append(all, s)
		return err
	}, `SELECT party_record_id, field, ciphertext FROM sensitive_field WHERE party_id = $1 ORDER BY field, party_record_id`, party.id)
	if err != nil {
		return fmt.Errorf("reading sensitive fields: %w", err)
	}
	for _, s := range all {
		shown := NamedText{Name: s.field, Note: "encrypted; no keyset was given"}
		if options.Keys != nil {
			value, err := options.Keys.Open(s.record, s.field, s.text)
			if err != nil {
				return fmt.Errorf("decrypting %s: %w", s.field, err)
			}
			if options.Mask != nil {
				shown.Value, shown.Note = options.Mask(value), "masked"
			} else {
				shown.Value, shown.Note = value, "revealed, and recorded"
				if err := recordAccess(t, party.id, s.field, options); err != nil {
					return err
				}
			}
		}
		party.Sensitive = append(party.Sensitive, shown)
	}
	return nil
}

func recordAccess(t *transaction, party int64, field string, options ShowOptions) error {
	id, err := t.numbers("access_log", 1)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO access_log (id, party_id, field, actor, purpose, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, party, field, options.Actor, options.Purpose, t.now)
	if err != nil {
		return fmt.Errorf("recording the access: %w", err)
	}
	return nil
}
