package controllers_test

import (
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/mailsink"
)

// post is a store with a few exhibitors, a channel to a sink and a segment.
type post struct {
	// t is the test that runs, and whole the one that they all are part of.
	t, whole *testing.T
	declared *crm.CustomerStore
	policy   *crm.ContactPolicy
	url      string
	sink     *mailsink.Sink
	segment  *crm.CustomerSegment
	channel  *crm.OutreachChannel
}

func newPost(t *testing.T, declared *crm.CustomerStore, url string) *post {
	t.Helper()
	p := &post{t: t, whole: t, declared: declared, url: url}
	p.policy = &crm.ContactPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: declared.Namespace, Name: declared.Name + "-fair-use"},
		Spec:       crm.ContactPolicySpec{Topics: []crm.Topic{{Name: "service", Title: []crm.LocalizedText{{Locale: "en", Text: "Service"}}, LegalBasis: crm.LegalBasisContract}}},
	}
	create(t, p.policy)
	declared.Spec.ContactPolicyNames = []crm.ObjectName{crm.ObjectName(p.policy.Name)}
	create(t, declared)
	eventually(t, declared, storeReady)
	for _, name := range []string{"Falcon", "Merlin", "Kestrel"} {
		exhibitedAt(t, url, name, strings.ToLower(name)+"@firm.example")
	}
	exhibited(t, url, "Mute")
	p.segment = segmentOf(declared, "all", "customer.participations > 0")
	sink, err := mailsink.Start(mailsink.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	p.sink = sink
	host, port, _ := net.SplitHostPort(sink.Addr())
	number, _ := strconv.Atoi(port)
	p.channel = &crm.OutreachChannel{
		ObjectMeta: metav1.ObjectMeta{Namespace: declared.Namespace, Name: declared.Name + "-mail"},
		Spec: crm.OutreachChannelSpec{
			StoreName: crm.ObjectName(declared.Name), Medium: "Email", Delivery: crm.DeliveryLive, From: &crm.Sender{Name: "Airshow", Address: "hello@airshow.example"},
			SMTP: &crm.SMTP{Host: host, Port: int32(number), TLS: crm.TLSNone},
		},
	}
	return p
}

// letter is an Outreach to the segment.
func (p *post) letter(name string, change func(*crm.Outreach)) *crm.Outreach {
	o := &crm.Outreach{
		ObjectMeta: metav1.ObjectMeta{Namespace: p.declared.Namespace, Name: p.declared.Name + "-" + name},
		Spec: crm.OutreachSpec{
			StoreName: crm.ObjectName(p.declared.Name), RunKey: name, Audience: &crm.Audience{Include: []crm.SegmentReference{{SegmentName: crm.ObjectName(p.segment.Name)}}},
			Outreach: &crm.MessagePlan{ChannelName: crm.ObjectName(p.channel.Name), Topic: "service", Messages: []crm.Message{{Locale: "en", Subject: "We open", Text: "Dear {{ .Contact.Name }}"}}},
		},
	}
	if change != nil {
		change(o)
	}
	return o
}

// edition is an Exhibition of the store.
func (p *post) edition() *crm.Exhibition {
	return &crm.Exhibition{
		ObjectMeta: metav1.ObjectMeta{Namespace: p.declared.Namespace, Name: p.declared.Name + "-2026"},
		Spec: crm.ExhibitionSpec{
			StoreName: crm.ObjectName(p.declared.Name), Series: "Farnborough", Edition: "2026", Title: "Farnborough 2026", Venue: crm.Venue{TimeZone: "Europe/London"},
			Opens: "2026-07-20", Closes: "2026-07-24", Milestones: []crm.Milestone{{Name: "EarlyBirdEnds", Date: "2026-02-28"}},
		},
	}
}

func outreachSays(phase crm.OutreachPhase, conditionType, reason, message string) func(*crm.Outreach) bool {
	return func(o *crm.Outreach) bool {
		return o.Status.Phase == phase && conditionSays(o.Status.Conditions, conditionType, reason, message)
	}
}

