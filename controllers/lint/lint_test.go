package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	_ "time/tzdata"

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// declare reads objects, each on a line: kind, name, perhaps with a namespace before
// it, and spec.
func declare(t *testing.T, lines ...string) []Object {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := crm.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	var objects []Object
	for i, line := range lines {
		kind, rest, _ := strings.Cut(line, " ")
		name, spec, _ := strings.Cut(rest, " ")
		made, err := scheme.New(crm.GroupVersion.WithKind(kind))
		if err != nil {
			t.Fatal(err)
		}
		object := made.(client.Object)
		if err := yaml.UnmarshalStrict([]byte("spec: "+spec), object); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if namespace, within, is := strings.Cut(name, "/"); is {
			object.SetNamespace(namespace)
			name = within
		}
		object.SetName(name)
		objects = append(objects, Object{object, fmt.Sprintf("%d.yaml", i)})
	}
	return objects
}

const (
	pounds  = "CustomerStore crm {postgres: {connectionSecretName: a, workerConnectionSecretName: b}, reportingCurrency: GBP}"
	pyramid = "CustomerSegment pyramid {storeName: crm, where: 'true', classify: {pyramid: {measure: Revenue, classes: [{name: VIP, upToPercent: 1}, {name: Small, upToPercent: 100}]}}}"
)

func segment(name, where string) string {
	return fmt.Sprintf("CustomerSegment %s {storeName: crm, where: %q}", name, where)
}

// profit is a segment that is split by an amount.
func profit(amount string) string {
	return "CustomerSegment profit {storeName: crm, where: 'true', classify: {reinartzKumar: {profit: {highFrom: " + amount + "}, duration: {longFromMonths: 24}}}}"
}

func edition(name, of, venue string) string {
	return fmt.Sprintf("Exhibition %s {storeName: crm, series: Farnborough, edition: %q, title: Farnborough, opens: '2026-07-20', closes: '2026-07-24', venue: {%s}}", name, of, venue)
}

// hook is a channel to a webhook.
func hook(url, more string) string {
	return fmt.Sprintf("OutreachChannel desk {storeName: crm, medium: Task, delivery: Live, webhook: {url: %q, signingSecretName: desk-signing%s}}", url, more)
}

// club is a LoyaltyProgram of a store.
func club(name, store string) string {
	return fmt.Sprintf("LoyaltyProgram %s {storeName: %s, accrual: [{name: training, fact: Training, points: '20'}], tiers: [{name: Bronze, fromPoints: 0}]}", name, store)
}

// rule is a CampaignRule with an audience, a trigger and more of its outreach.
func rule(audience, trigger, more string) string {
	return "CampaignRule rule {storeName: crm, objective: Retain, audience: " + audience + ", trigger: " + trigger + ", outreach: {channelName: mail, topic: news, messages: []" + more + "}}"
}

// letter is an Outreach with a text, and more of its spec, which goes before.
func letter(more, text string) string {
	spec := "storeName: crm, runKey: run" + more
	for field, value := range map[string]string{"audience": "{include: []}", "outreach": fmt.Sprintf("{channelName: mail, topic: news, messages: [{locale: en, subject: x, text: %q}]}", text)} {
		if !strings.Contains(more, ", "+field+":") {
			spec += ", " + field + ": " + value
		}
	}
	return "Outreach run {" + spec + "}"
}

