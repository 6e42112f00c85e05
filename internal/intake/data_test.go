package intake

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	_ "time/tzdata"

	"github.com/fairlead/fairlead/internal/customer"
)

// openData begins a file of the folder data by the mapping beside it.
func openData(t testing.TB, mapping, file string) *Reader {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../data", mapping))
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseMapping(text)
	if err != nil {
		t.Fatalf("%s: %v", mapping, err)
	}
	data, err := os.Open(filepath.Join("../../data", file))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { data.Close() })
	r, err := m.Read(data)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return r
}

// readAll gives every row to a function and returns the rejections.
func readAll(t testing.TB, r *Reader, see func(row *customer.Row)) []*Rejection {
	t.Helper()
	var row customer.Row
	var rejections []*Rejection
	for {
		var rejection *Rejection
		switch err := r.Next(&row); {
		case errors.Is(err, io.EOF):
			return rejections
		case errors.As(err, &rejection):
			rejections = append(rejections, rejection)
		case err != nil:
			t.Fatal(err)
		default:
			see(&row)
		}
	}
}

func TestEditionsOfAirshows(t *testing.T) {
	r := openData(t, "airshows/editions.yaml", "airshows/exhibitions.csv")
	rows := 0
	rejections := readAll(t, r, func(row *customer.Row) {
		rows++
		for i, value := range row.Values[:5] {
			if !value.Present {
				t.Errorf("line %d: no %s", row.Line, r.mapping.entity.Fields[i].Name)
			}
		}
	})
	if rows != 29 || len(rejections) != 0 || len(r.Warnings()) != 0 {
		t.Errorf("%d rows, want 29; rejections %v, warnings %v", rows, rejections, r.Warnings())
	}
}

func TestParticipationsOfAirshows(t *testing.T) {
	r := openData(t, "airshows/participations.yaml", "airshows/exhibitors.csv.gz")
	rows, countries, categories := 0, 0, 0
	editions := map[string]bool{}
	rejections := readAll(t, r, func(row *customer.Row) {
		rows++
		party := &row.Parties[0]
		if !party.Values[customer.PartyName].Present || row.Values[2].Text != "Exhibitor" || row.Values[3].Text != "Attended" {
			t.Fatalf("line %d: %+v", row.Line, row)
		}
		if party.Values[customer.PartyCountry].Present {
			countries++
		}
		categories += len(party.Attributes)
		editions[row.Values[1].Text] = true
	})
	if r.Records() != 39_682 || rows != 39_682 || len(editions) != 29 || categories != 39_682-32_598 {
		t.Errorf("%d records, %d rows of %d editions, %d with categories", r.Records(), rows, len(editions), categories)
	}
	if len(rejections) > 0 {
		t.Fatalf("%d rejections: %v", len(rejections), rejections)
	}
	t.Logf("%d of %d rows have a country", countries, rows)
	for _, warning := range r.Warnings()[:min(10, len(r.Warnings()))] {
		t.Log(warning)
	}
}

func TestTransactionsOfOnlineRetail(t *testing.T) {
	r := openData(t, "online-retail/transactions.yaml", "online-retail/invoices.csv.gz")
	revenue := r.mapping.entity.Index("revenue")
	var sum, first int64
	customers := map[string]bool{}
	rejections := readAll(t, r, func(row *customer.Row) {
		if row.Line == 2 {
			first = row.Values[r.mapping.entity.Index("at")].Number
		}
		if row.Key == "" {
			t.Fatalf("line %d has no key", row.Line)
		}
		if amount := row.Values[revenue].Number; amount > 0 {
			sum += amount
			customers[row.Parties[0].Key] = true
		}
	})
	if r.Records() != 25_900 || r.Ignored() != 3_710 || len(rejections) != 0 {
		t.Errorf("%d records, %d ignored, rejections %v", r.Records(), r.Ignored(), rejections)
	}
	if sum != 891_140_790 || len(customers) != 4_338 {
		t.Errorf("%d pence of %d customers, want 8,911,407.90 of 4,338", sum, len(customers))
	}
	// 08:26 in London in winter.
	if first != 1_291_191_960_000 {
		t.Errorf("the first invoice is at %d", first)
	}
	for _, warning := range r.Warnings() {
		t.Log(warning)
	}
}
