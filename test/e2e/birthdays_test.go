//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// keeps tells whether somebody who was born on a day has a birthday on another one.
func keeps(born, today time.Time) bool {
	kept := time.Date(today.Year(), born.Month(), born.Day(), 0, 0, 0, 0, today.Location())
	if kept.Month() != born.Month() {
		// Of 29 February in a year without one: the last day of the month.
		kept = kept.AddDate(0, 0, -1)
	}
	return kept.Month() == today.Month() && kept.Day() == today.Day()
}

// birthdayList makes up persons around the world, with birthdays around today, one at a firm: in
// CSV, and the addresses of those who have theirs now, where they are. For an hour it stays so.
func birthdayList(t *testing.T, now time.Time) (list string, today []string) {
	t.Helper()
	list = "key,name,email,time_zone,born,firm,role\n"
	firm := 0
	for _, zone := range []string{"Pacific/Auckland", "Asia/Kolkata", "Europe/London", "America/New_York", "Pacific/Honolulu"} {
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		local := now.In(location)
		if local.Add(time.Hour).Day() != local.Day() {
			continue
		}
		leap := time.Date(1984, time.February, 29, 0, 0, 0, 0, time.UTC)
		days := []time.Time{leap}
		for shift := -2; shift <= 2; shift++ {
			// Of a leap year, which has every day.
			day := local.AddDate(0, 0, shift)
			days = append(days, time.Date(1980, day.Month(), day.Day(), 0, 0, 0, 0, time.UTC))
		}
		for _, born := range days {
			for _, role := range []string{"Decision", "Marketing", "Logistics"} {
				address := fmt.Sprintf("person%d@%s", firm, crashDomain)
				list += fmt.Sprintf("person-%d,Person %d,%s,%s,%s,%d,%s\n", firm, firm, address, zone, born.Format(time.DateOnly), firm, role)
				if role == "Logistics" {
					// They are not whom the letter is for, where somebody else is.
					list += fmt.Sprintf("other-%d,Other %d,other%d@%s,%s,%s,%d,Decision\n", firm, firm, firm, crashDomain, zone, local.AddDate(-40, 0, 100).Format(time.DateOnly), firm)
				} else if keeps(born, local) {
					today = append(today, address)
				}
				firm++
			}
		}
	}
	return list, today
}

// TestBirthdays: a rule for birthdays writes to exactly those who have theirs today, each where they
// are: not to whose day is over, or not yet there, or who has another role.
func TestBirthdays(t *testing.T) {
	m := newMailing(t)
	list, today := birthdayList(t, time.Now())
	if len(today) < 6 {
		t.Fatalf("only %v have their birthday", today)
	}
	m.load(t, "persons", list)
	before, _ := m.count(t)
	rule := m.rule("win-back", func(rule *crm.CampaignRule) {
		rule.Spec.Objective, rule.Spec.Guardrails, rule.Spec.Outreach.ExpireAfterSeconds = crm.ObjectiveRecover, nil, 0
		rule.Spec.Audience.DeliverTo = &crm.DeliverTo{ContactRoles: []crm.ContactRole{"Decision", "Marketing"}, PerOrganization: crm.PerOrganizationOne, Fallback: crm.FallbackPrimary}
		rule.Spec.Trigger = crm.Trigger{Anniversary: &crm.AnniversaryTrigger{Field: crm.AnniversaryBirthday, At: "00:00"}, StartingDeadlineSeconds: 86400}
		rule.Spec.Outreach.Messages = []crm.Message{{Locale: "en", Subject: "Happy birthday, {{ .Contact.Name }}", Text: "Dear {{ .Contact.Name }}"}}
	})
	if err := cluster.Create(t.Context(), rule); err != nil {
		t.Fatal(err)
	}
	condition(t, rule, func() []metav1.Condition { return rule.Status.Conditions }, crm.ConditionReady, crm.ReasonReady, "")
	congratulated := func(ctx context.Context) ([]string, error) {
		each, _, err := m.mails(ctx)
		if err != nil {
			return nil, err
		}
		var addresses []string
		for address, mails := range each {
			for range mails - before[address] {
				addresses = append(addresses, address)
			}
		}
		slices.Sort(addresses)
		return addresses, nil
	}
	slices.Sort(today)
	within(t, 2*patience, func(ctx context.Context) error {
		got, err := congratulated(ctx)
		if err != nil {
			return err
		}
		for _, address := range today {
			if !slices.Contains(got, address) {
				return fmt.Errorf("%s was not written to, but %v", address, got)
			}
		}
		return m.nothingPending(ctx)
	})
	if got, err := congratulated(t.Context()); err != nil || !slices.Equal(got, today) {
		t.Errorf("%v were written to, want %v; %v", got, today, err)
	}
	t.Log(kubectl(t, "get", "crule,out", "-n", m.namespace, "-o", "wide"))
}

// nothingPending holds that of no Outreach there is a message that could leave now.
func (m *mailing) nothingPending(ctx context.Context) error {
	var outreaches crm.OutreachList
	if err := cluster.List(ctx, &outreaches, client.InNamespace(m.namespace)); err != nil {
		return err
	}
	open := map[string]string{}
	for _, o := range outreaches.Items {
		if o.Status.Phase != crm.OutreachCompleted && (o.Status.Messages == nil || o.Status.Messages.Pending > 0) {
			open[o.Name] = string(o.Status.Phase)
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("still under way are %s", strings.Join(slices.Sorted(maps.Keys(open)), ", "))
	}
	return nil
}
