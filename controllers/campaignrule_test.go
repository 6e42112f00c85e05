package controllers_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// rule is a CampaignRule to the segment.
func (p *post) rule(name string, trigger crm.Trigger, change func(*crm.CampaignRule)) *crm.CampaignRule {
	rule := &crm.CampaignRule{
		ObjectMeta: metav1.ObjectMeta{Namespace: p.declared.Namespace, Name: p.declared.Name + "-" + name},
		Spec: crm.CampaignRuleSpec{
			StoreName: crm.ObjectName(p.declared.Name), Objective: crm.ObjectiveRetain, Trigger: trigger,
			Audience: crm.Audience{Include: []crm.SegmentReference{{SegmentName: crm.ObjectName(p.segment.Name)}}},
			Outreach: crm.MessagePlan{ChannelName: crm.ObjectName(p.channel.Name), Topic: "service", Messages: []crm.Message{{Locale: "en", Subject: "We open", Text: "Dear {{ .Contact.Name }}"}}},
		},
	}
	if change != nil {
		change(rule)
	}
	return rule
}

func ruleSays(conditionType, reason, message string) func(*crm.CampaignRule) bool {
	return func(rule *crm.CampaignRule) bool {
		return conditionSays(rule.Status.Conditions, conditionType, reason, message)
	}
}

// askRule forces a pass.
func askRule(t *testing.T, rule *crm.CampaignRule) {
	t.Helper()
	update(t, rule, func(rule *crm.CampaignRule) {
		rule.Annotations = map[string]string{crm.AnnotationRequestedAt: time.Now().String()}
	})
}

// complained imports that a customer of the list complained.
func complained(t *testing.T, url, key, who string, opened time.Time) {
	t.Helper()
	entity := customer.EntityByName("complaint")
	row := customer.Row{Key: key, Values: make([]customer.Value, len(entity.Fields)), Parties: make([]customer.PartyRow, len(entity.Parties()))}
	row.Values[entity.Index("opened")] = customer.Number(opened.UnixMilli())
	row.Parties[0].Key = who
	row.Parties[0].Values = make([]customer.Value, len(customer.PartyFields))
	row.Parties[0].Values[customer.PartyName] = customer.String(who)
	importRow(t, url, entity, row)
}

// outreachesOf are the Outreaches of a rule's name.
func outreachesOf(t *testing.T, rule *crm.CampaignRule) (found []crm.Outreach) {
	t.Helper()
	var all crm.OutreachList
	if err := server.Client.List(t.Context(), &all, client.InNamespace(rule.Namespace)); err != nil {
		t.Fatal(err)
	}
	for _, o := range all.Items {
		if string(o.Spec.RuleName) == rule.Name {
			found = append(found, o)
		}
	}
	return found
}

// nextEdition is one that opens on a day, and closes four days later.
func (p *post) nextEdition(opens time.Time) *crm.Exhibition {
	edition := p.edition()
	edition.Name, edition.Spec.Edition, edition.Spec.Title = p.declared.Name+"-next", "2028", "Farnborough 2028"
	edition.Spec.Opens, edition.Spec.Closes, edition.Spec.Milestones = dateOf(opens), dateOf(opens.AddDate(0, 0, 4)), nil
	return edition
}

func dateOf(day time.Time) crm.Date { return crm.Date(day.Format(time.DateOnly)) }

// tomorrow opens an edition of which rules are due since yesterday.
func tomorrow() time.Time { return clock.Now().AddDate(0, 0, 1) }

