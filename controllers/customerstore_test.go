package controllers_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer/sensitive"
	"github.com/fairlead/fairlead/internal/store"
)

func TestStoreConnectsClaimsAndCounts(t *testing.T) {
	namespace, database := newNamespace(t), databases.NewDatabase(t)
	declared := newStore(t, namespace, database)
	declared.Spec.SensitiveFields = []crm.EntryName{"passportNumber"}
	create(t, declared)
	eventually(t, declared, storeReady)
	if declared.Status.SchemaVersion != store.KnownVersion() || *declared.Status.Customers != 0 || *declared.Status.Contacts != 0 {
		t.Errorf("the status of an empty store is %+v", declared.Status)
	}
	mark := markOf(t, database)
	owner := store.Owner{Cluster: clusterID(t), Namespace: namespace, Name: declared.Name}
	if mark.StoreID != declared.Status.StoreID || mark.Owner == nil || *mark.Owner != owner ||
		mark.ReportingCurrency != "GBP" || strings.Join(mark.SensitiveFields, " ") != "bankAccount passportNumber" {
		t.Errorf("the database is marked as %+v, status knows %s", mark, declared.Status.StoreID)
	}
	mayClaim(t, declared, database, "")
	expectEvent(t, declared, crm.ReasonReady, meta.FindStatusCondition(declared.Status.Conditions, crm.ConditionReady).Message)

	addCustomers(t, database, 3)
	eventually(t, declared, func(s *crm.CustomerStore) bool { return storeReady(s) && *s.Status.Customers == 3 })
	// Quiet: passes that find nothing new write nothing.
	before := declared.ResourceVersion
	passes(t, 3)
	if err := server.Client.Get(t.Context(), client.ObjectKeyFromObject(declared), declared); err != nil {
		t.Fatal(err)
	}
	if declared.ResourceVersion != before {
		t.Errorf("passes without news wrote the object: %s after %s", declared.ResourceVersion, before)
	}
}

func TestStoreWaitsForItsSecrets(t *testing.T) {
	namespace, database := newNamespace(t), databases.NewDatabase(t)
	declared := declareStore(namespace)
	declared.Spec.EncryptionKeySecretName = "crm-keys"
	create(t, declared)
	eventually(t, declared, says(crm.ConditionReconciling, crm.ReasonReferenceNotReady,
		"Waiting for the Secrets crm-database, crm-database-worker and crm-keys, which do not exist yet."))

	owner := credentials(namespace, "crm-database", "uri", database)
	owner.Labels = nil
	create(t, owner)
	eventually(t, declared, says(crm.ConditionStalled, crm.ReasonInvalidSecret, "The Secret crm-database must carry the label"))
	update(t, owner, func(s *corev1.Secret) { s.Labels = map[string]string{crm.LabelCredentials: "true"} })
	eventually(t, declared, says(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "crm-database-worker and crm-keys"))

	create(t, credentials(namespace, "crm-database-worker", "uri", databases.NewRole(t, database, "worker")))
	keys := credentials(namespace, "crm-keys", "keyset", "{}")
	create(t, keys)
	eventually(t, declared, says(crm.ConditionStalled, crm.ReasonInvalidSecret, "The Secret crm-keys has no usable keyset"))
	keyset, err := sensitive.Generate()
	if err != nil {
		t.Fatal(err)
	}
	update(t, keys, func(s *corev1.Secret) { s.Data = map[string][]byte{"keyset": keyset} })
	eventually(t, declared, storeReady)
}

