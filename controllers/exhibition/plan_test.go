package exhibition

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

func at(t *testing.T, moment string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// farnborough is an edition with dates in London.
func farnborough(edits ...func(*crm.Exhibition)) *crm.Exhibition {
	edition := &crm.Exhibition{
		ObjectMeta: metav1.ObjectMeta{Name: "farnborough-2026", Namespace: "expo", Generation: 3},
		Spec: crm.ExhibitionSpec{
			StoreName: "crm", Series: "Farnborough", Edition: "2026", Title: "Farnborough 2026",
			Venue:       crm.Venue{TimeZone: "Europe/London"},
			RecruitFrom: "2025-01-15", Opens: "2026-07-20", Closes: "2026-07-24", EvaluateUntil: "2026-10-31",
		},
	}
	for _, edit := range edits {
		edit(edition)
	}
	return edition
}

func TestPhase(t *testing.T) {
	oneDay := func(e *crm.Exhibition) { e.Spec.Closes = e.Spec.Opens }
	inShanghai := func(e *crm.Exhibition) { e.Spec.Venue.TimeZone = "Asia/Shanghai" }
	noRecruitFrom := func(e *crm.Exhibition) { e.Spec.RecruitFrom = "" }
	noEvaluateUntil := func(e *crm.Exhibition) { e.Spec.EvaluateUntil = "" }
	noEvaluation := func(e *crm.Exhibition) { e.Spec.EvaluateUntil = e.Spec.Closes }
	recruitsOnOpening := func(e *crm.Exhibition) { e.Spec.RecruitFrom = e.Spec.Opens }
	// Clocks go back during the show: the second day has 25 hours.
	overAutumn := func(e *crm.Exhibition) { e.Spec.Opens, e.Spec.Closes = "2026-10-24", "2026-10-25" }
	overSpring := func(e *crm.Exhibition) { e.Spec.Opens, e.Spec.Closes = "2026-03-28", "2026-03-29" }
	postponed := func(e *crm.Exhibition) { e.Spec.Opens, e.Spec.Closes = "2026-07-27", "2026-07-31" }
	extended := func(e *crm.Exhibition) { e.Spec.Closes = "2026-07-26" }

	tests := map[string]struct {
		edit func(*crm.Exhibition)
		now  string
		want crm.ExhibitionPhase
		ends string
	}{
		"long before":                              {nil, "2024-06-01T12:00:00Z", crm.PhasePlanned, "2025-01-15T00:00:00Z"},
		"a moment before recruiting":               {nil, "2025-01-14T23:59:59Z", crm.PhasePlanned, "2025-01-15T00:00:00Z"},
		"recruiting begins":                        {nil, "2025-01-15T00:00:00Z", crm.PhaseRecruiting, "2026-07-19T23:00:00Z"},
		"the evening before, in UTC":               {nil, "2026-07-19T22:59:59Z", crm.PhaseRecruiting, "2026-07-19T23:00:00Z"},
		"it opens at midnight in London":           {nil, "2026-07-19T23:00:00Z", crm.PhaseOpen, "2026-07-24T23:00:00Z"},
		"the last evening":                         {nil, "2026-07-24T22:59:59Z", crm.PhaseOpen, "2026-07-24T23:00:00Z"},
		"it has closed":                            {nil, "2026-07-24T23:00:00Z", crm.PhaseEvaluating, "2026-11-01T00:00:00Z"},
		"the last day of evaluation":               {nil, "2026-10-31T23:59:59Z", crm.PhaseEvaluating, "2026-11-01T00:00:00Z"},
		"it is concluded":                          {nil, "2026-11-01T00:00:00Z", crm.PhaseConcluded, ""},
		"long after":                               {nil, "2030-01-01T00:00:00Z", crm.PhaseConcluded, ""},
		"in Shanghai it opens earlier":             {inShanghai, "2026-07-19T16:00:00Z", crm.PhaseOpen, "2026-07-24T16:00:00Z"},
		"and not a moment before":                  {inShanghai, "2026-07-19T15:59:59Z", crm.PhaseRecruiting, "2026-07-19T16:00:00Z"},
		"one day, at its beginning":                {oneDay, "2026-07-19T23:00:00Z", crm.PhaseOpen, "2026-07-20T23:00:00Z"},
		"one day, at its end":                      {oneDay, "2026-07-20T22:59:59Z", crm.PhaseOpen, "2026-07-20T23:00:00Z"},
		"one day, over":                            {oneDay, "2026-07-20T23:00:00Z", crm.PhaseEvaluating, "2026-11-01T00:00:00Z"},
		"without recruitFrom it always recruits":   {noRecruitFrom, "2001-01-01T00:00:00Z", crm.PhaseRecruiting, "2026-07-19T23:00:00Z"},
		"recruiting from the opening on":           {recruitsOnOpening, "2026-07-19T22:00:00Z", crm.PhasePlanned, "2026-07-19T23:00:00Z"},
		"and it opens at once":                     {recruitsOnOpening, "2026-07-19T23:00:00Z", crm.PhaseOpen, "2026-07-24T23:00:00Z"},
		"90 days of evaluation by default":         {noEvaluateUntil, "2026-10-22T22:59:59Z", crm.PhaseEvaluating, "2026-10-22T23:00:00Z"},
		"and not longer":                           {noEvaluateUntil, "2026-10-22T23:00:00Z", crm.PhaseConcluded, ""},
		"no evaluation at all":                     {noEvaluation, "2026-07-24T23:00:00Z", crm.PhaseConcluded, ""},
		"clocks go back: still open in hour 48":    {overAutumn, "2026-10-25T23:59:59Z", crm.PhaseOpen, "2026-10-26T00:00:00Z"},
		"clocks go back: closed after hour 49":     {overAutumn, "2026-10-26T00:00:00Z", crm.PhaseEvaluating, "2026-11-01T00:00:00Z"},
		"clocks go forward: closed after hour 47":  {overSpring, "2026-03-29T23:00:00Z", crm.PhaseEvaluating, "2026-11-01T00:00:00Z"},
		"clocks go forward: open a moment earlier": {overSpring, "2026-03-29T22:59:59Z", crm.PhaseOpen, "2026-03-29T23:00:00Z"},
		"postponed while it was open":              {postponed, "2026-07-21T12:00:00Z", crm.PhaseRecruiting, "2026-07-26T23:00:00Z"},
		"extended while it was open":               {extended, "2026-07-25T12:00:00Z", crm.PhaseOpen, "2026-07-26T23:00:00Z"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			edition := farnborough()
			if test.edit != nil {
				test.edit(edition)
			}
			zone, err := loadZone(edition.Spec.Venue.TimeZone)
			if err != nil {
				t.Fatal(err)
			}
			moments, err := calendarOf(edition.Spec, zone)
			if err != nil {
				t.Fatal(err)
			}
			phase, ends := moments.phase(at(t, test.now))
			if phase != test.want {
				t.Errorf("phase %s, want %s", phase, test.want)
			}
			if test.ends == "" {
				if !ends.IsZero() {
					t.Errorf("ends at %s, want never", ends)
				}
			} else if !ends.Equal(at(t, test.ends)) {
				t.Errorf("ends at %s, want %s", ends.UTC().Format(time.RFC3339), test.ends)
			}
		})
	}
}

