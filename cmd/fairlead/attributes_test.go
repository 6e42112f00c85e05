package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/test/apiserver"
)

// importAttributes imports three parties with attributes.
func importAttributes(t *testing.T, url string) {
	t.Helper()
	mapping := write(t, "parties.yaml", parties+"attributes:\n- {column: fleet, name: fleet, type: Decimal}\n"+
		"- {column: slogan, name: slogan, type: Text}\n- {column: vip, name: vip, type: Truth}\n")
	file := write(t, "parties.csv", "number,name,country,email,fleet,slogan,vip\n1,Aero,DE,,3,Fly,\n2,Wings,FR,,0,,\n3,Wheels,GB,,,Roll,\n")
	imported(t, exitOK, url, mapping, file)
}

const (
	// namesFleet has a segment of another store too.
	namesFleet = `
apiVersion: crm.fairlead.dev/v1alpha1
kind: CustomerSegment
metadata: {name: large, namespace: expo}
spec: {storeName: crm, where: "customer.attributes.fleet > 2.0"}
---
# Nothing but a comment.
---
apiVersion: crm.fairlead.dev/v1alpha1
kind: CustomerSegment
metadata: {name: loud}
spec: {storeName: elsewhere, where: "has(customer.attributes.slogan)"}
---
apiVersion: crm.fairlead.dev/v1alpha1
kind: OutreachApproval
metadata: {name: something-else}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: "customer.attributes.vip"}
---
apiVersion: firewall.example/v1
kind: AllowList
spec: {items: none}
---
apiVersion: v1
kind: List
`
	// namesSlogan is a list, as kubectl prints it.
	namesSlogan = `{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "crm.fairlead.dev/v1alpha1", "kind": "CampaignRule",
"metadata": {"name": "win-back"}, "spec": {"storeName": "crm", "objective": "Recover", "audience": {"include": [{"segmentName": "large"}]},
"trigger": {"schedule": {"cron": "0 9 * * 1"}}, "outreach": {"channelName": "mail", "topic": "news", "messages": [
{"locale": "en", "subject": "Hello", "text": "{{ .Customer.Attributes.slogan }} {{ index .Customer.Attributes \"fleet\" }}"}]}}}]}`
	unreadable = `
apiVersion: crm.fairlead.dev/v1alpha1
kind: CustomerSegment
metadata: {name: broken}
spec: {storeName: crm, where: "customer.attributes.fleet >"}
`
	mayUseAny = `
apiVersion: crm.fairlead.dev/v1alpha1
kind: CustomerSegmentList
items:
- metadata: {name: any}
  spec: {storeName: crm, where: "customer.attributes.exists(name, name.startsWith('f'))"}
`
)

// The report tells what each resource names, and never calls unused what may be
// used.
func TestAttributes(t *testing.T) {
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		url := newStore(t)
		folder := t.TempDir()
		put := func(name, content string) {
			path := filepath.Join(folder, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		put("segments.yaml", namesFleet)
		put("below/further/campaigns.json", namesSlogan)
		// Neither is a manifest.
		put("below/notes.txt", unreadable)
		put("below/values.yml", "attributes: [vip]\n---\n- customer.attributes.vip\n")

		expect := func(want string, args ...string) {
			t.Helper()
			if got := must(t, exitOK, append([]string{"store", "attributes", "--store", url}, args...)...); got != want {
				t.Errorf("of %v it printed\n%s\nwant\n%s", args, got, want)
			}
		}
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(folder, link); err != nil {
			t.Fatal(err)
		}
		expect("Used by nobody: 0 of 0 attributes. Resources read: 3.\n", "-f", link)
		importAttributes(t, url)
		expect(`ATTRIBUTE   TYPE            PARTIES   NAMED BY
fleet       decimal         2         CampaignRule/win-back, CustomerSegment/large
slogan      text            2         CampaignRule/win-back, CustomerSegment/loud
vip         true or false   0         nobody
Used by nobody: 1 of 3 attributes. Resources read: 3.
`, "-f", folder)
		expect(`ATTRIBUTE   TYPE            PARTIES   NAMED BY
vip         true or false   0         nobody
Used by nobody: 1 of 3 attributes. Resources read: 2.
`, "-f", filepath.Join(folder, "segments.yaml"), "--unused")

		broken, anything := write(t, "broken", unreadable), write(t, "any.yaml", mayUseAny)
		doubts := `CustomerSegment/any may use any attribute: spec.where takes the attributes as a whole.
CustomerSegment/broken cannot be read, and may use any attribute: spec.where: line 1, column 28: Syntax error: `
		got := must(t, exitOK, "store", "attributes", "--store", url, "-f", broken, "-f", folder, "-f", anything)
		for _, want := range []string{
			"fleet       decimal         2         CampaignRule/win-back, CustomerSegment/large, perhaps CustomerSegment/any, perhaps CustomerSegment/broken\n",
			"vip         true or false   0         perhaps CustomerSegment/any, perhaps CustomerSegment/broken\n" + doubts,
			"\nUsed by nobody: 0 of 3 attributes. Uncertain: 1. Resources read: 5.\n",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("there is no\n%s in\n%s", want, got)
			}
		}
		got = must(t, exitOK, "store", "attributes", "--store", url, "-f", broken, "-f", folder, "-f", anything, "--unused")
		if !strings.HasPrefix(got, doubts) || strings.Contains(got, "ATTRIBUTE") {
			t.Errorf("of the unused it printed\n%s", got)
		}

		var report attributeReport
		keys := []string{"attributes", "total", "unused", "uncertain", "resources", "mayUseAny", "unreadable"}
		mustJSON(t, exitOK, &report, keys, "store", "attributes", "--store", url, "-f", folder, "-f", broken)
		fleet := report.Attributes[0]
		if fleet.Name != "fleet" || fleet.Type != "decimal" || fleet.Parties != 2 || !slices.Equal(fleet.PerhapsBy, []string{"CustomerSegment/broken"}) ||
			!slices.Equal(fleet.NamedBy, []string{"CampaignRule/win-back", "CustomerSegment/large"}) || report.Total != 3 || report.Uncertain != 1 ||
			len(report.Unreadable) != 1 || report.Unreadable[0].Field != "spec.where" {
			t.Errorf("as JSON it says %+v", report)
		}
		if text := must(t, exitOK, "store", "attributes", "--store", url, "-f", folder, "-o", "json"); strings.Contains(text, "null") {
			t.Errorf("a list that is empty is null:\n%s", text)
		}
	})
}

