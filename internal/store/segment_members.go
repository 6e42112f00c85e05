package store

import (
	"database/sql"
	"fmt"
	"slices"
)

// temporarySegment are the tables of an evaluation, in the order in which they are made.
var temporarySegment = []string{"segment_who", "segment_named", "segment_edition", "segment_within", "segment_undated", "segment_took", "segment_tier", "segment_axis", "segment_now", "segment_changed", "refresh_who", "refresh_held", "refresh_took", "refresh_entry", "refresh_standing", "refresh_money"}

// layOut prepares what the predicate asks beside stored tables.
func (e *evaluation) layOut(candidates []int64) error {
	if e.who {
		if err := e.layOutWho(candidates); err != nil {
			return err
		}
	}
	if len(e.segment.Predicate.Points) > 0 {
		if err := e.layOutTiers(); err != nil {
			return err
		}
	}
	if len(e.segment.Predicate.Editions) == 0 {
		return nil
	}
	return e.layOutEditions()
}

// beginWho makes the table of who is looked at.
func (e *evaluation) beginWho() error {
	if _, err := e.exec(`CREATE TEMP TABLE segment_who (id BIGINT NOT NULL PRIMARY KEY)` + e.dialect.onCommitDrop()); err != nil {
		return fmt.Errorf("preparing: %w", err)
	}
	return nil
}

// layOutWho lays out who is looked at.
func (e *evaluation) layOutWho(customers []int64) error {
	if err := e.beginWho(); err != nil {
		return err
	}
	who := &rowBuffer{width: 1}
	for _, customer := range customers {
		who.add(numberCell(customer))
	}
	if err := e.insert("segment_who", []string{"id"}, who); err != nil {
		return err
	}
	return e.dialect.count(e.transaction, "segment_who")
}

