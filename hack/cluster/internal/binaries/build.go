package binaries

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Builder builds programs into a cache.
type Builder struct {
	// Source is the folder of the programs' modules.
	Source string
	// Cache is where the programs are kept.
	Cache Cache
	// Progress is told what happens.
	Progress *Progress
}

// Set is a folder with programs that belong together.
type Set struct {
	// Folder holds the programs under their names.
	Folder string
	// Versions are the programs' versions by name; those of our own have none.
	Versions map[string]string
}

// Path is where the program of that name is.
func (s Set) Path(name string) string { return filepath.Join(s.Folder, name) }

// Missing tells which of the programs would have to be built.
func (b Builder) Missing(ctx context.Context, wanted []Binary) ([]Binary, error) {
	plans, err := b.plan(ctx, wanted)
	if err != nil {
		return nil, err
	}
	var missing []Binary
	for _, one := range plans {
		if !b.Cache.has(one) {
			missing = append(missing, one.Binary)
		}
	}
	return missing, nil
}

// Build builds what the cache lacks and returns the folder with all of the
// wanted programs. A cache that lacks nothing is only read, so it may be
// somebody else's.
func (b Builder) Build(ctx context.Context, wanted []Binary) (Set, error) {
	plans, err := b.plan(ctx, wanted)
	if err != nil {
		return Set{}, err
	}
	if b.Cache.hasSet(plans) {
		for number, one := range plans {
			b.Progress.cached(title(number, plans, one))
		}
	} else if err := b.complete(ctx, plans); err != nil {
		return Set{}, err
	}
	versions := map[string]string{}
	for _, one := range plans {
		versions[one.Name] = one.version
	}
	return Set{Folder: b.Cache.set(plans), Versions: versions}, nil
}

// complete builds what the cache lacks, while nobody else does.
func (b Builder) complete(ctx context.Context, plans []plan) error {
	release, err := b.Cache.lock(ctx, func(holder string) { b.Progress.waiting(holder) })
	if err != nil {
		return err
	}
	defer release()
	b.Cache.removeUnfinished()
	for number, one := range plans {
		title := title(number, plans, one)
		if b.Cache.has(one) {
			b.Progress.cached(title)
			continue
		}
		done := b.Progress.start(title)
		began := time.Now()
		err := b.build(ctx, one)
		done(time.Since(began), err)
		if err != nil {
			return err
		}
	}
	return b.Cache.makeSet(plans)
}

// title is how a program is told of.
func title(number int, plans []plan, one plan) string {
	return fmt.Sprintf("[%d/%d] %s", number+1, len(plans), strings.TrimSpace(one.Name+" "+one.version))
}

func (b Builder) plan(ctx context.Context, wanted []Binary) ([]plan, error) {
	tools := map[string]toolchain{}
	plans := make([]plan, 0, len(wanted))
	for _, one := range wanted {
		if _, known := tools[one.Module]; !known {
			found, err := readToolchain(ctx, filepath.Join(b.Source, one.Module))
			if err != nil {
				return nil, err
			}
			tools[one.Module] = found
		}
		made, err := newPlan(one, b.Source, tools[one.Module])
		if err != nil {
			return nil, err
		}
		plans = append(plans, made)
	}
	return plans, nil
}

// readToolchain asks go in the module's folder, because the module decides
// which toolchain go switches to.
func readToolchain(ctx context.Context, folder string) (toolchain, error) {
	command := exec.CommandContext(ctx, "go", "env", "GOVERSION", "GOOS", "GOARCH")
	command.Dir = folder
	command.Env = buildEnvironment(false)
	output, err := command.Output()
	if err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return toolchain{}, errors.New("the program go is not in the PATH; install Go 1.26 or newer")
		}
		return toolchain{}, fmt.Errorf("asking go for its version in %s: %w%s", folder, err, said(err))
	}
	lines := strings.Fields(string(output))
	if len(lines) != 3 {
		return toolchain{}, fmt.Errorf("asking go for its version in %s: unexpected answer %q", folder, output)
	}
	return toolchain{version: lines[0], os: lines[1], arch: lines[2]}, nil
}

// build runs go build into a temporary folder and renames the result into
// place, so that the cache never holds half a program.
func (b Builder) build(ctx context.Context, one plan) error {
	final := b.Cache.program(one)
	if err := makeFolder(filepath.Dir(final)); err != nil {
		return fmt.Errorf("making the folder of %s: %w", one.Name, err)
	}
	temporary, err := os.MkdirTemp(b.Cache.Folder, unfinished+one.Name+"-")
	if err != nil {
		return fmt.Errorf("making a temporary folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	if err := inherit(temporary); err != nil {
		return err
	}

	output := filepath.Join(temporary, one.Name)
	arguments := append(append([]string{}, one.arguments...), "-o", output, one.Package)
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = one.folder
	command.Env = buildEnvironment(one.CGO)
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	// Interrupted, go ends its compilers and removes its temporary files;
	// killed, it would do neither.
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 10 * time.Second
	if err := command.Run(); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("building %s: %w", one.Name, context.Cause(ctx))
		}
		return fmt.Errorf("building %s in %s: %w\n%s", one.Name, one.folder, err, lastLines(printed.String(), 30))
	}
	if err := inherit(output); err != nil {
		return err
	}
	if err := os.Rename(output, final); err != nil {
		return fmt.Errorf("putting %s into the cache: %w", one.Name, err)
	}
	return nil
}

// buildEnvironment keeps what points go at its proxy and caches, and drops
// what would change the output without changing the key.
func buildEnvironment(cgo bool) []string {
	dropped := []string{"GOFLAGS", "CGO_ENABLED", "GOOS", "GOARCH", "GOWORK", "GOEXPERIMENT", "GOAMD64", "GOARM64"}
	var environment []string
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		keep := true
		for _, one := range dropped {
			keep = keep && name != one
		}
		if keep {
			environment = append(environment, variable)
		}
	}
	enabled := "0"
	if cgo {
		enabled = "1"
	}
	return append(environment, "CGO_ENABLED="+enabled, "GOWORK=off", "GOFLAGS=")
}

// said is what a failed program wrote to its error stream.
func said(err error) string {
	var failed *exec.ExitError
	if errors.As(err, &failed) && len(failed.Stderr) > 0 {
		return ": " + strings.TrimSpace(string(failed.Stderr))
	}
	return ""
}

func lastLines(text string, count int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
