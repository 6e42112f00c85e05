package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
)

// read gives the copies of all rows of a text, and the reader at its end.
func read(t testing.TB, mapping, text string) ([]customer.Row, []*Rejection, *Reader) {
	t.Helper()
	r, err := mustParse(t, mapping).Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var rows []customer.Row
	rejections := readAll(t, r, func(row *customer.Row) {
		kept := *row
		kept.Values, kept.Parties = slices.Clone(row.Values), slices.Clone(row.Parties)
		for i := range kept.Parties {
			kept.Parties[i].Values = slices.Clone(kept.Parties[i].Values)
			kept.Parties[i].Attributes = slices.Clone(kept.Parties[i].Attributes)
			kept.Parties[i].Sensitive = slices.Clone(kept.Parties[i].Sensitive)
		}
		rows = append(rows, kept)
	})
	if r.Records() != int64(len(rows))+r.Rejected()+r.Ignored() {
		t.Errorf("%d records, but %d rows, %d rejected and %d ignored", r.Records(), len(rows), r.Rejected(), r.Ignored())
	}
	return rows, rejections, r
}

const bookings = `
source: ledger
entity: booking
format: {delimiter: ";", decimalComma: true, dateFormat: DD.MM.YYYY}
key: [order, pos]
ignore:
- {column: order, values: [test, Summe]}
columns:
- {column: customer no, field: customer.key}
- {field: customer.source, value: erp}
- {column: company, field: customer.name}
- {column: iban, field: customer.sensitive.bankAccount}
- {column: agent, field: agent.name}
- {column: agent country, field: agent.country}
- {field: agent.kind, value: Organization}
- {field: series, value: Expo}
- {column: year, field: edition}
- {column: product, field: product, words: [{from: Standfläche, to: Stand}, {from: "", to: Service}]}
- {column: price, field: net}
- {column: currency, field: currency}
- {column: date, field: at}
attributes:
- {column: size, name: employees, type: Decimal}
- {column: vip, name: vip, type: Truth, words: [{from: ja, to: true}, {from: nein, to: false}, {from: "?", to: ""}]}
`

const bookingsHeader = "order;pos;customer no;company;iban;agent;agent country;year;product;price;currency;date;size;vip\n"

func TestBookings(t *testing.T) {
	rows, rejections, r := read(t, bookings, bookingsHeader+
		"A1;1;7;Müller;DE02;Rep Ltd;UK;2026;Standfläche;1.234,50;EUR;1.9.2025;1.500;ja\n"+
		"A1;2;;Müller;;;Wonderland;2026;;1500;JPY;01.09.2025;;?\n"+
		"Summe;;;;;;;;;;;;;\n"+
		"A|1;\\2;7;;;;Atlantis;2026;Ticket;;;01.09.2025;;nein\n"+
		"A2;1;7;;;;;2026;Ticket;12,50;JPY;01.09.2025;;\n"+
		"A2;2;7;;;;;2026;Ticket;12,50;;01.09.2025;;\n"+
		"A2;3;;;DE02;;;2026;Ticket;;;01.09.2025;;\n"+
		"A2;4;7;;;;;;Ticket;;;01.09.2025;;\n"+
		"A2;5;7;;;;;2026;Ticket;;;;;\n"+
		";;7;;;;;2026;Ticket;;;01.09.2025;;\n"+
		"A2;7;7;;;;;2026;Ticket;;;31.09.2025;;\n")
	wantRejections := []string{
		`line 6, column "price": net: "12,50" has digits after the decimal sign, and there are none of these`,
		`line 7, column "price": net: is an amount, and its row has no currency`,
		`line 8, column "customer no": customer is required, and nothing in the row names it`,
		`line 9, column "year": edition is required and absent`,
		`line 10, column "date": at is required and absent`,
		`line 11, column "order": the key of the row is required and absent`,
		`line 12, column "date": at: "31.09.2025" is a day that no calendar has`,
	}
	for i, want := range wantRejections {
		if i >= len(rejections) || !strings.HasPrefix(rejections[i].Error(), want) || len(rejections[i].Record) != 14 {
			t.Errorf("rejection %d of %v: want %s", i, rejections, want)
		}
	}
	if len(rows) != 3 || len(rejections) != len(wantRejections) || r.Ignored() != 1 {
		t.Fatalf("%d rows, %d rejections, %d ignored", len(rows), len(rejections), r.Ignored())
	}
	if got := r.mapping.Attributes(); !slices.Equal(got, []customer.Attribute{{Name: "employees", Kind: customer.Decimal}, {Name: "vip", Kind: customer.Truth}}) {
		t.Errorf("%+v", got)
	}
	entity := r.mapping.entity
	value := func(row customer.Row, name string) customer.Value { return row.Values[entity.Index(name)] }
	first, second, third := rows[0], rows[1], rows[2]
	if first.Key != "A1|1" || first.Line != 2 || value(first, "net") != customer.Number(123450) || value(first, "product") != customer.String("Stand") ||
		value(first, "edition") != customer.String(customer.EditionText("Expo", "2026")) || value(first, "at") != customer.Number(1756684800000) {
		t.Errorf("%+v", first)
	}
	// The parties are customer, payer and agent.
	if p := first.Parties[0]; len(first.Parties) != 3 || p.Key != "7" || p.Source != "erp" || p.Values[customer.PartyName].Text != "Müller" ||
		len(p.Sensitive) != 1 || p.Sensitive[0].Name != "bankAccount" || p.Sensitive[0].Value.Text != "DE02" ||
		!slices.Equal(p.Attributes, []customer.Attribute{{Name: "employees", Kind: customer.Decimal, Value: customer.Number(1_500_000_000)}, {Name: "vip", Kind: customer.Truth, Value: customer.Number(1)}}) {
		t.Errorf("%+v", p)
	}
	if p := first.Parties[1]; !p.IsEmpty() {
		t.Errorf("%+v", p)
	}
	if p := first.Parties[2]; p.IsEmpty() || p.Values[customer.PartyCountry].Text != "GB" || p.Values[customer.PartyKind].Text != customer.Organization {
		t.Errorf("%+v", p)
	}
	if second.Key != "A1|2" || second.Parties[0].Key != "" || !second.Parties[2].IsEmpty() || second.Parties[2].Values[customer.PartyKind].Present ||
		value(second, "product").Text != "Service" || value(second, "net").Number != 1500 || len(second.Parties[0].Attributes)+len(second.Parties[0].Sensitive) != 0 {
		t.Errorf("%+v", second)
	}
	if third.Key != `A\|1|\\2` || value(third, "net").Present || third.Parties[0].Attributes[0].Value.Number != 0 {
		t.Errorf("%+v", third)
	}
	var warnings []string
	for _, warning := range r.Warnings() {
		warnings = append(warnings, warning.String())
	}
	if want := []string{`agent.country: country not known: "Wonderland" (line 3)`, `agent.country: country not known: "Atlantis" (line 5)`}; !slices.Equal(warnings, want) {
		t.Errorf("warnings %q", warnings)
	}
}

