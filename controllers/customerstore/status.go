package customerstore

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/customer/sensitive"
	"github.com/fairlead/fairlead/internal/store"
)

// held is what a store said of itself at the end of a pass that went well.
type held struct {
	storeID string
	schema  int64
	counts  store.Counts
}

// statusOf gives the status that a store should have after a pass. What the
// database said last stays there while it says nothing.
func statusOf(now time.Time, declared *crm.CustomerStore, came ending, holds *held) crm.CustomerStoreStatus {
	status := *declared.Status.DeepCopy()
	if holds != nil {
		status.StoreID = holds.storeID
		status.SchemaVersion = holds.schema
		status.Customers, status.Contacts = ptr.To(holds.counts.Customers), ptr.To(holds.counts.Contacts)
	}
	came.verdict.Apply(&status.ObservedStatus, declared.Generation, now)
	return status
}

func stalled(when again, reason, format string, args ...any) *ending {
	return &ending{contract.Stalled(reason, fmt.Sprintf(format, args...)), when}
}

func waiting(when again, reason, format string, args ...any) *ending {
	return &ending{contract.Waiting(reason, fmt.Sprintf(format, args...)), when}
}

// checkSpec finds what is wrong with a store without looking elsewhere.
func checkSpec(declared *crm.CustomerStore, place Place) *ending {
	spec := declared.Spec
	if suspended(declared) {
		return &ending{contract.Ready(crm.ReasonSuspended,
			"Suspended: nothing is migrated, refreshed or claimed until spec.suspend is removed."), whenChanged}
	}
	if problem := zoneProblem(spec.DefaultTimeZone); problem != nil {
		return problem
	}
	if problem := currencyProblem(spec.ReportingCurrency); problem != nil {
		return problem
	}
	if spec.SQLite == nil {
		return nil
	}
	if place.SQLiteDir == "" {
		return stalled(whenChanged, crm.ReasonSQLiteVolume,
			"spec.sqlite: the manager was started without a volume for SQLite: start it with --sqlite-dir and --sqlite-claim, or use spec.postgres.")
	}
	if declared.Namespace != place.Namespace {
		return stalled(whenChanged, crm.ReasonSQLiteNamespace,
			"spec.sqlite: stores on SQLite have to be in the manager's own namespace, %s: declare it there, or use spec.postgres.", place.Namespace)
	}
	return nil
}

// Mistakes are what is wrong with a store wherever its manager runs. A time zone that is
// left out is the default.
func Mistakes(spec crm.CustomerStoreSpec) []contract.Mistake {
	var found []contract.Mistake
	if problem := zoneProblem(spec.DefaultTimeZone); problem != nil && spec.DefaultTimeZone != "" {
		found = append(found, problem.verdict.Mistakes("spec.defaultTimeZone")...)
	}
	if problem := currencyProblem(spec.ReportingCurrency); problem != nil {
		found = append(found, problem.verdict.Mistakes("spec.reportingCurrency")...)
	}
	return found
}

func zoneProblem(zone crm.TimeZone) *ending {
	_, err := time.LoadLocation(string(zone))
	// Go reads these two as the machine's own zone and as UTC.
	if err == nil && zone != "Local" && zone != "" {
		return nil
	}
	return stalled(whenChanged, crm.ReasonInvalidTimeZone,
		"spec.defaultTimeZone: unknown time zone %s: name a zone of the IANA time zone database, such as Europe/London.", zone)
}

func currencyProblem(code crm.CurrencyCode) *ending {
	if _, known := customer.MinorDigits(string(code)); known {
		return nil
	}
	return stalled(whenChanged, crm.ReasonUnknownCurrency,
		"spec.reportingCurrency: %s is none of ISO 4217: it is immutable, so create the CustomerStore anew with one that exists, such as EUR.", code)
}

// postgresURL begins the URLs that a Secret may hold: one of SQLite would have
// the manager open a file of its own for a tenant.
var postgresURL = regexp.MustCompile(`^postgres(ql)?://`)

// checkSecrets finds what is wrong with the Secrets of a store, all of them at
// once where they are missing.
func checkSecrets(namespace string, secrets []secret) *ending {
	var absent, forbidden []string
	for _, s := range secrets {
		switch {
		case s.absent:
			absent = append(absent, s.use.name)
		case s.forbidden:
			forbidden = append(forbidden, s.use.name)
		default:
			if problem := checkSecret(s); problem != nil {
				return problem
			}
		}
	}
	switch {
	case len(forbidden) > 0:
		return waiting(soon, crm.ReasonReferenceNotReady,
			"The manager may not read the Secret %s: make the namespace a tenant with kubectl apply -n %s -k config/tenant.", listed(forbidden), namespace)
	case len(absent) == 1:
		return waiting(soon, crm.ReasonReferenceNotReady, "Waiting for the Secret %s, which does not exist yet.", absent[0])
	case len(absent) > 1:
		return waiting(soon, crm.ReasonReferenceNotReady, "Waiting for the Secrets %s, which do not exist yet.", listed(absent))
	default:
		return nil
	}
}

