package storetest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
)

var (
	seriesNames = []string{"Farnborough", "Berlin"}
	currencies  = []string{"EUR", "GBP", "USD", "JPY"}
)

// randomProfileFile is a file of one entity, whose keys are few, so that rows are
// corrected and move from one customer to another.
func randomProfileFile(random *rand.Rand) *file {
	f := from(pick(random, []string{"crm", "crm", "badges", "ledger"}), pick(random, profileFiles)(random)...)
	return f.trusted(pick(random, []int{20, 50, 50, 80}))
}

var profileFiles = []func(*rand.Rand) []*line{
	randomParties, randomEditions, randomTaking, randomTaking, randomBookings, randomBookings, randomStatuses, randomStatuses, randomVisits, randomEntries,
	randomRates, randomTouches, randomAnswers, randomComplaints, randomReferrals, randomDealings, randomPreferences, randomAffiliations,
}

// several makes lines under keys of their own.
func several(random *rand.Rand, entity string, fill func(l *line, n int)) []*line {
	var lines []*line
	for n := range 1 + random.IntN(12) {
		l := row(entity)
		if len(l.entity.Key) == 0 {
			l.keyed(fmt.Sprint(entity[:2], "-", random.IntN(6), "-", n))
		}
		fill(l, n)
		lines = append(lines, l)
	}
	return lines
}

func whoever(random *rand.Rand, l *line, field string) *line {
	if random.IntN(4) == 0 {
		return l.who(field).named(randomName(random), pick(random, countries))
	}
	n := random.IntN(6)
	return l.who(field).named(fmt.Sprint("Firm ", n), "").under(fmt.Sprint("F", n))
}

// moment is some time of the years around.
func moment(random *rand.Rand) int64 {
	return day(2021, 1, 1) + random.Int64N(6*365*24)*int64(time.Hour/time.Millisecond)
}

func maybe(random *rand.Rand, l *line, field string, value any) {
	if random.IntN(3) > 0 {
		l.set(field, value)
	}
}

func someEdition(random *rand.Rand, l *line) *line {
	return l.edition(pick(random, seriesNames), fmt.Sprint(2020+random.IntN(6)))
}

func amounts(random *rand.Rand, l *line, fields ...string) {
	for _, field := range fields {
		maybe(random, l, field, random.IntN(200_000)-20_000)
	}
	if l.entity.Name == "transaction" || random.IntN(5) > 0 {
		l.set("currency", pick(random, currencies))
	}
}

func randomEditions(random *rand.Rand) []*line {
	return several(random, "edition", func(l *line, at int) {
		l.edition(seriesNames[at%2], fmt.Sprint(2020+at/2))
		opens := day(2020+at/2, 7, 1+random.IntN(20))
		maybe(random, l, "opens", opens)
		maybe(random, l, "closes", opens+int64(random.IntN(5))*24*3600*1000)
		l.set("cancelled", random.IntN(5) == 0)
	})
}

func randomTaking(random *rand.Rand) []*line {
	return several(random, "participation", func(l *line, at int) {
		whoever(random, l.edition(pick(random, seriesNames), fmt.Sprint(2020+at)), "customer")
		l.set("role", pick(random, []string{"Exhibitor", "Exhibitor", "Sponsor", "Visitor"})).set("status", pick(random, customer.BookingStatuses))
		maybe(random, l, "at", moment(random))
		maybe(random, l, "area", random.IntN(9_000))
		amounts(random, l, "listPrice", "net")
	})
}

func randomBookings(random *rand.Rand) []*line {
	return several(random, "booking", func(l *line, n int) {
		l.keyed(fmt.Sprint("B-", n))
		whoever(random, someEdition(random, l), "customer")
		l.set("product", pick(random, customer.Products)).set("at", moment(random))
		if random.IntN(4) == 0 {
			l.set("parent", "B-0")
		}
		maybe(random, l, "area", random.IntN(9_000))
		amounts(random, l, "listPrice", "discount", "net")
	})
}

