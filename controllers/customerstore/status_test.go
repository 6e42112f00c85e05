package customerstore

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/customer/sensitive"
	"github.com/fairlead/fairlead/internal/store"
)

// checkEnding demands the condition, its reason and a part of its message.
func checkEnding(t *testing.T, came ending, conditionType, reason, message string) {
	t.Helper()
	status := statusOf(time.Unix(0, 0), declare(), came, nil)
	condition := meta.FindStatusCondition(status.Conditions, conditionType)
	if condition == nil || condition.Status != "True" || condition.Reason != reason || !strings.Contains(condition.Message, message) {
		t.Errorf("the conditions are %+v; want %s for %s, %q", status.Conditions, conditionType, reason, message)
	}
}

func TestCheckSpec(t *testing.T) {
	volume := Place{Namespace: "expo", SQLiteDir: "/var/lib/fairlead", SQLiteClaim: "fairlead-sqlite"}
	zone := func(name crm.TimeZone) func(*crm.CustomerStore) {
		return func(s *crm.CustomerStore) { s.Spec.DefaultTimeZone = name }
	}
	money := func(code crm.CurrencyCode) func(*crm.CustomerStore) {
		return func(s *crm.CustomerStore) { s.Spec.ReportingCurrency = code }
	}
	suspend := func(s *crm.CustomerStore) { s.Spec.Suspend = ptr.To(true) }
	tests := map[string]struct {
		declared        *crm.CustomerStore
		place           Place
		reason, message string
	}{
		"PostgreSQL":                    {declare(), Place{}, "", ""},
		"SQLite":                        {declare(onSQLite), volume, "", ""},
		"SQLite without a volume":       {declare(onSQLite), Place{Namespace: "expo"}, crm.ReasonSQLiteVolume, "--sqlite-dir and --sqlite-claim"},
		"SQLite elsewhere":              {declare(onSQLite), Place{Namespace: "fairlead-system", SQLiteDir: "/data"}, crm.ReasonSQLiteNamespace, "own namespace, fairlead-system"},
		"a zone that is none":           {declare(zone("Europe/Farnborough")), Place{}, crm.ReasonInvalidTimeZone, "unknown time zone Europe/Farnborough"},
		"the machine's zone":            {declare(zone("Local")), Place{}, crm.ReasonInvalidTimeZone, "unknown time zone Local"},
		"a currency of long ago":        {declare(money("ADP")), Place{}, crm.ReasonUnknownCurrency, "ADP is none of ISO 4217"},
		"a currency that is none":       {declare(money("QQQ")), Place{}, crm.ReasonUnknownCurrency, "QQQ is none of ISO 4217"},
		"suspended, whatever is wrong":  {declare(suspend, zone("nowhere")), Place{}, crm.ReasonSuspended, "until spec.suspend is removed"},
		"suspended, so is SQLite":       {declare(suspend, onSQLite), Place{}, crm.ReasonSuspended, "until spec.suspend is removed"},
		"a currency of many subunits":   {declare(money("KWD")), Place{}, "", ""},
		"a zone of half an hour":        {declare(zone("Asia/Kolkata")), Place{}, "", ""},
		"UTC, the default of the field": {declare(zone("UTC")), Place{}, "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			problem := checkSpec(test.declared, test.place)
			if (problem != nil) != (test.reason != "") {
				t.Fatalf("got %v, want %q", problem, test.reason)
			}
			if problem == nil {
				return
			}
			want := crm.ConditionStalled
			if test.reason == crm.ReasonSuspended {
				want = crm.ConditionReady
			}
			checkEnding(t, *problem, want, test.reason, test.message)
			if problem.again != whenChanged {
				t.Error("it is looked at again although nothing changed")
			}
		})
	}
}

