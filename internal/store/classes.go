package store

import (
	"fmt"
	"maps"
	"strings"
)

// Classification splits the members of a segment into classes. internal/classify makes
// it of a model.
type Classification struct {
	// Axes are what members are placed by: integers over rows p of customer_profile,
	// NULL where absent.
	Axes []Axis
	// Joins that they need beside those of the predicate, each with at most one row for
	// a customer.
	Joins string
	// Class is the name of a member's class over a row x with the columns axis0, axis1
	// and so on; never NULL.
	Class string
	// Ranked says that the class of one follows from the axes of all: then these are
	// laid out in segment_axis, and x has the columns of Ranks besides.
	Ranked bool
	// Ranks are columns over rows s of segment_axis, such as a place; "" if there are
	// none.
	Ranks string
	// Windowed is what the one axis sums up over a span of time; then it has no Value.
	Windowed *Windowed
	// Parameters by name, none of which a predicate has.
	Parameters map[string]any
	// ByDay says that the answer may be another on another day.
	ByDay bool
}

// Axis is one thing that members are placed by.
type Axis struct {
	// Name of what is absent where there is no value.
	Name string
	// Value in the words of both databases.
	Value string
}

// WindowedMeasure is what can be summed up over a span of time.
type WindowedMeasure int

// The measures that can be summed up over a span of time.
const (
	// WindowedRevenue is revenue after discount: transactions by their instant, what
	// was only booked by the first day of the edition.
	WindowedRevenue WindowedMeasure = iota
	// WindowedNetProfit is net customer profit, by the formula of the profile.
	WindowedNetProfit
	// WindowedParticipations counts editions taken part in, by their first day.
	WindowedParticipations
	// WindowedBoothArea is own area, in hundredths of a square metre, by the first day
	// of the edition.
	WindowedBoothArea
)

// Windowed is a measure over the time since so many milliseconds before today.
type Windowed struct {
	Measure WindowedMeasure
	Millis  int64
}

// UnknownClass holds members that a model lacks data for.
const UnknownClass = "Unknown"

// axes are the columns of what members are placed by.
func (c *Classification) axes() string {
	columns := make([]string, len(c.Axes))
	for i, axis := range c.Axes {
		columns[i] = fmt.Sprintf(", (%s) AS axis%d", axis.Value, i)
	}
	return strings.Join(columns, "")
}

// ranked tells whether everybody has to be laid out for the class of one.
func (s Segment) ranked() bool { return s.Classes != nil && s.Classes.Ranked }

// byDay tells whether members or classes may be others on another day.
func (s Segment) byDay() bool { return s.Predicate.ByDay || s.Classes != nil && s.Classes.ByDay }

// parametersOf are all parameters of a segment.
func parametersOf(t *transaction, s Segment) map[string]any {
	parameters := map[string]any{"today": asOf(t.now).today, "segment": s.Name, "at": t.now}
	maps.Copy(parameters, s.Predicate.Parameters)
	if s.Classes != nil {
		maps.Copy(parameters, s.Classes.Parameters)
	}
	return parameters
}

// placed are rows x of those who belong, with what they are placed by.
func (e *evaluation) placed() string {
	switch c := e.segment.Classes; {
	case c == nil:
		return "(SELECT p.customer_id" + e.fromMembers() + ") x"
	case !c.Ranked:
		return "(SELECT p.customer_id" + c.axes() + e.fromMembers() + ") x"
	case c.Ranks == "":
		return "segment_axis x"
	default:
		return "(SELECT s.*, " + c.Ranks + " FROM segment_axis s) x"
	}
}

// class is the class of a row of placed.
func (s Segment) class() string {
	if s.Classes == nil {
		return "''"
	}
	return s.Classes.Class
}

// layOutRanks lays out what all who belong are placed by.
func (e *evaluation) layOutRanks() error {
	if !e.segment.ranked() {
		return nil
	}
	if c := e.segment.Classes; c.Windowed != nil {
		if err := e.layOutWindowed(*c.Windowed); err != nil {
			return fmt.Errorf("summing up over a span of time: %w", err)
		}
	} else if err := e.carryOut("CREATE TEMP TABLE segment_axis ON COMMIT DROP AS SELECT p.customer_id" + c.axes() + e.fromMembers()); err != nil {
		return fmt.Errorf("asking who belongs: %w", err)
	}
	return e.dialect.count(e.transaction, "segment_axis")
}

