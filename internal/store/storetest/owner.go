package storetest

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/store"
)

func testOwner(t *testing.T, s *suite) {
	t.Run("Claim", func(t *testing.T) { testClaim(t, s.world(t)) })
	t.Run("Unmigrated", func(t *testing.T) {
		if _, err := s.unmigrated(t).Mark(t.Context()); err == nil {
			t.Error("a database without a schema has a mark")
		}
	})
	t.Run("URLs", testURLs)
	t.Run("Access", func(t *testing.T) {
		url := s.open(t)
		if strings.HasPrefix(url, "sqlite:") {
			testFileAccess(t, strings.TrimPrefix(url, "sqlite://"))
		} else {
			testServerAccess(t, url)
		}
	})
	t.Run("Ping", func(t *testing.T) {
		w := s.world(t)
		if err := w.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		if w.IsSQLite() != w.isSQLite {
			t.Error("the store does not know what it is")
		}
	})
}

func testClaim(t *testing.T, w *world) {
	ctx := t.Context()
	fresh, err := w.Mark(ctx)
	if err != nil || fresh.Owner != nil || fresh.StoreID == "" || !slices.Equal(fresh.SensitiveFields, []string{"bankAccount"}) {
		t.Fatalf("a fresh store is marked %+v, %v", fresh, err)
	}
	ours := store.Owner{Cluster: "cluster-1", Namespace: "fairs", Name: "crm"}
	declared := store.Declaration{ReportingCurrency: "GBP", SensitiveFields: []string{"bankAccount", "passport"}}
	for range 2 {
		mark, err := w.Claim(ctx, ours, declared, "")
		if err != nil || *mark.Owner != ours || mark.StoreID != fresh.StoreID || mark.ReportingCurrency != "GBP" {
			t.Fatalf("claimed: %+v, %v", mark, err)
		}
	}
	declared.ReportingCurrency = "EUR"
	if _, err := w.Claim(ctx, ours, declared, ""); err != nil {
		t.Errorf("claiming anew with another declaration: %v", err)
	}
	for _, other := range []store.Owner{
		{Cluster: "cluster-2", Namespace: "fairs", Name: "crm"}, {Cluster: "cluster-1", Namespace: "other", Name: "crm"}, {Cluster: "cluster-1", Namespace: "fairs", Name: "other"},
	} {
		before := w.everything()
		for _, adopt := range []string{"", "another store"} {
			_, err := w.Claim(ctx, other, store.Declaration{ReportingCurrency: "USD"}, adopt)
			refused := expectError[*store.OwnerError](t, err, "claiming a foreign store")
			if refused != nil && (refused.Owner != ours || refused.StoreID != fresh.StoreID) {
				t.Errorf("refused as %+v", refused)
			}
		}
		if after := w.everything(); after != before {
			t.Errorf("a foreign claim touched the store:\n%s", differences(after, before))
		}
	}
	theirs := store.Owner{Cluster: "cluster-2", Namespace: "fairs", Name: "crm"}
	if mark, err := w.Claim(ctx, theirs, declared, fresh.StoreID); err != nil || *mark.Owner != theirs {
		t.Errorf("adopted: %+v, %v", mark, err)
	}
	if mark, err := w.Mark(ctx); err != nil || *mark.Owner != theirs || mark.StoreID != fresh.StoreID || mark.ReportingCurrency != "EUR" {
		t.Errorf("after the adoption the mark is %+v, %v", mark, err)
	}
}

const password = "s3cr3t-Pa55"

// testURLs: a wrong URL is refused without being repeated.
func testURLs(t *testing.T) {
	for _, wrong := range []string{
		"", "crm", "mysql://root:" + password + "@db/crm", "postgres://crm:" + password + "@db:port/crm", "postgres://crm:" + password + "@db/crm?sslmode=perhaps",
		"postgres://crm:" + password + "%zz@db/crm", "postgresql://crm:" + password + "@[::1/crm", "sqlite://crm.db", "sqlite:crm.db", "sqlite:///", "sqlite:///a/b/",
		"sqlite:///a.db?mode=" + password, "sqlite:///a.db#" + password, "sqlite://user:" + password + "@/a.db", "sqlite://%zz" + password,
	} {
		_, err := store.Open(t.Context(), wrong, store.Options{Create: true})
		expectError[*store.URLError](t, err, "opening "+wrong)
		if err != nil && strings.Contains(err.Error(), password) {
			t.Errorf("%q: the error repeats the password: %v", wrong, err)
		}
	}
}

// expectRefusal says why a database could not be opened.
func expectRefusal(t *testing.T, storeURL string, create bool, want store.Refusal) {
	t.Helper()
	opened, err := store.Open(t.Context(), storeURL, store.Options{Create: create})
	if err == nil {
		_ = opened.Close()
	}
	var refused *store.AccessError
	if !errors.As(err, &refused) || refused.Refusal != want {
		t.Errorf("opening: %v, want it refused as %s", err, want)
	}
	if err != nil && (strings.Contains(err.Error(), password) || strings.Contains(err.Error(), url.QueryEscape(password))) {
		t.Errorf("the error repeats the password: %v", err)
	}
}

func testFileAccess(t *testing.T, file string) {
	expectRefusal(t, "sqlite://"+file, false, store.NoDatabase)
	expectRefusal(t, "sqlite://"+filepath.Join(filepath.Dir(file), "nowhere", "a.db"), true, store.NoDatabase)
	expectRefusal(t, "sqlite://"+filepath.Dir(file), true, store.NoRight)
	if err := os.WriteFile(file, []byte(strings.Repeat("this is no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	expectRefusal(t, "sqlite://"+file, true, store.NoDatabase)
	// A name that needs writing otherwise in a URL is a name like any other.
	strange := (&url.URL{Scheme: "sqlite", Path: filepath.Join(filepath.Dir(file), "50% ü?#&.db")}).String()
	opened, err := store.Open(t.Context(), strange, store.Options{Create: true})
	if err != nil {
		t.Fatalf("a file with a strange name: %v", err)
	}
	defer opened.Close()
	if _, _, err := opened.Migrate(t.Context()); err != nil {
		t.Errorf("migrating a file with a strange name: %v", err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(file), "50% ü?#&.db")); err != nil {
		t.Errorf("the file has another name: %v", err)
	}
}

func testServerAccess(t *testing.T, database string) {
	parsed, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(change func(*url.URL)) string {
		other := *parsed
		change(&other)
		return other.String()
	}
	expectRefusal(t, changed(func(u *url.URL) { u.User = url.UserPassword("nobody", password) }), false, store.WrongCredentials)
	expectRefusal(t, changed(func(u *url.URL) { u.Path = "/nowhere" }), false, store.NoDatabase)
	// Port 1 of this machine: nobody listens there.
	unreachable := "postgres://crm:" + url.QueryEscape(password) + "@127.0.0.1:1/crm?sslmode=disable"
	expectRefusal(t, unreachable, false, store.Unreachable)
	expectRefusal(t, strings.Replace(unreachable, "127.0.0.1", "host.invalid", 1), false, store.Unreachable)
}
