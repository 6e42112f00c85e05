package customersegment

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/classify"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// mostMoves are stated in a status; beyond, the smallest are left out.
const mostMoves = 160

// figures are what a status says of the members.
type figures struct {
	store.SegmentFigures
	// classes of the model in its order; nil without a model.
	classes []string
	// edition that moves are counted from; nil without one, or without a model.
	edition *store.ClosedEdition
	moves   []store.ClassMove
}

// sumUp reads what the status says of the members.
func sumUp(ctx context.Context, opened *store.Store, segment *crm.CustomerSegment, prepared store.Segment, model *classify.Model) (f *figures, err error) {
	f = &figures{}
	if f.SegmentFigures, err = opened.SegmentFigures(ctx, prepared); err != nil || model == nil {
		return f, err
	}
	f.classes = model.Classes()
	last, err := opened.LastEdition(ctx, string(segment.Spec.MigrationSeries))
	if err != nil || last == nil {
		return f, err
	}
	_, isSeries := contract.SeriesName(last.Series)
	if _, isEdition := contract.EditionName(last.Edition); !isSeries || !isEdition {
		return f, nil
	}
	f.edition = last
	f.moves, err = opened.SegmentMoves(ctx, segment.Name, f.edition.Closed)
	return f, err
}

// state says the figures in a status.
func (f *figures) state(status *crm.CustomerSegmentStatus) {
	members, revenue := f.Totals()
	status.RevenueShareOfTopFifth = crm.Decimal(share(f.TopFifthRevenue, revenue))
	status.Classes, status.Unknown, status.Migration, status.Sizes = nil, nil, nil, ""
	if f.classes == nil {
		return
	}
	found := map[string]store.ClassFigures{}
	for _, class := range f.Classes {
		found[class.Class] = class
	}
	sizes := make([]string, 0, len(f.classes))
	for _, name := range f.classes {
		class := found[name]
		status.Classes = append(status.Classes, crm.ClassStatus{
			Name: crm.EntryName(name), Members: class.Members,
			Share: crm.Ratio(share(class.Members, members)), RevenueShare: crm.Decimal(share(class.Revenue, revenue)),
		})
		sizes = append(sizes, fmt.Sprintf("%s %d", name, class.Members))
	}
	status.Sizes = strings.Join(sizes, ", ")
	for _, missing := range f.Missing {
		if missing.Members > 0 {
			status.Unknown = append(status.Unknown, crm.UnknownStatus{Missing: missing.Axis, Members: missing.Members})
		}
	}
	if f.edition != nil {
		status.Migration = &crm.MigrationStatus{
			Series: crm.SeriesName(f.edition.Series), Edition: crm.EditionName(f.edition.Edition), Since: metav1.NewTime(f.edition.Closed.In(time.Local)),
			Moves: movesOf(f.moves),
		}
	}
}

// movesOf are moves as a status has them: the greatest, in the order of the store.
func movesOf(moves []store.ClassMove) (stated []crm.ClassMove) {
	kept := slices.SortedStableFunc(slices.Values(moves), func(a, b store.ClassMove) int { return cmp.Compare(b.Members, a.Members) })
	kept = kept[:min(len(kept), mostMoves)]
	for _, move := range moves {
		if slices.Contains(kept, move) {
			name := func(class *string) crm.EntryName {
				if class == nil {
					return ""
				}
				return crm.EntryName(*class)
			}
			stated = append(stated, crm.ClassMove{From: name(move.From), To: name(move.To), Members: move.Members})
		}
	}
	return stated
}

// mostShare bounds what is stated as a share: beyond, refunds leave next to nothing of
// the whole, and the share says nothing.
const mostShare = 1_000_000

// share is a part of a whole, with four digits after the point, rounded half away from
// zero; "" if there is no whole, one below zero, or next to none.
func share(part, whole int64) string {
	if whole <= 0 {
		return ""
	}
	ratio := big.NewRat(part, whole)
	if new(big.Rat).Abs(ratio).Cmp(big.NewRat(mostShare, 1)) > 0 {
		return ""
	}
	return ratio.FloatString(4)
}

// hollow says how many members a model knows nothing of.
func hollow(status crm.CustomerSegmentStatus) string {
	for _, class := range status.Classes {
		if class.Name == crm.ClassUnknown && class.Members > 0 {
			return fmt.Sprintf("; %d of %d are in the class Unknown, for what status.unknown says", class.Members, *status.Members)
		}
	}
	return ""
}
