package main

import (
	"strings"
	"testing"
)

// Cohorts are shown as a table of shares or of revenue, and for programs.
func TestCohorts(t *testing.T) {
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		url := newStore(t)
		must(t, exitOK, "migrate", "--store", url, "--reporting-currency", "EUR")
		editions := write(t, "editions.yaml", "source: lists\nentity: edition\nlegalBasis: Contract\nacquired: test\ncolumns:\n- {column: series, field: series}\n- {column: edition, field: edition}\n- {column: opens, field: opens}\n- {column: closes, field: closes}\n")
		imported(t, exitOK, url, editions, write(t, "editions.csv", "series,edition,opens,closes\nAero,2023,2023-04-19,2023-04-22\nAero,2024,2024-04-17,2024-04-20\nAero,2025,2025-04-09,2025-04-12\n"))
		lists := write(t, "lists.yaml", "source: lists\nentity: participation\nlegalBasis: Contract\nacquired: test\nresolveBy: [MatchKey]\ncolumns:\n- {column: series, field: series}\n- {column: edition, field: edition}\n- {column: name, field: customer.name}\n- {column: net, field: net}\n- {field: currency, value: EUR}\n- {field: role, value: Exhibitor}\n- {field: status, value: Attended}\n")
		imported(t, exitOK, url, lists, write(t, "list.csv", "series,edition,name,net\nAero,2023,Falke,10.00\nAero,2023,Merlin,20.00\nAero,2024,Falke,30.00\nAero,2025,Kestrel,\n"))

		if out := must(t, exitOK, "cohorts", "--series", "Aero", "--store", url); !strings.Contains(out, "    2023           2   50.0 %   0.0 %\n    2025           1\n") {
			t.Errorf("cohorts are\n%s", out)
		}
		if out := must(t, exitOK, "cohorts", "--series", "Aero", "--store", url, "--revenue"); !strings.Contains(out, "    2023           2   15.00   30.00   30.00\n    2025           1       -\n") || !strings.Contains(out, "in EUR.") {
			t.Errorf("with revenue cohorts are\n%s", out)
		}
		var found struct {
			Currency string       `json:"currency"`
			Cohorts  []cohortJSON `json:"cohorts"`
		}
		mustJSON(t, exitOK, &found, []string{"currency", "cohorts"}, "cohorts", "--series", "Aero", "--store", url)
		if len(found.Cohorts) != 2 || found.Cohorts[0].Later[1] != (stayedJSON{"2024", 1, "30.00"}) {
			t.Errorf("for programs cohorts are %+v", found)
		}
		for _, test := range []struct {
			args []string
			code int
			want string
		}{
			{[]string{"--series", "Aeroo"}, exitFailed, `nobody is known to have taken part in an edition of "Aeroo" as Exhibitor`},
			{[]string{"--series", "Aero", "--role", "Guest"}, exitUsage, `--role "Guest": want one of Exhibitor, Visitor`},
			{nil, exitUsage, "--series is missing"},
		} {
			if code, _, stderr := runCaptured(t, append(append([]string{"cohorts"}, test.args...), "--store", url)...); code != test.code || !strings.Contains(stderr, test.want) {
				t.Errorf("%v ended with %d and said %q", test.args, code, stderr)
			}
		}
	})
}
