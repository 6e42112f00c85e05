package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/store"
)

// where is a segment by an expression.
func (w *world) where(name, expression string) store.Segment {
	w.t.Helper()
	program, err := audience.Compile(expression, audience.Catalog{})
	if err != nil {
		w.t.Fatal(err)
	}
	return store.Segment{Name: name, Definition: "1", Predicate: program.Predicate(), Asks: program.Segments()}
}

// askingPoints are segments that follow from points.
func (w *world) askingPoints() []store.Segment {
	return []store.Segment{
		w.where("rich", "customer.points('club') >= 150.0"),
		w.where("near", "customer.pointsToNextTier('club') <= 100.0"),
		w.where("poor", "!(customer.points('club') >= 60.0) || customer.tier('club') == 'Gold'"),
		w.where("staked", "customer.points('club') * 2.0 > customer.pointsToNextTier('club') && customer.participations > 0"),
	}
}

// followPoints evaluates some of the segments, for those who may have changed, and compares them with
// what they are for everybody.
func (w *world) followPoints(when string, segments []store.Segment, random *rand.Rand, seen map[string]bool) {
	w.t.Helper()
	for _, s := range segments {
		// Who is left out takes up more at once next time.
		if random.IntN(5) == 0 && w.number(`SELECT count(*) FROM segment WHERE name = $1`, s.Name) > 0 {
			continue
		}
		done := w.evaluateOnce(when, s)
		seen["followed"] = seen["followed"] || done.Looked > 0 && done.Entered+done.Left > 0
		w.expectWhole(when, s)
	}
}

// testPoints: whose points changed, and nobody else, is looked at by who asks for points, whatever
// becomes of tiers.
func testPoints(t *testing.T, s *suite) {
	w := s.world(t)
	w.club()
	rich, near, silver := w.where("rich", "customer.points('club') >= 100.0"), w.where("near", "customer.pointsToNextTier('club') <= 90.0"), w.where("silver", "customer.tier('club') == 'Silver'")
	segments := []store.Segment{rich, near, silver}
	for _, s := range segments {
		var missing *store.MissingSegmentError
		if _, err := w.Evaluate(t.Context(), s); !errors.As(err, &missing) || missing.Error() != "the points of the loyalty program club were not reckoned yet" {
			t.Fatalf("before the program was reckoned %s comes to %v", s.Name, err)
		}
	}
	changed := func() int64 {
		t.Helper()
		figures, err := w.LoyaltyFigures(t.Context(), "club")
		if err != nil {
			t.Fatal(err)
		}
		return figures.Changed
	}
	// accrue reckons the program, and says how many members have another number by that.
	accrue := func(when string, program store.Program, want int64) {
		t.Helper()
		before := changed()
		w.accrue(when, program)
		w.expectNumber(want, when+": members whose points changed", `SELECT count(*) FROM loyalty_member WHERE changed > $1`, before)
		if after := changed(); (after > before) != (want > 0) {
			t.Errorf("%s: %d is said of how far points are, and was %d", when, after, before)
		}
		w.expectNumber(changed(), when+": the last number", `SELECT max(changed) FROM loyalty_member`)
	}
	expect := func(when string, looked int64, members map[string]string) {
		t.Helper()
		for _, s := range segments {
			done := w.evaluateOnce(when, s)
			if asks := len(s.Predicate.Points) > 0; !done.Baseline && asks && done.Looked != looked {
				t.Errorf("%s: evaluating %s looked at %d, want %d", when, s.Name, done.Looked, looked)
			}
			if want, is := members[s.Name]; is && w.names(s.Name) != want {
				t.Errorf("%s: the members of %s are %q, want %q", when, s.Name, w.names(s.Name), want)
			}
			w.expectWhole(when, s)
		}
	}
	program := spent(12)
	accrue("at first", program, 6)
	expect("at first", -1, map[string]string{"rich": "Expiring Last Taken Used", "near": "Empty First", "silver": "Expiring Taken Used"})
	accrue("again", program, 0)
	expect("again", 0, nil)
	w.expectQuiet("again", segments...)

	// Redeemed: the tier stays. Nobody else is looked at, by who asks before a refresh or after it.
	redeem := store.Posting{Program: "club", Customer: w.codeOf("crm", "Used"), Kind: store.PostingRedeemed, Points: -points(100), Reference: "INV-1", Reason: "stand", Actor: "olga"}
	if _, err := w.Post(t.Context(), redeem); err != nil {
		t.Fatal(err)
	}
	expect("redeemed", 1, map[string]string{"rich": "Expiring Last Taken", "silver": "Expiring Taken Used"})
	if looked := w.refresh().Looked; looked != 1 {
		t.Errorf("after a redemption %d profiles were refreshed", looked)
	}
	accrue("after the redemption", program, 0)
	expect("after the redemption", 1, nil)

	// Given by hand.
	give := store.Posting{Program: "club", Customer: w.codeOf("crm", "First"), Kind: store.PostingAdjusted, Points: points(80), Reference: "G-1", Reason: "carpet", Actor: "olga"}
	if _, err := w.Post(t.Context(), give); err != nil {
		t.Fatal(err)
	}
	expect("given", 1, map[string]string{"rich": "Expiring First Last Taken", "near": "Empty First"})
	w.refresh()
	expect("after the gift", 1, nil)

	// Of three members 100 points expire, without any fact; they were used of one.
	*w.clock = date(2026, 2, 4)
	accrue("expired", program, 3)
	expect("expired", 3, map[string]string{"rich": "First Last", "near": "Empty Expiring First Taken Used", "silver": ""})

	// A fact of another one.
	w.load(from("crm", row("transaction").keyed("T-new").set("at", day(2026, 2, 1)).set("revenue", int64(9_000)).set("currency", "EUR").who("customer").under("Empty")))
	w.refresh()
	accrue("earned", program, 1)
	expect("earned", 1, map[string]string{"near": "Empty Expiring First Taken Used", "rich": "First Last"})

	// Merged, the points are one customer's.
	w.merge(w.codeOf("crm", "First"), w.codeOf("crm", "Empty"))
	w.refresh()
	accrue("merged", program, 1)
	expect("merged", 2, map[string]string{"rich": "Empty Last", "near": "Expiring Taken Used"})

	// With other tiers everybody is looked at, though no member's points changed.
	program.Definition, program.Terms.Tiers = "other", program.Terms.Tiers[:2]
	accrue("of fewer tiers", program, 0)
	expect("of fewer tiers", -1, map[string]string{"near": "Expiring Taken Used"})
	w.accrue("of none", func() store.Program {
		p := program
		p.Definition, p.Eligible.Condition = "none", "FALSE AND p.kind = @kind"
		return p
	}())
	expect("of none", -1, map[string]string{"rich": "", "near": "", "silver": ""})
}

// names are those of the members of a segment.
func (w *world) names(segment string) (names string) {
	w.t.Helper()
	for _, row := range w.query(`SELECT p.name FROM segment_member m JOIN party p ON p.id = m.customer_id WHERE m.segment = $1 ORDER BY p.name`, segment) {
		names += fmt.Sprint(" ", row["name"])
	}
	if names == "" {
		return ""
	}
	return names[1:]
}
