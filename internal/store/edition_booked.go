package store

import "fmt"

// The tables of what was booked when:
//
//   - measure_moment: an edition with a moment, and what stands in its books then (book):
//     bookedNow, bookedThen or bookedInTheEnd.
//   - measure_booked: who stands in the books at such a moment, in which role and hall, with
//     the area in hundredths of a square metre. Of one customer there may be several rows.

// Books that are compared.
const (
	// bookedNow is this edition as facts stand.
	bookedNow = iota
	// bookedThen is the previous edition at the same distance from its opening.
	bookedThen
	// bookedInTheEnd is the previous edition as facts stand.
	bookedInTheEnd
)

var momentsOfBooks = fmt.Sprintf(`CREATE TEMP TABLE measure_moment ON COMMIT DROP AS
SELECT e.edition_id, %d AS book, CAST(@now AS BIGINT) AS moment FROM measure_edition e WHERE e.place = 0 AND e.cancelled = 0
UNION ALL SELECT e.edition_id, %d, CAST(@now AS BIGINT) - @opens + e.opens FROM measure_edition e WHERE e.place = 1 AND e.cancelled = 0 AND e.opens IS NOT NULL AND @opens > 0
UNION ALL SELECT e.edition_id, %d, CAST(@now AS BIGINT) FROM measure_edition e WHERE e.place = 1 AND e.cancelled = 0`, bookedNow, bookedThen, bookedInTheEnd)

// bookedByMoment lays out who was booked at a moment: of the facts that there were then, the
// same is said as of those that there are now. A booking is what its last status by then made
// of it, and contracted without any. Lists count from their date on, and not without one.
func bookedByMoment() string {
	return fmt.Sprintf(`CREATE TEMP TABLE measure_booked ON COMMIT DROP AS
SELECT b.book, b.customer_id, %[1]s AS role, b.hall, CASE WHEN b.parent IS NULL THEN b.area END AS area
FROM (
	SELECT m.book, b.id, b.customer_id, b.hall, b.parent, b.area, %[2]s AS role, %[3]s AS last
	FROM measure_moment m JOIN booking b ON b.edition_id = m.edition_id AND b.at <= m.moment
	LEFT JOIN booking_status s ON s.booking_id = b.id AND s.at <= m.moment AND s.withdrawn_at IS NULL
	WHERE b.withdrawn_at IS NULL GROUP BY m.book, b.id
) b WHERE b.role >= 0 AND %[4]s >= %[5]d
UNION ALL
SELECT m.book, p.customer_id, p.role, max(p.hall), max(p.area)
FROM measure_moment m JOIN participation p ON p.edition_id = m.edition_id AND p.at <= m.moment
LEFT JOIN (
	SELECT DISTINCT b.customer_id, b.edition_id, %[2]s AS role FROM booking b WHERE b.withdrawn_at IS NULL AND b.edition_id IN (SELECT m.edition_id FROM measure_moment m)
) k ON k.customer_id = p.customer_id AND k.edition_id = p.edition_id AND k.role = %[7]s
WHERE p.withdrawn_at IS NULL AND %[6]s >= %[5]d AND k.customer_id IS NULL
GROUP BY m.book, p.customer_id, p.edition_id, p.role`,
		roleName("b.role"), roleOfProduct("b.product"), lastStatus(), standingOfLast("b.last"), standingContracted, "("+standing("p.status")+")", roleNumber("p.role"))
}
