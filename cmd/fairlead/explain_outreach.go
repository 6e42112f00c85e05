package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// whyJSON is why somebody at a customer is written to or not, for programs.
type whyJSON struct {
	Outreach string `json:"outreach,omitempty"`
	Rule     string `json:"rule,omitempty"`
	RunKey   string `json:"runKey"`
	// RunState is left out until the run is frozen.
	RunState string `json:"runState,omitempty"`
	Customer string `json:"customer"`
	// Written says that somebody is written to, or has a message in the run; WhyNot why nobody.
	Written bool   `json:"written"`
	WhyNot  string `json:"whyNot,omitempty"`
	// Matched says that the customer is in the audience now.
	Matched  bool         `json:"matched"`
	Segments []whySegment `json:"segments"`
	Holdout  *whyHoldout  `json:"holdout,omitempty"`
	Persons  []whyPerson  `json:"persons"`
	Messages []whyMessage `json:"messages"`
	HeldFrom []string     `json:"heldFrom"`
	// CapsOff is why no cap holds; left out where those of Persons do.
	CapsOff string `json:"capsOff,omitempty"`
}

// why is an explanation, with what it is made of.
type why struct {
	foreseen
	whyJSON
	// limits that hold, and now, when it is explained.
	limits []namedCap
	now    time.Time
}

// whySegment is how the customer stands to a segment of the audience.
type whySegment struct {
	Name     string   `json:"name"`
	Excluded bool     `json:"excluded,omitempty"`
	Classes  []string `json:"classes,omitempty"`
	// Member of the segment, in Class, as it was evaluated last. Counts says that it is of one of
	// Classes, where there are some.
	Member bool   `json:"member"`
	Class  string `json:"class,omitempty"`
	Counts bool   `json:"counts"`
	// Clauses of its expression as of now, and Placed the class of now; Note is why there are none,
	// or differ.
	Clauses []audience.Line `json:"clauses,omitempty"`
	Placed  *classJSON      `json:"placed,omitempty"`
	Note    string          `json:"note,omitempty"`
}

// whyHoldout is who hears nothing.
type whyHoldout struct {
	Percent float64 `json:"percent"`
	Key     string  `json:"key"`
	Held    bool    `json:"held"`
}

// namedCap is a cap, and the policy that has it.
type namedCap struct {
	policy string
	crm.FrequencyCap
}

// tellOutreach explains an Outreach, or a rule.
func (e *explainOptions) tellOutreach(ctx context.Context, options *storeOptions, s opened, stdin io.Reader, out io.Writer) error {
	p := &previewOptions{storeOptions: *options, outreach: e.outreach, rule: e.rule, customer: e.customer, files: e.files}
	reader, o, err := p.declared(ctx, stdin)
	if err != nil {
		return err
	}
	f, err := p.intended(ctx, s.Store, reader, o)
	if err != nil {
		return err
	}
	rule := ""
	if e.rule != "" {
		rule = f.freeze.Rule
	}
	explained, err := s.ExplainOutreach(ctx, f.freeze, f.run, rule, e.customer)
	if err != nil {
		return err
	}
	f.seen = explained.Preview
	w, err := e.whyOf(ctx, s, reader, f, explained)
	if err != nil {
		return err
	}
	if e.output == "json" {
		err = writeJSON(out, w.whyJSON)
	} else {
		err = w.print(out)
	}
	if err == nil && !w.Written {
		err = fmt.Errorf("%s is not written to: %s", w.Customer, w.WhyNot)
	}
	return err
}

// whyOf is an explanation as it is told.
func (e *explainOptions) whyOf(ctx context.Context, s opened, reader client.Reader, f foreseen, explained store.OutreachExplanation) (w why, err error) {
	w = why{foreseen: f, now: time.Now().UTC(), whyJSON: whyJSON{
		Outreach: e.outreach, Rule: e.rule, RunKey: f.freeze.Key, Customer: f.seen.Customer, Matched: f.seen.Matched,
		Persons: []whyPerson{}, Messages: []whyMessage{}, HeldFrom: append([]string{}, explained.HeldFrom...),
	}}
	if f.run != nil {
		w.RunState = string(f.run.State)
	}
	if f.freeze.Holdout > 0 {
		w.Holdout = &whyHoldout{float64(f.freeze.Holdout) / 100, f.freeze.HoldoutKey, f.seen.Dropped[store.DroppedHoldout] > 0}
	}
	if w.Segments, err = explainedSegments(ctx, s, reader, f); err != nil {
		return w, err
	}
	if w.limits, w.CapsOff, err = capsOf(ctx, reader, f); err != nil {
		return w, err
	}
	for _, c := range explained.Persons {
		w.Persons = append(w.Persons, w.person(c))
	}
	for _, m := range explained.Messages {
		told, err := messageOf(m)
		if err != nil {
			return w, err
		}
		w.Messages = append(w.Messages, told)
	}
	w.Written = slices.ContainsFunc(w.Persons, func(p whyPerson) bool { return p.Written })
	if f.run != nil {
		w.Written = len(w.Messages) > 0
	}
	if !w.Written {
		w.WhyNot = w.whyNot()
	}
	return w, nil
}