func TestKeysDiffer(t *testing.T) {
	mapping := strings.Replace(minimal, "entity", "key: [s, c]\nentity", 1)
	rows, _, _ := read(t, mapping, "s,e,c\na|b,1,c\na,1,b|c\na\\,1,|c\n")
	if len(rows) != 3 || rows[0].Key == rows[1].Key || rows[1].Key == rows[2].Key || rows[0].Key == rows[2].Key {
		t.Errorf("%+v", rows)
	}
	rows, _, _ = read(t, strings.Replace(minimal, "entity", "key: [c]\nentity", 1), "s,e,c\na,1,\" b|\\c \"\n")
	if rows[0].Key != `b|\c` {
		t.Errorf("a key of one column is %q", rows[0].Key)
	}
}

func TestPartiesAndAddresses(t *testing.T) {
	rows, rejections, r := read(t, `{source: crm, entity: party, columns: [{column: id, field: key}, {column: mail, field: email}, {column: name, field: name}, {column: roles, field: roles}]}`,
		"id,mail,name,roles\n1,a@example.org,A,visitor;media\n2,nonsense,B,\n,b@example.org,,\n")
	if len(rows) != 2 || rows[0].Key != "1" || rows[0].Parties[0].Key != "1" || rows[0].Parties[0].Values[customer.PartyRoles].Number != 1<<1|1<<4 || rows[0].Values[0].Present {
		t.Errorf("%+v", rows)
	}
	if len(rejections) != 1 || rejections[0].Error() != "line 4: key is required and absent" {
		t.Errorf("%v", rejections)
	}
	if w := r.Warnings(); rows[1].Parties[0].Values[customer.PartyEmail].Present || len(w) != 1 || w[0].String() != "email: e-mail address not valid (line 3)" {
		t.Errorf("%v", w)
	}
	_, rejections, _ = read(t, `{source: crm, entity: contactPoint, columns: [{column: id, field: party.key}, {column: medium, field: medium}, {column: address, field: address}]}`,
		"id,medium,address\n1,Email,a@example.org\n2,Email,nonsense\n3,Phone,nonsense\n")
	if len(rejections) != 1 || rejections[0].Line != 3 || rejections[0].Column != "address" {
		t.Errorf("%v", rejections)
	}
	_, rejections, _ = read(t, `{source: crm, entity: visit, columns: [{column: id, field: person.key}, {column: country, field: organization.country}, {field: series, value: A}, {field: edition, value: "1"}, {column: day, field: day}]}`,
		"id,country,day\n1,France,2026-01-01\n")
	if len(rejections) != 0 {
		t.Errorf("%v", rejections)
	}
}