func TestCampaignRules(t *testing.T) {
	start := clock.Now()
	t.Cleanup(func() { clock.SetTime(start) })
	// What is due is counted from when the API server made a rule.
	clock.SetTime(time.Now())
	onSQLite, file := onFile("rules")
	database := databases.NewDatabase(t)
	for name, at := range map[string]struct {
		declared *crm.CustomerStore
		url      string
	}{"SQLite": {onSQLite, file}, "PostgreSQL": {newStore(t, newNamespace(t), database), database}} {
		t.Run(name, func(t *testing.T) {
			p := newPost(t, at.declared, at.url)
			eventually(t, p.policy, func(policy *crm.ContactPolicy) bool {
				return conditionSays(policy.Status.Conditions, crm.ConditionReady, crm.ReasonReady, "Binds every message of the CustomerStore "+at.declared.Name)
			})
			create(t, p.segment)
			create(t, p.channel)
			eventually(t, p.channel, channelReady)
			eventually(t, p.segment, func(s *crm.CustomerSegment) bool { return ptr.Deref(s.Status.Members, 0) == 4 })
			for what, test := range map[string]func(*testing.T, *post){
				"due, sent once, whatever is deleted": testRuleOnce, "mistakes": testRuleMistakes, "one at a time": testRuleForbid, "cancelled early": testRuleCancelled,
				"facts": testRuleFacts, "an anniversary": testRuleAnniversary, "suspended": testRuleSuspended, "a show that moves": testRuleMoves, "its effect": testRuleEffect,
			} {
				t.Run(what, func(t *testing.T) { p.t = t; test(t, p) })
			}
		})
	}
}

// testRuleOnce: an occurrence becomes one Outreach, which is sent once; the rule that is deleted and made
// again sends nothing.
func testRuleOnce(t *testing.T, p *post) {
	edition := p.nextEdition(tomorrow())
	create(t, edition)
	defer remove(t, edition)
	trigger := crm.Trigger{Exhibition: &crm.ExhibitionTrigger{Series: "Farnborough", Anchor: crm.AnchorOpens, OffsetDays: -2, At: "09:00"}, StartingDeadlineSeconds: 7 * 86400}
	made := func() *crm.CampaignRule {
		return p.rule("once", trigger, func(rule *crm.CampaignRule) {
			rule.Spec.Outreach.Messages[0].Subject = "{{ .Exhibition.Title }} opens"
			rule.Spec.Guardrails = &crm.Guardrails{MaxRecipients: ptr.To[int64](2)}
		})
	}
	rule := made()
	create(t, rule)
	eventually(t, rule, func(rule *crm.CampaignRule) bool { return rule.Status.LastOutreachName != "" })
	found := outreachesOf(t, rule)
	if len(found) != 1 || string(rule.Status.LastOutreachName) != found[0].Name || !metav1.IsControlledBy(&found[0], rule) {
		t.Fatalf("the rule says %+v, and made %d Outreaches", rule.Status, len(found))
	}
	o := &found[0]
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	due := o.Spec.DueTime.In(london).Format("2006-01-02 15:04")
	if want := rule.Name + "/" + edition.Name + ".Opens-2"; o.Spec.RunKey != want || due != string(dateOf(tomorrow().AddDate(0, 0, -2)))+" 09:00" || string(o.Spec.ExhibitionName) != edition.Name {
		t.Errorf("the Outreach is %+v, its key ought to be %s", o.Spec, want)
	}
	// The rule's guardrails are those that it was frozen with.
	eventually(t, o, outreachSays(crm.OutreachAwaitingApproval, crm.ConditionReady, "AwaitingApproval", "3 recipients are more than guardrails.maxRecipients, 2"))
	update(t, rule, func(rule *crm.CampaignRule) { rule.Spec.Guardrails.MaxRecipients = ptr.To[int64](100) })
	askAgain(t, o)
	p.approve(o, "-yes", o.Status.PlanDigest, crm.DecisionApproved)
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", ""))
	before := p.sink.Total()
	p.work(o.Spec.RunKey)
	askAgain(t, o)
	eventually(t, o, func(o *crm.Outreach) bool { return o.Status.Phase == crm.OutreachCompleted })
	eventually(t, rule, func(rule *crm.CampaignRule) bool {
		return rule.Status.Totals != nil && *rule.Status.Totals == crm.CampaignTotals{Outreaches: 1, Sent: 3}
	})
	all := p.sink.Messages()
	if sent := len(all) - before; sent != 3 || !strings.Contains(string(all[len(all)-1].Raw), "Subject: Farnborough 2028 opens\r\n") {
		t.Errorf("%d were sent, the last of them\n%s", sent, all[len(all)-1].Raw)
	}
	// Another show's day has nothing to do with this one; and what was sent stays sent.
	remove(t, rule)
	remove(t, o)
	again := made()
	create(t, again)
	eventually(t, again, ruleSays(crm.ConditionReady, crm.ReasonReady, ""))
	eventually(t, again, func(rule *crm.CampaignRule) bool { return rule.Status.Totals != nil && rule.Status.Totals.Sent == 3 })
	if found := outreachesOf(t, again); len(found) != 0 {
		t.Errorf("the rule that was made again begins %s", found[0].Name)
	}
	remove(t, again)
}

