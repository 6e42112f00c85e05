package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// EditionSpan names an edition, and the one before it that it is measured against; ""
// for none.
type EditionSpan struct{ Series, Edition, Previous string }

// LaidEdition is an edition laid out to be measured, in tables that end with the
// transaction:
//
//   - measure_edition: the editions of the series by place: 0 this one, 1 the previous one,
//     2 those that opened earlier than this one otherwise, -1 the next one.
//   - measure_role: a customer in a role, who had to do with this edition or the previous
//     one; how it stands here (enquired, contracted, attended, cancelled, and contracted
//     in person, not as a co-exhibitor alone: own), how it stood there (before,
//     own_before), whether it took part in an earlier one (earlier) and is contracted for
//     the next (rebooked, and on_site where it booked while this one was open). Truths
//     are 0 or 1. Areas are in hundredths of a square metre.
//   - measure_money: what a customer brought by this edition and the previous one (place),
//     before discount (gross) and after it (net), in the reporting currency.
//   - measure_booked: who stood in the books of this edition and the previous one, as of now
//     and at the same distance from the opening (edition_booked.go).
type LaidEdition struct {
	laidOut
	// Opens and Closes are the midnights in UTC that begin its first and last day.
	Opens, Closes int64
}

// laidOut are tables that end with their transaction.
type laidOut struct {
	t          *transaction
	parameters map[string]any
}

// LayOutEdition lays an edition out, and has it asked. Of one that the store does not
// know nothing is asked, and known is false.
func (s *Store) LayOutEdition(ctx context.Context, span EditionSpan, ask func(*LaidEdition) error) (known bool, err error) {
	t, err := s.begin(ctx, s.dialect.oneState())
	if err != nil {
		return false, err
	}
	// Temporary tables are all that is written, and go with the transaction.
	defer t.end()
	l, err := layOutEdition(t, span)
	if err != nil || l == nil {
		return false, err
	}
	return true, ask(l)
}

// Currency that amounts are in; "" while the store reports in none.
func (l *laidOut) Currency() string {
	currency, _ := l.parameters["currency"].(sql.NullString)
	return currency.String
}

// Rows asks a statement in the words of both databases.
func (l *laidOut) Rows(each func(*sql.Rows) error, statement string) error {
	text, args := newRefresh(l.t).bind(statement, l.parameters)
	return l.t.query(each, text, args...)
}

func layOutEdition(t *transaction, span EditionSpan) (*LaidEdition, error) {
	r := newRefresh(t)
	parameters, err := r.parameters()
	if err != nil {
		return nil, err
	}
	parameters["series"], parameters["edition"], parameters["previous"], parameters["now"] = span.Series, span.Edition, span.Previous, t.now
	l := &LaidEdition{laidOut: laidOut{t, parameters}}
	if err := l.layOut(r, []layer{{"", []string{heldEditions()}}}); err != nil {
		return nil, err
	}
	var id int64
	text, args := r.bind(`SELECT h.edition_id, coalesce(h.opens, 0), coalesce(h.closes, 0) FROM refresh_held h WHERE h.series = @series AND h.edition = @edition`, parameters)
	switch err := t.row(text, args...).Scan(&id, &l.Opens, &l.Closes); {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("finding the edition: %w", err)
	}
	parameters["id"], parameters["opens"], parameters["closes"] = id, l.Opens, l.Closes
	return l, l.layOut(r, []layer{
		{"measure_edition", []string{editionsByPlace}},
		{"refresh_who", []string{"CREATE TEMP TABLE refresh_who (id BIGINT NOT NULL PRIMARY KEY)" + t.dialect.onCommitDrop(), whoHadToDo}},
		{"refresh_took", []string{tookPart("measure_edition")}},
		{"refresh_entry", []string{entries("")}},
		{"measure_role", []string{byRoleOfEdition()}},
		{"measure_money", []string{moneyOfEditions}},
		{"measure_booked", []string{momentsOfBooks, bookedByMoment()}},
		{"measure_same", []string{sameNames(t.dialect.textOf("r.content", "name"))}},
	})
}

// layer is a table that is laid out, by statements; without a name it is not asked often
// enough to be counted for plans.
type layer struct {
	table      string
	statements []string
}

func (l *laidOut) layOut(r *refresh, layers []layer) error {
	for _, layer := range layers {
		for _, statement := range layer.statements {
			if err := r.run(statement, l.parameters); err != nil {
				return fmt.Errorf("laying out what is measured: %w", err)
			}
		}
		if layer.table == "" {
			continue
		}
		if err := l.t.dialect.count(l.t, layer.table); err != nil {
			return err
		}
	}
	return nil
}

const editionsByPlace = `CREATE TEMP TABLE measure_edition ON COMMIT DROP AS
SELECT h.edition_id, h.edition, h.opens, h.closes, h.cancelled, h.there_from,
	CASE WHEN h.edition_id = @id THEN 0 WHEN h.edition = @previous THEN 1 WHEN h.opens < @opens THEN 2 ELSE -1 END AS place
FROM refresh_held h
WHERE h.series = @series AND (h.edition_id = @id OR h.edition = @previous OR h.opens < @opens
	OR h.edition_id = (SELECT n.edition_id FROM refresh_held n WHERE n.series = @series AND n.cancelled = 0 AND n.opens > @opens ORDER BY n.opens, n.edition LIMIT 1))`

