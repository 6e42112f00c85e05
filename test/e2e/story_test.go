//go:build e2e

package e2e

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/test/mailsink"
)

// member is the exhibitor whose statement the demo shows.
const member = "FL-0003305"

// story is what make demo left in the cluster.
type story struct {
	// store is sqlite or postgres, as STORE says.
	store, namespace string
	sink             mailsink.Page
}

// told runs make demo, and gives what it printed.
func (s story) told(t *testing.T) string {
	t.Helper()
	began := time.Now()
	demo := exec.CommandContext(t.Context(), "make", "-C", "../..", "demo", "STORE="+s.store)
	out, err := demo.CombinedOutput()
	t.Logf("make demo STORE=%s took %s:\n%s", s.store, time.Since(began).Round(time.Second), out)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// fairlead runs a command beside the store, as the demo's summary says.
func (s story) fairlead(t *testing.T, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "../../hack/demo/fairlead.sh", args...)
	command.Env = append(os.Environ(), "STORE="+s.store)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("fairlead %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// key is that of a resource of the story.
func (s story) key(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: s.namespace, Name: name}
}

// TestStory tells the story of make demo on the database that STORE names, uninstalls all of
// Fairlead, with every resource of it, and tells the story again: what customers, points and
// letters there were is there, and nobody gets a letter a second time.
func TestStory(t *testing.T) {
	s := story{store: os.Getenv("STORE"), namespace: managerNamespace}
	switch s.store {
	case "sqlite":
	case "postgres":
		s.namespace = "airshow"
	default:
		t.Skip("STORE names no database: make e2e runs this in a cluster of its own")
	}
	s.expectTold(t, s.told(t))
	s.sink = sinkPage(t, nodeAddress(t))
	s.expectSegments(t)
	s.expectRetention(t)
	first := s.expectLoyalty(t)
	again := s.fairlead(t, "import", "-f", "/data/participations.yaml", "/data/exhibitors.csv.gz")
	if !regexp.MustCompile(`(?m)^ +unchanged +39682$`).MatchString(again) {
		t.Errorf("importing again does not say that everything is unchanged:\n%s", again)
	}
	before := s.stands(t)
	mails, err := s.sink.Recipients(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	uninstalled := time.Now()
	kubectl(t, "delete", "-k", "../../config/default", "--ignore-not-found", "--timeout=3m")
	// As long as kubectl remembers the kind, it asks for it.
	unknown := regexp.MustCompile(`the server (doesn't have a resource type|could not find the requested resource)`)
	if out, err := tryKubectl(t, "get", "cstore", "-A"); err == nil || !unknown.MatchString(err.Error()) {
		t.Fatalf("there are resources of Fairlead yet: %v\n%s", err, out)
	}
	s.expectTold(t, s.told(t))
	s.expectSegments(t)
	s.expectRetention(t)
	if second := s.expectLoyalty(t); second != first {
		t.Errorf("points stood at %+v, and after another installation at %+v", first, second)
	}
	if after := s.stands(t); !maps.Equal(after, before) {
		t.Errorf("it stood at\n%v\nand after another installation at\n%v", before, after)
	}
	s.expectNothingTwice(t, mails, uninstalled)
}

// expectTold wants each of the steps, and the summary, in what the demo printed.
func (s story) expectTold(t *testing.T, out string) {
	t.Helper()
	for _, part := range []string{
		"1 of 4: Collect.", "2 of 4: Plan.", "3 of 4: Interact.", "4 of 4: Evaluate.", "What you have now",
		"20538 in the store airshows on " + s.store, "retention of Farnborough 2026: 0.3837", "848 are not back in 2026",
	} {
		if !strings.Contains(out, part) {
			t.Errorf("the demo does not say %q", part)
		}
	}
}

// stands is what must survive an installation, by a name: counts of customers, and what was sent.
func (s story) stands(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for name, path := range map[string]string{
		"cstore/airshows":       "{.status.storeID} {.status.customers}",
		"cstore/made-up":        "{.status.storeID} {.status.customers}",
		"out/thank-you":         "{.status.phase} {.status.messages.sent} {.status.audience}",
		"out/newcomers":         "{.status.phase} {.status.messages.sent} {.status.audience}",
		"out/newsletter":        "{.status.messages.sent} {.status.audience}",
		"crule/invite-regulars": "{.status.totals.sent} {.status.totals.suppressed} {.status.totals.heldOut}",
		"crule/remind-regulars": "{.status.totals.sent} {.status.totals.suppressed} {.status.totals.heldOut}",
	} {
		all[name] = kubectl(t, "get", "-n", s.namespace, name, "-o", "jsonpath="+path)
	}
	t.Logf("%s: %v", s.store, all)
	return all
}

// expectNothingTwice looks at what came since Fairlead was uninstalled: it may be what waited for
// its hour, to people who had nothing of the kind before.
func (s story) expectNothingTwice(t *testing.T, before map[string]int, since time.Time) {
	t.Helper()
	after, err := s.sink.Recipients(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.sink.Messages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kind := regexp.MustCompile(`^(Newsletter|Happy birthday)`)
	had, came := map[string]bool{}, map[string]int{}
	for _, mail := range list {
		if mail.Time.Before(since) {
			had[kind.FindString(mail.Subject)+" "+strings.Join(mail.To, " ")] = true
		}
	}
	for _, mail := range list {
		if mail.Time.Before(since) {
			continue
		}
		of := kind.FindString(mail.Subject)
		if to := strings.Join(mail.To, " "); of == "" || had[of+" "+to] || came[of+" "+to] > 0 {
			t.Errorf("%q came after another installation, and not for the first time", mail.Subject)
		}
		came[of+" "+strings.Join(mail.To, " ")]++
	}
	allBefore, allAfter := 0, 0
	for address := range after {
		allBefore, allAfter = allBefore+before[address], allAfter+after[address]
	}
	if allAfter-allBefore != len(came) {
		t.Errorf("%d mails came before and %d afterwards, and %d of them waited for their hour", allBefore, allAfter, len(came))
	}
	t.Logf("%d mails to %d addresses before, %d more after another installation, which waited for their hour", allBefore, len(before), len(came))
}

// expectSegments wants as many members as were found from the facts by other questions, in
// test/realdata.
func (s story) expectSegments(t *testing.T) {
	t.Helper()
	for name, members := range map[string]int64{
		"farnborough-and-paris": 2909, "three-in-a-row": 280, "first-time-in-2024": 718, "lapsed-exhibitors": 7252, "not-back-in-2026": 848,
	} {
		segment := &crm.CustomerSegment{ObjectMeta: s.key(name)}
		condition(t, segment, func() []metav1.Condition { return segment.Status.Conditions }, crm.ConditionReady, crm.ReasonReady, "")
		if ptr.Deref(segment.Status.Members, 0) != members {
			t.Errorf("segment %s has %d members, want %d", name, ptr.Deref(segment.Status.Members, -1), members)
		}
	}
	both := &crm.CustomerSegment{ObjectMeta: s.key("regulars-of-both")}
	condition(t, both, func() []metav1.Condition { return both.Status.Conditions }, crm.ConditionReady, crm.ReasonReady, "")
	if members := ptr.Deref(both.Status.Members, 0); members == 0 || members >= 280 {
		t.Errorf("a segment that asks for two others has %d members", members)
	}
}

// expectRetention wants the edition's retention in its status, in kubectl and in Prometheus.
func (s story) expectRetention(t *testing.T) {
	t.Helper()
	edition := &crm.Exhibition{ObjectMeta: s.key("farnborough-2026")}
	eventually(t, func(ctx context.Context) error {
		if err := cluster.Get(ctx, client.ObjectKeyFromObject(edition), edition); err != nil {
			return err
		}
		found := meta.FindStatusCondition(edition.Status.Conditions, crm.ConditionTargetsMet)
		if found == nil || found.Status != metav1.ConditionFalse || found.Reason != crm.ReasonTargetsMissed || !strings.Contains(found.Message, "exhibitor retention 0.3837 of 0.60") {
			return fmt.Errorf("the conditions are %+v", edition.Status.Conditions)
		}
		return nil
	})
	if got := edition.Status.Retention; edition.Status.PreviousEdition != "2024" || len(got) != 1 || got[0].Previous != 1376 || got[0].Eligible != 1376 || got[0].Returned != 528 || got[0].Lost != 848 {
		t.Errorf("retention against %s is %+v", edition.Status.PreviousEdition, got)
	}
	if shown := kubectl(t, "get", "exhibition", edition.Name, "-n", s.namespace); !regexp.MustCompile(`2024 +0\.3837 `).MatchString(shown) {
		t.Errorf("kubectl shows\n%s", shown)
	}
	expectPrometheus(t, edition)
}

// points are figures of the program that do not move by themselves within minutes.
type points struct {
	members     int64
	tiers       string
	outstanding crm.Decimal
	// balance and tier of one member.
	balance, tier string
}

// expectLoyalty adds up a member's statement by hand, from the editions in the list, and redeems
// points, which is done once however often it is said.
func (s story) expectLoyalty(t *testing.T) points {
	t.Helper()
	program := &crm.LoyaltyProgram{ObjectMeta: s.key("exhibitor-club")}
	condition(t, program, func() []metav1.Condition { return program.Status.Conditions }, crm.ConditionReady, crm.ReasonReady, "")
	inTiers := int64(0)
	for _, tier := range program.Status.Tiers {
		inTiers += tier.Members
	}
	if members := ptr.Deref(program.Status.Members, 0); members != 20538 || inTiers != members {
		t.Errorf("the program has %d members, %d of them in tiers", members, inTiers)
	}

	s.fairlead(t, "loyalty", "redeem", "--program", program.Name, "--customer", member, "--points", "100", "--reference", "story", "--reason", "stand 4.210")
	var statement struct {
		AsOf       string
		Tier       string
		TierPoints string
		Earned     []struct{ For, Day, Points, Expires string }
		Used       []struct{ Points, Reference string }
		Sums       struct{ Earned, Redeemed, Expired, Balance string }
	}
	out := s.fairlead(t, "loyalty", "statement", "--program", program.Name, "--customer", member, "-o", "json")
	if err := json.Unmarshal([]byte(out), &statement); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	opens := s.opens(t)
	earned, standing := 0, 0
	for _, lot := range statement.Earned {
		edition := strings.TrimSuffix(strings.TrimPrefix(lot.For, "Participation "), " Exhibitor")
		day, known := opens[edition]
		if !known || lot.Points != "100" || lot.Day != day.Format(time.DateOnly) || lot.Expires != day.AddDate(0, 60, 0).Format(time.DateOnly) {
			t.Errorf("the statement has %+v, and the edition opened on %s", lot, day)
		}
		// Each edition earns once.
		delete(opens, edition)
		earned += 100
		if lot.Expires > statement.AsOf {
			standing += 100
		}
	}
	sums := statement.Sums
	if sums.Earned != fmt.Sprint(earned) || statement.TierPoints != fmt.Sprint(standing) || len(statement.Used) != 1 || sums.Redeemed != "100" {
		t.Errorf("it came to %d points, %d of which stand; the statement says %+v", earned, standing, statement)
	}
	// What was redeemed were the points that expire first of those that stood.
	if sums.Balance != fmt.Sprint(standing-100) || sums.Expired != fmt.Sprint(earned-standing) {
		t.Errorf("%d points stand and 100 were redeemed; the statement says %+v", standing, sums)
	}
	eventually(t, func(ctx context.Context) error {
		got, err := query(ctx, fmt.Sprintf(`sum(fairlead_loyaltyprogram_members{namespace=%q,name=%q})`, s.namespace, program.Name))
		if err == nil && int64(got) != inTiers {
			return fmt.Errorf("Prometheus has %v members", got)
		}
		return err
	})
	// The redemption is in the figures once the manager has looked again.
	kubectl(t, "annotate", "-n", s.namespace, "loyal/"+program.Name, crm.AnnotationRequestedAt+"="+time.Now().Format(time.RFC3339Nano), "--overwrite")
	eventually(t, func(ctx context.Context) error {
		if err := cluster.Get(ctx, client.ObjectKeyFromObject(program), program); err != nil {
			return err
		}
		if program.Status.PointsRedeemed != "100" {
			return fmt.Errorf("the status has %q points redeemed", program.Status.PointsRedeemed)
		}
		return nil
	})
	return points{inTiers, fmt.Sprint(program.Status.Tiers), program.Status.PointsOutstanding, sums.Balance, statement.Tier}
}

// opens are the first days of the editions in the list, by series and edition.
func (story) opens(t *testing.T) map[string]time.Time {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(readFile(t, "../../data/airshows/exhibitions.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]time.Time{}
	for _, row := range rows[1:] {
		day, err := time.Parse(time.DateOnly, row[3])
		if err != nil {
			t.Fatal(err)
		}
		all[row[0]+" "+row[1]] = day
	}
	return all
}
