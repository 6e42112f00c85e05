package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/test/apiserver"
)

const expo = "expo"

// kubeconfigAs writes a kubeconfig by which the commands speak as a user.
func kubeconfigAs(t *testing.T, server *apiserver.Server, user string) string {
	t.Helper()
	config := clientcmdapi.NewConfig()
	config.Clusters["test"] = &clientcmdapi.Cluster{Server: server.Config.Host, CertificateAuthorityData: server.Config.CAData}
	config.AuthInfos["test"] = &clientcmdapi.AuthInfo{
		ClientCertificateData: server.Config.CertData, ClientKeyData: server.Config.KeyData, Impersonate: user,
	}
	config.Contexts["test"] = &clientcmdapi.Context{Cluster: "test", AuthInfo: "test", Namespace: expo}
	config.CurrentContext = "test"
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// create makes objects in the tests' namespace.
func create(t *testing.T, server *apiserver.Server, objects ...client.Object) {
	t.Helper()
	for _, object := range objects {
		if err := server.Client.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
}

// secret is a Secret of credentials, unless it lacks the label.
func secret(name string, labelled bool, key, value string) *corev1.Secret {
	made := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: expo}, Data: map[string][]byte{key: []byte(value)}}
	if labelled {
		made.Labels = map[string]string{crm.LabelCredentials: "true"}
	}
	return made
}

// declared is a CustomerStore on PostgreSQL.
func declared(name, connection, keyset string) *crm.CustomerStore {
	return &crm.CustomerStore{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: expo}, Spec: crm.CustomerStoreSpec{
		Postgres:          &crm.PostgresStore{ConnectionSecretName: crm.SecretName(connection), WorkerConnectionSecretName: "worker"},
		ReportingCurrency: "EUR", EncryptionKeySecretName: crm.SecretName(keyset),
	}}
}

// The store of a cluster is found by the rights of whoever types, and what is
// missing is named.
func TestStoreOfCluster(t *testing.T) {
	server := apiserver.New(t)
	url := newPostgres(t)
	keyset := newKeyset(t)
	keys, err := os.ReadFile(keyset)
	if err != nil {
		t.Fatal(err)
	}
	onFile := declared("on-file", "", "")
	onFile.Spec.Postgres, onFile.Spec.SQLite = nil, &crm.SQLiteStore{FileName: "crm.db"}
	create(t, server, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: expo}},
		secret("db", true, "uri", url), secret("keys", true, "keyset", string(keys)), secret("keys-otherwise", true, "key", string(keys)),
		secret("unlabelled", false, "uri", url), secret("otherwise", true, "url", url), secret("wrong", true, "uri", "mysql://root:hidden@db/crm"),
		declared("crm", "db", "keys"), declared("unlabelled", "unlabelled", ""), declared("otherwise", "otherwise", ""), declared("wrong", "wrong", ""),
		declared("nothing", "no-secret", ""), declared("no-keys", "db", "keys-otherwise"), onFile)
	for user, resources := range map[string][]string{"otto": {"customerstores", "secrets"}, "vera": {"customerstores"}} {
		create(t, server,
			&rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: user, Namespace: expo}, Rules: []rbacv1.PolicyRule{{
				APIGroups: []string{"", crm.GroupVersion.Group}, Resources: resources, Verbs: []string{"get"},
			}}},
			&rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: user, Namespace: expo},
				RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: user},
				Subjects: []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: user}}})
	}
	otto, vera, nobody := kubeconfigAs(t, server, "otto"), kubeconfigAs(t, server, "vera"), kubeconfigAs(t, server, "nobody")
	takeEffect(t, server)

	mapping := write(t, "parties.yaml", parties+"- {column: iban, field: sensitive.bankAccount}\n")
	file := write(t, "parties.csv", "number,name,country,email,iban\n1,Aero GmbH,DE,,"+account+"\n")
	// The keyset comes from the Secret that the CustomerStore names.
	if out := must(t, exitOK, "import", "-f", mapping, "--kubeconfig", otto, "--store-name", "crm", file); !strings.HasPrefix(out, "Imported") {
		t.Errorf("it printed\n%s", out)
	}
	code := search(t, url, "Aero GmbH")[0].Code
	out := must(t, exitOK, "customer", "show", code, "--reveal", "--purpose", "refund", "--kubeconfig", otto, "-n", expo, "--store-name", "crm")
	if !strings.Contains(out, account) {
		t.Errorf("it printed\n%s", out)
	}
	for name, test := range map[string]struct {
		kubeconfig, store string
		flags             []string
		code              int
		says              string
	}{
		"a store that is there":      {otto, "crm", nil, exitOK, ""},
		"no such store":              {otto, "cmr", nil, exitFailed, "namespace expo has no CustomerStore called cmr"},
		"no right in the namespace":  {otto, "crm", []string{"-n", "default"}, exitFailed, `customerstores.crm.fairlead.dev "crm" is forbidden`},
		"no right to stores":         {nobody, "crm", nil, exitFailed, `reading the CustomerStore: customerstores.crm.fairlead.dev "crm" is forbidden`},
		"no right to Secrets":        {vera, "crm", nil, exitFailed, `reading Secret expo/db: secrets "db" is forbidden`},
		"a Secret without the label": {otto, "unlabelled", nil, exitFailed, "secret expo/unlabelled is not labelled crm.fairlead.dev/credentials=true, so it is not for Fairlead"},
		"a Secret without the key":   {otto, "otherwise", nil, exitFailed, `secret expo/otherwise has no key "uri"`},
		"no Secret":                  {otto, "nothing", nil, exitFailed, `reading Secret expo/no-secret: secrets "no-secret" not found`},
		"a wrong URL in the Secret":  {otto, "wrong", nil, exitFailed, "opening the store: the store's URL is wrong: want postgres://"},
		"a Secret without keyset":    {otto, "no-keys", nil, exitFailed, `secret expo/keys-otherwise has no key "keyset"`},
		"a keyset of one's own":      {otto, "no-keys", []string{"--keyset-file", keyset}, exitOK, ""},
		"a store in a file":          {otto, "on-file", nil, exitFailed, "CustomerStore expo/on-file is a file on the manager's volume: run the command in a pod that mounts it, with --store sqlite:///PATH/crm.db"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, said := runCaptured(t, append([]string{"customer", "search", "Aero", "--kubeconfig", test.kubeconfig, "--store-name", test.store}, test.flags...)...)
			if code != test.code || !strings.Contains(said, test.says) || test.code == exitOK && said != "" {
				t.Errorf("exit code %d, it said %q, want %d and %q", code, said, test.code, test.says)
			}
			if strings.Contains(said, "hidden") {
				t.Errorf("it gave the password away: %q", said)
			}
		})
	}
}

// takeEffect waits until the API server goes by the roles: it takes notice of
// them in the background.
func takeEffect(t *testing.T, server *apiserver.Server) {
	t.Helper()
	for user, object := range map[string]client.Object{"otto": &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "db"}}, "vera": &crm.CustomerStore{ObjectMeta: metav1.ObjectMeta{Name: "crm"}}} {
		speaks, err := server.As(user)
		if err != nil {
			t.Fatal(err)
		}
		err = wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
			return speaks.Get(ctx, client.ObjectKey{Namespace: expo, Name: object.GetName()}, object) == nil, nil
		})
		if err != nil {
			t.Fatalf("waiting for the rights of %s: %v", user, err)
		}
	}
}
