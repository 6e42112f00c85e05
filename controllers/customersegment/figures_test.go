package customersegment

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

func TestFigures(t *testing.T) {
	closed := time.Date(2024, 7, 27, 0, 0, 0, 0, time.UTC)
	f := figures{
		SegmentFigures: store.SegmentFigures{
			Classes: []store.ClassFigures{{Class: "Butterfly", Members: 1, Revenue: -100}, {Class: "TrueFriend", Members: 1, Revenue: 700}, {Class: "Unknown", Members: 4}},
			Missing: []store.MissingFigure{{Axis: "netProfit", Members: 4}, {Axis: "relationshipMonths"}}, TopFifthRevenue: 700,
		},
		classes: []string{"TrueFriend", "Butterfly", "Unknown"},
		edition: &store.ClosedEdition{Series: "Farnborough", Edition: "2024", Closed: closed},
		moves:   []store.ClassMove{{To: ptr.To("Butterfly"), Members: 1}, {From: ptr.To("Butterfly"), To: ptr.To("TrueFriend"), Members: 2}, {From: ptr.To("TrueFriend"), Members: 3}},
	}
	status := crm.CustomerSegmentStatus{Members: ptr.To[int64](6), Sizes: "old"}
	f.state(&status)
	if got, want := fmt.Sprint(status.Classes), "[{TrueFriend 1 0.1667 1.1667} {Butterfly 1 0.1667 -0.1667} {Unknown 4 0.6667 0.0000}]"; got != want {
		t.Errorf("the classes are %s, want %s", got, want)
	}
	if status.Sizes != "TrueFriend 1, Butterfly 1, Unknown 4" || status.RevenueShareOfTopFifth != "1.1667" {
		t.Errorf("the sizes are %q, and the share of the top fifth %s", status.Sizes, status.RevenueShareOfTopFifth)
	}
	if got := fmt.Sprint(status.Unknown); got != "[{netProfit 4}]" {
		t.Errorf("what is missing is %s", got)
	}
	m := status.Migration
	if m == nil || m.Series != "Farnborough" || m.Edition != "2024" || !m.Since.Time.Equal(closed) || fmt.Sprint(m.Moves) != "[{ Butterfly 1} {Butterfly TrueFriend 2} {TrueFriend  3}]" {
		t.Errorf("the moves are %+v", m)
	}
	if got := hollow(status); got != "; 4 of 6 are in the class Unknown, for what status.unknown says" {
		t.Errorf("it says %q", got)
	}

	// Without a model, or without revenue, nothing of it is left.
	none := figures{SegmentFigures: store.SegmentFigures{Classes: []store.ClassFigures{{Members: 2}}}}
	none.state(&status)
	if status.Classes != nil || status.Sizes != "" || status.Unknown != nil || status.Migration != nil || status.RevenueShareOfTopFifth != "" || hollow(status) != "" {
		t.Errorf("without a model the status is %+v", status)
	}
}

func TestMovesOf(t *testing.T) {
	var moves []store.ClassMove
	for n := range mostMoves + 5 {
		moves = append(moves, store.ClassMove{From: ptr.To(fmt.Sprint("C", n)), Members: int64(n % 9)})
	}
	stated := movesOf(moves)
	if len(stated) != mostMoves || stated[0].From != "C0" && stated[0].From != "C1" {
		t.Errorf("%d moves are stated, from %v on", len(stated), stated[0])
	}
	least := 9
	for _, move := range stated {
		least = min(least, int(move.Members))
	}
	if least > 1 || !strings.HasPrefix(string(stated[len(stated)-1].From), "C16") {
		t.Errorf("the least that is stated is %d, and the last %v", least, stated[len(stated)-1])
	}
}
