package intake

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
)

// countAll reads a text to its end and demands that every record is a row, a
// rejection or ignored.
func countAll(t *testing.T, m *Mapping, text string) {
	t.Helper()
	r, err := m.Read(strings.NewReader(text))
	if err != nil {
		return
	}
	var row customer.Row
	var rows, rejected, last int64
	for {
		err := r.Next(&row)
		var rejection *Rejection
		switch {
		case err == nil:
			rows++
			if row.Line <= last {
				t.Fatalf("line %d after line %d", row.Line, last)
			}
			last = row.Line
			continue
		case errors.As(err, &rejection):
			rejected++
			if rejection.Line <= last || rejection.Reason == "" {
				t.Fatalf("after line %d: %v", last, rejection)
			}
			last = rejection.Line
			continue
		case !errors.Is(err, io.EOF) && err.Error() == "":
			t.Fatal("an error without words")
		}
		break
	}
	if rows+rejected+r.Ignored() != r.Records() || rejected != r.Rejected() {
		t.Fatalf("%d records: %d rows, %d rejections, %d ignored", r.Records(), rows, rejected, r.Ignored())
	}
}

const fuzzed = `
source: fuzz
entity: booking
format: {type: %s}
key: [a, b]
ignore: [{column: a, values: [x]}]
columns:
- {column: a, field: customer.name}
- {column: b, field: customer.country}
- {column: c, field: customer.email}
- {column: d, field: at}
- {column: e, field: net}
- {column: f, field: currency}
- {column: g, field: product}
- {column: h, field: agent.roles}
- {field: series, value: S}
- {column: i, field: edition}
`

const fuzzHeader = "a,b,c,d,e,f,g,h,i\n"

func FuzzCSV(f *testing.F) {
	m := mustParse(f, fmt.Sprintf(fuzzed, CSV))
	for _, text := range []string{
		"A,UK,a@b.org,2026-01-01,\"1,234.50\",GBP,Stand,Visitor;Media,2026\n", "x,,,,,,,,\n", "A,,,,,,,\n", "\"A\n", "A\"B,\n\"\"\"\",\r\n", "\r", "\xff\x00",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		compareCSV(t, text)
		countAll(t, m, text)
		countAll(t, m, fuzzHeader+text)
	})
}

func FuzzJSONLines(f *testing.F) {
	m := mustParse(f, fmt.Sprintf(fuzzed, JSONLines))
	for _, text := range []string{
		`{"a":"A","b":"UK","c":"a@b.org","d":"2026-01-01","e":1.5e2,"f":"GBP","g":"Stand","h":["Visitor"],"i":"1"}`,
		`{"a":"\ud83d\ude00\n","z":[{"x":"]"}],"b":null,"h":[ ]}`, `{"a":1,"a":2}`, `[`, `{"\u0061":"\ud800"}`, "{}\n{ }\n\n{\"e\":-0}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { countAll(t, m, text) })
}

func FuzzMapping(f *testing.F) {
	for _, text := range []string{minimal, bookings, fmt.Sprintf(torture, CSV, "GB18030"), "{a: [&a {b: *a}]}", "columns: [null, {}]\nentity: party\nsource: a"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseMapping(text)
		if (m == nil) == (err == nil) {
			t.Fatalf("%v, %v", m, err)
		}
		if m != nil {
			countAll(t, m, fuzzHeader+"1,2,3,4,5,6,7,8,9\n")
		}
	})
}
