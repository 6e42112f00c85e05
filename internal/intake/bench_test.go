package intake

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
)

const benchMapping = `
source: bench
entity: participation
format: {type: %s}
columns:
- {column: series, field: series}
- {column: edition, field: edition}
- {column: exhibitor, field: customer.name}
- {column: country, field: customer.country}
- {column: role, field: role}
- {column: status, field: status}
- {column: area, field: area}
- {column: net, field: net}
- {field: currency, value: GBP}
`

// benchColumns of a row; what the lists do not have is made up.
var benchColumns = []string{"series", "edition", "exhibitor", "country", "role", "status", "area", "net"}

// benchRows are the exhibitors of the air shows.
func benchRows(b *testing.B) [][]string {
	b.Helper()
	file, err := os.Open("../../data/airshows/exhibitors.csv.gz")
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		b.Fatal(err)
	}
	records, err := csv.NewReader(unpacked).ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	rows := make([][]string, 0, len(records))
	for i, record := range records[1:] {
		status := customer.BookingStatuses[i%len(customer.BookingStatuses)]
		rows = append(rows, append(record[:4:4], "Exhibitor", status, fmt.Sprintf("%d.50", i%400), fmt.Sprintf("%d.25", i)))
	}
	return rows
}

func benchCSV(b *testing.B) []byte {
	b.Helper()
	var data bytes.Buffer
	w := csv.NewWriter(&data)
	if err := errors.Join(w.Write(benchColumns), w.WriteAll(benchRows(b))); err != nil {
		b.Fatal(err)
	}
	return data.Bytes()
}

func benchRead(b *testing.B, fileType FileType, data []byte) {
	b.Helper()
	m, err := ParseMapping(fmt.Appendf(nil, benchMapping, fileType))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		r, err := m.Read(bytes.NewReader(data))
		if err != nil {
			b.Fatal(err)
		}
		var row customer.Row
		for {
			err := r.Next(&row)
			if errors.Is(err, io.EOF) {
				break
			}
			rows++
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
}

// BenchmarkReadParticipations reads 39,682 rows of 8 columns.
func BenchmarkReadParticipations(b *testing.B) { benchRead(b, CSV, benchCSV(b)) }

// BenchmarkReadParticipationsJSON reads the same rows as JSON lines.
func BenchmarkReadParticipationsJSON(b *testing.B) {
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	for _, row := range benchRows(b) {
		object := map[string]string{}
		for i, column := range benchColumns {
			object[column] = row[i]
		}
		if err := encoder.Encode(object); err != nil {
			b.Fatal(err)
		}
	}
	benchRead(b, JSONLines, data.Bytes())
}

// BenchmarkEncodingCSV is what the standard library needs to part the same file
// into columns, and no more.
func BenchmarkEncodingCSV(b *testing.B) {
	data := benchCSV(b)
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		r := csv.NewReader(bytes.NewReader(data))
		r.ReuseRecord = true
		for {
			if _, err := r.Read(); err != nil {
				break
			}
			rows++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
}
