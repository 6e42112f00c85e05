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

// takeTurns reserves the channel's next messages for what was granted. Over any number of
// workers and runs a channel sends no more than its rate: each of them takes its turn from
// one row. What is not used is not saved up.
func (c *committing) takeTurns(rate Rate, now int64) error {
	var messages int64
	for _, g := range c.granted {
		messages += g.messages()
	}
	if rate.Channel == "" || messages == 0 {
		return nil
	}
	took := func(messages int64) int64 { return int64(float64(messages) / rate.PerSecond * 1e6) }
	var next int64
	err := c.row(`INSERT INTO channel_rate AS c (channel, next_us) VALUES ($1, CAST($2 AS BIGINT) + CAST($3 AS BIGINT))
		ON CONFLICT (channel) DO UPDATE SET next_us = CASE WHEN c.next_us > CAST($2 AS BIGINT) THEN c.next_us ELSE CAST($2 AS BIGINT) END + CAST($3 AS BIGINT)
		RETURNING next_us`, rate.Channel, now, took(messages)).Scan(&next)
	if err != nil {
		return fmt.Errorf("reserving the rate of the channel %s: %w", rate.Channel, err)
	}
	begins, before := max(now, next-took(messages)), int64(0)
	for i := range c.granted {
		c.granted[i].Wait = time.Duration(begins+took(before)-now) * time.Microsecond
		before += c.granted[i].messages()
	}
	return nil
}

// messages is how many were granted.
func (g Granted) messages() int64 {
	if g.Lost {
		return 0
	}
	return g.Shard.Hi - g.From + int64(len(g.Again))
}