// checkSecret finds what is wrong with a Secret that is there. Nobody watches
// Secrets, so each mistake is looked at again.
func checkSecret(s secret) *ending {
	invalid := func(format string, args ...any) *ending {
		return stalled(regularly, crm.ReasonInvalidSecret, "The Secret %s %s.", s.use.name, fmt.Sprintf(format, args...))
	}
	switch {
	case !s.labelled:
		return invalid(`must carry the label %s: "true" to be used`, crm.LabelCredentials)
	case len(bytes.TrimSpace(s.value)) == 0:
		return invalid("has nothing under the key %s", s.use.key)
	case s.use.key == keyURI && !postgresURL.Match(s.value):
		return invalid("must have a URL of PostgreSQL under the key %s: postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=...", s.use.key)
	case s.use.key == keyKeyset:
		if _, err := sensitive.Parse(s.value); err != nil {
			return invalid("has no usable keyset under the key %s: %v", s.use.key, err)
		}
	}
	return nil
}

// accessProblem says why the database could not be used. named is what led to
// it: a Secret, or a file.
func accessProblem(err error, named string) *ending {
	var wrongURL *store.URLError
	if errors.As(err, &wrongURL) {
		return stalled(regularly, crm.ReasonInvalidSecret, "The URL under the key %s of %s is wrong: %s.", keyURI, named, wrongURL.Problem)
	}
	var access *store.AccessError
	if !errors.As(err, &access) {
		return waiting(soon, crm.ReasonFailed, "Working on the database of %s: %v.", named, contract.Plain(err))
	}
	switch access.Refusal {
	case store.WrongCredentials:
		return waiting(soon, crm.ReasonUnreachable, "The server refuses the user or the password of %s: mend one of the two; it is tried again by itself.", named)
	case store.NoDatabase:
		return waiting(soon, crm.ReasonUnreachable, "There is no such database as %s names; it is tried again by itself.", named)
	case store.TooOld:
		return stalled(regularly, crm.ReasonDatabaseTooOld, "The server of %s is too old: %s.", named, access.Problem)
	case store.NoRight:
		return stalled(regularly, crm.ReasonMissingRight, "More rights are needed with %s: %s.", named, access.Problem)
	default:
		return waiting(soon, crm.ReasonUnreachable, "The database of %s cannot be used: %s; it is tried again by itself.",
			named, access.Problem)
	}
}

// fileLost says that the file of an SQLite store is not there any more.
func fileLost(declared *crm.CustomerStore) *ending {
	return stalled(regularly, crm.ReasonStoreRestored,
		"The file %s is gone from the volume, and status knows the store %s in it: put it back, or delete this CustomerStore and create it again to begin a new store. Nothing was made or claimed.",
		declared.Spec.SQLite.FileName, declared.Status.StoreID)
}

func storeGone(known string) *ending {
	return stalled(regularly, crm.ReasonStoreRestored,
		"The database holds no store, and status knows the store %s: put it back, or delete this CustomerStore and create it again to begin a new store. Nothing was migrated or claimed.", known)
}

func storeSwapped(known string, mark store.Mark) *ending {
	return stalled(regularly, crm.ReasonStoreRestored,
		"The database is the store %s, and status knows the store %s. Nothing was migrated or claimed. If this is meant, set spec.adoptStoreID to %s.",
		mark.StoreID, known, mark.StoreID)
}

func storeOlder(declared *crm.CustomerStore, database found) *ending {
	was := fmt.Sprintf("its schema is at version %d and was at %d", database.schema.Version, declared.Status.SchemaVersion)
	if database.mark.Owner == nil {
		was = "it is not marked as owned any more"
	}
	return stalled(regularly, crm.ReasonStoreRestored,
		"The store %s was restored from an older backup: %s. Nothing was migrated or claimed. If this is meant, set spec.adoptStoreID to %[1]s.",
		database.mark.StoreID, was)
}

func ownedByAnother(mark store.Mark, owner store.Owner) *ending {
	of := "this cluster"
	if mark.Owner.Cluster != owner.Cluster {
		of = "another cluster"
	}
	return stalled(regularly, crm.ReasonOwnedByAnother,
		"The store %s is marked as belonging to the CustomerStore %s/%s of %s. Nothing was migrated or claimed. If this is meant, set spec.adoptStoreID to %[1]s.",
		mark.StoreID, mark.Owner.Namespace, mark.Owner.Name, of)
}

