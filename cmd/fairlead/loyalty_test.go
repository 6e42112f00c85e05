package main

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/loyalty"
	"github.com/fairlead/fairlead/internal/store"
)

const clubManifest = `apiVersion: crm.fairlead.dev/v1alpha1
kind: LoyaltyProgram
metadata: {name: club, namespace: expo}
spec:
  storeName: crm
  eligible: "'Exhibitor' in customer.roles"
  accrual:
  - {name: there, fact: Participation, where: "fact.role == 'Exhibitor' && fact.tookPart", points: "POINTS"}
  pointValue: {amount: "0.10", currency: EUR}
  tiers:
  - {name: Bronze, fromPoints: 0}
  - {name: Gold, fromPoints: 200, boothDiscountPercent: 10, benefits: [PrioritySelection]}
`

// carryOut has a store reckon the points of a program, as the manager does.
func carryOut(t *testing.T, url, manifest string) {
	t.Helper()
	declared := &crm.LoyaltyProgram{}
	if err := yaml.UnmarshalStrict([]byte(manifest), declared); err != nil {
		t.Fatal(err)
	}
	program, err := loyalty.Compile(declared.Name, declared.Spec, audience.Catalog{CurrencyDigits: 2}, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Accrue(t.Context(), *program); err != nil {
		t.Fatal(err)
	}
}

func TestLoyalty(t *testing.T) {
	manifest := strings.Replace(clubManifest, "POINTS", "100", 1)
	richer := write(t, "club.yaml", strings.Replace(clubManifest, "POINTS", "150", 1))
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		url := airStore(t, newStore)
		on := func(args ...string) []string { return append(append([]string{"loyalty"}, args...), "--store", url) }
		if out := must(t, exitOK, on("programs")...); out != "PROGRAM   MEMBERS   OUTSTANDING   REDEEMED   EXPIRED\n" {
			t.Errorf("of none it lists\n%s", out)
		}
		carryOut(t, url, manifest)
		var code string
		if err := connect(t, url).QueryRowContext(t.Context(), `SELECT p.code FROM loyalty_member m JOIN party p ON p.id = m.customer_id WHERE m.tier = 'Gold' ORDER BY m.balance, p.id LIMIT 1`).Scan(&code); err != nil {
			t.Fatal(err)
		}
		member := func(args ...string) []string {
			return on(append(args, "--program", "club", "--customer", code)...)
		}
		says := func(out string, wanted ...string) {
			t.Helper()
			for _, want := range wanted {
				if !strings.Contains(out, want) {
					t.Errorf("it does not say %q:\n%s", want, out)
				}
			}
		}
		says(must(t, exitOK, member("statement")...), code+" in club, as of ", "there   Participation ", " earned + 0 by hand - 0 redeemed - 0 expired = ", "Tier Gold, by ")
		says(must(t, exitOK, member("quote", "--price", "12000.00", "--exhibition", "air-2026")...),
			"A booth at air-2026 for "+code+": 12000.00 EUR - 10 % (1200.00) = 10800.00 EUR\nWhy: tier Gold, by ", "Entitled to: PrioritySelection.")

		redeem := func(points string) []string {
			return member("redeem", "--points", points, "--reference", "INV-1", "--reason", "stand 4", "--actor", "olga")
		}
		says(must(t, exitOK, redeem("150")...), code+": redeemed 150 points; ", ", in the tier Gold\n")
		says(must(t, exitOK, redeem("150")...), "INV-1 was posted before, and nothing now; ")
		for want, args := range map[string][]string{
			"something else was posted under the reference": redeem("20"),
			" are wanted":                                     member("redeem", "--points", "100000", "--reference", "INV-2", "--reason", "x"),
			`--points "12,5": want a number such as`:          member("adjust", "--points", "12,5", "--reference", "a", "--reason", "b"),
			"--reference is empty":                            member("redeem", "--points", "1", "--reason", "b"),
			"there is no loyalty program elsewhere":           on("statement", "--program", "elsewhere", "--customer", code),
			`nobody has the code "FL-none"`:                   on("statement", "--program", "club", "--customer", "FL-none"),
			"which customer? Pass --customer CODE":            on("quote", "--program", "club", "--price", "1.00"),
			`--price "1.234" in "EUR": want an amount such`:   member("quote", "--price", "1.234"),
			"which program? Pass its manifest by -f FILE":     on("simulate"),
			"-f: there is no LoyaltyProgram called elsewhere": on("simulate", "-f", richer, "--program", "elsewhere"),
		} {
			if ended, _, stderr := runCaptured(t, args...); ended == exitOK || !strings.Contains(stderr, want) {
				t.Errorf("%s ends with %d: %s", strings.Join(args[1:3], " "), ended, stderr)
			}
		}
		says(must(t, exitOK, member("adjust", "--points=-10", "--reference", "A-1", "--reason", "by mistake", "--actor", "olga")...), code+": adjusted by -10 points; ")
		says(must(t, exitOK, member("statement")...), " + -10 by hand - 150 redeemed - 0 expired = ", "Redeemed   -150     INV-1       stand 4      olga")

		// Gold is kept for a while, though the points for it are gone by the 10 that were taken.
		var balance int64
		if err := connect(t, url).QueryRowContext(t.Context(), `SELECT m.balance FROM loyalty_member m JOIN party p ON p.id = m.customer_id WHERE p.code = '`+code+`'`).Scan(&balance); err != nil {
			t.Fatal(err)
		}
		explained := must(t, exitOK, "explain", "--store", url, "--customer", code, "--where", "customer.points('club') > -5 || customer.pointsToNextTier('club') > 1.0")
		says(explained, `customer.points("club") = `+store.PointsText(balance)+"\n", `customer.pointsToNextTier("club") = 10`+"\n")

		before := must(t, exitOK, on("programs")...)
		says(must(t, exitOK, on("simulate", "-f", richer)...), "BEFORE", "points issued", "discounts at the last editions' prices, EUR", "liability, EUR", "Who would move\n  FROM     TO     MEMBERS\n  Bronze   Gold   ")
		if after := must(t, exitOK, on("programs")...); after != before {
			t.Errorf("after it was simulated there are\n%s\nand before\n%s", after, before)
		}
		var simulated simulatedSays
		mustJSON(t, exitOK, &simulated, []string{"program", "before", "after", "moves", "currency"}, on("simulate", "-f", richer)...)
		if simulated.Before == nil || simulated.Before.Members != simulated.After.Members || simulated.After.Liability == simulated.Before.Liability {
			t.Errorf("it says %+v and %+v", simulated.Before, simulated.After)
		}
	})
}
