package controllers_test

import (
	"context"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// profiled waits until the profile of somebody is up to date and has these
// figures; "" wants one absent.
func profiled(t *testing.T, url, name string, want map[string]string) {
	t.Helper()
	var last *store.Profile
	look(t, url, func(opened *store.Store) error {
		poll(t, "the profile of "+name, func(ctx context.Context) (bool, error) {
			found, err := opened.Search(ctx, name, 2)
			if err != nil || len(found) != 1 {
				return false, err
			}
			shown, err := opened.Show(ctx, found[0].Code, store.ShowOptions{})
			if err != nil || shown.Profile == nil {
				return false, err
			}
			last = shown.Profile
			has := map[string]string{}
			for _, figure := range last.Measures {
				has[figure.Name] = figure.Value
			}
			for measure, value := range want {
				if has[measure] != value {
					return false, nil
				}
			}
			return !last.Behind, nil
		})
		return nil
	})
	if t.Failed() {
		t.Logf("the profile is %+v", last)
	}
}

// sumOf adds up the series of a metric that have these labels, and counts them.
func sumOf(t *testing.T, from prometheus.Gatherer, name string, labels map[string]string) (sum float64, series int) {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if name != "" && family.GetName() != name {
			continue
		}
		for _, metric := range family.GetMetric() {
			fits := 0
			for _, label := range metric.GetLabel() {
				if labels[label.GetName()] == label.GetValue() {
					fits++
				}
			}
			if fits == len(labels) {
				sum += metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
				series++
			}
		}
	}
	return sum, series
}

// metric reads a metric of the profiles of a store; -1 if there is none.
func metric(t *testing.T, declared *crm.CustomerStore, name string) float64 {
	t.Helper()
	value, series := sumOf(t, registry, "fairlead_customerstore_profile_"+name, labelsOf(declared))
	if series == 0 {
		return -1
	}
	return value
}

func labelsOf(declared *crm.CustomerStore) map[string]string {
	return map[string]string{"namespace": declared.Namespace, "name": declared.Name}
}

// rounds waits until a store was looked at so many times more.
func rounds(t *testing.T, declared *crm.CustomerStore, count float64) {
	t.Helper()
	until := metric(t, declared, "looks_total") + count
	poll(t, "the manager looks for changes", func(context.Context) (bool, error) { return metric(t, declared, "looks_total") >= until, nil })
}

// fresh waits until a store was looked at and nobody waits for a profile.
func fresh(t *testing.T, declared *crm.CustomerStore) {
	t.Helper()
	poll(t, "everybody has a profile", func(context.Context) (bool, error) {
		return metric(t, declared, "backlog_parties") == 0 && metric(t, declared, "age_seconds") == 0, nil
	})
}

