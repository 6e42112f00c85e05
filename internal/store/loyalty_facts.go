package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// rolesPerEdition: the number of a participation is that of its edition and its role together.
const rolesPerEdition = 64

// factSource is where the facts of a kind stand: rows e of the customers w in refresh_who.
type factSource struct {
	customer, id, earnedAt string
	// from ends with a condition.
	from string
	// ofEdition are what the fact's edition h says; it is joined where one of them is asked.
	ofEdition string
	// fields by name; what is not there is the column of the same name.
	fields map[string]string
}

// inReportingOf is an amount of a fact e in the reporting currency, at the rate of its day.
func inReportingOf(amount string) string {
	return fmt.Sprintf("CASE WHEN e.currency = @currency THEN %[1]s WHEN %[1]s IS NOT NULL THEN converted(%[1]s, (%[2]s)) END", amount, factorOn("e.currency", "e.at"))
}

// factSources are those of customer.FactKinds.
func factSources() map[string]factSource {
	const joined = " LEFT JOIN refresh_held h ON h.edition_id = e.edition_id"
	recorded := func(table, condition string) factSource {
		return factSource{
			customer: "e.customer_id", id: "e.id", earnedAt: "e.at", ofEdition: joined,
			from:   "refresh_who w CROSS JOIN " + table + " e%s WHERE e.customer_id IS THEIRS AND e.withdrawn_at IS NULL" + condition,
			fields: map[string]string{"series": "h.series", "edition": "h.edition"},
		}
	}
	with := func(source factSource, fields map[string]string) factSource {
		for name, column := range fields {
			source.fields[name] = column
		}
		return source
	}
	lastOfBooking := "(SELECT " + lastStatus() + " FROM booking_status s WHERE s.booking_id = e.id AND s.withdrawn_at IS NULL)"
	referral := with(recorded("referral", ""), map[string]string{"converted": convertedReferral})
	referral.customer = "e.referrer_id"
	referral.from = strings.Replace(referral.from, "e.customer_id IS THEIRS", "e.referrer_id IS THEIRS", 1)
	return map[string]factSource{
		customer.FactParticipation: {
			customer: "e.customer_id", id: fmt.Sprintf("e.edition_id * %d + e.role", rolesPerEdition), earnedAt: "h.opens",
			from: "refresh_took e JOIN refresh_held h ON h.edition_id = e.edition_id%s WHERE e.role >= 0",
			fields: map[string]string{
				"role": roleName("e.role"), "status": statusOfStanding("e.standing"), "tookPart": "(e.standing >= h.there_from)",
				"series": "h.series", "edition": "h.edition", "at": "h.opens", "boothArea": "e.area", "listPrice": "e.gross", "net": "e.net",
			},
		},
		customer.FactBooking: with(recorded("booking", ""), map[string]string{
			"status": statusOfStanding("(" + standingOfLast(lastOfBooking) + ")"), "listPrice": inReportingOf("e.list_price"),
			"discount": inReportingOf("e.discount"), "net": inReportingOf("e.net"),
		}),
		customer.FactTransaction: with(recorded("transaction_entry", ""), map[string]string{
			"revenue": inReportingOf("e.revenue"), "discount": inReportingOf("e.discount"),
		}),
		customer.FactReferral: referral,
		customer.FactFeedback: recorded("feedback", ""),
		customer.FactTraining: recorded("interaction", " AND e.method = '"+customer.MethodTraining+"'"),
	}
}

// convertedReferral is whether a recommendation e brought a customer: who was recommended was none before,
// nobody else recommended it earlier, and it is neither oneself nor one's own people.
const convertedReferral = `(e.referred_id <> e.referrer_id
	AND NOT EXISTS (SELECT 1 FROM affiliation a WHERE a.person_id = e.referred_id AND a.organization_id = e.referrer_id AND a.withdrawn_at IS NULL)
	AND NOT EXISTS (SELECT 1 FROM affiliation a WHERE a.person_id = e.referrer_id AND a.organization_id = e.referred_id AND a.withdrawn_at IS NULL)
	AND NOT EXISTS (SELECT 1 FROM referral o WHERE o.referred_id = e.referred_id AND o.referrer_id <> o.referred_id AND o.withdrawn_at IS NULL AND (o.at < e.at OR o.at = e.at AND o.external_key < e.external_key))
	AND EXISTS (SELECT 1 FROM customer_profile q WHERE q.customer_id = e.referred_id AND q.relationship_since >= e.at))`

// earningFacts are the facts f of a kind, with what is asked of them.
func earningFacts(kind string, fields []string) string {
	source := factSources()[kind]
	columns := []string{source.customer + " AS customer_id", source.id + " AS fact_id", source.earnedAt + " AS earned_at"}
	edition := ""
	for _, name := range fields {
		at := slices.IndexFunc(customer.FactFields[kind], func(m customer.Measure) bool { return m.Name == name })
		column := customer.FactFields[kind][at].Column()
		expression := source.fields[name]
		if expression == "" {
			expression = "e." + column
		}
		if strings.HasPrefix(expression, "h.") {
			edition = source.ofEdition
		}
		columns = append(columns, expression+" AS "+column)
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + fmt.Sprintf(source.from, edition)
}

// layOutFacts lays out editions, and who took part in them, as far as that is asked for.
func (a *accruing) layOutFacts() error {
	parameters, err := a.parametersWith(nil)
	if err != nil {
		return err
	}
	steps := []layingOut{{heldEditions(), ""}}
	named := slices.Clone(a.program.Eligible.Editions)
	took := a.simulating
	for _, accrual := range a.program.Accruals {
		named = append(named, accrual.Editions...)
		took = took || accrual.Kind == customer.FactParticipation
	}
	if took = took || len(named) > 0; took {
		steps = append(steps, layingOut{tookPart(""), "refresh_took"})
	}
	if len(named) > 0 {
		if err := a.nameEditions(named); err != nil {
			return err
		}
		steps = append(steps, layingOut{tookNamedEditions(), "segment_took"}, layingOut{"CREATE INDEX segment_took_customer ON segment_took (customer_id)", ""})
	}
	return a.fill(steps, parameters)
}

// roleNumbered is the role of a number; "" for none.
func roleNumbered(number int64) string {
	if number < 0 || number >= int64(len(customer.Roles)) {
		return ""
	}
	return customer.Roles[number]
}
