package store

import (
	"database/sql"
	"fmt"
)

// temporarySegment are the tables of an evaluation, in the order in which they are made.
var temporarySegment = []string{"segment_who", "segment_named", "segment_edition", "segment_took", "segment_now", "refresh_who", "refresh_held", "refresh_took"}

// layOut prepares what the predicate asks beside stored tables.
func (e *evaluation) layOut(candidates []int64) error {
	if e.who {
		who := &rowBuffer{width: 1}
		for _, customer := range candidates {
			who.add(numberCell(customer))
		}
		if _, err := e.exec(`CREATE TEMP TABLE segment_who (id BIGINT NOT NULL PRIMARY KEY)` + e.dialect.onCommitDrop()); err != nil {
			return fmt.Errorf("preparing: %w", err)
		}
		if err := e.insert("segment_who", []string{"id"}, who); err != nil {
			return err
		}
		if err := e.dialect.count(e.transaction, "segment_who"); err != nil {
			return err
		}
	}
	if len(e.segment.Predicate.Editions) == 0 {
		return nil
	}
	return e.layOutEditions()
}

// layOutEditions says who took part in the editions that the predicate names, by the
// statement that profiles are computed with.
func (e *evaluation) layOutEditions() error {
	r := newRefresh(e.transaction)
	parameters, err := r.parameters()
	if err != nil {
		return err
	}
	editions := &rowBuffer{width: 2}
	for _, edition := range e.segment.Predicate.Editions {
		editions.add(textCell(edition.Series), textCell(edition.Edition))
	}
	who := "SELECT p.customer_id AS id FROM customer_profile p"
	if e.who {
		who = "SELECT w.id FROM segment_who w"
	}
	if _, err := e.exec(`CREATE TEMP TABLE segment_named (series TEXT, edition TEXT)` + e.dialect.onCommitDrop()); err != nil {
		return fmt.Errorf("preparing editions: %w", err)
	}
	if err := e.insert("segment_named", []string{"series", "edition"}, editions); err != nil {
		return err
	}
	for _, statement := range []string{
		"CREATE TEMP TABLE refresh_who ON COMMIT DROP AS " + who,
		heldEditions(),
		`CREATE TEMP TABLE segment_edition ON COMMIT DROP AS SELECT h.edition_id FROM refresh_held h JOIN segment_named n ON n.series = h.series AND n.edition = h.edition`,
		tookPart("segment_edition"),
		fmt.Sprintf(`CREATE TEMP TABLE segment_took ON COMMIT DROP AS
			SELECT t.customer_id, h.series, h.edition, %s AS role, %s AS status, CASE WHEN t.standing >= h.there_from THEN 1 ELSE 0 END AS took_part,
				CASE WHEN h.cancelled = 0 AND t.standing >= %d THEN 1 ELSE 0 END AS booked
			FROM refresh_took t JOIN refresh_held h ON h.edition_id = t.edition_id WHERE t.role >= 0`, roleName("t.role"), statusOfStanding("t.standing"), standingContracted),
	} {
		if err := r.run(statement, parameters); err != nil {
			return fmt.Errorf("laying out editions: %w", err)
		}
	}
	if _, err := e.exec(`CREATE INDEX segment_took_customer ON segment_took (customer_id)`); err != nil {
		return fmt.Errorf("laying out editions: %w", err)
	}
	return e.dialect.count(e.transaction, "segment_took")
}

// members selects who belongs, with what is selected of each.
func (e *evaluation) members(selected string) (text string, args []any) {
	from := "customer_profile p"
	if e.who {
		from = "segment_who w CROSS JOIN customer_profile p"
	}
	where := "WHERE " + e.segment.Predicate.Condition
	if e.who {
		where = "WHERE p.customer_id = w.id AND " + e.segment.Predicate.Condition
	}
	return newRefresh(e.transaction).bind(fmt.Sprintf("SELECT %s FROM %s %s %s", selected, from, e.segment.Predicate.Joins, where), e.parameters)
}

// isUnchanged tells whether everybody who belongs is a member, and nobody else, by a
// digest that costs little more than counting. Where the database computes none, or
// only some are looked at, nothing is known.
func (e *evaluation) isUnchanged() (bool, error) {
	digest := e.dialect.digest("p.customer_id")
	if e.who || digest == "" {
		return false, nil
	}
	text, args := e.members("count(*), " + digest)
	var members int64
	var found sql.NullInt64
	if err := e.row(text, args...).Scan(&members, &found); err != nil {
		return false, fmt.Errorf("asking who belongs: %w", err)
	}
	same := e.before != nil && e.before.members == members && e.before.digest == found
	e.now.members, e.now.digest = members, found
	return same, nil
}

// replace writes who belongs now, and records who entered and who left.
func (e *evaluation) replace() error {
	text, args := e.members("p.customer_id")
	if _, err := e.exec("CREATE TEMP TABLE segment_now (customer_id BIGINT NOT NULL PRIMARY KEY)" + e.dialect.onCommitDrop()); err != nil {
		return fmt.Errorf("preparing: %w", err)
	}
	if _, err := e.exec("INSERT INTO segment_now "+text, args...); err != nil {
		return fmt.Errorf("asking who belongs: %w", err)
	}
	if err := e.dialect.count(e.transaction, "segment_now"); err != nil {
		return err
	}
	const (
		entered = ` FROM segment_now n WHERE NOT EXISTS (SELECT 1 FROM segment_member m WHERE m.segment = @segment AND m.customer_id = n.customer_id)`
		left    = ` m.segment = @segment AND NOT EXISTS (SELECT 1 FROM segment_now n WHERE n.customer_id = m.customer_id)`
	)
	among := ""
	if e.who {
		among = " m.customer_id IN (SELECT w.id FROM segment_who w) AND"
	}
	run := func(statement string) (int64, error) {
		text, args := newRefresh(e.transaction).bind(statement, e.parameters)
		return e.exec(text, args...)
	}
	if !e.done.Baseline {
		for _, statement := range []string{
			`INSERT INTO segment_transition (segment, customer_id, to_class, at) SELECT @segment, n.customer_id, '', @at` + entered + ` ORDER BY n.customer_id`,
			`INSERT INTO segment_transition (segment, customer_id, from_class, at) SELECT @segment, m.customer_id, m.class, @at FROM segment_member m WHERE` + among + left + ` ORDER BY m.customer_id`,
		} {
			if _, err := run(statement); err != nil {
				return fmt.Errorf("recording transitions: %w", err)
			}
		}
	}
	out, err := run(`DELETE FROM segment_member AS m WHERE` + among + left)
	if err != nil {
		return fmt.Errorf("removing who left: %w", err)
	}
	in, err := run(`INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT @segment, n.customer_id, '', @at` + entered)
	if err != nil {
		return fmt.Errorf("adding who entered: %w", err)
	}
	if !e.done.Baseline {
		e.done.Entered, e.done.Left = in, out
	}
	return e.sumUp(in, out)
}

// sumUp counts the members, and brings their digest up to date.
func (e *evaluation) sumUp(in, out int64) (err error) {
	if !e.who && e.dialect.digest("") != "" {
		// It was found on the way.
		return nil
	}
	if e.before == nil || !e.who {
		e.now.members, err = e.number(`SELECT count(*) FROM segment_member WHERE segment = $1`, e.segment.Name)
		return err
	}
	e.now.members += in - out
	if digest := e.dialect.digest("m.customer_id"); digest != "" && in+out > 0 {
		err = e.row(`SELECT `+digest+` FROM segment_member m WHERE m.segment = $1`, e.segment.Name).Scan(&e.now.digest)
	}
	return err
}
