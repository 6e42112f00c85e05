package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/store"
)

// parties is a mapping of the parties of a source.
const parties = `
source: crm
entity: party
columns:
- {column: number, field: key}
- {column: name, field: name}
- {column: country, field: country}
- {column: email, field: email}
`

// Whatever is wrong with a command line is told in words that help, and without
// a password.
func TestCalledWrongly(t *testing.T) {
	// Whoever runs the tests may have a cluster of their own.
	t.Setenv("HOME", t.TempDir())
	t.Setenv("KUBECONFIG", "")
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	folder := t.TempDir()
	url, nobody := newSQLite(t), databases.NewDatabase(t)
	mapping := write(t, "parties.yaml", parties)
	file := write(t, "parties.csv", "number,name,country,email\n1,Aero,DE,\n")
	mistakes := write(t, "mistakes.yaml", strings.ReplaceAll(parties, "field: n", "field: m")+"trust: 101\n")
	missing := filepath.Join(folder, "missing")
	into := func(args ...string) []string { return append([]string{"import", "--store", url}, args...) }
	on := func(args ...string) []string { return append(append([]string{"customer"}, args...), "--store", url) }
	tests := map[string]struct {
		args []string
		code int
		says []string
	}{
		"no store":                        {[]string{"customer", "search", "a"}, exitUsage, []string{"which store? Pass --store URL, or -n NAMESPACE --store-name NAME, or set FAIRLEAD_STORE (see 'fairlead customer search --help')"}},
		"two stores":                      {on("search", "a", "--store-name", "crm"), exitUsage, []string{"--store and --store-name both name a store"}},
		"a namespace of a URL":            {on("search", "a", "-n", "expo"), exitUsage, []string{"--namespace goes with --store-name"}},
		"a URL of something else":         {[]string{"migrate", "--store", "mysql://root:hidden@db/crm"}, exitUsage, []string{"--store: want postgres://"}},
		"a URL that cannot be read":       {[]string{"migrate", "--store", "postgres://root:hidden@db:port/crm"}, exitUsage, []string{"--store: not a URL of PostgreSQL"}},
		"SQLite with a password":          {[]string{"migrate", "--store", "sqlite://root:hidden@/tmp/crm.db"}, exitUsage, []string{"--store: want sqlite:///"}},
		"a relative path":                 {[]string{"migrate", "--store", "sqlite:crm.db"}, exitUsage, []string{"--store: want sqlite:///"}},
		"a server that is not there":      {[]string{"migrate", "--store", "postgres://root:hidden@127.0.0.1:1/crm"}, exitFailed, []string{"opening the store", "cannot be reached"}},
		"a password that is wrong":        {[]string{"migrate", "--store", withPassword(t, nobody, "hidden")}, exitFailed, []string{"opening the store", "refuses the user or the password"}},
		"no cluster":                      {[]string{"migrate", "--store-name", "crm"}, exitUsage, []string{"pass --kubeconfig, or name the store by --store"}},
		"a cluster that is not there":     {[]string{"migrate", "--store-name", "crm", "--kubeconfig", kubeconfig(t, nobodyThere)}, exitFailed, []string{"reading the CustomerStore", "127.0.0.1:1"}},
		"a file that is not there":        {[]string{"customer", "search", "a", "--store", "sqlite://" + missing}, exitFailed, []string{missing + " does not exist: fairlead migrate makes it"}},
		"a folder that is not there":      {[]string{"migrate", "--store", "sqlite://" + missing + "/crm.db"}, exitFailed, []string{"the folder of " + missing + "/crm.db does not exist"}},
		"a store without a schema":        {[]string{"customer", "search", "a", "--store", nobody}, exitFailed, []string{"the store has no schema yet: run fairlead migrate"}},
		"an import without a schema":      {[]string{"import", "-f", mapping, file, "--store", nobody}, exitFailed, []string{"the store has no schema yet: run fairlead migrate"}},
		"no mapping":                      {into(file), exitUsage, []string{"-f MAPPING is missing"}},
		"a mapping that is not there":     {into("-f", missing, file), exitUsage, []string{"reading the mapping: open " + missing}},
		"a mapping with mistakes":         {into("-f", mistakes, file), exitUsage, []string{"mapping " + mistakes, `"mame"; did you mean "name"?`, "trust: is no whole number from 0 to 100"}},
		"no file to import":               {into("-f", mapping), exitUsage, []string{"accepts 1 arg(s), received 0"}},
		"a file to import that is not":    {into("-f", mapping, missing), exitUsage, []string{"open " + missing + ": no such file"}},
		"a folder to import":              {into("-f", mapping, folder), exitUsage, []string{folder + " is a folder"}},
		"a file that does not fit":        {into("-f", mapping, write(t, "other.csv", "number,nome,country,email\n")), exitUsage, []string{"does not fit mapping " + mapping, `no column "name"; did you mean "nome"?`}},
		"an empty file":                   {into("-f", mapping, write(t, "empty.csv", "")), exitUsage, []string{"the file is empty"}},
		"rejects over the file itself":    {into("-f", mapping, file, "--rejects", file), exitUsage, []string{"it would be overwritten while it is read"}},
		"an unknown output of import":     {into("-f", mapping, file, "-o", "xml"), exitUsage, []string{`--output "xml": want text or json`}},
		"an unknown output of show":       {on("show", "C1", "-o", "xml"), exitUsage, []string{`--output "xml": want text or json`}},
		"an unknown output of search":     {on("search", "a", "-o", "xml"), exitUsage, []string{`--output "xml": want text or json`}},
		"an unknown output of erase":      {on("erase", "C1", "--yes", "-o", "xml"), exitUsage, []string{`--output "xml": want text or json`}},
		"an unknown output of merges":     {on("merges", "-o", "xml"), exitUsage, []string{`--output "xml": want text or json`}},
		"an unknown output of candidates": {on("candidates", "list", "-o", "xml"), exitUsage, []string{`--output "xml": want text or json`}},
		"no candidates at most":           {on("candidates", "list", "--limit", "0"), exitUsage, []string{"--limit must be at least 1"}},
		"no merges at most":               {on("merges", "--limit", "-1"), exitUsage, []string{"--limit must be at least 1"}},
		"nobody at most":                  {on("search", "a", "--limit", "0"), exitUsage, []string{"--limit must be at least 1"}},
		"less than no facts":              {on("show", "C1", "--facts", "-1"), exitUsage, []string{"--facts must not be negative"}},
		"a candidate that is no number":   {on("candidates", "accept", "first"), exitUsage, []string{`"first" is not a number from the list`}},
		"a candidate that cannot be":      {on("candidates", "reject", "0"), exitUsage, []string{`"0" is not a number from the list`}},
		"a merge that is no number":       {on("undo", "1.5"), exitUsage, []string{`"1.5" is not a number from the list`}},
		"a candidate that is not there":   {on("candidates", "accept", "7"), exitFailed, []string{"there is no candidate 7"}},
		"a merge that is not there":       {on("undo", "7"), exitFailed, []string{"there is no merge 7"}},
		"a merge without a reason":        {on("merge", "A", "B"), exitUsage, []string{"--reason is missing"}},
		"a merge told as YAML":            {on("merge", "A", "B", "--reason", "same", "-o", "yaml"), exitUsage, []string{`--output "yaml": want text or json`}},
		"a migration told as YAML":        {[]string{"migrate", "-o", "yaml", "--store", nobody}, exitUsage, []string{`--output "yaml": want text or json`}},
		"a merge of nobody":               {on("merge", "A", "B", "--reason", "same"), exitFailed, []string{`nobody has the code "A"`}},
		"a code that nobody has":          {on("show", "A\x1b[2J"), exitFailed, []string{`nobody has the code "A\x1b[2J"`}},
		"an export of nobody":             {on("export", "A"), exitFailed, []string{`nobody has the code "A"`}},
		"an erasure without a yes":        {on("erase", "A"), exitUsage, []string{"an erasure cannot be undone: confirm it by --yes"}},
		"an erasure by nobody":            {on("erase", "A", "--yes", "--actor", " "), exitUsage, []string{"--actor is empty"}},
		"an erasure of nobody":            {on("erase", "A", "--yes"), exitFailed, []string{`nobody has the code "A"`}},
		"reveal without a purpose":        {on("show", "A", "--reveal"), exitUsage, []string{"--reveal needs --purpose"}},
		"reveal without a keyset":         {on("show", "A", "--reveal", "--purpose", "refund"), exitUsage, []string{"--reveal needs the keyset: pass --keyset-file"}},
		"a keyset that is not there":      {on("search", "A", "--keyset-file", missing), exitUsage, []string{"--keyset-file: open " + missing}},
		"a keyset that is none":           {on("search", "A", "--keyset-file", file), exitUsage, []string{"search: reading the keyset: it is not JSON"}},
		"nothing to encrypt with":         {[]string{"keyset", "reencrypt", "--store", url}, exitUsage, []string{"the keyset is missing: pass --keyset-file"}},
		"rotating what is no keyset":      {[]string{"keyset", "rotate", file, missing}, exitUsage, []string{file + ": rotating the keyset: it is not JSON"}},
		"a keyset in no folder":           {[]string{"keyset", "create", missing + "/keyset.json"}, exitUsage, []string{"no such file or directory"}},
	}
	before := dump(t, url)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			code, out, said := runCaptured(t, test.args...)
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			for _, says := range test.says {
				if !strings.Contains(said, says) {
					t.Errorf("it said %q, want %q", said, says)
				}
			}
			if strings.Contains(said, "hidden") {
				t.Errorf("it gave the password away: %q", said)
			}
			if out != "" {
				t.Errorf("it printed %q", out)
			}
		})
	}
	sameDump(t, dump(t, url), before)
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("it left %v behind (%v)", left, err)
	}
}

