package customerstore

import (
	"context"
	"database/sql"
	"errors"
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

// TestWorkBesidePassesEnds tries every way in which work is stopped.
func TestWorkBesidePassesEnds(t *testing.T) {
	name := types.NamespacedName{Namespace: "expo", Name: "crm"}
	tests := map[string]func(connections *Connections, managerStops func()){
		"left alone":        func(connections *Connections, _ func()) { connections.leave(name) },
		"closed":            func(connections *Connections, _ func()) { connections.close(name) },
		"the manager stops": func(_ *Connections, managerStops func()) { managerStops() },
	}
	for what, stop := range tests {
		t.Run(what, func(t *testing.T) {
			var connections Connections
			manager, managerStops := context.WithCancel(t.Context())
			stopped := make(chan error, 1)
			go func() { stopped <- connections.Start(manager) }()
			began, ended := make(chan *store.Store, 2), make(chan struct{})
			work := func(ctx context.Context, beside *store.Store) {
				began <- beside
				<-ctx.Done()
				close(ended)
			}
			connections.accompany(t.Context(), name, work)
			opened, err := connections.open(t.Context(), name, onDisk(filepath.Join(t.TempDir(), "crm.db")))
			if err != nil {
				t.Fatal(err)
			}
			// A pass has ended long before.
			pass, passEnds := context.WithCancel(t.Context())
			connections.accompany(pass, name, work)
			passEnds()
			connections.accompany(t.Context(), name, work)
			if <-began == opened {
				t.Error("the work is done on the connection of passes, which it holds up")
			}
			stop(&connections, managerStops)
			<-ended
			managerStops()
			if err := <-stopped; err != nil {
				t.Error(err)
			}
			if len(began) != 0 {
				t.Error("the work was begun twice, or without a store")
			}
			connections.accompany(t.Context(), name, work)
			if len(began) != 0 {
				t.Error("work was begun after the end")
			}
		})
	}
}

func TestWorkBesidePassesBeginsAgain(t *testing.T) {
	var connections Connections
	name := types.NamespacedName{Namespace: "expo", Name: "crm"}
	t.Cleanup(func() { connections.close(name) })
	if _, err := connections.open(t.Context(), name, onDisk(filepath.Join(t.TempDir(), "crm.db"))); err != nil {
		t.Fatal(err)
	}
	began := make(chan struct{})
	for range 3 {
		connections.accompany(t.Context(), name, func(ctx context.Context, _ *store.Store) {
			began <- struct{}{}
			<-ctx.Done()
		})
		<-began
		connections.leave(name)
	}
}

// TestARefreshThatWaitsHoldsUpNoPass has somebody else write to a file of SQLite.
func TestARefreshThatWaitsHoldsUpNoPass(t *testing.T) {
	var connections Connections
	name := types.NamespacedName{Namespace: "expo", Name: "crm"}
	path := filepath.Join(t.TempDir(), "crm.db")
	opened, err := connections.open(t.Context(), name, onDisk(path))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := opened.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	database, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	writer, err := database.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	waits, ended := make(chan struct{}), make(chan error, 1)
	connections.accompany(t.Context(), name, func(ctx context.Context, beside *store.Store) {
		close(waits)
		_, err := beside.Refresh(ctx)
		ended <- err
	})
	<-waits
	if _, err := opened.Counts(t.Context()); err != nil {
		t.Error(err)
	}
	connections.close(name)
	if err := <-ended; err == nil {
		t.Error("it refreshed although another was writing")
	}
	if err := errors.Join(writer.Rollback(), database.Close()); err != nil {
		t.Error(err)
	}
}

// TestForWork takes what work relies on away, one after the other.
func TestForWork(t *testing.T) {
	var connections Connections
	ctx := t.Context()
	declared := declare(onSQLite)
	name := types.NamespacedName{Namespace: declared.Namespace, Name: declared.Name}
	t.Cleanup(func() { connections.close(name) })
	refused := func(want string) {
		t.Helper()
		if _, err := connections.ForWork(ctx, declared, we.Cluster); err == nil || !strings.Contains(err.Error(), want) {
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
	if got, err := connections.ForWork(ctx, declared, we.Cluster); err != nil || got != connections.byName[name].beside {
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
