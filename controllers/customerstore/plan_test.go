package customerstore

import (
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

// Two stores, as databases say who they are.
const (
	here      = "1f0c9d5e-0b7a-4c39-9a55-3d2f5be1a6c7"
	elsewhere = "2f0c9d5e-0b7a-4c39-9a55-3d2f5be1a6c7"
)

var we = store.Owner{Cluster: "c1", Namespace: "expo", Name: "crm"}

// declare makes a CustomerStore on PostgreSQL, and changes it.
func declare(changes ...func(*crm.CustomerStore)) *crm.CustomerStore {
	declared := &crm.CustomerStore{
		ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "crm", Generation: 3},
		Spec: crm.CustomerStoreSpec{
			Postgres:          &crm.PostgresStore{ConnectionSecretName: "crm-database", WorkerConnectionSecretName: "crm-worker"},
			ReportingCurrency: "GBP", DefaultTimeZone: "Europe/London", Migrations: crm.MigrationsAutomatic,
		},
		Status: crm.CustomerStoreStatus{ObservedStatus: crm.ObservedStatus{ObservedGeneration: -1}},
	}
	for _, change := range changes {
		change(declared)
	}
	return declared
}

// knows has a status that a pass left behind.
func knows(id string, schema int64) func(*crm.CustomerStore) {
	return func(s *crm.CustomerStore) { s.Status.StoreID, s.Status.SchemaVersion = id, schema }
}

func adopts(id string) func(*crm.CustomerStore) {
	return func(s *crm.CustomerStore) { s.Spec.AdoptStoreID = id }
}

func manual(s *crm.CustomerStore) { s.Spec.Migrations = crm.MigrationsManual }

func onSQLite(s *crm.CustomerStore) {
	s.Spec.Postgres, s.Spec.SQLite = nil, &crm.SQLiteStore{FileName: "crm.db"}
}

// holding is a database of a program that knows version 3.
func holding(version int64, mark *store.Mark) found {
	return found{schema: store.Schema{Version: version, MinCompatible: min(version, 1)}, known: 3, mark: mark}
}

func marked(id string, owner *store.Owner) *store.Mark {
	mark := &store.Mark{StoreID: id, Owner: owner}
	if owner != nil {
		mark.ReportingCurrency = "GBP"
	}
	return mark
}

