package store

import (
	"database/sql"
	"fmt"
)

// isPlain tells whether settlements are as they nearly always are: of one run, and nothing in
// them is to be tried again or was, or expires.
func (c *committing) isPlain() bool {
	for _, s := range c.settlements {
		if s.Shard.Run != c.settlements[0].Shard.Run || len(s.Later) > 0 || s.Expire {
			return false
		}
		for _, o := range s.Outcomes {
			if o.Waited {
				return false
			}
		}
	}
	return len(c.settlements) > 0
}

// commitAtOnce does for plain settlements what moveWindows, the keeping of outcomes and
// takeTurns do, in one statement of PostgreSQL: each trip to the server that a window takes
// costs as much as some messages. Where there are caps, places of mailboxes are taken in it as
// well, and before the channel's turns: that row is locked last by all.
func commitAtOnce(caps *Caps) string {
	if caps.none() {
		return plainCommit
	}
	return movingShards + ", reserved AS (" + caps.reservation(movedMessages, "CAST($23 AS TEXT)", "CAST($18 AS BIGINT)") + " RETURNING seq)" +
		takingTurns("SELECT count(*) AS n FROM reserved") + grantingShards("(SELECT count(*) FROM reserved r WHERE r.seq >= m.lo AND r.seq < m.hi)")
}

var plainCommit = movingShards + takingTurns("SELECT sum(m.hi - m.lo) AS n FROM moved m") + grantingShards("m.hi - m.lo")

// movedMessages are those that windows were moved over, each looked up by its key.
const movedMessages = `(SELECT CAST($1 AS BIGINT) AS run_id, w.seq, (SELECT x.address_id FROM outreach_message x WHERE x.run_id = $1 AND x.seq = w.seq) AS address_id
	FROM moved s CROSS JOIN LATERAL generate_series(s.lo, s.hi - 1) AS w (seq)) m`

// takingTurns takes the channel's turns for so many messages.
func takingTurns(messages string) string {
	return `, turn AS (
	INSERT INTO channel_rate AS c (channel, next_us)
	SELECT $19, $20 + t.took FROM (SELECT CAST(floor(g.n / CAST($21 AS DOUBLE PRECISION) * 1000000) AS BIGINT) AS took FROM (` + messages + `) g) t WHERE t.took > 0 AND $19 <> ''
	ON CONFLICT (channel) DO UPDATE SET next_us = greatest(c.next_us, $20) + excluded.next_us - $20
	RETURNING next_us
)`
}

// grantingShards tells how the shards stand, and of how many of its messages each may send.
func grantingShards(free string) string {
	return `
SELECT m.no, m.hi, m.waiting, coalesce((SELECT t.next_us FROM turn t), 0), ` + free + ` FROM moved m`
}

// movingShards moves windows, and keeps outcomes.
var movingShards = `WITH n AS (
	SELECT * FROM unnest(CAST($2 AS BIGINT[]), CAST($3 AS BIGINT[]), CAST($4 AS BIGINT[]), CAST($5 AS BIGINT[]), CAST($6 AS BIGINT[]), CAST($7 AS BIGINT[]), CAST($8 AS BIGINT[]), CAST($9 AS BIGINT[]), CAST($10 AS BIGINT[]), CAST($11 AS BIGINT[]), CAST($12 AS BIGINT[]), CAST($22 AS BIGINT[]))
		AS n (no, epoch, step, next, until, sent, failed, skipped, unknown, column12, column13, not_before)
), moved AS (
	UPDATE outreach_shard AS s SET lo = s.hi, step = s.step + 1,
		hi = CASE WHEN (SELECT r.state FROM outreach_run r WHERE r.id = $1) = 'Sending' THEN least(s.hi + n.next, s.end_seq) ELSE s.hi END,
		lease_until = nullif(n.until, 0), sent = s.sent + n.sent, failed = s.failed + n.failed, skipped = s.skipped + n.skipped, unknown = s.unknown + n.unknown,
		not_before = CASE WHEN n.not_before > 0 THEN n.not_before ELSE s.not_before END, ` + countWindow + `
	FROM n WHERE s.run_id = $1 AND s.no = n.no AND s.epoch = n.epoch AND s.step = n.step
	RETURNING s.no, s.lo, s.hi, s.waiting
), kept AS (
	INSERT INTO outreach_outcome (run_id, seq, attempt, state, code, at)
	SELECT $1, o.seq, o.attempt, o.state, nullif(o.code, ''), $18
	FROM unnest(CAST($13 AS BIGINT[]), CAST($14 AS BIGINT[]), CAST($15 AS BIGINT[]), CAST($16 AS TEXT[]), CAST($17 AS TEXT[])) AS o (no, seq, attempt, state, code) JOIN moved m ON m.no = o.no
)`

