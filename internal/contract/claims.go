package contract

import (
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

// MayClaim says why nothing may be claimed from a store now: no message, no
// points, nothing that has an effect outside. It is nil if claims are allowed.
//
// That a CustomerStore was ready once is not enough: its controller has to have
// found the present generation in order, and the database has to be the one that
// it found. So schema and mark are to be read right before the claim. cluster is
// the uid of this cluster's namespace kube-system.
func MayClaim(declared *crm.CustomerStore, cluster string, schema store.Schema, mark store.Mark) error {
	ready := meta.FindStatusCondition(declared.Status.Conditions, crm.ConditionReady)
	status := declared.Status
	switch {
	case declared.DeletionTimestamp != nil:
		return fmt.Errorf("the CustomerStore %s is being deleted", declared.Name)
	case ready == nil || status.ObservedGeneration != declared.Generation || ready.ObservedGeneration != declared.Generation:
		return fmt.Errorf("the CustomerStore %s has not been looked at as it stands", declared.Name)
	case !IsReady(status.ObservedStatus):
		return fmt.Errorf("the CustomerStore %s is not ready: %s", declared.Name, ready.Reason)
	case ready.Reason != crm.ReasonReady:
		// Suspended is ready as well, and means that claims stop.
		return fmt.Errorf("the CustomerStore %s allows no claims: %s", declared.Name, ready.Reason)
	}
	return MayStop(declared, cluster, schema, mark)
}

// MayStop says why nothing may be written to a store that only keeps things from happening, such
// as pausing what is claimed from it. The database has to be the CustomerStore's as it knew it
// last, ready or not.
func MayStop(declared *crm.CustomerStore, cluster string, schema store.Schema, mark store.Mark) error {
	status := declared.Status
	switch {
	case schema.MinCompatible > store.KnownVersion():
		// What the database says beside its schema may mean something else by now.
		return fmt.Errorf("the schema of the database is at version %d and needs a newer release", schema.Version)
	case status.StoreID == "" || mark.StoreID != status.StoreID:
		return fmt.Errorf("the database is the store %q, and the CustomerStore %s knows the store %q", mark.StoreID, declared.Name, status.StoreID)
	case mark.Owner == nil || *mark.Owner != store.Owner{Cluster: cluster, Namespace: declared.Namespace, Name: declared.Name}:
		return fmt.Errorf("the store %s is not marked as the CustomerStore %s's", mark.StoreID, declared.Name)
	case schema.Version < status.SchemaVersion:
		return errors.New("the database was restored from an older backup")
	default:
		return nil
	}
}