// TestFind has each check twice: with the mistake, and without it.
func TestFind(t *testing.T) {
	const (
		london = "timeZone: Europe/London"
		yearly = "{schedule: {cron: '0 9 1 1 *'}}"
		nobody = "{include: []}"

		bound    = "CustomerStore crm {sqlite: {fileName: crm.db}, reportingCurrency: GBP, contactPolicyNames: [fair-use]}"
		policy   = "ContactPolicy fair-use {topics: [{name: news, legalBasis: Consent}]}"
		london26 = "Exhibition f {storeName: crm, series: Farnborough, edition: '2026', title: F, opens: '2026-07-20', closes: '2026-07-24', venue: {timeZone: Europe/London}, milestones: [{name: Late, date: '2026-07-01'}]}"
	)
	for _, test := range []struct {
		what    string
		objects []string
		// want are how findings begin, in the order of their text.
		want []string
		// outside and inPart are the numbers of the report.
		outside, inPart int
	}{
		{"an expression", []string{pounds, segment("a", "customer.participations > 3 && customer.revenue >= 5000.00")}, nil, 0, 0},
		{"an expression that does not parse", []string{pounds, segment("a", "customer.participations >")}, []string{"CustomerSegment/a spec.where InvalidExpression line 1, column 26: the expression ends before it is complete"}, 0, 0},
		{"a field that there is not", []string{pounds, segment("a", "customer.reveneu > 5.0")}, []string{"CustomerSegment/a spec.where InvalidExpression line 1, column 1, customer.reveneu: there is no field reveneu: did you mean revenue?"}, 0, 0},
		{"types that do not go together", []string{pounds, segment("a", "customer.revenue > 'much'")}, []string{"CustomerSegment/a spec.where InvalidExpression"}, 0, 0},
		{"what cannot be asked of a database", []string{pounds, segment("a", "customer.country.matches('^G')")}, []string{"CustomerSegment/a spec.where InvalidExpression"}, 0, 0},
		{"an attribute", []string{pounds, segment("a", "customer.attributes.fleet > 3.0")}, nil, 0, 1},
		{"whether there is an attribute", []string{pounds, segment("a", "has(customer.attributes.fleet)")}, nil, 0, 0},
		{"a mistake beside an attribute", []string{pounds, segment("a", "customer.attributes.fleet > 3.0 && customer.reveneu > 5.0")}, []string{"CustomerSegment/a spec.where InvalidExpression line 1, column 36, customer.reveneu"}, 0, 0},
		{"an attribute that nobody may ask for", []string{pounds, segment("a", "customer.attributes['$erased'] == 'a'")}, []string{"CustomerSegment/a spec.where InvalidExpression line 1, column 1"}, 0, 0},

		{"points", []string{pounds, club("club", "crm"), segment("a", "customer.pointsToNextTier('club') <= 100.0 || customer.points('club') >= 500")}, nil, 0, 0},
		{"points of a text", []string{pounds, segment("a", "customer.points(5) > 1")}, []string{"CustomerSegment/a spec.where InvalidExpression line 1, column 1"}, 0, 0},
		{"points that decide who has any", []string{pounds, "LoyaltyProgram club {storeName: crm, eligible: \"customer.points('club') > 1\", accrual: [{name: training, fact: Training, points: \"customer.pointsToNextTier('club')\"}], tiers: [{name: Bronze, fromPoints: 0}]}"}, []string{
			"LoyaltyProgram/club spec.accrual[training].points InvalidExpression line 1, column 1, customer.pointsToNextTier(\"club\"): points follow from what earns them",
			"LoyaltyProgram/club spec.eligible InvalidExpression tiers and points follow from who is a member"}, 0, 0},
		{"points in a circle", []string{pounds, segment("a", "customer.points('club') > 1"), "LoyaltyProgram club {storeName: crm, eligible: \"customer.inSegment('a')\", accrual: [{name: training, fact: Training, points: '20'}], tiers: [{name: Bronze, fromPoints: 0}]}"},
			[]string{"LoyaltyProgram/club spec ReferenceCycle It asks in a circle: club asks for a, which asks for the tiers or points of club"}, 0, 0},
		{"segments in a row", []string{pounds, segment("a", "customer.inSegment('b')"), segment("b", "customer.inSegment('c')"), segment("c", "true")}, nil, 0, 0},
		{"segments in a circle", []string{pounds, segment("a", "customer.inSegment('b')"), segment("b", "customer.inSegment('a')"), segment("c", "customer.inSegment('a')")}, []string{
			"CustomerSegment/a spec.where ReferenceCycle asks in a circle: a asks for b asks for a. Take one customer.inSegment out",
			"CustomerSegment/b spec.where ReferenceCycle asks in a circle: b asks for a asks for b. Take one customer.inSegment out"}, 0, 0},
		{"a segment that asks for itself", []string{pounds, segment("a", "!customer.inSegment('a')")}, []string{"CustomerSegment/a spec.where ReferenceCycle asks in a circle: a asks for a"}, 0, 0},
		{"a circle of two namespaces", []string{segment("east/a", "customer.inSegment('b')"), segment("west/b", "customer.inSegment('a')")}, nil, 4, 0},

		{"a class", []string{pounds, pyramid, segment("a", "customer.inSegment('pyramid', 'VIP') || customer.inSegment('pyramid', 'Unknown')")}, nil, 0, 0},
		{"a class that there is not", []string{pounds, pyramid, segment("a", "customer.inSegment('pyramid', 'Major')")}, []string{"CustomerSegment/a spec.where UnknownClass asks for the class Major of the segment pyramid, which has VIP, Small, Unknown"}, 0, 0},
		{"a class of a segment without", []string{pounds, segment("b", "true"), segment("a", "customer.inSegment('b', 'VIP')")}, []string{"CustomerSegment/a spec.where UnknownClass asks for the class VIP of the segment b, which is not split into classes: leave the class out"}, 0, 0},
		{"a class of a segment that is elsewhere", []string{pounds, segment("a", "customer.inSegment('pyramid', 'Major')")}, nil, 1, 0},
		{"several at once", []string{pounds, pyramid, segment("b", "true"), "CustomerSegment other {storeName: second, where: 'true'}",
			segment("a", "customer.inSegment('pyramid', 'Major') && customer.inSegment('b', 'VIP') && customer.inSegment('other') && customer.inSegment('a') && customer.reveneu > 1.0")},
			[]string{"CustomerSegment/a spec.where InvalidExpression", "CustomerSegment/a spec.where ReferenceCycle", "CustomerSegment/a spec.where StoreMismatch",
				"CustomerSegment/a spec.where UnknownClass asks for the class Major", "CustomerSegment/a spec.where UnknownClass asks for the class VIP"}, 1, 0},

		{"a segment of another store", []string{pounds, segment("a", "customer.inSegment('b')"), "CustomerSegment b {storeName: second, where: 'true'}"},
			[]string{"CustomerSegment/a spec.where StoreMismatch asks for the CustomerSegment b, which belongs to the CustomerStore second and not to crm: ask for one of the same store"}, 1, 0},
		{"references within a store", []string{bound, policy, segment("a", "true"), edition("f", "2026", london), "OutreachChannel mail {storeName: crm, medium: Email, delivery: Live}",
			rule("{include: [{segmentName: a}]}", "{exhibition: {exhibitionName: f, anchor: Opens}}", ""),
			"Outreach run {storeName: crm, runKey: run, ruleName: rule}", "OutreachApproval run {outreachName: run, planDigest: '', decision: Approved, approvedBy: a}"}, nil, 0, 0},
		{"references to another store", []string{"CustomerSegment a {storeName: second, where: 'true'}", "OutreachChannel mail {storeName: second, medium: Email, delivery: Live}",
			strings.Replace(edition("f", "2026", london), "crm", "second", 1),
			rule("{include: [{segmentName: x}, {segmentName: a}], exclude: [{segmentName: a}]}", "{segment: {segmentName: a, transition: Entered}, exhibition: {exhibitionName: f, anchor: Opens}}", ""),
			"Outreach run {storeName: second, runKey: run, ruleName: rule}"}, []string{
			"CampaignRule/rule spec.audience.exclude[0].segmentName StoreMismatch the CustomerSegment a belongs to the CustomerStore second and not to crm: name one of the same store",
			"CampaignRule/rule spec.audience.include[1].segmentName StoreMismatch",
			"CampaignRule/rule spec.outreach.channelName StoreMismatch the OutreachChannel mail belongs",
			"CampaignRule/rule spec.trigger.exhibition.exhibitionName StoreMismatch the Exhibition f belongs",
			"CampaignRule/rule spec.trigger.segment.segmentName StoreMismatch",
			"Outreach/run spec.ruleName StoreMismatch the CampaignRule rule belongs to the CustomerStore crm and not to second"}, 6, 0},
		{"references to nowhere", []string{"CustomerStore crm {reportingCurrency: GBP, contactPolicyNames: [fair-use]}", rule("{include: [{segmentName: a}]}", yearly, "")}, nil, 3, 0},

		{"an amount of a model", []string{pounds, profit("{amount: '5000.00', currency: GBP}")}, nil, 0, 0},
		{"an amount of a model in another currency", []string{pounds, profit("{amount: '5000.00', currency: EUR}")}, []string{"CustomerSegment/profit spec.classify.reinartzKumar.profit.highFrom CurrencyMismatch the amount is in EUR, and the store reports in GBP"}, 0, 0},
		{"the same without its store", []string{profit("{amount: '5000.00', currency: EUR}")}, nil, 1, 0},
		{"the same with a store that has none", []string{strings.Replace(pounds, "GBP", "QQQ", 1), profit("{amount: '5000.00', currency: EUR}")}, []string{"CustomerStore/crm spec.reportingCurrency UnknownCurrency"}, 0, 0},
		{"an amount of a model in no currency, once", []string{pounds, profit("{amount: '5000.00', currency: EUX}")}, []string{"CustomerSegment/profit spec.classify.reinartzKumar.profit.highFrom.currency UnknownCurrency EUX is none of ISO 4217: name one that exists, such as EUR"}, 0, 0},
		{"an amount of a model with too many digits, once", []string{pounds, profit("{amount: '0.125', currency: GBP}")}, []string{"CustomerSegment/profit spec.classify.reinartzKumar.profit.highFrom.amount InvalidAmount 0.125 has more than the 2 digits after the point that GBP has"}, 0, 0},
		{"a decimal of a model", []string{pounds, "CustomerSegment a {storeName: crm, where: 'true', classify: {satisfaction: {measure: NetPromoterScore, satisfiedFrom: '9.00', dissatisfiedBelow: '7'}}}"}, nil, 0, 0},
		{"a decimal of a model with too many digits", []string{pounds, "CustomerSegment a {storeName: crm, where: 'true', classify: {satisfaction: {measure: NetPromoterScore, satisfiedFrom: '9.123', dissatisfiedBelow: '7'}}}"},
			[]string{"CustomerSegment/a spec.classify.satisfaction.satisfiedFrom InvalidAmount 9.123 has more than 2 digits"}, 0, 0},

		{"an edition", []string{pounds, edition("a", "2026", london+", countryCode: GB"), edition("b", "2024", london)}, nil, 0, 0},
		{"an edition in no zone", []string{pounds, edition("a", "2026", "timeZone: Europe/Farnborough")}, []string{"Exhibition/a spec.venue.timeZone InvalidTimeZone unknown time zone Europe/Farnborough: name a zone of the IANA time zone database, such as Europe/London"}, 0, 0},
		{"an edition in no country", []string{pounds, edition("a", "2026", london+", countryCode: UK")}, []string{"Exhibition/a spec.venue.countryCode UnknownCountry UK is none of ISO 3166-1"}, 0, 0},
		{"an edition twice", []string{pounds, edition("b", "2026", london), edition("a", "2026", london)}, []string{"Exhibition/b spec.edition DuplicateEdition The Exhibition a declares edition 2026 of series Farnborough in store crm already: delete one of the two"}, 0, 0},
		{"an edition in two stores, and of two series", []string{pounds, edition("a", "2026", london), strings.Replace(edition("b", "2026", london), "crm", "second", 1), strings.Replace(edition("c", "2026", london), "series: Farnborough", "series: Avalon", 1)}, nil, 1, 0},
		{"an edition in two namespaces", []string{edition("east/a", "2026", london), edition("west/b", "2026", london), edition("c", "2026", london)}, nil, 3, 0},
		{"several mistakes of an edition", []string{pounds, edition("b", "2026", "timeZone: Local, countryCode: ZZ"), edition("a", "2026", london)}, []string{
			"Exhibition/b spec.edition DuplicateEdition", "Exhibition/b spec.venue.countryCode UnknownCountry", "Exhibition/b spec.venue.timeZone InvalidTimeZone"}, 0, 0},
		{"costs", []string{pounds, strings.Replace(edition("a", "2026", london), "title", "costing: {perSquareMetre: {amount: '45.00', currency: GBP}}, title", 1)}, nil, 0, 0},
		{"costs in no currency", []string{pounds, strings.Replace(edition("a", "2026", london), "title", "costing: {perSquareMetre: {amount: '45.00', currency: GBX}}, title", 1)}, []string{"Exhibition/a spec.costing.perSquareMetre.currency UnknownCurrency GBX is none of ISO 4217"}, 0, 0},
		{"costs with too many digits", []string{pounds, strings.Replace(edition("a", "2026", london), "title", "costing: {perSquareMetre: {amount: '45.5', currency: JPY}}, title", 1)}, []string{"Exhibition/a spec.costing.perSquareMetre.amount InvalidAmount 45.5 has more than the 0 digits"}, 0, 0},

		{"a store", []string{pounds, "CustomerStore second {reportingCurrency: KWD, defaultTimeZone: Asia/Kuwait}"}, nil, 0, 0},
		{"a store in no currency", []string{strings.Replace(pounds, "GBP", "QQQ", 1)}, []string{"CustomerStore/crm spec.reportingCurrency UnknownCurrency QQQ is none of ISO 4217: it is immutable"}, 0, 0},
		{"a store in no zone", []string{"CustomerStore crm {reportingCurrency: GBP, defaultTimeZone: Local}"}, []string{"CustomerStore/crm spec.defaultTimeZone InvalidTimeZone unknown time zone Local"}, 0, 0},

		{"a webhook", []string{pounds, hook("https://desk.example/hooks", ""), hook("https://8.8.8.8/hooks", "")}, nil, 0, 0},
		{"a webhook of one's own network", []string{pounds, hook("https://10.0.0.5:8443/hooks", "")}, []string{"OutreachChannel/desk spec.webhook.url PrivateAddress 10.0.0.5 is an address that is not public: name a public host, or set spec.webhook.allowPrivateAddresses if this is meant"}, 0, 0},
		{"a webhook of one's own network that is meant", []string{pounds, hook("https://[::1]/hooks", ", allowPrivateAddresses: true")}, nil, 0, 0},

		{"amounts of a rule", []string{strings.Replace(rule(nobody, yearly, ", costPerMessage: {amount: '6', currency: CNY}"), "{storeName", "{guardrails: {budget: {amount: '1.5', currency: KWD}}, storeName", 1)}, nil, 2, 0},
		{"wrong amounts of a rule", []string{strings.Replace(rule(nobody, yearly, ", costPerMessage: {amount: '6', currency: RMB}"), "{storeName", "{guardrails: {budget: {amount: '1.5', currency: JPY}}, storeName", 1)}, []string{
			"CampaignRule/rule spec.guardrails.budget.amount InvalidAmount", "CampaignRule/rule spec.outreach.costPerMessage.currency UnknownCurrency RMB is none"}, 2, 0},
		{"a wrong amount of an outreach", []string{"Outreach run {storeName: crm, runKey: run, outreach: {channelName: mail, topic: news, messages: [], costPerMessage: {amount: '1,50', currency: EUR}}}"}, []string{"Outreach/run spec.outreach.costPerMessage.amount InvalidAmount reading the amount"}, 2, 0},

		{"messages", []string{bound, letter("", "{{ .Contact.Name }}")}, nil, 2, 0},
		{"a message that does not compile, in one of its languages", []string{bound, letter(", outreach: {channelName: mail, topic: news, messages: [{locale: en, subject: x, text: x}, {locale: de, subject: '{{ .Contact.Nam }}', text: '{{ .Series.Name }}'}]}", "")}, []string{
			"Outreach/run spec.outreach.messages InvalidTemplate de, subject, line 1, column 12: there is no .Contact.Nam: did you mean .Contact.Name?"}, 2, 0},
		{"a link that a gateway answers", []string{strings.Replace(bound, "{", "{gateway: {publicURL: 'https://hear.airshow.example', linkKeySecretName: links}, ", 1), letter("", "{{ .UnsubscribeURL }}")}, nil, 2, 0},
		{"a link that nobody answers", []string{bound, letter("", "{{ .UnsubscribeURL }}")}, []string{"Outreach/run spec.outreach.messages InvalidTemplate en, text, line 1, column 4: there is no .UnsubscribeURL here: the CustomerStore has no gateway that would answer it: say in its spec.gateway where there is one"}, 2, 0},
		{"attributes of which a store knows the types", []string{bound, letter("", "{{ date \"full\" .Customer.Attributes.since }}{{ if gt .Customer.Attributes.fleet 3 }}x{{ end }}")}, nil, 2, 1},
		{"an exhibition", []string{bound, london26, letter(", exhibitionName: f", "{{ .Exhibition.Title }} {{ .Series.Participations }} {{ .Exhibition.Milestones.Late }}")}, nil, 2, 0},
		{"a milestone that there is not", []string{bound, london26, letter(", exhibitionName: f", "{{ .Exhibition.Milestones.Latest }}")}, []string{"Outreach/run spec.outreach.messages InvalidTemplate en, text, line 1, column 26: the exhibition declares no milestone Latest: did you mean Late?"}, 2, 0},
		{"an exhibition that is elsewhere", []string{bound, letter(", exhibitionName: f", "{{ .Exhibition.Milestones.Latest }}")}, nil, 3, 0},
		{"a membership in the only program", []string{bound, club("club", "crm"), club("other", "second"), letter("", "{{ with .Loyalty }}{{ .Tier }}{{ end }}")}, nil, 3, 0},
		{"a membership in one of several programs", []string{bound, club("club", "crm"), club("crew", "crm"), letter("", "{{ .Loyalty.Points }}"), letter("", "x")},
			[]string{"Outreach/run spec.outreach.messages InvalidTemplate en, text, line 1, column 4: there is no .Loyalty here: the store has several LoyaltyPrograms, club, crew: name one in spec.outreach.loyaltyProgramName"}, 3, 0},
		{"the same of a rule, and with the name", []string{bound, policy, club("club", "crm"), club("crew", "crm"),
			strings.Replace(rule(nobody, yearly, ""), "messages: []", "messages: [{locale: en, subject: x, text: '{{ .Loyalty.Tier }}'}]", 1),
			strings.Replace(rule(nobody, yearly, ", loyaltyProgramName: crew"), "messages: []", "messages: [{locale: en, subject: x, text: '{{ .Loyalty.Tier }}'}]", 1)},
			[]string{"CampaignRule/rule spec.outreach.messages InvalidTemplate en, text, line 1, column 4: there is no .Loyalty here: the store has several LoyaltyPrograms"}, 2, 0},
		{"a program that is elsewhere", []string{bound, letter(", outreach: {channelName: mail, topic: news, loyaltyProgramName: club, messages: [{locale: en, subject: x, text: '{{ .Loyalty.Tier }}'}]}", "")}, nil, 3, 0},
		{"a program of another store", []string{bound, club("club", "second"), letter(", outreach: {channelName: mail, topic: news, loyaltyProgramName: club, messages: [{locale: en, subject: x, text: '{{ .Loyalty.Tier }}'}]}", "")},
			[]string{"Outreach/run spec.outreach.loyaltyProgramName StoreMismatch the LoyaltyProgram club belongs to the CustomerStore second and not to crm: name one of the same store"}, 3, 0},
		{"what a membership does not have", []string{bound, club("club", "crm"), letter("", "{{ .Loyalty.Level }}")}, []string{"Outreach/run spec.outreach.messages InvalidTemplate en, text, line 1, column 12: there is no .Loyalty.Level"}, 2, 0},
		{"a topic", []string{bound, policy, letter("", "x")}, nil, 1, 0},
		{"a topic that nobody declares", []string{bound, strings.Replace(policy, "news", "sale", 1), letter("", "x")}, []string{"Outreach/run spec.outreach.topic UndeclaredTopic no ContactPolicy of the store declares the topic news: name one of sale, or declare it"}, 1, 0},
		{"a topic of what was in force before", []string{bound, strings.Replace(strings.Replace(policy, "news", "sale", 1), "{", "{suspend: true, ", 1), letter("", "x")}, nil, 1, 0},
		{"a topic in a store without policies", []string{pounds, letter("", "x"), rule(nobody, yearly, "")}, []string{
			"CampaignRule/rule spec.outreach.topic UndeclaredTopic no ContactPolicy binds the CustomerStore crm, so that the topic news has no legal basis and counts as promotional: name a ContactPolicy that declares it in spec.contactPolicyNames of the CustomerStore",
			"Outreach/run spec.outreach.topic UndeclaredTopic no ContactPolicy binds the CustomerStore crm"}, 2, 0},
		{"a topic in a store that is elsewhere", []string{letter("", "x")}, nil, 2, 0},
		{"a class of an audience", []string{bound, pyramid, letter(", audience: {include: [{segmentName: pyramid, classes: [VIP]}]}", "x")}, nil, 2, 0},
		{"a class of an audience that there is not", []string{bound, pyramid, letter(", audience: {include: [], exclude: [{segmentName: pyramid, classes: [VIP, Major]}]}", "x")},
			[]string{"Outreach/run spec.audience.exclude[0].classes[1] UnknownClass asks for the class Major of the segment pyramid, which has VIP, Small, Unknown"}, 2, 0},
		{"a schedule", []string{bound, policy, rule(nobody, "{schedule: {cron: '0 9 29 2 *', timeZone: Europe/London}}", "")}, nil, 1, 0},
		{"a schedule that never fires, nowhere", []string{bound, policy, rule(nobody, "{schedule: {cron: '0 9 31 4,6 *', timeZone: Europe/Lundon}}", "")}, []string{
			"CampaignRule/rule spec.trigger.schedule.cron InvalidSchedule the cron line \"0 9 31 4,6 *\" never fires",
			"CampaignRule/rule spec.trigger.schedule.timeZone InvalidTimeZone unknown time zone Europe/Lundon"}, 1, 0},
		{"a cron line that does not parse", []string{bound, policy, rule(nobody, "{schedule: {cron: '61 9 * * *'}}", "")}, []string{"CampaignRule/rule spec.trigger.schedule.cron InvalidSchedule the cron line \"61 9 * * *\" cannot be read: "}, 1, 0},
		{"an anchor", []string{bound, policy, london26, rule(nobody, "{exhibition: {exhibitionName: f, anchor: Late}}", "")}, nil, 1, 0},
		{"an anchor that there is not", []string{bound, policy, london26, rule(nobody, "{exhibition: {exhibitionName: f, anchor: Latest}}", "")}, []string{
			"CampaignRule/rule spec.trigger.exhibition.anchor UnknownMilestone the Exhibition f does not declare the day Latest: declare it there, or name one of Closes, EvaluateUntil, Late, Opens"}, 1, 0},
		{"an anchor of editions that may be elsewhere", []string{bound, policy, london26, rule(nobody, "{exhibition: {series: Farnborough, anchor: Latest}}", "")}, nil, 1, 0},
		{"the same of a rule", []string{strings.Replace(bound, "{", "{gateway: {publicURL: 'https://hear.airshow.example', linkKeySecretName: links}, ", 1), policy, pyramid, strings.Replace(rule("{include: [{segmentName: pyramid, classes: [Major]}]}", yearly, ""), "messages: []", "messages: [{locale: en, subject: x, text: '{{ .UnsubscribeURL }} {{ .Loyalty.Tier }} {{ .Contact.Nam }}'}]", 1)}, []string{
			"CampaignRule/rule spec.audience.include[0].classes[0] UnknownClass asks for the class Major",
			"CampaignRule/rule spec.outreach.messages InvalidTemplate en, text, line 1, column 54: there is no .Contact.Nam"}, 1, 0},
	} {
		t.Run(test.what, func(t *testing.T) {
			report, err := Find(declare(t, test.objects...))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range report.Findings {
				got = append(got, fmt.Sprintf("%s/%s %s %s %s", f.Kind, f.Name, f.Field, f.Reason, f.Message))
			}
			slices.Sort(got)
			if len(got) != len(test.want) {
				t.Fatalf("got  %s\nwant %s", strings.Join(got, "\n     "), strings.Join(test.want, "\n     "))
			}
			for i := range got {
				if !strings.HasPrefix(got[i], test.want[i]) {
					t.Errorf("got  %s\nwant %s", got[i], test.want[i])
				}
			}
			if report.Outside != test.outside || report.InPart != test.inPart {
				t.Errorf("%d references lead outside and %d expressions were checked in part, want %d and %d", report.Outside, report.InPart, test.outside, test.inPart)
			}
		})
	}
}

// Findings say where they stand, and are in the order of files.
func TestOrder(t *testing.T) {
	objects := declare(t, segment("expo/b", "customer.inSegment('b')"), segment("expo/a", "customer.x == 1"), "CustomerSegment expo/c {storeName: crm, where: 'true'}")
	objects[2].SetName("")
	objects[2].SetGenerateName("c-")
	objects[2].Object.(*crm.CustomerSegment).Spec.Where = "customer.y == 1"
	objects[0].File, objects[2].File = "1.yaml", "0.yaml"
	report, err := Find(objects)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range report.Findings {
		got = append(got, strings.Join([]string{f.File, f.Kind, f.Namespace, f.Name}, " "))
	}
	if want := []string{"0.yaml CustomerSegment expo c-", "1.yaml CustomerSegment expo a", "1.yaml CustomerSegment expo b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