// approve decides on the plan of an Outreach.
func (p *post) approve(o *crm.Outreach, name, digest string, decision crm.Decision) {
	p.t.Helper()
	create(p.t, &crm.OutreachApproval{
		ObjectMeta: metav1.ObjectMeta{Namespace: o.Namespace, Name: o.Name + name},
		Spec:       crm.OutreachApprovalSpec{OutreachName: crm.ObjectName(o.Name), PlanDigest: digest, Decision: decision, ApprovedBy: "olga@airshow.example"},
	})
}

// work is what the pod of a Job does.
func (p *post) work(key string, changes ...func(*outreach.Worker)) {
	p.t.Helper()
	look(p.t, p.url, func(opened *store.Store) error {
		worker := outreach.Worker{
			Store: opened, Key: key, Idle: time.Millisecond, Log: slog.New(slog.DiscardHandler),
			Server: func(plan *outreach.Plan) mail.Server {
				return mail.Server{Host: plan.Channel.SMTP.Host, Port: int(plan.Channel.SMTP.Port), TLS: mail.TLSNone}
			},
		}
		for _, change := range changes {
			change(&worker)
		}
		return worker.Work(p.t.Context())
	})
}

// askAgain forces a pass.
func askAgain(t *testing.T, o *crm.Outreach) {
	t.Helper()
	update(t, o, func(o *crm.Outreach) {
		o.Annotations = map[string]string{crm.AnnotationRequestedAt: time.Now().String()}
	})
}

func TestOutreaches(t *testing.T) {
	onSQLite, file := onFile("outreach")
	database := databases.NewDatabase(t)
	for name, at := range map[string]struct {
		declared *crm.CustomerStore
		url      string
	}{"SQLite": {onSQLite, file}, "PostgreSQL": {newStore(t, newNamespace(t), database), database}} {
		t.Run(name, func(t *testing.T) {
			p := newPost(t, at.declared, at.url)
			t.Run("Sent", p.in(testOutreachSent))
			t.Run("Refused", p.in(testOutreachRefused))
			t.Run("Posted", p.in(testOutreachPosted))
			t.Run("Troubled", p.in(testOutreachTroubled))
			t.Run("Resolved", p.in(testOutreachResolved))
			t.Run("Gone", p.in(testOutreachGone))
			t.Run("Unbound", p.in(testOutreachUnbound))
			t.Run("PolicySuspended", p.in(testOutreachPolicySuspended))
			t.Run("PolicyNeverInForce", p.in(testOutreachPolicyNever))
			t.Run("StoreSuspended", p.in(testOutreachStoreSuspended))
			t.Run("Quiet", p.in(testOutreachQuiet))
			t.Run("Loyalty", p.in(testOutreachLoyalty))
			t.Run("Over", p.in(testOutreachOver))
			t.Run("Stopped", p.in(testOutreachStopped))
		})
	}
}

func (p *post) in(test func(*testing.T, *post)) func(*testing.T) {
	return func(t *testing.T) {
		of := *p
		of.t = t
		test(t, &of)
	}
}

