package customerstore

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// declaredEditions is what the Exhibitions of a store declare of their editions,
// by series and edition. Of several that declare the same edition the oldest
// stands, as their own controller has it; what is being deleted does not count.
func declaredEditions(exhibitions []crm.Exhibition) []store.DeclaredEdition {
	type edition struct {
		series crm.SeriesName
		name   crm.EditionName
	}
	standing := map[edition]*crm.Exhibition{}
	for i := range exhibitions {
		exhibition := &exhibitions[i]
		of := edition{exhibition.Spec.Series, exhibition.Spec.Edition}
		if exhibition.DeletionTimestamp != nil {
			continue
		}
		if other := standing[of]; other == nil || contract.Older(exhibition, other) {
			standing[of] = exhibition
		}
	}
	declared := make([]store.DeclaredEdition, 0, len(standing))
	for _, exhibition := range standing {
		if one, err := declaredEdition(exhibition.Spec); err == nil {
			declared = append(declared, one)
		}
	}
	slices.SortFunc(declared, func(a, b store.DeclaredEdition) int {
		return cmp.Or(cmp.Compare(a.Series, b.Series), cmp.Compare(a.Edition, b.Edition))
	})
	return declared
}

// declaredEdition is what one Exhibition declares. It fails only for dates that
// the API server would not have let in; the Exhibition says so itself.
func declaredEdition(spec crm.ExhibitionSpec) (declared store.DeclaredEdition, err error) {
	declared.Series, declared.Edition = string(spec.Series), string(spec.Edition)
	if declared.Opens, err = time.Parse(time.DateOnly, string(spec.Opens)); err != nil {
		return declared, fmt.Errorf("reading spec.opens: %w", err)
	}
	if declared.Closes, err = time.Parse(time.DateOnly, string(spec.Closes)); err != nil {
		return declared, fmt.Errorf("reading spec.closes: %w", err)
	}
	if spec.Costing == nil {
		return declared, nil
	}
	if percent := spec.Costing.IndirectPercentOfRevenue; percent != nil {
		declared.IndirectPercent = new(int64(*percent))
	}
	if cost := spec.Costing.PerSquareMetre; cost != nil {
		// What cannot be counted is the user's to mend, and the Exhibition says so.
		if amount, err := contract.MinorUnits(*cost); err == nil {
			declared.AreaCost, declared.Currency = &amount, string(cost.Currency)
		}
	}
	return declared, nil
}