func TestWarningsAreBounded(t *testing.T) {
	var text strings.Builder
	text.WriteString("s,e,c,l\n")
	for i := range 1000 {
		fmt.Fprintf(&text, "a,1,c,Nowhere %d\n", i%500)
	}
	rows, _, r := read(t, minimal+"- {column: l, field: customer.country}\n", text.String())
	var sum int64
	for _, warning := range r.Warnings() {
		sum += warning.Rows
	}
	if len(rows) != 1000 || len(r.Warnings()) != mostTexts+1 || sum != 1000 || r.Warnings()[0].Text != "" {
		t.Errorf("%d warnings of %d rows: %v", len(r.Warnings()), sum, r.Warnings()[0])
	}
}

func TestHeaders(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "the file is empty",
		"s,e,s\n":                `the header has two columns "s"`,
		"s,e,name\n":             "the file has no column \"c\"; did you mean \"s\"?\nthe columns of the file are \"s\", \"e\", \"name\"",
		"s;e;c\n":                "with one column only, format.delimiter is perhaps another",
		"s,e,c\rx,1,A\ry,2,B\r":  "its lines end in a lone carriage return",
		"s\x00,\x00e\x00,\x00\n": "format.encoding is perhaps UTF-16",
		"s,e,\"c\n":              "reading the header: line 1: a quote opens in column 3 and does not close",
		"\x1f\x8b\x00":           "unpacking the file",
	} {
		_, err := mustParse(t, minimal).Read(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	rows, _, _ := read(t, minimal, "\ufeff c ,\"e\",,,s\nA,1,x,y,z\n")
	if len(rows) != 1 || rows[0].Parties[0].Values[customer.PartyName].Text != "A" {
		t.Errorf("%+v", rows)
	}
	rows, _, _ = read(t, minimal+"format: {columnNames: [s, e, c]}\n", "a,1,A\n")
	if len(rows) != 1 || rows[0].Line != 1 {
		t.Errorf("without a header: %+v", rows)
	}
}

func TestRejectsComeBack(t *testing.T) {
	for name, mapping := range map[string]string{
		"with a header":    minimal + "format: {delimiter: ';', encoding: Windows-1252}\n",
		"without a header": minimal + "format: {delimiter: ';', encoding: Windows-1252, columnNames: [s, e, c]}\n",
	} {
		t.Run(name, func(t *testing.T) {
			text := "a;1;M\xfcller \"x\"\na;;M\xfcller\n;1;\"a\r\nb\"\na;1\na;1;C\n"
			if strings.HasPrefix(name, "with a") {
				text = "s;e;c\n" + text
			}
			m := mustParse(t, mapping)
			r, err := m.Read(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			var file buffer
			w := r.Rejects(func() (io.WriteCloser, error) { return &file, nil })
			for _, rejection := range readAll(t, r, func(*customer.Row) {}) {
				if err := w.Write(rejection); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil || !file.closed || w.Count() != 4 {
				t.Fatal(err, w.Count())
			}
			first := r.records
			// A person adds what was missing.
			mended := strings.ReplaceAll(file.String(), ";;Müller", ";1;Müller")
			if !strings.HasPrefix(mended, "\ufeffline;column;reason;s;e;c\n") || mended == file.String() {
				t.Fatalf("%q", mended)
			}
			rows, rejections, again := read(t, mapping, mended)
			if first != 5 || again.Records() != 4 || len(rows) != 1 || rows[0].Parties[0].Values[customer.PartyName].Text != "Müller" {
				t.Errorf("%+v, %v", rows, rejections)
			}
			if got := again.Rejects(nil).header; !slices.Equal(got[:4], []string{"rejected line", "rejected column", "rejected reason", "line"}) {
				t.Errorf("header of rejects of rejects: %q", got)
			}
		})
	}
	none := mustParse(t, minimal)
	r, _ := none.Read(strings.NewReader("s,e,c\n"))
	if err := r.Rejects(func() (io.WriteCloser, error) { panic("made without need") }).Close(); err != nil {
		t.Error(err)
	}
	failing := r.Rejects(func() (io.WriteCloser, error) { return nil, errors.New("disk full") })
	if err := failing.Write(&Rejection{}); err == nil || failing.Close() != nil {
		t.Error(err)
	}
}

// buffer is a file in memory.
type buffer struct {
	bytes.Buffer
	closed bool
}

func (b *buffer) Close() error { b.closed = true; return nil }