func randomStatuses(random *rand.Rand) []*line {
	return several(random, "bookingStatus", func(l *line, n int) {
		l.set("booking", fmt.Sprint("B-", n)).set("status", pick(random, customer.BookingStatuses)).set("at", day(2023, 1, 1+random.IntN(3)))
		if random.IntN(3) == 0 {
			amounts(random, l, "fee")
		}
	})
}

func randomEntries(random *rand.Rand) []*line {
	return several(random, "transaction", func(l *line, _ int) {
		whoever(random, l, "customer").set("at", moment(random))
		if random.IntN(2) == 0 {
			someEdition(random, l)
		}
		amounts(random, l, "revenue", "discount", "productCost", "indirectCost")
	})
}

func randomRates(random *rand.Rand) []*line {
	var lines []*line
	for _, pair := range [][2]string{{"USD", "EUR"}, {"EUR", "GBP"}, {"JPY", "GBP"}, {"EUR", "JPY"}} {
		for range random.IntN(3) {
			lines = append(lines, row("exchangeRate").set("from", pair[0]).set("to", pair[1]).set("day", day(2021+random.IntN(5), 1+random.IntN(2), 1)).
				set("rate", 1+random.Int64N(3_000_000_000)))
		}
	}
	return append(lines, row("exchangeRate").set("from", "USD").set("to", "GBP").set("day", day(2020, 1, 1)).set("rate", 790_000_000+random.Int64N(3)))
}

func randomTouches(random *rand.Rand) []*line {
	return several(random, "interaction", func(l *line, _ int) {
		whoever(random, l, "customer").set("at", moment(random)).set("method", pick(random, customer.Methods))
		maybe(random, l, "direction", pick(random, customer.Directions))
		if random.IntN(2) == 0 {
			someEdition(random, l)
		}
		amounts(random, l, "cost")
	})
}

func randomAnswers(random *rand.Rand) []*line {
	return several(random, "feedback", func(l *line, n int) {
		l.keyed(fmt.Sprint("F-", n))
		whoever(random, l, "customer").set("at", moment(random)).set("survey", "S").set("question", fmt.Sprint("Q", random.IntN(2)))
		maybe(random, l, "dimension", pick(random, []string{"service", "venue", customer.DimensionOfRecommendation}))
		if random.IntN(2) == 0 {
			someEdition(random, l)
		}
		for _, field := range []string{"expected", "perceived", "score", "rivalScore"} {
			if random.IntN(2) == 0 {
				l.set(field, 25*random.IntN(41))
			}
		}
	})
}

func randomComplaints(random *rand.Rand) []*line {
	return several(random, "complaint", func(l *line, _ int) {
		whoever(random, l, "customer").set("opened", moment(random))
		maybe(random, l, "resolved", moment(random))
		if random.IntN(2) == 0 {
			someEdition(random, l)
		}
	})
}

func randomReferrals(random *rand.Rand) []*line {
	return several(random, "referral", func(l *line, n int) {
		whoever(random, whoever(random, l, "referrer"), "referred")
		l.keyed(fmt.Sprint("R-", n)).set("at", moment(random))
	})
}

func randomDealings(random *rand.Rand) []*line {
	return several(random, "rivalDealing", func(l *line, n int) {
		whoever(random, l, "customer").set("rival", fmt.Sprint("Rival ", random.IntN(3))).set("day", day(2021+random.IntN(6), 1+n, 1))
		amounts(random, l, "spend")
	})
}

func randomPreferences(random *rand.Rand) []*line {
	return several(random, "preference", func(l *line, n int) {
		whoever(random, l, "party").set("name", fmt.Sprint("wish ", n%3)).set("value", fmt.Sprint("value ", random.IntN(4)))
		l.keyed(fmt.Sprint("P-", n))
		maybe(random, l, "confirmed", day(2023, 1, 1+random.IntN(3)))
	})
}

func randomAffiliations(random *rand.Rand) []*line {
	return several(random, "affiliation", func(l *line, n int) {
		l.keyed(fmt.Sprint("A-", n)).person(pick(random, people), "")
		whoever(random, l, "organization")
		maybe(random, l, "department", pick(random, []string{"Sales", "Press"}))
		maybe(random, l, "from", day(2021+random.IntN(6), 3, 1))
		maybe(random, l, "to", day(2024+random.IntN(6), 9, 30))
	})
}
