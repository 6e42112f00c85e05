package store

import (
	"time"
)

// Fields of Anniversary.
const (
	// AnniversaryBirthday is of the person who is written to.
	AnniversaryBirthday = "Birthday"
	// AnniversaryFoundingDay is of the customer, an organization.
	AnniversaryFoundingDay = "FoundingDay"
	// AnniversaryFirstParticipation is of the customer.
	AnniversaryFirstParticipation = "FirstParticipation"
)

// Anniversary is who has a day in the year.
type Anniversary struct {
	// Field that has the day.
	Field string
	// Days of the year: two on 28 February of a common year, for whoever was born on the 29th.
	Days []MonthDay
	// Before this year: on the day itself nobody has an anniversary of it.
	Before int
}

// MonthDay is a day of every year.
type MonthDay struct {
	Month time.Month
	Day   int
}

// earliestYear of a day that somebody has an anniversary of: companies are older than persons.
const earliestYear = 1200

// instants are the days of all years, in milliseconds.
func (a Anniversary) instants() *rowBuffer {
	rows := &rowBuffer{width: 1}
	for year := earliestYear; year < a.Before; year++ {
		for _, day := range a.Days {
			at := time.Date(year, day.Month, day.Day, 0, 0, 0, 0, time.UTC)
			if at.Month() == day.Month {
				rows.add(numberCell(at.UnixMilli()))
			}
		}
	}
	return rows
}

// onTheDay is a condition on a column of days.
func onTheDay(column string) string {
	return column + " IN (SELECT d.at FROM freeze_day d)"
}

// layOutDays makes the table of days that somebody's anniversary may be.
func (f *freezing) layOutDays() error {
	if f.Anniversary == nil {
		return nil
	}
	if err := f.run("freeze_day", "CREATE TEMP TABLE freeze_day ON COMMIT DROP AS SELECT CAST(0 AS BIGINT) AS at WHERE 1 = 0", nil); err != nil {
		return err
	}
	return f.insert("freeze_day", []string{"at"}, f.Anniversary.instants())
}

// triggered is a condition on members m: those whom the occurrence is about. "" is everybody.
func (f *freezing) triggered() string {
	switch a := f.Anniversary; {
	case f.Occurrence != "":
		return " AND m.customer_id IN (SELECT y.customer_id FROM campaign_taken y WHERE y.rule = @rule AND y.occurrence = @occurrence)"
	case a == nil:
		return ""
	case a.Field == AnniversaryBirthday:
		// Who has somebody who celebrates, or does so itself.
		return ` AND m.customer_id IN (SELECT p.id FROM party p WHERE p.kind = 'Person' AND ` + onTheDay("p.born") + `
			UNION SELECT f.organization_id FROM affiliation f JOIN party p ON p.id = f.person_id WHERE f.withdrawn_at IS NULL AND ` + onTheDay("p.born") + `)`
	case a.Field == AnniversaryFoundingDay:
		return " AND m.customer_id IN (SELECT p.id FROM party p WHERE p.kind = 'Organization' AND " + onTheDay("p.born") + ")"
	default:
		return " AND m.customer_id IN (SELECT p.customer_id FROM customer_profile p WHERE " + onTheDay("p.first_participation") + ")"
	}
}

// celebrates is an expression that is 1 for persons who may be written to because of their birthday, of
// parties p; "" where it is not asked.
func (f *freezing) celebrates() string {
	if f.Anniversary == nil || f.Anniversary.Field != AnniversaryBirthday {
		return ""
	}
	return "CASE WHEN p.kind = 'Person' AND " + onTheDay("p.born") + " THEN 1 ELSE 0 END"
}

// keepHeld keeps who is held out of the run: who would have been written to otherwise.
func (f *freezing) keepHeld() error {
	_, err := f.exec("INSERT INTO outreach_held (run_id, customer_id) SELECT DISTINCT CAST($1 AS BIGINT), r.customer_id FROM freeze_recipient r WHERE r.dropped = '"+DroppedHoldout+"'", f.id)
	return err
}
