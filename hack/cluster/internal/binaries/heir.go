package binaries

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// Root may work in somebody's cache, through sudo. What it makes there goes to
// whoever owns the folder that it is in, so that the owner can go on using and
// removing it.

// inherit gives a file that root made to the owner of its folder.
func inherit(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	var folder, file unix.Stat_t
	if err := errors.Join(unix.Stat(filepath.Dir(path), &folder), unix.Lstat(path, &file)); err != nil {
		return fmt.Errorf("finding out whose %s is: %w", path, err)
	}
	// Some file systems know no owners; there is nothing to change on them.
	if file.Uid == folder.Uid && file.Gid == folder.Gid {
		return nil
	}
	if err := os.Lchown(path, int(folder.Uid), int(folder.Gid)); err != nil {
		return fmt.Errorf("giving %s to the owner of its folder: %w; name a cache of root's own with FAIRLEAD_CACHE", path, err)
	}
	return nil
}

// InheritAll does so with a folder and everything in it.
func InheritAll(folder string) error {
	return filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return inherit(path)
	})
}

// makeFolder makes a folder and those above it that are missing.
func makeFolder(path string) error {
	var missing []string
	for folder := path; folder != filepath.Dir(folder); folder = filepath.Dir(folder) {
		if _, err := os.Lstat(folder); !errors.Is(err, os.ErrNotExist) {
			break
		}
		missing = append(missing, folder)
	}
	if err := os.MkdirAll(path, 0o750); err != nil {
		return err
	}
	for _, one := range slices.Backward(missing) {
		if err := inherit(one); err != nil {
			return err
		}
	}
	return nil
}