func TestCheckSecrets(t *testing.T) {
	keyset, err := sensitive.Generate()
	if err != nil {
		t.Fatal(err)
	}
	const hidden = "hunter2"
	uri := func(value string) secret {
		return secret{use: secretUse{"crm-database", keyURI}, labelled: true, value: []byte(value)}
	}
	keys := func(value []byte) secret {
		return secret{use: secretUse{"crm-keys", keyKeyset}, labelled: true, value: value}
	}
	good := uri("postgres://crm:" + hidden + "@db/crm")
	unlabelled := good
	unlabelled.labelled = false
	absent := func(name string) secret { return secret{use: secretUse{name, keyURI}, absent: true} }
	forbidden := secret{use: secretUse{"crm-database", keyURI}, forbidden: true}
	tests := map[string]struct {
		secrets         []secret
		condition       string
		reason, message string
		again           again
	}{
		"none are needed":        {secrets: nil},
		"all are there":          {secrets: []secret{good, uri("postgresql://db/crm"), keys(keyset)}},
		"one is missing":         {secrets: []secret{good, absent("crm-worker")}, condition: crm.ConditionReconciling, reason: crm.ReasonReferenceNotReady, message: "Waiting for the Secret crm-worker, which does not exist yet.", again: soon},
		"all are missing":        {secrets: []secret{absent("a"), absent("b"), absent("c")}, condition: crm.ConditionReconciling, reason: crm.ReasonReferenceNotReady, message: "Waiting for the Secrets a, b and c, which do not exist yet.", again: soon},
		"one may not be read":    {secrets: []secret{forbidden, absent("b")}, condition: crm.ConditionReconciling, reason: crm.ReasonReferenceNotReady, message: "may not read the Secret crm-database: make the namespace a tenant with kubectl apply -n expo -k config/tenant", again: soon},
		"one has no label":       {secrets: []secret{unlabelled}, condition: crm.ConditionStalled, reason: crm.ReasonInvalidSecret, message: `The Secret crm-database must carry the label crm.fairlead.dev/credentials: "true"`, again: regularly},
		"one lacks its key":      {secrets: []secret{uri("")}, condition: crm.ConditionStalled, reason: crm.ReasonInvalidSecret, message: "The Secret crm-database has nothing under the key uri", again: regularly},
		"one has blanks":         {secrets: []secret{uri(" \n")}, condition: crm.ConditionStalled, reason: crm.ReasonInvalidSecret, message: "has nothing under the key uri", again: regularly},
		"one names a file":       {secrets: []secret{uri("sqlite:///var/lib/" + hidden)}, condition: crm.ConditionStalled, reason: crm.ReasonInvalidSecret, message: "must have a URL of PostgreSQL under the key uri", again: regularly},
		"one is of another form": {secrets: []secret{uri("host=db password=" + hidden)}, condition: crm.ConditionStalled, reason: crm.ReasonInvalidSecret, message: "must have a URL of PostgreSQL", again: regularly},
		"no keyset":              {secrets: []secret{good, keys([]byte(`{"a": "` + hidden + `"}`))}, condition: crm.ConditionStalled, reason: crm.ReasonInvalidSecret, message: "The Secret crm-keys has no usable keyset under the key keyset", again: regularly},
		"a mistake comes before": {secrets: []secret{absent("crm-worker"), unlabelled}, condition: crm.ConditionStalled, reason: crm.ReasonInvalidSecret, again: regularly},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			problem := checkSecrets("expo", test.secrets)
			if (problem != nil) != (test.reason != "") {
				t.Fatalf("got %v, want %q", problem, test.reason)
			}
			if problem == nil {
				return
			}
			checkEnding(t, *problem, test.condition, test.reason, test.message)
			if problem.again != test.again {
				t.Errorf("it is looked at again %d, want %d", problem.again, test.again)
			}
			if said := fmt.Sprintf("%+v", *problem); strings.Contains(said, hidden) {
				t.Errorf("it tells what stands in the Secret: %s", said)
			}
		})
	}
}

