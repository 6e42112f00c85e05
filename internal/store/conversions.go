package store

import (
	"cmp"
	"database/sql"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/fairlead/fairlead/internal/customer"
)

// factorUnit is a factor of conversion of 1.
const factorUnit = 1_000_000_000_000

// rateScale is what recorded rates are scaled by.
const rateScale = 1_000_000_000

// conversion is what a minor unit of a currency is worth from a day on.
type conversion struct {
	currency    string
	day, factor int64
}

// convertAnew computes conversion from the recorded rates, and marks the customers
// with amounts that come out otherwise.
func (r *refresh) convertAnew() error {
	wanted, err := r.recordedRates()
	if err != nil {
		return fmt.Errorf("reading exchange rates: %w", err)
	}
	stored, err := r.storedConversions()
	if err != nil {
		return err
	}
	since := changedSince(stored, wanted)
	if len(since) == 0 {
		return nil
	}
	if _, err := r.exec(`DELETE FROM conversion`); err != nil {
		return fmt.Errorf("removing conversions: %w", err)
	}
	rows := &rowBuffer{width: 3}
	for _, c := range wanted {
		rows.add(textCell(c.currency), numberCell(c.day), numberCell(c.factor))
	}
	if err := r.insert("conversion", []string{"currency", "day", "factor"}, rows); err != nil {
		return fmt.Errorf("writing conversions: %w", err)
	}
	return r.markHolders(since)
}

// recordedRates gives the rates to the reporting currency, by currency and day: as
// recorded, else as one over the rate the other way. Of several sources the most
// trusted one's stands.
func (r *refresh) recordedRates() ([]conversion, error) {
	var reporting sql.NullString
	if err := r.row(`SELECT reporting_currency FROM store`).Scan(&reporting); err != nil {
		return nil, err
	}
	var all []conversion
	err := r.query(func(rows *sql.Rows) error {
		var from, to string
		var day, rate int64
		if err := rows.Scan(&from, &to, &day, &rate); err != nil {
			return err
		}
		currency, inverse := from, false
		if from == reporting.String {
			currency, inverse = to, true
		}
		if last := len(all) - 1; last >= 0 && all[last].currency == currency && all[last].day == day {
			return nil
		}
		if factor, ok := factorOf(rate, inverse, currency, reporting.String); ok {
			all = append(all, conversion{currency, day, factor})
		}
		return nil
	}, `SELECT f.valid_from, f.valid_to, f.day, f.rate FROM exchange_rate f JOIN source s ON s.id = f.source_id
		 WHERE f.withdrawn_at IS NULL AND f.valid_from <> f.valid_to AND (f.valid_to = $1 OR f.valid_from = $1)
		 ORDER BY CASE WHEN f.valid_from = $1 THEN f.valid_to ELSE f.valid_from END, f.day, CASE WHEN f.valid_to = $1 THEN 0 ELSE 1 END, s.trust DESC, f.id DESC`, reporting.String)
	return all, err
}

// factorOf turns a rate between units of currencies into a factor between their
// minor units. A rate that is not positive, or too large, gives none.
func factorOf(rate int64, inverse bool, currency, reporting string) (int64, bool) {
	if rate <= 0 {
		return 0, false
	}
	worth := big.NewRat(rate, rateScale)
	if inverse {
		worth.Inv(worth)
	}
	digits, known := customer.MinorDigits(currency)
	reportingDigits, both := customer.MinorDigits(reporting)
	if !known || !both {
		return 0, false
	}
	for ; digits < reportingDigits; digits++ {
		worth.Mul(worth, big.NewRat(10, 1))
	}
	for ; digits > reportingDigits; digits-- {
		worth.Mul(worth, big.NewRat(1, 10))
	}
	worth.Mul(worth, big.NewRat(factorUnit, 1))
	worth.Add(worth, big.NewRat(1, 2))
	factor := new(big.Int).Quo(worth.Num(), worth.Denom())
	return factor.Int64(), factor.IsInt64() && factor.Sign() > 0
}

// changedSince gives for every currency the first day on which two lists, both in
// order, differ.
func changedSince(stored, wanted []conversion) map[string]int64 {
	since := map[string]int64{}
	note := func(c conversion) {
		if day, known := since[c.currency]; !known || c.day < day {
			since[c.currency] = c.day
		}
	}
	byKey := func(a, b conversion) int {
		return cmp.Or(cmp.Compare(a.currency, b.currency), cmp.Compare(a.day, b.day))
	}
	for len(stored) > 0 || len(wanted) > 0 {
		switch {
		case len(wanted) == 0 || len(stored) > 0 && byKey(stored[0], wanted[0]) < 0:
			note(stored[0])
			stored = stored[1:]
		case len(stored) == 0 || byKey(stored[0], wanted[0]) > 0:
			note(wanted[0])
			wanted = wanted[1:]
		default:
			if stored[0].factor != wanted[0].factor {
				note(wanted[0])
			}
			stored, wanted = stored[1:], wanted[1:]
		}
	}
	return since
}

// storedConversions are the rates that profiles are computed by, by currency and day.
func (r *refresh) storedConversions() ([]conversion, error) {
	var stored []conversion
	err := r.query(func(rows *sql.Rows) error {
		var c conversion
		err := rows.Scan(&c.currency, &c.day, &c.factor)
		stored = append(stored, c)
		return err
	}, `SELECT currency, day, factor FROM conversion ORDER BY currency, day`)
	if err != nil {
		return nil, fmt.Errorf("reading conversions: %w", err)
	}
	return stored, nil
}

// markHolders marks the customers who have amounts in currencies since days: in any
// of them since the first of the days, so that facts are gone through once.
func (r *refresh) markHolders(since map[string]int64) error {
	currencies := slices.Sorted(maps.Keys(since))
	first := slices.Min(slices.Collect(maps.Values(since)))
	concerned, list := among(r.transaction, "f.currency", 1, currencies)
	declared, _ := among(r.transaction, "d.currency", 1, currencies)
	var holders []int64
	err := r.query(scanInto(&holders), `
		SELECT f.customer_id FROM transaction_entry f WHERE `+concerned+` AND f.at >= $2
		UNION SELECT f.customer_id FROM interaction f WHERE `+concerned+` AND f.at >= $2
		UNION SELECT f.customer_id FROM rival_dealing f WHERE `+concerned+` AND f.day >= $2
		UNION SELECT f.customer_id FROM booking f WHERE `+concerned+` AND f.at >= $2
		UNION SELECT b.customer_id FROM booking_status f JOIN booking b ON b.id = f.booking_id WHERE `+concerned+` AND f.at >= $2
		UNION SELECT f.customer_id FROM participation f JOIN edition e ON e.id = f.edition_id
		       LEFT JOIN edition_declaration d ON d.edition_id = e.id WHERE `+concerned+` AND coalesce(f.at, d.opens, e.opens, e.closes) >= $2
		UNION SELECT f.customer_id FROM edition_declaration d JOIN booking f ON f.edition_id = d.edition_id WHERE `+declared+` AND d.opens >= $2
		UNION SELECT f.customer_id FROM edition_declaration d JOIN participation f ON f.edition_id = d.edition_id WHERE `+declared+` AND d.opens >= $2
		UNION SELECT f.customer_id FROM edition_declaration d JOIN transaction_entry f ON f.edition_id = d.edition_id WHERE `+declared+` AND d.opens >= $2`,
		list, first)
	if err != nil {
		return fmt.Errorf("finding who has amounts in currencies whose rates changed: %w", err)
	}
	r.done.More = r.done.More || len(holders) > 0
	return mark(r.transaction, holders)
}
