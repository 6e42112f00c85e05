package customerstore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// Connections are the open stores of a manager, by the CustomerStores that
// declare them. They may be used concurrently.
type Connections struct {
	mu     sync.Mutex
	ended  bool
	byName map[types.NamespacedName]*connection
	// work is what is done beside passes.
	work sync.WaitGroup
}

// connection is an open store, and what it was opened with.
type connection struct {
	store *store.Store
	// beside is the store for whatever is done beside passes. A file of SQLite is
	// opened twice: work that waits for other writers must not hold up passes, which
	// only read.
	beside *store.Store
	// stop ends the work beside passes; nil while there is none.
	stop context.CancelFunc
	// digest of the URL: the URL itself has a password and is not kept here.
	digest [sha256.Size]byte
	file   os.FileInfo
}

// access is how a database is reached.
type access struct {
	url     string
	options store.Options
	// path of the file of SQLite.
	path string
}

func (a access) digest() [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%d %s", a.options.MaxConnections, a.url))
}

// open gives the store of a CustomerStore. One that is open stays so as long as
// it is reached in the same way; otherwise it is closed before another is
// opened, so that nobody goes on with a password that was taken back.
func (c *Connections) open(ctx context.Context, name types.NamespacedName, how access) (*store.Store, error) {
	c.mu.Lock()
	current := c.byName[name]
	c.mu.Unlock()
	if current != nil && current.digest == how.digest() && current.onDisk(how.path) {
		return current.store, nil
	}
	c.close(name)
	// Outside of the lock: a server that does not answer holds up nobody else.
	opened, err := store.Open(ctx, how.url, how.options)
	if err != nil {
		return nil, err
	}
	made := &connection{store: opened, beside: opened, digest: how.digest()}
	if how.path != "" {
		if made.file, err = os.Stat(how.path); err != nil {
			return nil, errors.Join(fmt.Errorf("looking at the file of the store: %w", err), opened.Close())
		}
		if made.beside, err = store.Open(ctx, how.url, store.Options{}); err != nil {
			return nil, errors.Join(err, opened.Close())
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return nil, errors.Join(errors.New("the manager is stopping"), made.end())
	}
	if c.byName == nil {
		c.byName = map[types.NamespacedName]*connection{}
	}
	c.byName[name] = made
	return opened, nil
}

// onDisk tells whether the file is still the one that was opened: a file that is
// deleted or replaced lives on for those who have it open.
func (c *connection) onDisk(path string) bool {
	if path == "" {
		return c.file == nil
	}
	now, err := os.Stat(path)
	return err == nil && c.file != nil && os.SameFile(now, c.file)
}

// accompany has work done on the store of a CustomerStore beside passes, until
// its connections end or it is left alone. Work that is being done goes on.
func (c *Connections) accompany(ctx context.Context, name types.NamespacedName, work func(context.Context, *store.Store)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	current := c.byName[name]
	if current == nil || current.stop != nil {
		return
	}
	// It outlives the pass that begins it, and the pass's limit.
	ctx, current.stop = context.WithCancel(context.WithoutCancel(ctx))
	c.work.Go(func() { work(ctx, current.beside) })
}

// leave stops the work that is done beside passes, and keeps the connections.
func (c *Connections) leave(name types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if current := c.byName[name]; current != nil && current.stop != nil {
		current.stop()
		current.stop = nil
	}
}

// close ends the connections of a CustomerStore, if there are any, and the work
// that is done beside passes. Other things that run on them come to their end
// first, as far as they have got to the database.
func (c *Connections) close(name types.NamespacedName) {
	c.mu.Lock()
	current := c.byName[name]
	delete(c.byName, name)
	c.mu.Unlock()
	if current != nil {
		// There is nothing that could be done about a connection that does not end well.
		_ = current.end()
	}
}

// end stops the work beside passes and closes the store. Nobody starts work on a
// connection that is not in Connections any more.
func (c *connection) end() error {
	if c.stop != nil {
		c.stop()
	}
	return errors.Join(c.store.Close(), c.beside.Close())
}

// Start waits until the manager stops, and then stops all work and closes all
// connections.
func (c *Connections) Start(ctx context.Context) error {
	<-ctx.Done()
	c.mu.Lock()
	open := c.byName
	c.byName, c.ended = nil, true
	c.mu.Unlock()
	var err error
	for _, connection := range open {
		err = errors.Join(err, connection.end())
	}
	c.work.Wait()
	return err
}

// ForWork gives the open store of a CustomerStore to whoever writes what follows from
// facts, or says why nothing may be written now. It asks the database itself: one that
// was swapped or restored a moment ago is noticed here. Passes do not wait for such
// work.
func (c *Connections) ForWork(ctx context.Context, declared *crm.CustomerStore, cluster string) (*store.Store, error) {
	current, err := c.allowed(ctx, declared, cluster, contract.MayClaim)
	if err != nil {
		return nil, err
	}
	return current.beside, nil
}

// ForStopping is ForWork where all that is to be done is to keep things from happening: the store
// need not be ready for that.
func (c *Connections) ForStopping(ctx context.Context, declared *crm.CustomerStore, cluster string) (*store.Store, error) {
	current, err := c.allowed(ctx, declared, cluster, contract.MayStop)
	if err != nil {
		return nil, err
	}
	return current.beside, nil
}

// mayBeDone says why something may not be done to a store.
type mayBeDone func(declared *crm.CustomerStore, cluster string, schema store.Schema, mark store.Mark) error

func (c *Connections) allowed(ctx context.Context, declared *crm.CustomerStore, cluster string, may mayBeDone) (*connection, error) {
	c.mu.Lock()
	current := c.byName[types.NamespacedName{Namespace: declared.Namespace, Name: declared.Name}]
	c.mu.Unlock()
	if current == nil {
		return nil, fmt.Errorf("the CustomerStore %s is not connected", declared.Name)
	}
	refused, err := refusal(ctx, current.store, declared, cluster, may)
	if err := errors.Join(refused, err); err != nil {
		return nil, err
	}
	return current, nil
}

// refusal says why nothing may be done to a store in its CustomerStore's name now,
// if so: it asks the database itself. The error is that of asking.
func refusal(ctx context.Context, opened *store.Store, declared *crm.CustomerStore, cluster string, may mayBeDone) (refused, err error) {
	database, err := look(ctx, opened)
	if err != nil {
		return nil, err
	}
	var mark store.Mark
	if database.mark != nil {
		mark = *database.mark
	}
	return may(declared, cluster, database.schema, mark), nil
}
