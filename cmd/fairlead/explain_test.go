package main

import (
	"strings"
	"testing"
)

// Why somebody belongs, by an expression and by a segment of a file.
func TestExplain(t *testing.T) {
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		url := newStore(t)
		must(t, exitOK, "migrate", "--store", url, "--reporting-currency", "GBP")
		lists := write(t, "lists.yaml", participations)
		imported(t, exitOK, url, lists, write(t, "list.csv", participationsHeader+"Aero,2023,1,Acme Ltd.,GB,,10\nAero,2024,2,Acme,GB,,20\nAero,2024,3,Zenith AG,CH,,5\n"))
		must(t, exitOK, "store", "refresh", "--store", url)
		code := search(t, url, "acme")[0].Code

		explained := must(t, exitOK, "explain", "--customer", code, "--store", url,
			"--where", "customer.participations > 1 && !(customer.country == 'CH') && (customer.revenue > 5000.00 || 'Exhibitor' in customer.roles)")
		want := code + ` belongs by the expression.

true    all of (&&)
true        customer.participations > 1
                customer.participations = 2
true        not (!)
false           customer.country == "CH"
                    customer.country = "GB"
true        any of (||)
absent          customer.revenue > 5000.0
                    customer.revenue = absent
true            "Exhibitor" in customer.roles
                    customer.roles = [Exhibitor]
`
		if explained != want {
			t.Errorf("it printed\n%s\nwant\n%s", explained, want)
		}
		segments := write(t, "segments.yaml", `apiVersion: crm.fairlead.dev/v1alpha1
kind: CustomerSegment
metadata: {name: regulars}
spec: {storeName: crm, where: "customer.series('Aero').participations >= 3"}
---
apiVersion: crm.fairlead.dev/v1alpha1
kind: CustomerSegment
metadata: {name: friends}
spec: {storeName: crm, where: "customer.inSegment('regulars')"}
`)
		split := write(t, "split.yaml", `apiVersion: crm.fairlead.dev/v1alpha1
kind: CustomerSegment
metadata: {name: ladder}
spec: {storeName: crm, where: "customer.participations >= 2", classify: {ladder: {}}}
---
apiVersion: crm.fairlead.dev/v1alpha1
kind: CustomerSegment
metadata: {name: profit}
spec: {storeName: crm, where: "true", classify: {reinartzKumar: {profit: {highFrom: {amount: "1.00", currency: CHF}}, duration: {longFromMonths: 12}}}}
`)
		// Nobody knows when the editions were, so that neither is known what was missed.
		placed := must(t, exitOK, "explain", "--segment", "ladder", "-f", split, "--customer", code, "--store", url)
		for _, words := range []string{
			code + " belongs to the segment ladder, in the class Unknown: something is not known that the class depends on.\n", "\nBy ladder from non-customer to advocate:\n",
			"  participations             2 editions\n", "  editions missed in a row   absent\n",
		} {
			if !strings.Contains(placed, words) {
				t.Errorf("it printed\n%s\nand not %q", placed, words)
			}
		}
		var inClass explainedJSON
		mustJSON(t, exitOK, &inClass, []string{"customer", "segment", "belongs", "clauses", "class"}, "explain", "--segment", "ladder", "-f", split, "--customer", code, "--store", url)
		if inClass.Class == nil || inClass.Class.Name != "Unknown" || len(inClass.Class.Axes) != 7 || inClass.Class.Axes[1].Missing != "missedEditions" {
			t.Errorf("it said %+v", inClass.Class)
		}
		if code, _, stderr := runCaptured(t, "explain", "--segment", "profit", "-f", split, "--customer", code, "--store", url); code != exitUsage || !strings.Contains(stderr, "spec.classify.reinartzKumar.profit.highFrom: the amount is in CHF") {
			t.Errorf("it ended with %d and said %q", code, stderr)
		}
		var out explainedJSON
		mustJSON(t, exitOK, &out, []string{"customer", "segment", "belongs", "clauses"}, "explain", "--segment", "regulars", "-f", segments, "--customer", code, "--store", url)
		if out.Belongs || len(out.Clauses) != 2 || out.Clauses[0].Came != "false" || out.Clauses[1].Came != "2" || !out.Clauses[1].IsValue {
			t.Errorf("it said %+v", out)
		}
		// A segment that was never evaluated here has no members to ask for.
		if code, _, stderr := runCaptured(t, "explain", "--segment", "friends", "-f", segments, "--customer", code, "--store", url); code != exitFailed || !strings.Contains(stderr, "segment regulars was not evaluated yet") {
			t.Errorf("it ended with %d and said %q", code, stderr)
		}
		for _, test := range []struct {
			args []string
			code int
			want string
		}{
			{[]string{"--where", "customer.reveneu > 1.0", "--customer", code}, exitUsage, "line 1, column 1, customer.reveneu"},
			{[]string{"--where", "customer.reveneu > 1.0", "--customer", code}, exitUsage, "did you mean revenue?"},
			{[]string{"--where", "true", "--customer", "NOBODY"}, exitFailed, `nobody has the code "NOBODY"`},
			{[]string{"--where", "true"}, exitUsage, "for whom? Pass --customer CODE"},
			{[]string{"--customer", code}, exitUsage, "Pass one of --segment NAME, --where EXPRESSION, --outreach NAME and --rule NAME"},
			{[]string{"--customer", code, "--segment", "regulars"}, exitUsage, "where is it?"},
			{[]string{"--customer", code, "--segment", "strangers", "-f", segments}, exitUsage, "there is no CustomerSegment called strangers in " + segments},
		} {
			if code, _, stderr := runCaptured(t, append([]string{"explain", "--store", url}, test.args...)...); code != test.code || !strings.Contains(stderr, test.want) {
				t.Errorf("%v ended with %d and said %q, want %d and %q", test.args, code, stderr, test.code, test.want)
			}
		}
	})
}
