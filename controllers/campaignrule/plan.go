package campaignrule

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/controllers/outreach"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/due"
	"github.com/fairlead/fairlead/internal/store"
)

// observed is what a pass looks at beside the CampaignRule itself.
type observed struct {
	// store that the spec names; nil while it does not exist.
	store *crm.CustomerStore
	// rules of the namespace, this one among them.
	rules []crm.CampaignRule
	// exhibitions of the store.
	exhibitions []crm.Exhibition
	// segments and policies of the namespace.
	segments map[string]*crm.CustomerSegment
	policies []crm.ContactPolicy
	// outreaches are those of the rule.
	outreaches []crm.Outreach
}

// isOf tells whether an Outreach is an occurrence of a rule, and not of one that had its name.
func isOf(o *crm.Outreach, rule *crm.CampaignRule) bool {
	return string(o.Spec.RuleName) == rule.Name && metav1.IsControlledBy(o, rule)
}

// collected is what triggers a rule; false for a trigger that collects nothing.
func collected(rule *crm.CampaignRule) (what store.Collected, collects bool) {
	what.Since = rule.CreationTimestamp.Time
	switch t := rule.Spec.Trigger; {
	case t.Segment != nil && t.Segment.Transition == crm.TransitionLeft:
		what.Kind, what.Segment = store.CollectedLeft, string(t.Segment.SegmentName)
	case t.Segment != nil:
		what.Kind, what.Segment = store.CollectedEntered, string(t.Segment.SegmentName)
	case t.Fact != nil:
		what.Kind = string(t.Fact.Kind)
	}
	return what, what.Kind != ""
}

// blocked says why a rule cannot be carried out; nil if it can.
func blocked(rule *crm.CampaignRule, seen observed, editions []due.Edition) *contract.Verdict {
	waiting := func(format string, args ...any) *contract.Verdict {
		return new(contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf(format, args...)))
	}
	if older := sharesPrefix(rule, seen.rules); older != "" {
		return new(contract.Stalled(crm.ReasonDuplicateRunKeyPrefix, fmt.Sprintf("spec.runKeyPrefix: the older CampaignRule %s of the store begins its keys with %s as well: create this rule again with another prefix.", older, contract.RunKeyPrefix(rule))))
	}
	if wrong := due.Mistakes(rule.Spec.Trigger, editions); len(wrong) > 0 {
		return new(contract.Stalled(wrong[0].Reason, wrong[0].Field+": "+wrong[0].Message+"."))
	}
	switch {
	case seen.store == nil:
		return waiting("Waiting for the CustomerStore %s, which does not exist yet.", rule.Spec.StoreName)
	case ptr.Deref(seen.store.Spec.Suspend, false):
		return waiting("Waiting for the CustomerStore %s, which is suspended.", seen.store.Name)
	case !contract.IsReady(seen.store.Status.ObservedStatus) || contract.IsSuspended(seen.store.Status.ObservedStatus):
		return waiting("Waiting for the CustomerStore %s to become ready.", seen.store.Name)
	}
	if wrong := wrongSegment(rule, seen.segments); wrong != nil {
		return wrong
	}
	if wrong := wrongExhibition(rule, editions); wrong != nil {
		return wrong
	}
	beside, unbound := besideOf(rule, seen)
	if len(unbound) > 0 {
		return waiting("Waiting for the ContactPolicy %s, which the CustomerStore names and which %s.", unbound[0].Name, unbound[0].Why())
	}
	if wrong, _ := outreach.MistakesOfRule(rule, beside); len(wrong) > 0 {
		return new(contract.Stalled(wrong[0].Reason, wrong[0].Field+": "+wrong[0].Message+"."))
	}
	return nil
}

// sharesPrefix is an older rule of the store with the same prefix; "" for none.
func sharesPrefix(rule *crm.CampaignRule, rules []crm.CampaignRule) string {
	for i := range rules {
		other := &rules[i]
		if other.Name != rule.Name && other.Spec.StoreName == rule.Spec.StoreName && contract.RunKeyPrefix(other) == contract.RunKeyPrefix(rule) && contract.Older(other, rule) {
			return other.Name
		}
	}
	return ""
}

