package main

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// named is an object of the idle manager's namespace.
func named(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: idleNamespace, Name: name}
}

// idleStore declares the store, and what it needs.
func idleStore(url, worker string) []client.Object {
	credentials := func(name, url string) *corev1.Secret {
		secret := &corev1.Secret{ObjectMeta: named(name), StringData: map[string]string{"uri": url}}
		secret.Labels = map[string]string{crm.LabelCredentials: "true"}
		return secret
	}
	return []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: idleNamespace}},
		credentials("crm-database", url), credentials("crm-database-worker", worker),
		&crm.ContactPolicy{ObjectMeta: named("fair-use"), Spec: crm.ContactPolicySpec{
			Topics:        []crm.Topic{{Name: "service", Title: []crm.LocalizedText{{Locale: "en", Text: "Service"}}, LegalBasis: crm.LegalBasisContract}},
			FrequencyCaps: []crm.FrequencyCap{{Medium: "Email", Messages: 2, PerDays: 7}},
		}},
		&crm.CustomerStore{ObjectMeta: named("crm"), Spec: crm.CustomerStoreSpec{
			Postgres:          &crm.PostgresStore{ConnectionSecretName: "crm-database", WorkerConnectionSecretName: "crm-database-worker"},
			ReportingCurrency: "EUR", ContactPolicyNames: []crm.ObjectName{"fair-use"},
		}},
	}
}

// metricsReader and readsMetrics let an account read metrics.
func metricsReader() *rbacv1.ClusterRole {
	return &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "metrics-reader"}, Rules: []rbacv1.PolicyRule{{NonResourceURLs: []string{"/metrics"}, Verbs: []string{"get"}}}}
}

func readsMetrics(account *corev1.ServiceAccount) *rbacv1.ClusterRoleBinding {
	return &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "metrics-reader"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "metrics-reader"},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: account.Namespace, Name: account.Name}},
	}
}

// idleObjects are a channel, an exhibition, and so many segments and rules that do not become due
// within a few hours.
func idleObjects(many int, sink string, now time.Time) ([]client.Object, error) {
	host, port, err := net.SplitHostPort(sink)
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	objects := []client.Object{
		&crm.OutreachChannel{ObjectMeta: named("mail"), Spec: crm.OutreachChannelSpec{
			StoreName: "crm", Medium: "Email", Delivery: crm.DeliveryLive, From: &crm.Sender{Name: "Airshow", Address: "hello@airshow.example"},
			SMTP: &crm.SMTP{Host: host, Port: int32(number), TLS: crm.TLSNone},
		}},
		&crm.Exhibition{ObjectMeta: named("next"), Spec: crm.ExhibitionSpec{
			StoreName: "crm", Series: "Series 1", Edition: "Next", Title: "The next one", Venue: crm.Venue{TimeZone: "Europe/London"},
			Opens: crm.Date(now.AddDate(1, 0, 0).Format(time.DateOnly)), Closes: crm.Date(now.AddDate(1, 0, 4).Format(time.DateOnly)),
		}},
	}
	for n := range many {
		objects = append(objects, idleSegment(n))
	}
	for n := range many {
		objects = append(objects, idleRule(n, many, now))
	}
	return objects, nil
}

// idleSegment is one of ten kinds: figures, days, editions, other segments, and classes.
func idleSegment(n int) *crm.CustomerSegment {
	segment := &crm.CustomerSegment{ObjectMeta: named(fmt.Sprint("segment-", n)), Spec: crm.CustomerSegmentSpec{StoreName: "crm"}}
	where := []string{
		"customer.revenue > %d.00",
		"'Exhibitor' in customer.roles && customer.participations >= 3 && customer.revenue > %d.00",
		"customer.openComplaints > 0 && customer.revenue > %d.00",
		"customer.netPromoterScore >= 7 && customer.revenue > %d.00",
		"customer.lastContact < daysAgo(1000) && customer.revenue > %d.00",
		"customer.participated('Series 1', '2024') && customer.revenue > %d.00",
		"customer.series('Series 1').missedEditions >= 2 && customer.revenue > %d.00",
		"customer.inSegment('segment-1') && customer.revenue > %d.00",
		"'Exhibitor' in customer.roles && customer.revenue > %d.00",
		"customer.participations > 0 && customer.revenue > %d.00",
	}[n%10]
	segment.Spec.Where = crm.Expression(fmt.Sprintf(where, n))
	switch n % 10 {
	case 8:
		segment.Spec.Classify = &crm.Classification{Pyramid: &crm.Pyramid{
			Measure: "Revenue", Classes: []crm.PercentClass{{Name: "VIP", UpToPercent: 1}, {Name: "Major", UpToPercent: 20}, {Name: "Small", UpToPercent: 100}},
		}}
	case 9:
		segment.Spec.Classify = &crm.Classification{Ladder: &crm.Ladder{LoyalFromEditions: 3, AdvocateFromReferrals: 1, DormantFromMissed: 2}}
	}
	return segment
}

// idleLetter has no way out: there is no gateway.
var idleLetter = crm.Message{Locale: "en", Subject: "Your stand", Text: "Dear {{ .Contact.Name }},\nthe stand of {{ .Customer.Name }} in hall 7 is kept for you until Friday.\n" + strings.Repeat("It is the one that you had.\n", 40)}

// idleRule is one of five kinds, by its trigger.
func idleRule(n, segments int, now time.Time) *crm.CampaignRule {
	segment := crm.ObjectName(fmt.Sprint("segment-", n%segments))
	rule := &crm.CampaignRule{ObjectMeta: named(fmt.Sprint("rule-", n)), Spec: crm.CampaignRuleSpec{
		StoreName: "crm", Objective: crm.ObjectiveRetain, Audience: crm.Audience{Include: []crm.SegmentReference{{SegmentName: segment}}},
		Outreach:   crm.MessagePlan{ChannelName: "mail", Topic: "service", Messages: []crm.Message{idleLetter}},
		Guardrails: &crm.Guardrails{HoldoutPercent: 10},
	}}
	switch trigger := &rule.Spec.Trigger; n % 5 {
	case 0:
		later := now.UTC().AddDate(0, 0, 100+n%100)
		trigger.Schedule = &crm.ScheduleTrigger{Cron: fmt.Sprintf("%d 9 %d %d *", n%60, later.Day(), int(later.Month())), TimeZone: "Europe/London"}
	case 1:
		trigger.Exhibition = &crm.ExhibitionTrigger{Series: "Series 1", Anchor: crm.AnchorOpens, OffsetDays: int32(-1 - n%100), At: "10:00"}
	case 2:
		// It is due once, for those whose day it is, and then in 20 hours.
		first := now.UTC().Add(14*time.Hour - 4*time.Hour)
		trigger.Anniversary = &crm.AnniversaryTrigger{Field: "Birthday", At: crm.TimeOfDay(first.Format("15:04"))}
	case 3:
		trigger.Segment = &crm.SegmentTrigger{SegmentName: segment, Transition: crm.TransitionEntered}
	case 4:
		trigger.Fact = &crm.FactTrigger{Kind: crm.TriggerComplaintOpened}
	}
	return rule
}
