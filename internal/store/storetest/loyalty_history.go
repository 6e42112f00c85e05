package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// points in the units that stores hold.
func points(whole int64) int64 { return whole * store.PointUnits }

// club is a program over all kinds of facts.
func club(name string) store.Program {
	return store.Program{
		Name: name, Definition: "club", Eligible: store.Predicate{Condition: "p.kind = @kind", Parameters: map[string]any{"kind": "Organization"}}, Rounding: store.Rounding{Mode: store.RoundHalfUp},
		Accruals: []store.Accrual{
			{Rule: "there", Kind: customer.FactParticipation, Fields: []string{"role", "tookPart"}, Where: "f.role = @role AND f.took_part", Points: "@points", Parameters: map[string]any{"role": "Exhibitor", "points": points(100)}},
			{Rule: "area", Kind: customer.FactParticipation, Fields: []string{"boothArea", "role"}, Where: "f.role = @role", Points: "f.booth_area * 20000", Parameters: map[string]any{"role": "Exhibitor"}},
			{Rule: "booked", Kind: customer.FactBooking, Fields: []string{"net", "status"}, Where: "f.status <> @none", Points: "f.net * 1000", Parameters: map[string]any{"none": "Cancelled"}},
			{Rule: "spent", Kind: customer.FactTransaction, Fields: []string{"revenue"}, Points: "f.revenue * 100"},
			{Rule: "brought", Kind: customer.FactReferral, Fields: []string{"converted"}, Where: "f.converted", Points: "@points", Parameters: map[string]any{"points": points(250)}},
			{Rule: "answered", Kind: customer.FactFeedback, Points: "@points", Parameters: map[string]any{"points": points(5)}},
			{Rule: "came", Kind: customer.FactTraining, Points: "@points", Parameters: map[string]any{"points": points(20)}},
		},
		Terms: store.Terms{ExpireAfterMonths: 30, GraceMonths: 7, Tiers: []store.Tier{{Name: "Bronze"}, {Name: "Silver", From: points(150)}, {Name: "Gold", From: points(400)}}},
	}
}

func (w *world) accrue(when string, program store.Program) store.Accrued {
	w.t.Helper()
	done, err := w.Accrue(w.t.Context(), program)
	if err != nil {
		w.t.Fatalf("%s: %v", when, err)
	}
	return done
}

// testLoyaltyHistories plays random histories of facts, merges, erasures, days and postings: after
// every step members stand as they do for who reckons it all anew, and as a plain reckoning in Go
// says, whatever came when.
func testLoyaltyHistories(t *testing.T, s *suite) {
	seen := map[string]bool{}
	for seed := range histories(t, 3) {
		t.Run(fmt.Sprint("Seed", seed), func(t *testing.T) {
			w := s.world(t)
			random := rand.New(rand.NewPCG(seed, 31))
			w.beginHistory(random)
			program := club("club")
			segments := w.askingPoints()
			for step := range 14 {
				when := "at the beginning"
				if step > 0 {
					when = fmt.Sprintf("step %d, %s", step, profileStep(w, random))
				}
				if random.IntN(3) == 0 {
					w.accrue(when+", before the refresh", program)
				}
				w.refresh()
				w.accrue(when, program)
				w.followPoints(when, segments, random, seen)
				when += w.postSome(random, when, seen)
				w.followPoints(when, segments, random, seen)
				w.expectStanding(when, program, seen)
				w.expectToldAll(when, seen)
			}
			before := w.everything()
			for range 2 {
				if done := w.accrue("at the end", program); done.Posted != 0 {
					t.Errorf("accruing again posted %+v", done)
				}
			}
			if after := w.everything(); after != before {
				t.Errorf("accruing again wrote:\n%s", differences(after, before))
			}
		})
	}
	for _, what := range []string{"Gold", "Silver", "grace", "expired", "redeemed", "refused", "followed", "expiring", "no member"} {
		if !seen[what] {
			t.Errorf("nothing was seen of %s", what)
		}
	}
}