func TestRotatedSecretIsTakenUp(t *testing.T) {
	namespace, database := newNamespace(t), databases.NewDatabase(t)
	declared := newStore(t, namespace, database)
	create(t, declared)
	eventually(t, declared, storeReady)
	addCustomers(t, database, 2)
	eventually(t, declared, func(s *crm.CustomerStore) bool { return *s.Status.Customers == 2 })

	rotated := withPassword(t, database, "of-tomorrow")
	superuser(t, "ALTER ROLE "+roleOf(t, database)+" PASSWORD 'of-tomorrow'",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '"+roleOf(t, database)+"'")
	eventually(t, declared, says(crm.ConditionReconciling, crm.ReasonUnreachable, "refuses the user or the password of the Secret crm-database:"))
	if *declared.Status.Customers != 2 || declared.Status.StoreID == "" {
		t.Errorf("what was known is forgotten: %+v", declared.Status)
	}
	secret := credentials(namespace, "crm-database", "uri", "")
	update(t, secret, func(s *corev1.Secret) { s.Data = map[string][]byte{"uri": []byte(rotated)} })
	eventually(t, declared, storeReady)

	// Without a failure in between as well: the next pass finds another URL.
	update(t, secret, func(s *corev1.Secret) {
		s.Data = map[string][]byte{"uri": []byte(rotated + "&application_name=rotated")}
	})
	eventually(t, declared, func(*crm.CustomerStore) bool { return connections(t, database, "rotated") > 0 })
	eventually(t, declared, func(*crm.CustomerStore) bool { return connections(t, database, "fairlead") == 0 })
}

func TestStoreRecoversByItself(t *testing.T) {
	namespace, database := newNamespace(t), databases.NewDatabase(t)
	between := newProxy(t, database)
	declared := declareStore(namespace)
	create(t, credentials(namespace, "crm-database", "uri", between.url(t, database)))
	create(t, credentials(namespace, "crm-database-worker", "uri", databases.NewRole(t, database, "worker")))
	create(t, declared)
	eventually(t, declared, storeReady)

	between.stop(t)
	eventually(t, declared, says(crm.ConditionReconciling, crm.ReasonUnreachable, "connection refused"))
	if declared.Status.Customers == nil || declared.Status.StoreID == "" {
		t.Errorf("what was known is forgotten: %+v", declared.Status)
	}
	mayClaim(t, declared, database, "is not ready: Unreachable")
	between.start(t)
	eventually(t, declared, storeReady)
}

func TestForeignStoreIsLeftAlone(t *testing.T) {
	database := databases.NewDatabase(t)
	first := newStore(t, newNamespace(t), database)
	create(t, first)
	eventually(t, first, storeReady)

	second := newStore(t, newNamespace(t), database)
	create(t, second)
	eventually(t, second, says(crm.ConditionStalled, crm.ReasonOwnedByAnother, "set spec.adoptStoreID to "+first.Status.StoreID))
	mayClaim(t, second, database, "is not ready: OwnedByAnother")
	if mark := markOf(t, database); mark.Owner.Namespace != first.Namespace {
		t.Errorf("the store is marked as %+v", mark.Owner)
	}
	expectEvent(t, second, crm.ReasonOwnedByAnother, meta.FindStatusCondition(second.Status.Conditions, crm.ConditionStalled).Message)

	update(t, second, func(s *crm.CustomerStore) { s.Spec.AdoptStoreID = first.Status.StoreID })
	eventually(t, second, storeReady)
	mayClaim(t, second, database, "")
	// Whoever had it has lost it, even before its controller says so.
	mayClaim(t, first, database, "is not marked as the CustomerStore crm's")
	eventually(t, first, says(crm.ConditionStalled, crm.ReasonOwnedByAnother, second.Namespace+"/crm of this cluster"))
}

func TestSwappedStoreIsLeftAlone(t *testing.T) {
	namespace, database, another := newNamespace(t), databases.NewDatabase(t), databases.NewDatabase(t)
	declared := newStore(t, namespace, database)
	create(t, declared)
	eventually(t, declared, storeReady)

	// An empty one stays empty.
	swap := func(to string) {
		update(t, credentials(namespace, "crm-database", "uri", ""), func(s *corev1.Secret) { s.Data = map[string][]byte{"uri": []byte(to)} })
	}
	swap(another)
	eventually(t, declared, says(crm.ConditionStalled, crm.ReasonStoreRestored, "The database holds no store"))
	if tables := number(t, another, `SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'`); tables != 0 {
		t.Errorf("the empty database has %d tables now", tables)
	}
	id := migrated(t, another)
	eventually(t, declared, says(crm.ConditionStalled, crm.ReasonStoreRestored, "set spec.adoptStoreID to "+id))
	mayClaim(t, declared, another, "is not ready: StoreRestored")
	if mark := markOf(t, another); mark.Owner != nil {
		t.Errorf("the other store is marked as %+v", mark.Owner)
	}
	swap(database)
	eventually(t, declared, storeReady)

	swap(another)
	update(t, credentials(namespace, "crm-database-worker", "uri", ""), func(s *corev1.Secret) {
		s.Data = map[string][]byte{"uri": []byte(databases.NewRole(t, another, "worker"))}
	})
	update(t, declared, func(s *crm.CustomerStore) { s.Spec.AdoptStoreID = id })
	eventually(t, declared, func(s *crm.CustomerStore) bool { return storeReady(s) && s.Status.StoreID == id })
	mayClaim(t, declared, another, "")
}

func TestRestoredStoreIsLeftAlone(t *testing.T) {
	database := databases.NewDatabase(t)
	declared := newStore(t, newNamespace(t), database)
	create(t, declared)
	eventually(t, declared, storeReady)

	// As a backup from before the claim has it.
	execute(t, database, `UPDATE store SET owner_cluster = NULL, owner_namespace = NULL, owner_name = NULL`)
	mayClaim(t, declared, database, "is not marked as the CustomerStore crm's")
	eventually(t, declared, says(crm.ConditionStalled, crm.ReasonStoreRestored, "restored from an older backup: it is not marked as owned any more"))
	update(t, declared, func(s *crm.CustomerStore) { s.Spec.AdoptStoreID = s.Status.StoreID })
	eventually(t, declared, storeReady)
	update(t, declared, func(s *crm.CustomerStore) { s.Spec.AdoptStoreID = "" })
	eventually(t, declared, func(s *crm.CustomerStore) bool { return storeReady(s) && s.Status.ObservedGeneration == s.Generation })

	// As one from before a migration has it.
	execute(t, database, `DELETE FROM schema_version WHERE version = (SELECT max(version) FROM schema_version)`)
	mayClaim(t, declared, database, "restored from an older backup")
	eventually(t, declared, says(crm.ConditionStalled, crm.ReasonStoreRestored, "restored from an older backup: its schema is at version"))
}

func TestSchemaIsMigratedByHand(t *testing.T) {
	database := databases.NewDatabase(t)
	declared := newStore(t, newNamespace(t), database)
	declared.Spec.Migrations = crm.MigrationsManual
	create(t, declared)
	eventually(t, declared, says(crm.ConditionStalled, crm.ReasonMigrationRequired,
		"run fairlead migrate -n "+declared.Namespace+" --store-name crm"))
	if declared.Status.StoreID != "" {
		t.Errorf("the store was claimed: %+v", declared.Status)
	}
	migrated(t, database)
	eventually(t, declared, storeReady)
}

func TestSchemaThatIsTooNewIsNotTouched(t *testing.T) {
	database := databases.NewDatabase(t)
	id := migrated(t, database)
	execute(t, database, `INSERT INTO schema_version (version, min_compatible) VALUES (1000, 1000)`)
	declared := newStore(t, newNamespace(t), database)
	create(t, declared)
	eventually(t, declared, says(crm.ConditionStalled, crm.ReasonSchemaTooNew, "The schema is at version 1000"))
	if mark := markOf(t, database); mark.StoreID != id || mark.Owner != nil {
		t.Errorf("the store was touched: %+v", mark)
	}
}

func TestWorkersGetARoleOfTheirOwn(t *testing.T) {
	namespace, another, database := newNamespace(t), databases.NewDatabase(t), databases.NewDatabase(t)
	declared := newStore(t, namespace, database)
	secret := credentials(namespace, "crm-database-worker", "uri", "")
	worker := databases.NewRole(t, database, "worker")
	come := func(uri string) {
		update(t, secret, func(s *corev1.Secret) { s.Data = map[string][]byte{"uri": []byte(uri)} })
	}
	come(database)
	create(t, declared)
	eventually(t, declared, says(crm.ConditionStalled, crm.ReasonInvalidSecret, "crm-database-worker connects as the role that owns the database"))
	execute(t, database, "GRANT CREATE ON SCHEMA public TO "+roleOf(t, worker))
	come(worker)
	eventually(t, declared, says(crm.ConditionStalled, crm.ReasonInvalidSecret, "may create or owns tables"))
	execute(t, database, "REVOKE CREATE ON SCHEMA public FROM "+roleOf(t, worker))
	eventually(t, declared, storeReady)
	// What the role got suffices to see and to claim, and for nothing else.
	execute(t, worker, `SELECT count(*) FROM party`, `DELETE FROM outreach_outcome`)
	for _, statement := range []string{`DELETE FROM party`, `CREATE TABLE mine (a INT)`, `SELECT * FROM sensitive_field`, `UPDATE store SET owner_name = 'x'`} {
		refuse(t, worker, statement)
	}
	come(databases.NewRole(t, another, "worker"))
	eventually(t, declared, says(crm.ConditionStalled, crm.ReasonInvalidSecret, "another database or schema than the manager's"))
	come(withPassword(t, worker, "wrong"))
	eventually(t, declared, says(crm.ConditionReconciling, crm.ReasonUnreachable, "password of the Secret crm-database-worker:"))
}

func TestStoreWaitsForItsPolicies(t *testing.T) {
	namespace, database := newNamespace(t), databases.NewDatabase(t)
	declared := newStore(t, namespace, database)
	declared.Spec.ContactPolicyNames = []crm.ObjectName{"fair-use"}
	create(t, declared)
	eventually(t, declared, func(s *crm.CustomerStore) bool {
		return s.Status.StoreID != "" && says(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the ContactPolicy fair-use")(s)
	})
	policy := &crm.ContactPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "fair-use"},
		Spec: crm.ContactPolicySpec{Topics: []crm.Topic{{
			Name: "news", Title: []crm.LocalizedText{{Locale: "en", Text: "News"}}, LegalBasis: "Consent",
		}}},
	}
	create(t, policy)
	eventually(t, declared, storeReady)
	// The store knows the topics, and a change of them.
	topics := func(want string) {
		t.Helper()
		poll(t, "the topics are "+want, func(context.Context) (bool, error) {
			return number(t, database, `SELECT count(*) FROM (SELECT string_agg(name || ' ' || legal_basis || ' ' || titles, ', ' ORDER BY name) AS all_of_them FROM contact_topic) t WHERE t.all_of_them = $1`, want) == 1, nil
		})
	}
	topics(`news Consent [{"locale":"en","text":"News"}]`)
	update(t, policy, func(p *crm.ContactPolicy) { p.Spec.Topics[0].LegalBasis = crm.LegalBasisLegitimateInterest })
	topics(`news LegitimateInterest [{"locale":"en","text":"News"}]`)
	// Quiet: the rows stay the ones that they are.
	version := func() int { return number(t, database, `SELECT xmin::text::bigint FROM contact_topic`) }
	before := version()
	passes(t, 3)
	if after := version(); after != before {
		t.Error("topics that did not change were written again")
	}
}

