package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
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
	// WindowedRevenue is revenue after discount: what is about an edition by its first
	// day, whenever it was paid, and what is about none by its instant.
	WindowedRevenue WindowedMeasure = iota
	// WindowedNetProfit is net customer profit, by the formula of the profile.
	WindowedNetProfit
	// WindowedParticipations counts editions taken part in, by their first day.
	WindowedParticipations
	// WindowedBoothArea is own area, in hundredths of a square metre, by the first day
	// of the edition; 0 for who has no booth, absent where somebody's is not known.
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
		// Once for all members, not for each of them and each class.
		return "(SELECT s.*, " + c.Ranks + " FROM segment_axis s" + onceEach + ") x"
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
// are computed with, over the editions that opened in the span of time, and what is about
// no edition by its own instant.
//
// It is absent for who has something to sum up that is about an edition of unknown dates.
func (e *evaluation) layOutWindowed(windowed Windowed) error {
	r := newRefresh(e.transaction)
	parameters, err := r.parameters()
	if err != nil {
		return err
	}
	maps.Copy(parameters, e.parameters)
	parameters["since"] = e.today() - windowed.Millis
	// A predicate that names editions has laid out some of the same.
	for _, table := range []string{"refresh_took", "refresh_held", "refresh_who"} {
		if _, err := e.exec("DROP TABLE IF EXISTS " + table); err != nil {
			return err
		}
	}
	steps := []layingOut{
		{"CREATE TEMP TABLE refresh_who (id BIGINT NOT NULL PRIMARY KEY)" + e.dialect.onCommitDrop(), ""},
		{"INSERT INTO refresh_who SELECT p.customer_id" + e.fromMembers(), "refresh_who"},
		{heldEditions(), ""},
		{"CREATE TEMP TABLE segment_within ON COMMIT DROP AS SELECT h.edition_id FROM refresh_held h WHERE h.opens >= @since AND h.opens <= @today OR h.opens IS NULL", "segment_within"},
		{tookPart("segment_within"), "refresh_took"},
	}
	for _, step := range append(steps, windowed.Measure.layingOut()...) {
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

// layingOut is a statement, and the table that it fills.
type layingOut struct{ statement, about string }

// layingOut ends with segment_axis.
func (m WindowedMeasure) layingOut() []layingOut {
	const undated = "CREATE TEMP TABLE segment_undated ON COMMIT DROP AS SELECT DISTINCT t.customer_id FROM refresh_took t JOIN refresh_held h ON h.edition_id = t.edition_id WHERE h.opens IS NULL AND "
	axis := func(value, joins string) layingOut {
		return layingOut{fmt.Sprintf(`CREATE TEMP TABLE segment_axis ON COMMIT DROP AS SELECT w.id AS customer_id, CASE WHEN u.customer_id IS NULL THEN %s END AS axis0
			FROM refresh_who w CROSS JOIN customer_profile p LEFT JOIN segment_undated u ON u.customer_id = w.id %s WHERE p.customer_id = w.id`, value, joins), ""}
	}
	if m == WindowedParticipations || m == WindowedBoothArea {
		took := fmt.Sprintf(`LEFT JOIN (
				SELECT t.customer_id, count(DISTINCT t.edition_id) AS editions, total(t.area) AS area,
					max(CASE WHEN t.role = %d AND t.own_standing >= h.there_from AND t.area IS NULL THEN 1 ELSE 0 END) AS unknown
				FROM refresh_took t JOIN refresh_held h ON h.edition_id = t.edition_id WHERE t.role >= 0 AND t.standing >= h.there_from GROUP BY t.customer_id
			) k ON k.customer_id = w.id`, slices.Index(customer.Roles, "Exhibitor"))
		value := "coalesce(k.editions, 0)"
		if m == WindowedBoothArea {
			value = "CASE WHEN coalesce(k.unknown, 0) = 0 THEN coalesce(k.area, 0) END"
		}
		return []layingOut{{undated + "t.role >= 0 AND t.standing >= h.there_from", "segment_undated"}, axis(value, took)}
	}
	const sums = `LEFT JOIN (
			SELECT m.customer_id, total(m.net) AS net, total(m.product_cost) AS product_cost, total(m.indirect_cost) AS indirect_cost, total(m.uncosted) AS uncosted, max(m.costed) AS costed
			FROM refresh_money m GROUP BY m.customer_id
		) m ON m.customer_id = w.id`
	// Nothing in the span of time is 0 for who has something at any time.
	last := axis("CASE WHEN m.net IS NOT NULL THEN m.net WHEN p.revenue IS NOT NULL THEN 0 END", sums)
	if m == WindowedNetProfit {
		last = axis("CASE WHEN m.net IS NULL AND i.cost IS NULL AND coalesce(m.costed, 0) = 0 AND p.net_profit IS NOT NULL THEN 0 ELSE "+netProfit("m", "i.cost")+" END",
			sums+" LEFT JOIN (SELECT f.customer_id, total(f.amount) AS cost FROM ("+contactCosts("AND e.at >= @since")+") f GROUP BY f.customer_id) i ON i.customer_id = w.id")
	}
	return []layingOut{
		{entries("segment_within"), "refresh_entry"}, {bySeriesAndRole(), "refresh_standing"}, {moneyBySeries(), "refresh_money"},
		{undated + "t.net IS NOT NULL UNION SELECT x.customer_id FROM refresh_entry x JOIN refresh_held h ON h.edition_id = x.edition_id WHERE h.opens IS NULL", "segment_undated"}, last,
	}
}
