// Package lint finds in files, before they are applied, the mistakes that controllers
// would find: by their own functions where there is a controller, and without a cluster
// or a store. What is looked for stands in docs/reference/checks.md.
//
// What is not among the files may be in the cluster, and is no mistake.
package lint

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/controllers/customersegment"
	"github.com/fairlead/fairlead/controllers/customerstore"
	"github.com/fairlead/fairlead/controllers/exhibition"
	"github.com/fairlead/fairlead/controllers/loyaltyprogram"
	"github.com/fairlead/fairlead/controllers/outreach"
	"github.com/fairlead/fairlead/controllers/outreachchannel"
	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/classify"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/loyalty"
)

// Object is a resource, and the file in which it is declared.
type Object struct {
	client.Object
	// File that has it.
	File string
}

// Kind of an object. It stands in the type: items of a list need not say it.
func (o Object) Kind() string { return reflect.TypeOf(o.Object).Elem().Name() }

// Named is the name of an object; what its name begins with where the API server
// completes it.
func (o Object) Named() string { return cmp.Or(o.GetName(), o.GetGenerateName()) }

// Finding is a mistake, and where it stands.
type Finding struct {
	// File that has the object.
	File string `json:"file"`
	// Kind, Namespace and Name of the object. The namespace is empty if the file does
	// not say it.
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Field that is wrong, such as spec.where.
	Field string `json:"field"`
	// Reason that the conditions of the object would give.
	Reason string `json:"reason"`
	// Message says what is wrong and what to do.
	Message string `json:"message"`
}

// compare puts findings into the order in which they are shown.
func (f Finding) compare(other Finding) int {
	return cmp.Or(cmp.Compare(f.File, other.File), cmp.Compare(f.Kind, other.Kind), cmp.Compare(f.Namespace, other.Namespace),
		cmp.Compare(f.Name, other.Name), cmp.Compare(f.Field, other.Field), cmp.Compare(f.Reason, other.Reason), cmp.Compare(f.Message, other.Message))
}

// Report is what came of a look at objects.
type Report struct {
	// Findings in order.
	Findings []Finding
	// Outside are references to what is not among the objects, which were not checked.
	Outside int
	// InPart are expressions, and messages of an object, that were checked in part, since only a store knows the
	// types of attributes.
	InPart int
}

// Find looks at objects beside each other. Those of one namespace see each other; those
// that name none see each other, too. Of one kind, namespace and name there may be one.
func Find(objects []Object) (Report, error) {
	l := &linter{stores: map[reference]string{}, currencies: map[reference]string{}}
	segments, editions := map[string][]*crm.CustomerSegment{}, map[string][]crm.Exhibition{}
	for _, object := range objects {
		l.stores[reference{object.GetNamespace(), object.Kind(), object.GetName()}] = storeOf(object)
		switch declared := object.Object.(type) {
		case *crm.CustomerStore:
			l.currencies[reference{declared.Namespace, object.Kind(), declared.Name}] = string(declared.Spec.ReportingCurrency)
		case *crm.CustomerSegment:
			segments[declared.Namespace] = append(segments[declared.Namespace], declared)
		case *crm.Exhibition:
			editions[declared.Namespace] = append(editions[declared.Namespace], *declared)
		}
	}
	asks := mistakesOfAsks(segments)
	for _, object := range objects {
		l.at, l.first = object, len(l.report.Findings)
		l.amounts()
		l.references()
		switch declared := object.Object.(type) {
		case *crm.CustomerStore:
			l.add(customerstore.Mistakes(declared.Spec)...)
		case *crm.CustomerSegment:
			l.add(asks[declared]...)
			if err := l.segment(declared); err != nil {
				return Report{}, fmt.Errorf("looking at %s %s in %s: %w", object.Kind(), object.Named(), object.File, err)
			}
		case *crm.Exhibition:
			l.add(exhibition.Mistakes(declared, siblingsOf(declared, editions[declared.Namespace]))...)
		case *crm.OutreachChannel:
			l.add(outreachchannel.Mistakes(declared.Spec)...)
		case *crm.LoyaltyProgram:
			l.add(loyaltyprogram.Mistakes(declared, segmentsOf(segments[declared.Namespace], declared.Spec.StoreName))...)
			l.program(declared)
		case *crm.Outreach:
			l.messages(outreach.Mistakes(declared, l.beside(objects, declared.Spec.StoreName, declared.Spec.ExhibitionName)))
		case *crm.CampaignRule:
			beside := l.beside(objects, declared.Spec.StoreName, exhibitionOf(declared.Spec.Trigger))
			l.messages(outreach.MistakesOfRule(declared, beside))
			l.trigger(declared.Spec.Trigger, beside.Exhibition)
		}
	}
	slices.SortFunc(l.report.Findings, Finding.compare)
	return l.report, nil
}