// TestGatewayGetsARoleOfItsOwn: the keys of links, and rights for the role that the gateway
// comes as.
func TestGatewayGetsARoleOfItsOwn(t *testing.T) {
	namespace, database := newNamespace(t), databases.NewDatabase(t)
	declared := newStore(t, namespace, database)
	declared.Spec.Postgres.GatewayConnectionSecretName = "crm-database-gateway"
	declared.Spec.Gateway = &crm.Gateway{PublicURL: "https://hear.airshow.example", LinkKeySecretName: "crm-links"}
	create(t, declared)
	eventually(t, declared, says(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the Secrets crm-database-gateway and crm-links"))
	gateway := databases.NewRole(t, database, "gateway")
	secret := credentials(namespace, "crm-database-gateway", "uri", database)
	create(t, secret)
	keyset, err := sensitive.Generate()
	if err != nil {
		t.Fatal(err)
	}
	create(t, credentials(namespace, "crm-links", "keyset", string(keyset)))
	eventually(t, declared, says(crm.ConditionStalled, crm.ReasonInvalidSecret, "crm-database-gateway connects as the role that owns the database: give the gateway another role"))
	update(t, secret, func(s *corev1.Secret) { s.Data = map[string][]byte{"uri": []byte(gateway)} })
	eventually(t, declared, storeReady)
	execute(t, gateway, `SELECT locale FROM party`, `UPDATE objection SET taken_back_at = 1`)
	for _, statement := range []string{`SELECT name FROM party`, `DELETE FROM objection`, `SELECT * FROM sensitive_field`} {
		refuse(t, gateway, statement)
	}
}

func TestStoreOfAnotherCurrencyIsLeftAlone(t *testing.T) {
	database := databases.NewDatabase(t)
	first := newStore(t, newNamespace(t), database)
	create(t, first)
	eventually(t, first, storeReady)
	second := newStore(t, newNamespace(t), database)
	second.Spec.ReportingCurrency, second.Spec.AdoptStoreID = "EUR", first.Status.StoreID
	create(t, second)
	eventually(t, second, says(crm.ConditionStalled, crm.ReasonCurrencyMismatch, "keeps sums in GBP, and spec.reportingCurrency is EUR"))
}

func TestConnectionsEndWithTheirStore(t *testing.T) {
	database := databases.NewDatabase(t)
	declared := newStore(t, newNamespace(t), database)
	create(t, declared)
	eventually(t, declared, func(s *crm.CustomerStore) bool { return storeReady(s) && connections(t, database, "fairlead") > 0 })

	update(t, declared, func(s *crm.CustomerStore) { s.Spec.Suspend = ptr.To(true) })
	eventually(t, declared, func(s *crm.CustomerStore) bool {
		return hasReason(s.Status.Conditions, crm.ConditionReady, crm.ReasonSuspended) && connections(t, database, "fairlead") == 0
	})
	mayClaim(t, declared, database, "allows no claims: Suspended")
	update(t, declared, func(s *crm.CustomerStore) { s.Spec.Suspend = nil })
	eventually(t, declared, func(s *crm.CustomerStore) bool { return storeReady(s) && connections(t, database, "fairlead") > 0 })

	if err := server.Client.Delete(t.Context(), declared); err != nil {
		t.Fatal(err)
	}
	poll(t, "the connections of a deleted store end", func(context.Context) (bool, error) { return connections(t, database, "fairlead") == 0, nil })
}

func TestSQLiteIsForTheManagersNamespace(t *testing.T) {
	onSQLite := func(namespace, name string) *crm.CustomerStore {
		return &crm.CustomerStore{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
			Spec:       crm.CustomerStoreSpec{SQLite: &crm.SQLiteStore{FileName: "airshows.db"}, ReportingCurrency: "GBP"},
		}
	}
	elsewhere := onSQLite(newNamespace(t), "airshows")
	create(t, elsewhere)
	eventually(t, elsewhere, says(crm.ConditionStalled, crm.ReasonSQLiteNamespace, "own namespace, fairlead-system"))

	declared, second := onSQLite(place.Namespace, "airshows"), onSQLite(place.Namespace, "twice")
	create(t, declared)
	eventually(t, declared, storeReady)
	create(t, second)
	eventually(t, second, says(crm.ConditionStalled, crm.ReasonOwnedByAnother, "fairlead-system/airshows"))

	// It would begin a store of its own as soon as the file is gone.
	if err := server.Client.Delete(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(place.SQLiteDir, "airshows.db")
	if err := os.Rename(path, path+".lost"); err != nil {
		t.Fatal(err)
	}
	eventually(t, declared, says(crm.ConditionStalled, crm.ReasonStoreRestored, "The file airshows.db is gone from the volume"))
	passed := declared.Status.DeepCopy()
	update(t, declared, func(s *crm.CustomerStore) { s.Spec.DefaultTimeZone = "Europe/London" })
	eventually(t, declared, func(s *crm.CustomerStore) bool { return s.Status.ObservedGeneration > passed.ObservedGeneration })
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("looking for the file that was lost: %v; want none", err)
	}
}
