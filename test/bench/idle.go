package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/test/apiserver"
	"github.com/fairlead/fairlead/test/mailsink"
	"github.com/fairlead/fairlead/test/postgres"
)

const (
	// idleCustomers are in the store of the idle manager.
	idleCustomers = 5_000
	// idleNamespace has all that is declared, and the lease.
	idleNamespace = "expo"
	// readyLimit bounds how long a manager may take until everything is ready, and calmLimit how
	// long until it is calm then.
	readyLimit, calmLimit = 30 * time.Minute, 5 * time.Minute
	// calmShare of a core is what a calm manager uses at most, over calmSpan.
	calmShare, calmSpan = 0.03, 10 * time.Second
)

// idleBench measures a manager that has many rules and segments, of which none is due.
type idleBench struct {
	api     *apiserver.Server
	program string
	dir     string
	// many rules, and as many segments.
	many int
	span time.Duration
	// token lets it read metrics.
	token string
	db    *sql.DB
}

// idleFigures are those of one manager.
type idleFigures struct {
	// ready is how long it took until everything was, and work the CPU time until it was calm.
	ready, work time.Duration
	// share of a core that it used while nothing was due.
	share float64
	// scrape is the CPU time that reading the metrics takes once.
	scrape time.Duration
	// present and peak memory of the process, in bytes.
	present, peak int64
	// writes are the objects that it changed meanwhile, requests those to the API server, and
	// transactions those in the store.
	writes, requests, transactions int64
}

// benchIdle declares everything to a manager that runs, and then starts others that find it.
func benchIdle(ctx context.Context, server *postgres.Server, program, dir string, many int, span time.Duration, runs int) (err error) {
	url, err := server.CreateDatabase(ctx)
	if err != nil {
		return err
	}
	profiles := &profileBench{url: url, source: url, driver: "pgx", customers: idleCustomers}
	if err := profiles.layCustomers(ctx); err != nil {
		return err
	}
	api, stop, err := apiserver.Start()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	sink, err := mailsink.Start(mailsink.Options{Keep: -1}) //nolint:contextcheck // it is closed below
	if err != nil {
		return err
	}
	defer func() { _ = sink.Close() }()
	b := &idleBench{api: api, program: program, dir: dir, many: many, span: span}
	if b.db, err = sql.Open("pgx", url); err != nil {
		return err
	}
	defer func() { _ = b.db.Close() }()
	if err := b.prepare(ctx, server, url); err != nil {
		return err
	}
	objects, err := idleObjects(many, sink.Addr(), time.Now())
	if err != nil {
		return err
	}
	declared, err := b.once(ctx, func() error { return b.create(ctx, objects...) })
	if err != nil {
		return fmt.Errorf("declaring everything: %w", err)
	}
	var again []idleFigures
	for n := range runs {
		f, err := b.once(ctx, func() error { return nil })
		if err != nil {
			return fmt.Errorf("run %d: %w", n+1, err)
		}
		again = append(again, f)
	}
	fmt.Fprintf(os.Stdout, "\nA manager with %d CampaignRules and %d CustomerSegments of %d customers, over %s in which nothing is due: while all were declared, and started again, minimum / median / maximum of %d runs\n", many, many, idleCustomers, span, runs)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tready after, s\tCPU until calm, s\tof a core, %\ta scrape, ms\tmemory, MiB\tpeak, MiB\tobjects changed\trequests/s\ttransactions/s\t")
	idleRow(table, "declared", []idleFigures{declared}, span)
	if runs > 0 {
		idleRow(table, "started again", again, span)
	}
	return table.Flush()
}