// Manifests come from the standard input as well.
func TestAttributesOfStandardInput(t *testing.T) {
	url := newSQLite(t)
	importAttributes(t, url)
	command := program(t, "store", "attributes", "--store", url, "--unused", "-f", "-")
	command.Stdin = strings.NewReader(namesFleet)
	out, err := command.CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), "vip         true or false   0         nobody\nUsed by nobody: 1 of 3 attributes. Resources read: 2.\n") {
		t.Errorf("it printed\n%s, %v", out, err)
	}
}

// What is wrong with manifests is told with its place: what cannot be read would
// otherwise seem to use nothing.
func TestAttributesOfWrongManifests(t *testing.T) {
	url := newSQLite(t)
	segment := "apiVersion: crm.fairlead.dev/v1alpha1\nkind: CustomerSegment\nmetadata: {name: a}\nspec: {storeName: crm, where: 'true'}\n"
	empty := t.TempDir()
	misspelt := write(t, "misspelt.yaml", segment+"---\n"+strings.ReplaceAll(segment, "where", "were"))
	tests := map[string]struct {
		args []string
		says []string
	}{
		"no resources":             {nil, []string{"used by which resources? Pass -f FILE_OR_FOLDER, or name the store by -n NAMESPACE --store-name NAME"}},
		"no such file":             {[]string{"-f", filepath.Join(empty, "missing")}, []string{"-f: stat " + empty + "/missing: no such file or directory"}},
		"an empty folder":          {[]string{"-f", empty}, []string{"-f: folder " + empty + " has no files that end in .yaml, .yml or .json"}},
		"nothing of ours":          {[]string{"-f", write(t, "other.yaml", "kind: ConfigMap\napiVersion: v1\n")}, []string{"-f: there is no CustomerSegment or LoyaltyProgram or CampaignRule or Outreach in ", "other.yaml: pass the manifests that have them"}},
		"no YAML":                  {[]string{"-f", write(t, "no.yaml", segment+"---\n{{ if .Values.a }}\n")}, []string{"no.yaml, document 2: ", "mend it, or leave the file out"}},
		"a key twice":              {[]string{"-f", write(t, "twice.yaml", segment+"kind: CustomerSegment\n")}, []string{"twice.yaml, document 1: ", `key "kind" already set in map`}},
		"a misspelt field":         {[]string{"-f", misspelt}, []string{misspelt + ", document 2: reading a CustomerSegment: ", `unknown field "spec.were"`}},
		"a field of another type":  {[]string{"-f", write(t, "type.yaml", strings.ReplaceAll(segment, "'true'", "[1]"))}, []string{"type.yaml, document 1: reading a CustomerSegment: "}},
		"a version to come":        {[]string{"-f", write(t, "version.yaml", strings.ReplaceAll(segment, "v1alpha1", "v1"))}, []string{"CustomerSegment is of crm.fairlead.dev/v1, and this program knows crm.fairlead.dev/v1alpha1"}},
		"a list without items":     {[]string{"-f", write(t, "list.yaml", "apiVersion: v1\nkind: List\nitems: {a: b}\n")}, []string{"reading the items of a List"}},
		"a mistake within a list":  {[]string{"-f", write(t, "within.yaml", "apiVersion: v1\nkind: List\nitems:\n- "+strings.ReplaceAll(strings.ReplaceAll(segment, "where", "were"), "\n", "\n  "))}, []string{`unknown field "spec.were"`}},
		"an unknown output":        {[]string{"-f", misspelt, "-o", "xml"}, []string{`--output "xml": want text or json`}},
		"a namespace of no store":  {[]string{"-f", misspelt, "-n", "expo"}, []string{"--namespace goes with --store-name"}},
		"an argument without flag": {[]string{misspelt}, []string{"unknown command"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			code, out, said := runCaptured(t, append([]string{"store", "attributes", "--store", url}, test.args...)...)
			for _, want := range append(test.says, "fairlead store attributes: ", "(see 'fairlead store attributes --help')\n") {
				if code != exitUsage || !strings.Contains(said, want) || out != "" {
					t.Errorf("exit code %d, it said %q, want %q", code, said, want)
				}
			}
		})
	}
}

