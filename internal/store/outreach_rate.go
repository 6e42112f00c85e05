package store

import (
	"fmt"
	"time"
)

// Rate is what a channel may send, over all workers and runs of the store.
type Rate struct {
	// Channel is the namespace and the name. "" stands for no limit.
	Channel string
	// PerSecond is how many messages, above 0.
	PerSecond float64
}

// took is how long messages take at the rate, in microseconds.
func (r Rate) took(messages int64) int64 { return int64(float64(messages) / r.PerSecond * 1e6) }

// takeTurns reserves the channel's next messages for what was granted.
func (c *committing) takeTurns(now int64) error {
	return c.takeTurnsBeside(make([]int64, len(c.granted)), now)
}

// takeTurnsBeside reserves the channel's next messages for what was granted beside so many of
// each that have their turn. Over any number of workers and runs a channel sends no more than
// its rate: each of them takes its turn from one row. What is not used is not saved up.
func (c *committing) takeTurnsBeside(had []int64, now int64) error {
	var messages int64
	for i, g := range c.granted {
		messages += g.messages() - had[i]
	}
	if c.rate.Channel == "" || messages == 0 {
		return nil
	}
	var next int64
	err := c.row(`INSERT INTO channel_rate AS c (channel, next_us) VALUES ($1, CAST($2 AS BIGINT) + CAST($3 AS BIGINT))
		ON CONFLICT (channel) DO UPDATE SET next_us = CASE WHEN c.next_us > CAST($2 AS BIGINT) THEN c.next_us ELSE CAST($2 AS BIGINT) END + CAST($3 AS BIGINT)
		RETURNING next_us`, c.rate.Channel, now, c.rate.took(messages)).Scan(&next)
	if err != nil {
		return fmt.Errorf("reserving the rate of the channel %s: %w", c.rate.Channel, err)
	}
	c.spread(next, had, now)
	return nil
}

// spread has each grant wait for its turn, one after the other; the last one's ends at next,
// in microseconds.
func (c *committing) spread(next int64, had []int64, now int64) {
	var messages int64
	for i, g := range c.granted {
		messages += g.messages() - had[i]
	}
	if c.rate.Channel == "" || messages == 0 {
		return
	}
	begins, before := max(now, next-c.rate.took(messages)), int64(0)
	for i := range c.granted {
		if more := c.granted[i].messages() - had[i]; more > 0 {
			c.granted[i].Wait = time.Duration(begins+c.rate.took(before)-now) * time.Microsecond
			before += more
		}
	}
}

// messages is how many were granted, and may be sent.
func (g Granted) messages() int64 {
	if g.Lost {
		return 0
	}
	return g.Shard.Hi - g.From + int64(len(g.Again)) - int64(len(g.Capped))
}