func idleRow(table *tabwriter.Writer, name string, all []idleFigures, span time.Duration) {
	show := func(of func(idleFigures) float64, digits int) string {
		if len(all) == 1 {
			return fmt.Sprintf("%.*f", digits, of(all[0]))
		}
		return spread(all, of, digits)
	}
	fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", name,
		show(func(f idleFigures) float64 { return f.ready.Seconds() }, 0),
		show(func(f idleFigures) float64 { return f.work.Seconds() }, 1),
		show(func(f idleFigures) float64 { return 100 * f.share }, 2),
		show(func(f idleFigures) float64 { return float64(f.scrape.Milliseconds()) }, 0),
		show(func(f idleFigures) float64 { return mebibytes(f.present) }, 0),
		show(func(f idleFigures) float64 { return mebibytes(f.peak) }, 0),
		show(func(f idleFigures) float64 { return float64(f.writes) }, 0),
		show(func(f idleFigures) float64 { return float64(f.requests) / span.Seconds() }, 2),
		show(func(f idleFigures) float64 { return float64(f.transactions) / span.Seconds() }, 2))
}

// layCustomers makes a store with customers and their profiles.
func (b *profileBench) layCustomers(ctx context.Context) error {
	if err := b.open(ctx); err != nil {
		return err
	}
	defer func() { _ = b.store.Close(); _ = b.db.Close() }()
	if err := b.fill(ctx); err != nil {
		return err
	}
	// Those that are declared get numbers of their own.
	if err := b.exec(ctx, `INSERT INTO number_block (name, next) VALUES ('edition', 1000)`); err != nil {
		return err
	}
	if _, err := b.store.Rebuild(ctx, nil); err != nil {
		return err
	}
	return b.settle(ctx)
}

// prepare makes what comes before everything else: the namespace, the store, and who reads metrics.
func (b *idleBench) prepare(ctx context.Context, server *postgres.Server, url string) error {
	worker, err := server.CreateRole(ctx, url, "worker")
	if err != nil {
		return err
	}
	if err := b.create(ctx, idleStore(url, worker)...); err != nil {
		return err
	}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: idleNamespace, Name: "prometheus"}}
	if err := b.create(ctx, account, metricsReader(), readsMetrics(account)); err != nil {
		return err
	}
	request := &authenticationv1.TokenRequest{}
	if err := b.api.Client.SubResource("token").Create(ctx, account, request); err != nil {
		return fmt.Errorf("asking for a token: %w", err)
	}
	b.token = request.Status.Token
	return b.writeKubeconfig()
}

func (b *idleBench) create(ctx context.Context, objects ...client.Object) error {
	for _, object := range objects {
		if err := b.api.Client.Create(ctx, object); err != nil {
			return fmt.Errorf("creating %s: %w", object.GetName(), err)
		}
	}
	return nil
}

func (b *idleBench) kubeconfig() string { return filepath.Join(b.dir, "kubeconfig") }

// writeKubeconfig lets the manager speak as an administrator.
func (b *idleBench) writeKubeconfig() error {
	config := clientcmdapi.NewConfig()
	config.Clusters["bench"] = &clientcmdapi.Cluster{Server: b.api.Config.Host, CertificateAuthorityData: b.api.Config.CAData}
	config.AuthInfos["bench"] = &clientcmdapi.AuthInfo{ClientCertificateData: b.api.Config.CertData, ClientKeyData: b.api.Config.KeyData}
	config.Contexts["bench"] = &clientcmdapi.Context{Cluster: "bench", AuthInfo: "bench"}
	config.CurrentContext = "bench"
	return clientcmd.WriteToFile(*config, b.kubeconfig())
}

// once measures one manager, from its start.
func (b *idleBench) once(ctx context.Context, declare func() error) (f idleFigures, err error) {
	m, err := b.start(ctx)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, m.end()) }()
	began := time.Now()
	if err := declare(); err != nil {
		return f, err
	}
	if err := b.awaitReady(ctx, m); err != nil {
		return f, m.explain(err)
	}
	f.ready = time.Since(began)
	if f.work, err = m.awaitCalm(ctx); err != nil {
		return f, m.explain(err)
	}
	if err := b.watch(ctx, m, &f); err != nil {
		return f, m.explain(err)
	}
	fmt.Fprintf(os.Stderr, "the idle manager: ready after %.0f s, %.1f s of CPU until it was calm, then %.2f %% of a core (%.0f ms a scrape), %.0f MiB, at most %.0f, %d objects changed, %d requests, %d transactions\n",
		f.ready.Seconds(), f.work.Seconds(), 100*f.share, float64(f.scrape.Milliseconds()), mebibytes(f.present), mebibytes(f.peak), f.writes, f.requests, f.transactions)
	return f, nil
}

