package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Outcome is what became of a message at one attempt.
type Outcome struct {
	Seq, Attempt int64
	State        MessageState
	// Code is what the server said, such as 550 5.1.1, or why it was not tried.
	Code string
	// Waited says that the message was one of Granted.Again.
	Waited bool
}

// Later is a message that is to be tried again.
type Later struct {
	// Attempts that were made; a message that was given back untried has as many as before.
	Seq, Attempts int64
	// Due is when to try again, in milliseconds.
	Due int64
	// Code is what the server said, or why it waits.
	Code string
	// Waited says that the message was one of Granted.Again.
	Waited bool
}

// Settlement is what a holder of a shard knows of what it meant to send, and what it means
// to send next. Every message that it meant to send has to be in it.
type Settlement struct {
	Shard    Shard
	Outcomes []Outcome
	Later    []Later
	// Next is how many messages it means to send next, of those that nobody tried and of
	// those that are due again.
	Next int64
	// Took is how long the server was busy with the window, from when the first message was
	// handed over to the last answer; 0 where nothing was handed over.
	Took time.Duration
	// Settling is how long the settlement before this one was waited for.
	Settling time.Duration
	// Caps that hold for what is granted, of which all settlements of a commit have the same; nil
	// for none.
	Caps *Caps
	// Release gives the shard back.
	Release bool
	// NotBefore lets nobody have the shard before, in milliseconds; 0 leaves it as it is.
	NotBefore int64
	// Expire skips whatever of the shard was not tried or waits, while the run is sent.
	Expire bool
}

// Granted is what a holder may send now.
type Granted struct {
	// Lost says that the shard was taken away: nothing of it may be sent.
	Lost bool
	// Shard as it is now. Of the run the messages from From on may be sent, up to and without
	// Shard.Hi, and those in Again.
	Shard Shard
	From  int64
	Again []Later
	// Capped are those of them that must not be sent now all the same. They have to be settled
	// as well.
	Capped []Capped
	// Wait is how long to wait before the first of them, for the channel's rate.
	Wait time.Duration
}

// Commit settles what several holders did, and notes what they mean to send next before any
// of it is sent, in one transaction. While the run is not sent there is nothing next.
//
// Who does not hear what became of a settlement hands it in once more: it is carried out
// once.
//
// Who lost its shard has its outcomes noted where they are known by nobody else: a message
// that is unknown may turn out to be sent, or not to have been handed over.
//
// What is granted takes its turn at the rate, one settlement after the other.
func (s *Store) Commit(ctx context.Context, settlements []Settlement, lease time.Duration, rate Rate) (granted []Granted, err error) {
	c := &committing{settlements: settlements, lease: lease.Milliseconds(), rate: rate, granted: make([]Granted, len(settlements)), waiting: make([]int64, len(settlements))}
	if _, is := s.dialect.(postgres); is && c.isPlain() {
		err = c.carryOutAtOnce(s.alone(ctx), s.now().UnixMicro())
		if err != nil || !c.hasMore() {
			return c.granted, settlingFailed(err)
		}
		err = s.change(ctx, func(t *transaction) error { return c.carryOutRest(t, s.now().UnixMicro()) })
		return c.granted, settlingFailed(err)
	}
	err = s.change(ctx, func(t *transaction) error {
		c.transaction = t
		if err := c.carryOut(); err != nil {
			return err
		}
		// At the end: other workers of the channel wait for the row.
		return c.takeTurns(s.now().UnixMicro())
	})
	return c.granted, settlingFailed(err)
}

func settlingFailed(err error) error {
	if err != nil {
		return fmt.Errorf("settling messages: %w", err)
	}
	return nil
}

// committing carries settlements out.
type committing struct {
	*transaction
	settlements []Settlement
	// lease is how long shards are held from now on, in milliseconds.
	lease   int64
	rate    Rate
	granted []Granted
	// waiting are how many messages of each shard wait after it.
	waiting []int64
}

