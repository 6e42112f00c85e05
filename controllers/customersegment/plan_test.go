package customersegment

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/classify"
	"github.com/fairlead/fairlead/internal/store"
)

func TestCycleThrough(t *testing.T) {
	for _, test := range []struct {
		what  string
		asked map[string][]string
		want  string
	}{
		{"nobody asks", map[string][]string{"a": nil}, ""},
		{"a chain", map[string][]string{"a": {"b"}, "b": {"c"}, "c": nil}, ""},
		{"one that is not there", map[string][]string{"a": {"nowhere"}}, ""},
		{"itself", map[string][]string{"a": {"a"}}, "a a"},
		{"two", map[string][]string{"a": {"b"}, "b": {"a"}}, "a b a"},
		{"three, by the second of two ways", map[string][]string{"a": {"b", "c"}, "b": {"d"}, "c": {"e"}, "d": nil, "e": {"a"}}, "a c e a"},
		{"a circle that it only leads to", map[string][]string{"a": {"b"}, "b": {"c"}, "c": {"b"}}, ""},
		{"two ways to one place", map[string][]string{"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": {"a"}}, "a b d a"},
	} {
		if got := strings.Join(cycleThrough("a", test.asked), " "); got != test.want {
			t.Errorf("%s: the way round is %q, want %q", test.what, got, test.want)
		}
	}
}

func TestAskedBy(t *testing.T) {
	segments := []crm.CustomerSegment{
		named("a", "customer.inSegment('b') || customer.inSegment('c', 'VIP')"), named("b", "customer.inSegment('c')"), named("c", "customer.participations > 0"),
		named("broken", "customer.inSegment('c'"),
	}
	if got := askedBy("c", asks(segments, nil)); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("%v ask for c", got)
	}
	if got := asks(segments, nil)["a"]; !slices.Equal(got, []string{"b", "c"}) {
		t.Errorf("a asks for %v", got)
	}
}

func named(name, where string) crm.CustomerSegment {
	return crm.CustomerSegment{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: crm.CustomerSegmentSpec{StoreName: "crm", Where: crm.Expression(where)}}
}

func TestDefinition(t *testing.T) {
	spec := crm.CustomerSegmentSpec{StoreName: "crm", Where: "customer.revenue > 1.0"}
	before := definition(spec, 2)
	described := spec
	described.Description, described.Suspend = "words", ptr.To(false)
	if definition(described, 2) != before {
		t.Error("another description makes it another segment")
	}
	other := spec
	other.Where = "customer.revenue > 2.0"
	if definition(other, 2) == before || definition(spec, 0) == before {
		t.Error("another expression, or amounts of other digits, make no other segment")
	}
}

func TestNextDay(t *testing.T) {
	zone := time.FixedZone("east", 9*3600)
	for now, want := range map[time.Time]string{
		time.Date(2026, 2, 28, 23, 59, 59, 0, time.UTC): "2026-03-01T00:00:00Z",
		time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC):     "2026-03-02T00:00:00Z",
		time.Date(2026, 3, 1, 8, 0, 0, 0, zone):         "2026-03-01T00:00:00Z",
	} {
		if got := nextDay(now).Format(time.RFC3339); got != want {
			t.Errorf("the day after %v begins at %s, want %s", now, got, want)
		}
	}
}