func TestAccessProblem(t *testing.T) {
	refused := func(refusal store.Refusal, problem string) error {
		return fmt.Errorf("looking: %w", &store.AccessError{Refusal: refusal, Problem: problem})
	}
	tests := map[string]struct {
		err                        error
		condition, reason, message string
		again                      again
	}{
		"nobody answers":      {refused(store.Unreachable, "dial tcp 10.0.0.1:5432: connection refused"), crm.ConditionReconciling, crm.ReasonUnreachable, "of the Secret s cannot be used: dial tcp 10.0.0.1:5432: connection refused; it is tried again by itself", soon},
		"it broke":            {refused(store.Unreachable, "read 10.0.0.1:5432: reset"), crm.ConditionReconciling, crm.ReasonUnreachable, "cannot be used: read 10.0.0.1:5432: reset;", soon},
		"the wrong password":  {refused(store.WrongCredentials, `password authentication failed for user "olga"`), crm.ConditionReconciling, crm.ReasonUnreachable, "refuses the user or the password of the Secret s:", soon},
		"no such database":    {refused(store.NoDatabase, `database "olga" does not exist`), crm.ConditionReconciling, crm.ReasonUnreachable, "no such database as the Secret s names", soon},
		"an old server":       {refused(store.TooOld, "the server is PostgreSQL 13"), crm.ConditionStalled, crm.ReasonDatabaseTooOld, "The server of the Secret s is too old: the server is PostgreSQL 13.", regularly},
		"a right is missing":  {refused(store.NoRight, "permission denied for schema public"), crm.ConditionStalled, crm.ReasonMissingRight, "More rights are needed with the Secret s: permission denied for schema public.", regularly},
		"a URL that is wrong": {&store.URLError{Problem: "not a URL of PostgreSQL"}, crm.ConditionStalled, crm.ReasonInvalidSecret, "The URL under the key uri of the Secret s is wrong: not a URL", regularly},
		"a statement failed":  {fmt.Errorf("migrating: %w", &pgconn.PgError{Code: "22P02", Message: "invalid input: Olga"}), crm.ConditionReconciling, crm.ReasonFailed, "the server refused a statement with SQLSTATE 22P02", soon},
		"something else":      {errors.New("the disk is full"), crm.ConditionReconciling, crm.ReasonFailed, "Working on the database of the Secret s: the disk is full.", soon},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			came := accessProblem(test.err, "the Secret s")
			checkEnding(t, *came, test.condition, test.reason, test.message)
			if came.again != test.again {
				t.Errorf("it is looked at again %d, want %d", came.again, test.again)
			}
			if said := strings.ToLower(fmt.Sprintf("%+v", *came)); strings.Contains(said, "olga") {
				t.Errorf("it repeats what the server said: %s", said)
			}
		})
	}
}

func TestCheckWorker(t *testing.T) {
	owner := store.Role{Name: "crm", Creates: true}
	tests := map[string]struct {
		worker  store.Role
		message string
	}{
		"a role of its own": {store.Role{Name: "crm_worker"}, ""},
		"the owner":         {owner, "connects as the role that owns the database"},
		"a superuser":       {store.Role{Name: "postgres", Superuser: true, Creates: true}, "connects as a superuser"},
		"one who creates":   {store.Role{Name: "crm_worker", Creates: true}, "may create or owns tables"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			problem := checkGuest("crm-worker", "workers", owner, test.worker)
			if test.message == "" {
				if problem != nil {
					t.Errorf("it is refused: %+v", *problem)
				}
				return
			}
			if problem == nil {
				t.Fatal("it is let in")
			}
			checkEnding(t, *problem, crm.ConditionStalled, crm.ReasonInvalidSecret, test.message)
		})
	}
}

func TestStatusKeepsWhatWasKnown(t *testing.T) {
	declared := declare(knows(here, 2), func(s *crm.CustomerStore) {
		s.Status.Customers, s.Status.Contacts = ptr.To[int64](5), ptr.To[int64](0)
	})
	now := time.Unix(100, 0)
	away := statusOf(now, declared, *waiting(soon, crm.ReasonUnreachable, "Away."), nil)
	if away.StoreID != here || away.SchemaVersion != 2 || *away.Customers != 5 || *away.Contacts != 0 {
		t.Errorf("a passing fault forgot what was known: %+v", away)
	}
	back := statusOf(now, declared, working(nil), &held{elsewhere, 3, store.Counts{Customers: 7, Contacts: 1}})
	if back.StoreID != elsewhere || back.SchemaVersion != 3 || *back.Customers != 7 || *back.Contacts != 1 || back.ObservedGeneration != 3 {
		t.Errorf("the status is not what the database holds: %+v", back)
	}
	if declared.Status.StoreID != here || *declared.Status.Customers != 5 {
		t.Error("the decision changed what it was given")
	}
	declared.Status = back
	later := statusOf(now.Add(time.Minute), declared, working(nil), &held{elsewhere, 3, store.Counts{Customers: 7, Contacts: 1}})
	if !equality.Semantic.DeepEqual(back, later) {
		t.Errorf("a minute later the status differs although nothing changed:\n%+v\n%+v", back, later)
	}
}

