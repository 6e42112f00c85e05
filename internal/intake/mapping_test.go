package intake

import (
	"slices"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
)

// minimal is the shortest mapping of a participation.
const minimal = `
source: lists
entity: participation
columns:
- {column: s, field: series}
- {column: e, field: edition}
- {column: c, field: customer.name}
- {field: role, value: Exhibitor}
- {field: status, value: Attended}
`

func mustParse(t testing.TB, text string) *Mapping {
	t.Helper()
	m, err := ParseMapping([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMappingDefaults(t *testing.T) {
	m := mustParse(t, minimal)
	if m.Source != "lists" || m.Trust != 50 || m.Mode != Delta || m.SnapshotOf != "" || m.WhenUnknown != Create ||
		!slices.Equal(m.ResolveBy, []Resolution{ByExternalKey, ByEmail, ByMatchKey}) || m.Entity().Name != "participation" {
		t.Errorf("%+v", m)
	}
	m = mustParse(t, minimal+"mode: Snapshot\ntrust: 0\nresolveBy: [Email]\nwhenUnknown: Reject\nlegalBasis: L\nacquired: A\n")
	if m.Trust != 0 || m.SnapshotOf != ScopeEdition || m.WhenUnknown != Reject || len(m.ResolveBy) != 1 || m.LegalBasis != "L" || m.Acquired != "A" {
		t.Errorf("%+v", m)
	}
	m = mustParse(t, "{source: a, entity: party, mode: Snapshot, columns: [{column: k, field: key}]}")
	if m.SnapshotOf != ScopeSource {
		t.Errorf("a snapshot of parties is of the %q", m.SnapshotOf)
	}
}

func TestMappingMistakes(t *testing.T) {
	for name, test := range map[string]struct {
		mapping string
		want    []string
	}{
		"no YAML":              {"a: [", []string{"reading the mapping"}},
		"key twice":            {minimal + "source: other\n", []string{"already set"}},
		"no object":            {"- a", []string{"the mapping is no object"}},
		"empty":                {"", []string{"the mapping is no object"}},
		"nothing there":        {"{}", []string{"source: is required", "entity: is required"}},
		"unknown key":          {minimal + "sorce: a\n", []string{`there is no key "sorce" here; did you mean "source"?`}},
		"unknown entity":       {"{source: a, entity: participations, columns: []}", []string{`entity: there is no entity "participations"; did you mean "participation"?`}},
		"source":               {strings.Replace(minimal, "lists", "Lists!", 1), []string{`source: "Lists!" is no name of a source`}},
		"trust":                {minimal + "trust: 101\n", []string{"trust: is no whole number from 0 to 100"}},
		"trust as text":        {minimal + "trust: high\n", []string{"trust: is no whole number"}},
		"number as text":       {minimal + "legalBasis: 7\n", []string{"legalBasis: is read as 7, which is no text: put it in quotes"}},
		"mode":                 {minimal + "mode: delta\n", []string{`mode: there is no "delta" here; did you mean "Delta"?`}},
		"snapshot of a delta":  {minimal + "snapshotOf: Source\n", []string{"snapshotOf: is for `mode: Snapshot`"}},
		"snapshot of edition":  {"{source: a, entity: party, mode: Snapshot, snapshotOf: Edition, columns: [{column: k, field: key}]}", []string{"snapshotOf: party has no edition"}},
		"resolveBy":            {minimal + "resolveBy: [Email, Mail, Email]\n", []string{`resolveBy[1]: there is no "Mail" here; did you mean "Email"?`, "resolveBy[2]: Email is there twice"}},
		"resolveBy nothing":    {minimal + "resolveBy: []\n", []string{"resolveBy: needs at least one"}},
		"whenUnknown":          {minimal + "whenUnknown: Ask\n", []string{`whenUnknown: there is no "Ask" here; there is "Create", "Reject"`}},
		"key is no list":       {minimal + "key: a\n", []string{"key: is no list"}},
		"key column twice":     {minimal + "key: [a, a]\n", []string{`key[1]: "a" is there twice`}},
		"ignore":               {minimal + "ignore: [{column: a}, {colum: b, values: [\"\"]}]\n", []string{"ignore[0].values: is required", `ignore[1]: there is no key "colum" here; did you mean "column"?`, "ignore[1].column: is required"}},
		"encoding":             {minimal + "format: {encoding: EBCDIC}\n", []string{`format.encoding: there is no encoding "EBCDIC"`}},
		"encoding of nothing":  {minimal + "format: {encoding: hz-gb-2312}\n", []string{"format.encoding: there is no encoding"}},
		"delimiter":            {minimal + "format: {delimiter: '::'}\n", []string{"format.delimiter: \"::\" is not one character"}},
		"delimiter is a quote": {minimal + "format: {delimiter: '\"'}\n", []string{"format.delimiter"}},
		"decimalComma":         {minimal + "format: {decimalComma: 'yes'}\n", []string{"format.decimalComma: is neither true nor false"}},
		"date format":          {minimal + "format: {dateFormat: DD.MM.}\n", []string{`format.dateFormat: "DD.MM." needs YYYY, MM and DD, each once`}},
		"date format in Java":  {minimal + "format: {dateFormat: dd.MM.yyyy}\n", []string{`format.dateFormat: there is no 'd' in a date format`}},
		"date format, hour":    {minimal + "format: {dateFormat: YYYYMMDD HH}\n", []string{"a time of day is HH and mm"}},
		"time zone":            {minimal + "format: {timeZone: Europe/Londn}\n", []string{`format.timeZone: there is no time zone "Europe/Londn"`}},
		"JSON with delimiter":  {minimal + "format: {type: JSONLines, delimiter: ';', columnNames: [a]}\n", []string{"format.delimiter: is for CSV", "format.columnNames: is for CSV"}},
		"file type":            {minimal + "format: {type: XLSX}\n", []string{`format.type: there is no "XLSX" here`}},
		"unknown field":        {minimal + "- {column: x, field: aera}\n", []string{`columns[5].field: participation has no field "aera"; did you mean "area"?`}},
		"unknown party field":  {minimal + "- {column: x, field: customer.nmae}\n", []string{`columns[5].field: a party has no field "nmae"; did you mean "name"?`}},
		"party without field":  {minimal + "- {column: x, field: customer}\n", []string{`columns[5].field: customer is a party: write which field of it, such as "customer.name"`}},
		"field twice":          {minimal + "- {column: x, field: role}\n", []string{`columns[5].field: columns[3] gives the field "role" already`}},
		"column and value":     {minimal + "- {column: x, value: y, field: hall}\n", []string{"columns[5]: needs either a column or a value"}},
		"neither":              {minimal + "- {field: hall}\n", []string{"columns[5]: needs either a column or a value"}},
		"no word":              {strings.Replace(minimal, "Attended", "Atended", 1), []string{`columns[4].value: "Atended" is none of the words; did you mean "Attended"?`}},
		"number as constant":   {minimal + "- {field: hall, value: 010}\n", []string{"columns[5].value: is read as 8, which is no text"}},
		"empty constant":       {minimal + "- {field: hall, value: ' '}\n", []string{"columns[5].value: is empty"}},
		"country":              {minimal + "- {field: customer.country, value: Wonderland}\n", []string{`columns[5].value: country not known: "Wonderland"`}},
		"constant with words":  {minimal + "- {field: hall, value: a, words: []}\n", []string{"columns[5].words: are for columns"}},
		"translation to none":  {minimal + "- {column: x, field: customer.origin, words: [{from: a, to: Nowhere}]}\n", []string{`columns[5].words[0].to: "Nowhere" is none of the words`}},
		"translation twice":    {minimal + "- {column: x, field: hall, words: [{from: a, to: b}, {from: a, to: c}]}\n", []string{`columns[5].words[1].from: "a" is there twice`}},
		"sensitive name":       {minimal + "- {column: x, field: customer.sensitive.a-b}\n", []string{`"a-b" is no name of a sensitive field`}},
		"source of a key":      {minimal + "- {field: customer.source, value: A B}\n", []string{`columns[5].value: "A B" is no name of a source`}},
		"required field":       {strings.Replace(minimal, "- {field: role, value: Exhibitor}\n", "", 1), []string{`columns: participation needs the field "role" (as what)`}},
		"party not named":      {strings.Replace(minimal, "customer.name", "customer.city", 1), []string{`columns: customer is required: nothing names it, such as the field "customer.key" or "customer.name"`}},
		"half an edition":      {strings.Replace(minimal, "- {column: s, field: series}\n", "", 1), []string{"columns: an edition is written as two fields, series and edition: series is missing"}},
		"money alone":          {minimal + "- {column: n, field: net}\n", []string{`columns: amounts need the field "currency"`}},
		"no key":               {"{source: a, entity: transaction, columns: [{column: c, field: customer.key}, {column: a, field: at}, {field: currency, value: EUR}]}", []string{"key: is required: the columns that tell one transaction"}},
		"no key of a party":    {"{source: a, entity: party, columns: [{column: c, field: name}]}", []string{"key: is required"}},
		"attribute":            {minimal + "attributes: [{column: a, name: a b, type: Number}, {column: b, name: c}, {column: b, name: c, type: Day}]\n", []string{`attributes[0].name: "a b" is no name`, `attributes[0].type: there is no "Number" here`, "attributes[1].type: is required", `attributes[2].name: there are two attributes "c"`}},
		"attribute of nobody":  {"{source: a, entity: exchangeRate, columns: [{column: f, field: from}, {column: t, field: to}, {column: d, field: day}, {column: r, field: rate}], attributes: [{column: a, name: a, type: Text}]}", []string{"attributes: exchangeRate is about no party"}},
		"several at once":      {minimal + "trust: -1\nmode: Full\nkey: [\"\"]\n", []string{"trust:", "mode:", "key[0]: is required"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseMapping([]byte(test.mapping))
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got\n%v\nwant %s", err, want)
				}
			}
		})
	}
}

// TestEveryField maps every field of every entity once.
func TestEveryField(t *testing.T) {
	for i := range customer.Entities {
		entity := &customer.Entities[i]
		var text strings.Builder
		text.WriteString("source: all\nentity: " + entity.Name + "\nkey: [k]\ncolumns:\n")
		add := func(field string) { text.WriteString("- {column: '" + field + "', field: " + field + "}\n") }
		for _, field := range entity.Fields {
			switch field.Kind {
			case customer.Edition:
				add("series")
				add("edition")
			case customer.Party:
				prefix := field.Name + "."
				if entity.Name == "party" {
					prefix = ""
				}
				for _, of := range customer.PartyFields {
					add(prefix + of.Name)
				}
				for _, name := range []string{"key", "source", "sensitive.iban"} {
					add(prefix + name)
				}
			default:
				add(field.Name)
			}
		}
		if _, err := ParseMapping([]byte(text.String())); err != nil {
			t.Errorf("%s: %v", entity.Name, err)
		}
	}
}
