package customerstore

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// onDisk is how a file of the test's own is reached.
func onDisk(path string) access {
	return access{url: "sqlite://" + path, path: path, options: store.Options{Create: true}}
}

func TestAStoreStaysOpenWhileItIsReachedInTheSameWay(t *testing.T) {
	var connections Connections
	name := types.NamespacedName{Namespace: "expo", Name: "crm"}
	t.Cleanup(func() { connections.close(name) })
	path := filepath.Join(t.TempDir(), "crm.db")
	open := func(how access) *store.Store {
		t.Helper()
		opened, err := connections.open(t.Context(), name, how)
		if err != nil {
			t.Fatal(err)
		}
		return opened
	}
	first := open(onDisk(path))
	if open(onDisk(path)) != first {
		t.Error("it was opened anew although nothing changed")
	}
	// Whoever has a deleted file open goes on with it for ever.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	second := open(onDisk(path))
	if second == first || first.Ping(t.Context()) == nil {
		t.Error("the file was replaced, and the store is still the old one")
	}
	third := open(onDisk(filepath.Join(t.TempDir(), "crm.db")))
	if third == second || second.Ping(t.Context()) == nil {
		t.Error("the URL changed, and the store is still the old one")
	}
	connections.close(name)
	if third.Ping(t.Context()) == nil {
		t.Error("a closed store still answers")
	}
}

func TestConnectionsEndWithTheManager(t *testing.T) {
	var connections Connections
	path := filepath.Join(t.TempDir(), "crm.db")
	name := types.NamespacedName{Namespace: "expo", Name: "crm"}
	opened, err := connections.open(t.Context(), name, onDisk(path))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := connections.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if opened.Ping(t.Context()) == nil {
		t.Error("the store still answers")
	}
	if _, err := connections.open(t.Context(), name, onDisk(path)); err == nil {
		t.Error("a store was opened after the end")
	}
}

// TestForClaims takes what a claim relies on away, one after the other.
func TestForClaims(t *testing.T) {
	var connections Connections
	ctx := t.Context()
	declared := declare(onSQLite)
	name := types.NamespacedName{Namespace: declared.Namespace, Name: declared.Name}
	t.Cleanup(func() { connections.close(name) })
	refused := func(want string) {
		t.Helper()
		if _, err := connections.ForClaims(ctx, declared, we.Cluster); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	refused("is not connected")
	opened, err := connections.open(ctx, name, onDisk(filepath.Join(t.TempDir(), "crm.db")))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := opened.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	mark, err := opened.Claim(ctx, we, declarationOf(declared.Spec), "")
	if err != nil {
		t.Fatal(err)
	}
	refused("has not been looked at")
	declared.Status = statusOf(time.Unix(0, 0), declared, working(nil), &held{mark.StoreID, store.KnownVersion(), store.Counts{}})
	if got, err := connections.ForClaims(ctx, declared, we.Cluster); err != nil || got != opened {
		t.Errorf("got %v, %v; want the open store", got, err)
	}
	contract.Stalled(crm.ReasonStoreRestored, "Restored.").Apply(&declared.Status.ObservedStatus, declared.Generation, time.Unix(0, 0))
	refused("StoreRestored")
	working(nil).verdict.Apply(&declared.Status.ObservedStatus, declared.Generation, time.Unix(0, 0))
	if _, err := opened.Claim(ctx, store.Owner{Cluster: "c2", Namespace: "expo", Name: "crm"}, declarationOf(declared.Spec), mark.StoreID); err != nil {
		t.Fatal(err)
	}
	refused("is not marked as the CustomerStore crm's")
}
