package match

import "testing"

func TestPersonIsOneHoweverWritten(t *testing.T) {
	tests := map[string][]string{
		"":                  {"", " ", ".", ",", ", ,", "\x00", "🙂"},
		"marie curie":       {"Marie Curie", "MARIE  CURIE", "Curie, Marie", "Mme Marie Curie", "Dr. Marie Curie", "Prof. Dr. Marie Curie", "Curie, Prof. Marie", "Marie Curie, PhD", "Dr. Curie, Marie", "Curie, Marie, Ph.D."},
		"anna maria muller": {"Anna-Maria Müller", "Anna Maria MULLER", "Müller, Anna-Maria", "Frau Anna Maria Müller", "Prof. Dr.-Ing. Anna-Maria Müller"},
		"j r hartley":       {"J.R. Hartley", "J. R. Hartley", "Hartley, J.R.", "Mr J R Hartley MBE"},
		"sean obrien":       {"Seán O'Brien", "SEAN O’BRIEN", "O'Brien, Sean"},
		"john smith jr":     {"John Smith Jr.", "John Smith, Jr.", "Mr. John Smith, Jr"},
		"soren kierkegaard": {"Søren Kierkegaard", "SOREN KIERKEGAARD"},
		"田中太郎":              {"田中 太郎", "田中　太郎", "田中太郎様", "田中, 太郎", "田中太郎さん"},
		"王小明":               {"王小明先生", "王 小明"},
		"김민수":               {"김 민수", "김민수"},
		"dr":                {"Dr", "Dr."},
		"don johnson":       {"Don Johnson"},
		"m dupont":          {"M. Dupont"},
	}
	for want, names := range tests {
		for _, name := range names {
			if got := Person(name); got != want {
				t.Errorf("%q has the key %q, not %q", name, got, want)
			}
		}
	}
}

func TestPersonKeepsApart(t *testing.T) {
	names := []string{"Marie Curie", "Curie Marie", "Marie S. Curie", "Marie Curie Jr", "Marie Curie III", "M. Curie", "MarieCurie"}
	seen := map[string]string{}
	for _, name := range names {
		key := Person(name)
		if other, met := seen[key]; met {
			t.Errorf("%q and %q have one key, %q", name, other, key)
		}
		seen[key] = name
	}
}

func FuzzPerson(f *testing.F) {
	for _, seed := range []string{
		"Prof. Dr.-Ing. Anna-Maria Müller, Ph.D.", "Curie, Marie, Jr.", "田中, 太郎様さん", "Dr Mr PhD", "ph d", "Dr, Ph.D., MBA", "김 민수, Dr", "a,b,c,d", "田\u300d さん", "Jo PhD様", "O'Brien ﷺ",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) { checkKey(t, "fuzz", Person, name) })
}
