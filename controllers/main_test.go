package controllers_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	testingclock "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/fairlead/fairlead/controllers"
	"github.com/fairlead/fairlead/controllers/customerstore"
	"github.com/fairlead/fairlead/controllers/outreach"
	"github.com/fairlead/fairlead/controllers/outreachchannel"
	"github.com/fairlead/fairlead/test/apiserver"
	"github.com/fairlead/fairlead/test/postgres"
)

// What the tests of this package share: an API server, a PostgreSQL, and a
// manager that runs every controller by a clock that the tests set.
var (
	server    *apiserver.Server
	databases *postgres.Server
	clock     = testingclock.NewFakePassiveClock(time.Date(2026, time.July, 21, 12, 0, 0, 0, time.UTC))
	// place is the manager's; its namespace is made with it.
	place = customerstore.Place{Namespace: "fairlead-system", SQLiteClaim: "fairlead-sqlite"}
	// pace shows within a test what takes minutes in a cluster.
	pace = customerstore.Pace{
		Interval: 300 * time.Millisecond, FirstPause: 20 * time.Millisecond, LongestPause: 200 * time.Millisecond, Refresh: 20 * time.Millisecond,
	}
	channelPace = outreachchannel.Pace{
		Interval: 100 * time.Millisecond, Check: 300 * time.Millisecond, FirstPause: 20 * time.Millisecond, LongestPause: 200 * time.Millisecond,
	}
	// desk takes webhooks. The manager trusts its certificate, which mail servers of
	// tests use as well.
	desk *httptest.Server
	// registry has the metrics of the manager.
	registry = prometheus.NewRegistry()
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run is what TestMain does, with an end at which things are cleared away.
func run(m *testing.M) (code int) {
	var err error
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if databases, err = postgres.Find(context.Background()); err != nil {
		fail(err)
		return code
	}
	defer func() { fail(databases.Stop()) }()
	if place.SQLiteDir, err = os.MkdirTemp("", "fairlead-controllers-"); err != nil {
		fail(err)
		return code
	}
	defer func() { fail(os.RemoveAll(place.SQLiteDir)) }()
	desk = newDesk()
	defer desk.Close()
	roots := x509.NewCertPool()
	roots.AddCert(desk.Certificate())
	return apiserver.Main(m, func(ctx context.Context, s *apiserver.Server) error {
		server = s
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: place.Namespace}}
		if err := s.Client.Create(ctx, namespace); err != nil {
			return err
		}
		manager, err := ctrl.NewManager(s.Config, ctrl.Options{
			Scheme:  s.Scheme,
			Cache:   controllers.CacheOptions(nil),
			Client:  controllers.ClientOptions(),
			Metrics: metricsserver.Options{BindAddress: "0"},
		})
		if err != nil {
			return err
		}
		options := controllers.Options{
			Clock: clock, Place: place, Pace: pace, ChannelPace: channelPace, RootCAs: roots, Metrics: registry,
			Pods: outreach.Pods{Image: "fairlead:test", SQLiteDir: place.SQLiteDir, SQLiteClaim: place.SQLiteClaim},
		}
		if err := controllers.Setup(ctx, manager, options); err != nil {
			return err
		}
		go func() {
			if err := manager.Start(ctx); err != nil {
				panic(err)
			}
		}()
		if !manager.GetCache().WaitForCacheSync(ctx) {
			return errors.New("the manager's cache did not sync")
		}
		return nil
	})
}

// newNamespace makes a namespace of the test's own.
func newNamespace(t *testing.T) string {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "tenant-"}}
	if err := server.Client.Create(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	return namespace.Name
}

// eventually reads an object again and again until it is as wanted.
func eventually[T client.Object](t *testing.T, object T, wanted func(T) bool) T {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, 30*time.Second, true,
		func(ctx context.Context) (bool, error) {
			if err := server.Client.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
				return false, err
			}
			return wanted(object), nil
		})
	if err != nil {
		t.Fatalf("waiting for %T %s: %v; it is\n%+v", object, object.GetName(), err, object)
	}
	return object
}