func TestPlanDatabase(t *testing.T) {
	foreign := &store.Owner{Cluster: "c2", Namespace: "prod", Name: "crm"}
	neighbour := &store.Owner{Cluster: "c1", Namespace: "air", Name: "crm"}
	tooNew := found{schema: store.Schema{Version: 9, MinCompatible: 4}, known: 3}
	euros := marked(here, &we)
	euros.ReportingCurrency = "EUR"
	tests := map[string]struct {
		declared *crm.CustomerStore
		database found
		want     step
		reason   string
	}{
		"an empty database is migrated":                  {declare(), holding(0, nil), migrate, ""},
		"a schema whose migrator was cut short":          {declare(), holding(3, nil), migrate, ""},
		"a store that nobody has is claimed":             {declare(), holding(3, marked(here, nil)), claim, ""},
		"our own is claimed again":                       {declare(knows(here, 3)), holding(3, marked(here, &we)), claim, ""},
		"our own, of which status lost all":              {declare(), holding(3, marked(here, &we)), claim, ""},
		"an older schema is migrated":                    {declare(knows(here, 2)), holding(2, marked(here, &we)), migrate, ""},
		"a newer schema that we still fit":               {declare(knows(here, 5)), found{store.Schema{Version: 5, MinCompatible: 2}, 3, marked(here, &we)}, claim, ""},
		"an empty database, by hand":                     {declare(manual), holding(0, nil), stop, crm.ReasonMigrationRequired},
		"an older schema, by hand":                       {declare(manual, knows(here, 2)), holding(2, marked(here, &we)), stop, crm.ReasonMigrationRequired},
		"the schema is new enough, by hand":              {declare(manual), holding(3, marked(here, nil)), claim, ""},
		"a newer schema is not touched":                  {declare(), tooNew, stop, crm.ReasonSchemaTooNew},
		"nor when an id is adopted":                      {declare(adopts(here)), tooNew, stop, crm.ReasonSchemaTooNew},
		"another cluster's":                              {declare(), holding(3, marked(here, foreign)), stop, crm.ReasonOwnedByAnother},
		"another cluster's is not migrated":              {declare(), holding(2, marked(here, foreign)), stop, crm.ReasonOwnedByAnother},
		"another namespace's":                            {declare(), holding(3, marked(here, neighbour)), stop, crm.ReasonOwnedByAnother},
		"another's, although status knows it":            {declare(knows(here, 3)), holding(3, marked(here, foreign)), stop, crm.ReasonOwnedByAnother},
		"another's, adopted":                             {declare(adopts(here)), holding(3, marked(here, foreign)), claim, ""},
		"another's, while a third is adopted":            {declare(adopts(elsewhere)), holding(3, marked(here, foreign)), stop, crm.ReasonOwnedByAnother},
		"another's, adopted and migrated":                {declare(adopts(here)), holding(2, marked(here, foreign)), migrate, ""},
		"another of ours":                                {declare(knows(here, 3)), holding(3, marked(elsewhere, &we)), stop, crm.ReasonStoreRestored},
		"another that nobody has":                        {declare(knows(here, 3)), holding(3, marked(elsewhere, nil)), stop, crm.ReasonStoreRestored},
		"another, older, is not migrated":                {declare(knows(here, 3)), holding(2, marked(elsewhere, nil)), stop, crm.ReasonStoreRestored},
		"another, adopted":                               {declare(knows(here, 3), adopts(elsewhere)), holding(3, marked(elsewhere, nil)), claim, ""},
		"a backup from before its mark":                  {declare(knows(here, 3)), holding(3, marked(here, nil)), stop, crm.ReasonStoreRestored},
		"a backup from before a migration":               {declare(knows(here, 3)), holding(2, marked(here, &we)), stop, crm.ReasonStoreRestored},
		"a backup, adopted":                              {declare(knows(here, 3), adopts(here)), holding(2, marked(here, &we)), migrate, ""},
		"the store is gone":                              {declare(knows(here, 3)), holding(0, nil), stop, crm.ReasonStoreRestored},
		"the store is gone, and adopting does not help":  {declare(knows(here, 3), adopts(here)), holding(0, nil), stop, crm.ReasonStoreRestored},
		"its sums are in another currency":               {declare(), holding(3, euros), stop, crm.ReasonCurrencyMismatch},
		"adopted, its sums are in another currency":      {declare(adopts(here)), holding(3, euros), stop, crm.ReasonCurrencyMismatch},
		"in another currency, older, it is not migrated": {declare(), holding(2, euros), stop, crm.ReasonCurrencyMismatch},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := test.declared.DeepCopy()
			next, problem := planDatabase(test.declared, we, test.database)
			if next != test.want {
				t.Errorf("step %d, want %d", next, test.want)
			}
			if (next == stop) != (problem != nil) {
				t.Errorf("step %d comes with the problem %v", next, problem)
			}
			if !slices.Equal(before.Status.Conditions, test.declared.Status.Conditions) {
				t.Error("the decision changed what it was given")
			}
			if problem == nil {
				return
			}
			checkEnding(t, *problem, crm.ConditionStalled, test.reason, "")
			// Databases are not watched: whoever mends one does not touch the object.
			if problem.again != regularly {
				t.Errorf("it is looked at again %d, want regularly", problem.again)
			}
		})
	}
}