// postSome posts to some members, and says what.
func (w *world) postSome(random *rand.Rand, when string, seen map[string]bool) string {
	w.t.Helper()
	said := ""
	for _, row := range w.query(`SELECT p.code, m.balance FROM loyalty_member m JOIN party p ON p.id = m.customer_id ORDER BY p.id`) {
		if random.IntN(5) > 0 {
			continue
		}
		balance, _ := row["balance"].(int64)
		posting := store.Posting{Program: "club", Customer: fmt.Sprint(row["code"]), Kind: store.PostingRedeemed, Points: -points(1 + random.Int64N(300)), Reference: fmt.Sprint(random.Uint64()), Reason: "a stand", Actor: "olga"}
		if random.IntN(3) == 0 {
			posting.Kind, posting.Points = store.PostingAdjusted, points(random.Int64N(200)-80)
		}
		before := w.everything()
		posted, err := w.Post(w.t.Context(), posting)
		var short *store.InsufficientPointsError
		switch {
		case errors.As(err, &short):
			seen["refused"] = true
			if short.Balance != balance || short.Wanted != -posting.Points || balance >= short.Wanted {
				w.t.Fatalf("%s: of %d points %d were refused: %+v", when, balance, posting.Points, short)
			}
			if after := w.everything(); after != before {
				w.t.Fatalf("%s: what was refused wrote:\n%s", when, differences(after, before))
			}
		case err != nil:
			w.t.Fatalf("%s: %v", when, err)
		case posted.Member.Balance != balance+posting.Points || posted.Before:
			w.t.Fatalf("%s: %d points and %d are %+v", when, balance, posting.Points, posted)
		default:
			said += fmt.Sprintf(", %d points %s", posting.Points/store.PointUnits, posting.Kind)
			before := w.everything()
			if again, err := w.Post(w.t.Context(), posting); err != nil || !again.Before || again.Member != posted.Member {
				w.t.Fatalf("%s: posted again it is %+v, %v", when, again, err)
			}
			if after := w.everything(); after != before {
				w.t.Fatalf("%s: posting again wrote:\n%s", when, differences(after, before))
			}
		}
	}
	return said
}

// expectStanding compares how members stand with how they do anew, and by a plain reckoning.
func (w *world) expectStanding(when string, program store.Program, seen map[string]bool) {
	w.t.Helper()
	anew := program
	anew.Name = "anew"
	number := w.number(`SELECT id FROM loyalty_program WHERE name = $1`, program.Name)
	// The same postings, under a number that the program is given.
	w.exec(`INSERT INTO loyalty_program (id, name, terms) VALUES (999, 'anew', '')`)
	w.exec(`INSERT INTO points_posting (id, program_id, customer_id, customer_record_id, kind, points, at, reference, reason, actor)
		SELECT id + 100000, 999, customer_id, customer_record_id, kind, points, at, reference, reason, actor FROM points_posting`)
	w.accrue(when+", anew", anew)
	const standing = `SELECT customer_id, tier, tier_points, balance, earned, adjusted, redeemed, expired, unearned, grace_until, next_change_at FROM loyalty_member WHERE program_id = $1 ORDER BY customer_id`
	got, want := w.query(standing, number), w.query(standing, 999)
	for i := range min(len(got), len(want)) {
		// What was corrected since may be looked at for nothing, and never too late.
		if first, due := toNumber(got[i]["next_change_at"]), toNumber(want[i]["next_change_at"]); due > 0 && (first == 0 || first > due) {
			w.t.Fatalf("%s: %v is looked at on %d, and changes on %d", when, got[i]["customer_id"], first, due)
		}
		delete(got[i], "next_change_at")
		delete(want[i], "next_change_at")
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Fatalf("%s: members stand as\n%s\nand anew as\n%s", when, lines(got), lines(want))
	}
	lots := `SELECT customer_id, rule, kind, fact_id, earned_at, expires_at, sum(points) AS points FROM points_entry WHERE program_id = $1 GROUP BY customer_id, rule, kind, fact_id, earned_at, expires_at HAVING sum(points) <> 0 ORDER BY customer_id, rule, kind, fact_id, earned_at`
	if got, want := fmt.Sprint(w.query(lots, number)), fmt.Sprint(w.query(lots, 999)); got != want {
		w.t.Fatalf("%s: lots are\n%s\nand anew\n%s", when, got, want)
	}
	if got, want := w.members(store.TiersOf("club")), w.members(store.TiersOf("anew")); got != want {
		w.t.Fatalf("%s: tiers are %s, and anew %s", when, got, want)
	}
	for _, row := range want {
		member := w.reckoned(program.Terms, row["customer_id"].(int64), number, seen)
		if got := fmt.Sprint(row["tier"], row["tier_points"], row["balance"], row["expired"]); got != member {
			w.t.Fatalf("%s: %v stands as %s, and by hand as %s", when, row["customer_id"], got, member)
		}
	}
	for _, statement := range []string{`DELETE FROM loyalty_program WHERE id = 999`, `DELETE FROM loyalty_member WHERE program_id = 999`, `DELETE FROM points_entry WHERE program_id = 999`,
		`DELETE FROM points_posting WHERE program_id = 999`, `DELETE FROM segment WHERE name = 'loyalty/anew'`, `DELETE FROM segment_member WHERE segment = 'loyalty/anew'`} {
		w.exec(statement)
	}
}

