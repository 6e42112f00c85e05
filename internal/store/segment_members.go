package store

import (
	"database/sql"
	"errors"
	"fmt"
)

// temporarySegment are the tables of an evaluation, in the order in which they are made.
var temporarySegment = []string{"segment_who", "segment_named", "segment_edition", "segment_took", "segment_now", "segment_entered", "refresh_who", "refresh_held", "refresh_took"}

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
	from, where := "customer_profile p", "WHERE "
	if e.who {
		from, where = "segment_who w CROSS JOIN customer_profile p", "WHERE p.customer_id = w.id AND "
	}
	where += "(" + e.segment.Predicate.Condition + ")"
	return newRefresh(e.transaction).bind(fmt.Sprintf("SELECT %s FROM %s %s %s", selected, from, e.segment.Predicate.Joins, where), e.parameters)
}

// isUnchanged tells whether everybody who belongs is a member, and nobody else, by a
// digest that costs little more than counting. Where the database computes none, or
// only some are looked at, nothing is known.
func (e *evaluation) isUnchanged() (bool, error) {
	digest := e.dialect.digest("p.customer_id")
	if e.before == nil || e.who || digest == "" {
		return false, nil
	}
	text, args := e.members("count(*), " + digest)
	var members int64
	var found sql.NullInt64
	if err := e.row(text, args...).Scan(&members, &found); err != nil {
		return false, fmt.Errorf("asking who belongs: %w", err)
	}
	return e.before.members == members && e.before.digest == found, nil
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
	// Who entered is found before any is added: a plan that is good for few members
	// would go through all that were added so far for each of the next.
	const isLeft = ` m.segment = @segment AND NOT EXISTS (SELECT 1 FROM segment_now n WHERE n.customer_id = m.customer_id)`
	among := ""
	if e.who {
		among = " m.customer_id IN (SELECT w.id FROM segment_who w) AND"
	}
	if err := e.carryOut(`CREATE TEMP TABLE segment_entered ON COMMIT DROP AS SELECT n.customer_id FROM segment_now n
		WHERE NOT EXISTS (SELECT 1 FROM segment_member m WHERE m.segment = @segment AND m.customer_id = n.customer_id)`); err != nil {
		return fmt.Errorf("finding who entered: %w", err)
	}
	if !e.done.Baseline {
		if err := e.recordTransitions(among + isLeft); err != nil {
			return fmt.Errorf("recording transitions: %w", err)
		}
	}
	left, out, err := e.change(`DELETE FROM segment_member AS m WHERE` + among + isLeft)
	if err != nil {
		return fmt.Errorf("removing who left: %w", err)
	}
	entered, in, err := e.change(`INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT @segment, n.customer_id, '', @at FROM segment_entered n`)
	if err != nil {
		return fmt.Errorf("adding who entered: %w", err)
	}
	if !e.done.Baseline {
		e.done.Entered, e.done.Left = in, out
	}
	switch {
	case in+out == 0 && e.before != nil:
		return nil
	case e.who:
		e.now.members += in - out
		return e.digestMoved(append(left, entered...))
	default:
		return e.sumUp()
	}
}

// carryOut carries out a statement with the parameters of the evaluation.
func (e *evaluation) carryOut(statement string) error {
	text, args := newRefresh(e.transaction).bind(statement, e.parameters)
	_, err := e.exec(text, args...)
	return err
}

// recordTransitions records who enters and who leaves.
func (e *evaluation) recordTransitions(isLeft string) error {
	return errors.Join(
		e.carryOut(`INSERT INTO segment_transition (segment, customer_id, to_class, at) SELECT @segment, n.customer_id, '', @at FROM segment_entered n ORDER BY n.customer_id`),
		e.carryOut(`INSERT INTO segment_transition (segment, customer_id, from_class, at) SELECT @segment, m.customer_id, m.class, @at FROM segment_member m WHERE`+isLeft+` ORDER BY m.customer_id`),
	)
}

// change changes members, and counts them. Of those who are looked at alone it gives
// who they are.
func (e *evaluation) change(statement string) (who []int64, count int64, err error) {
	text, args := newRefresh(e.transaction).bind(statement, e.parameters)
	if !e.who {
		count, err = e.exec(text, args...)
		return nil, count, err
	}
	err = e.query(scanInto(&who), text+" RETURNING customer_id", args...)
	return who, int64(len(who)), err
}

// digestMoved brings the digest up to date with who entered and left: each of them is
// in it once, or not at all.
func (e *evaluation) digestMoved(moved []int64) error {
	digest := e.dialect.digest("y.id")
	if digest == "" {
		return nil
	}
	condition, list := among(e.transaction, "y.id", 1, moved)
	change, err := e.number("SELECT "+digest+" FROM party y WHERE "+condition, list)
	if err != nil {
		return fmt.Errorf("bringing the digest of members up to date: %w", err)
	}
	e.now.digest = sql.NullInt64{Int64: e.now.digest.Int64 ^ change, Valid: true}
	return nil
}

// sumUp counts the members that there are now, and makes their digest. It asks for
// what was written: by the time of the statement before, a refresh may have committed.
func (e *evaluation) sumUp() error {
	digest := e.dialect.digest("m.customer_id")
	if digest == "" {
		digest = "NULL"
	}
	err := e.row(`SELECT count(*), `+digest+` FROM segment_member m WHERE m.segment = $1`, e.segment.Name).Scan(&e.now.members, &e.now.digest)
	if err != nil {
		return fmt.Errorf("counting members: %w", err)
	}
	return nil
}

// segmentsOf are the segments that parties are members of.
func segmentsOf(t *transaction, parties []int64) (names []string, err error) {
	condition, list := among(t, "customer_id", 1, parties)
	err = t.query(func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	}, "SELECT DISTINCT segment FROM segment_member WHERE "+condition, list)
	if err != nil {
		return nil, fmt.Errorf("finding the segments of parties: %w", err)
	}
	return names, nil
}

// countAgain brings what is recorded of segments up to their members, of whom some
// were taken out. The next evaluation goes on from there.
func countAgain(t *transaction, names []string) error {
	if len(names) == 0 {
		return nil
	}
	set := "members = (SELECT count(*) FROM segment_member m WHERE m.segment = s.name)"
	if digest := t.dialect.digest("m.customer_id"); digest != "" {
		set += ", digest = (SELECT " + digest + " FROM segment_member m WHERE m.segment = s.name)"
	}
	condition, list := among(t, "s.name", 1, names)
	if _, err := t.exec("UPDATE segment AS s SET "+set+" WHERE "+condition, list); err != nil {
		return fmt.Errorf("counting members: %w", err)
	}
	return nil
}