const whoHadToDo = `INSERT INTO refresh_who
SELECT f.customer_id FROM participation f JOIN measure_edition e ON e.edition_id = f.edition_id WHERE e.place IN (0, 1) AND f.withdrawn_at IS NULL
UNION SELECT f.customer_id FROM booking f JOIN measure_edition e ON e.edition_id = f.edition_id WHERE e.place IN (0, 1) AND f.withdrawn_at IS NULL
UNION SELECT f.person_id FROM visit f JOIN measure_edition e ON e.edition_id = f.edition_id WHERE e.place IN (0, 1) AND f.withdrawn_at IS NULL`

func byRoleOfEdition() string {
	truth := func(condition string) string { return "max(CASE WHEN " + condition + " THEN 1 ELSE 0 END)" }
	return fmt.Sprintf(`CREATE TEMP TABLE measure_role ON COMMIT DROP AS
SELECT t.customer_id, %[1]s AS role,
	%[2]s AS enquired, %[3]s AS contracted, %[4]s AS own, %[5]s AS attended, %[6]s AS cancelled, max(CASE WHEN e.place = 0 THEN t.area END) AS area,
	%[7]s AS before, %[8]s AS own_before, max(CASE WHEN e.place = 1 THEN t.area END) AS area_before,
	%[9]s AS earlier, %[10]s AS rebooked, %[11]s AS on_site
FROM refresh_took t JOIN measure_edition e ON e.edition_id = t.edition_id
WHERE t.role >= 0 GROUP BY t.customer_id, t.role`,
		roleName("t.role"),
		truth(fmt.Sprintf("e.place = 0 AND e.cancelled = 0 AND t.standing BETWEEN %d AND %d", standingEnquired, standingOption)),
		truth(fmt.Sprintf("e.place = 0 AND e.cancelled = 0 AND t.standing >= %d", standingContracted)),
		truth(fmt.Sprintf("e.place = 0 AND e.cancelled = 0 AND t.own_standing >= %d", standingContracted)),
		truth("e.place = 0 AND t.standing >= e.there_from"),
		truth(fmt.Sprintf("e.place = 0 AND e.cancelled = 0 AND t.standing = %d", standingCancelled)),
		truth("e.place = 1 AND t.standing >= e.there_from"),
		truth("e.place = 1 AND t.own_standing >= e.there_from"),
		truth("e.place = 2 AND t.standing >= e.there_from"),
		truth(fmt.Sprintf("e.place = -1 AND t.standing >= %d", standingContracted)),
		truth(fmt.Sprintf("e.place = -1 AND t.standing >= %d AND t.first_at >= @opens AND t.first_at < @closes + %d", standingContracted, dayMillis)))
}

const moneyOfEditions = `CREATE TEMP TABLE measure_money ON COMMIT DROP AS
SELECT u.customer_id, u.place, total(u.gross) AS gross, total(u.net) AS net
FROM (
	SELECT t.customer_id, e.place, t.gross, t.net
	FROM refresh_took t JOIN measure_edition e ON e.edition_id = t.edition_id LEFT JOIN refresh_entry x ON x.customer_id = t.customer_id AND x.edition_id = t.edition_id
	WHERE e.place IN (0, 1) AND e.cancelled = 0 AND coalesce(x.has_revenue, 0) = 0
	UNION ALL
	SELECT x.customer_id, e.place, x.gross, x.net
	FROM refresh_entry x JOIN measure_edition e ON e.edition_id = x.edition_id WHERE e.place IN (0, 1) AND x.has_revenue = 1
) u GROUP BY u.customer_id, u.place`

// sameNames lays out who is called the same in both editions, by what records say.
func sameNames(name string) string {
	names := `SELECT a.customer_id, ` + name + ` AS name FROM (
			SELECT p.customer_id, p.customer_record_id AS record_id, p.edition_id FROM participation p WHERE p.withdrawn_at IS NULL
			UNION ALL SELECT p.customer_id, p.customer_record_id, p.edition_id FROM booking p WHERE p.withdrawn_at IS NULL
			UNION ALL SELECT p.person_id, p.person_record_id, p.edition_id FROM visit p WHERE p.withdrawn_at IS NULL
		) a JOIN measure_edition e ON e.edition_id = a.edition_id JOIN party_record r ON r.id = a.record_id WHERE e.place = `
	return "CREATE TEMP TABLE measure_same ON COMMIT DROP AS SELECT DISTINCT f.customer_id FROM (" + names + "0) f JOIN (" + names + "1) g ON g.customer_id = f.customer_id AND g.name = f.name"
}

// EditionBefore is the edition of a series that closed last before a day; "" if the store
// knows none.
func (s *Store) EditionBefore(ctx context.Context, series string, opens time.Time) (edition string, err error) {
	err = s.read(ctx, func(t *transaction) error {
		err := t.row(`SELECT e.edition FROM (
				SELECT e.edition, coalesce(d.closes, e.closes, e.opens) AS closes
				FROM edition e LEFT JOIN edition_declaration d ON d.edition_id = e.id WHERE e.series = $1 AND NOT e.cancelled
			) e WHERE e.closes < $2 ORDER BY e.closes DESC, e.edition LIMIT 1`, series, opens.UnixMilli()).Scan(&edition)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("finding the edition before: %w", err)
	}
	return edition, nil
}