// watch measures a calm manager for a span.
func (b *idleBench) watch(ctx context.Context, m *managerProcess, f *idleFigures) error {
	before, err := b.versions(ctx)
	if err != nil {
		return err
	}
	stats, err := m.statsOf(ctx, b)
	if err != nil {
		return err
	}
	if err := sleep(ctx, b.span); err != nil {
		return err
	}
	ended, err := m.statsOf(ctx, b)
	if err != nil {
		return err
	}
	f.share = (ended.cpu - stats.cpu).Seconds() / ended.at.Sub(stats.at).Seconds()
	f.requests, f.transactions = ended.requests-stats.requests, ended.transactions-stats.transactions
	if f.scrape, err = m.scraping(ctx, b); err != nil {
		return err
	}
	if f.present, f.peak, err = m.memory(); err != nil {
		return err
	}
	after, err := b.versions(ctx)
	for uid, version := range after {
		if before[uid] != version {
			f.writes++
		}
	}
	return err
}

// versions of all objects of ours.
func (b *idleBench) versions(ctx context.Context) (map[types.UID]string, error) {
	versions := map[types.UID]string{}
	for _, list := range []client.ObjectList{
		&crm.CampaignRuleList{}, &crm.CustomerSegmentList{}, &crm.CustomerStoreList{}, &crm.ExhibitionList{}, &crm.OutreachList{}, &crm.OutreachChannelList{}, &crm.ContactPolicyList{},
	} {
		if err := b.each(ctx, list, func(object client.Object) { versions[object.GetUID()] = object.GetResourceVersion() }); err != nil {
			return nil, err
		}
	}
	return versions, nil
}

// each object of a kind in the cluster.
func (b *idleBench) each(ctx context.Context, list client.ObjectList, do func(client.Object)) error {
	if err := b.api.Client.List(ctx, list); err != nil {
		return err
	}
	return meta.EachListItem(list, func(item runtime.Object) error {
		object, is := item.(client.Object)
		if !is {
			return fmt.Errorf("%T is no object", item)
		}
		do(object)
		return nil
	})
}

// awaitReady waits until every rule and segment is ready.
func (b *idleBench) awaitReady(ctx context.Context, m *managerProcess) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	for {
		waits := ""
		for _, list := range []client.ObjectList{&crm.CampaignRuleList{}, &crm.CustomerSegmentList{}, &crm.CustomerStoreList{}} {
			err := b.each(ctx, list, func(object client.Object) {
				if status := statusOf(object); !contract.IsReady(status) {
					waits = object.GetName()
					for _, condition := range status.Conditions {
						waits += fmt.Sprintf("; %s %s: %s", condition.Type, condition.Status, condition.Message)
					}
				}
			})
			if err != nil {
				return fmt.Errorf("waiting for %s: %w", waits, err)
			}
		}
		if waits == "" {
			return nil
		}
		if err := m.alive(); err != nil {
			return err
		}
		if err := sleep(ctx, 2*time.Second); err != nil {
			return fmt.Errorf("waiting for %s: %w", waits, err)
		}
	}
}

func statusOf(object client.Object) (status crm.ObservedStatus) {
	switch object := object.(type) {
	case *crm.CustomerStore:
		status = object.Status.ObservedStatus
	case *crm.CustomerSegment:
		status = object.Status.ObservedStatus
	case *crm.CampaignRule:
		status = object.Status.ObservedStatus
	}
	return status
}

// sleep for a while, unless the context ends.
func sleep(ctx context.Context, while time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(while):
		return nil
	}
}