// testOutreachSent: everything is applied at once, in the wrong order.
func testOutreachSent(t *testing.T, p *post) {
	exhibition := p.edition()
	words := func(o *crm.Outreach) {
		o.Spec.Guardrails = &crm.Guardrails{Approval: crm.ApprovalAlways}
		o.Spec.ExhibitionName, o.Spec.Outreach.Messages[0].Text = crm.ObjectName(exhibition.Name), "{{ .Exhibition.Title }}, early until {{ date \"2006-01-02\" .Exhibition.Milestones.EarlyBirdEnds }}: {{ .Series.Participations }} of {{ .Series.Name }}"
	}
	o := p.letter("opening", words)
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachPlanning, crm.ConditionReconciling, crm.ReasonReferenceNotReady, "the OutreachChannel "+p.channel.Name+", which does not exist yet"))
	create(p.whole, p.segment)
	eventually(t, p.segment, has(4))
	create(p.whole, p.channel)
	eventually(t, o, outreachSays(crm.OutreachPlanning, crm.ConditionReconciling, crm.ReasonReferenceNotReady, "the Exhibition "+exhibition.Name+", which does not exist yet"))
	create(p.whole, exhibition)
	eventually(t, o, outreachSays(crm.OutreachAwaitingApproval, crm.ConditionReady, "AwaitingApproval", "spec.guardrails.approval is Always"))
	if a := o.Status.Audience; a.Matched != 4 || a.Recipients != 3 || len(a.Dropped) != 1 || a.Dropped[0] != (crm.DroppedStatus{Reason: store.DroppedNoAddress, Count: 1}) || o.Status.StoreID == "" {
		t.Errorf("the status is %+v", o.Status)
	}
	p.approve(o, "-other", "sha256:"+strings.Repeat("0", 64), crm.DecisionApproved)
	p.approve(o, "-this", o.Status.PlanDigest, crm.DecisionApproved)
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", "Workers send"))
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: o.Namespace, Name: o.Name + "-1"}}
	eventually(t, job, func(*batchv1.Job) bool { return true })
	pod := job.Spec.Template.Spec
	if got := strings.Join(pod.Containers[0].Args, " "); got != "--run-key opening" || pod.Containers[0].Image != "fairlead:test" || !metav1.IsControlledBy(job, o) || *pod.AutomountServiceAccountToken {
		t.Errorf("the Job's pod is %+v", pod)
	}
	if p.sink.Total() != 0 {
		t.Errorf("the manager sent %d mails", p.sink.Total())
	}
	p.work("opening")
	askAgain(t, o)
	eventually(t, o, outreachSays(crm.OutreachCompleted, crm.ConditionComplete, "Completed", "3 were sent, 0 failed"))
	if got := p.sink.Recipients(); len(got) != 3 || got["falcon@firm.example"] != 1 || o.Status.Messages.Sent != 3 || o.Status.Attempts != 1 || o.Status.CompletionTime == nil {
		t.Errorf("mails went to %v; the status is %+v", got, o.Status)
	}
	if raw := string(p.sink.Messages()[0].Raw); !strings.Contains(raw, "Farnborough 2026, early until 2026-02-28: 1 of Farnborough") {
		t.Errorf("a mail is\n%s", raw)
	}
	// What is through is not written to, and one key sends once.
	version := o.ResourceVersion
	again := p.letter("opening-again", func(o *crm.Outreach) { o.Spec.RunKey = "opening" })
	create(t, again)
	eventually(t, again, outreachSays(crm.OutreachFailed, crm.ConditionStalled, crm.ReasonRunKeyUsed, "one key sends once"))
	if err := server.Client.Get(t.Context(), client.ObjectKeyFromObject(o), o); err != nil || o.ResourceVersion != version {
		t.Errorf("an Outreach that is through was written: %v", err)
	}
	// Deleted and made anew it tells what became of its run, and sends nothing.
	before := *o.Status.Messages
	remove(t, o)
	o = p.letter("opening", words)
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachCompleted, crm.ConditionComplete, "Completed", "3 were sent, 0 failed"))
	if *o.Status.Messages != before || o.Status.Audience == nil {
		t.Errorf("made anew its status is %+v, and was %+v", o.Status.Messages, before)
	}
	// In other words it would be another one.
	remove(t, o)
	o = p.letter("opening", func(o *crm.Outreach) {
		words(o)
		o.Spec.Outreach.Messages[0].Subject = "Once more"
	})
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachFailed, crm.ConditionStalled, crm.ReasonRunKeyUsed, "one key sends once"))
	if p.sink.Total() != 3 {
		t.Errorf("there are %d mails", p.sink.Total())
	}
}

