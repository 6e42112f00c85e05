package controllers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// declareStore makes a CustomerStore on PostgreSQL without its Secrets.
func declareStore(namespace string) *crm.CustomerStore {
	return &crm.CustomerStore{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "crm"},
		Spec: crm.CustomerStoreSpec{
			Postgres:          &crm.PostgresStore{ConnectionSecretName: "crm-database", WorkerConnectionSecretName: "crm-database-worker"},
			ReportingCurrency: "GBP",
		},
	}
}

// credentials makes a Secret that a store may use.
func credentials(namespace, name, key, value string) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{crm.LabelCredentials: "true"}},
		Data:       map[string][]byte{key: []byte(value)},
	}
}

// newStore makes a CustomerStore, and its Secrets with a worker's role.
func newStore(t *testing.T, namespace, database string) *crm.CustomerStore {
	t.Helper()
	name := "worker_" + strings.ReplaceAll(namespace, "-", "_")
	create(t, credentials(namespace, "crm-database", "uri", database))
	create(t, credentials(namespace, "crm-database-worker", "uri", databases.NewRole(t, database, name)))
	return declareStore(namespace)
}

func storeReady(s *crm.CustomerStore) bool {
	return hasReason(s.Status.Conditions, crm.ConditionReady, crm.ReasonReady) && s.Status.StoreID != "" &&
		meta.FindStatusCondition(s.Status.Conditions, crm.ConditionStalled) == nil &&
		meta.FindStatusCondition(s.Status.Conditions, crm.ConditionReconciling) == nil
}

// says wants a condition that is true for a reason, and a part of its message.
func says(conditionType, reason, message string) func(*crm.CustomerStore) bool {
	return func(s *crm.CustomerStore) bool {
		return conditionSays(s.Status.Conditions, conditionType, reason, message) && !contract.IsReady(s.Status.ObservedStatus)
	}
}

func conditionSays(conditions []metav1.Condition, conditionType, reason, message string) bool {
	condition := meta.FindStatusCondition(conditions, conditionType)
	return hasReason(conditions, conditionType, reason) && strings.Contains(condition.Message, message)
}

// passes waits until the manager has looked at CustomerStores so many times.
func passes(t *testing.T, count float64) {
	t.Helper()
	passesOf(t, "customerstore", count)
}

// passesOf waits until a controller has made so many passes.
func passesOf(t *testing.T, controller string, count float64) {
	t.Helper()
	passed := func() float64 {
		sum, _ := sumOf(t, metrics.Registry, "controller_runtime_reconcile_total", map[string]string{"controller": controller})
		return sum
	}
	until := passed() + count
	poll(t, "the manager makes passes of "+controller, func(context.Context) (bool, error) { return passed() >= until, nil })
}

// mayClaim demands that claims are allowed, or refused with a reason, by what
// the status says now and by what the database says now.
func mayClaim(t *testing.T, declared *crm.CustomerStore, database, refusal string) {
	t.Helper()
	var schema store.Schema
	var mark store.Mark
	look(t, database, func(opened *store.Store) (err error) {
		if schema, err = opened.Schema(t.Context()); err != nil {
			return err
		}
		mark, err = opened.Mark(t.Context())
		return err
	})
	err := contract.MayClaim(declared, clusterID(t), schema, mark)
	if (err == nil) != (refusal == "") || err != nil && !strings.Contains(err.Error(), refusal) {
		t.Errorf("claims: got %v, want %q", err, refusal)
	}
}

