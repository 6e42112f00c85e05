package customerstore

import (
	"reflect"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

// exhibit makes an Exhibition that was created in a second, and changes it.
func exhibit(name, edition string, second int64, changes ...func(*crm.Exhibition)) crm.Exhibition {
	made := crm.Exhibition{
		ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: name, CreationTimestamp: metav1.NewTime(time.Unix(second, 0))},
		Spec: crm.ExhibitionSpec{
			StoreName: "crm", Series: "Farnborough", Edition: crm.EditionName(edition), Opens: "2026-07-20", Closes: "2026-07-24",
			Venue: crm.Venue{TimeZone: "Europe/London"},
		},
	}
	for _, change := range changes {
		change(&made)
	}
	return made
}

func costs(amount crm.Decimal, currency crm.CurrencyCode) func(*crm.Exhibition) {
	return func(e *crm.Exhibition) {
		e.Spec.Costing = &crm.Costing{PerSquareMetre: &crm.Money{Amount: amount, Currency: currency}, IndirectPercentOfRevenue: new(int32(20))}
	}
}

func opens(day crm.Date) func(*crm.Exhibition) {
	return func(e *crm.Exhibition) { e.Spec.Opens = day }
}

func TestDeclaredEditions(t *testing.T) {
	day := func(year int, month time.Month, of int) time.Time {
		return time.Date(year, month, of, 0, 0, 0, 0, time.UTC)
	}
	// declared is an edition as exhibit declares it.
	declared := func(series, edition string, changes ...func(*store.DeclaredEdition)) store.DeclaredEdition {
		made := store.DeclaredEdition{Series: series, Edition: edition, Opens: day(2026, time.July, 20), Closes: day(2026, time.July, 24)}
		for _, change := range changes {
			change(&made)
		}
		return made
	}
	indirect := func(d *store.DeclaredEdition) { d.IndirectPercent = new(int64(20)) }
	area := func(amount int64, currency string) func(*store.DeclaredEdition) {
		return func(d *store.DeclaredEdition) { d.AreaCost, d.Currency = &amount, currency }
	}
	opened := func(of int) func(*store.DeclaredEdition) {
		return func(d *store.DeclaredEdition) { d.Opens = day(2026, time.July, of) }
	}
	deleting := func(e *crm.Exhibition) { e.DeletionTimestamp = &metav1.Time{Time: time.Unix(9, 0)} }
	ofSeries := func(series crm.SeriesName) func(*crm.Exhibition) {
		return func(e *crm.Exhibition) { e.Spec.Series = series }
	}
	tests := map[string]struct {
		exhibitions []crm.Exhibition
		want        []store.DeclaredEdition
	}{
		"none":                 {nil, []store.DeclaredEdition{}},
		"dates":                {[]crm.Exhibition{exhibit("a", "2026", 1)}, []store.DeclaredEdition{declared("Farnborough", "2026")}},
		"costs":                {[]crm.Exhibition{exhibit("a", "2026", 1, costs("45.50", "GBP"))}, []store.DeclaredEdition{declared("Farnborough", "2026", indirect, area(4550, "GBP"))}},
		"costs of nothing":     {[]crm.Exhibition{exhibit("a", "2026", 1, costs("0", "GBP"))}, []store.DeclaredEdition{declared("Farnborough", "2026", indirect, area(0, "GBP"))}},
		"costs without digits": {[]crm.Exhibition{exhibit("a", "2026", 1, costs("4500", "JPY"))}, []store.DeclaredEdition{declared("Farnborough", "2026", indirect, area(4500, "JPY"))}},
		"costs in no currency": {[]crm.Exhibition{exhibit("a", "2026", 1, costs("45.50", "EUX"))}, []store.DeclaredEdition{declared("Farnborough", "2026", indirect)}},
		"costs in parts of a penny": {
			[]crm.Exhibition{exhibit("a", "2026", 1, costs("45.505", "GBP"))}, []store.DeclaredEdition{declared("Farnborough", "2026", indirect)},
		},
		"of two the oldest": {
			[]crm.Exhibition{exhibit("a", "2026", 2, opens("2026-07-21")), exhibit("z", "2026", 1, opens("2026-07-22"))},
			[]store.DeclaredEdition{declared("Farnborough", "2026", opened(22))},
		},
		"of two made at once the first by name": {
			[]crm.Exhibition{exhibit("z", "2026", 1, opens("2026-07-21")), exhibit("a", "2026", 1, opens("2026-07-22"))},
			[]store.DeclaredEdition{declared("Farnborough", "2026", opened(22))},
		},
		"the oldest is being deleted": {
			[]crm.Exhibition{exhibit("a", "2026", 1, opens("2026-07-21"), deleting), exhibit("b", "2026", 2, opens("2026-07-22"))},
			[]store.DeclaredEdition{declared("Farnborough", "2026", opened(22))},
		},
		"the only one is being deleted": {[]crm.Exhibition{exhibit("a", "2026", 1, deleting)}, []store.DeclaredEdition{}},
		"in order of series and edition": {
			[]crm.Exhibition{exhibit("a", "2026", 1), exhibit("b", "2024", 2), exhibit("c", "2030", 3, ofSeries("Airshow"))},
			[]store.DeclaredEdition{declared("Airshow", "2030"), declared("Farnborough", "2024"), declared("Farnborough", "2026")},
		},
		"a day that the API server would refuse": {
			[]crm.Exhibition{exhibit("a", "2026", 1, opens("soon")), exhibit("b", "2024", 2)},
			[]store.DeclaredEdition{declared("Farnborough", "2024")},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := declaredEditions(test.exhibitions); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestAnExhibitionWakesItsStore(t *testing.T) {
	exhibition := exhibit("a", "2026", 1)
	woken := storeNamed(t.Context(), &exhibition)
	if len(woken) != 1 || woken[0].Namespace != "expo" || woken[0].Name != "crm" {
		t.Errorf("woken are %v, want expo/crm", woken)
	}
	if woken := storeNamed(t.Context(), declare()); woken != nil {
		t.Errorf("what is no Exhibition wakes %v", woken)
	}
}