// testOutreachPosted: a webhook takes the messages.
func testOutreachPosted(t *testing.T, p *post) {
	var taken atomic.Int64
	taker := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { taken.Add(1) }))
	taker.TLS = trusted()
	taker.StartTLS()
	t.Cleanup(taker.Close)
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	create(t, credentials(p.declared.Namespace, p.declared.Name+"-signing", "secret", secret))
	channel := &crm.OutreachChannel{
		ObjectMeta: metav1.ObjectMeta{Namespace: p.declared.Namespace, Name: p.declared.Name + "-desk"},
		Spec: crm.OutreachChannelSpec{
			StoreName: crm.ObjectName(p.declared.Name), Medium: "Email", Delivery: crm.DeliveryLive,
			Webhook: &crm.Webhook{URL: taker.URL, SigningSecretName: crm.SecretName(p.declared.Name + "-signing"), AllowPrivateAddresses: ptr.To(true)},
		},
	}
	create(t, channel)
	from := p.letter("from", func(o *crm.Outreach) {
		o.Spec.Outreach.ChannelName, o.Spec.Outreach.Messages[0].Text = crm.ObjectName(channel.Name), "{{ .From.Name }}"
	})
	create(t, from)
	eventually(t, from, outreachSays(crm.OutreachPlanning, crm.ConditionStalled, crm.ReasonInvalidTemplate, "the channel is for no mail"))
	o := p.letter("posted", func(o *crm.Outreach) { o.Spec.Outreach.ChannelName = crm.ObjectName(channel.Name) })
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", ""))
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: o.Namespace, Name: o.Name + "-1"}}
	eventually(t, job, func(*batchv1.Job) bool { return true })
	if pod := job.Spec.Template.Spec; !strings.Contains(fmt.Sprint(pod.Containers[0].Args), "--credentials-dir") {
		t.Errorf("the Job's pod is %+v", pod)
	}
	before := p.sink.Total()
	p.work("posted", func(w *outreach.Worker) {
		w.SigningSecret, w.RootCAs = []byte(secret), x509.NewCertPool()
		w.RootCAs.AddCert(desk.Certificate())
	})
	askAgain(t, o)
	eventually(t, o, outreachSays(crm.OutreachCompleted, crm.ConditionComplete, "Completed", "3 were sent, 0 failed"))
	if taken.Load() != 3 || p.sink.Total() != before {
		t.Errorf("%d were posted, and %d mails sent", taken.Load(), p.sink.Total()-before)
	}
}

