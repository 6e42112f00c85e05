// Package generate makes up customers, for load, for tests and for whatever
// real data cannot show: organizations with their persons, what they booked,
// visited, paid, said and allowed over several series of exhibitions.
//
// Nobody in it is real, and nobody can be taken for real: every name has a word
// in its language that says so, every address ends in .example, telephone
// numbers are of ranges that are kept for fiction, every party has the attribute
// "synthetic", and every key begins with "syn-".
//
// What is made up follows from the seed alone: the same seed gives the same
// bytes, on every machine and every day. All arithmetic is on integers, since
// floating-point numbers differ between processors in their last digit. Of a
// customer everything follows from the seed and the customer's number, so that
// the entities can be streamed one after another in constant memory and still
// agree, and so that fewer customers are the first ones of more.
package generate

import (
	"errors"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
)

// Source is the name of the source that the rows are of.
const Source = "synthetic"

// Mark is the attribute that every party has, and that is true.
const Mark = "synthetic"

// defaultUntil is when the last edition closes if nothing else is said. It is
// not today: tomorrow's rows have to be the same.
var defaultUntil = time.Date(2026, time.June, 26, 0, 0, 0, 0, time.UTC)

// Options say what to make up.
type Options struct {
	// Seed that everything follows from.
	Seed uint64
	// Customers is how many organizations there are, beside the organiser's staff,
	// agents and vendors.
	Customers int
	// Until is the day on which the last edition closes, 2026-06-26 if zero. What
	// follows an edition, such as feedback, comes in the weeks after it.
	Until time.Time
}

// Emit takes a row. The row and its slices are used again for the next one: who
// keeps it copies them. Its texts may be kept.
type Emit func(entity *customer.Entity, row *customer.Row) error

// producer makes the rows of one entity.
type producer struct {
	entity string
	// shared makes the rows that are there however many customers there are.
	shared func(m *maker)
	// each makes the rows of one customer.
	each func(m *maker, f *firm)
}

// producers in the order in which references resolve.
var producers = []producer{
	{entity: "edition", shared: (*maker).editions},
	{entity: "party", shared: (*maker).sharedParties, each: (*maker).parties},
	{entity: "affiliation", each: (*maker).affiliations},
	{entity: "relation", each: (*maker).relations},
	{entity: "accountOwner", each: (*maker).accountOwners},
	{entity: "contactPoint", each: (*maker).contactPoints},
	{entity: "booking", each: (*maker).bookings},
	{entity: "bookingStatus", each: (*maker).bookingStatuses},
	{entity: "participation", each: (*maker).participations},
	{entity: "visit", each: (*maker).visits},
	{entity: "transaction", each: (*maker).transactions},
	{entity: "interaction", each: (*maker).interactions},
	{entity: "feedback", each: (*maker).feedbacks},
	{entity: "complaint", each: (*maker).complaints},
	{entity: "referral", each: (*maker).referrals},
	{entity: "rivalDealing", each: (*maker).rivalDealings},
	{entity: "preference", each: (*maker).preferences},
	{entity: "consent", each: (*maker).consents},
	{entity: "suppression", each: (*maker).suppressions},
	{entity: "exchangeRate", shared: (*maker).exchangeRates},
	{entity: "listMember", each: (*maker).listMembers},
}

// Entities are those that there are rows of, in the order in which references
// resolve: whom or what a row refers to comes before it.
func Entities() []*customer.Entity {
	entities := make([]*customer.Entity, 0, len(producers))
	for _, p := range producers {
		entities = append(entities, customer.EntityByName(p.entity))
	}
	return entities
}

// Rows makes the rows of all entities, one entity after another, until emit
// gives an error, which it returns.
func Rows(options Options, emit Emit) error {
	for _, entity := range Entities() {
		if err := EntityRows(options, entity, emit); err != nil {
			return err
		}
	}
	return nil
}

// EntityRows makes the rows of one entity, just as Rows does. Of an entity that
// is not among Entities there are none.
func EntityRows(options Options, entity *customer.Entity, emit Emit) error {
	if options.Customers < 0 {
		return errors.New("there cannot be fewer than no customers")
	}
	for _, p := range producers {
		if p.entity != entity.Name {
			continue
		}
		m := newMaker(options, entity, emit)
		if p.shared != nil {
			p.shared(m)
		}
		for n := 1; p.each != nil && n <= options.Customers && m.err == nil; n++ {
			p.each(m, m.firm(n))
		}
		return m.err
	}
	return nil
}
