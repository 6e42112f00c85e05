package contract

import (
	"slices"
	"testing"
)

func TestMistakes(t *testing.T) {
	stalled, waiting := Stalled("Broken", "spec.where asks in a circle. Mend it."), Waiting("Failed", "spec.where: later.")
	colon := Stalled("Broken", "spec.where: it is broken")
	other := Stalled("Twice", "The Exhibition a is the same.")
	for what, test := range map[string]struct {
		verdict *Verdict
		want    []Mistake
	}{
		"none":                            {nil, nil},
		"what is waited for":              {&waiting, nil},
		"the field is said once":          {&stalled, []Mistake{{"spec.where", "Broken", "asks in a circle. Mend it"}}},
		"with a colon":                    {&colon, []Mistake{{"spec.where", "Broken", "it is broken"}}},
		"a message that begins otherwise": {&other, []Mistake{{"spec.where", "Twice", "The Exhibition a is the same"}}},
	} {
		if got := test.verdict.Mistakes("spec.where"); !slices.Equal(got, test.want) {
			t.Errorf("%s: %+v, want %+v", what, got, test.want)
		}
	}
}
