//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// middle is how many mails of a run have come when something happens to it.
const middle = 50

// TestRunsSurviveCrashes kills what carries runs out, and counts at the sink what each firm got.
func TestRunsSurviveCrashes(t *testing.T) {
	m := newMailing(t)
	t.Run("APIServer", m.killAPIServer)
	t.Run("Manager", m.killManager)
	t.Run("Everything", m.killEverything)
	t.Run("Deleted", m.deleteInTheMiddle)
	t.Run("Paused", m.pauseInTheMiddle)
}

// killManager kills the manager with its pod while it freezes, and its successor in the middle of
// the run.
func (m *mailing) killManager(t *testing.T) {
	before, came := m.count(t)
	// Nobody writes messages as long as this is open: so the manager is caught freezing.
	hold, err := m.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = hold.Rollback() }()
	if _, err := hold.ExecContext(t.Context(), `LOCK TABLE outreach_message IN SHARE MODE`); err != nil {
		t.Fatal(err)
	}
	letter := m.letter(t, "manager")
	eventually(t, func(ctx context.Context) error {
		var waiting int
		if err := m.db.QueryRowContext(ctx, `SELECT count(*) FROM pg_locks WHERE relation = 'outreach_message'::regclass AND NOT granted`).Scan(&waiting); err != nil {
			return err
		}
		if waiting == 0 {
			return fmt.Errorf("nobody freezes: %s", kubectl(t, "get", "out", "-n", m.namespace, "-o", "yaml"))
		}
		return nil
	})
	pods := managers(t)
	kill(t, processesOf(t, pods)...)
	for _, pod := range pods {
		if err := cluster.Delete(t.Context(), &pod, client.GracePeriodSeconds(0)); client.IgnoreNotFound(err) != nil {
			t.Fatal(err)
		}
	}
	if err := hold.Rollback(); err != nil {
		t.Fatal(err)
	}
	m.reach(t, came+middle)
	kill(t, processesOf(t, managers(t))...)
	m.completed(t, letter)
	// Workers do not need it.
	m.expectOnce(t, letter, before, 0)
	if letter.Status.Attempts != 1 {
		t.Errorf("there were %d Jobs", letter.Status.Attempts)
	}
}

// killAPIServer takes the API server away until a run is sent: workers need the store only.
func (m *mailing) killAPIServer(t *testing.T) {
	before, came := m.count(t)
	server := component(t, "kube-apiserver")
	letter := m.letter(t, "api-server")
	m.reach(t, came+middle)
	kill(t, server)
	defer startAgainUnlessThere(t, "kube-apiserver")
	began := time.Now()
	m.reach(t, came+firms)
	if err := cluster.Get(t.Context(), client.ObjectKeyFromObject(letter), letter); err == nil {
		t.Error("the API server answers, which was killed")
	}
	startAgain(t, "kube-apiserver")
	t.Logf("the API server was away for %s", time.Since(began))
	m.completed(t, letter)
	m.expectOnce(t, letter, before, 0)
}

// killEverything kills workers, the manager, the API server and the database at once.
func (m *mailing) killEverything(t *testing.T) {
	before, came := m.count(t)
	server := component(t, "kube-apiserver")
	letter := m.letter(t, "everything")
	m.reach(t, came+middle)
	pods := m.workerPods(t, letter.Name)
	doomed := append(processesOf(t, pods), processesOf(t, managers(t))...)
	kill(t, append(doomed, server)...)
	defer startAgainUnlessThere(t, "kube-apiserver")
	if err := m.server.Kill(); err != nil {
		t.Fatal(err)
	}
	_, atKill := m.count(t)
	if err := m.server.StartAgain(t.Context()); err != nil {
		t.Fatal(err)
	}
	startAgain(t, "kube-apiserver")
	t.Logf("%d processes of %d workers and the manager were killed when %d mails had come", len(doomed), len(pods), atKill-came)
	m.completed(t, letter)
	// A window for each connection of the workers.
	m.expectOnce(t, letter, before, int64(len(pods))*4*10)
}