func (c *committing) carryOut() error {
	if err := c.moveWindows(); err != nil {
		return fmt.Errorf("moving windows: %w", err)
	}
	outcomes := &rowBuffer{width: 6}
	for i, s := range c.settlements {
		if c.granted[i].Lost {
			if err := c.findOut(s, &c.granted[i]); err != nil {
				return fmt.Errorf("finding out what became of a settlement: %w", err)
			}
			continue
		}
		for _, o := range s.Outcomes {
			outcomes.add(numberCell(s.Shard.Run), numberCell(o.Seq), numberCell(o.Attempt), textCell(string(o.State)), optionalText(o.Code), numberCell(c.now))
		}
		if err := c.keepWaiting(s); err != nil {
			return fmt.Errorf("keeping what waits: %w", err)
		}
	}
	if err := c.insert("outreach_outcome", []string{"run_id", "seq", "attempt", "state", "code", "at"}, outcomes); err != nil {
		return err
	}
	var all []claimed
	for i, s := range c.settlements {
		if s.Expire && !c.granted[i].Lost {
			if err := c.expire(&c.granted[i]); err != nil {
				return fmt.Errorf("skipping what is left of a shard: %w", err)
			}
		}
		if left := c.left(i); left > 0 {
			if err := c.takeDue(&c.granted[i], left); err != nil {
				return fmt.Errorf("taking what is due: %w", err)
			}
		}
		all = append(all, claimed{i, c.granted[i].seqs()})
	}
	return c.reserve(all)
}

// left is how many messages that wait a holder may be granted beside those that nobody tried.
func (c *committing) left(i int) int64 {
	g := &c.granted[i]
	if g.Lost || c.waiting[i] == 0 || c.settlements[i].Expire {
		return 0
	}
	return c.settlements[i].Next - (g.Shard.Hi - g.From)
}

// until is when the lease of a settlement's shard ends; 0 for now.
func (c *committing) until(s Settlement) int64 {
	if s.Release {
		return 0
	}
	return c.now + c.lease
}

// settledCount is by how much a settlement changes the counts of its shard.
type settledCount struct{ sent, failed, skipped, unknown, waiting int64 }

func countOf(s Settlement) (n settledCount) {
	for _, o := range s.Outcomes {
		switch o.State {
		case MessageSent:
			n.sent++
		case MessageFailed:
			n.failed++
		case MessageSkipped:
			n.skipped++
		case MessageUnknown:
			n.unknown++
		}
		if o.Waited {
			n.waiting--
		}
	}
	for _, l := range s.Later {
		if !l.Waited {
			n.waiting++
		}
	}
	return n
}

// moveWindows notes for all shards at once what was settled and what is meant next, and sees
// which are lost.
func (c *committing) moveWindows() error {
	const width = 14
	var rows []string
	var args []any
	at := map[[2]int64]int{}
	for i, s := range c.settlements {
		n := countOf(s)
		row := make([]string, width)
		for column := range row {
			row[column] = fmt.Sprintf("CAST($%d AS BIGINT)", len(args)+column+1)
		}
		rows = append(rows, "("+strings.Join(row, ", ")+")")
		args = append(args, s.Shard.Run, s.Shard.No, s.Shard.Epoch, s.Shard.Step, s.Next, c.until(s), n.sent, n.failed, n.skipped, n.unknown, n.waiting, microseconds(s.Took), microseconds(s.Settling), s.NotBefore)
		at[[2]int64{s.Shard.Run, s.Shard.No}] = i
		c.granted[i] = Granted{Lost: true, Shard: s.Shard}
	}
	return c.query(func(rows *sql.Rows) error {
		var run, no, hi, waiting int64
		if err := rows.Scan(&run, &no, &hi, &waiting); err != nil {
			return err
		}
		i := at[[2]int64{run, no}]
		g := &c.granted[i]
		g.Lost, g.From, g.Shard.Hi, g.Shard.Step, c.waiting[i] = false, g.Shard.Hi, hi, g.Shard.Step+1, waiting
		return nil
	}, `UPDATE outreach_shard AS s SET lo = s.hi, step = s.step + 1,
			hi = CASE WHEN (SELECT r.state FROM outreach_run r WHERE r.id = s.run_id) = 'Sending' THEN `+c.dialect.least()+`(s.hi + n.column5, s.end_seq) ELSE s.hi END,
			lease_until = nullif(n.column6, 0), sent = s.sent + n.column7, failed = s.failed + n.column8, skipped = s.skipped + n.column9, unknown = s.unknown + n.column10, waiting = s.waiting + n.column11,
			not_before = CASE WHEN n.column14 > 0 THEN n.column14 ELSE s.not_before END, `+countWindow+`
		FROM (VALUES `+strings.Join(rows, ", ")+`) AS n
		WHERE s.run_id = n.column1 AND s.no = n.column2 AND s.epoch = n.column3 AND s.step = n.column4
		RETURNING run_id, no, hi, waiting`, args...)
}

