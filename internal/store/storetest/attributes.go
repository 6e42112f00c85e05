package storetest

import (
	"slices"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

func testAttributes(t *testing.T, s *suite) {
	w := s.world(t)
	w.expectAttributes("of an empty store")
	// Values that are false, zero or look like nothing are values all the same.
	w.load(from("crm",
		organization("Airbus", "FR").under("K-1").says("code", "A-1").attribute("fleet", customer.Decimal, 0).attribute("slogan", customer.Text, "null"),
		organization("Boeing", "US").under("K-2").says("code", "A-2").attribute("fleet", customer.Decimal, 3).attribute("vip", customer.Truth, false),
		organization("Safran", "FR").under("K-3").says("code", "A-3").attribute("slogan", customer.Text, "\"fleet\": {}, \\ 飞机 🛩 \u2028 </script>"),
		person("Ada Lovelace", "GB").under("K-4").says("code", "A-4").attribute("slogan", customer.Text, "ad astra"),
		organization("Nobody's", "GB").under("K-5")))
	w.declare(customer.Attribute{Name: "vip", Kind: customer.Truth}, customer.Attribute{Name: "slogan", Kind: customer.Text},
		customer.Attribute{Name: "since", Kind: customer.Day}, customer.Attribute{Name: "fleet", Kind: customer.Decimal})
	held := func(fleet, slogan, vip int64) []store.Attribute {
		return []store.Attribute{{Name: "fleet", Kind: "decimal", Parties: fleet}, {Name: "since", Kind: "day"},
			{Name: "slogan", Kind: "text", Parties: slogan}, {Name: "vip", Kind: "true or false", Parties: vip}}
	}
	w.expectAttributes("as imported", held(2, 3, 1)...)

	// The survivor holds what the merged one held, once.
	w.declare(customer.Attribute{Name: "fleet", Kind: customer.Decimal})
	id := w.merge("A-1", "A-2")
	w.expectAttributes("after a merge", held(1, 3, 1)...)
	w.unmerge(id)
	w.expectAttributes("after its undoing", held(2, 3, 1)...)
	w.erase("A-4")
	w.expectAttributes("after an erasure", held(2, 2, 1)...)

	// What the source no longer says is not held.
	w.load(from("crm", organization("Boeing", "US").under("K-2").says("code", "A-2").attribute("fleet", customer.Decimal, 3)))
	w.expectAttributes("after a correction", held(2, 2, 0)...)
}

// declare records types of attributes, as imports do.
func (w *world) declare(attributes ...customer.Attribute) {
	w.t.Helper()
	i, err := w.Import(w.t.Context(), from("crm", row("party")).options)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := i.DeclareAttributes(w.t.Context(), attributes); err != nil {
		w.t.Fatal(err)
	}
}

// expectAttributes compares all attributes with what they should be.
func (w *world) expectAttributes(when string, want ...store.Attribute) {
	w.t.Helper()
	got, err := w.Attributes(w.t.Context())
	if err != nil || !slices.Equal(got, want) {
		w.t.Errorf("%s the attributes are %+v, %v; want %+v", when, got, err, want)
	}
}
