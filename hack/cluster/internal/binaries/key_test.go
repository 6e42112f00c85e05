package binaries

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// source makes a folder of modules with one program in it.
func source(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		path := filepath.Join(folder, "tool", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func keyOf(t *testing.T, one Binary, folder string, tools toolchain) string {
	t.Helper()
	made, err := newPlan(one, folder, tools)
	if err != nil {
		t.Fatal(err)
	}
	return made.key
}

func TestKey(t *testing.T) {
	files := func() map[string]string {
		return map[string]string{"go.mod": "module x\n\nrequire example.com/tool v1.2.3\n", "go.sum": "sum", "main.go": "package main"}
	}
	base := func() (Binary, map[string]string, toolchain) {
		return Binary{Name: "tool", Module: "tool", Package: ".", Source: "example.com/tool"}, files(), toolchain{"go1.26", "linux", "amd64"}
	}
	one, contents, tools := base()
	want := keyOf(t, one, source(t, contents), tools)

	t.Run("does not depend on the checkout", func(t *testing.T) {
		if got := keyOf(t, one, source(t, contents), tools); got != want {
			t.Errorf("another folder gives %s, want %s", got, want)
		}
	})
	for name, change := range map[string]func(*Binary, map[string]string, *toolchain){
		"go.mod":       func(_ *Binary, f map[string]string, _ *toolchain) { f["go.mod"] += "// more\n" },
		"go.sum":       func(_ *Binary, f map[string]string, _ *toolchain) { f["go.sum"] = "other" },
		"own source":   func(_ *Binary, f map[string]string, _ *toolchain) { f["main.go"] += "\n" },
		"another file": func(_ *Binary, f map[string]string, _ *toolchain) { f["more.go"] = "package main" },
		"tags":         func(b *Binary, _ map[string]string, _ *toolchain) { b.Tags = []string{"seccomp"} },
		"cgo":          func(b *Binary, _ map[string]string, _ *toolchain) { b.CGO = true },
		"package":      func(b *Binary, _ map[string]string, _ *toolchain) { b.Package = "./cmd" },
		"stamp":        func(b *Binary, _ map[string]string, _ *toolchain) { b.stamp = stampVariable("main.version") },
		"Go":           func(_ *Binary, _ map[string]string, tools *toolchain) { tools.version = "go1.27" },
		"architecture": func(_ *Binary, _ map[string]string, tools *toolchain) { tools.arch = "arm64" },
	} {
		t.Run("depends on "+name, func(t *testing.T) {
			one, contents, tools := base()
			change(&one, contents, &tools)
			if got := keyOf(t, one, source(t, contents), tools); got == want {
				t.Error("the key is the same")
			}
		})
	}
}

func TestNewPlanExplainsWhatIsMissing(t *testing.T) {
	one := Binary{Name: "tool", Module: "tool", Source: "example.com/tool"}
	for name, test := range map[string]struct {
		files   map[string]string
		problem string
	}{
		"no module file":   {map[string]string{"main.go": "package main"}, "no go.mod"},
		"not required":     {map[string]string{"go.mod": "module x\n"}, "does not require example.com/tool"},
		"broken directive": {map[string]string{"go.mod": "require\n"}, "parsing the module file"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := newPlan(one, source(t, test.files), toolchain{}); err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("error is %v, want one with %q", err, test.problem)
			}
		})
	}
}

func TestArgumentsStampTheVersion(t *testing.T) {
	one := Binary{Name: "kubelet", Package: "k8s.io/kubernetes/cmd/kubelet", stamp: stampKubernetes, Tags: []string{"a", "b"}}
	got := strings.Join(one.arguments("v1.36.3"), " ")
	for _, want := range []string{"-trimpath", "-mod=readonly", "-s -w", "gitVersion=v1.36.3", "gitMajor=1", "gitMinor=36", "-tags a,b"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}

func TestCatalogueMatchesTheModules(t *testing.T) {
	for _, one := range All() {
		made, err := newPlan(one, "../../binaries", toolchain{})
		if err != nil {
			t.Errorf("%s: %v", one.Name, err)
			continue
		}
		if one.Source != "" && !strings.HasPrefix(made.version, "v") {
			t.Errorf("%s has the version %q", one.Name, made.version)
		}
	}
	if got := len(APIServerTests()); got != 3 {
		t.Errorf("%d programs for tests against an API server, want 3", got)
	}
}

func TestFindSource(t *testing.T) {
	root := t.TempDir()
	want := filepath.Join(root, "hack", "cluster", "binaries")
	deep := filepath.Join(root, "a", "b")
	for _, folder := range []string{filepath.Join(want, "kubernetes"), deep} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(want, "kubernetes", "go.mod"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ override, from string }{
		"from below":          {"", deep},
		"from hack/cluster":   {"", filepath.Join(root, "hack", "cluster")},
		"named by the caller": {want, "/"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := FindSource(test.override, test.from); err != nil || got != want {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
	for name, test := range map[string]struct{ override, from string }{
		"outside of a checkout": {"", t.TempDir()},
		"wrongly named":         {deep, root},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := FindSource(test.override, test.from); err == nil {
				t.Errorf("found %q", got)
			}
		})
	}
}
