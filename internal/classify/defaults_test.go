package classify_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/classify"
	"github.com/fairlead/fairlead/test/apiserver"
)

// leastOf has each model with what it requires and nothing else.
func leastOf() map[string]crm.Classification {
	three := int32(3)
	money := crm.MoneyCut{HighFrom: &crm.Money{Amount: "5000.00", Currency: "GBP"}}
	return map[string]crm.Classification{
		"pyramid": {Pyramid: &crm.Pyramid{Measure: crm.MeasureRevenue}},
		"abc":     {ABC: &crm.ABC{Measure: crm.MeasureNetProfit}},
		"rfm":     {RFM: &crm.RFM{Recency: crm.RecencyCut{WithinMonths: &three}, Frequency: crm.CountCut{HighFrom: &three}, Monetary: money}},
		"dickBasu": {DickBasu: &crm.DickBasu{
			RepeatRate: crm.RatioCut{HighFromQuantile: "0.5"}, Attitude: crm.AttitudeCut{HighFrom: "-0.5"},
		}},
		"knox": {Knox: &crm.Knox{
			RivalShows: crm.ManyCut{ManyFrom: 3}, Involvement: crm.Involvement{MeetingsFrom: &three, BoothAreaFrom: "36"},
		}},
		"reinartzKumar": {ReinartzKumar: &crm.ReinartzKumar{Profit: money, Duration: crm.DurationCut{LongFromMonths: 24}}},
		"relationshipState": {RelationshipState: &crm.RelationshipState{
			WalletShare: crm.RatioCut{HighFrom: "0.5"},
			Bond: crm.Bond{Components: []crm.BondComponent{
				{Measure: crm.BondRepeatRate, NoneAt: "0", FullAt: "100"},
				{Measure: crm.BondDimensionScore, Dimension: "price", NoneAt: "1", FullAt: "5"},
			}},
		}},
		"ladder":       {Ladder: &crm.Ladder{}},
		"satisfaction": {Satisfaction: &crm.Satisfaction{Measure: crm.SatisfactionByGap, SatisfiedFrom: "0", DissatisfiedBelow: "-0.5"}},
	}
}

// TestDefaultsAreThoseOfTheAPIServer creates each model with as little as possible and
// compares what the API server makes of it.
func TestDefaultsAreThoseOfTheAPIServer(t *testing.T) {
	server := apiserver.New(t)
	models := leastOf()
	for field := range reflect.TypeFor[crm.Classification]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if _, ok := models[name]; !ok {
			t.Errorf("the model %s is not among those tried", name)
		}
	}
	for name, sent := range models {
		t.Run(name, func(t *testing.T) {
			segment := &crm.CustomerSegment{
				ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: strings.ToLower(name)},
				Spec:       crm.CustomerSegmentSpec{StoreName: "crm", Where: "true", Classify: sent.DeepCopy()},
			}
			if err := server.Client.Create(t.Context(), segment); err != nil {
				t.Fatal(err)
			}
			stored := segment.Spec.Classify
			if state := stored.RelationshipState; state != nil {
				// The API server fills in nothing within lists: there Defaulted does it alone.
				for i := range state.Bond.Components {
					if weight := &state.Bond.Components[i].Weight; *weight != 0 {
						t.Errorf("the API server fills in the weight %d", *weight)
					} else {
						*weight = 1
					}
				}
			}
			got := classify.Defaulted(sent)
			if !reflect.DeepEqual(got, *stored) {
				t.Errorf("Defaulted makes %s of it, the API server %s", text(t, got), text(t, *stored))
			}
			if again := classify.Defaulted(got); !reflect.DeepEqual(again, got) {
				t.Errorf("what has all its values becomes %s, want %s", text(t, again), text(t, got))
			}
			if least := leastOf()[name]; !reflect.DeepEqual(sent, least) {
				t.Errorf("Defaulted changes what it is given to %s", text(t, sent))
			}
		})
	}
}

// text is a model as its user would write it.
func text(t *testing.T, spec crm.Classification) string {
	t.Helper()
	data, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
