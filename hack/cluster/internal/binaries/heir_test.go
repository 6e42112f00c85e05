package binaries

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestWhatRootBuildsIsTheCacheOwners(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root makes files for others")
	}
	const user, group = 65533, 65532
	home := t.TempDir()
	if err := os.Chown(home, user, group); err != nil {
		t.Fatal(err)
	}
	folder, wanted := tool(t, "package main\n\nfunc main() {}\n")
	cache := filepath.Join(home, ".cache", "fairlead")
	builder := Builder{Source: folder, Cache: Cache{Folder: cache}, Progress: NewProgress(&bytes.Buffer{})}
	if _, err := builder.Build(t.Context(), wanted); err != nil {
		t.Fatal(err)
	}
	logs := filepath.Join(cache, "failed-start")
	if err := os.CopyFS(logs, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	if err := InheritAll(logs); err != nil {
		t.Fatal(err)
	}
	seen := 0
	err := filepath.WalkDir(home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		information, err := entry.Info()
		if err != nil {
			return err
		}
		if owner, ok := information.Sys().(*syscall.Stat_t); !ok || owner.Uid != user || owner.Gid != group {
			t.Errorf("%s belongs to %d:%d, want %d:%d", path, owner.Uid, owner.Gid, user, group)
		}
		seen++
		return nil
	})
	if err != nil || seen < 12 {
		t.Errorf("%d files, %v", seen, err)
	}
}