// editions makes siblings by edition and closing date.
func editions(pairs ...string) []crm.Exhibition {
	var list []crm.Exhibition
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, *farnborough(func(e *crm.Exhibition) {
			e.Name = "farnborough-" + pairs[i]
			e.Spec.Edition = crm.EditionName(pairs[i])
			e.Spec.Opens, e.Spec.Closes = crm.Date(pairs[i+1]), crm.Date(pairs[i+1])
		}))
	}
	return list
}

func TestPreviousEdition(t *testing.T) {
	tests := map[string]struct {
		declared crm.EditionName
		siblings []crm.Exhibition
		want     crm.EditionName
	}{
		"none":                             {"", nil, ""},
		"only itself":                      {"", editions("2026", "2026-07-24"), ""},
		"the one that closed last":         {"", editions("2018", "2018-07-22", "2024", "2024-07-26", "2022", "2022-07-22"), "2024"},
		"a later one is no predecessor":    {"", editions("2028", "2028-07-21", "2022", "2022-07-22"), "2022"},
		"one that is still open is none":   {"", editions("2026b", "2026-07-20"), ""},
		"what the spec names wins":         {"2022", editions("2024", "2024-07-26", "2022", "2022-07-22"), "2022"},
		"also where nobody declares it":    {"2020", nil, "2020"},
		"of two on one day, always one":    {"", editions("2024a", "2024-07-26", "2024b", "2024-07-26"), "2024b"},
		"in any order":                     {"", editions("2024b", "2024-07-26", "2024a", "2024-07-26"), "2024b"},
		"the same edition under two names": {"", editions("2026", "2025-07-24"), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			edition := farnborough(func(e *crm.Exhibition) { e.Spec.PreviousEdition = test.declared })
			if got := previousEdition(edition, test.siblings); got != test.want {
				t.Errorf("previous edition %q, want %q", got, test.want)
			}
		})
	}
}

func TestDuplicateOf(t *testing.T) {
	created := func(name, edition, moment string) crm.Exhibition {
		return *farnborough(func(e *crm.Exhibition) {
			e.Name, e.Spec.Edition = name, crm.EditionName(edition)
			e.CreationTimestamp = metav1.NewTime(at(t, moment))
		})
	}
	self := created("b", "2026", "2025-01-01T00:00:00Z")
	tests := map[string]struct {
		siblings []crm.Exhibition
		want     string
	}{
		"none":                         {nil, ""},
		"itself":                       {[]crm.Exhibition{self}, ""},
		"another edition":              {[]crm.Exhibition{created("a", "2024", "2024-01-01T00:00:00Z")}, ""},
		"an older one":                 {[]crm.Exhibition{self, created("c", "2026", "2024-12-31T23:59:59Z")}, "c"},
		"a younger one":                {[]crm.Exhibition{self, created("a", "2026", "2025-01-01T00:00:01Z")}, ""},
		"of two older ones the oldest": {[]crm.Exhibition{created("d", "2026", "2024-12-31T00:00:00Z"), created("c", "2026", "2024-01-01T00:00:00Z")}, "c"},
		"the same second, name less":   {[]crm.Exhibition{self, created("a", "2026", "2025-01-01T00:00:00Z")}, "a"},
		"the same second, name more":   {[]crm.Exhibition{self, created("c", "2026", "2025-01-01T00:00:00Z")}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := duplicateOf(&self, test.siblings); got != test.want {
				t.Errorf("duplicate of %q, want %q", got, test.want)
			}
		})
	}
}