// The resources of a store in a cluster are those of its namespace that name it.
func TestAttributesOfCluster(t *testing.T) {
	server := apiserver.New(t)
	url := newPostgres(t)
	importAttributes(t, url)
	segment := func(namespace, name, storeName, where string) *crm.CustomerSegment {
		return &crm.CustomerSegment{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
			Spec: crm.CustomerSegmentSpec{StoreName: crm.ObjectName(storeName), Where: crm.Expression(where)}}
	}
	message := crm.MessagePlan{ChannelName: "mail", Topic: "news", Messages: []crm.Message{{Locale: "en", Subject: "Hello", Text: "{{ .Customer.Attributes.slogan }}"}}}
	create(t, server,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: expo}}, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "other"}},
		secret("db", true, "uri", url), declared("crm", "db", ""), declared("unused", "db", ""),
		segment(expo, "large", "crm", "customer.attributes.fleet > 2.0"), segment(expo, "elsewhere", "second", "customer.attributes.vip"),
		segment("other", "stranger", "crm", "customer.attributes.vip"),
		&crm.Outreach{ObjectMeta: metav1.ObjectMeta{Namespace: expo, Name: "opening"}, Spec: crm.OutreachSpec{StoreName: "crm", RunKey: "opening",
			Audience: &crm.Audience{Include: []crm.SegmentReference{{SegmentName: "large"}}}, Outreach: &message}})
	for user, resources := range map[string][]string{
		"otto": {"customerstores", "secrets", "customersegments", "loyaltyprograms", "campaignrules", "outreaches"}, "vera": {"customerstores", "secrets"},
	} {
		create(t, server,
			&rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: user, Namespace: expo}, Rules: []rbacv1.PolicyRule{{
				APIGroups: []string{"", crm.GroupVersion.Group}, Resources: resources, Verbs: []string{"get", "list"},
			}}},
			&rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: user, Namespace: expo},
				RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: user},
				Subjects: []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: user}}})
	}
	takeEffect(t, server)
	otto, vera := kubeconfigAs(t, server, "otto"), kubeconfigAs(t, server, "vera")
	of := func(kubeconfig, store string, flags ...string) []string {
		return append([]string{"store", "attributes", "--kubeconfig", kubeconfig, "--store-name", store}, flags...)
	}
	manifests := write(t, "segments.yaml", namesFleet)
	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"the cluster's": {of(otto, "crm"), exitOK, `ATTRIBUTE   TYPE            PARTIES   NAMED BY
fleet       decimal         2         CustomerSegment/large
slogan      text            2         Outreach/opening
vip         true or false   0         nobody
Used by nobody: 1 of 3 attributes. Resources read: 2.
`},
		"nobody's": {of(otto, "unused"), exitOK, "Used by nobody: 3 of 3 attributes. Resources read: 0.\n"},
		"those of a file": {of(otto, "crm", "-n", expo, "-f", manifests), exitOK, `ATTRIBUTE   TYPE            PARTIES   NAMED BY
fleet       decimal         2         CustomerSegment/large
slogan      text            2         nobody
vip         true or false   0         nobody
Used by nobody: 2 of 3 attributes. Resources read: 1.
`},
		"those of a file of another store": {of(otto, "unused", "-f", manifests), exitUsage, "has the spec.storeName unused: pass the manifests of that store"},
		"no right to list":                 {of(vera, "crm"), exitFailed, "listing each CustomerSegment of namespace expo, to see which attributes it names: customersegments.crm.fairlead.dev is forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, said := runCaptured(t, test.args...)
			if code != test.code || !strings.HasSuffix(out, test.says) && !strings.Contains(said, test.says) {
				t.Errorf("exit code %d, it printed\n%s%s, want %d and\n%s", code, out, said, test.code, test.says)
			}
		})
	}
}
