package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	controller "github.com/fairlead/fairlead/controllers/outreach"
	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/apiserver"
	"github.com/fairlead/fairlead/test/mailsink"
)

// previewed is a store with customers, and manifests that write to them through a sink.
type previewed struct {
	t         *testing.T
	url       string
	manifests string
	sink      *mailsink.Sink
}

const previewManifests = `
apiVersion: crm.fairlead.dev/v1alpha1
kind: CustomerStore
metadata: {name: crm}
spec: {sqlite: {fileName: crm.db}, reportingCurrency: GBP, contactPolicyNames: [fair-use]}
---
apiVersion: crm.fairlead.dev/v1alpha1
kind: ContactPolicy
metadata: {name: fair-use}
spec: {topics: [{name: service, title: [{locale: en, text: Service}], legalBasis: Contract}, {name: news, title: [{locale: en, text: News}], legalBasis: Consent}]}
---
apiVersion: crm.fairlead.dev/v1alpha1
kind: CustomerSegment
metadata: {name: all}
spec: {storeName: crm, where: 'true'}
---
apiVersion: crm.fairlead.dev/v1alpha1
kind: OutreachChannel
metadata: {name: mail}
spec: {storeName: crm, medium: Email, delivery: Live, smtp: {host: HOST, port: PORT, tls: None}, from: {name: Airshow, address: hello@airshow.example}}
---
apiVersion: crm.fairlead.dev/v1alpha1
kind: Exhibition
metadata: {name: fair-2026}
spec: {storeName: crm, series: Fair, edition: "2026", title: Fair 2026, opens: "2026-07-20", closes: "2026-07-24", venue: {timeZone: Europe/London}, milestones: [{name: EarlyBirdEnds, date: "2026-02-28"}]}
---
apiVersion: crm.fairlead.dev/v1alpha1
kind: Outreach
metadata: {name: notice}
spec:
  storeName: crm
  runKey: notice-2026
  exhibitionName: fair-2026
  audience: {include: [{segmentName: all}]}
  outreach:
    channelName: mail
    topic: service
    messages: [{locale: en, subject: "{{ .Exhibition.Title }} opens", html: "<p>Dear {{ .Contact.Name }},</p><p>until {{ date \"full\" .Exhibition.Milestones.EarlyBirdEnds }}</p>"}]
`

func newPreviewed(t *testing.T, url string, options mailsink.Options) *previewed {
	t.Helper()
	p := &previewed{t: t, url: url}
	var err error
	if p.sink, err = mailsink.Start(options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.sink.Close() })
	mapping := write(t, "parties.yaml", parties)
	imported(t, exitOK, url, mapping, write(t, "parties.csv", "number,name,country,email\n1,Falcon,DE,office@falcon.example\n2,Merlin,DE,\n3,Kestrel,DE,OFFICE@falcon.example\n4,Hobby,DE,hobby@firm.example\n"))
	for _, statement := range []string{
		`INSERT INTO segment (name, definition, baseline, baseline_transition, sequence, transition, day, members) VALUES ('all', '', 1, 0, 0, 0, 0, 3)`,
		`INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT 'all', p.id, '', 0 FROM party p WHERE p.name <> 'Hobby'`,
	} {
		if _, err := connect(t, url).ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	host, port, _ := net.SplitHostPort(p.sink.Addr())
	p.manifests = strings.NewReplacer("HOST", host, "PORT", port).Replace(previewManifests)
	return p
}

// args of a preview for the customer of a name, of manifests that are changed.
func (p *previewed) args(name string, change func(string) string, more ...string) []string {
	p.t.Helper()
	manifests := p.manifests
	if change != nil {
		if manifests = change(manifests); manifests == p.manifests {
			p.t.Fatal("nothing was changed")
		}
	}
	return append([]string{"preview", "--store", p.url, "-f", write(p.t, "manifests.yaml", manifests), "--outreach", "notice", "--customer", search(p.t, p.url, name)[0].Code}, more...)
}

var dateLine = regexp.MustCompile(`Date: [^\r]*\r\n`)

