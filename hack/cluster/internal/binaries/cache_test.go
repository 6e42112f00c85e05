package binaries

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCacheFolder(t *testing.T) {
	for name, test := range map[string]struct {
		environment map[string]string
		want        string
	}{
		"named":          {map[string]string{"FAIRLEAD_CACHE": "/c", "XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/c"},
		"cache home":     {map[string]string{"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/fairlead"},
		"home":           {map[string]string{"HOME": "/h"}, "/h/.cache/fairlead"},
		"relative cache": {map[string]string{"XDG_CACHE_HOME": "x", "HOME": "/h"}, "/h/.cache/fairlead"},
		"nothing":        {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := CacheFolder(func(key string) string { return test.environment[key] })
			if got != test.want || (err != nil) != (test.want == "") {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestLockLetsOneBuildAtATime(t *testing.T) {
	cache := Cache{Folder: t.TempDir()}
	release, err := cache.lock(t.Context(), func(string) { t.Error("waited although free") })
	if err != nil {
		t.Fatal(err)
	}
	waiting, locked := make(chan struct{}), make(chan error)
	go func() {
		again, err := cache.lock(t.Context(), func(string) { close(waiting) })
		if err == nil {
			defer again()
		}
		locked <- err
	}()
	select {
	case <-waiting:
	case err := <-locked:
		t.Fatalf("the second did not wait (%v)", err)
	}
	release()
	if err := <-locked; err != nil {
		t.Errorf("the second did not get the lock: %v", err)
	}
}

func TestLockGivesUpWithTheContext(t *testing.T) {
	cache := Cache{Folder: t.TempDir()}
	release, err := cache.lock(t.Context(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	holder := ""
	if _, err := cache.lock(ctx, func(who string) { holder = who }); !errors.Is(err, stop) {
		t.Errorf("error is %v, want %v", err, stop)
	}
	if holder == "" {
		t.Error("who holds the lock was not told")
	}
}

// tool is a source folder with a program of our own, so that nothing is
// fetched.
func tool(t *testing.T, program string) (string, []Binary) {
	folder := source(t, map[string]string{"go.mod": "module example.com/tool\n\ngo 1.26\n", "main.go": program})
	return folder, []Binary{{Name: "tool", Module: "tool", Package: "."}}
}

func TestBuildOnceAndLink(t *testing.T) {
	folder, wanted := tool(t, "package main\n\nfunc main() {}\n")
	var told bytes.Buffer
	cache := Cache{Folder: t.TempDir()}
	killed := filepath.Join(cache.Folder, unfinished+"tool-1")
	if err := os.Mkdir(killed, 0o755); err != nil {
		t.Fatal(err)
	}
	builder := Builder{Source: folder, Cache: cache, Progress: NewProgress(&told)}
	missing, err := builder.Missing(t.Context(), wanted)
	if err != nil || len(missing) != 1 {
		t.Fatalf("missing %v, %v", missing, err)
	}
	set, err := builder.Build(t.Context(), wanted)
	if err != nil {
		t.Fatal(err)
	}
	if information, err := os.Stat(set.Path("tool")); err != nil || information.Mode()&0o111 == 0 {
		t.Errorf("no program: %v", err)
	}
	if !strings.Contains(told.String(), "[1/1] tool ... built in") {
		t.Errorf("told %q", told.String())
	}
	if _, err := os.Stat(killed); err == nil {
		t.Error("what a build that was killed left is still there")
	}
	told.Reset()
	// Nothing is missing, so even another build is not waited for.
	release, err := cache.lock(t.Context(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	again, err := builder.Build(t.Context(), wanted)
	if err != nil || again.Folder != set.Folder {
		t.Errorf("the second build gives %v, %v", again, err)
	}
	if told.String() != "[1/1] tool cached\n" {
		t.Errorf("told %q", told.String())
	}
}

func TestBuildFailureLeavesNothing(t *testing.T) {
	folder, wanted := tool(t, "package main\n\nfunc main() { nonsense }\n")
	cache := Cache{Folder: t.TempDir()}
	builder := Builder{Source: folder, Cache: cache, Progress: NewProgress(&bytes.Buffer{})}
	if _, err := builder.Build(t.Context(), wanted); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("error is %v, want what the compiler says", err)
	}
	if left, _ := filepath.Glob(filepath.Join(cache.Folder, unfinished+"*")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	if missing, err := builder.Missing(t.Context(), wanted); err != nil || len(missing) != 1 {
		t.Errorf("the broken program counts as built: %v, %v", missing, err)
	}
}
