package store

// CodeExpired stands in the place of a server's code with what was skipped since its time was
// over.
const CodeExpired = "Expired"

// expire skips whatever of a shard was not tried, and what waits, while the run is sent. Nothing
// of the shard may be in flight.
func (c *committing) expire(g *Granted) error {
	run, no, end := g.Shard.Run, g.Shard.No, g.Shard.End
	var state RunState
	var start int64
	if err := c.row(`SELECT r.state, s.start_seq FROM outreach_shard s JOIN outreach_run r ON r.id = s.run_id WHERE s.run_id = $1 AND s.no = $2`, run, no).Scan(&state, &start); err != nil {
		return err
	}
	if state != RunSending {
		return nil
	}
	untried, err := c.exec(`INSERT INTO outreach_outcome (run_id, seq, attempt, state, code, at)
		SELECT m.run_id, m.seq, 1, 'Skipped', '`+CodeExpired+`', CAST($4 AS BIGINT) FROM outreach_message m WHERE m.run_id = $1 AND m.seq >= $2 AND m.seq < $3`, run, g.From, end, c.now)
	if err != nil {
		return err
	}
	waiting, err := c.exec(`INSERT INTO outreach_outcome (run_id, seq, attempt, state, code, at)
		SELECT q.run_id, q.seq, q.attempts + 1, 'Skipped', '`+CodeExpired+`', CAST($4 AS BIGINT) FROM outreach_retry q WHERE q.run_id = $1 AND q.seq >= $2 AND q.seq < $3`, run, start, end, c.now)
	if err != nil {
		return err
	}
	if _, err := c.exec(`DELETE FROM outreach_retry WHERE run_id = $1 AND seq >= $2 AND seq < $3`, run, start, end); err != nil {
		return err
	}
	if _, err := c.exec(`UPDATE outreach_shard SET lo = end_seq, hi = end_seq, skipped = skipped + $3, waiting = waiting - $4 WHERE run_id = $1 AND no = $2`, run, no, untried+waiting, waiting); err != nil {
		return err
	}
	g.From, g.Shard.Hi = end, end
	return nil
}