func withoutDate(mail string) string { return dateLine.ReplaceAllString(mail, "") }

// TestPreview: the bytes are those of a mail; once the run is frozen they are those that are
// sent; and whatever was previewed, the store is as before.
func TestPreview(t *testing.T) {
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		p := newPreviewed(t, newStore(t), mailsink.Options{})
		before := dump(t, p.url)
		code, eml, said := runCaptured(t, p.args("Falcon", nil)...)
		parsed, err := mail.ReadMessage(strings.NewReader(eml))
		if code != exitOK || err != nil || parsed.Header.Get("To") != `"Falcon" <office@falcon.example>` || parsed.Header.Get("Subject") != "Fair 2026 opens" || !strings.Contains(eml, "<p>until Saturday, February 28, 2026</p>") {
			t.Errorf("exit code %d, it printed\n%s\n%v, and said %s", code, eml, err, said)
		}
		if want := "The run notice-2026 is not frozen yet: its Message-ID, the line between text and html that is made of it, and the date will be others.\n"; said != want {
			t.Errorf("it said %q, want %q", said, want)
		}
		text := must(t, exitOK, p.args("Falcon", nil, "-o", "text")...)
		if want := "From:    Airshow <hello@airshow.example>\nTo:      Falcon <office@falcon.example>\nSubject: Fair 2026 opens\nLocale:  en\n\nDear Falcon,\n\nuntil Saturday, February 28, 2026\n\n---- html ----\n<p>Dear Falcon,</p><p>until Saturday, February 28, 2026</p>\n"; text != want {
			t.Errorf("as text it printed\n%s\nwant\n%s", text, want)
		}
		var found previewJSON
		mustJSON(t, exitOK, &found, []string{"outreach", "runKey", "customer", "matched", "dropped", "letters"}, p.args("Falcon", nil)...)
		if len(found.Letters) != 1 || found.Letters[0].To != "office@falcon.example" || !found.Matched || found.RunState != "" || len(found.Dropped) != 0 || !strings.Contains(found.Letters[0].EML, "Fair 2026") {
			t.Errorf("for programs it printed %+v", found)
		}
		sameDump(t, dump(t, p.url), before)

		p.freeze()
		before = dump(t, p.url)
		code, eml, said = runCaptured(t, p.args("Falcon", func(m string) string { return strings.Replace(m, "opens\", html", "begins\", html", 1) })...)
		if code != exitOK || said != "The run notice-2026 is frozen, and Sending: this is what it sends, but for the date.\n" {
			t.Errorf("exit code %d, it said %s", code, said)
		}
		sameDump(t, dump(t, p.url), before)
		must(t, exitOK, "send", "--store", p.url, "--run-key", "notice-2026", "--idle", "10ms")
		if sent := p.sink.Messages(); len(sent) != 1 || withoutDate(string(sent[0].Raw)) != withoutDate(eml) {
			t.Errorf("sent was %s\nand previewed\n%s", sent[0].Raw, eml)
		}
	})
}