// carryOutAtOnce carries plain settlements out; the shards that were lost are granted as such.
func (c *committing) carryOutAtOnce(t *transaction, nowMicros int64) error {
	c.transaction = t
	count := len(c.settlements)
	columns := make([][]int64, 12)
	for column := range columns {
		columns[column] = make([]int64, count)
	}
	var shards, seqs, attempts []int64
	var states, codes []string
	at := make(map[int64]int, count)
	for i, s := range c.settlements {
		n := countOf(s)
		for column, value := range []int64{s.Shard.No, s.Shard.Epoch, s.Shard.Step, s.Next, c.until(s), n.sent, n.failed, n.skipped, n.unknown, microseconds(s.Took), microseconds(s.Settling), s.NotBefore} {
			columns[column][i] = value
		}
		for _, o := range s.Outcomes {
			shards, seqs, attempts = append(shards, s.Shard.No), append(seqs, o.Seq), append(attempts, o.Attempt)
			states, codes = append(states, string(o.State)), append(codes, o.Code)
		}
		at[s.Shard.No], c.granted[i] = i, Granted{Lost: true, Shard: s.Shard}
	}
	args := []any{c.settlements[0].Shard.Run}
	for _, column := range columns[:11] {
		args = append(args, column)
	}
	args = append(args, shards, seqs, attempts, states, codes, t.now, c.rate.Channel, nowMicros, max(c.rate.PerSecond, 1), columns[11])
	caps := c.caps()
	if caps != nil {
		args = append(args, caps.Medium)
	}
	var next int64
	var fewer []claimed
	err := t.query(func(rows *sql.Rows) error {
		var no, hi, waiting, free int64
		if err := rows.Scan(&no, &hi, &waiting, &next, &free); err != nil {
			return err
		}
		i := at[no]
		g := &c.granted[i]
		g.Lost, g.From, g.Shard.Hi, g.Shard.Step, c.waiting[i] = false, g.Shard.Hi, hi, g.Shard.Step+1, waiting
		if free < hi-g.From {
			fewer = append(fewer, claimed{i, g.seqs()})
		}
		return nil
	}, commitAtOnce(caps), args...)
	if err != nil {
		return fmt.Errorf("moving windows: %w", err)
	}
	for _, f := range fewer {
		g := &c.granted[f.grant]
		if err := c.findCapped(caps, g.Shard.Run, f.seqs, func(int64) *Granted { return g }); err != nil {
			return err
		}
	}
	c.spread(next, make([]int64, count), nowMicros)
	return nil
}

// hasMore tells whether something was lost, or messages that wait may be granted.
func (c *committing) hasMore() bool {
	for i, g := range c.granted {
		if g.Lost || c.left(i) > 0 {
			return true
		}
	}
	return false
}

// carryOutRest finds out what became of what was lost, and grants what is due.
func (c *committing) carryOutRest(t *transaction, nowMicros int64) error {
	c.transaction = t
	before := make([]int64, len(c.granted))
	var more []claimed
	for i := range c.granted {
		g := &c.granted[i]
		before[i] = g.messages()
		var err error
		if g.Lost {
			err = c.findOut(c.settlements[i], g)
			more = append(more, claimed{i, g.seqs()})
		} else if left := c.left(i); left > 0 {
			err = c.takeDue(g, left)
			more = append(more, claimed{i, g.again()})
		}
		if err != nil {
			return fmt.Errorf("granting more: %w", err)
		}
	}
	if err := c.reserve(more); err != nil {
		return err
	}
	return c.takeTurnsBeside(before, nowMicros)
}