// keepWaiting notes what is to be tried later, and forgets what was settled.
func (c *committing) keepWaiting(s Settlement) error {
	fresh := &rowBuffer{width: 5}
	for _, l := range s.Later {
		if !l.Waited {
			fresh.add(numberCell(s.Shard.Run), numberCell(l.Seq), numberCell(l.Attempts), numberCell(l.Due), optionalText(l.Code))
			continue
		}
		if _, err := c.exec(`UPDATE outreach_retry SET attempts = $3, due = $4, code = nullif(CAST($5 AS TEXT), ''), epoch = NULL WHERE run_id = $1 AND seq = $2`, s.Shard.Run, l.Seq, l.Attempts, l.Due, l.Code); err != nil {
			return err
		}
	}
	if err := c.insert("outreach_retry", []string{"run_id", "seq", "attempts", "due", "code"}, fresh); err != nil {
		return err
	}
	var settled []int64
	for _, o := range s.Outcomes {
		if o.Waited {
			settled = append(settled, o.Seq)
		}
	}
	if len(settled) == 0 {
		return nil
	}
	condition, arg := among(c.transaction, "seq", 2, settled)
	_, err := c.exec(`DELETE FROM outreach_retry WHERE run_id = $1 AND `+condition, s.Shard.Run, arg)
	return err
}

// takeDue takes messages that are due again, and notes by whom: after a crash it is not known
// what became of them.
func (c *committing) takeDue(g *Granted, most int64) error {
	var state RunState
	var start int64
	if err := c.row(`SELECT r.state, s.start_seq FROM outreach_shard s JOIN outreach_run r ON r.id = s.run_id WHERE s.run_id = $1 AND s.no = $2`, g.Shard.Run, g.Shard.No).Scan(&state, &start); err != nil {
		return err
	}
	if state != RunSending {
		return nil
	}
	return c.query(func(rows *sql.Rows) error {
		l := Later{Waited: true}
		err := rows.Scan(&l.Seq, &l.Attempts, &l.Due)
		g.Again = append(g.Again, l)
		return err
	}, `UPDATE outreach_retry SET epoch = $5 WHERE run_id = $1 AND seq IN (
			SELECT q.seq FROM outreach_retry q WHERE q.run_id = $1 AND q.seq >= $2 AND q.seq < $3 AND q.due <= $4 AND q.epoch IS NULL ORDER BY q.due, q.seq LIMIT $6)
		RETURNING seq, attempts, due`, g.Shard.Run, start, g.Shard.End, c.now, g.Shard.Epoch, most)
}

// findOut sees whether a settlement was carried out before, and settles late what was lost.
func (c *committing) findOut(s Settlement, g *Granted) error {
	var start int64
	err := c.row(`SELECT s.start_seq, s.lo, s.hi, s.step FROM outreach_shard s WHERE s.run_id = $1 AND s.no = $2 AND s.epoch = $3 AND s.step = $4`,
		s.Shard.Run, s.Shard.No, s.Shard.Epoch, s.Shard.Step+1).Scan(&start, &g.From, &g.Shard.Hi, &g.Shard.Step)
	if errors.Is(err, sql.ErrNoRows) {
		return c.settleLate(s)
	}
	if err != nil {
		return err
	}
	g.Lost = false
	return c.query(func(rows *sql.Rows) error {
		l := Later{Waited: true}
		err := rows.Scan(&l.Seq, &l.Attempts, &l.Due)
		g.Again = append(g.Again, l)
		return err
	}, `SELECT q.seq, q.attempts, q.due FROM outreach_retry q WHERE q.run_id = $1 AND q.seq >= $2 AND q.seq < $3 AND q.epoch = $4 ORDER BY q.due, q.seq`, s.Shard.Run, start, s.Shard.End, s.Shard.Epoch)
}
