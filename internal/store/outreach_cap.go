package store

import (
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Caps limit how many messages a mailbox gets by a medium, over all runs of the store.
type Caps struct {
	Medium string
	Limits []Cap
}

// Cap is one limit: so many messages at most in any window of a length.
type Cap struct {
	// Messages from 1 to 12: contact_pressure remembers no more.
	Messages int
	Window   time.Duration
}

// Capped is a message that was granted and must not be sent now: its mailbox has had as many
// as it may.
type Capped struct {
	Seq int64
	// Opens is when it may be tried again, in milliseconds; by then others may have been quicker.
	Opens int64
}

// reservation takes a place for each of some messages of a run, all of one mailbox each. The
// places of a mailbox are a shift register, the newest first, so that the database decides with
// the row locked: over any number of workers and runs no window has more than a cap lets
// through. A row that is not written is capped.
//
// All places are shifted, and not only those that these caps look at: a run with other ones may
// look further back. Time never goes back in a row, be it that the clocks of workers differ.
// What is claimed once more, such as after the server put it off, takes its place along if it
// was the last one of its mailbox, and otherwise takes another one; what is not sent after all
// has used its place up. Both err on the side of the mailbox.
//
// messages is what follows the FROM of a SELECT of messages m; medium and now are expressions.
func (c *Caps) reservation(messages, medium, now string) string {
	shifted := []string{"t1 = CASE WHEN p.t1 > excluded.t1 THEN p.t1 ELSE excluded.t1 END"}
	for slot := 2; slot <= pressureSlots; slot++ {
		shifted = append(shifted, fmt.Sprintf("t%[1]d = CASE WHEN "+samePlace+" THEN p.t%[1]d ELSE p.t%[2]d END", slot, slot-1))
	}
	var open []string
	for _, limit := range c.Limits {
		open = append(open, fmt.Sprintf("(p.t%[1]d IS NULL OR p.t%[1]d <= excluded.t1 - %[2]d)", limit.Messages, limit.Window.Milliseconds()))
	}
	return `INSERT INTO contact_pressure AS p (address_id, medium, t1, run_id, seq)
		SELECT m.address_id, ` + medium + `, ` + now + `, m.run_id, m.seq FROM ` + messages + ` ORDER BY m.address_id
		ON CONFLICT (address_id, medium) DO UPDATE SET ` + strings.Join(shifted, ", ") + `, run_id = excluded.run_id, seq = excluded.seq
		WHERE ` + samePlace + ` OR ` + strings.Join(open, " AND ")
}

// samePlace tells that the newest place of a mailbox is the message's own.
const samePlace = "(p.run_id = excluded.run_id AND p.seq = excluded.seq)"

// none tells whether there is nothing to reserve.
func (c *Caps) none() bool { return c == nil || len(c.Limits) == 0 }

// caps are those of the settlements: all of a commit have the same.
func (c *committing) caps() *Caps {
	for _, s := range c.settlements {
		if !s.Caps.none() {
			return s.Caps
		}
	}
	return nil
}

// claimed are messages that were granted to one settlement.
type claimed struct {
	grant int
	seqs  []int64
}

// seqs are the messages that were granted.
func (g Granted) seqs() (all []int64) {
	if g.Lost {
		return nil
	}
	for seq := g.From; seq < g.Shard.Hi; seq++ {
		all = append(all, seq)
	}
	return append(all, g.again()...)
}

// again are those of them that waited.
func (g Granted) again() (all []int64) {
	for _, l := range g.Again {
		all = append(all, l.Seq)
	}
	return all
}

// reserve takes places for messages that were granted, and notes which of them are capped. For
// what has its place already nothing changes but its time.
func (c *committing) reserve(all []claimed) error {
	caps := c.caps()
	if caps == nil {
		return nil
	}
	// One statement for each run: the rows of mailboxes are locked in one order.
	wanted, runs := map[int64][]int64{}, []int64(nil)
	whose := map[[2]int64]*Granted{}
	for _, some := range all {
		g := &c.granted[some.grant]
		run := g.Shard.Run
		if len(some.seqs) > 0 && wanted[run] == nil {
			runs = append(runs, run)
		}
		wanted[run] = append(wanted[run], some.seqs...)
		for _, seq := range some.seqs {
			whose[[2]int64{run, seq}] = g
		}
	}
	for _, run := range runs {
		seqs := wanted[run]
		condition, list := among(c.transaction, "m.seq", 4, seqs)
		reserved, err := c.exec(caps.reservation("outreach_message m WHERE m.run_id = $1 AND "+condition, "CAST($2 AS TEXT)", "CAST($3 AS BIGINT)"), run, caps.Medium, c.now, list)
		if err != nil {
			return fmt.Errorf("reserving places of mailboxes: %w", err)
		}
		if reserved == int64(len(seqs)) {
			continue
		}
		if err := c.findCapped(caps, run, seqs, func(seq int64) *Granted { return whose[[2]int64{run, seq}] }); err != nil {
			return err
		}
	}
	return nil
}

// findCapped notes which messages of a run have no place, and when there may be one again.
// One that had it, and whose mailbox was claimed by others since, counts as capped.
func (c *committing) findCapped(caps *Caps, run int64, seqs []int64, grantOf func(seq int64) *Granted) error {
	condition, list := among(c.transaction, "m.seq", 3, seqs)
	var places []string
	for _, limit := range caps.Limits {
		places = append(places, fmt.Sprintf("coalesce(p.t%d, 0)", limit.Messages))
	}
	err := c.query(func(rows *sql.Rows) error {
		capped := Capped{Opens: c.now}
		last := make([]int64, len(places))
		into := []any{&capped.Seq}
		for i := range last {
			into = append(into, &last[i])
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, limit := range caps.Limits {
			capped.Opens = max(capped.Opens, last[i]+limit.Window.Milliseconds())
		}
		g := grantOf(capped.Seq)
		g.Capped = append(g.Capped, capped)
		return nil
	}, `SELECT m.seq, `+strings.Join(places, ", ")+` FROM outreach_message m JOIN contact_pressure p ON p.address_id = m.address_id AND p.medium = CAST($2 AS TEXT)
		WHERE m.run_id = $1 AND `+condition+` AND NOT coalesce(p.run_id = m.run_id AND p.seq = m.seq, FALSE) ORDER BY m.seq`, run, caps.Medium, list)
	if err != nil {
		return fmt.Errorf("finding out which messages are capped: %w", err)
	}
	return nil
}
