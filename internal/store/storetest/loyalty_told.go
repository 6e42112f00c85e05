package storetest

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/loyalty"
	"github.com/fairlead/fairlead/internal/store"
)

// soon is what expires soon in these tests.
const soon = 90 * 24 * time.Hour

// spent is a program that gives a point for each unit of revenue.
func spent(expireAfterMonths int) store.Program {
	return store.Program{
		Name: "club", Definition: fmt.Sprint("spent", expireAfterMonths), Eligible: store.Predicate{Condition: "p.kind = @kind", Parameters: map[string]any{"kind": "Organization"}}, Rounding: store.Rounding{Mode: store.RoundDown, Decimals: 2},
		Accruals: []store.Accrual{{Rule: "spent", Kind: customer.FactTransaction, Fields: []string{"revenue"}, Points: "f.revenue * 10000"}},
		Terms: store.Terms{ExpireAfterMonths: expireAfterMonths, Tiers: []store.Tier{
			{Name: "Bronze", From: points(50)}, {Name: "Silver", From: points(150), BoothDiscountPercent: 5, Benefits: []string{"Lounge"}}, {Name: "Gold", From: points(400), BoothDiscountPercent: 10, Benefits: []string{"Lounge", "PrioritySelection"}},
		}},
	}
}

// testTold: what messages are told of members is what their statements say.
func testTold(t *testing.T, s *suite) {
	w := s.world(t)
	w.club()
	w.accrue("at first", spent(12))
	for _, posting := range []store.Posting{
		{Customer: "Used", Kind: store.PostingRedeemed, Points: -points(40)},
		{Customer: "Used", Kind: store.PostingAdjusted, Points: points(25)},
		{Customer: "Taken", Kind: store.PostingAdjusted, Points: -points(110)},
	} {
		posting.Program, posting.Reference = "club", fmt.Sprint(posting.Customer, posting.Points)
		posting.Customer = w.codeOf("crm", posting.Customer)
		if _, err := w.Post(t.Context(), posting); err != nil {
			t.Fatal(err)
		}
	}
	run := w.freeze(store.Freeze{Key: "k", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}})
	for _, at := range []struct {
		what string
		day  time.Time
		// before says that members were not reckoned since.
		before bool
		want   map[string]string
	}{
		// Of whom 100 points expire in 30 days, and 70 in 200.
		{"at first", date(2026, 1, 5), false, map[string]string{
			"Nobody": "none", "Empty": " 0 to Bronze 50, 0", "First": "Bronze 60.5 to Silver 89.5, 0", "Last": "Gold 500 to  0, 0",
			"Expiring": "Silver 170 to Gold 230, 100", "Used": "Silver 155 to Gold 205, 60", "Taken": "Bronze 60 to Silver 90, 0",
		}},
		{"soon after", date(2026, 2, 4), true, map[string]string{"Expiring": "Silver 170 to Gold 230, 0", "Used": "Silver 155 to Gold 205, 0"}},
		{"reckoned again", date(2026, 2, 4), false, map[string]string{"Expiring": "Bronze 70 to Silver 80, 0", "Used": "Bronze 95 to Silver 55, 0", "Taken": " 60 to Bronze 90, 0"}},
		{"in spring", date(2026, 4, 30), false, map[string]string{"Expiring": "Bronze 70 to Silver 80, 70", "Used": "Bronze 95 to Silver 55, 70", "Taken": " 60 to Bronze 90, 60", "Last": "Gold 500 to  0, 0"}},
		{"in the end", date(2027, 1, 4), false, map[string]string{"Expiring": " 0 to Bronze 50, 0", "Used": " 25 to Bronze 25, 25"}},
	} {
		*w.clock = at.day
		if !at.before {
			w.accrue(at.what, spent(12))
		}
		told := w.told(run.ID)
		if tier := told["Last"].Tier; at.day.Before(date(2026, 12, 1)) && (tier.BoothDiscountPercent != 10 || fmt.Sprint(tier.Benefits) != "[Lounge PrioritySelection]") {
			t.Errorf("%s: the tier is %+v", at.what, tier)
		}
		for name, want := range at.want {
			if got := sayLoyalty(told[name]); got != want {
				t.Errorf("%s: of %s is told %q, want %q", at.what, name, got, want)
			}
		}
		w.expectTold(at.what, told)
	}
	// Points that do not expire expire never, and soon neither.
	w.accrue("for ever", spent(0))
	if l := w.told(run.ID)["Expiring"]; l.Expiring != (sql.NullInt64{}) || l.Balance != points(170) {
		t.Errorf("of points that do not expire is told %+v", l)
	}
	// A program that was never reckoned has no members, and who asks for none is told of none.
	for _, program := range []string{"other", ""} {
		all, err := w.RecipientsOf(t.Context(), run.ID, upTo(run.Recipients), store.RecipientParts{Program: program, Soon: soon})
		if err != nil || len(all) != int(run.Recipients) || all[0].Loyalty != nil || all[1].Loyalty != nil {
			t.Errorf("of the program %q is told %+v, %v", program, all, err)
		}
	}
	// Before a freeze it is told as well, and of a person it is the organization's.
	foreseen, err := w.Preview(t.Context(), store.Freeze{Key: "other", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}}, nil, w.codeOf("crm", "Last"), store.RecipientParts{Program: "club", Soon: soon})
	if err != nil || len(foreseen.Recipients) != 1 || foreseen.Recipients[0].Name != "Ann" || sayLoyalty(foreseen.Recipients[0].Loyalty) != "Gold 500 to  0, never" {
		t.Errorf("foreseen is %+v, %v", foreseen.Recipients, err)
	}
}

