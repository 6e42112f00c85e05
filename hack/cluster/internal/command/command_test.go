package command

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/hack/cluster/internal/cluster"
	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
)

func TestExitCodes(t *testing.T) {
	// A folder that does not exist: there is no cluster in it.
	t.Setenv("FAIRLEAD_CLUSTER_DIR", "/nonexistent/fairlead")
	for name, test := range map[string]struct {
		arguments []string
		code      int
		says      string
	}{
		"help":                  {[]string{"--help"}, 0, "Exit codes"},
		"nothing":               {nil, 0, "Available Commands"},
		"unknown command":       {[]string{"nosuch"}, 2, `no command "nosuch"`},
		"unknown flag":          {[]string{"up", "--nosuch"}, 2, "unknown flag"},
		"stray word":            {[]string{"down", "x"}, 2, `does not take "x"`},
		"time limit of nothing": {[]string{"up", "--timeout", "0s"}, 2, "--timeout"},
		"nothing to load":       {[]string{"load"}, 2, "at least one image archive"},
		"unknown component":     {[]string{"logs", "nosuch"}, 2, "there are etcd"},
		"unknown to start":      {[]string{"start", "nosuch"}, 2, "there are etcd"},
		"nothing to start":      {[]string{"start"}, 2, "wants a component"},
		"unknown format":        {[]string{"status", "-o", "yaml"}, 2, "knows json"},
		"unknown part":          {[]string{"build", "--only", "x"}, 2, "apiserver-tests"},
		"no kubeconfig":         {[]string{"kubeconfig"}, 1, "cluster up"},
		"no environment":        {[]string{"env"}, 1, "cluster up"},
		"no logs":               {[]string{"logs"}, 1, "cluster up"},
		"no log":                {[]string{"logs", "etcd"}, 1, "no log of etcd"},
		"path of a log":         {[]string{"logs", "etcd", "--path"}, 0, "/nonexistent/fairlead/logs/etcd.log"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := Run(t.Context(), test.arguments, &stdout, &stderr)
			if said := stdout.String() + stderr.String(); code != test.code || !strings.Contains(said, test.says) {
				t.Errorf("code %d, want %d; said %q, want %q", code, test.code, said, test.says)
			}
		})
	}
}

func TestEveryCommandHasAnExample(t *testing.T) {
	for _, one := range newRoot().Commands() {
		if one.Example == "" || one.Short == "" {
			t.Errorf("%s has no example or no description", one.Name())
		}
	}
}

func TestPrintStatus(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	since := now.Add(-90 * time.Second)
	var out bytes.Buffer
	err := printStatus(&out, cluster.Status{
		State:   cluster.StateDegraded,
		Problem: "kubelet is not running",
		Server:  layout.ServerURL(),
		Node:    &cluster.Node{Name: "fairlead", Version: "v1"},
		Components: []cluster.ComponentStatus{
			{Name: "etcd", Up: true, PID: 12, Version: "v3", Since: &since},
			{Name: "kubelet", PID: 13, Since: &since},
		},
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"The cluster is degraded", "Problem: kubelet", "etcd        up      12    1m30s   v3", "kubelet     down    -     -", "fairlead   NotReady"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %q:\n%s", want, out.String())
		}
	}
}

func TestHowToGoOnIsQuoted(t *testing.T) {
	var out bytes.Buffer
	printUse(&out, "/my tree/bin/cluster", layout.Layout{Folder: "/state"})
	for _, want := range []string{`eval "$('/my tree/bin/cluster' env)" `, `  '/my tree/bin/cluster' down `} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %q:\n%s", want, out.String())
		}
	}
}
