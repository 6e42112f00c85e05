package store

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestKeptFrom: what was earned before the midnight is gone by an instant, and what was earned from it
// on is not, over months of any length.
func TestKeptFrom(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	begins := time.Date(2023, time.January, 1, 0, 0, 0, 0, time.UTC)
	for range 2000 {
		at := begins.Add(time.Duration(random.Int64N(int64(4 * 366 * 24 * time.Hour))))
		if random.IntN(2) == 0 {
			at = at.Truncate(24 * time.Hour)
		}
		months := 1 + random.IntN(40)
		from := keptFrom(at.UnixMilli(), months)
		for day := -40; day < 40; day++ {
			earned := from + int64(day)*dayMillis + random.Int64N(dayMillis)
			if gone := monthsAfter(earned/dayMillis+longAgoDays, months) <= at.UnixMilli(); gone != (earned < from) {
				t.Fatalf("what was earned at %s is gone by %s, %d months later: %v, and is kept from %s on", time.UnixMilli(earned).UTC(), at, months, gone, time.UnixMilli(from).UTC())
			}
		}
	}
}