// startAgainUnlessThere starts a part of the cluster that a test which failed left dead.
func startAgainUnlessThere(t *testing.T, name string) {
	t.Helper()
	if t.Failed() && cluster.List(context.WithoutCancel(t.Context()), &crm.OutreachList{}) != nil {
		startAgain(t, name)
	}
}

// deleteInTheMiddle deletes an Outreach that is being sent.
func (m *mailing) deleteInTheMiddle(t *testing.T) {
	before, came := m.count(t)
	letter := m.letter(t, "deleted")
	m.reach(t, came+middle)
	began := time.Now()
	kubectl(t, "delete", "outreach", letter.Name, "-n", m.namespace)
	s := m.brought(t, letter, "Abandoned")
	_, then := m.count(t)
	eventually(t, func(ctx context.Context) error {
		var jobs batchv1.JobList
		if err := cluster.List(ctx, &jobs, client.InNamespace(m.namespace), client.MatchingLabels{"crm.fairlead.dev/outreach": letter.Name}); err != nil {
			return err
		}
		if pods := m.workerPods(t, letter.Name); len(jobs.Items)+len(pods) > 0 {
			return fmt.Errorf("there are %d Jobs and %d pods", len(jobs.Items), len(pods))
		}
		return nil
	})
	m.expectNothingSince(t, letter, before, s, then, began)
}

// pauseInTheMiddle pauses a run, and has it go on.
func (m *mailing) pauseInTheMiddle(t *testing.T) {
	before, came := m.count(t)
	letter := m.letter(t, "paused")
	suspend := func(is bool) {
		changed := letter.DeepCopy()
		changed.Spec.Suspend = ptr.To(is)
		if err := cluster.Patch(t.Context(), changed, client.MergeFrom(letter)); err != nil {
			t.Fatal(err)
		}
		letter = changed
	}
	m.reach(t, came+middle)
	began := time.Now()
	suspend(true)
	s := m.brought(t, letter, "Paused")
	_, then := m.count(t)
	eventually(t, func(ctx context.Context) error {
		now, err := m.stands(ctx, letter.Spec.RunKey)
		if err == nil && now.inFlight > 0 {
			return fmt.Errorf("%d messages are in flight", now.inFlight)
		}
		return err
	})
	m.expectNothingSince(t, letter, before, s, then, began)
	suspend(false)
	m.completed(t, letter)
	m.expectOnce(t, letter, before, 0)
}

// brought waits until the store has a run in a state.
func (m *mailing) brought(t *testing.T, letter *crm.Outreach, state string) (s stands) {
	t.Helper()
	eventually(t, func(ctx context.Context) (err error) {
		if s, err = m.stands(ctx, letter.Spec.RunKey); err == nil && s.state != state {
			return fmt.Errorf("the run is %s", s.state)
		}
		return err
	})
	return s
}

// expectNothingSince wants that of a run that is not sent any more nothing was sent but what was
// in flight when it was stopped, that all of that is settled, and that something was left. It
// logs how long after its beginning the last mail of it came.
func (m *mailing) expectNothingSince(t *testing.T, letter *crm.Outreach, before map[string]int, stopped stands, then int, began time.Time) {
	t.Helper()
	after, all := m.count(t)
	came := 0
	for address, mails := range after {
		came += mails - before[address]
		if mails-before[address] > 1 {
			t.Errorf("%s got %d mails", address, mails-before[address])
		}
	}
	s, err := m.stands(t.Context(), letter.Spec.RunKey)
	if err != nil {
		t.Fatal(err)
	}
	if s.state != stopped.state || s.inFlight != 0 || s.unknown != 0 || s.sent != came || came >= firms || all > then+stopped.inFlight {
		t.Errorf("the run stood as %+v and %d mails had come; now it stands as %+v, and %d mails have come, %d of the run", stopped, then, s, all, came)
	}
	newest, err := m.sink.Messages(t.Context())
	if err != nil || len(newest) == 0 {
		t.Fatalf("the sink has %d mails, %v", len(newest), err)
	}
	t.Logf("%s: %d of %d mails had come; the last one %s after it was asked for", letter.Name, came, firms, newest[0].Time.Sub(began))
}