// freeze freezes the run as the controller does, and lets it go.
func (p *previewed) freeze() {
	p.t.Helper()
	s, err := store.Open(p.t.Context(), p.url, store.Options{})
	if err != nil {
		p.t.Fatal(err)
	}
	defer s.Close()
	objects, err := readFiles([]string{write(p.t, "manifests.yaml", p.manifests)}, nil, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	reader := &declarations{objects: objects}
	o, err := (&previewOptions{outreach: "notice"}).find(p.t.Context(), reader)
	if err != nil {
		p.t.Fatal(err)
	}
	_, freeze, err := controller.Foresee(p.t.Context(), reader, o, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	freeze.Owner = store.RunOwner{UID: "1", Namespace: "expo", Name: "notice"}
	run, err := s.Freeze(p.t.Context(), freeze)
	if err == nil {
		_, err = s.SetRunState(p.t.Context(), run.ID, []store.RunState{store.RunFrozen}, store.RunSending, "")
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// TestPreviewOfNobody: why there is no mail is told, and nothing is printed that could be taken
// for one.
func TestPreviewOfNobody(t *testing.T) {
	p := newPreviewed(t, newSQLite(t), mailsink.Options{})
	swap := func(text, instead string) func(string) string {
		return func(m string) string { return strings.ReplaceAll(m, text, instead) }
	}
	for name, test := range map[string]struct {
		customer string
		change   func(string) string
		code     int
		says     string
	}{
		"no address":                    {"Merlin", nil, exitFailed, "is not written to: NoAddress: there is no address that works"},
		"another's mailbox":             {"Kestrel", nil, exitFailed, "is not written to: DuplicateAddress: the mailbox is written to already, for another customer"},
		"outside":                       {"Hobby", nil, exitFailed, "it is not in the audience: it does not belong to all, which fairlead explain tells more of"},
		"excluded":                      {"Falcon", swap("{include: [{segmentName: all}]}", "{include: [{segmentName: all}], exclude: [{segmentName: all}]}"), exitFailed, "it is not in the audience: it belongs to all, which is excluded"},
		"no consent":                    {"Falcon", swap("topic: service", "topic: news"), exitFailed, "NoConsent: the topic needs consent"},
		"a topic that is not declared":  {"Falcon", swap("topic: service", "topic: sale"), exitFailed, "nothing would be sent of the Outreach notice: spec.outreach.topic: no ContactPolicy of the store declares the topic sale"},
		"a policy that is suspended":    {"Falcon", swap("spec: {topics:", "spec: {suspend: true, topics:"), exitFailed, "Waiting for the ContactPolicy fair-use, which the CustomerStore names and which is suspended: what is in force of it is known in the cluster alone"},
		"a template with a mistake":     {"Falcon", swap(".Contact.Name", ".Contact.Nam"), exitFailed, "en, html, line 1, column 20: there is no .Contact.Nam: did you mean .Contact.Name?"},
		"a milestone that there is not": {"Falcon", swap(".EarlyBirdEnds", ".EarlyBird"), exitFailed, "the exhibition declares no milestone EarlyBird: did you mean EarlyBirdEnds?"},
		"an exhibition without a name":  {"Falcon", swap("  exhibitionName: fair-2026\n", ""), exitFailed, "it is about no exhibition: name it in spec.exhibitionName"},
		"a channel that is elsewhere":   {"Falcon", swap("channelName: mail", "channelName: post"), exitFailed, "Waiting for the OutreachChannel post, which does not exist yet. What it names is looked for in the files of -f: pass all that it needs."},
		"a segment that is elsewhere":   {"Falcon", swap("{include: [{segmentName: all}]}", "{include: [{segmentName: other}]}"), exitFailed, "Waiting for the CustomerSegment other"},
		"a segment that was never found": {"Falcon", func(m string) string {
			return strings.ReplaceAll(strings.ReplaceAll(m, "segmentName: all", "segmentName: new"), "{name: all}", "{name: new}")
		}, exitFailed, "the store has not evaluated the segment new yet"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, said := runCaptured(t, p.args(test.customer, test.change)...)
			if code != test.code || out != "" || !strings.Contains(said, test.says) {
				t.Errorf("exit code %d, it printed %q and said %s\nwant %q", code, out, said, test.says)
			}
		})
	}
	var found previewJSON
	mustJSON(t, exitFailed, &found, nil, p.args("Merlin", nil)...)
	if !found.Matched || found.Dropped["NoAddress"] != 1 || found.Letters == nil || len(found.Letters) != 0 {
		t.Errorf("for programs it printed %+v", found)
	}
	if p.sink.Total() != 0 {
		t.Error("somebody got a mail")
	}
}

// TestPreviewSent: --send-to sends one mail to that address alone, and the store keeps nothing.
func TestPreviewSent(t *testing.T) {
	p := newPreviewed(t, newSQLite(t), mailsink.Options{Username: "fairlead", Password: "secret"})
	credentials := t.TempDir()
	for name, value := range map[string]string{"username": "fairlead", "password": "secret\n"} {
		if err := os.WriteFile(filepath.Join(credentials, name), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := dump(t, p.url)
	code, eml, said := runCaptured(t, p.args("Falcon", nil, "--send-to", "me@airshow.example", "--credentials-dir", credentials)...)
	if code != exitOK || !strings.HasSuffix(said, "Sent to me@airshow.example through 127.0.0.1. No run knows of it.\n") {
		t.Errorf("exit code %d, it said %s", code, said)
	}
	sent := p.sink.Messages()
	if len(sent) != 1 || fmt.Sprint(sent[0].To) != "[me@airshow.example]" || string(sent[0].Raw) != eml || !bytes.Contains(sent[0].Raw, []byte("To: \"Falcon\" <me@airshow.example>\r\nSubject: Fair 2026 opens\r\n")) {
		t.Errorf("sent was %+v", sent)
	}
	sameDump(t, dump(t, p.url), before)
	// A server that lets nobody in, and one that is told of in no file.
	if code, _, said := runCaptured(t, p.args("Falcon", nil, "--send-to", "me@airshow.example")...); code != exitFailed || !strings.Contains(said, "sending it to --send-to: ") {
		t.Errorf("without credentials exit code %d, it said %s", code, said)
	}
	secret := func(m string) string {
		return strings.Replace(m, "tls: None}", "tls: None, credentialsSecretName: login}", 1)
	}
	if code, _, said := runCaptured(t, p.args("Falcon", secret, "--send-to", "me@airshow.example")...); code != exitUsage || !strings.Contains(said, "of the Secret login: pass --credentials-dir FOLDER") {
		t.Errorf("exit code %d, it said %s", code, said)
	}
	if code, _, said := runCaptured(t, p.args("Falcon", nil, "--send-to", "no address")...); code != exitFailed || !strings.Contains(said, "recipient's address") {
		t.Errorf("to no address exit code %d, it said %s", code, said)
	}
	if p.sink.Total() != 1 {
		t.Errorf("%d mails came", p.sink.Total())
	}
}

func TestPreviewIsCalledWrongly(t *testing.T) {
	p := newPreviewed(t, newSQLite(t), mailsink.Options{})
	file := write(t, "manifests.yaml", p.manifests)
	for says, test := range map[string]struct {
		code int
		args []string
	}{
		"preview what? Pass --outreach NAME or --rule NAME":                    {exitUsage, []string{"--customer", "A"}},
		"for whom? Pass --customer CODE":                                       {exitUsage, []string{"--outreach", "notice"}},
		"preview which? Pass one of":                                           {exitUsage, []string{"--rule", "a", "--outreach", "a", "--customer", "A"}},
		`--output "pdf": want eml, text or json`:                               {exitUsage, []string{"--outreach", "notice", "--customer", "A", "-o", "pdf"}},
		"--credentials-dir goes with --send-to":                                {exitUsage, []string{"--outreach", "notice", "--customer", "A", "--credentials-dir", "/"}},
		"where is it? Pass -f FILE_OR_FOLDER":                                  {exitUsage, []string{"--outreach", "notice", "--customer", "A"}},
		"-f: stat /does/not/exist: no such file or directory":                  {exitUsage, []string{"--outreach", "notice", "--customer", "A", "-f", "/does/not/exist"}},
		"-f: there is no Outreach called other in ":                            {exitUsage, []string{"--outreach", "other", "--customer", "A", "-f", file}},
		"CustomerStore/crm is declared in ":                                    {exitUsage, []string{"--outreach", "notice", "--customer", "A", "-f", file, "-f", write(t, "twice.yaml", p.manifests)}},
		`nobody has the code "A"`:                                              {exitFailed, []string{"--outreach", "notice", "--customer", "A", "-f", file}},
		"there is more than one Outreach called notice, in several namespaces": {exitUsage, []string{"--outreach", "notice", "--customer", "A", "-f", file, "-f", write(t, "other.yaml", strings.ReplaceAll(p.manifests, "metadata: {", "metadata: {namespace: other, "))}},
	} {
		code, out, said := runCaptured(t, append([]string{"preview", "--store", p.url}, test.args...)...)
		if code != test.code || out != "" || !strings.Contains(said, says) {
			t.Errorf("exit code %d, it printed %q and said %s\nwant %q", code, out, said, says)
		}
	}
	// A key of another Outreach sends nothing.
	p.freeze()
	other := func(m string) string { return strings.ReplaceAll(m, "{name: notice}", "{name: again}") }
	args := p.args("Falcon", other, "--outreach", "again")
	if code, _, said := runCaptured(t, args...); code != exitFailed || !strings.Contains(said, "the store has a run under notice-2026 that the Outreach notice in the namespace expo began") {
		t.Errorf("exit code %d, it said %s", code, said)
	}
}

// TestPreviewOfCluster: what is declared in a cluster is read there, and drafts go before it.
func TestPreviewOfCluster(t *testing.T) {
	server := apiserver.New(t)
	url := newPostgres(t)
	p := newPreviewed(t, url, mailsink.Options{})
	manifests := strings.ReplaceAll(p.manifests, "metadata: {", "metadata: {namespace: expo, ")
	objects, err := readFiles([]string{write(t, "manifests.yaml", manifests)}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	create(t, server, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: expo}}, secret("db", true, "uri", url))
	for _, object := range objects {
		if declaredStore, is := object.Object.(*crm.CustomerStore); is {
			declaredStore.Spec.SQLite, declaredStore.Spec.Postgres = nil, &crm.PostgresStore{ConnectionSecretName: "db", WorkerConnectionSecretName: "worker"}
		}
		create(t, server, object.Object)
	}
	config := kubeconfigAs(t, server, "")
	code := search(t, url, "Falcon")[0].Code
	args := []string{"preview", "--kubeconfig", config, "--store-name", "crm", "--outreach", "notice", "--customer", code}
	if eml := must(t, exitOK, args...); !strings.Contains(eml, "Subject: Fair 2026 opens\r\n") {
		t.Errorf("it printed\n%s", eml)
	}
	draft := "apiVersion" + strings.ReplaceAll(p.manifests[strings.LastIndex(p.manifests, "apiVersion")+len("apiVersion"):], "opens", "begins")
	if eml := must(t, exitOK, append(args, "-f", write(t, "draft.yaml", draft))...); !strings.Contains(eml, "Subject: Fair 2026 begins\r\n") {
		t.Errorf("of a draft it printed\n%s", eml)
	}
	previewsWhatIsInForce(t, server.Client, args)
	if code, _, said := runCaptured(t, append(args, "--outreach", "other")...); code != exitFailed || !strings.Contains(said, "namespace expo has no Outreach called other") {
		t.Errorf("exit code %d, it said %s", code, said)
	}
	// What the API server fills in, we do of manifests.
	bare := func(name string) *crm.OutreachChannel {
		return &crm.OutreachChannel{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: expo}, Spec: crm.OutreachChannelSpec{
			StoreName: "crm", Medium: "Email", Delivery: crm.DeliveryLive, SMTP: &crm.SMTP{Host: "smtp.example"}, From: &crm.Sender{Address: "hello@airshow.example"},
		}}
	}
	filled := bare("bare")
	create(t, server, filled)
	if err := server.Client.Get(t.Context(), client.ObjectKeyFromObject(filled), filled); err != nil {
		t.Fatal(err)
	}
	ours := bare("bare")
	fillIn(ours)
	if fmt.Sprint(*ours.Spec.SMTP, ours.Spec.MessagesPerSecond) != fmt.Sprint(*filled.Spec.SMTP, filled.Spec.MessagesPerSecond) {
		t.Errorf("we fill in %+v, and the API server %+v", ours.Spec, filled.Spec)
	}
}

// previewsWhatIsInForce: of a policy that is suspended, in a draft or in the cluster, that binds
// which is in force in the cluster.
func previewsWhatIsInForce(t *testing.T, cluster client.Client, args []string) {
	t.Helper()
	draft := write(t, "policy.yaml", "apiVersion: crm.fairlead.dev/v1alpha1\nkind: ContactPolicy\nmetadata: {name: fair-use}\nspec: {suspend: true, topics: [{name: service, title: [{locale: en, text: Service}], legalBasis: Consent}]}\n")
	if eml := must(t, exitOK, append(args, "-f", draft)...); !strings.Contains(eml, "Subject: Fair 2026 opens\r\n") {
		t.Errorf("beside a draft of a suspended policy it printed\n%s", eml)
	}
	policy := &crm.ContactPolicy{}
	if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: expo, Name: "fair-use"}, policy); err != nil {
		t.Fatal(err)
	}
	before := policy.Spec.DeepCopy()
	policy.Spec.Suspend, policy.Spec.Topics[0].LegalBasis = ptr.To(true), crm.LegalBasisConsent
	if err := cluster.Update(t.Context(), policy); err != nil {
		t.Fatal(err)
	}
	if code, _, said := runCaptured(t, args...); code != exitFailed || !strings.Contains(said, "Waiting for the ContactPolicy fair-use, which the CustomerStore names and which is suspended and was never in force") {
		t.Errorf("with a policy that was never in force: exit code %d, it said %s", code, said)
	}
	policy.Status.InForce = &crm.PolicyInForce{Generation: 1, Spec: *before}
	if err := cluster.Status().Update(t.Context(), policy); err != nil {
		t.Fatal(err)
	}
	for _, more := range [][]string{nil, {"-f", draft}} {
		if eml := must(t, exitOK, append(slices.Clone(args), more...)...); !strings.Contains(eml, "Subject: Fair 2026 opens\r\n") {
			t.Errorf("with a suspended policy it printed\n%s", eml)
		}
	}
}

// TestPreviewByReader: who may only read the store may preview.
func TestPreviewByReader(t *testing.T) {
	owner := newPostgres(t)
	p := newPreviewed(t, owner, mailsink.Options{})
	reader := databases.NewRole(t, owner, "reader")
	role, database := userOf(t, reader), userOf(t, owner)
	for _, statement := range []string{
		`GRANT USAGE ON SCHEMA public TO ` + role, `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ` + role, `GRANT TEMPORARY ON DATABASE ` + database + ` TO ` + role,
	} {
		if _, err := connect(t, owner).ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	args := p.args("Falcon", nil)
	if eml := must(t, exitOK, append(args, "--store", reader)...); !strings.Contains(eml, "Fair 2026 opens") {
		t.Errorf("it printed\n%s", eml)
	}
	// And be told why.
	args[0] = "explain"
	if out := must(t, exitOK, append(args, "--store", reader)...); !strings.Contains(out, "is written to by the Outreach notice") {
		t.Errorf("it printed\n%s", out)
	}
}

// userOf is the user of a URL, which is called as its database.
func userOf(t *testing.T, rawURL string) string {
	t.Helper()
	parsed, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	return `"` + parsed.User.Username() + `"`
}

// TestPreviewOfWebhook: to a webhook goes the payload, as it would be posted.
func TestPreviewOfWebhook(t *testing.T) {
	p := newPreviewed(t, newSQLite(t), mailsink.Options{})
	toDesk := func(m string) string {
		return regexp.MustCompile(`smtp: \{.*`).ReplaceAllString(m, "webhook: {url: 'https://desk.example/', signingSecretName: s}}")
	}
	var payload struct {
		Type string
		Data struct {
			RunKey, MessageID, Subject string
			Recipient                  struct{ Address string }
		}
	}
	if err := json.Unmarshal([]byte(must(t, exitOK, p.args("Falcon", toDesk)...)), &payload); err != nil {
		t.Fatal(err)
	}
	if d := payload.Data; payload.Type != "outreach.message" || d.RunKey != "notice-2026" || d.Subject != "Fair 2026 opens" || d.Recipient.Address != "office@falcon.example" || !strings.HasPrefix(d.MessageID, "msg_") {
		t.Errorf("the payload is %+v", payload)
	}
	if code, _, says := runCaptured(t, p.args("Falcon", toDesk, "--send-to", "me@airshow.example")...); code != exitUsage || !strings.Contains(says, "--send-to goes with channels of mail") {
		t.Errorf("it ends with %d and says %s", code, says)
	}
}
