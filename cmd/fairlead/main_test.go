package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// kubeconfig writes a file that names an API server where none is.
func kubeconfig(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const nobodyThere = `
apiVersion: v1
kind: Config
clusters: [{name: a, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: a, context: {cluster: a}}]
current-context: a
`

func TestExitCodes(t *testing.T) {
	// Whoever runs the tests may have a cluster of their own.
	t.Setenv("HOME", t.TempDir())
	t.Setenv("KUBECONFIG", "")
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	tests := map[string]struct {
		args []string
		code int
		says string
	}{
		"an unknown command":          {[]string{"manage"}, exitUsage, `fairlead: unknown command "manage"`},
		"an unknown flag":             {[]string{"manager", "--metrics"}, exitUsage, "fairlead manager: unknown flag: --metrics (see 'fairlead manager --help')"},
		"a flag without its value":    {[]string{"manager", "--namespaces"}, exitUsage, "flag needs an argument: --namespaces"},
		"a flag's wrong value":        {[]string{"manager", "--leader-elect=perhaps"}, exitUsage, `invalid argument "perhaps"`},
		"an argument too many":        {[]string{"manager", "expo"}, exitUsage, `"expo"`},
		"a namespace that is none":    {[]string{"manager", "--namespaces", "expo,Air Show"}, exitUsage, `--namespaces: "Air Show" is not the name of a namespace`},
		"an empty list of namespaces": {[]string{"manager", "--namespaces="}, exitUsage, "--namespaces is empty"},
		"an address without a port":   {[]string{"manager", "--metrics-bind-address", "localhost"}, exitUsage, `--metrics-bind-address "localhost": want [HOST]:PORT`},
		"an address that is none":     {[]string{"manager", "--health-probe-bind-address", "here:http:1"}, exitUsage, `--health-probe-bind-address "here:http:1": want [HOST]:PORT`},
		"a folder without keys":       {[]string{"manager", "--metrics-cert-dir", "/does/not/exist"}, exitUsage, "--metrics-cert-dir: stat /does/not/exist/tls.crt"},
		"a volume without its claim":  {[]string{"manager", "--sqlite-dir", "/"}, exitUsage, "--sqlite-dir and --sqlite-claim go together"},
		"a claim without its volume":  {[]string{"manager", "--sqlite-claim", "fairlead-sqlite"}, exitUsage, "--sqlite-dir and --sqlite-claim go together"},
		"a volume that is not there":  {[]string{"manager", "--sqlite-claim", "fairlead-sqlite", "--sqlite-dir", "/does/not/exist"}, exitUsage, "--sqlite-dir: stat /does/not/exist"},
		"a volume at a relative path": {[]string{"manager", "--sqlite-claim", "fairlead-sqlite", "--sqlite-dir", "."}, exitUsage, `--sqlite-dir ".": want the absolute path`},
		"a claim that is none":        {[]string{"manager", "--sqlite-claim", "Fair lead", "--sqlite-dir", "/"}, exitUsage, `--sqlite-claim: "Fair lead" is not the name`},
		"a namespace without volume":  {[]string{"manager", "--sqlite-namespace", "expo"}, exitUsage, "--sqlite-namespace goes with --sqlite-dir"},
		"a volume outside a pod":      {[]string{"manager", "--sqlite-claim", "fairlead-sqlite", "--sqlite-dir", "/"}, exitUsage, "outside of a pod --sqlite-dir needs --sqlite-namespace"},
		"an unknown log level":        {[]string{"manager", "--leader-elect=false", "--log-level", "loud"}, exitUsage, `--log-level "loud": want debug, info, warn or error`},
		"an unknown log format":       {[]string{"manager", "--leader-elect=false", "--log-format", "xml"}, exitUsage, `--log-format "xml": want json or text`},
		"an unknown output":           {[]string{"version", "-o", "yaml"}, exitUsage, `--output "yaml": want text or json`},
		"a kubeconfig not there":      {[]string{"manager", "--leader-elect=false", "--kubeconfig", "/does/not/exist"}, exitUsage, "--kubeconfig /does/not/exist: "},
		"a kubeconfig not YAML":       {[]string{"manager", "--leader-elect=false", "--kubeconfig", kubeconfig(t, "clusters: [")}, exitUsage, "error loading config file"},
		"no lease outside a pod":      {[]string{"manager"}, exitUsage, "pass --leader-elect=false or --leader-election-namespace"},
		"no kubeconfig at all":        {[]string{"manager", "--leader-elect=false"}, exitUsage, "pass --kubeconfig, or run in a pod"},
		"nobody there":                {[]string{"manager", "--leader-elect=false", "--kubeconfig", kubeconfig(t, nobodyThere)}, exitFailed, "for the API server https://127.0.0.1:1: "},
		"help":                        {[]string{"manager", "--help"}, exitOK, ""},
		"the version":                 {[]string{"version"}, exitOK, ""},
		"nothing":                     {nil, exitOK, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			if code := run(t.Context(), test.args, &stdout, &stderr); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			said := stderr.String()
			if !strings.Contains(said, test.says) {
				t.Errorf("it said %q, want %q", said, test.says)
			}
			if test.code != exitOK && strings.Count(said, "\n") != 1 {
				t.Errorf("it said more than one line:\n%s", said)
			}
			if test.code == exitOK && stdout.Len() == 0 {
				t.Error("it printed nothing")
			}
		})
	}
}