// look opens a store for a moment.
func look(t *testing.T, database string, at func(*store.Store) error) {
	t.Helper()
	opened, err := store.Open(t.Context(), database, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(at(opened), opened.Close()); err != nil {
		t.Fatal(err)
	}
}

// markOf reads what a database says of itself.
func markOf(t *testing.T, database string) (mark store.Mark) {
	t.Helper()
	look(t, database, func(opened *store.Store) (err error) {
		mark, err = opened.Mark(t.Context())
		return err
	})
	return mark
}

// migrated migrates a database by hand and gives its store's id.
func migrated(t *testing.T, database string) string {
	t.Helper()
	look(t, database, func(opened *store.Store) error {
		_, _, err := opened.Migrate(t.Context())
		return err
	})
	return markOf(t, database).StoreID
}

func clusterID(t *testing.T) string {
	t.Helper()
	var system corev1.Namespace
	if err := server.Client.Get(t.Context(), client.ObjectKey{Name: metav1.NamespaceSystem}, &system); err != nil {
		t.Fatal(err)
	}
	return string(system.UID)
}

// speak speaks to a database beside the store, on a connection of its own.
func speak(t *testing.T, database string, say func(*pgx.Conn) error) {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), withParameter(t, database, "application_name", "test"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(say(connection), connection.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
}

func execute(t *testing.T, database string, statements ...string) {
	t.Helper()
	speak(t, database, func(connection *pgx.Conn) error {
		for _, statement := range statements {
			if _, err := connection.Exec(t.Context(), statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
}

// superuser executes statements with all rights.
func superuser(t *testing.T, statements ...string) {
	t.Helper()
	execute(t, databases.URL, statements...)
}

// refuse demands that a statement lacks a right.
func refuse(t *testing.T, database, statement string) {
	t.Helper()
	speak(t, database, func(connection *pgx.Conn) error {
		if _, err := connection.Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "permission denied") {
			return fmt.Errorf("%s: got %w, want permission denied", statement, err)
		}
		return nil
	})
}

func number(t *testing.T, database, question string, args ...any) (found int) {
	t.Helper()
	speak(t, database, func(connection *pgx.Conn) error {
		return connection.QueryRow(t.Context(), question, args...).Scan(&found)
	})
	return found
}

// connections counts those to a database under an application's name.
func connections(t *testing.T, database, application string) int {
	t.Helper()
	return number(t, databases.URL, `SELECT count(*) FROM pg_stat_activity WHERE usename = $1 AND application_name = $2`, roleOf(t, database), application)
}

// addCustomers writes organizations that have a role of their own.
func addCustomers(t *testing.T, database string, count int) {
	t.Helper()
	execute(t, database, fmt.Sprintf(
		`INSERT INTO party (id, kind, code, roles) SELECT 1000 + i, 'Organization', i::text, 1 FROM generate_series(1, %d) AS i`, count))
}

func parsed(t *testing.T, database string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func roleOf(t *testing.T, database string) string {
	t.Helper()
	return parsed(t, database).User.Username()
}

func withPassword(t *testing.T, database, password string) string {
	t.Helper()
	changed := parsed(t, database)
	changed.User = url.UserPassword(changed.User.Username(), password)
	return changed.String()
}

func withParameter(t *testing.T, database, name, value string) string {
	t.Helper()
	changed := parsed(t, database)
	query := changed.Query()
	query.Set(name, value)
	changed.RawQuery = query.Encode()
	return changed.String()
}

// poll tries until something is so.
func poll(t *testing.T, what string, try func(context.Context) (bool, error)) {
	t.Helper()
	if err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, 30*time.Second, true, try); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// proxy stands between a manager and its server, and can be away.
type proxy struct {
	address, server string

	mu       sync.Mutex
	listener net.Listener
	open     []net.Conn
}

func newProxy(t *testing.T, database string) *proxy {
	t.Helper()
	made := &proxy{address: "127.0.0.1:0", server: parsed(t, database).Host}
	made.start(t)
	t.Cleanup(func() { made.stop(t) })
	return made
}

// url leads to a database by way of the proxy.
func (p *proxy) url(t *testing.T, database string) string {
	t.Helper()
	changed := parsed(t, database)
	changed.Host = p.address
	return changed.String()
}

// start listens, after a stop at the same address.
func (p *proxy) start(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	p.address, p.listener = listener.Addr().String(), listener
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", p.server)
			if err != nil {
				_ = from.Close()
				continue
			}
			p.mu.Lock()
			p.open = append(p.open, from, to)
			p.mu.Unlock()
			for _, pair := range [][2]net.Conn{{from, to}, {to, from}} {
				go func() {
					_, _ = io.Copy(pair[0], pair[1])
					_ = pair[0].Close()
				}()
			}
		}
	}()
}

// stop breaks what is open and refuses what comes.
func (p *proxy) stop(t *testing.T) {
	t.Helper()
	if err := p.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, connection := range p.open {
		_ = connection.Close()
	}
	p.open = nil
}
