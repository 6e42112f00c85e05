package contract

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

func TestMayClaim(t *testing.T) {
	const cluster, id, other = "c1", "1f0c9d5e-0b7a-4c39-9a55-3d2f5be1a6c7", "2f0c9d5e-0b7a-4c39-9a55-3d2f5be1a6c7"
	// A program has to know this schema to use it.
	newer := store.KnownVersion() + 1
	ours := store.Owner{Cluster: cluster, Namespace: "expo", Name: "crm"}
	foreign := store.Owner{Cluster: "c2", Namespace: "expo", Name: "crm"}
	verdict := func(verdict Verdict) func(*crm.CustomerStore) {
		return func(s *crm.CustomerStore) { verdict.Apply(&s.Status.ObservedStatus, s.Generation, time.Unix(0, 0)) }
	}
	tests := map[string]struct {
		change func(*crm.CustomerStore)
		schema int64
		mark   store.Mark
		want   string
	}{
		"migrated by a newer release":      {nil, newer, store.Mark{StoreID: id, Owner: &ours}, "needs a newer release"},
		"all is well":                      {nil, 3, store.Mark{StoreID: id, Owner: &ours}, ""},
		"a newer schema that fits":         {nil, 4, store.Mark{StoreID: id, Owner: &ours}, ""},
		"nobody has looked at it":          {func(s *crm.CustomerStore) { s.Status = crm.CustomerStoreStatus{} }, 3, store.Mark{StoreID: id, Owner: &ours}, "has not been looked at"},
		"nobody has looked at this spec":   {func(s *crm.CustomerStore) { s.Generation++ }, 3, store.Mark{StoreID: id, Owner: &ours}, "has not been looked at"},
		"it is being deleted":              {func(s *crm.CustomerStore) { s.DeletionTimestamp = &metav1.Time{} }, 3, store.Mark{StoreID: id, Owner: &ours}, "is being deleted"},
		"the server was away":              {verdict(Waiting(crm.ReasonUnreachable, "")), 3, store.Mark{StoreID: id, Owner: &ours}, "is not ready: Unreachable"},
		"a policy is missing":              {verdict(Waiting(crm.ReasonReferenceNotReady, "")), 3, store.Mark{StoreID: id, Owner: &ours}, "is not ready: ReferenceNotReady"},
		"found to be another's":            {verdict(Stalled(crm.ReasonOwnedByAnother, "")), 3, store.Mark{StoreID: id, Owner: &foreign}, "is not ready: OwnedByAnother"},
		"found to be restored":             {verdict(Stalled(crm.ReasonStoreRestored, "")), 2, store.Mark{StoreID: id, Owner: &ours}, "is not ready: StoreRestored"},
		"suspended":                        {verdict(Ready(crm.ReasonSuspended, "")), 3, store.Mark{StoreID: id, Owner: &ours}, "allows no claims: Suspended"},
		"swapped a moment ago":             {nil, 3, store.Mark{StoreID: other, Owner: &ours}, "the database is the store"},
		"emptied a moment ago":             {nil, 0, store.Mark{}, "the database is the store"},
		"adopted by another a moment ago":  {nil, 3, store.Mark{StoreID: id, Owner: &foreign}, "is not marked as the CustomerStore crm's"},
		"restored, without owner":          {nil, 3, store.Mark{StoreID: id}, "is not marked as the CustomerStore crm's"},
		"restored, with an older schema":   {nil, 2, store.Mark{StoreID: id, Owner: &ours}, "restored from an older backup"},
		"of the same name, another tenant": {func(s *crm.CustomerStore) { s.Namespace = "air" }, 3, store.Mark{StoreID: id, Owner: &ours}, "is not marked as"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			declared := &crm.CustomerStore{ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "crm", Generation: 2}}
			declared.Status.StoreID, declared.Status.SchemaVersion = id, 3
			verdict(Ready(crm.ReasonReady, "Fine."))(declared)
			if test.change != nil {
				test.change(declared)
			}
			schema := store.Schema{Version: test.schema, MinCompatible: 1}
			if test.schema == newer {
				schema.MinCompatible = newer
			}
			err := MayClaim(declared, cluster, schema, test.mark)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
