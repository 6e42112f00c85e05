package binaries

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Cache is the folder that programs are kept in:
//
//	programs/NAME-KEY/NAME   one program, built once per key
//	sets/KEY/NAME            links to programs that belong together
//	lock                     held while something is built
type Cache struct {
	// Folder is the root of the cache.
	Folder string
}

// CacheFolder tells where the cache is: FAIRLEAD_CACHE, or the folder
// fairlead in the user's cache folder.
func CacheFolder(getenv func(string) string) (string, error) {
	if folder := getenv("FAIRLEAD_CACHE"); folder != "" {
		return filepath.Abs(folder)
	}
	if folder := getenv("XDG_CACHE_HOME"); filepath.IsAbs(folder) {
		return filepath.Join(folder, "fairlead"), nil
	}
	if home := getenv("HOME"); home != "" {
		return filepath.Join(home, ".cache", "fairlead"), nil
	}
	return "", errors.New("no cache folder: neither FAIRLEAD_CACHE nor XDG_CACHE_HOME nor HOME is set")
}

// unfinished begins the names of folders that programs are built in.
const unfinished = "building-"

// removeUnfinished removes what a build that was killed left. The caller
// holds the lock, so nobody builds in them.
func (c Cache) removeUnfinished() {
	left, _ := filepath.Glob(filepath.Join(c.Folder, unfinished+"*"))
	for _, folder := range left {
		// It only wastes space; the next build tries again.
		_ = os.RemoveAll(folder)
	}
}

func (c Cache) program(one plan) string {
	return filepath.Join(c.Folder, "programs", one.Name+"-"+one.key, one.Name)
}

func (c Cache) has(one plan) bool {
	information, err := os.Stat(c.program(one))
	return err == nil && information.Mode().IsRegular()
}

// set is the folder of links for the plans.
func (c Cache) set(plans []plan) string {
	return filepath.Join(c.Folder, "sets", setKey(plans))
}

// link is where a program is, seen from a folder of links.
func (c Cache) link(folder string, one plan) (string, error) {
	target, err := filepath.Rel(folder, c.program(one))
	if err != nil {
		return "", fmt.Errorf("linking %s: %w", one.Name, err)
	}
	return target, nil
}

// hasSet tells whether all of the programs and the links to them are there.
func (c Cache) hasSet(plans []plan) bool {
	folder := c.set(plans)
	for _, one := range plans {
		wanted, err := c.link(folder, one)
		if err != nil {
			return false
		}
		got, err := os.Readlink(filepath.Join(folder, one.Name))
		if err != nil || got != wanted || !c.has(one) {
			return false
		}
	}
	return true
}

// makeSet makes the folder of links for the plans.
func (c Cache) makeSet(plans []plan) error {
	folder := c.set(plans)
	if err := makeFolder(folder); err != nil {
		return fmt.Errorf("making the folder of programs: %w", err)
	}
	for _, one := range plans {
		target, err := c.link(folder, one)
		if err != nil {
			return err
		}
		path := filepath.Join(folder, one.Name)
		if err := os.Symlink(target, path); err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("linking %s: %w", one.Name, err)
		}
		if err := inherit(path); err != nil {
			return err
		}
	}
	return nil
}

// lock waits until nobody else builds into the cache. The lock belongs to the
// open file, so the kernel gives it back however the program ends.
func (c Cache) lock(ctx context.Context, waiting func(holder string)) (release func(), err error) {
	if err := makeFolder(c.Folder); err != nil {
		return nil, fmt.Errorf("making the cache folder: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(c.Folder, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, os.ErrPermission) {
		return nil, fmt.Errorf("opening the lock of the cache: %w; the cache is somebody else's: have it given to you with chown -R, or name another with FAIRLEAD_CACHE", err)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the lock of the cache: %w", err)
	}
	if err := inherit(file.Name()); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	told := false
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			break
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return nil, errors.Join(fmt.Errorf("locking the cache %s: %w", c.Folder, err), file.Close())
		}
		if !told {
			holder, _ := os.ReadFile(file.Name())
			waiting(strings.TrimSpace(string(holder)))
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("waiting for another build: %w", context.Cause(ctx)), file.Close())
		case <-time.After(200 * time.Millisecond):
		}
	}
	// The number only serves the message that others print while they wait.
	if err := file.Truncate(0); err == nil {
		_, _ = file.WriteAt([]byte(fmt.Sprintf("%d\n", os.Getpid())), 0)
	}
	return func() { _ = file.Close() }, nil
}