// mistakesOfAsks are those of what segments ask of each other, by segment.
func mistakesOfAsks(byNamespace map[string][]*crm.CustomerSegment) map[*crm.CustomerSegment][]contract.Mistake {
	found := map[*crm.CustomerSegment][]contract.Mistake{}
	for _, declared := range byNamespace {
		segments := make([]crm.CustomerSegment, len(declared))
		for i, segment := range declared {
			segments[i] = *segment
		}
		for i, mistakes := range customersegment.Mistakes(segments) {
			found[declared[i]] = mistakes
		}
	}
	return found
}

// siblingsOf are the Exhibitions of the same store and series.
func siblingsOf(edition *crm.Exhibition, namespace []crm.Exhibition) []crm.Exhibition {
	var siblings []crm.Exhibition
	for _, other := range namespace {
		if other.Spec.StoreName == edition.Spec.StoreName && other.Spec.Series == edition.Spec.Series {
			siblings = append(siblings, other)
		}
	}
	return siblings
}

// reference is what names an object.
type reference struct{ namespace, kind, name string }

// linter looks at one object after the other.
type linter struct {
	// stores of all objects: the CustomerStore that each names; "" if it names none.
	stores map[reference]string
	// currencies in which the CustomerStores report.
	currencies map[reference]string
	// at is the object that is looked at; its findings begin with first.
	at     Object
	first  int
	report Report
}

func (l *linter) add(mistakes ...contract.Mistake) {
	for _, m := range mistakes {
		l.report.Findings = append(l.report.Findings, Finding{
			File: l.at.File, Kind: l.at.Kind(), Namespace: l.at.GetNamespace(), Name: l.at.Named(),
			Field: m.Field, Reason: m.Reason, Message: m.Message,
		})
	}
}

// program looks at the expressions of a program, and at segments that are elsewhere.
func (l *linter) program(program *crm.LoyaltyProgram) {
	currency := l.currencies[reference{program.Namespace, "CustomerStore", string(program.Spec.StoreName)}]
	digits, known := customer.MinorDigits(currency)
	if !known {
		digits, currency = 2, ""
	}
	for _, problem := range loyalty.Problems(program.Spec, audience.Catalog{CurrencyDigits: digits}, currency) {
		if problem.NeedsStore {
			l.report.InPart++
			continue
		}
		l.add(contract.Mistake{Field: problem.Field, Reason: problem.Reason, Message: problem.Message})
	}
	for _, name := range loyaltyprogram.Asks(program.Spec) {
		if _, here := l.stores[reference{program.Namespace, "CustomerSegment", name}]; !here {
			l.report.Outside++
		}
	}
}

// valuesOf are the segments of one store.
func segmentsOf(segments []*crm.CustomerSegment, store crm.ObjectName) (same []crm.CustomerSegment) {
	for _, segment := range segments {
		if segment.Spec.StoreName == store {
			same = append(same, *segment)
		}
	}
	return same
}

// segment looks at a segment alone. Errors are none of its user's.
func (l *linter) segment(segment *crm.CustomerSegment) error {
	currency := l.currencies[reference{segment.Namespace, "CustomerStore", string(segment.Spec.StoreName)}]
	digits, known := customer.MinorDigits(currency)
	if !known {
		// The digits decide nothing but how amounts are compared.
		digits, currency = 2, ""
	}
	_, err := audience.Compile(string(segment.Spec.Where), audience.Catalog{CurrencyDigits: digits})
	var problem *audience.Problem
	switch {
	case errors.As(err, &problem) && problem.NeedsStore:
		l.report.InPart++
	case problem != nil:
		l.add(contract.Mistake{Field: "spec.where", Reason: crm.ReasonInvalidExpression, Message: problem.Error()})
	case err != nil:
		return err
	}
	for _, name := range audience.Asks(string(segment.Spec.Where)) {
		if _, here := l.stores[reference{segment.Namespace, "CustomerSegment", name}]; !here {
			l.report.Outside++
		}
	}
	if segment.Spec.Classify == nil {
		return nil
	}
	var model *classify.Problem
	switch _, err := classify.Compile(*segment.Spec.Classify, currency); {
	case errors.As(err, &model):
		l.addModel(*model)
	case err != nil:
		return err
	}
	return nil
}

// addModel adds what is wrong with a model, unless it is an amount that was found wrong
// as amounts of any kind are.
func (l *linter) addModel(model classify.Problem) {
	for _, found := range l.report.Findings[l.first:] {
		if found.Reason == model.Reason && strings.HasPrefix(found.Field, model.Field+".") {
			return
		}
	}
	l.add(contract.Mistake{Field: model.Field, Reason: model.Reason, Message: strings.TrimSuffix(model.Message, ".")})
}
