package controllers_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// files counts those of SQLite: they outlive their tests.
var files int

// onFile makes a CustomerStore on a file of SQLite of its own, and the file's URL.
func onFile(name string) (declared *crm.CustomerStore, url string) {
	files++
	name = fmt.Sprintf("%s-%d", name, files)
	return &crm.CustomerStore{
		ObjectMeta: metav1.ObjectMeta{Namespace: place.Namespace, Name: name},
		Spec:       crm.CustomerStoreSpec{SQLite: &crm.SQLiteStore{FileName: name + ".db"}, ReportingCurrency: "GBP"},
	}, "sqlite://" + filepath.Join(place.SQLiteDir, name+".db")
}

// exhibited imports that somebody took part in Farnborough 2024, with 10 m² for
// GBP 1,000.
func exhibited(t *testing.T, url, name string) {
	t.Helper()
	exhibitedAt(t, url, name, "")
}

// exhibitedAt imports the same of somebody with an e-mail address; "" for none.
func exhibitedAt(t *testing.T, url, name, email string) {
	t.Helper()
	entity := customer.EntityByName("participation")
	row := customer.Row{Values: make([]customer.Value, len(entity.Fields)), Parties: make([]customer.PartyRow, 1)}
	for field, value := range map[string]customer.Value{
		"edition": customer.String(customer.EditionText("Farnborough", "2024")),
		"role":    customer.String("Exhibitor"), "status": customer.String("Attended"),
		"area": customer.Number(1000), "net": customer.Number(100000), "currency": customer.String("GBP"),
	} {
		row.Values[entity.Index(field)] = value
	}
	row.Parties[0].Key = name
	row.Parties[0].Values = make([]customer.Value, len(customer.PartyFields))
	row.Parties[0].Values[customer.PartyName] = customer.String(name)
	if email != "" {
		row.Parties[0].Values[customer.PartyEmail] = customer.String(email)
	}
	importRow(t, url, entity, row)
}

// importRow imports one row of a list.
func importRow(t *testing.T, url string, entity *customer.Entity, row customer.Row) {
	t.Helper()
	look(t, url, func(opened *store.Store) error {
		i, err := opened.Import(t.Context(), store.ImportOptions{
			Source: store.Source{Name: "list", Trust: 50}, FileName: "list.csv", Entity: entity, ResolveBy: []store.Resolution{store.ByExternalKey},
		})
		if err != nil {
			return err
		}
		rejected, err := i.Write(t.Context(), []customer.Row{row})
		if len(rejected) > 0 {
			t.Errorf("rejected: %+v", rejected)
		}
		return errors.Join(err, i.Finish(t.Context()))
	})
}

// migratedFile makes a store on a file that another cluster has.
func migratedFile(t *testing.T, url string) {
	t.Helper()
	opened, err := store.Open(t.Context(), url, store.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = opened.Migrate(t.Context())
	if err == nil {
		_, err = opened.Claim(t.Context(), store.Owner{Cluster: "another", Namespace: "expo", Name: "crm"}, store.Declaration{ReportingCurrency: "GBP"}, "")
	}
	if err := errors.Join(err, opened.Close()); err != nil {
		t.Fatal(err)
	}
}

// raw speaks to a file of SQLite beside the store.
func raw(t *testing.T, url string) *sql.DB {
	t.Helper()
	database, err := sql.Open("sqlite", "file:"+parsed(t, url).Path+"?_pragma=busy_timeout(30000)")
	if err != nil {
		t.Fatal(err)
	}
	database.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := database.Close(); err != nil {
			t.Error(err)
		}
	})
	return database
}

func say(t *testing.T, database *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := database.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, database *sql.DB, question string) (number int64) {
	t.Helper()
	if err := database.QueryRowContext(t.Context(), question).Scan(&number); err != nil {
		t.Fatal(err)
	}
	return number
}
