// Package classify makes relationship models ready for a store: what members of a
// segment are placed by, where the cuts are, and which class follows. Each model is a
// file of its own.
//
// A model decides only what follows from data: whoever lacks a value that could change
// the class is Unknown, and never in a class for want of one. Cuts are declared values,
// or quantiles of the members that have the value. All members with one value are on
// the same side of a cut; rankings break ties by who has been known for longer.
package classify

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// Problem is why a model is refused: its user has to change it.
type Problem struct {
	// Field of the CustomerSegment, such as spec.classify.reinartzKumar.profit.
	Field string
	// Reason that the condition gives.
	Reason string
	// Message says what is wrong and what to do.
	Message string
}

func (p *Problem) Error() string { return p.Field + ": " + p.Message }

// Model is a model made ready.
type Model struct {
	name     string
	title    string
	classes  []string
	meanings map[string]string
	prepared store.Classification
	readings []reading

	field    string
	currency string
	problem  *Problem
}

// Compile makes a model ready for a store that reports in a currency; with "" none is
// known, and no amount is compared with it. Errors are a *Problem.
func Compile(spec crm.Classification, currency string) (*Model, error) {
	m := prepare(spec, currency)
	if m.problem != nil {
		return nil, m.problem
	}
	return m, nil
}

// Classes are the names of the classes that a model has, Unknown last; none without a
// model. It answers for models that are refused too.
func Classes(spec *crm.Classification) []string {
	if spec == nil {
		return nil
	}
	return prepare(*spec, "").classes
}

func prepare(spec crm.Classification, currency string) *Model {
	spec = Defaulted(spec)
	m := &Model{currency: currency, meanings: map[string]string{}, prepared: store.Classification{Parameters: map[string]any{}}}
	switch {
	case spec.Pyramid != nil:
		m.pyramid(*spec.Pyramid)
	case spec.ABC != nil:
		m.abc(*spec.ABC)
	case spec.RFM != nil:
		m.rfm(*spec.RFM)
	case spec.DickBasu != nil:
		m.dickBasu(*spec.DickBasu)
	case spec.Knox != nil:
		m.knox(*spec.Knox)
	case spec.ReinartzKumar != nil:
		m.reinartzKumar(*spec.ReinartzKumar)
	case spec.RelationshipState != nil:
		m.relationshipState(*spec.RelationshipState)
	case spec.Ladder != nil:
		m.ladder(*spec.Ladder)
	case spec.Satisfaction != nil:
		m.satisfaction(*spec.Satisfaction)
	default:
		// The API server lets none in; a file that is only read may have it.
		m.problem = &Problem{"spec.classify", crm.ReasonUnknownClass, "no model is declared: declare one, such as pyramid"}
	}
	return m
}

// begin names the model and its classes from the best to the worst; Unknown is last.
func (m *Model) begin(name, title string, classes ...string) {
	m.name, m.title, m.field = name, title, "spec.classify."+name
	m.classes = append(classes, crm.ClassUnknown)
	m.meanings[crm.ClassUnknown] = "something is not known that the class depends on"
}

// mean says in words what classes mean, in the order of begin.
func (m *Model) mean(words ...string) {
	for i, word := range words {
		m.meanings[m.classes[i]] = word
	}
}

// refuse keeps the first problem of the model.
func (m *Model) refuse(field, reason, message string, args ...any) {
	if m.problem == nil {
		m.problem = &Problem{m.field + field, reason, fmt.Sprintf(message, args...)}
	}
}

// Name is the model's field of spec.classify.
func (m *Model) Name() string { return m.name }

// Title says in words what the model crosses or ranks.
func (m *Model) Title() string { return m.title }

// Classes in the order of the model, Unknown last.
func (m *Model) Classes() []string { return m.classes }

// Meaning says in words what a class means.
func (m *Model) Meaning(class string) string { return m.meanings[class] }

// Prepared is what the store places members by.
func (m *Model) Prepared() *store.Classification { return &m.prepared }

// parameter gives a value a name.
func (m *Model) parameter(value any) string {
	name := fmt.Sprintf("class%d", len(m.prepared.Parameters)+1)
	m.prepared.Parameters[name] = value
	return "@" + name
}

// caseOf is the class of the first condition that is true, Unknown if none is: so it is
// where a condition is NULL and none is true.
func (m *Model) caseOf(whens ...when) {
	var text strings.Builder
	text.WriteString("CASE")
	for _, w := range whens {
		fmt.Fprintf(&text, " WHEN %s THEN %s", w.condition, m.parameter(w.class))
	}
	fmt.Fprintf(&text, " ELSE %s END", m.parameter(crm.ClassUnknown))
	m.prepared.Class = text.String()
}

// when says which class a condition makes.
type when struct{ condition, class string }

// crossed are the classes of two conditions: both hold, the first alone, the second
// alone, none.
func (m *Model) crossed(first, second string, both, firstAlone, secondAlone, none string) {
	m.caseOf(
		when{all(first, second), both}, when{all(first, not(second)), firstAlone},
		when{all(not(first), second), secondAlone}, when{all(not(first), not(second)), none},
	)
}

func all(conditions ...string) string { return "(" + strings.Join(conditions, " AND ") + ")" }

func not(condition string) string { return "NOT " + condition }

// minorUnits reads an amount, which has to be in the reporting currency.
func (m *Model) minorUnits(field string, money crm.Money) int64 {
	units, err := contract.MinorUnits(money)
	var amount *contract.AmountError
	switch {
	case errors.As(err, &amount):
		m.refuse(field, amount.Reason, "%s", amount.Wish)
	case err != nil:
		m.refuse(field, crm.ReasonInvalidAmount, "%v", err)
	case m.currency != "" && string(money.Currency) != m.currency:
		m.refuse(field, crm.ReasonCurrencyMismatch, "the amount is in %s, and the store reports in %s: state it in %[2]s", money.Currency, m.currency)
	}
	return units
}

// scaled reads a decimal as an integer with so many digits after the point.
func (m *Model) scaled(field string, decimal crm.Decimal, digits int) int64 {
	whole, fraction, _ := strings.Cut(string(decimal), ".")
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > digits {
		m.refuse(field, crm.ReasonInvalidAmount, "%s has more than %d digits after the point: leave the others out", decimal, digits)
		return 0
	}
	value, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", digits-len(fraction)), 10, 64)
	if err != nil {
		// The API server lets no such decimal in.
		m.refuse(field, crm.ReasonInvalidAmount, "%s cannot be read: %v", decimal, err)
	}
	return value
}
