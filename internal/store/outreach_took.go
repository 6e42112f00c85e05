package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// windowBounds are the bounds of the counts in Windows.AtMost. Each has a column took_N of
// outreach_shard, by its milliseconds.
var windowBounds = [...]time.Duration{10 * time.Millisecond, 50 * time.Millisecond, 250 * time.Millisecond, time.Second, 5 * time.Second, 30 * time.Second}

// Windows are how long the windows of a run took: a window is what a connection sends before
// it settles, ten messages as a rule. Those of workers that lost their shard are not in it.
type Windows struct {
	// Count of windows of which anything was handed to a server.
	Count int64
	// Took is how long servers were busy with them, from the first message of each that was
	// handed over to the last answer.
	Took time.Duration
	// AtMost counts those that took no longer than each of WindowBounds.
	AtMost [len(windowBounds)]int64
	// Settling is how long connections waited for the store to settle one window and to grant
	// the next.
	Settling time.Duration
}

// WindowBounds are the bounds of Windows.AtMost, which grow.
func WindowBounds() [len(windowBounds)]time.Duration { return windowBounds }

// countWindow are assignments that count a window of n: its time is column12, in
// microseconds, and that of the store column13.
var countWindow = func() string {
	counted := []string{"windows = s.windows + CASE WHEN n.column12 > 0 THEN 1 ELSE 0 END", "took = s.took + n.column12", "settling = s.settling + n.column13"}
	for _, bound := range windowBounds {
		column := tookColumn(bound)
		counted = append(counted, fmt.Sprintf("%s = s.%s + CASE WHEN n.column12 BETWEEN 1 AND %d THEN 1 ELSE 0 END", column, column, bound.Microseconds()))
	}
	return strings.Join(counted, ", ")
}()

func tookColumn(bound time.Duration) string { return fmt.Sprintf("took_%d", bound.Milliseconds()) }

// microseconds of a time that passed: at least one, so that it is not taken for none.
func microseconds(passed time.Duration) int64 {
	if passed <= 0 {
		return 0
	}
	return max(1, passed.Microseconds())
}

// WindowsOf adds up how long the windows of a run took, from the counters of its shards.
func (s *Store) WindowsOf(ctx context.Context, run int64) (windows Windows, err error) {
	columns := []string{"windows", "took", "settling"}
	for _, bound := range windowBounds {
		columns = append(columns, tookColumn(bound))
	}
	for i, column := range columns {
		columns[i] = "CAST(coalesce(sum(s." + column + "), 0) AS BIGINT)"
	}
	var took, settling int64
	into := []any{&windows.Count, &took, &settling}
	for i := range windows.AtMost {
		into = append(into, &windows.AtMost[i])
	}
	err = s.read(ctx, func(t *transaction) error {
		return t.row(`SELECT `+strings.Join(columns, ", ")+` FROM outreach_shard s WHERE s.run_id = $1`, run).Scan(into...)
	})
	if err != nil {
		return Windows{}, fmt.Errorf("adding up the windows of a run: %w", err)
	}
	windows.Took, windows.Settling = time.Duration(took)*time.Microsecond, time.Duration(settling)*time.Microsecond
	return windows, nil
}
