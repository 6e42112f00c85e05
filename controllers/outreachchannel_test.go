package controllers_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/controllers/outreachchannel"
	"github.com/fairlead/fairlead/test/mailsink"
)

// posted counts what the desk was posted.
var posted atomic.Int64

func newDesk() *httptest.Server {
	made := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { posted.Add(1) }))
	// Clients that do not trust it are what tests ask for.
	made.Config.ErrorLog = log.New(io.Discard, "", 0)
	made.StartTLS()
	return made
}

// trusted is how servers prove to the manager who they are.
func trusted() *tls.Config {
	return &tls.Config{Certificates: desk.TLS.Certificates, MinVersion: tls.VersionTLS12}
}

// selfSigned is a certificate that nobody trusts.
func selfSigned(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
}

// mailServer starts one, which knows the user desk unless told otherwise.
func mailServer(t *testing.T, options mailsink.Options) *mailsink.Sink {
	t.Helper()
	sink, err := mailsink.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, sink) })
	return sink
}

func stop(t *testing.T, sink *mailsink.Sink) {
	t.Helper()
	if err := sink.Close(); err != nil {
		t.Error(err)
	}
}

func faults(t *testing.T, sink *mailsink.Sink, set ...mailsink.Fault) {
	t.Helper()
	if err := sink.SetFault(set...); err != nil {
		t.Fatal(err)
	}
}

// withLogin are the options of a server that is as it should be.
func withLogin() mailsink.Options {
	return mailsink.Options{TLS: trusted(), Username: "desk", Password: "of today"}
}

// loginSecret holds credentials of a mail server.
func loginSecret(namespace, password string) *corev1.Secret {
	made := credentials(namespace, "smtp-login", "username", "desk")
	made.Data["password"] = []byte(password)
	return made
}

// mailChannel makes a channel to a server.
func mailChannel(t *testing.T, namespace, address string) *crm.OutreachChannel {
	t.Helper()
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return &crm.OutreachChannel{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "mail"},
		Spec: crm.OutreachChannelSpec{
			StoreName: "crm", Medium: "Email", Delivery: crm.DeliveryLive, From: &crm.Sender{Address: "hello@airshow.example"},
			SMTP: &crm.SMTP{Host: host, Port: int32(port), CredentialsSecretName: "smtp-login"},
		},
	}
}

// deskChannel makes a channel to the desk.
func deskChannel(namespace string) *crm.OutreachChannel {
	return &crm.OutreachChannel{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "call-desk"},
		Spec: crm.OutreachChannelSpec{
			StoreName: "crm", Medium: "Task", Delivery: crm.DeliveryLive,
			Webhook: &crm.Webhook{URL: desk.URL + "/hooks", SigningSecretName: "desk-signing"},
		},
	}
}

// tenant makes a namespace with a store that is ready.
func tenant(t *testing.T) string {
	t.Helper()
	namespace := newNamespace(t)
	declared := newStore(t, namespace, databases.NewDatabase(t))
	create(t, declared)
	eventually(t, declared, storeReady)
	return namespace
}

func channelReady(c *crm.OutreachChannel) bool { return outreachchannel.Problem(c) == nil }

// channelSays wants a condition that is true for a reason, and a part of its message.
func channelSays(conditionType, reason, message string) func(*crm.OutreachChannel) bool {
	return func(c *crm.OutreachChannel) bool {
		return conditionSays(c.Status.Conditions, conditionType, reason, message) && c.Status.ObservedGeneration == c.Generation && !channelReady(c)
	}
}

// quiet demands that passes over a channel that is as it was write nothing.
func quiet(t *testing.T, channel *crm.OutreachChannel) {
	t.Helper()
	before := channel.ResourceVersion
	passesOf(t, "outreachchannel", 20)
	if err := server.Client.Get(t.Context(), client.ObjectKeyFromObject(channel), channel); err != nil {
		t.Fatal(err)
	}
	if channel.ResourceVersion != before {
		t.Errorf("passes without news wrote the object: %s after %s: %+v", channel.ResourceVersion, before, channel.Status)
	}
}