func currencyMismatch(declared *crm.CustomerStore, mark store.Mark) *ending {
	return stalled(regularly, crm.ReasonCurrencyMismatch,
		"The store %s keeps sums in %s, and spec.reportingCurrency is %s: create the CustomerStore anew with %[2]s, or name another database.",
		mark.StoreID, mark.ReportingCurrency, declared.Spec.ReportingCurrency)
}

func schemaTooNew(database found) *ending {
	return stalled(regularly, crm.ReasonSchemaTooNew,
		"The schema is at version %d, which needs a program that knows version %d, and this one knows %d: run a newer release. Nothing was touched.",
		database.schema.Version, database.schema.MinCompatible, database.known)
}

func migrationRequired(declared *crm.CustomerStore, database found) *ending {
	return stalled(regularly, crm.ReasonMigrationRequired,
		"The schema is at version %d and version %d is needed: run fairlead migrate -n %s --store-name %s, or set spec.migrations to Automatic.",
		database.schema.Version, database.known, declared.Namespace, declared.Name)
}

// checkGuest demands that workers and the gateway come as somebody who cannot change the schema.
func checkGuest(name, who string, owner, guest store.Role) *ending {
	switch {
	case guest.Name == owner.Name:
		return stalled(regularly, crm.ReasonInvalidSecret,
			"The Secret %s connects as the role that owns the database: give %s another role.", name, who)
	case guest.Superuser:
		return stalled(regularly, crm.ReasonInvalidSecret,
			"The Secret %s connects as a superuser: give %s a role without rights of its own.", name, who)
	case guest.Creates:
		return stalled(regularly, crm.ReasonInvalidSecret,
			"The Secret %s connects as a role that may create or owns tables: take the right CREATE from it, before PostgreSQL 15 from PUBLIC as well.", name)
	default:
		return nil
	}
}

func guestElsewhere(name, who string) *ending {
	return stalled(regularly, crm.ReasonInvalidSecret,
		"The Secret %s leads %s to another database or schema than the manager's: name the same.", name, who)
}

// working is how a pass ends whose store is connected and claimed. While a policy that it names
// does not bind nothing may be sent, so others have to wait.
func working(unbound []contract.Unbound) ending {
	var names []string
	suspended := false
	for _, policy := range unbound {
		names, suspended = append(names, string(policy.Name)), suspended || policy.Suspended
	}
	switch {
	case len(unbound) == 0:
		return ending{contract.Ready(crm.ReasonReady, "The database is connected, its schema is up to date, and it is marked as this store's."), regularly}
	case len(unbound) == 1:
		return *waiting(regularly, crm.ReasonReferenceNotReady, "Waiting for the ContactPolicy %s, which %s: nothing is sent without it.", names[0], unbound[0].Why())
	case suspended:
		return *waiting(regularly, crm.ReasonReferenceNotReady, "Waiting for the ContactPolicies %s, which do not exist yet, or are suspended and were never in force: nothing is sent without them.", listed(names))
	default:
		return *waiting(regularly, crm.ReasonReferenceNotReady, "Waiting for the ContactPolicies %s, which do not exist yet: nothing is sent without them.", listed(names))
	}
}

// works tells whether a store is at work: connected and claimed, and neither
// suspended nor waiting for anything. Only then is it refreshed.
func works(status crm.CustomerStoreStatus) bool {
	is := readiness(status)
	return is.ready && is.reason == crm.ReasonReady
}

// announcement is an event to be sent.
type announcement struct{ kind, reason, note string }

// transitions between two statuses that are worth an event.
func transitions(before, after crm.CustomerStoreStatus) []announcement {
	var happened []announcement
	if before.SchemaVersion != 0 && after.SchemaVersion > before.SchemaVersion {
		happened = append(happened, announcement{corev1.EventTypeNormal, crm.ReasonMigrated,
			fmt.Sprintf("The schema is at version %d now; it was at %d.", after.SchemaVersion, before.SchemaVersion)})
	}
	if now := contract.StalledNow(before.Conditions, after.Conditions); now != nil {
		return append(happened, announcement{corev1.EventTypeWarning, now.Reason, now.Message})
	}
	was, is := readiness(before), readiness(after)
	switch {
	case is.reason == was.reason && is.ready == was.ready:
	case is.ready:
		happened = append(happened, announcement{corev1.EventTypeNormal, is.reason, is.message})
	case was.ready:
		happened = append(happened, announcement{corev1.EventTypeWarning, is.reason, is.message})
	}
	return happened
}

type ready struct {
	ready           bool
	reason, message string
}

func readiness(status crm.CustomerStoreStatus) ready {
	for _, condition := range status.Conditions {
		if condition.Type == crm.ConditionReady {
			return ready{contract.IsReady(status.ObservedStatus), condition.Reason, condition.Message}
		}
	}
	return ready{}
}