// layOutEditions says who took part in the editions that the predicate names, by the
// statement that profiles are computed with.
func (e *evaluation) layOutEditions() error {
	r := newRefresh(e.transaction)
	parameters, err := r.parameters()
	if err != nil {
		return err
	}
	who := "SELECT p.customer_id AS id FROM customer_profile p"
	if e.who {
		who = "SELECT w.id FROM segment_who w"
	}
	if err := e.nameEditions(e.segment.Predicate.Editions); err != nil {
		return err
	}
	for _, statement := range []string{
		"CREATE TEMP TABLE refresh_who ON COMMIT DROP AS " + who,
		heldEditions(),
		`CREATE TEMP TABLE segment_edition ON COMMIT DROP AS SELECT h.edition_id FROM refresh_held h JOIN segment_named n ON n.series = h.series AND n.edition = h.edition`,
		tookPart("segment_edition"),
		tookNamedEditions(),
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

// nameEditions lays out which editions are asked for.
func (e *evaluation) nameEditions(named []NamedEdition) error {
	editions := &rowBuffer{width: 2}
	for _, edition := range slices.CompactFunc(slices.SortedFunc(slices.Values(named), NamedEdition.Compare), func(a, b NamedEdition) bool { return a == b }) {
		editions.add(textCell(edition.Series), textCell(edition.Edition))
	}
	if _, err := e.exec(`CREATE TEMP TABLE segment_named (series TEXT, edition TEXT)` + e.dialect.onCommitDrop()); err != nil {
		return fmt.Errorf("preparing editions: %w", err)
	}
	return e.insert("segment_named", []string{"series", "edition"}, editions)
}

// tookNamedEditions says who took part in the editions that are asked for.
func tookNamedEditions() string {
	return fmt.Sprintf(`CREATE TEMP TABLE segment_took ON COMMIT DROP AS
		SELECT t.customer_id, h.series, h.edition, %s AS role, %s AS status, CASE WHEN t.standing >= h.there_from THEN 1 ELSE 0 END AS took_part,
			CASE WHEN h.cancelled = 0 AND t.standing >= %d THEN 1 ELSE 0 END AS booked
		FROM segment_named n JOIN refresh_held h ON h.series = n.series AND h.edition = n.edition JOIN refresh_took t ON t.edition_id = h.edition_id WHERE t.role >= 0`,
		roleName("t.role"), statusOfStanding("t.standing"), standingContracted)
}

// fromMembers are the rows p of who belongs.
func (e *evaluation) fromMembers() string {
	from, where := " FROM customer_profile p ", ""
	if e.who {
		from, where = " FROM segment_who w CROSS JOIN customer_profile p ", "p.customer_id = w.id AND "
	}
	if c := e.segment.Classes; c != nil && c.Joins != "" {
		return from + e.segment.Predicate.Joins + " " + c.Joins + " WHERE " + where + "(" + e.segment.Predicate.Condition + ")"
	}
	return from + e.segment.Predicate.Joins + " WHERE " + where + "(" + e.segment.Predicate.Condition + ")"
}

// belonging are those who belong, each with the class.
func (e *evaluation) belonging() string {
	return "SELECT x.customer_id, " + e.segment.class() + " AS class FROM " + e.placed()
}

// replace writes who belongs now, and records who entered, who left and who moved.
func (e *evaluation) replace() error {
	if err := e.layOutChanges(); err != nil {
		return fmt.Errorf("finding who entered, left and moved: %w", err)
	}
	var changed, entered, left int64
	var digest sql.NullInt64
	from, to := e.dialect.digest("c.customer_id", "c.from_class"), e.dialect.digest("c.customer_id", "c.to_class")
	counts := `SELECT count(*), count(CASE WHEN c.from_class IS NULL THEN 1 END), count(CASE WHEN c.to_class IS NULL THEN 1 END), `
	if from == "" {
		counts += "NULL FROM segment_changed c"
	} else {
		counts += "(SELECT " + from + " FROM segment_changed c WHERE c.from_class IS NOT NULL) # (SELECT " + to + " FROM segment_changed c WHERE c.to_class IS NOT NULL) FROM segment_changed c"
	}
	if err := e.row(counts).Scan(&changed, &entered, &left, &digest); err != nil {
		return fmt.Errorf("counting who entered, left and moved: %w", err)
	}
	if digest.Valid {
		e.now.digest = sql.NullInt64{Int64: e.now.digest.Int64 ^ digest.Int64, Valid: true}
	}
	if changed == 0 {
		return nil
	}
	e.now.members += entered - left
	if !e.done.Baseline {
		e.done.Entered, e.done.Left, e.done.Moved = entered, left, changed-entered-left
	}
	return e.change(entered, left, changed-entered-left)
}

// layOutChanges lays out those whose class is another one than that as a member, NULL for
// none.
func (e *evaluation) layOutChanges() error {
	const changed = "CREATE TEMP TABLE segment_changed ON COMMIT DROP AS "
	switch {
	case e.who:
		// Each is looked up: what is known of how many members there are may be old, and
		// a plan that reads all of them takes longer than all the rest.
		return e.carryOut(changed + `SELECT c.customer_id, c.from_class, c.to_class FROM (
			SELECT w.id AS customer_id, (SELECT m.class FROM segment_member m WHERE m.segment = @segment AND m.customer_id = w.id) AS from_class, n.class AS to_class
			FROM segment_who w LEFT JOIN (` + e.belonging() + `) n ON n.customer_id = w.id` + onceEach + `
		) c WHERE c.from_class IS DISTINCT FROM c.to_class`)
	case e.dialect.joinsFull():
		return e.carryOut(changed + `SELECT coalesce(n.customer_id, m.customer_id) AS customer_id, m.class AS from_class, n.class AS to_class
			FROM (` + e.belonging() + `) n FULL JOIN (SELECT m.customer_id, m.class FROM segment_member m WHERE m.segment = @segment) m ON m.customer_id = n.customer_id
			WHERE n.customer_id IS NULL OR m.customer_id IS NULL OR n.class <> m.class`)
	default:
		if err := e.carryOut("CREATE TEMP TABLE segment_now (customer_id BIGINT NOT NULL PRIMARY KEY, class TEXT NOT NULL)" + e.dialect.onCommitDrop()); err != nil {
			return err
		}
		if err := e.carryOut("INSERT INTO segment_now " + e.belonging()); err != nil {
			return err
		}
		return e.carryOut(changed + `SELECT n.customer_id, m.class AS from_class, n.class AS to_class
			FROM segment_now n LEFT JOIN segment_member m ON m.segment = @segment AND m.customer_id = n.customer_id WHERE m.class IS NULL OR m.class <> n.class
			UNION ALL SELECT m.customer_id, m.class, NULL FROM segment_member m WHERE m.segment = @segment AND NOT EXISTS (SELECT 1 FROM segment_now n WHERE n.customer_id = m.customer_id)`)
	}
}

// change brings the members up to date with segment_changed.
func (e *evaluation) change(entered, left, moved int64) error {
	if err := e.dialect.count(e.transaction, "segment_changed"); err != nil {
		return err
	}
	if !e.done.Baseline {
		if err := e.carryOut(`INSERT INTO segment_transition (segment, customer_id, from_class, to_class, at)
			SELECT @segment, c.customer_id, c.from_class, c.to_class, @at FROM segment_changed c ORDER BY CASE WHEN c.from_class IS NULL THEN 0 WHEN c.to_class IS NULL THEN 2 ELSE 1 END, c.customer_id`); err != nil {
			return fmt.Errorf("recording transitions: %w", err)
		}
	}
	for _, step := range []struct {
		count     int64
		about     string
		statement string
	}{
		{left, "removing who left", `DELETE FROM segment_member AS m WHERE m.segment = @segment AND m.customer_id IN (SELECT c.customer_id FROM segment_changed c WHERE c.to_class IS NULL)`},
		{moved, "moving who is in another class", `UPDATE segment_member AS m SET class = c.to_class FROM segment_changed c
			WHERE m.segment = @segment AND m.customer_id = c.customer_id AND c.from_class IS NOT NULL AND c.to_class IS NOT NULL`},
		{entered, "adding who entered", `INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT @segment, c.customer_id, c.to_class, @at FROM segment_changed c WHERE c.from_class IS NULL`},
	} {
		if step.count == 0 {
			continue
		}
		if err := e.carryOut(step.statement); err != nil {
			return fmt.Errorf("%s: %w", step.about, err)
		}
	}
	return nil
}

// carryOut carries out a statement with the parameters of the evaluation.
func (e *evaluation) carryOut(statement string) error {
	text, args := newRefresh(e.transaction).bind(statement, e.parameters)
	_, err := e.exec(text, args...)
	return err
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
	if digest := t.dialect.digest("m.customer_id", "m.class"); digest != "" {
		set += ", digest = (SELECT " + digest + " FROM segment_member m WHERE m.segment = s.name)"
	}
	condition, list := among(t, "s.name", 1, names)
	if _, err := t.exec("UPDATE segment AS s SET "+set+" WHERE "+condition, list); err != nil {
		return fmt.Errorf("counting members: %w", err)
	}
	return nil
}
