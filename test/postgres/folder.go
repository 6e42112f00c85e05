package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	// folderPrefix begins the name of every server's folder.
	folderPrefix = "fairlead-postgres-"
	// lockName is the file in a folder that is locked as long as its owner or
	// its server runs. The kernel takes the lock away from the dead.
	lockName = "lock"
)

// folder is a temporary one, of a server and all that it writes.
type folder struct {
	path string
	lock *os.File
}

// newFolder makes a folder of the account's; nil is ourselves.
func newFolder(parent string, account *syscall.Credential) (*folder, error) {
	path, err := os.MkdirTemp(parent, folderPrefix)
	if err != nil {
		return nil, fmt.Errorf("making a folder for PostgreSQL: %w", err)
	}
	made := &folder{path: path}
	if err := made.claim(); err != nil {
		return nil, errors.Join(fmt.Errorf("locking the folder of PostgreSQL: %w", err), made.remove())
	}
	if err := give(path, account); err != nil {
		return nil, errors.Join(err, made.remove())
	}
	return made, nil
}

// claim locks the folder. The file gets its name when it is locked already, so
// that nobody who clears away sees it unlocked.
func (f *folder) claim() (err error) {
	unnamed := filepath.Join(f.path, lockName+".new")
	if f.lock, err = os.OpenFile(unnamed, os.O_CREATE|os.O_RDWR|os.O_EXCL, 0o600); err != nil {
		return err
	}
	if err := lock(f.lock); err != nil {
		return err
	}
	return os.Rename(unnamed, filepath.Join(f.path, lockName))
}

// remove removes the folder and gives up its lock.
func (f *folder) remove() error {
	err := os.RemoveAll(f.path)
	if f.lock != nil {
		err = errors.Join(err, f.lock.Close())
	}
	if err != nil {
		return fmt.Errorf("removing the folder of PostgreSQL: %w", err)
	}
	return nil
}

// sweep removes what programs that were killed left behind. A folder that cannot
// be removed is no reason not to start: it is somebody else's.
func sweep(parent string) {
	folders, err := filepath.Glob(filepath.Join(parent, folderPrefix+"*"))
	if err != nil {
		return
	}
	for _, path := range folders {
		// Whatever lies there under the name, opening it must neither wait nor
		// lead elsewhere.
		file, err := os.OpenFile(filepath.Join(path, lockName), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
		switch {
		case errors.Is(err, os.ErrNotExist):
			if abandoned(path) {
				_ = os.RemoveAll(path)
			}
		case err == nil:
			if lock(file) == nil {
				_ = os.RemoveAll(path)
			}
			_ = file.Close()
		}
	}
}

// abandoned tells whether a folder without a lock is too old to get one yet.
func abandoned(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && time.Since(info.ModTime()) > time.Hour
}

// lock locks a file, or fails if somebody else has.
func lock(file *os.File) error {
	connection, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var locked error
	err = connection.Control(func(descriptor uintptr) {
		locked = syscall.Flock(int(descriptor), syscall.LOCK_EX|syscall.LOCK_NB)
	})
	return errors.Join(err, locked)
}
