package store

import "database/sql"

// whoeverItWas begins a question with the customer and all that were merged into it: what they
// were sent stands under the numbers that they had.
const whoeverItWas = `WITH RECURSIVE family (id) AS (SELECT CAST(@who AS BIGINT) UNION SELECT p.id FROM family f JOIN party p ON p.merged_into = f.id) `

// ofRuns is the condition on runs r that are told of.
const ofRuns = `(r.id = @run OR r.rule = @rule)`

// readMessages reads the customer's messages of runs, and which runs held it out.
func (e *explaining) readMessages() error {
	err := e.ask(whoeverItWas+`SELECT DISTINCT r.run_key, r.frozen_at, r.id FROM outreach_held h JOIN outreach_run r ON r.id = h.run_id WHERE `+ofRuns+` AND h.customer_id IN (SELECT f.id FROM family f) ORDER BY r.frozen_at, r.id`, func(rows *sql.Rows) error {
		var key string
		var at, id int64
		err := rows.Scan(&key, &at, &id)
		e.HeldFrom = append(e.HeldFrom, key)
		return err
	})
	if err != nil {
		return err
	}
	return e.ask(whoeverItWas+`SELECT r.id, r.run_key, r.state, r.plan, r.plan_digest, r.frozen_at, m.seq, p.code, coalesce(p.name, ''), s.not_before, coalesce(s.not_after, 0), m.seq >= s.lo AND m.seq < s.hi,
			q.attempts, coalesce(q.due, 0), coalesce(q.code, ''), o.attempt, coalesce(o.state, ''), coalesce(o.code, ''), coalesce(o.at, 0)
		FROM outreach_run r JOIN outreach_message m ON m.run_id = r.id JOIN party p ON p.id = m.recipient_id
		JOIN outreach_shard s ON s.run_id = m.run_id AND m.seq >= s.start_seq AND m.seq < s.end_seq
		LEFT JOIN outreach_retry q ON q.run_id = m.run_id AND q.seq = m.seq LEFT JOIN outreach_outcome o ON o.run_id = m.run_id AND o.seq = m.seq
		WHERE `+ofRuns+` AND m.customer_id IN (SELECT f.id FROM family f) ORDER BY r.frozen_at, r.id, m.seq, o.attempt`, e.scanMessage)
}

// scanMessage reads a message with one of its outcomes.
func (e *explaining) scanMessage(rows *sql.Rows) error {
	var m ExplainedMessage
	var waiting Later
	var outcome ExplainedOutcome
	var attempts, attempt sql.NullInt64
	if err := rows.Scan(&m.Run.ID, &m.Run.Key, &m.Run.State, &m.Run.Plan, &m.Run.PlanDigest, &m.Run.FrozenAt, &m.Seq, &m.Code, &m.Name, &m.NotBefore, &m.NotAfter, &m.InFlight,
		&attempts, &waiting.Due, &waiting.Code, &attempt, &outcome.State, &outcome.Code, &outcome.At); err != nil {
		return err
	}
	if last := len(e.Messages) - 1; last < 0 || e.Messages[last].Run.ID != m.Run.ID || e.Messages[last].Seq != m.Seq {
		if attempts.Valid {
			waiting.Seq, waiting.Attempts = m.Seq, attempts.Int64
			m.Waiting = &waiting
		}
		e.Messages = append(e.Messages, m)
	}
	if attempt.Valid {
		outcome.Seq, outcome.Attempt = m.Seq, attempt.Int64
		last := &e.Messages[len(e.Messages)-1]
		last.Outcomes = append(last.Outcomes, outcome)
	}
	return nil
}