func TestWorking(t *testing.T) {
	checkEnding(t, working(nil), crm.ConditionReady, crm.ReasonReady, "The database is connected")
	missing := func(names ...crm.ObjectName) (all []contract.Unbound) {
		for _, name := range names {
			all = append(all, contract.Unbound{Name: name})
		}
		return all
	}
	suspended := []contract.Unbound{{Name: "fair-use", Suspended: true}}
	checkEnding(t, working(missing("fair-use")), crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the ContactPolicy fair-use, which does not exist yet: nothing")
	checkEnding(t, working(missing("a", "b")), crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the ContactPolicies a and b, which do not exist yet: nothing")
	checkEnding(t, working(suspended), crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the ContactPolicy fair-use, which is suspended and was never in force: nothing")
	checkEnding(t, working(append(suspended, missing("a")...)), crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the ContactPolicies fair-use and a, which do not exist yet, or are suspended and were never in force: nothing")
}

func TestTransitions(t *testing.T) {
	after := func(verdict contract.Verdict, schema int64) crm.CustomerStoreStatus {
		status := crm.CustomerStoreStatus{SchemaVersion: schema}
		verdict.Apply(&status.ObservedStatus, 1, time.Unix(0, 0))
		return status
	}
	ready := after(contract.Ready(crm.ReasonReady, "Fine."), 3)
	suspended := after(contract.Ready(crm.ReasonSuspended, "Suspended."), 3)
	away := after(contract.Waiting(crm.ReasonUnreachable, "Away."), 3)
	foreign := after(contract.Stalled(crm.ReasonOwnedByAnother, "Another's."), 3)
	tests := map[string]struct {
		before, after crm.CustomerStoreStatus
		want          []announcement
	}{
		"nothing":             {ready, ready, nil},
		"the first time":      {crm.CustomerStoreStatus{}, ready, []announcement{{"Normal", "Ready", "Fine."}}},
		"it waits at first":   {crm.CustomerStoreStatus{}, away, nil},
		"it goes away":        {ready, away, []announcement{{"Warning", "Unreachable", "Away."}}},
		"it is away still":    {away, away, nil},
		"it comes back":       {away, ready, []announcement{{"Normal", "Ready", "Fine."}}},
		"it stalls":           {ready, foreign, []announcement{{"Warning", "OwnedByAnother", "Another's."}}},
		"it is stalled still": {foreign, foreign, nil},
		"it is suspended":     {ready, suspended, []announcement{{"Normal", "Suspended", "Suspended."}}},
		"it is migrated": {after(contract.Ready(crm.ReasonReady, "Fine."), 2), ready,
			[]announcement{{"Normal", "Migrated", "The schema is at version 3 now; it was at 2."}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := transitions(test.before, test.after); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestOnlyAStoreAtWorkIsRefreshed(t *testing.T) {
	tests := map[string]struct {
		came ending
		want bool
	}{
		"all is well":         {working(nil), true},
		"suspended":           {*checkSpec(declare(func(s *crm.CustomerStore) { s.Spec.Suspend = ptr.To(true) }), Place{}), false},
		"a policy is missing": {working([]contract.Unbound{{Name: "fair-use"}}), false},
		"another's":           {*ownedByAnother(store.Mark{StoreID: here, Owner: &we}, we), false},
		"away":                {*waiting(soon, crm.ReasonUnreachable, "Away."), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := works(statusOf(time.Unix(0, 0), declare(), test.came, nil)); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
	if works(declare().Status) {
		t.Error("nobody has looked at it yet")
	}
}