// segmentsOf are the names of the segments that a rule names.
func segmentsOf(rule *crm.CampaignRule) (names []string) {
	for _, references := range [][]crm.SegmentReference{rule.Spec.Audience.Include, rule.Spec.Audience.Exclude} {
		for _, reference := range references {
			names = append(names, string(reference.SegmentName))
		}
	}
	if t := rule.Spec.Trigger.Segment; t != nil {
		names = append(names, string(t.SegmentName))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// wrongSegment says what a rule waits for of the segments that it names.
func wrongSegment(rule *crm.CampaignRule, segments map[string]*crm.CustomerSegment) *contract.Verdict {
	for _, name := range segmentsOf(rule) {
		switch segment := segments[name]; {
		case segment == nil:
			return new(contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf("Waiting for the CustomerSegment %s, which does not exist yet.", name)))
		case segment.Spec.StoreName != rule.Spec.StoreName:
			return new(contract.Stalled(crm.ReasonStoreMismatch, fmt.Sprintf("The CustomerSegment %s is of the store %s, and this rule of %s: name segments of the same store.", name, segment.Spec.StoreName, rule.Spec.StoreName)))
		}
	}
	return nil
}

// wrongExhibition says what a rule waits for of the exhibitions that it follows.
func wrongExhibition(rule *crm.CampaignRule, editions []due.Edition) *contract.Verdict {
	follows := rule.Spec.Trigger.Exhibition
	if follows == nil {
		return nil
	}
	is := func(e due.Edition) bool {
		return e.Exhibition == string(follows.ExhibitionName) || follows.Series != "" && e.Series == follows.Series
	}
	switch {
	case slices.ContainsFunc(editions, is):
		return nil
	case follows.Series != "":
		return new(contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf("Waiting for an Exhibition of the series %s in the store %s.", follows.Series, rule.Spec.StoreName)))
	}
	return new(contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf("Waiting for the Exhibition %s in the store %s, which does not exist yet.", follows.ExhibitionName, rule.Spec.StoreName)))
}

// besideOf is what the messages of a rule are checked against, where all policies that the store
// names bind it.
func besideOf(rule *crm.CampaignRule, seen observed) (beside outreach.Beside, unbound []contract.Unbound) {
	beside.Segments = seen.segments
	if len(seen.store.Spec.ContactPolicyNames) == 0 {
		beside.Unbound = crm.ObjectName(seen.store.Name)
	}
	beside.Policies, unbound = contract.Binding(seen.store, func(name crm.ObjectName) *crm.ContactPolicy {
		i := slices.IndexFunc(seen.policies, func(p crm.ContactPolicy) bool { return p.Name == string(name) })
		if i < 0 {
			return nil
		}
		return &seen.policies[i]
	})
	if follows := rule.Spec.Trigger.Exhibition; follows != nil {
		for i := range seen.exhibitions {
			e := &seen.exhibitions[i]
			if e.Name == string(follows.ExhibitionName) || follows.Series != "" && e.Spec.Series == follows.Series {
				beside.Exhibition = e
			}
		}
	}
	return beside, unbound
}

// longestName that an Outreach may have.
const longestName = 52

var plainName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// outreachName is that of the Outreach of an occurrence: always the same one.
func outreachName(rule, occurrence string) string {
	if name := rule + "-" + strings.ToLower(occurrence); len(name) <= longestName && plainName.MatchString(name) {
		return name
	}
	sum := sha256.Sum256([]byte(occurrence))
	return rule + "-" + hex.EncodeToString(sum[:5])
}

// outreachOf is the Outreach of an occurrence.
func outreachOf(rule *crm.CampaignRule, o due.Occurrence) *crm.Outreach {
	made := &crm.Outreach{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: rule.Namespace, Name: outreachName(rule.Name, o.Name),
			Labels:          map[string]string{"app.kubernetes.io/managed-by": "fairlead", labelRule: rule.Name},
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(rule, crm.GroupVersion.WithKind("CampaignRule"))},
		},
		Spec: crm.OutreachSpec{
			StoreName: rule.Spec.StoreName, RunKey: contract.RunKeyPrefix(rule) + "/" + o.Name, RuleName: crm.ObjectName(rule.Name), Occurrence: o.Name,
			DueTime: &metav1.Time{Time: o.At.UTC().Truncate(time.Second)}, ExhibitionName: crm.ObjectName(o.Exhibition), Parallelism: 1,
		},
	}
	return made
}

// labelRule names the rule that an Outreach is an occurrence of.
const labelRule = "crm.fairlead.dev/rule"

// isFinal tells whether an Outreach is through.
func isFinal(o *crm.Outreach) bool {
	switch o.Status.Phase {
	case crm.OutreachCompleted, crm.OutreachCancelled, crm.OutreachFailed:
		return true
	}
	return false
}

// superfluous are final Outreaches beyond how many a rule keeps, the oldest first. One that left
// something unknown is kept until a person has resolved it.
func superfluous(outreaches []crm.Outreach, limit int) []crm.Outreach {
	var final []crm.Outreach
	for _, o := range outreaches {
		if isFinal(&o) && o.DeletionTimestamp == nil && (o.Status.Messages == nil || o.Status.Messages.Unknown == 0) {
			final = append(final, o)
		}
	}
	slices.SortFunc(final, func(a, b crm.Outreach) int {
		return cmp.Or(a.Spec.DueTime.Compare(b.Spec.DueTime.Time), cmp.Compare(a.Name, b.Name))
	})
	return final[:max(0, len(final)-limit)]
}

// unfinished is the oldest Outreach of a rule that is not through; "" for none.
func unfinished(outreaches []crm.Outreach) string {
	var names []string
	for i := range outreaches {
		if !isFinal(&outreaches[i]) {
			names = append(names, outreaches[i].Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return slices.Min(names)
}