// club are customers who spent, and are all written to.
func (w *world) club() {
	w.t.Helper()
	if err := w.ReportIn(w.t.Context(), "EUR"); err != nil {
		w.t.Fatal(err)
	}
	party := func(name, kind string) *line {
		l := row("party").who("party").under(name).named(name, "FR").says("kind", kind)
		if name != "Last" {
			l.at(name + "@firm.example")
		}
		return l
	}
	names := []string{"Empty", "First", "Last", "Expiring", "Used", "Taken"}
	lines := []*line{party("Nobody", "Person"), party("Ann", "Person")}
	for _, name := range names {
		lines = append(lines, party(name, "Organization"))
	}
	w.load(from("crm", lines...))
	w.load(from("crm", row("affiliation").who("person").under("Ann").named("Ann", "FR").set("primary", true).who("organization").under("Last").named("Last", "FR")))
	var paid []*line
	for _, p := range []struct {
		who         string
		at, revenue int64
	}{
		{"Nobody", day(2025, 12, 1), 6_000}, {"Empty", day(2025, 12, 1), 0}, {"First", day(2025, 12, 1), 6_050}, {"Last", day(2025, 12, 1), 50_000},
		{"Expiring", day(2025, 2, 4), 10_000}, {"Expiring", day(2025, 7, 24), 7_000},
		{"Used", day(2025, 2, 4), 10_000}, {"Used", day(2025, 7, 24), 7_000},
		{"Taken", day(2025, 2, 4), 10_000}, {"Taken", day(2025, 7, 24), 7_000},
	} {
		paid = append(paid, row("transaction").keyed(fmt.Sprint("T", len(paid))).set("at", p.at).set("revenue", p.revenue).set("currency", "EUR").who("customer").under(p.who))
	}
	w.load(from("crm", paid...))
	w.refresh()
	w.belong("all", "", append(names, "Nobody")...)
	*w.clock = begins
}

// told is what messages of a run are told of memberships, by the names of customers.
func (w *world) told(run int64) map[string]*store.RecipientLoyalty {
	w.t.Helper()
	all, err := w.RecipientsOf(w.t.Context(), run, upTo(w.number(`SELECT count(*) FROM outreach_message WHERE run_id = $1`, run)), store.RecipientParts{Program: "club", Soon: soon})
	if err != nil {
		w.t.Fatal(err)
	}
	told := map[string]*store.RecipientLoyalty{}
	for _, r := range all {
		told[r.Customer.Name] = r.Loyalty
	}
	return told
}

func sayLoyalty(l *store.RecipientLoyalty) string {
	if l == nil {
		return "none"
	}
	nameOf := func(tier *store.Tier) string {
		if tier == nil {
			return ""
		}
		return tier.Name
	}
	expiring := "never"
	if l.Expiring.Valid {
		expiring = store.PointsText(l.Expiring.Int64)
	}
	return fmt.Sprintf("%s %s to %s %s, %s", nameOf(l.Tier), store.PointsText(l.Balance), nameOf(l.Next), store.PointsText(l.Missing), expiring)
}

// expectTold compares what is told of customers with their statements.
func (w *world) expectTold(when string, told map[string]*store.RecipientLoyalty) {
	w.t.Helper()
	for name, l := range told {
		code := w.query(`SELECT code FROM party WHERE name = $1`, name)[0]["code"]
		w.expectStatement(when, fmt.Sprint(code), l)
	}
}

// expectStatement compares what is told of a customer with its statement; nil is of who has none.
func (w *world) expectStatement(when, code string, l *store.RecipientLoyalty) {
	w.t.Helper()
	statement, err := w.Statement(w.t.Context(), "club", code)
	if (err != nil) != (l == nil) {
		w.t.Fatalf("%s: of %s is told %+v, and the statement says %v", when, code, l, err)
	}
	if l == nil {
		return
	}
	want := &store.RecipientLoyalty{Tier: statement.Terms.Tier(statement.Member.Tier), Balance: statement.Member.Balance}
	want.Next, want.Missing = statement.Terms.Next(statement.Member.TierPoints)
	if statement.Terms.ExpireAfterMonths > 0 {
		want.Expiring = sql.NullInt64{Int64: loyalty.ExpiringBy(statement, w.clock.Add(soon).UnixMilli()), Valid: true}
	}
	if got, want := sayLoyalty(l), sayLoyalty(want); got != want {
		w.t.Fatalf("%s: of %s is told %q, and the statement says %q: %+v", when, code, got, want, statement)
	}
}

// expectToldAll compares what messages to all customers are told with their statements.
func (w *world) expectToldAll(when string, seen map[string]bool) {
	w.t.Helper()
	w.exec(`INSERT INTO outreach_message (run_id, seq, customer_id, recipient_id, point_id, address_id, locale) SELECT 999, row_number() OVER (ORDER BY p.customer_id), p.customer_id, p.customer_id, 0, 0, 0 FROM customer_profile p`)
	defer w.exec(`DELETE FROM outreach_message WHERE run_id = 999`)
	codes := w.query(`SELECT p.code, m.seq FROM outreach_message m JOIN party p ON p.id = m.customer_id WHERE m.run_id = 999 ORDER BY m.seq`)
	all, err := w.RecipientsOf(w.t.Context(), 999, upTo(int64(len(codes))), store.RecipientParts{Program: "club", Soon: soon})
	if err != nil || len(all) != len(codes) {
		w.t.Fatalf("%s: of %d customers %d are told of, %v", when, len(codes), len(all), err)
	}
	for i, r := range all {
		w.expectStatement(when, fmt.Sprint(codes[i]["code"]), r.Loyalty)
		seen["expiring"] = seen["expiring"] || r.Loyalty != nil && r.Loyalty.Expiring.Int64 > 0
		seen["no member"] = seen["no member"] || r.Loyalty == nil
	}
}
