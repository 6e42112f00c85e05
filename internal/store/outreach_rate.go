package store

import (
	"context"
	"fmt"
	"time"
)

// ReserveRate reserves a channel's next so many messages at so many a second, and says how
// long to wait before the first of them. Over any number of workers and runs a channel sends
// no more than that: each of them takes its turn from one row.
func (s *Store) ReserveRate(ctx context.Context, channel string, messages int, perSecond float64) (wait time.Duration, err error) {
	took := int64(float64(messages) / perSecond * 1e6)
	err = s.change(ctx, func(t *transaction) error {
		now := s.now().UnixMicro()
		var next int64
		err := t.row(`INSERT INTO channel_rate AS c (channel, next_us) VALUES ($1, CAST($2 AS BIGINT) + CAST($3 AS BIGINT))
			ON CONFLICT (channel) DO UPDATE SET next_us = CASE WHEN c.next_us > CAST($2 AS BIGINT) THEN c.next_us ELSE CAST($2 AS BIGINT) END + CAST($3 AS BIGINT)
			RETURNING next_us`, channel, now, took).Scan(&next)
		wait = time.Duration(next-took-now) * time.Microsecond
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("reserving the rate of the channel %s: %w", channel, err)
	}
	return max(0, wait), nil
}
