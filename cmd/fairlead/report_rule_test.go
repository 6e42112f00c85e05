package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

// ranRule is a store in which a rule ran as often as is said: so many days ago.
func ranRule(t *testing.T, url string, daysAgo ...int) {
	t.Helper()
	db := connect(t, url)
	if _, err := db.ExecContext(t.Context(), `INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT 'all', p.id, '', 0 FROM party p WHERE p.kind = 'Organization'`); err != nil {
		t.Fatal(err)
	}
	for _, days := range daysAgo {
		at := time.Now().AddDate(0, 0, -days)
		s, err := store.Open(t.Context(), url, store.Options{Now: func() time.Time { return at }})
		if err != nil {
			t.Fatal(err)
		}
		run, err := s.Freeze(t.Context(), store.Freeze{
			Key: fmt.Sprint("letters/", days), Rule: "letters", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}, Holdout: 3_000, HoldoutKey: "letters",
			Plan: `{"messages":[{"locale":"en"}],"window":10,"attempts":8,"cost":{"amount":"0.625","currency":"GBP"},"channel":{"delivery":"Live","messagesPerSecond":1}}`,
		})
		if err == nil {
			_, err = s.SetRunState(t.Context(), run.ID, []store.RunState{store.RunFrozen}, store.RunSending, "")
		}
		if err == nil {
			_, err = db.ExecContext(t.Context(), `UPDATE outreach_shard SET sent = end_seq - start_seq`)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReportOfRule(t *testing.T) {
	rule := strings.NewReplacer("{TRIGGER}", "{anniversary: {field: Birthday}}", "SUBJECT", "x").Replace(ruleManifest)
	file := write(t, "rule.yaml", strings.Replace(rule, "objective: Retain", "objective: Retain\n  runKeyPrefix: letters", 1))
	said := ""
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		url := airStore(t, newStore)
		report := func(args ...string) []string {
			return append([]string{"report", "--rule", "reminder", "-f", file, "--store", url}, args...)
		}
		if out := must(t, exitOK, report()...); out != "reminder: scorecard\nObjective Retain\n\nThe rule has had no run yet.\n" {
			t.Errorf("before its first run it said\n%s", out)
		}
		// Most of what is made up happened two years before the second run.
		ranRule(t, url, 900, 500, 10)
		text := must(t, exitOK, report()...)
		for _, want := range []string{"3 runs, ", "\n    not: Holdout", "\nEFFECT WITHIN 90 DAYS", "\nCompared: 2 runs.", "\nToo early for 1 run: 90 days have not passed since."} {
			if !strings.Contains(text, want) {
				t.Errorf("it does not say %q:\n%s", want, text)
			}
		}
		if said != "" && said != text {
			t.Errorf("it said\n%s\nand the other database\n%s", text, said)
		}
		said = text
		var read struct {
			Delivery struct{ Sent int64 }
			Costs    []struct{ Amount string }
			Effect   struct {
				Days, ComparedRuns int
				Treated, HeldOut   int64
			}
		}
		if err := json.Unmarshal([]byte(must(t, exitOK, report("--format", "json", "--days", "600")...)), &read); err != nil {
			t.Fatal(err)
		}
		if e := read.Effect; e.Days != 600 || e.ComparedRuns != 1 || e.Treated == 0 || e.HeldOut == 0 || len(read.Costs) != 1 || read.Costs[0].Amount != fmt.Sprintf("%.2f", float64(read.Delivery.Sent)*0.625+1e-9) {
			t.Errorf("as JSON it said %+v", read)
		}
		for name, test := range map[string]struct {
			args []string
			want string
		}{
			"both":           {report("--exhibition", "fair-2099"), "report what? Pass --exhibition NAME or --rule NAME, one of them"},
			"neither":        {[]string{"report", "-f", file, "--store", url}, "report what?"},
			"a week":         {report("--week", "2025-W20"), "--week goes with --exhibition"},
			"days of a week": {[]string{"report", "--exhibition", "fair-2099", "--days", "9"}, "--days goes with --rule"},
			"no days":        {report("--days", "0"), "--days 0: want 1 to 1095"},
			"a page":         {report("--format", "html"), `--format "html": of a rule want text, json`},
			"another rule":   {report("--rule", "none"), "there is no CampaignRule called none in " + file},
		} {
			if code, _, stderr := runCaptured(t, test.args...); code != exitUsage || !strings.Contains(stderr, test.want) {
				t.Errorf("%s: it ended with %d and said %q, want %q", name, code, stderr, test.want)
			}
		}
	})
}
