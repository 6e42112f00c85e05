package measure

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

// quarter of an hour in milliseconds: by so much, or a multiple, zones differ from UTC, so
// that it never reaches from one week into another.
const quarter = 15 * 60 * 1000

// askContracts asks for the contracts at the end of each week: of this edition up to the
// week, and of the previous one to where its bookings end.
func (w *Weekly) askContracts(laid *store.LaidEdition) error {
	changes := [2]map[int]int64{{}, {}}
	err := laid.Rows(func(rows *sql.Rows) error {
		var place int
		var quarters, change int64
		if err := rows.Scan(&place, &quarters, &change); err != nil {
			return err
		}
		at := time.UnixMilli(quarters * quarter).In(w.Week.begins.Location())
		opens := w.Opens
		if place == 1 {
			opens = w.PreviousOpens
		}
		switch {
		case place == 0 && !at.Before(w.Until), opens.begins.IsZero():
		default:
			changes[place][WeekOf(at).since(opens)] += change
		}
		return nil
	}, fmt.Sprintf(`SELECT b.place, t.at / %[1]d, coalesce(total(t.entered - t.ended), 0) FROM measure_step t JOIN measure_booking b ON b.id = t.booking
		WHERE t.entered <> t.ended GROUP BY b.place, t.at / %[1]d`, quarter))
	if err != nil {
		return fmt.Errorf("counting contracts by week: %w", err)
	}
	w.Contracts = pointsOf(changes[0], w.Week.since(w.Opens))
	w.LastContracts = pointsOf(changes[1], lastOf(changes[1]))
	return nil
}

func lastOf(changes map[int]int64) int {
	last := 0
	for week := range changes {
		last = max(last, week)
	}
	return last
}

// pointsOf adds changes up, from the first week with one to the last that is asked for.
func pointsOf(changes map[int]int64, last int) []Point {
	if len(changes) == 0 {
		return nil
	}
	first := last
	for week := range changes {
		first = min(first, week)
	}
	var points []Point
	contracts := int64(0)
	for week := first; week <= last; week++ {
		contracts += changes[week]
		points = append(points, Point{week, contracts})
	}
	return points
}