func TestChannelWaitsForWhatItNeeds(t *testing.T) {
	namespace, database := newNamespace(t), databases.NewDatabase(t)
	sink := mailServer(t, withLogin())
	channel := mailChannel(t, namespace, sink.Addr())
	create(t, channel)
	eventually(t, channel, channelSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the CustomerStore crm, which does not exist yet."))

	declared := declareStore(namespace)
	create(t, declared)
	eventually(t, channel, channelSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the CustomerStore crm to become ready."))
	newStore(t, namespace, database)
	eventually(t, channel, channelSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the Secret smtp-login, which does not exist yet."))
	quiet(t, channel)

	login := loginSecret(namespace, "of today")
	login.Labels = nil
	delete(login.Data, "password")
	create(t, login)
	eventually(t, channel, channelSays(crm.ConditionStalled, crm.ReasonCredentialsNotAllowed, "The Secret smtp-login must carry the label"))
	expectEvent(t, channel, crm.ReasonCredentialsNotAllowed, meta.FindStatusCondition(channel.Status.Conditions, crm.ConditionStalled).Message)
	update(t, login, func(s *corev1.Secret) { s.Labels = map[string]string{crm.LabelCredentials: "true"} })
	eventually(t, channel, channelSays(crm.ConditionStalled, crm.ReasonInvalidSecret, "nothing under the key password."))
	ready := func() float64 {
		value, _ := sumOf(t, registry, "fairlead_outreachchannel_ready", map[string]string{"namespace": namespace, "name": "mail"})
		return value
	}
	if ready() != 0 {
		t.Error("the metric takes it for ready")
	}
	update(t, login, func(s *corev1.Secret) { s.Data["password"] = []byte("of today") })
	eventually(t, channel, channelReady)
	expectEvent(t, channel, crm.ReasonReady, "The server answers and lets us in. Nothing was sent to it.")
	poll(t, "the metric says so", func(context.Context) (bool, error) { return ready() == 1, nil })
	quiet(t, channel)

	if err := server.Client.Delete(t.Context(), declared); err != nil {
		t.Fatal(err)
	}
	eventually(t, channel, channelSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "does not exist yet"))
	if sink.Total() != 0 {
		t.Errorf("%d messages were sent", sink.Total())
	}
}

func TestChannelRecoversByItself(t *testing.T) {
	namespace, options := tenant(t), withLogin()
	sink := mailServer(t, options)
	channel := mailChannel(t, namespace, sink.Addr())
	create(t, loginSecret(namespace, "of today"))
	create(t, channel)
	eventually(t, channel, channelReady)

	options.Address = sink.Addr()
	stop(t, sink)
	eventually(t, channel, channelSays(crm.ConditionReconciling, crm.ReasonUnreachable, "connection refused; it is tried again by itself."))
	expectEvent(t, channel, crm.ReasonUnreachable, meta.FindStatusCondition(channel.Status.Conditions, crm.ConditionReady).Message)
	quiet(t, channel)
	sink = mailServer(t, options)
	eventually(t, channel, channelReady)

	faults(t, sink, mailsink.Fault{Kind: mailsink.Outage})
	eventually(t, channel, channelSays(crm.ConditionReconciling, crm.ReasonUnreachable, "the connection ended"))
	faults(t, sink, mailsink.Fault{Kind: mailsink.Unavailable})
	eventually(t, channel, channelSays(crm.ConditionReconciling, crm.ReasonUnreachable, "(reply 421"))
	faults(t, sink)
	eventually(t, channel, channelReady)
}

func TestWrongPasswordStalls(t *testing.T) {
	namespace := tenant(t)
	sink := mailServer(t, withLogin())
	channel, login := mailChannel(t, namespace, sink.Addr()), loginSecret(namespace, "of yesterday")
	create(t, login)
	create(t, channel)
	eventually(t, channel, channelSays(crm.ConditionStalled, crm.ReasonAuthenticationFailed,
		"The Secret smtp-login does not let us in: "+sink.Addr()+" does not take the credentials: check username and password (reply 535 5.7.8)."))
	quiet(t, channel)
	update(t, login, func(s *corev1.Secret) { s.Data["password"] = []byte("of today") })
	eventually(t, channel, channelReady)
}

func TestServerThatIsNotAsDeclared(t *testing.T) {
	namespace := tenant(t)
	create(t, loginSecret(namespace, "of today"))
	strange := withLogin()
	strange.TLS = selfSigned(t)
	implicit := withLogin()
	implicit.TLSAddress = "127.0.0.1:0"
	plain := mailServer(t, mailsink.Options{}).Addr()
	for name, test := range map[string]struct {
		address string
		change  func(*crm.SMTP)
		want    func(*crm.OutreachChannel) bool
	}{
		"a certificate of nobody who is trusted": {mailServer(t, strange).Addr(), func(*crm.SMTP) {}, channelSays(crm.ConditionStalled, crm.ReasonInvalidCertificate, "it is signed by an authority that is not trusted.")},
		"no STARTTLS":                            {plain, func(*crm.SMTP) {}, channelSays(crm.ConditionStalled, crm.ReasonStartTLSMissing, "does not offer STARTTLS: use the TLS mode Implicit")},
		"in clear, without credentials":          {plain, func(s *crm.SMTP) { s.TLS, s.CredentialsSecretName = crm.TLSNone, "" }, channelReady},
		"TLS from the first byte":                {mailServer(t, implicit).TLSAddr(), func(s *crm.SMTP) { s.TLS = crm.TLSImplicit }, channelReady},
		"TLS where the server is silent":         {plain, func(s *crm.SMTP) { s.TLS = crm.TLSImplicit }, channelSays(crm.ConditionStalled, crm.ReasonTLSFailed, "does not answer in TLS")},
		"another host's name":                    {mailServer(t, withLogin()).Addr(), func(s *crm.SMTP) { s.Host = "localhost" }, channelSays(crm.ConditionStalled, crm.ReasonInvalidCertificate, "it is for example.com")},
	} {
		t.Run(name, func(t *testing.T) {
			channel := mailChannel(t, namespace, test.address)
			channel.Name, channel.GenerateName = "", "mail-"
			test.change(channel.Spec.SMTP)
			create(t, channel)
			eventually(t, channel, test.want)
			quiet(t, channel)
		})
	}
}

func TestWebhookIsNotAimedAtTheInside(t *testing.T) {
	namespace := tenant(t)
	channel, secret := deskChannel(namespace), credentials(namespace, "desk-signing", "secret", "of today")
	named := deskChannel(namespace)
	named.Name, named.Spec.Webhook.URL = "named", "https://localhost"+desk.URL[len("https://127.0.0.1"):]
	create(t, channel)
	eventually(t, channel, channelSays(crm.ConditionStalled, crm.ReasonPrivateAddress, "127.0.0.1 is an address that is not public"))
	update(t, channel, func(c *crm.OutreachChannel) { c.Spec.Webhook.AllowPrivateAddresses = ptr.To(true) })
	eventually(t, channel, channelSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the Secret desk-signing"))
	create(t, secret)
	eventually(t, channel, channelSays(crm.ConditionStalled, crm.ReasonInvalidSecret, "desk-signing has no usable secret under the key secret"))
	update(t, secret, func(s *corev1.Secret) { s.Data["secret"] = []byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") })
	eventually(t, channel, channelReady)
	quiet(t, channel)

	create(t, named)
	eventually(t, named, channelSays(crm.ConditionStalled, crm.ReasonPrivateAddress, "localhost leads to an address that is not public"))
	update(t, named, func(c *crm.OutreachChannel) { c.Spec.Webhook.AllowPrivateAddresses = ptr.To(true) })
	eventually(t, named, channelSays(crm.ConditionStalled, crm.ReasonInvalidCertificate, "does not prove that it is localhost"))
	if posted.Load() != 0 {
		t.Errorf("the desk was posted %d requests", posted.Load())
	}
}

func TestSuspendedChannelAsksNobody(t *testing.T) {
	namespace := newNamespace(t)
	channel := mailChannel(t, namespace, mailServer(t, withLogin()).Addr())
	channel.Spec.Suspend = ptr.To(true)
	create(t, channel)
	// There is neither a store nor a Secret.
	eventually(t, channel, func(c *crm.OutreachChannel) bool {
		return hasReason(c.Status.Conditions, crm.ConditionReady, crm.ReasonSuspended) && !channelReady(c)
	})
	update(t, channel, func(c *crm.OutreachChannel) { c.Spec.Suspend = nil })
	eventually(t, channel, channelSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the CustomerStore crm"))
}

func TestDryRunNeedsNoServer(t *testing.T) {
	namespace := tenant(t)
	channel := mailChannel(t, namespace, "127.0.0.1:1")
	channel.Spec.Delivery = crm.DeliveryDryRun
	create(t, channel)
	eventually(t, channel, channelReady)
	update(t, channel, func(c *crm.OutreachChannel) { c.Spec.Delivery = crm.DeliveryLive })
	eventually(t, channel, channelSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the Secret smtp-login"))
	create(t, loginSecret(namespace, "of today"))
	eventually(t, channel, channelSays(crm.ConditionReconciling, crm.ReasonUnreachable, "no connection to 127.0.0.1:1"))
}

// TestChannelsOfTenantsAreApart: the same names, with another password in each.
func TestChannelsOfTenantsAreApart(t *testing.T) {
	sink := mailServer(t, withLogin())
	right, wrong := tenant(t), tenant(t)
	create(t, loginSecret(right, "of today"))
	create(t, loginSecret(wrong, "of yesterday"))
	first, second := mailChannel(t, right, sink.Addr()), mailChannel(t, wrong, sink.Addr())
	create(t, first)
	create(t, second)
	eventually(t, first, channelReady)
	eventually(t, second, channelSays(crm.ConditionStalled, crm.ReasonAuthenticationFailed, "smtp-login"))
	quiet(t, first)
	eventually(t, first, channelReady)
}

// TestChannelSigns: the key that signs mails is looked at like a password.
func TestChannelSigns(t *testing.T) {
	namespace := tenant(t)
	channel := mailChannel(t, namespace, mailServer(t, withLogin()).Addr())
	channel.Spec.SMTP.DKIM = &crm.DKIM{Domain: "airshow.example", Selector: "fair", KeySecretName: "dkim-key"}
	create(t, loginSecret(namespace, "of today"))
	create(t, channel)
	eventually(t, channel, channelSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the Secret dkim-key, which does not exist yet."))
	key := credentials(namespace, "dkim-key", "private.pem", "of today")
	key.Labels = nil
	create(t, key)
	eventually(t, channel, channelSays(crm.ConditionStalled, crm.ReasonCredentialsNotAllowed, "The Secret dkim-key must carry the label"))
	update(t, key, func(s *corev1.Secret) { s.Labels = map[string]string{crm.LabelCredentials: "true"} })
	eventually(t, channel, channelSays(crm.ConditionStalled, crm.ReasonInvalidSecret, "The Secret dkim-key has no usable key under private.pem: reading the DKIM key: it is not in PEM"))
	_, made, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(made)
	if err != nil {
		t.Fatal(err)
	}
	update(t, key, func(s *corev1.Secret) {
		s.Data["private.pem"] = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	})
	eventually(t, channel, channelReady)
	quiet(t, channel)
}

// TestChannelTrustsTheCompany: an authority of one's own signs the server's certificate.
func TestChannelTrustsTheCompany(t *testing.T) {
	namespace, options := tenant(t), withLogin()
	options.TLS = selfSigned(t)
	channel := mailChannel(t, namespace, mailServer(t, options).Addr())
	create(t, loginSecret(namespace, "of today"))
	create(t, channel)
	eventually(t, channel, channelSays(crm.ConditionStalled, crm.ReasonInvalidCertificate, "it is signed by an authority that is not trusted."))
	update(t, channel, func(c *crm.OutreachChannel) { c.Spec.CAConfigMapName = "company-ca" })
	eventually(t, channel, channelSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the ConfigMap company-ca, which does not exist yet."))
	trusted := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "company-ca"}, Data: map[string]string{"ca.crt": "of ours"}}
	create(t, trusted)
	eventually(t, channel, channelSays(crm.ConditionStalled, crm.ReasonInvalidAuthority, "The ConfigMap company-ca has no certificate in PEM under the key ca.crt"))
	update(t, trusted, func(c *corev1.ConfigMap) {
		c.Data["ca.crt"] = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: options.TLS.Certificates[0].Certificate[0]}))
	})
	eventually(t, channel, channelReady)
	quiet(t, channel)
	// Those that are trusted anyway still are.
	other := mailChannel(t, namespace, mailServer(t, withLogin()).Addr())
	other.Name, other.Spec.CAConfigMapName = "other", "company-ca"
	create(t, other)
	eventually(t, other, channelReady)
}