func remove(t *testing.T, object client.Object) {
	t.Helper()
	if err := server.Client.Delete(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}

func testOutreachRefused(t *testing.T, p *post) {
	for name, test := range map[string]struct {
		change func(*crm.Outreach)
		want   func(*crm.Outreach) bool
	}{
		"template": {
			func(o *crm.Outreach) {
				o.Spec.Outreach.Messages = append(o.Spec.Outreach.Messages, crm.Message{Locale: "de", Subject: "Wir", Text: "Guten Tag\n{{ .Contact.Nam }}"})
			},
			outreachSays(crm.OutreachPlanning, crm.ConditionStalled, crm.ReasonInvalidTemplate, "de, text, line 2"),
		},
		"link": {
			func(o *crm.Outreach) { o.Spec.Outreach.Messages[0].Text = "Stop: {{ .UnsubscribeURL }}" },
			outreachSays(crm.OutreachPlanning, crm.ConditionStalled, crm.ReasonInvalidTemplate, "the CustomerStore has no gateway that would answer it: say in its spec.gateway"),
		},
		"attribute": {
			func(o *crm.Outreach) { o.Spec.Outreach.Messages[0].Text = "{{ .Customer.Attributes.booth }}" },
			outreachSays(crm.OutreachPlanning, crm.ConditionStalled, crm.ReasonInvalidTemplate, "no attribute booth is declared that a message may tell"),
		},
		"exhibition": {
			func(o *crm.Outreach) { o.Spec.ExhibitionName = "nowhere" },
			outreachSays(crm.OutreachPlanning, crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the Exhibition nowhere, which does not exist yet"),
		},
		"no exhibition": {
			func(o *crm.Outreach) { o.Spec.Outreach.Messages[0].Text = "{{ .Exhibition.Title }}" },
			outreachSays(crm.OutreachPlanning, crm.ConditionStalled, crm.ReasonInvalidTemplate, "name it in spec.exhibitionName"),
		},
		"program": {
			func(o *crm.Outreach) { o.Spec.Outreach.LoyaltyProgramName = "nowhere" },
			outreachSays(crm.OutreachPlanning, crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the LoyaltyProgram nowhere, which does not exist yet"),
		},
		"no program": {
			func(o *crm.Outreach) { o.Spec.Outreach.Messages[0].Text = "{{ .Loyalty.Points }}" },
			outreachSays(crm.OutreachPlanning, crm.ConditionStalled, crm.ReasonInvalidTemplate, "there is no .Loyalty here: the store has no LoyaltyProgram: declare one"),
		},
		"milestone": {
			func(o *crm.Outreach) {
				o.Spec.ExhibitionName, o.Spec.Outreach.Messages[0].Text = crm.ObjectName(p.edition().Name), "{{ .Exhibition.Milestones.Earlybird }}"
			},
			outreachSays(crm.OutreachPlanning, crm.ConditionStalled, crm.ReasonInvalidTemplate, "did you mean EarlyBirdEnds?"),
		},
		"limit": {
			func(o *crm.Outreach) {
				o.Spec.Guardrails = &crm.Guardrails{MaxRecipients: ptr.To[int64](2), OnExceeded: crm.OnExceededFail}
			},
			outreachSays(crm.OutreachFailed, crm.ConditionStalled, crm.ReasonLimitExceeded, "3 recipients are more than guardrails.maxRecipients, 2"),
		},
		"asked": {
			func(o *crm.Outreach) { o.Spec.Guardrails = &crm.Guardrails{MaxRecipients: ptr.To[int64](2)} },
			outreachSays(crm.OutreachAwaitingApproval, crm.ConditionReady, "AwaitingApproval", "3 recipients are more than guardrails.maxRecipients, 2"),
		},
		"budget": {
			func(o *crm.Outreach) {
				o.Spec.Outreach.CostPerMessage = &crm.Money{Amount: "0.50", Currency: "EUR"}
				o.Spec.Guardrails = &crm.Guardrails{Budget: &crm.Money{Amount: "1.49", Currency: "EUR"}}
			},
			outreachSays(crm.OutreachAwaitingApproval, crm.ConditionReady, "AwaitingApproval", "cost more than guardrails.budget, 1.49 EUR"),
		},
		"nothing to spend": {
			func(o *crm.Outreach) {
				o.Spec.Outreach.CostPerMessage = &crm.Money{Amount: "0.01", Currency: "EUR"}
				o.Spec.Guardrails = &crm.Guardrails{Budget: &crm.Money{Amount: "0", Currency: "EUR"}}
			},
			outreachSays(crm.OutreachAwaitingApproval, crm.ConditionReady, "AwaitingApproval", "3 recipients at 0.01 EUR each cost more than guardrails.budget, 0 EUR"),
		},
		"nothing to spend at all": {
			func(o *crm.Outreach) {
				o.Spec.Outreach.CostPerMessage = &crm.Money{Amount: "0.01", Currency: "EUR"}
				o.Spec.Guardrails = &crm.Guardrails{Budget: &crm.Money{Amount: "0.00", Currency: "EUR"}, OnExceeded: crm.OnExceededFail}
			},
			outreachSays(crm.OutreachFailed, crm.ConditionStalled, crm.ReasonLimitExceeded, "3 recipients at 0.01 EUR each cost more than guardrails.budget, 0.00 EUR: nothing was sent"),
		},
		"currencies": {
			func(o *crm.Outreach) {
				o.Spec.Outreach.CostPerMessage = &crm.Money{Amount: "0.50", Currency: "EUR"}
				o.Spec.Guardrails = &crm.Guardrails{Budget: &crm.Money{Amount: "9", Currency: "GBP"}}
			},
			outreachSays(crm.OutreachPlanning, crm.ConditionStalled, crm.ReasonBudgetNotComparable, "give both in one currency"),
		},
		"class": {
			func(o *crm.Outreach) { o.Spec.Audience.Include[0].Classes = []crm.EntryName{"VIP"} },
			outreachSays(crm.OutreachPlanning, crm.ConditionStalled, crm.ReasonUnknownClass, "which is not split into classes"),
		},
		"nobody": {
			func(o *crm.Outreach) {
				o.Spec.Audience.Exclude = []crm.SegmentReference{{SegmentName: crm.ObjectName(p.segment.Name)}}
			},
			outreachSays(crm.OutreachCompleted, crm.ConditionReady, crm.ReasonEmptyAudience, "nobody is left to be written to"),
		},
		"cancelled": {
			func(o *crm.Outreach) { o.Spec.Cancel = ptr.To(true) },
			outreachSays(crm.OutreachCancelled, crm.ConditionComplete, "Cancelled", ""),
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := p.letter("refused-"+strings.ReplaceAll(name, " ", "-"), test.change)
			create(t, o)
			eventually(t, o, test.want)
		})
	}
	o := p.letter("denied", func(o *crm.Outreach) { o.Spec.Guardrails = &crm.Guardrails{Approval: crm.ApprovalAlways} })
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachAwaitingApproval, crm.ConditionReady, "AwaitingApproval", ""))
	p.approve(o, "", o.Status.PlanDigest, crm.DecisionDenied)
	eventually(t, o, outreachSays(crm.OutreachCancelled, crm.ConditionComplete, "Cancelled", "Denied by the OutreachApproval "+o.Name))
}

