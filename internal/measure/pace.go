package measure

import (
	"database/sql"

	"github.com/fairlead/fairlead/internal/store"
)

// Pace is how booking goes: who is booked by now, beside who was booked for the previous
// edition at the same distance from its opening (map row C1). Who is booked has a contract,
// by the facts as they stood at that moment; lists count from their date on, and not without
// one.
type Pace struct {
	// Roles by their name, and Halls, the largest first.
	Roles, Halls []Booked
}

// Booked is what is booked in one role or one hall.
type Booked struct {
	Name string
	// Now counts the customers booked for this edition, Then those booked for the previous
	// one at the same distance, and InTheEnd those booked for it as facts stand.
	Now, Then, InTheEnd int64
	// AreaNow, AreaThen and AreaInTheEnd are the same in hundredths of a square metre.
	AreaNow, AreaThen, AreaInTheEnd Sum
}

func (e *Edition) pace(laid *store.LaidEdition) error {
	for _, by := range []struct {
		column, order string
		into          *[]Booked
	}{
		{"b.role", "1", &e.Pace.Roles},
		{"b.hall", "coalesce(total(b.area), 0) DESC, 1", &e.Pace.Halls},
	} {
		err := laid.Rows(func(rows *sql.Rows) error {
			var b Booked
			err := rows.Scan(&b.Name, &b.Now, &b.Then, &b.InTheEnd, &b.AreaNow, &b.AreaThen, &b.AreaInTheEnd)
			*by.into = append(*by.into, b)
			return err
		}, `SELECT `+by.column+`, count(DISTINCT CASE WHEN b.book = 0 THEN b.customer_id END), count(DISTINCT CASE WHEN b.book = 1 THEN b.customer_id END),
				count(DISTINCT CASE WHEN b.book = 2 THEN b.customer_id END),
				total(CASE WHEN b.book = 0 THEN b.area END), total(CASE WHEN b.book = 1 THEN b.area END), total(CASE WHEN b.book = 2 THEN b.area END)
			FROM measure_booked b WHERE `+by.column+` IS NOT NULL GROUP BY 1 ORDER BY `+by.order)
		if err != nil {
			return err
		}
	}
	return nil
}