func TestProfilesFollowFactsAndExhibitions(t *testing.T) {
	declared, url := onFile("follows")
	create(t, declared)
	eventually(t, declared, storeReady)
	exhibited(t, url, "Falcon")
	// Nobody has said when the edition was, and what it cost.
	profiled(t, url, "Falcon", map[string]string{"participations": "1", "revenue": "1000.00", "firstParticipation": "", "productCost": ""})

	first := edition(place.Namespace, "2024")
	first.Spec.StoreName, first.Spec.RecruitFrom, first.Spec.EvaluateUntil = crm.ObjectName(declared.Name), "", ""
	first.Spec.Opens, first.Spec.Closes = "2024-07-22", "2024-07-26"
	first.Spec.Costing = &crm.Costing{PerSquareMetre: &crm.Money{Amount: "45.00", Currency: "GBP"}, IndirectPercentOfRevenue: ptr.To[int32](20)}
	create(t, first)
	profiled(t, url, "Falcon", map[string]string{"firstParticipation": "2024-07-22", "productCost": "450.00", "indirectCost": "200.00", "netProfit": "350.00"})

	update(t, first, func(e *crm.Exhibition) { e.Spec.Costing = nil; e.Spec.Opens = "2024-07-23" })
	profiled(t, url, "Falcon", map[string]string{"firstParticipation": "2024-07-23", "productCost": "", "indirectCost": ""})

	// A second Exhibition of the edition is none, until it is the only one.
	second := edition(place.Namespace, "2024-again")
	second.Spec.StoreName, second.Spec.Edition, second.Spec.RecruitFrom, second.Spec.EvaluateUntil = first.Spec.StoreName, "2024", "", ""
	second.Spec.Opens, second.Spec.Closes = "2024-07-24", "2024-07-26"
	create(t, second)
	eventually(t, second, func(e *crm.Exhibition) bool {
		return hasReason(e.Status.Conditions, crm.ConditionStalled, crm.ReasonDuplicateEdition)
	})
	exhibited(t, url, "Merlin")
	profiled(t, url, "Merlin", map[string]string{"firstParticipation": "2024-07-23"})
	if err := server.Client.Delete(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	profiled(t, url, "Falcon", map[string]string{"firstParticipation": "2024-07-24"})
	if err := server.Client.Delete(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	profiled(t, url, "Falcon", map[string]string{"participations": "1", "firstParticipation": ""})
}

func TestProfilesFollowFactsInPostgreSQL(t *testing.T) {
	database := databases.NewDatabase(t)
	declared := newStore(t, newNamespace(t), database)
	create(t, declared)
	eventually(t, declared, storeReady)
	exhibited(t, database, "Falcon")
	profiled(t, database, "Falcon", map[string]string{"participations": "1", "revenue": "1000.00"})
	fresh(t, declared)
}

func TestStoreKnowsHowLongCustomersStay(t *testing.T) {
	declared, url := onFile("stays")
	create(t, declared)
	eventually(t, declared, storeReady)
	if months := markOf(t, url).ExpectedRelationshipMonths; months != customer.DefaultRelationshipMonths || declared.Spec.ExpectedRelationshipMonths != customer.DefaultRelationshipMonths {
		t.Errorf("the store expects %d months, and %d are declared by default", months, declared.Spec.ExpectedRelationshipMonths)
	}
	update(t, declared, func(s *crm.CustomerStore) { s.Spec.ExpectedRelationshipMonths = 60 })
	eventually(t, declared, func(s *crm.CustomerStore) bool { return storeReady(s) && s.Status.ObservedGeneration == s.Generation })
	if months := markOf(t, url).ExpectedRelationshipMonths; months != 60 {
		t.Errorf("the store expects %d months, want 60", months)
	}
}

// TestProfilesThatAreBehindAreSeen keeps marks from being taken, and lets them go.
func TestProfilesThatAreBehindAreSeen(t *testing.T) {
	declared, url := onFile("behind")
	create(t, declared)
	eventually(t, declared, storeReady)
	fresh(t, declared)
	database := raw(t, url)
	say(t, database, `CREATE TRIGGER kept BEFORE DELETE ON change_mark BEGIN SELECT raise(ABORT, 'kept'); END`)
	exhibited(t, url, "Falcon")
	// By the manager's clock, which is not the importer's.
	say(t, database, `UPDATE change_mark SET at = ?`, clock.Now().UnixMilli()-1)
	poll(t, "the backlog is seen", func(context.Context) (bool, error) {
		return metric(t, declared, "backlog_parties") > 0 && metric(t, declared, "age_seconds") > 0 && metric(t, declared, "refresh_failures_total") > 0, nil
	})
	// That profiles are behind is nothing that the status speaks of.
	eventually(t, declared, storeReady)

	refreshed := metric(t, declared, "refreshed_parties_total")
	say(t, database, `DROP TRIGGER kept`)
	fresh(t, declared)
	profiled(t, url, "Falcon", map[string]string{"participations": "1"})
	if now := metric(t, declared, "refreshed_parties_total"); now <= refreshed {
		t.Errorf("%g parties were refreshed, and %g before", now, refreshed)
	}

	if err := server.Client.Delete(t.Context(), declared); err != nil {
		t.Fatal(err)
	}
	poll(t, "the series of a deleted store end", func(context.Context) (bool, error) {
		_, series := sumOf(t, registry, "", labelsOf(declared))
		return series == 0, nil
	})
}

func TestAQuietStoreIsNotWritten(t *testing.T) {
	declared, url := onFile("quiet")
	create(t, declared)
	show := edition(place.Namespace, "2028")
	show.Spec.StoreName = crm.ObjectName(declared.Name)
	create(t, show)
	eventually(t, declared, storeReady)
	database := raw(t, url)
	// It changes whenever another connection writes.
	const writes = `PRAGMA data_version`
	before := ask(t, database, writes)
	exhibited(t, url, "Falcon")
	profiled(t, url, "Falcon", map[string]string{"participations": "1"})
	eventually(t, declared, func(s *crm.CustomerStore) bool { return *s.Status.Customers == 1 })
	fresh(t, declared)
	generation := func() (now int64) {
		look(t, url, func(opened *store.Store) error {
			behind, err := opened.Freshness(t.Context())
			now = behind.Generation
			return err
		})
		return now
	}
	written, made, version, refreshes := ask(t, database, writes), generation(), declared.ResourceVersion, metric(t, declared, "refreshes_total")
	if written == before {
		t.Fatal("the test does not notice what is written")
	}
	rounds(t, declared, 20)
	passes(t, 3)
	if now := ask(t, database, writes); now != written {
		t.Error("somebody wrote to the database")
	}
	if now := generation(); now != made {
		t.Errorf("the generation is %d, and was %d", now, made)
	}
	if now := metric(t, declared, "refreshes_total"); now != refreshes {
		t.Errorf("there were %g refreshes, and %g before", now, refreshes)
	}
	if err := server.Client.Get(t.Context(), client.ObjectKeyFromObject(declared), declared); err != nil {
		t.Fatal(err)
	}
	if declared.ResourceVersion != version {
		t.Errorf("the object was written: %s after %s", declared.ResourceVersion, version)
	}
}

func TestOnlyStoresAtWorkAreRefreshed(t *testing.T) {
	witness, _ := onFile("witness")
	create(t, witness)
	eventually(t, witness, storeReady)
	fresh(t, witness)

	suspended, url := onFile("suspended")
	create(t, suspended)
	eventually(t, suspended, storeReady)
	fresh(t, suspended)
	update(t, suspended, func(s *crm.CustomerStore) { s.Spec.Suspend = ptr.To(true) })
	eventually(t, suspended, func(s *crm.CustomerStore) bool {
		return hasReason(s.Status.Conditions, crm.ConditionReady, crm.ReasonSuspended)
	})
	looks := metric(t, suspended, "looks_total")
	exhibited(t, url, "Falcon")

	foreign, foreignURL := onFile("foreign")
	migratedFile(t, foreignURL)
	exhibited(t, foreignURL, "Falcon")
	create(t, foreign)
	eventually(t, foreign, says(crm.ConditionStalled, crm.ReasonOwnedByAnother, "of another cluster"))

	tooNew, tooNewURL := onFile("too-new")
	create(t, tooNew)
	eventually(t, tooNew, storeReady)
	fresh(t, tooNew)
	// The controller does not know yet, and whoever refreshes asks the database.
	database := raw(t, tooNewURL)
	say(t, database, `INSERT INTO schema_version (version, min_compatible) VALUES (1000, 1000); INSERT INTO change_mark (parties, at) VALUES ('[1]', 1)`)
	eventually(t, tooNew, says(crm.ConditionStalled, crm.ReasonSchemaTooNew, "The schema is at version 1000"))
	tooNewLooks := metric(t, tooNew, "looks_total")

	rounds(t, witness, 20)
	for name, url := range map[string]string{"suspended": url, "foreign": foreignURL, "too new": tooNewURL} {
		if ask(t, raw(t, url), `SELECT count(*) FROM change_mark`) == 0 {
			t.Errorf("the store was refreshed: %s", name)
		}
	}
	if now := metric(t, suspended, "looks_total"); now != looks {
		t.Errorf("the suspended store was looked at %g times, and %g before", now, looks)
	}
	if now := metric(t, tooNew, "looks_total"); now != tooNewLooks {
		t.Errorf("the stalled store was looked at %g times, and %g before", now, tooNewLooks)
	}
	if now := metric(t, foreign, "looks_total"); now != -1 {
		t.Errorf("another's store was looked at %g times", now)
	}

	update(t, suspended, func(s *crm.CustomerStore) { s.Spec.Suspend = nil })
	profiled(t, url, "Falcon", map[string]string{"participations": "1"})
}