func testOutreachStopped(t *testing.T, p *post) {
	before := p.sink.Total()
	o := p.letter("paused", func(o *crm.Outreach) { o.Spec.Suspend = ptr.To(true) })
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachPaused, crm.ConditionReady, "Paused", "until spec.suspend is removed"))
	p.work("paused")
	if p.sink.Total() != before || o.Status.Attempts != 0 {
		t.Errorf("of a paused run %d mails went out; the status is %+v", p.sink.Total()-before, o.Status)
	}
	update(t, o, func(o *crm.Outreach) { o.Spec.Suspend = nil })
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", ""))
	update(t, o, func(o *crm.Outreach) { o.Spec.Cancel = ptr.To(true) })
	eventually(t, o, outreachSays(crm.OutreachCancelled, crm.ConditionComplete, "Cancelled", "0 were sent"))
	p.work("paused")
	// Whoever suspends the channel pauses its runs.
	update(t, p.channel, func(c *crm.OutreachChannel) { c.Spec.Suspend = ptr.To(true) })
	held := p.letter("held", nil)
	create(t, held)
	eventually(t, held, outreachSays(crm.OutreachPaused, crm.ConditionReady, "Paused", "until the OutreachChannel "+p.channel.Name+" is not suspended any more"))
	update(t, p.channel, func(c *crm.OutreachChannel) { c.Spec.Suspend = nil })
	eventually(t, held, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", ""))
	// A store that was restored from before the run must not send it once more.
	const forget = `DELETE FROM outreach_run WHERE run_key = 'held'`
	if strings.HasPrefix(p.url, "sqlite:") {
		say(t, raw(t, p.url), forget)
	} else {
		execute(t, p.url, forget)
	}
	askAgain(t, held)
	eventually(t, held, outreachSays(crm.OutreachSending, crm.ConditionStalled, crm.ReasonStoreRestored, "does not have the run held any more"))

	// An Outreach that is deleted takes its run with it.
	gone := p.letter("gone", nil)
	create(t, gone)
	eventually(t, gone, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", ""))
	remove(t, gone)
	look(t, p.url, func(opened *store.Store) error {
		for deadline := time.Now().Add(30 * time.Second); ; {
			run, err := opened.RunByKey(t.Context(), "gone")
			if err != nil || run.State == store.RunAbandoned {
				return err
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("the run is %s", run.State)
			}
		}
	})
	p.work("gone")
	if p.sink.Total() != before {
		t.Errorf("%d mails went out", p.sink.Total()-before)
	}
	if c := meta.FindStatusCondition(o.Status.Conditions, crm.ConditionReady); c == nil || c.Status != metav1.ConditionTrue {
		t.Errorf("the conditions are %+v", o.Status.Conditions)
	}
}