// whyNot says in a sentence why nobody is written to.
func (w why) whyNot() string {
	switch {
	case w.run != nil && len(w.HeldFrom) > 0:
		return store.DroppedHoldout + ": " + whyDropped[store.DroppedHoldout]
	case w.run == nil && len(w.seen.Unknown) > 0 && !w.Matched:
		return w.outsideText() + "; the store has not evaluated " + strings.Join(w.seen.Unknown, ", ") + " yet"
	case w.run == nil && w.Matched && len(w.seen.Dropped) == 0:
		return "nobody of those who could be written to has the day"
	}
	return w.whyNobody()
}

// explainedSegments says of each segment of the audience how the customer stands to it, by the
// code that explains segments.
func explainedSegments(ctx context.Context, s opened, reader client.Reader, f foreseen) (all []whySegment, err error) {
	all = []whySegment{}
	tell := func(choice store.SegmentChoice, excluded bool) error {
		told := whySegment{Name: choice.Name, Excluded: excluded, Classes: choice.Classes}
		told.Class, told.Member = f.seen.Segments[choice.Name]
		told.Counts = told.Member && (len(choice.Classes) == 0 || slices.Contains(choice.Classes, told.Class))
		segment := &crm.CustomerSegment{}
		switch err := reader.Get(ctx, client.ObjectKey{Namespace: f.outreach.Namespace, Name: choice.Name}, segment); {
		case apierrors.IsNotFound(err):
			told.Note = "it is declared nowhere"
		case err != nil:
			return fmt.Errorf("reading the CustomerSegment %s: %w", choice.Name, err)
		default:
			if err := told.explain(ctx, s, segment.Spec, f.seen); err != nil {
				return err
			}
		}
		all = append(all, told)
		return nil
	}
	for _, choice := range f.freeze.Audience.Include {
		if err := tell(choice, false); err != nil {
			return nil, err
		}
	}
	for _, choice := range f.freeze.Audience.Exclude {
		if err := tell(choice, true); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// explain adds what the clauses come to. What keeps them from being asked is told in their place.
func (w *whySegment) explain(ctx context.Context, s opened, spec crm.CustomerSegmentSpec, seen store.Preview) (err error) {
	w.Clauses, w.Placed, err = explainSegment(ctx, s, spec, seen.Customer)
	var missing *store.MissingSegmentError
	var mistake usageError
	switch {
	case errors.As(err, &missing) || errors.As(err, &mistake):
		w.Note = err.Error()
		return nil
	case err != nil:
		return err
	case slices.Contains(seen.Unknown, w.Name):
		w.Note = "the store has not evaluated it yet, so that nobody is in it"
	case w.Clauses == nil:
		w.Note = "the customer has no profile: nobody without a role or a fact belongs to a segment"
	case (w.Clauses[0].Came == "true") != w.Member || w.Placed != nil && w.Placed.Name != w.Class:
		w.Note = "as of now it is otherwise: membership is as the segment was evaluated last"
	}
	return nil
}

// capsOf are the caps that the store's policies declare for the medium, or why none holds.
func capsOf(ctx context.Context, reader client.Reader, f foreseen) (limits []namedCap, off string, err error) {
	switch {
	case !f.freeze.Promotional:
		return nil, "a contract or the law asks for messages about " + f.freeze.Topic + ", which no cap holds back", nil
	case f.plan.Channel.Delivery != crm.DeliveryLive:
		return nil, "nothing reaches the mailbox, so that nothing is counted: the delivery is " + string(f.plan.Channel.Delivery), nil
	}
	declared := &crm.CustomerStore{}
	if err := reader.Get(ctx, client.ObjectKey{Namespace: f.outreach.Namespace, Name: string(f.outreach.Spec.StoreName)}, declared); err != nil {
		return nil, "", fmt.Errorf("reading the CustomerStore: %w", err)
	}
	var failure error
	binding, unbound := contract.Binding(declared, func(name crm.ObjectName) *crm.ContactPolicy {
		policy := &crm.ContactPolicy{}
		if err := reader.Get(ctx, client.ObjectKey{Namespace: f.outreach.Namespace, Name: string(name)}, policy); err != nil {
			failure = errors.Join(failure, fmt.Errorf("reading the ContactPolicy %s: %w", name, err))
			return nil
		}
		return policy
	})
	if failure == nil && len(unbound) > 0 {
		failure = fmt.Errorf("the ContactPolicy %s, which the CustomerStore names, %s", unbound[0].Name, unbound[0].Why())
	}
	if failure != nil {
		return nil, "", failure
	}
	for _, policy := range binding {
		for _, limit := range policy.Spec.FrequencyCaps {
			if string(limit.Medium) == f.freeze.Medium {
				limits = append(limits, namedCap{policy.Name, limit})
			}
		}
	}
	return limits, "", nil
}
