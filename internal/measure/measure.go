// Package measure computes what organisers watch of an edition: retention, satisfaction,
// complaints, promises. Each measure has its formula, its statement and its source in one
// place. Every ratio carries its part and its whole; what there is no data for is absent,
// and never 0.
package measure

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/fairlead/fairlead/internal/store"
)

// Edition is what is measured of one edition.
type Edition struct {
	// Participation by role, by its name.
	Participation []Participation
	// Retention by role, by its name; none without a previous edition.
	Retention []Retention
	// Pace of booking.
	Pace Pace
	// Satisfaction with the edition.
	Satisfaction Satisfaction
	// Stayers among those who answered about the previous edition.
	Stayers Stayers
	// Complaints about the edition.
	Complaints Complaints
	// Referrals of the edition: customers who were recommended to it, and those of them who
	// took part or are contracted (map row C3).
	Referrals Ratio
}

// OfEdition measures an edition; nil if the store does not know it.
func OfEdition(ctx context.Context, s *store.Store, span store.EditionSpan) (*Edition, error) {
	var measured Edition
	known, err := s.LayOutEdition(ctx, span, func(laid *store.LaidEdition) error {
		for _, measure := range []struct {
			name string
			of   func(*store.LaidEdition) error
		}{
			{"participation", measured.participation}, {"retention", measured.retention}, {"the pace of booking", measured.pace}, {"satisfaction", measured.satisfaction}, {"stayers", measured.stayers},
			{"complaints", measured.complaints}, {"referrals", measured.referrals},
		} {
			if err := measure.of(laid); err != nil {
				return fmt.Errorf("measuring %s: %w", measure.name, err)
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("measuring %s %s: %w", span.Series, span.Edition, err)
	case !known:
		return nil, nil
	}
	return &measured, nil
}

// Sum is a sum of values, of which there may be none.
type Sum = sql.NullInt64

// Participation counts the customers of one role (map rows B4, F3).
type Participation struct {
	Role string
	// Enquired have an enquiry, an option or a waiting place; Contracted a contract, whether
	// they came or not yet; Attended came, or were contracted when the edition closed and
	// nobody said otherwise; Cancelled have cancelled.
	Enquired, Contracted, Attended, Cancelled int64
	// Of those contracted: Returning took part in the previous edition, Reactivated in an
	// earlier one and not in the previous, New in none of the series, in this role.
	Returning, Reactivated, New int64
	// Rebooked are those contracted who are contracted for the next edition, and OnSite
	// those of them who booked it while this one was open.
	Rebooked, OnSite int64
	// Area of those contracted, in hundredths of a square metre.
	Area Sum
	// Gross and Net are what those contracted brought by the edition, before and after
	// discount, in minor units of the reporting currency.
	Gross, Net Sum
}

func (e *Edition) participation(laid *store.LaidEdition) error {
	return laid.Rows(func(rows *sql.Rows) error {
		var p Participation
		err := rows.Scan(&p.Role, &p.Enquired, &p.Contracted, &p.Attended, &p.Cancelled, &p.Returning, &p.Reactivated, &p.New, &p.Rebooked, &p.OnSite, &p.Area, &p.Gross, &p.Net)
		e.Participation = append(e.Participation, p)
		return err
	}, `SELECT r.role, sum(r.enquired), sum(r.contracted), sum(r.attended), sum(r.cancelled),
			sum(r.contracted * r.before), sum(r.contracted * (1 - r.before) * r.earlier), sum(r.contracted * (1 - r.before) * (1 - r.earlier)),
			sum(r.contracted * r.rebooked), sum(r.contracted * r.on_site), total(CASE WHEN r.contracted = 1 THEN r.area END),
			total(CASE WHEN r.contracted = 1 THEN m.gross END), total(CASE WHEN r.contracted = 1 THEN m.net END)
		FROM measure_role r LEFT JOIN measure_money m ON m.customer_id = r.customer_id AND m.place = 0
		WHERE r.enquired + r.contracted + r.attended + r.cancelled > 0 GROUP BY r.role ORDER BY r.role`)
}

// Retention is how many of one role came back (map row C1). Returning is decided by whom
// the store takes customers for.
type Retention struct {
	Role string
	// Previous took part in the previous edition.
	Previous int64
	// Eligible could come back: those of them who took part on their own account, and not on
	// the stand of another alone; none if this edition was cancelled.
	Eligible int64
	// Returned are those eligible who are contracted for this edition or took part in it.
	Returned int64
	// ByKey are those returned of whom no name in this edition is written as one in the
	// previous: they were matched by more than the name.
	ByKey int64
	// Area, Gross and Net are what the returned take or bring here, of what all eligible
	// took or brought there: above 1 where those who stay take more.
	Area, Gross, Net Ratio
}

// Customers returned of those eligible.
func (r Retention) Customers() Ratio { return Ratio{r.Returned, r.Eligible} }

// Lost are those eligible who did not return.
func (r Retention) Lost() int64 { return r.Eligible - r.Returned }

func (e *Edition) retention(laid *store.LaidEdition) error {
	const returned = "r.own_before = 1 AND r.contracted = 1"
	return laid.Rows(func(rows *sql.Rows) error {
		var r Retention
		err := rows.Scan(&r.Role, &r.Previous, &r.Eligible, &r.Returned, &r.ByKey, &r.Area.Part, &r.Area.Whole, &r.Gross.Part, &r.Gross.Whole, &r.Net.Part, &r.Net.Whole)
		e.Retention = append(e.Retention, r)
		return err
	}, `SELECT r.role, sum(r.before), sum(r.own_before * g.held), count(CASE WHEN `+returned+` THEN 1 END), count(CASE WHEN `+returned+` AND same.customer_id IS NULL THEN 1 END),
			coalesce(total(CASE WHEN `+returned+` THEN r.area END), 0), coalesce(total(CASE WHEN r.own_before * g.held = 1 THEN r.area_before END), 0),
			coalesce(total(CASE WHEN `+returned+` THEN m.gross END), 0), coalesce(total(CASE WHEN r.own_before * g.held = 1 THEN b.gross END), 0),
			coalesce(total(CASE WHEN `+returned+` THEN m.net END), 0), coalesce(total(CASE WHEN r.own_before * g.held = 1 THEN b.net END), 0)
		FROM measure_role r CROSS JOIN (SELECT 1 - cancelled AS held FROM measure_edition WHERE place = 0) g
		LEFT JOIN measure_money m ON m.customer_id = r.customer_id AND m.place = 0
		LEFT JOIN measure_money b ON b.customer_id = r.customer_id AND b.place = 1
		LEFT JOIN measure_same same ON same.customer_id = r.customer_id
		WHERE r.before = 1 GROUP BY r.role ORDER BY r.role`)
}
