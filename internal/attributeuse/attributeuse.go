// Package attributeuse finds which attributes of customers the resources of a
// store name, in expressions and in templates, so that attributes that nobody
// uses can be told (map row B5).
//
// It reads texts, and knows neither the attributes that there are nor what a
// text comes to when it runs. Where it cannot tell which attributes a text takes,
// it says so: an attribute counts as unused only if no resource can be using it.
package attributeuse

import (
	"slices"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Place is a text in a resource, and what is to be known of it.
type Place struct {
	// Resource is kind and name, such as CustomerSegment/lapsed.
	Resource string `json:"resource"`
	// Field that has the text, such as spec.accrual[booth-area].points.
	Field string `json:"field"`
	// Reason, in words.
	Reason string `json:"reason"`
}

// Uses are what resources say of attributes.
type Uses struct {
	// Resources that were read: those of Kinds.
	Resources int
	// MayUseAny are texts that may take any attribute, such as one that goes
	// through all of them.
	MayUseAny []Place
	// Unreadable are texts that cannot be parsed, so that nobody knows what they
	// name.
	Unreadable []Place

	// named are the resources by the attributes that they name.
	named map[string][]string
}

// Find reads resources. Those of other kinds than Kinds have nothing to say.
func Find(resources []client.Object) Uses {
	uses := Uses{named: map[string][]string{}}
	for _, resource := range resources {
		kind, texts := textsOf(resource)
		if kind == "" {
			continue
		}
		uses.Resources++
		name := resource.GetName()
		if name == "" {
			// The API server completes it.
			name = resource.GetGenerateName()
		}
		for _, one := range texts {
			uses.add(Place{Resource: kind + "/" + name, Field: one.field}, one)
		}
	}
	return uses
}

// add reads one text.
func (u *Uses) add(place Place, one text) {
	found, err := one.read(one.content)
	if err != nil {
		place.Reason = err.Error()
		u.Unreadable = append(u.Unreadable, place)
		return
	}
	for _, name := range found.names {
		u.named[name] = withOnce(u.named[name], place.Resource)
	}
	if len(found.anyBecause) > 0 {
		place.Reason = strings.Join(found.anyBecause, ", and ")
		u.MayUseAny = append(u.MayUseAny, place)
	}
}

// Of says which resources name an attribute, and which of the others may use it
// all the same: they may use any, or cannot be read.
func (u *Uses) Of(attribute string) (namedBy, perhapsBy []string) {
	namedBy = slices.Sorted(slices.Values(u.named[attribute]))
	for _, place := range slices.Concat(u.MayUseAny, u.Unreadable) {
		if !slices.Contains(namedBy, place.Resource) {
			perhapsBy = withOnce(perhapsBy, place.Resource)
		}
	}
	slices.Sort(perhapsBy)
	return namedBy, perhapsBy
}

// reading is what one text says.
type reading struct {
	// names of attributes.
	names []string
	// anyBecause says why the text may take any attribute; empty if it does not.
	anyBecause []string
}

// name notes that an attribute is named.
func (r *reading) name(attribute string) { r.names = withOnce(r.names, attribute) }

// any notes why any attribute may be taken.
func (r *reading) any(reason string) { r.anyBecause = withOnce(r.anyBecause, reason) }

// Why a text may take any attribute; the field stands before it.
const (
	takesAttributes = "takes the attributes as a whole"
	takesCustomer   = "takes the customer as a whole"
	takesData       = "takes everything it is given as a whole"
	takesWorkedOut  = "takes an attribute whose name is known only when it runs"
)

// withOnce adds a text to a list that does not have it.
func withOnce(list []string, text string) []string {
	if slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}