func TestBlocked(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ready := crm.ObservedStatus{Conditions: []metav1.Condition{{Type: crm.ConditionReady, Status: metav1.ConditionTrue}}}
	there := &crm.CustomerStore{Status: crm.CustomerStoreStatus{ObservedStatus: ready}}
	other, readyOther := named("other", "true"), named("other", "true")
	readyOther.Status.ObservedStatus = ready
	asking := named("a", "customer.inSegment('other')")
	split := named("split", "true")
	split.Spec.Classify = &crm.Classification{ReinartzKumar: &crm.ReinartzKumar{}}
	friends := named("a", "customer.inSegment('split', 'TrueFriend') || customer.inSegment('split', 'Unknown')")
	suspended := named("a", "customer.inSegment('a')")
	suspended.Spec.Suspend = ptr.To(true)
	for _, test := range []struct {
		what          string
		segment       crm.CustomerSegment
		seen          observed
		reason, words string
	}{
		{"all is there", asking, observed{store: there, segments: []crm.CustomerSegment{asking, readyOther}}, "", ""},
		{"suspended before anything else", suspended, observed{failure: errors.New("no"), segments: []crm.CustomerSegment{suspended}}, crm.ReasonSuspended, "stay as they are"},
		{"not everything was seen", asking, observed{failure: errors.New("listing: no")}, crm.ReasonFailed, "listing: no"},
		{"no store", asking, observed{segments: []crm.CustomerSegment{asking}}, crm.ReasonReferenceNotReady, "CustomerStore crm, which does not exist yet"},
		{"a store that is not ready", asking, observed{store: &crm.CustomerStore{}, segments: []crm.CustomerSegment{asking}}, crm.ReasonReferenceNotReady, "CustomerStore crm to become ready"},
		{"no other segment", asking, observed{store: there, segments: []crm.CustomerSegment{asking}}, crm.ReasonReferenceNotReady, "CustomerSegment other, which does not exist yet"},
		{"another that is not ready", asking, observed{store: there, segments: []crm.CustomerSegment{asking, other}}, crm.ReasonReferenceNotReady, "CustomerSegment other to become ready"},
		{"a segment of another store", asking, observed{store: there, segments: []crm.CustomerSegment{asking}, elsewhere: map[string]string{"other": "test"}}, crm.ReasonStoreMismatch, "CustomerSegment other, which belongs to the CustomerStore test and not to crm"},
		{"a class of a segment without", named("a", "customer.inSegment('other', 'VIP')"), observed{store: there, segments: []crm.CustomerSegment{other}}, crm.ReasonUnknownClass, "the segment other, which is not split into classes"},
		{"a class that there is not", named("a", "customer.inSegment('split', 'Friend')"), observed{store: there, segments: []crm.CustomerSegment{split}}, crm.ReasonUnknownClass, "which has TrueFriend, Butterfly, Barnacle, Stranger, Unknown"},
		{"a class that there is", friends, observed{store: there, segments: []crm.CustomerSegment{friends, split}}, crm.ReasonReferenceNotReady, "CustomerSegment split to become ready"},
		{"a circle, whatever else", named("a", "customer.inSegment('a')"), observed{segments: []crm.CustomerSegment{named("a", "customer.inSegment('a')")}}, crm.ReasonReferenceCycle, "a asks for a"},
	} {
		verdict := blocked(&test.segment, test.seen)
		if verdict == nil {
			if test.reason != "" {
				t.Errorf("%s: nothing is in the way, want %s", test.what, test.reason)
			}
			continue
		}
		var status crm.ObservedStatus
		verdict.Apply(&status, 1, now)
		if c := status.Conditions[0]; c.Reason != test.reason || !strings.Contains(c.Message, test.words) {
			t.Errorf("%s: %s %q, want %s %q", test.what, c.Reason, c.Message, test.reason, test.words)
		}
	}
}

func TestStatusOf(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	segment := named("a", "true")
	segment.Generation, segment.Status.Members, segment.Status.EvaluatedGeneration = 3, ptr.To[int64](7), 2
	for _, test := range []struct {
		what      string
		segment   crm.CustomerSegment
		came      outcome
		members   int64
		evaluated int64
		reason    string
		retried   bool
	}{
		{"evaluated", segment, outcome{evaluated: store.Evaluated{Members: 9}}, 9, 3, crm.ReasonReady, false},
		{"a mistake in the model", segment, outcome{failure: &classify.Problem{Field: "spec.classify", Reason: crm.ReasonCurrencyMismatch, Message: "no"}}, 7, 2, crm.ReasonCurrencyMismatch, false},
		{"a mistake keeps what was", segment, outcome{failure: &audience.Problem{Reason: "no"}}, 7, 2, crm.ReasonInvalidExpression, false},
		{"another that is not evaluated", segment, outcome{failure: fmt.Errorf("x: %w", &store.MissingSegmentError{Name: "b"})}, 7, 2, crm.ReasonReferenceNotReady, false},
		{"a fault keeps what was, and is tried again", segment, outcome{failure: errors.New("no answer")}, 7, 2, crm.ReasonFailed, true},
	} {
		status := statusOf(now, &test.segment, test.came)
		if ptr.Deref(status.Members, -1) != test.members || status.EvaluatedGeneration != test.evaluated || status.Conditions[0].Reason != test.reason || status.ObservedGeneration != 3 {
			t.Errorf("%s: %+v", test.what, status)
		}
		if (retried(test.came.failure) != nil) != test.retried {
			t.Errorf("%s: it is tried again: %v", test.what, retried(test.came.failure))
		}
	}
}