// withPassword is the URL of a database with another password.
func withPassword(t *testing.T, url, password string) string {
	t.Helper()
	before, rest, found := strings.Cut(url, "@")
	user := strings.LastIndex(before, ":")
	if !found || user < 0 {
		t.Fatal("the URL has no password")
	}
	return before[:user+1] + password + "@" + rest
}

// A URL on the command line is seen by everybody on the machine.
func TestStoreOfTheEnvironment(t *testing.T) {
	url := newSQLite(t)
	t.Setenv(storeVariable, url)
	if out := must(t, exitOK, "migrate"); !strings.HasPrefix(out, "The schema has version") {
		t.Errorf("it printed %q", out)
	}
	// What the command line names goes before.
	missing := "sqlite://" + filepath.Join(t.TempDir(), "other.db")
	if _, _, said := runCaptured(t, "customer", "search", "a", "--store", missing); !strings.Contains(said, "other.db does not exist") {
		t.Errorf("it said %q", said)
	}
	if _, _, said := runCaptured(t, "customer", "search", "a", "--store-name", "crm", "--kubeconfig", "/does/not/exist"); !strings.Contains(said, "finding the API server") {
		t.Errorf("it said %q", said)
	}
}

func TestMigrate(t *testing.T) {
	for name, url := range map[string]string{
		"SQLite": "sqlite://" + filepath.Join(t.TempDir(), "crm.db"), "PostgreSQL": databases.NewDatabase(t),
	} {
		t.Run(name, func(t *testing.T) {
			if out := must(t, exitOK, "migrate", "--store", url); !strings.HasPrefix(out, "The schema was migrated from version 0 to ") {
				t.Errorf("it printed %q", out)
			}
			if out := must(t, exitOK, "migrate", "--store", url); !strings.HasSuffix(out, " already.\n") {
				t.Errorf("it printed %q", out)
			}
			var versions map[string]int64
			if mustJSON(t, exitOK, &versions, nil, "migrate", "--store", url); versions["to"] != store.KnownVersion() || versions["from"] != versions["to"] {
				t.Errorf("for programs it printed %v", versions)
			}
		})
	}
}
