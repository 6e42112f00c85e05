package customerstore

import (
	"slices"
	"strings"
	"time"

	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// Place is where the manager runs, and what it was given for SQLite.
type Place struct {
	// Namespace that stores on SQLite have to be in: the manager's own.
	Namespace string
	// SQLiteDir is where the volume is mounted; empty if there is none.
	SQLiteDir string
	// SQLiteClaim names the PersistentVolumeClaim of the volume, for Jobs.
	SQLiteClaim string
}

// Pace is how often a store is looked at.
type Pace struct {
	// Interval between two passes while nothing happens. Secrets are read and
	// customers counted in each.
	Interval time.Duration
	// FirstPause after a passing fault; it doubles up to LongestPause.
	FirstPause, LongestPause time.Duration
	// Refresh is the pause between two looks for profiles that have to be computed
	// again, lengthened by up to a fifth at random. Databases tell nobody of their
	// changes, so profiles are behind by about as much.
	Refresh time.Duration
}

// DefaultPace suits a cluster: a rotated Secret is taken up within a minute or so,
// and a change of customers within a second or so.
func DefaultPace() Pace {
	return Pace{Interval: time.Minute, FirstPause: time.Second, LongestPause: 2 * time.Minute, Refresh: time.Second}
}

// turn is the pause between two portions of a refresh. It lets others write to a
// file of SQLite: whoever waits for it looks again after a tenth of a second at
// the latest.
const turn = 150 * time.Millisecond

// round is what a look for profiles to be computed again came to.
type round int

const (
	// idle: none is left, or the store may not be touched now.
	idle round = iota
	// unfinished: there are more than are computed at once.
	unfinished
	// faulty: a fault that may pass.
	faulty
)

// rest gives the pause after a round, where failures is the number of faults in a
// row, this one included.
func (p Pace) rest(came round, failures int) time.Duration {
	switch came {
	case unfinished:
		return turn
	case faulty:
		// A fault is no reason to look more often.
		return max(p.Refresh, p.after(soon, failures))
	default:
		return p.Refresh
	}
}

// again is when a store is looked at the next time.
type again int

const (
	// whenChanged: nothing but a change of what is watched can help.
	whenChanged again = iota
	// regularly: what may change is not watched, such as a Secret or a database.
	regularly
	// soon: a passing fault, which is tried again after growing pauses.
	soon
)

// ending is what a pass came to.
type ending struct {
	verdict contract.Verdict
	again   again
}

// after gives the pause before the next pass, where failures is the number of
// passing faults in a row, this one included. Zero is none.
func (p Pace) after(when again, failures int) time.Duration {
	switch when {
	case regularly:
		return p.Interval
	case soon:
		pause := p.FirstPause
		for range failures - 1 {
			if pause >= p.LongestPause {
				break
			}
			pause *= 2
		}
		return min(pause, p.LongestPause)
	default:
		return 0
	}
}

// secretUse is what a store needs a Secret for.
type secretUse struct {
	// name of the Secret, and the key in it that is needed.
	name, key string
}

// Keys in the Secrets of a store.
const (
	keyURI    = "uri"
	keyKeyset = "keyset"
)

// secretsOf lists the Secrets that a store needs: those of the manager's, the
// workers' and the gateway's connection first.
func secretsOf(spec crm.CustomerStoreSpec) []secretUse {
	var uses []secretUse
	if spec.Postgres != nil {
		uses = append(uses,
			secretUse{string(spec.Postgres.ConnectionSecretName), keyURI},
			secretUse{string(spec.Postgres.WorkerConnectionSecretName), keyURI})
	}
	if spec.Postgres != nil && spec.Postgres.GatewayConnectionSecretName != "" {
		uses = append(uses, secretUse{string(spec.Postgres.GatewayConnectionSecretName), keyURI})
	}
	if spec.EncryptionKeySecretName != "" {
		uses = append(uses, secretUse{string(spec.EncryptionKeySecretName), keyKeyset})
	}
	if spec.Gateway != nil {
		uses = append(uses, secretUse{string(spec.Gateway.LinkKeySecretName), keyKeyset})
	}
	return uses
}

// secret is what was found of a Secret that a store needs.
type secret struct {
	use secretUse
	// absent: there is none of this name. forbidden: the manager may not read it.
	absent, forbidden bool
	// labelled as one that holds credentials.
	labelled bool
	// value under the key; nil if the key is not there.
	value []byte
}

// found is what a database said of itself before anything was done to it.
type found struct {
	schema store.Schema
	// known is the newest schema that this program knows.
	known int64
	// mark is nil while the database holds no store.
	mark *store.Mark
}

// step is what to do to a database next.
type step int

const (
	// stop: leave it as it is.
	stop step = iota
	migrate
	claim
)

// planDatabase decides what may be done to a database. Whoever stops says why.
// What is another's, newer, or not what status knows is never touched.
func planDatabase(declared *crm.CustomerStore, owner store.Owner, database found) (step, *ending) {
	if database.schema.MinCompatible > database.known {
		return stop, schemaTooNew(database)
	}
	if problem := checkIdentity(declared, owner, database); problem != nil {
		return stop, problem
	}
	if mark := database.mark; mark != nil && mark.ReportingCurrency != "" && mark.ReportingCurrency != string(declared.Spec.ReportingCurrency) {
		return stop, currencyMismatch(declared, *mark)
	}
	// A schema without a mark is one whose migrator did not get to the end.
	if database.schema.Version >= database.known && database.mark != nil {
		return claim, nil
	}
	if declared.Spec.Migrations == crm.MigrationsManual {
		return stop, migrationRequired(declared, database)
	}
	return migrate, nil
}

// checkIdentity demands that the database is the one that status knows, and this
// object's or nobody's.
func checkIdentity(declared *crm.CustomerStore, owner store.Owner, database found) *ending {
	known := declared.Status.StoreID
	mark := database.mark
	if mark == nil {
		if known != "" {
			return storeGone(known)
		}
		return nil
	}
	if declared.Spec.AdoptStoreID == mark.StoreID {
		return nil
	}
	switch {
	case mark.Owner != nil && *mark.Owner != owner:
		return ownedByAnother(*mark, owner)
	case known != "" && known != mark.StoreID:
		return storeSwapped(known, *mark)
	case known != "" && (mark.Owner == nil || database.schema.Version < declared.Status.SchemaVersion):
		return storeOlder(declared, database)
	default:
		return nil
	}
}

// declarationOf is what the store itself has to know. Bank accounts are
// sensitive whether they are declared so or not.
func declarationOf(spec crm.CustomerStoreSpec) store.Declaration {
	fields := []string{"bankAccount"}
	for _, field := range spec.SensitiveFields {
		fields = append(fields, string(field))
	}
	slices.Sort(fields)
	return store.Declaration{
		ReportingCurrency: string(spec.ReportingCurrency), SensitiveFields: slices.Compact(fields),
		ExpectedRelationshipMonths: int64(spec.ExpectedRelationshipMonths),
	}
}

// creates tells whether the file of an SQLite store may be made: at first
// contact only, because a file that is missing later was lost.
func creates(declared *crm.CustomerStore) bool {
	return declared.Spec.SQLite != nil && declared.Status.StoreID == ""
}

// suspended tells whether a store is to be left alone.
func suspended(declared *crm.CustomerStore) bool { return ptr.Deref(declared.Spec.Suspend, false) }

// listed writes names as a person would: a, b and c.
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