// testRuleMistakes: what a person has to mend, and what a rule waits for.
func testRuleMistakes(t *testing.T, p *post) {
	older := p.rule("older", crm.Trigger{Schedule: &crm.ScheduleTrigger{Cron: "0 9 * * 1"}}, func(r *crm.CampaignRule) { r.Spec.RunKeyPrefix = "weekly" })
	create(t, older)
	eventually(t, older, ruleSays(crm.ConditionReady, crm.ReasonReady, "Due next at 20"))
	// Which of two came first is told by whole seconds.
	time.Sleep(time.Until(older.CreationTimestamp.Add(time.Second)))
	schedule := func(line, zone string) crm.Trigger {
		return crm.Trigger{Schedule: &crm.ScheduleTrigger{Cron: line, TimeZone: crm.TimeZone(zone)}}
	}
	weekly := schedule("0 9 * * 1", "UTC")
	for what, test := range map[string]struct {
		trigger                    crm.Trigger
		change                     func(*crm.CampaignRule)
		condition, reason, message string
	}{
		"never":         {schedule("0 0 30 2 *", "UTC"), nil, crm.ConditionStalled, crm.ReasonInvalidSchedule, "never fires"},
		"no-line":       {schedule("every monday", "UTC"), nil, crm.ConditionStalled, crm.ReasonInvalidSchedule, "cannot be read"},
		"no-zone":       {schedule("0 9 * * 1", "Europe/Atlantis"), nil, crm.ConditionStalled, crm.ReasonInvalidTimeZone, "unknown time zone Europe/Atlantis"},
		"prefix":        {weekly, func(r *crm.CampaignRule) { r.Spec.RunKeyPrefix = "weekly" }, crm.ConditionStalled, crm.ReasonDuplicateRunKeyPrefix, "the older CampaignRule " + older.Name},
		"segment":       {weekly, func(r *crm.CampaignRule) { r.Spec.Audience.Include[0].SegmentName = "nobody" }, crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the CustomerSegment nobody"},
		"topic":         {weekly, func(r *crm.CampaignRule) { r.Spec.Outreach.Topic = "weather" }, crm.ConditionStalled, crm.ReasonUndeclaredTopic, "declares the topic weather"},
		"template":      {weekly, func(r *crm.CampaignRule) { r.Spec.Outreach.Messages[0].Text = "{{ .Contact.Named }}" }, crm.ConditionStalled, crm.ReasonInvalidTemplate, "Named"},
		"no-show":       {weekly, func(r *crm.CampaignRule) { r.Spec.Outreach.Messages[0].Text = "{{ .Exhibition.Title }}" }, crm.ConditionStalled, crm.ReasonInvalidTemplate, "it is about no exhibition"},
		"exhibition":    {crm.Trigger{Exhibition: &crm.ExhibitionTrigger{ExhibitionName: "nowhere", Anchor: crm.AnchorOpens}}, nil, crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the Exhibition nowhere"},
		"series":        {crm.Trigger{Exhibition: &crm.ExhibitionTrigger{Series: "Nowhere", Anchor: crm.AnchorOpens}}, nil, crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for an Exhibition of the series Nowhere"},
		"tiers":         {crm.Trigger{Fact: &crm.FactTrigger{Kind: crm.TriggerTierChanged}}, nil, crm.ConditionStalled, crm.ReasonFactNotRecorded, "nothing is recorded of the kind TierChanged"},
		"into-nowhere":  {crm.Trigger{Segment: &crm.SegmentTrigger{SegmentName: "nobody", Transition: crm.TransitionEntered}}, nil, crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the CustomerSegment nobody"},
		"another-store": {weekly, func(r *crm.CampaignRule) { r.Spec.StoreName = "nowhere" }, crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the CustomerStore nowhere"},
	} {
		t.Run(what, func(t *testing.T) {
			rule := p.rule(what, test.trigger, test.change)
			create(t, rule)
			eventually(t, rule, ruleSays(test.condition, test.reason, test.message))
			remove(t, rule)
		})
	}
	remove(t, older)
}

// testRuleForbid: of what is due one is begun after the other; and what is through is tidied away.
func testRuleForbid(t *testing.T, p *post) {
	edition := p.nextEdition(tomorrow())
	create(t, edition)
	other := p.nextEdition(tomorrow().AddDate(0, 0, -1))
	other.Name, other.Spec.Edition = other.Name+"-2", "2030"
	create(t, other)
	defer remove(t, edition)
	defer remove(t, other)
	// Otherwise the rule may see one of them alone, and begin with that.
	for _, e := range []*crm.Exhibition{edition, other} {
		eventually(t, e, func(e *crm.Exhibition) bool { return e.Status.ObservedGeneration == e.Generation })
	}
	trigger := crm.Trigger{Exhibition: &crm.ExhibitionTrigger{Series: "Farnborough", Anchor: crm.AnchorOpens, OffsetDays: -2, At: "09:00"}, StartingDeadlineSeconds: 7 * 86400}
	rule := p.rule("forbid", trigger, func(rule *crm.CampaignRule) {
		rule.Spec.OutreachHistoryLimit = ptr.To[int32](1)
		rule.Spec.Guardrails = &crm.Guardrails{Approval: crm.ApprovalAlways}
	})
	create(t, rule)
	eventually(t, rule, ruleSays(crm.ConditionReady, crm.ReasonReady, "waits within its starting deadline until the Outreach "))
	first := outreachesOf(t, rule)
	if len(first) != 1 || string(first[0].Spec.ExhibitionName) != other.Name {
		t.Fatalf("%d are begun: %+v", len(first), first)
	}
	update(t, &first[0], func(o *crm.Outreach) { o.Spec.Cancel = ptr.To(true) })
	eventually(t, rule, func(rule *crm.CampaignRule) bool {
		return rule.Status.LastOutreachName != crm.ObjectName(first[0].Name) && !ruleSays(crm.ConditionReady, crm.ReasonReady, "waits")(rule)
	})
	second := &crm.Outreach{ObjectMeta: metav1.ObjectMeta{Namespace: rule.Namespace, Name: string(rule.Status.LastOutreachName)}}
	eventually(t, second, outreachSays(crm.OutreachAwaitingApproval, crm.ConditionReady, "AwaitingApproval", ""))
	update(t, second, func(o *crm.Outreach) { o.Spec.Cancel = ptr.To(true) })
	onlySecond := func(rule *crm.CampaignRule) bool {
		left := outreachesOf(t, rule)
		return len(left) == 1 && left[0].Name == second.Name
	}
	eventually(t, rule, onlySecond)
	// What was tidied away is not due again, also where it was cancelled before it had a run.
	update(t, rule, func(rule *crm.CampaignRule) { rule.Spec.OutreachHistoryLimit = ptr.To[int32](2) })
	eventually(t, rule, func(rule *crm.CampaignRule) bool { return rule.Status.ObservedGeneration == rule.Generation })
	if !onlySecond(rule) {
		t.Errorf("of the rule are left %+v", outreachesOf(t, rule))
	}
	remove(t, rule)
}

// testRuleCancelled: what is cancelled before anybody was chosen is not due again, although its
// Outreach is tidied away.
func testRuleCancelled(t *testing.T, p *post) {
	edition := p.nextEdition(tomorrow())
	create(t, edition)
	defer remove(t, edition)
	trigger := crm.Trigger{Exhibition: &crm.ExhibitionTrigger{Series: "Farnborough", Anchor: crm.AnchorOpens, OffsetDays: -2, At: "09:00"}, StartingDeadlineSeconds: 7 * 86400}
	rule := p.rule("early", trigger, func(rule *crm.CampaignRule) {
		rule.Spec.Outreach.ChannelName, rule.Spec.OutreachHistoryLimit = "nowhere", ptr.To[int32](1)
	})
	create(t, rule)
	eventually(t, rule, func(rule *crm.CampaignRule) bool { return rule.Status.LastOutreachName != "" })
	o := &crm.Outreach{ObjectMeta: metav1.ObjectMeta{Namespace: rule.Namespace, Name: string(rule.Status.LastOutreachName)}}
	eventually(t, o, outreachSays(crm.OutreachPlanning, crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the OutreachChannel nowhere"))
	update(t, o, func(o *crm.Outreach) { o.Spec.Cancel = ptr.To(true) })
	eventually(t, o, outreachSays(crm.OutreachCancelled, crm.ConditionComplete, "Cancelled", "before anybody was chosen"))
	update(t, rule, func(rule *crm.CampaignRule) { rule.Spec.OutreachHistoryLimit = ptr.To[int32](0) })
	eventually(t, rule, func(rule *crm.CampaignRule) bool { return len(outreachesOf(t, rule)) == 0 })
	update(t, rule, func(rule *crm.CampaignRule) { rule.Spec.OutreachHistoryLimit = ptr.To[int32](2) })
	eventually(t, rule, func(rule *crm.CampaignRule) bool {
		return rule.Status.ObservedGeneration == rule.Generation && ruleSays(crm.ConditionReady, crm.ReasonReady, "Nothing is due")(rule)
	})
	if made := outreachesOf(t, rule); len(made) != 0 {
		t.Errorf("%s is made again, and was cancelled", made[0].Name)
	}
	remove(t, rule)
}

// testRuleFacts: what was recorded is collected, and makes one run.
func testRuleFacts(t *testing.T, p *post) {
	start := clock.Now()
	t.Cleanup(func() { clock.SetTime(start) })
	rule := p.rule("facts", crm.Trigger{Fact: &crm.FactTrigger{Kind: crm.TriggerComplaintOpened, BatchSeconds: 60}}, nil)
	create(t, rule)
	eventually(t, rule, ruleSays(crm.ConditionReady, crm.ReasonReady, "Collects what triggers it."))
	complained(t, p.url, "C-1", "Merlin", time.Now().Add(time.Second))
	eventually(t, rule, func(rule *crm.CampaignRule) bool { return rule.Status.NextOccurrence != nil })
	complained(t, p.url, "C-2", "Kestrel", time.Now().Add(time.Second))
	if made := outreachesOf(t, rule); len(made) != 0 {
		t.Fatalf("%s is begun while it collects", made[0].Name)
	}
	clock.SetTime(time.Now().Add(2 * time.Minute))
	askRule(t, rule)
	eventually(t, rule, func(rule *crm.CampaignRule) bool { return rule.Status.LastOutreachName != "" })
	o := &crm.Outreach{ObjectMeta: metav1.ObjectMeta{Namespace: rule.Namespace, Name: string(rule.Status.LastOutreachName)}}
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", ""))
	before := p.sink.Total()
	p.work(o.Spec.RunKey)
	var to []string
	for _, m := range p.sink.Messages() {
		if m.Number > before {
			to = append(to, m.To[0])
		}
	}
	slices.Sort(to)
	if got := strings.Join(to, " "); got != "kestrel@firm.example merlin@firm.example" || o.Status.Audience.Matched != 2 {
		t.Errorf("written to are %s, of %+v", got, o.Status.Audience)
	}
	askAgain(t, o)
	eventually(t, o, func(o *crm.Outreach) bool { return o.Status.Phase == crm.OutreachCompleted })
	eventually(t, rule, func(rule *crm.CampaignRule) bool {
		return rule.Status.NextOccurrence == nil && rule.Status.Totals.Sent == 2
	})
	remove(t, rule)
}

// testRuleSuspended: nothing becomes due, and nothing is missed.
func testRuleSuspended(t *testing.T, p *post) {
	edition := p.nextEdition(tomorrow())
	create(t, edition)
	defer remove(t, edition)
	trigger := crm.Trigger{Exhibition: &crm.ExhibitionTrigger{ExhibitionName: crm.ObjectName(edition.Name), Anchor: crm.AnchorOpens, OffsetDays: -2, At: "09:00"}, StartingDeadlineSeconds: 7 * 86400}
	rule := p.rule("suspended", trigger, func(rule *crm.CampaignRule) { rule.Spec.Suspend = ptr.To(true) })
	create(t, rule)
	eventually(t, rule, ruleSays(crm.ConditionReady, crm.ReasonSuspended, "nothing becomes due"))
	if made := outreachesOf(t, rule); len(made) != 0 {
		t.Errorf("%s is begun of a suspended rule", made[0].Name)
	}
	update(t, rule, func(rule *crm.CampaignRule) { rule.Spec.Suspend = nil })
	eventually(t, rule, func(rule *crm.CampaignRule) bool { return rule.Status.LastOutreachName != "" })
	remove(t, rule)
}

// testRuleMoves: a rule follows a show that moves; what is too late is missed, and not sent.
func testRuleMoves(t *testing.T, p *post) {
	year := clock.Now().Year() + 2
	edition := p.nextEdition(time.Date(year, 7, 23, 0, 0, 0, 0, time.UTC))
	create(t, edition)
	defer remove(t, edition)
	trigger := crm.Trigger{Exhibition: &crm.ExhibitionTrigger{Series: "Farnborough", Anchor: crm.AnchorOpens, OffsetDays: -2, At: "09:00"}}
	rule := p.rule("moves", trigger, nil)
	create(t, rule)
	eventually(t, rule, ruleSays(crm.ConditionReady, crm.ReasonReady, fmt.Sprintf("Due next at %d-07-21T08:00:00Z", year)))
	move := func(opens time.Time) {
		update(t, edition, func(e *crm.Exhibition) { e.Spec.Opens, e.Spec.Closes = dateOf(opens), dateOf(opens.AddDate(0, 0, 4)) })
	}
	move(time.Date(year, 8, 23, 0, 0, 0, 0, time.UTC))
	eventually(t, rule, ruleSays(crm.ConditionReady, crm.ReasonReady, fmt.Sprintf("Due next at %d-08-21T08:00:00Z", year)))
	move(tomorrow())
	eventually(t, rule, func(rule *crm.CampaignRule) bool { return ptr.Deref(rule.Status.Missed, 0) == 1 })
	eventually(t, rule, ruleSays(crm.ConditionReady, crm.ReasonReady, "Nothing is due"))
	if made := outreachesOf(t, rule); len(made) != 0 {
		t.Errorf("%s is begun, which is too late", made[0].Name)
	}
	remove(t, rule)
}

// testRuleEffect: what runs brought that are old enough stands in the status.
func testRuleEffect(t *testing.T, p *post) {
	rule := p.rule("effect", crm.Trigger{Schedule: &crm.ScheduleTrigger{Cron: "0 9 1 1 *"}}, nil)
	ran := func(daysAgo int) {
		t.Helper()
		at := clock.Now().AddDate(0, 0, -daysAgo)
		opened, err := store.Open(t.Context(), p.url, store.Options{Now: func() time.Time { return at }})
		if err != nil {
			t.Fatal(err)
		}
		run, err := opened.Freeze(t.Context(), store.Freeze{
			Key: fmt.Sprint(rule.Name, "/", daysAgo), Rule: rule.Name, Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: p.segment.Name}}}, Holdout: 5_000, HoldoutKey: fmt.Sprint(daysAgo),
			Plan: `{"messages":[{"locale":"en"}],"window":10,"attempts":8,"channel":{"delivery":"Live","messagesPerSecond":1}}`,
		})
		for _, to := range []store.RunState{store.RunSending, store.RunCancelled} {
			if err == nil {
				_, err = opened.SetRunState(t.Context(), run.ID, []store.RunState{store.RunFrozen, store.RunSending}, to, "")
			}
		}
		if err := errors.Join(err, opened.Close()); err != nil {
			t.Fatal(err)
		}
	}
	// One of few held some out and wrote to others; the last is too young.
	for days := range 12 {
		ran(100 + days)
	}
	ran(89)
	create(t, rule)
	eventually(t, rule, func(rule *crm.CampaignRule) bool { return rule.Status.Effect != nil })
	effect := *rule.Status.Effect
	if effect.Days != 90 || effect.Treated == 0 || effect.HeldOut == 0 || (effect.Treated+effect.HeldOut)%3 != 0 || effect.BookedDifference != "0.000" || effect.Low >= "0" || effect.High <= "0" {
		t.Errorf("the effect is %+v", effect)
	}
	// Of the same day it stays, whatever is asked.
	for days := range 12 {
		ran(200 + days)
	}
	before := rule.Status.Totals.Outreaches
	askRule(t, rule)
	eventually(t, rule, func(rule *crm.CampaignRule) bool { return rule.Status.Totals.Outreaches > before })
	if *rule.Status.Effect != effect {
		t.Errorf("on the same day the effect is %+v, and was %+v", *rule.Status.Effect, effect)
	}
	remove(t, rule)
}