func lines(rows []map[string]any) string {
	var text []string
	for _, row := range rows {
		text = append(text, fmt.Sprint(row))
	}
	return strings.Join(text, "\n")
}

// move is points that come at a moment and go at another, be it never.
type move struct {
	points, at, expires int64
	counts              bool
}

// reckoned is how a member stands, event by event: the tier, the points for it, the balance, and
// what expired.
func (w *world) reckoned(terms store.Terms, customer, program int64, seen map[string]bool) string {
	now := w.clock.UnixMilli()
	var lots, uses, counting []move
	for _, row := range w.query(`SELECT sum(points) AS points, earned_at, expires_at FROM points_entry WHERE customer_id = $1 AND program_id = $2 GROUP BY kind, fact_id, rule, earned_at, expires_at`, customer, program) {
		m := move{toNumber(row["points"]), toNumber(row["earned_at"]), toNumber(row["expires_at"]), true}
		lots, counting = append(lots, m), append(counting, m)
	}
	for _, row := range w.query(`SELECT points, at, kind FROM points_posting WHERE customer_id = $1 AND program_id = $2 ORDER BY at`, customer, program) {
		at := toNumber(row["at"])
		m := move{toNumber(row["points"]), at, monthsLater(at, terms.ExpireAfterMonths), row["kind"] == store.PostingAdjusted}
		if m.counts {
			counting = append(counting, m)
		}
		if m.points > 0 {
			lots = append(lots, m)
		} else {
			uses = append(uses, m)
			seen["redeemed"] = seen["redeemed"] || !m.counts
		}
	}
	gone := func(at int64) (sum int64) {
		for _, l := range lots {
			if l.expires <= at {
				sum += l.points
			}
		}
		return sum
	}
	used, all := int64(0), int64(0)
	for _, u := range uses {
		used, all = max(used, gone(u.at))-u.points, all-u.points
	}
	used = max(used, gone(now))
	balance := -used
	for _, l := range lots {
		if l.at <= now {
			balance += l.points
		}
	}
	seen["expired"] = seen["expired"] || used > all
	tier, present := tierByHand(terms, counting, now)
	seen[tier] = true
	seen["grace"] = seen["grace"] || tier != tierFor(terms, present)
	return fmt.Sprint(tier, present, balance, used-all)
}

func tierFor(terms store.Terms, points int64) (name string) {
	for _, tier := range terms.Tiers {
		if points >= tier.From {
			name = tier.Name
		}
	}
	return name
}

// tierByHand is the tier at a moment, and the points then: the best of all spans of time whose
// tier is still kept.
func tierByHand(terms store.Terms, moves []move, now int64) (tier string, present int64) {
	moments := []int64{}
	for _, m := range moves {
		moments = append(moments, m.at, m.expires)
	}
	slices.Sort(moments)
	moments = slices.DeleteFunc(slices.Compact(moments), func(at int64) bool { return at > now })
	best := int64(0)
	for i, at := range moments {
		sum := int64(0)
		for _, m := range moves {
			if m.at <= at && at < m.expires {
				sum += m.points
			}
		}
		if i == len(moments)-1 {
			present = sum
			best = max(best, sum)
		} else if monthsLater(moments[i+1], terms.GraceMonths) > now {
			best = max(best, sum)
		}
	}
	return tierFor(terms, best), present
}

// monthsLater is the midnight of the day so many months later, or of the last of that month.
func monthsLater(at int64, months int) int64 {
	day := time.UnixMilli(at).UTC()
	for back := 0; ; back++ {
		later := time.Date(day.Year(), day.Month()+time.Month(months), day.Day()-back, 0, 0, 0, 0, time.UTC)
		if want := (int(day.Month()) - 1 + months) % 12; int(later.Month())-1 == want {
			return later.UnixMilli()
		}
	}
}

func toNumber(value any) int64 {
	switch value := value.(type) {
	case int64:
		return value
	case string:
		var number int64
		fmt.Sscan(value, &number)
		return number
	}
	return 0
}
