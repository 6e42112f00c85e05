package outreachchannel

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/outreach/webhook"
)

// mailChannel is a channel to a mail server, with changes.
func mailChannel(edits ...func(*crm.OutreachChannel)) *crm.OutreachChannel {
	channel := &crm.OutreachChannel{
		ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "mail", Generation: 1, UID: "1"},
		Spec: crm.OutreachChannelSpec{
			StoreName: "crm", Medium: "Email", Delivery: crm.DeliveryLive,
			SMTP: &crm.SMTP{Host: "smtp.expo.svc", Port: 587, TLS: crm.TLSStartTLS, CredentialsSecretName: "smtp-login"},
			From: &crm.Sender{Address: "hello@airshow.example"},
		},
	}
	for _, edit := range edits {
		edit(channel)
	}
	return channel
}

// deskChannel is one to a webhook.
func deskChannel(url string, allow *bool) *crm.OutreachChannel {
	return mailChannel(func(c *crm.OutreachChannel) {
		c.Spec.Medium, c.Spec.SMTP, c.Spec.From = "Task", nil, nil
		c.Spec.Webhook = &crm.Webhook{URL: url, SigningSecretName: "desk-signing", AllowPrivateAddresses: allow}
	})
}

// login is the Secret of a mail server.
func login(username, password string) *secret {
	return &secret{name: "smtp-login", keys: []string{keyUsername, keyPassword}, labelled: true, values: [][]byte{[]byte(username), []byte(password)}}
}

func signing(value string) *secret {
	return &secret{name: "desk-signing", keys: []string{keySigning}, labelled: true, values: [][]byte{[]byte(value)}}
}

// signed has mails of a channel signed.
func signed(c *crm.OutreachChannel) {
	c.Spec.SMTP.DKIM = &crm.DKIM{Domain: "airshow.example", Selector: "fair", KeySecretName: "dkim-key"}
}

func signingKey(key []byte) *secret {
	return &secret{name: "dkim-key", keys: []string{keyDKIM}, labelled: true, values: [][]byte{key}}
}

