package main

import (
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/store"
)

// Profiles are refreshed, shown with what is behind them, checked and mended.
func TestProfiles(t *testing.T) {
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		url := newStore(t)
		must(t, exitOK, "migrate", "--store", url, "--reporting-currency", "GBP")
		lists := write(t, "lists.yaml", participations)
		imported(t, exitOK, url, lists, write(t, "list.csv", participationsHeader+"Aero,2023,1,Acme Ltd.,GB,,10\nAero,2024,2,Acme,GB,,20\nAero,2024,3,Zenith AG,CH,,5\n"))

		var done refreshedJSON
		if mustJSON(t, exitOK, &done, []string{"looked", "changed"}, "store", "refresh", "--store", url); done.Changed != 2 || done.Generation == 0 {
			t.Errorf("the refresh did %+v", done)
		}
		if out := must(t, exitOK, "store", "refresh", "--store", url); out != "Nobody waits: all profiles are fresh.\n" {
			t.Errorf("the second refresh printed %q", out)
		}
		found := search(t, url, "acme")
		text, party := show(t, url, found[0].Code)
		if party.Profile == nil || party.Profile.Currency != "GBP" || !strings.Contains(text, "\nProfile, amounts in GBP\n") ||
			!strings.Contains(text, "\nProfile with Aero as Exhibitor\n") || !strings.Contains(text, "2 participation\n") {
			t.Errorf("the profile is %+v, printed as\n%s", party.Profile, text)
		}
		explained := must(t, exitOK, "customer", "show", found[0].Code, "--measure", "participations", "--store", url)
		for _, part := range []string{"participations", "Means ", "editions taken part in, in whatever role", "D21", "participation (2)", "Aero 2023"} {
			if !strings.Contains(explained, part) {
				t.Errorf("the explanation lacks %q:\n%s", part, explained)
			}
		}

		if out := must(t, exitOK, "store", "check", "--store", url); out != "2 parties were compared, 0 differences found. 0 wait for a refresh.\n" {
			t.Errorf("the check printed %q", out)
		}
		if _, err := connect(t, url).ExecContext(t.Context(), `UPDATE customer_profile SET participations = 9`); err != nil {
			t.Fatal(err)
		}
		out := must(t, exitFailed, "store", "check", "--store", url)
		if strings.Count(out, "participations") != 3 || !strings.Contains(out, "customer_profile.participations: 2") {
			t.Errorf("the check of what is wrong printed\n%s", out)
		}
		var checked store.Checked
		if mustJSON(t, exitFailed, &checked, []string{"compared", "differences", "found"}, "store", "check", "--store", url, "--limit", "1"); checked.Differences != 2 || len(checked.Found) != 1 {
			t.Errorf("the check found %+v", checked)
		}
		if mustJSON(t, exitOK, &done, nil, "store", "rebuild", "--store", url); done.Looked != 2 || done.Changed != 2 {
			t.Errorf("the rebuild did %+v", done)
		}
		must(t, exitOK, "store", "check", "--store", url)
	})
}

func TestProfilesCalledWrongly(t *testing.T) {
	url := newSQLite(t)
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"customer", "show", "A", "--measure", "profit"}, `--measure "profit": there is none of this name: want one of kind, country`},
		{[]string{"store", "check", "--limit", "-1"}, "--limit must not be negative"},
		{[]string{"migrate", "--reporting-currency", "XQQ"}, `--reporting-currency "XQQ": want a code of ISO 4217`},
	} {
		if code, _, stderr := runCaptured(t, append(test.args, "--store", url)...); code != exitUsage || !strings.Contains(stderr, test.want) {
			t.Errorf("%v ended with %d and said %q, want %q", test.args, code, stderr, test.want)
		}
	}
	must(t, exitOK, "migrate", "--reporting-currency", "EUR", "--store", url)
	if code, _, stderr := runCaptured(t, "migrate", "--reporting-currency", "GBP", "--store", url); code != exitFailed || !strings.Contains(stderr, "the store reports in EUR") {
		t.Errorf("another currency ended with %d and said %q", code, stderr)
	}
}