func TestPausesGrow(t *testing.T) {
	pace := Pace{Interval: time.Minute, FirstPause: time.Second, LongestPause: 10 * time.Second}
	tests := map[string]struct {
		when     again
		failures int
		want     time.Duration
	}{
		"never":             {whenChanged, 0, 0},
		"regularly":         {regularly, 0, time.Minute},
		"after one fault":   {soon, 1, time.Second},
		"after two":         {soon, 2, 2 * time.Second},
		"after four":        {soon, 4, 8 * time.Second},
		"not beyond":        {soon, 5, 10 * time.Second},
		"however often":     {soon, 1 << 30, 10 * time.Second},
		"even if miscalled": {soon, 0, time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := pace.after(test.when, test.failures); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestRestsBetweenRounds(t *testing.T) {
	pace := Pace{Interval: time.Minute, FirstPause: time.Second, LongestPause: 10 * time.Second, Refresh: 2 * time.Second}
	tests := map[string]struct {
		came     round
		failures int
		want     time.Duration
	}{
		"nothing is left": {idle, 0, 2 * time.Second},
		"there is more":   {unfinished, 0, turn},
		"after one fault": {faulty, 1, 2 * time.Second},
		"after three":     {faulty, 3, 4 * time.Second},
		"not beyond":      {faulty, 7, 10 * time.Second},
		"however often":   {faulty, 1 << 30, 10 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := pace.rest(test.came, test.failures); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestSecretsOf(t *testing.T) {
	withKeys := func(s *crm.CustomerStore) { s.Spec.EncryptionKeySecretName = "crm-keys" }
	withGateway := func(s *crm.CustomerStore) { s.Spec.Gateway = &crm.Gateway{LinkKeySecretName: "crm-links"} }
	tests := map[string]struct {
		declared *crm.CustomerStore
		want     []secretUse
	}{
		"PostgreSQL":           {declare(), []secretUse{{"crm-database", "uri"}, {"crm-worker", "uri"}}},
		"PostgreSQL with keys": {declare(withKeys), []secretUse{{"crm-database", "uri"}, {"crm-worker", "uri"}, {"crm-keys", "keyset"}}},
		"PostgreSQL with a gateway": {declare(withKeys, withGateway, func(s *crm.CustomerStore) { s.Spec.Postgres.GatewayConnectionSecretName = "crm-gateway" }),
			[]secretUse{{"crm-database", "uri"}, {"crm-worker", "uri"}, {"crm-gateway", "uri"}, {"crm-keys", "keyset"}, {"crm-links", "keyset"}}},
		"SQLite with a gateway": {declare(onSQLite, withGateway), []secretUse{{"crm-links", "keyset"}}},
		"SQLite":                {declare(onSQLite), nil},
		"SQLite with keys":      {declare(onSQLite, withKeys), []secretUse{{"crm-keys", "keyset"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := secretsOf(test.declared.Spec); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestDeclarationOf(t *testing.T) {
	tests := map[string]struct {
		fields []crm.EntryName
		want   []string
	}{
		"nothing":           {nil, []string{"bankAccount"}},
		"the bank account":  {[]crm.EntryName{"bankAccount"}, []string{"bankAccount"}},
		"others, unordered": {[]crm.EntryName{"passportNumber", "allergy"}, []string{"allergy", "bankAccount", "passportNumber"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := declarationOf(crm.CustomerStoreSpec{ReportingCurrency: "GBP", SensitiveFields: test.fields, ExpectedRelationshipMonths: 60})
			if got.ReportingCurrency != "GBP" || got.ExpectedRelationshipMonths != 60 || !slices.Equal(got.SensitiveFields, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestOnlyTheFirstContactMakesAFile(t *testing.T) {
	if !creates(declare(onSQLite)) {
		t.Error("the first contact does not make the file")
	}
	if creates(declare(onSQLite, knows(here, 3))) {
		t.Error("a file that was lost is made anew")
	}
	if creates(declare()) {
		t.Error("PostgreSQL has a file")
	}
}
