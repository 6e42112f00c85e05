package store

import "fmt"

// settleLate notes what a holder that lost its shard knows of messages of which nobody else
// knows what became of them: that they were sent, or that they were not and wait.
func (c *committing) settleLate(s Settlement) error {
	for _, o := range s.Outcomes {
		if o.State != MessageSent {
			continue
		}
		mended, err := c.exec(`UPDATE outreach_outcome SET state = 'Sent', at = $4 WHERE run_id = $1 AND seq = $2 AND attempt = $3 AND state = 'Unknown'`, s.Shard.Run, o.Seq, o.Attempt, c.now)
		if err != nil {
			return err
		}
		if mended == 0 {
			continue
		}
		if _, err := c.exec(`UPDATE outreach_shard SET sent = sent + 1, unknown = unknown - 1 WHERE run_id = $1 AND no = $2`, s.Shard.Run, s.Shard.No); err != nil {
			return err
		}
	}
	if len(s.Later) == 0 {
		return nil
	}
	// Of a run that is over nothing waits.
	run, err := lockRun(c.transaction, s.Shard.Run)
	if err != nil || run == nil || run.State.IsFinal() {
		return err
	}
	for _, l := range s.Later {
		if err := c.waitLate(s.Shard, l); err != nil {
			return fmt.Errorf("keeping what was not handed over: %w", err)
		}
	}
	return nil
}

// waitLate lets a message wait that was thought unknown.
func (c *committing) waitLate(shard Shard, l Later) error {
	mended, err := c.exec(`DELETE FROM outreach_outcome WHERE run_id = $1 AND seq = $2 AND state = 'Unknown'`, shard.Run, l.Seq)
	if err != nil || mended == 0 {
		return err
	}
	if _, err := c.exec(`INSERT INTO outreach_retry (run_id, seq, attempts, due, code) VALUES ($1, $2, $3, $4, nullif(CAST($5 AS TEXT), ''))`, shard.Run, l.Seq, l.Attempts, l.Due, l.Code); err != nil {
		return err
	}
	_, err = c.exec(`UPDATE outreach_shard SET waiting = waiting + 1, unknown = unknown - 1 WHERE run_id = $1 AND no = $2`, shard.Run, shard.No)
	return err
}
