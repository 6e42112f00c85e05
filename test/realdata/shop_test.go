package realdata

import (
	"compress/gzip"
	"database/sql"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// buyer is what a customer of the shop bought.
type buyer struct {
	// revenue in pence, of all invoices.
	revenue int64
	// purchases are the invoices above nothing, first and last of them in
	// milliseconds since 1970; 0 if there is none.
	purchases, first, last int64
}

// readBuyers adds up the shop's file by its column of customers.
func readBuyers(t *testing.T) map[string]buyer {
	t.Helper()
	buyers := map[string]buyer{}
	readInvoices(t, func(customer string, at time.Time, amount int64) {
		who := buyers[customer]
		who.add(amount, at.UnixMilli())
		buyers[customer] = who
	})
	return buyers
}

// readInvoices gives every invoice of the shop, with its amount in pence, without the store
// and without the mapping that the store reads the file by. Invoices whose customer nobody
// knows are left out, as there.
func readInvoices(t *testing.T, each func(customer string, at time.Time, amount int64)) {
	t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(folder, retailTransactions.data))
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, file)
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := csv.NewReader(unpacked)
	header, err := lines.Read()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(header, ","); got != "invoice_no,invoice_date,customer_id,country,lines,units,amount_gbp" {
		t.Fatalf("the columns are %s", got)
	}
	for {
		line, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if line[2] == "" {
			continue
		}
		at, err := time.ParseInLocation(time.DateTime, line[1], london)
		if err != nil {
			t.Fatal(err)
		}
		each(line[2], at, pence(t, line[6]))
	}
}

// add counts an invoice.
func (b *buyer) add(amount, at int64) {
	b.revenue += amount
	if amount <= 0 {
		return
	}
	if b.purchases == 0 {
		b.first, b.last = at, at
	}
	b.purchases++
	b.first, b.last = min(b.first, at), max(b.last, at)
}

// pence reads an amount of pounds with two decimals, which every line has.
func pence(t *testing.T, pounds string) int64 {
	t.Helper()
	if at := strings.IndexByte(pounds, '.'); at != len(pounds)-3 {
		t.Fatalf("%q has not two decimals", pounds)
	}
	amount, err := strconv.ParseInt(strings.Replace(pounds, ".", "", 1), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return amount
}

// testShop compares what every customer of the shop bought, to the penny.
func testShop(t *testing.T, d *database) {
	want := readBuyers(t)
	if len(want) != 4_372 {
		t.Fatalf("%d customers in the file, want 4,372", len(want))
	}
	got := map[string]buyer{}
	d.rows(t, `
		SELECT r.external_key, p.revenue, p.purchases, coalesce(p.first_purchase, 0), coalesce(p.last_purchase, 0)
		  FROM customer_profile p
		  JOIN party_record r ON r.party_id = p.customer_id
		  JOIN source s ON s.id = r.source_id
		 WHERE s.name = 'online-retail'`, func(rows *sql.Rows) error {
		var key string
		var b buyer
		err := rows.Scan(&key, &b.revenue, &b.purchases, &b.first, &b.last)
		got[key] = b
		return err
	})
	if len(got) != len(want) {
		t.Errorf("%d customers have a profile, want %d", len(got), len(want))
	}
	differ := 0
	for key, b := range want {
		if got[key] == b {
			continue
		}
		if differ++; differ <= 10 {
			t.Errorf("customer %s: got %+v, want %+v", key, got[key], b)
		}
	}
	if differ > 0 {
		t.Errorf("%d of %d customers differ", differ, len(want))
	}
}
