package intake

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fairlead/fairlead/internal/customer"
)

func TestJSONLines(t *testing.T) {
	mapping := strings.Replace(bookings, `format: {delimiter: ";", decimalComma: true, dateFormat: DD.MM.YYYY}`, "format: {type: JSONLines, decimalComma: true}", 1)
	line := func(change string) string {
		return `{"order":"A","pos":1,"customer no":7,"year":2026,"product":"Stand","price":1234.50,"currency":"EUR","date":"2025-09-01","vip":true` + change + "}\n"
	}
	rows, rejections, r := read(t, mapping, line("")+"\n \r\n"+line(`,"price":1`)+line(`,"x":{"order":[1,"}"]},"y":null`)+
		line(`,"x":1,"\u0078":2`)+line(`,"agent":{"name":"A"}`)+line(`,"agent":["A"]`)+line(`,"agent":"\ud800"`)+line(`,"agent":"\ud83d\ude00 \"\/\n"`)+
		"[1]\n{\"a\":}\nnull\n{}\n"+line(`,"agent":"1,5","size":1.5e3`)+line(`,"size":"1.500,5"`))
	want := []string{
		`line 4, column "price": the key stands twice`, `line 6: the key "x" stands twice`, `line 7, column "agent": is an object or a list`,
		`line 8, column "agent": is an object or a list`, `line 9, column "agent": is not valid Unicode`, `line 11: the line is no object`,
		`line 12: the line is no JSON: invalid character '}'`, `line 13: the line is no object`, `line 14, column "date"`,
	}
	for i, rejection := range rejections {
		if i >= len(want) || !strings.HasPrefix(rejection.Error(), want[i]) || len(rejection.Record) != 1 {
			t.Errorf("rejection %d: %v", i, rejection)
		}
	}
	if len(rejections) != len(want) || len(rows) != 5 {
		t.Fatalf("%d rows, rejections %v", len(rows), rejections)
	}
	if net := rows[0].Values[r.mapping.entity.Index("net")]; rows[0].Key != "A|1" || rows[0].Parties[0].Key != "7" || net.Number != 123450 {
		t.Errorf("%+v", rows[0])
	}
	if got := rows[2].Parties[2].Values[customer.PartyName].Text; got != "😀 \"/" {
		t.Errorf("%q", got)
	}
	if got := rows[3].Parties[0].Attributes[0].Value.Number; got != 1500_000_000 {
		t.Errorf("%d", got)
	}
	if got := rows[4].Parties[0].Attributes[0].Value.Number; got != 1500_500_000 {
		t.Errorf("%d", got)
	}
	var unseen []string
	for _, warning := range r.Warnings() {
		unseen = append(unseen, warning.String())
	}
	if !slices.Equal(unseen, []string{"company: no row has the column", "iban: no row has the column", "agent country: no row has the column"}) {
		t.Errorf("%q", unseen)
	}
	roles := `{source: a, entity: party, format: {type: JSONLines}, columns: [{column: k, field: key}, {column: r, field: roles}]}`
	rows, rejections, _ = read(t, roles, `{"k":"1","r":["Visitor", "media"]}`+"\n"+`{"r":[],"k":"2"}`+"\n"+`{"k":"3","r":[1]}`+"\n"+`{"k":["1"]}`+"\n"+
		`{"k":"`+strings.Repeat("x", longestRecord)+`"}`+"\n")
	if len(rows) != 2 || rows[0].Parties[0].Values[customer.PartyRoles].Number != 1<<1|1<<4 || rows[1].Parties[0].Values[customer.PartyRoles].Present || len(rejections) != 3 {
		t.Errorf("%+v %v", rows, rejections)
	}
}

func TestCompressed(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	fmt.Fprint(w, "s,e,c\n"+strings.Repeat("a,1,A\n", 100_000))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	size := int64(packed.Len())
	whole := packed.String()
	rows, _, r := read(t, minimal, whole)
	if len(rows) != 100_000 || r.Offset() != size {
		t.Errorf("%d rows, offset %d of %d", len(rows), r.Offset(), size)
	}
	r, err := mustParse(t, minimal).Read(strings.NewReader(whole[:size/2]))
	if err != nil {
		t.Fatal(err)
	}
	var row customer.Row
	for err == nil {
		err = r.Next(&row)
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "reading line ") || !errors.Is(r.Next(&row), io.ErrUnexpectedEOF) {
		t.Errorf("half a file ends with %v", err)
	}
}

func TestReadErrors(t *testing.T) {
	m := mustParse(t, minimal)
	broken := errors.New("the disk is gone")
	if _, err := m.Read(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	r, err := m.Read(io.MultiReader(strings.NewReader("s,e,c\na,1,b\na,"), iotest.ErrReader(broken)))
	if err != nil {
		t.Fatal(err)
	}
	var row customer.Row
	if err := r.Next(&row); err != nil {
		t.Fatal(err)
	}
	if err := r.Next(&row); !errors.Is(err, broken) || err.Error() != "reading line 3: the disk is gone" {
		t.Errorf("got %v", err)
	}
	rows, _, _ := read(t, minimal, "s,e,c\r\n")
	if len(rows) != 0 {
		t.Errorf("%v", rows)
	}
}

// endless is a file of many rows that nobody has to hold.
type endless struct {
	line []byte
	rest int
	part []byte
}

func (e *endless) Read(buffer []byte) (int, error) {
	if len(e.part) == 0 {
		if e.rest == 0 {
			return 0, io.EOF
		}
		e.rest--
		e.part = e.line
	}
	n := copy(buffer, e.part)
	e.part = e.part[n:]
	return n, nil
}

// TestConstantMemory reads 32 MiB, and as much behind a quote that never closes.
func TestConstantMemory(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int64(stats.HeapAlloc)
	}
	block := bytes.Repeat([]byte("airshow,2026,\"Müller, Söhne & Co\"\n"), 1<<15)
	for name, begin := range map[string]string{"rows": "s,e,c\n", "an open quote": "s,e,c\n\"", "a line": "s,e,c\n" + strings.Repeat("x", longestRecord)} {
		file := &endless{line: block, rest: 32}
		if name == "a line" {
			file.line = bytes.ReplaceAll(block, []byte("\n"), []byte(" "))
		}
		before := heap()
		r, err := mustParse(t, minimal).Read(io.MultiReader(strings.NewReader(begin), file))
		if err != nil {
			t.Fatal(err)
		}
		var row customer.Row
		var most int64
		for n := 0; ; n++ {
			if err := r.Next(&row); err != nil && !errors.As(err, new(*Rejection)) {
				break
			}
			if n%300_000 == 0 {
				most = max(most, heap()-before)
			}
		}
		if most = max(most, heap()-before); most > 8<<20 {
			t.Errorf("%s: %d bytes are held", name, most)
		}
		runtime.KeepAlive(r)
	}
}