// ed25519Key is one in PEM.
func ed25519Key(t *testing.T) []byte {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func storeOf(ready bool) *crm.CustomerStore {
	s := &crm.CustomerStore{ObjectMeta: metav1.ObjectMeta{Name: "crm"}}
	if ready {
		contract.Ready(crm.ReasonReady, "Ready.").Apply(&s.Status.ObservedStatus, 1, time.Unix(0, 0))
	}
	return s
}

// wish is what a pass should come to.
type wish struct {
	// condition beside Ready that is True; Ready itself if all is well.
	condition, reason, message string
	again                      again
}

func check(t *testing.T, came *ending, want wish) {
	t.Helper()
	if came == nil {
		if want != (wish{}) {
			t.Errorf("nothing stands in the way, want %+v", want)
		}
		return
	}
	var status crm.ObservedStatus
	came.verdict.Apply(&status, 1, time.Unix(0, 0))
	for _, name := range []string{crm.ConditionReady, crm.ConditionReconciling, crm.ConditionStalled} {
		if is := meta.IsStatusConditionTrue(status.Conditions, name); is != (name == want.condition) {
			t.Errorf("%s is %t, want %q to be true", name, is, want.condition)
		}
	}
	found := meta.FindStatusCondition(status.Conditions, crm.ConditionReady)
	if found.Reason != want.reason || !strings.Contains(found.Message, want.message) || !strings.HasSuffix(found.Message, ".") || strings.HasSuffix(found.Message, "..") {
		t.Errorf("%s %q, want %s %q", found.Reason, found.Message, want.reason, want.message)
	}
	if came.again != want.again {
		t.Errorf("looked at again %d, want %d", came.again, want.again)
	}
}

func TestBeforeTheServer(t *testing.T) {
	suspended := func(c *crm.OutreachChannel) { c.Spec.Suspend = ptr.To(true) }
	for name, test := range map[string]struct {
		came *ending
		want wish
	}{
		"a channel":                          {atRest(mailChannel()), wish{}},
		"suspended":                          {atRest(mailChannel(suspended)), wish{crm.ConditionReady, crm.ReasonSuspended, "until spec.suspend is removed", whenChanged}},
		"a public webhook":                   {atRest(deskChannel("https://desk.example/hooks", nil)), wish{}},
		"a webhook at a public address":      {atRest(deskChannel("https://[2606:4700::1111]/hooks", nil)), wish{}},
		"a webhook at a private address":     {atRest(deskChannel("https://10.0.0.5/hooks", ptr.To(false))), wish{crm.ConditionStalled, crm.ReasonPrivateAddress, "spec.webhook.url: 10.0.0.5 is an address that is not public: name a public host", whenChanged}},
		"a webhook at one that is meant":     {atRest(deskChannel("https://10.0.0.5/hooks", ptr.To(true))), wish{}},
		"no store":                           {checkStore(mailChannel(), nil), wish{crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the CustomerStore crm, which does not exist yet.", whenChanged}},
		"a store that is not ready":          {checkStore(mailChannel(), storeOf(false)), wish{crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the CustomerStore crm to become ready.", whenChanged}},
		"a store":                            {checkStore(mailChannel(), storeOf(true)), wish{}},
		"live":                               {dryRun(crm.DeliveryLive), wish{}},
		"redirected":                         {dryRun(crm.DeliveryRedirect), wish{}},
		"dry":                                {dryRun(crm.DeliveryDryRun), wish{crm.ConditionReady, crm.ReasonReady, "no message leaves", whenChanged}},
		"no Secret named":                    {checkSecret(mailChannel(signed), nil), wish{}},
		"a Secret that there is not":         {checkSecret(mailChannel(signed), &secret{name: "a", absent: true}), wish{crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the Secret a, which does not exist yet.", soon}},
		"a Secret that may not be read":      {checkSecret(mailChannel(signed), &secret{name: "a", forbidden: true}), wish{crm.ConditionReconciling, crm.ReasonReferenceNotReady, "kubectl apply -n expo -k config/tenant", soon}},
		"a Secret without the label":         {checkSecret(mailChannel(signed), &secret{name: "a"}), wish{crm.ConditionStalled, crm.ReasonCredentialsNotAllowed, `crm.fairlead.dev/credentials: "true"`, regularly}},
		"a login":                            {checkSecret(mailChannel(signed), login("desk", "of today")), wish{}},
		"a login without a password":         {checkSecret(mailChannel(signed), login("desk", "")), wish{crm.ConditionStalled, crm.ReasonInvalidSecret, "The Secret smtp-login has nothing under the key password.", regularly}},
		"a login without anything":           {checkSecret(mailChannel(signed), login("", " \n")), wish{crm.ConditionStalled, crm.ReasonInvalidSecret, "nothing under the key username, nor under password.", regularly}},
		"a login with a line break":          {checkSecret(mailChannel(signed), login("desk", "of-today\n")), wish{crm.ConditionStalled, crm.ReasonInvalidSecret, "has a line break under the key password", regularly}},
		"a signature":                        {checkSecret(mailChannel(signed), signing("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")), wish{}},
		"a signature in another form":        {checkSecret(mailChannel(signed), signing("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")), wish{crm.ConditionStalled, crm.ReasonInvalidSecret, "desk-signing has no usable secret under the key secret: a secret of Standard Webhooks is whsec_", regularly}},
		"a signature that is not there":      {checkSecret(mailChannel(signed), signing("")), wish{crm.ConditionStalled, crm.ReasonInvalidSecret, "nothing under the key secret.", regularly}},
		"a key that signs":                   {checkSecret(mailChannel(signed), signingKey(ed25519Key(t))), wish{}},
		"a key that signs nothing":           {checkSecret(mailChannel(signed), signingKey([]byte("of today"))), wish{crm.ConditionStalled, crm.ReasonInvalidSecret, "The Secret dkim-key has no usable key under private.pem: reading the DKIM key: it is not in PEM", regularly}},
		"no key that signs":                  {checkSecret(mailChannel(signed), signingKey(nil)), wish{crm.ConditionStalled, crm.ReasonInvalidSecret, "nothing under the key private.pem.", regularly}},
		"no authorities":                     {checkAuthorities("company-ca", nil), wish{crm.ConditionStalled, crm.ReasonInvalidAuthority, "The ConfigMap company-ca has no certificate in PEM under the key ca.crt", regularly}},
		"authorities in another form":        {checkAuthorities("company-ca", []byte("of ours")), wish{crm.ConditionStalled, crm.ReasonInvalidAuthority, "put that of the authority there", regularly}},
		"a Secret that nobody reads is none": {checkSecret(mailChannel(signed), func() *secret { s := login("a", "b"); s.absent = true; return s }()), wish{crm.ConditionReconciling, crm.ReasonReferenceNotReady, "does not exist yet", soon}},
	} {
		t.Run(name, func(t *testing.T) { check(t, test.came, test.want) })
	}
}

// brokenAt is what the network says when a connection breaks, with a port that is another
// each time.
func brokenAt(port int) error {
	return &net.OpError{
		Op: "read", Net: "tcp", Source: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: port}, Addr: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 9), Port: 587},
		Err: os.NewSyscallError("read", syscall.ECONNRESET),
	}
}

func TestFindings(t *testing.T) {
	desk := deskChannel("https://desk.example/", nil).Spec
	of := func(trouble mail.Trouble, code int, cause error) *mail.ChannelError {
		return &mail.ChannelError{Trouble: trouble, Code: code, Text: "what the check says", Err: cause}
	}
	at := func(trouble webhook.Trouble, cause error) *webhook.EndpointError {
		return &webhook.EndpointError{Trouble: trouble, Text: "what the check says", Err: cause}
	}
	stalls := func(reason, message string) wish { return wish{crm.ConditionStalled, reason, message, regularly} }
	waits := func(reason, message string) wish { return wish{crm.ConditionReconciling, reason, message, soon} }
	for name, test := range map[string]struct {
		spec  crm.OutreachChannelSpec
		found error
		want  wish
	}{
		"all is well":                    {mailChannel().Spec, nil, wish{crm.ConditionReady, crm.ReasonReady, "The server answers and lets us in.", regularly}},
		"all is well with a webhook":     {desk, nil, wish{crm.ConditionReady, crm.ReasonReady, "The host of the webhook answers", regularly}},
		"nobody there":                   {mailChannel().Spec, of(mail.TroubleUnreachable, 0, brokenAt(1)), waits(crm.ReasonUnreachable, "now: what the check says: the connection ended; it is tried again by itself.")},
		"busy":                           {mailChannel().Spec, of(mail.TroubleRefused, 421, nil), waits(crm.ReasonUnreachable, "(reply 421)")},
		"cannot log in just now":         {mailChannel().Spec, of(mail.TroubleAuthentication, 454, nil), waits(crm.ReasonUnreachable, "(reply 454)")},
		"STARTTLS not just now":          {mailChannel().Spec, of(mail.TroubleNoStartTLS, 454, nil), waits(crm.ReasonUnreachable, "(reply 454)")},
		"gone in the handshake":          {mailChannel().Spec, of(mail.TroubleTLS, 0, brokenAt(1)), waits(crm.ReasonUnreachable, "the connection ended")},
		"ended in the handshake":         {mailChannel().Spec, of(mail.TroubleTLS, 0, io.EOF), waits(crm.ReasonUnreachable, "the connection ended")},
		"a wrong password":               {mailChannel().Spec, of(mail.TroubleAuthentication, 535, nil), stalls(crm.ReasonAuthenticationFailed, "The Secret smtp-login does not let us in: what the check says (reply 535).")},
		"no way to log in":               {mailChannel().Spec, of(mail.TroubleAuthentication, 0, nil), stalls(crm.ReasonAuthenticationFailed, "smtp-login")},
		"a stranger's certificate":       {mailChannel().Spec, of(mail.TroubleCertificate, 0, x509.UnknownAuthorityError{}), stalls(crm.ReasonInvalidCertificate, "spec.smtp: what the check says: it is signed by an authority that is not trusted.")},
		"no STARTTLS":                    {mailChannel().Spec, of(mail.TroubleNoStartTLS, 0, nil), stalls(crm.ReasonStartTLSMissing, "spec.smtp: what the check says.")},
		"no TLS":                         {mailChannel().Spec, of(mail.TroubleTLS, 0, errors.New("tls: something")), stalls(crm.ReasonTLSFailed, "spec.smtp: what the check says.")},
		"no mail server":                 {mailChannel().Spec, of(mail.TroubleNotSMTP, 0, errors.New("HTTP/1.1")), stalls(crm.ReasonNotSMTP, "spec.smtp: what the check says.")},
		"not welcome":                    {mailChannel().Spec, of(mail.TroubleRefused, 554, nil), stalls(crm.ReasonServerRefused, "(reply 554)")},
		"settings that nobody can write": {mailChannel().Spec, of(mail.TroubleSettings, 0, nil), waits(crm.ReasonFailed, "spec.smtp: what the check says.")},
		"trouble without a name":         {mailChannel().Spec, errors.New("odd"), waits(crm.ReasonFailed, "Asking the server: odd.")},

		"a webhook that is away":                    {desk, at(webhook.TroubleUnreachable, brokenAt(1)), waits(crm.ReasonUnreachable, "the connection ended")},
		"a webhook gone in the handshake":           {desk, at(webhook.TroubleTLS, io.EOF), waits(crm.ReasonUnreachable, "the connection ended")},
		"a webhook that leads to a private address": {desk, at(webhook.TroublePrivateAddress, nil), stalls(crm.ReasonPrivateAddress, "spec.webhook.url: what the check says: name a public host")},
		"a webhook of a stranger":                   {desk, at(webhook.TroubleCertificate, x509.UnknownAuthorityError{}), stalls(crm.ReasonInvalidCertificate, "spec.webhook.url: what the check says")},
		"a webhook without TLS":                     {desk, at(webhook.TroubleTLS, errors.New("tls: something")), stalls(crm.ReasonTLSFailed, "spec.webhook.url: what the check says.")},
		"a webhook that nobody can write":           {desk, at(webhook.TroubleSettings, nil), waits(crm.ReasonFailed, "spec.webhook.url: what the check says.")},
	} {
		t.Run(name, func(t *testing.T) {
			came := endingOf(test.spec, test.found)
			check(t, &came, test.want)
		})
	}
}

// TestCausesLast: what is the same trouble gives the same words.
func TestCausesLast(t *testing.T) {
	day := time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC)
	expired := &x509.Certificate{NotBefore: day, NotAfter: day.AddDate(0, 1, 0)}
	named := &x509.Certificate{DNSNames: []string{"a.example", "b\r\n.example", "*.c.example", strings.Repeat("d", 300), "e.example"}, IPAddresses: []net.IP{net.IPv4(10, 0, 0, 1)}}
	for want, causes := range map[string][]error{
		"":                                       {nil, errors.New("220 hello from 10.0.0.1")},
		"connection refused":                     {&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}},
		"there is no host of this name":          {&net.DNSError{Err: "no such host", Name: "smtp.expo.svc", Server: "10.96.0.10:53", IsNotFound: true}},
		"the name cannot be resolved at present": {&net.DNSError{Err: "read udp 10.0.0.1:40001->10.96.0.10:53: i/o timeout", IsTimeout: true}},
		"no answer in time":                      {os.ErrDeadlineExceeded, fmt.Errorf("reading the server's answer: %w", os.ErrDeadlineExceeded)},
		"the connection ended":                   {io.EOF, fmt.Errorf("reading: %w", io.ErrUnexpectedEOF), brokenAt(40001), brokenAt(40002)},
		"it is signed by an authority that is not trusted":       {x509.UnknownAuthorityError{Cert: named}},
		"it is for a.example, *.c.example, e.example and others": {x509.HostnameError{Certificate: named, Host: "x"}},
		"it is for no host":  {x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}},
		"it is for 10.0.0.1": {x509.HostnameError{Certificate: &x509.Certificate{IPAddresses: named.IPAddresses}}},
		"it is valid from 2026-01-02T03:04:05Z until 2026-02-02T03:04:05Z": {x509.CertificateInvalidError{Cert: expired, Reason: x509.Expired, Detail: "current time " + time.Now().String()}},
	} {
		for _, cause := range causes {
			got := ""
			if left := lasting(cause); left != nil {
				got = left.Error()
			}
			if got != want {
				t.Errorf("%v becomes %q, want %q", cause, got, want)
			}
		}
	}
}

func TestMistakes(t *testing.T) {
	if found := Mistakes(mailChannel().Spec); found != nil {
		t.Errorf("a channel in order has %+v", found)
	}
	found := Mistakes(deskChannel("https://192.168.0.1/", nil).Spec)
	if len(found) != 1 || found[0].Field != "spec.webhook.url" || found[0].Reason != crm.ReasonPrivateAddress || !strings.HasPrefix(found[0].Message, "192.168.0.1 is") {
		t.Errorf("found %+v", found)
	}
}

func TestProblem(t *testing.T) {
	looked := func(verdict contract.Verdict, generation int64) *crm.OutreachChannel {
		return mailChannel(func(c *crm.OutreachChannel) { verdict.Apply(&c.Status.ObservedStatus, generation, time.Unix(0, 0)) })
	}
	deleted := looked(contract.Ready(crm.ReasonReady, ""), 1)
	deleted.DeletionTimestamp = ptr.To(metav1.Now())
	for want, channel := range map[string]*crm.OutreachChannel{
		"":                                    looked(contract.Ready(crm.ReasonReady, ""), 1),
		"is being deleted":                    deleted,
		"has not been looked at as it stands": mailChannel(),
		"mail has not been looked at":         looked(contract.Ready(crm.ReasonReady, ""), 0),
		"is not ready: Unreachable":           looked(contract.Waiting(crm.ReasonUnreachable, ""), 1),
		"is not ready: InvalidCertificate":    looked(contract.Stalled(crm.ReasonInvalidCertificate, ""), 1),
		"lets nothing be sent: Suspended":     looked(contract.Ready(crm.ReasonSuspended, ""), 1),
	} {
		if err := Problem(channel); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestTransitions(t *testing.T) {
	status := func(verdict contract.Verdict) (s crm.OutreachChannelStatus) {
		verdict.Apply(&s.ObservedStatus, 1, time.Unix(0, 0))
		return s
	}
	nothing := crm.OutreachChannelStatus{}
	good, away := status(contract.Ready("Ready", "Good.")), status(contract.Waiting("Unreachable", "Away."))
	wrong, other := status(contract.Stalled("TLSFailed", "Mend it.")), status(contract.Stalled("NotSMTP", "Mend that."))
	for name, test := range map[string]struct {
		before, after crm.OutreachChannelStatus
		want          []event
	}{
		"at first away":   {nothing, away, nil},
		"at first good":   {nothing, good, []event{{"Normal", "Ready", "Good."}}},
		"good as ever":    {good, good, nil},
		"away":            {good, away, []event{{"Warning", "Unreachable", "Away."}}},
		"away as ever":    {away, away, nil},
		"back":            {away, good, []event{{"Normal", "Ready", "Good."}}},
		"wrong":           {good, wrong, []event{{"Warning", "TLSFailed", "Mend it."}}},
		"wrong otherwise": {wrong, other, []event{{"Warning", "NotSMTP", "Mend that."}}},
		"mended, away":    {wrong, away, nil},
		"suspended":       {good, status(contract.Ready("Suspended", "Off.")), []event{{"Normal", "Suspended", "Off."}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := transitions(test.before, test.after); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