// layOutWindowed sums up a measure of those who belong, by the statements that profiles
// are computed with over the facts of the span of time.
//
// Nothing in it is 0 for whoever has something to sum up at any time, and absent else.
func (e *evaluation) layOutWindowed(windowed Windowed) error {
	r := newRefresh(e.transaction)
	parameters, err := r.parameters()
	if err != nil {
		return err
	}
	maps.Copy(parameters, e.parameters)
	parameters["since"] = asOf(e.transaction.now).today - windowed.Millis
	// A predicate that names editions has laid out some of the same.
	for _, table := range []string{"refresh_took", "refresh_held", "refresh_who"} {
		if _, err := e.exec("DROP TABLE IF EXISTS " + table); err != nil {
			return err
		}
	}
	steps := []struct{ statement, about string }{
		{"CREATE TEMP TABLE refresh_who (id BIGINT NOT NULL PRIMARY KEY)" + e.dialect.onCommitDrop(), ""},
		{"INSERT INTO refresh_who SELECT p.customer_id" + e.fromMembers(), "refresh_who"},
		{heldEditions(), ""},
		{"CREATE TEMP TABLE segment_within ON COMMIT DROP AS SELECT h.edition_id FROM refresh_held h WHERE h.opens >= @since", "segment_within"},
		{tookPart("segment_within"), "refresh_took"},
	}
	const axis = "CREATE TEMP TABLE segment_axis ON COMMIT DROP AS SELECT w.id AS customer_id, %s AS axis0 FROM refresh_who w CROSS JOIN customer_profile p %s WHERE p.customer_id = w.id"
	const took = `LEFT JOIN (
			SELECT t.customer_id, count(DISTINCT t.edition_id) AS editions, total(t.area) AS area
			FROM refresh_took t JOIN refresh_held h ON h.edition_id = t.edition_id WHERE t.role >= 0 AND t.standing >= h.there_from GROUP BY t.customer_id
		) k ON k.customer_id = w.id`
	money := []struct{ statement, about string }{
		{entries("since"), "refresh_entry"}, {bySeriesAndRole(), "refresh_standing"}, {moneyBySeries(), "refresh_money"},
	}
	sums := `LEFT JOIN (
			SELECT m.customer_id, total(m.net) AS net, total(m.product_cost) AS product_cost, total(m.indirect_cost) AS indirect_cost, total(m.uncosted) AS uncosted, max(m.costed) AS costed
			FROM refresh_money m GROUP BY m.customer_id
		) m ON m.customer_id = w.id`
	cost := ` LEFT JOIN (SELECT f.customer_id, total(f.amount) AS cost FROM (` + contactCosts("AND e.at >= @since") + `) f GROUP BY f.customer_id) i ON i.customer_id = w.id`
	var last string
	switch windowed.Measure {
	case WindowedParticipations:
		last = fmt.Sprintf(axis, "coalesce(k.editions, 0)", took)
	case WindowedBoothArea:
		last = fmt.Sprintf(axis, "CASE WHEN k.customer_id IS NULL THEN 0 ELSE k.area END", took)
	case WindowedRevenue:
		steps = append(steps, money...)
		last = fmt.Sprintf(axis, "CASE WHEN m.net IS NOT NULL THEN m.net WHEN p.revenue IS NOT NULL THEN 0 END", sums)
	case WindowedNetProfit:
		steps = append(steps, money...)
		last = fmt.Sprintf(axis, "CASE WHEN m.net IS NULL AND i.cost IS NULL AND coalesce(m.costed, 0) = 0 AND p.net_profit IS NOT NULL THEN 0 ELSE "+netProfit("m", "i.cost")+" END", sums+cost)
	}
	for _, step := range append(steps, struct{ statement, about string }{last, ""}) {
		if err := r.run(step.statement, parameters); err != nil {
			return err
		}
		if step.about != "" {
			if err := e.dialect.count(e.transaction, step.about); err != nil {
				return err
			}
		}
	}
	return nil
}
