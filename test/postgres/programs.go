package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// errNoPrograms tells how to get what is missing.
var errNoPrograms = errors.New("PostgreSQL is not installed. Install its server (Debian and Ubuntu: apt-get install postgresql; " +
	"macOS: brew install postgresql), or let " + Variable + " name a server to test with")

// Programs returns the folder of PostgreSQL's programs. Where they are missing, root
// on a Debian has them installed; anybody else gets an error that tells how to.
func Programs(ctx context.Context) (string, error) {
	if found, ok := findPrograms(debianPattern); ok {
		return found, nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return "", errNoPrograms
	}
	if err := install(ctx); err != nil {
		return "", fmt.Errorf("%w\nInstalling it failed: %w", errNoPrograms, err)
	}
	if found, ok := findPrograms(debianPattern); ok {
		return found, nil
	}
	return "", errNoPrograms
}

// debianPattern matches the folders where Debian keeps the programs: not on the
// PATH, because several versions may stand side by side.
const debianPattern = "/usr/lib/postgresql/*/bin"

// findPrograms looks on the PATH, and else takes the newest version of Debian's.
func findPrograms(pattern string) (string, bool) {
	if path, err := exec.LookPath("postgres"); err == nil {
		// What stands on the PATH may be a link. initdb looks for what it needs
		// beside the program itself.
		if program, err := filepath.EvalSymlinks(path); err == nil && complete(filepath.Dir(program)) {
			return filepath.Dir(program), true
		}
	}
	folders, err := filepath.Glob(pattern)
	if err != nil {
		return "", false
	}
	newest, newestVersion := "", 0
	for _, folder := range folders {
		version, err := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
		if err == nil && version > newestVersion && complete(folder) {
			newest, newestVersion = folder, version
		}
	}
	return newest, newest != ""
}

// complete tells whether a folder has all programs that are needed.
func complete(folder string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if _, err := exec.LookPath(filepath.Join(folder, name)); err != nil {
			return false
		}
	}
	return true
}

// noCluster keeps Debian's package from setting up a server of the machine's.
const noCluster = "/etc/postgresql-common/createcluster.d/fairlead-test.conf"

// install installs Debian's package. Test programs of several packages run at
// the same time: one installs, the others wait for it.
func install(ctx context.Context) (err error) {
	turn, err := os.OpenFile(filepath.Join(os.TempDir(), "fairlead-install-postgres"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, turn.Close()) }()
	for lock(turn) != nil {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(200 * time.Millisecond):
		}
	}
	if _, ok := findPrograms(debianPattern); ok {
		return nil
	}
	fmt.Fprintln(os.Stderr, "installing PostgreSQL for the tests: apt-get install postgresql")
	//nolint:gosec // A folder and a file of the system's settings, which all may read.
	if err := errors.Join(os.MkdirAll(filepath.Dir(noCluster), 0o755), os.WriteFile(noCluster, []byte("create_main_cluster = false\n"), 0o644)); err != nil {
		return fmt.Errorf("keeping the package from starting a server: %w", err)
	}
	// Whoever wants a server of the machine's later gets it as ever.
	defer func() { err = errors.Join(err, os.Remove(noCluster)) }()
	for _, arguments := range [][]string{
		{"update", "--quiet"},
		{"install", "--quiet", "--yes", "--no-install-recommends", "postgresql"},
	} {
		//nolint:gosec // The arguments stand above.
		command := exec.CommandContext(ctx, "apt-get", append([]string{"-o", "DPkg::Lock::Timeout=300"}, arguments...)...)
		command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w\n%s", arguments[0], err, output)
		}
	}
	return nil
}
