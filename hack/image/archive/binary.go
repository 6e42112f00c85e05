package archive

import (
	"debug/elf"
	"fmt"
	"path/filepath"
)

// program is an executable that may stand alone in an empty image.
type program struct {
	path         string
	name         string
	architecture string
}

// architecture maps the machine in an ELF header to the name that image
// platforms use.
func architecture(machine elf.Machine) (string, bool) {
	switch machine {
	case elf.EM_X86_64:
		return "amd64", true
	case elf.EM_AARCH64:
		return "arm64", true
	default:
		return "", false
	}
}

// inspect reads the header of an executable and refuses what could not run in
// an image that has no C library, no loader and no shell.
func inspect(path string) (program, error) {
	file, err := elf.Open(path)
	if err != nil {
		return program{}, fmt.Errorf("reading the executable %s (is it a Linux binary? build with GOOS=linux): %w", path, err)
	}
	defer func() { _ = file.Close() }()

	arch, known := architecture(file.Machine)
	if !known {
		return program{}, fmt.Errorf("the executable %s is for %s; only amd64 and arm64 images are made", path, file.Machine)
	}
	for _, header := range file.Progs {
		if header.Type == elf.PT_INTERP {
			return program{}, fmt.Errorf("the executable %s is dynamically linked and would not start in an empty image; build it with CGO_ENABLED=0", path)
		}
	}
	return program{path: path, name: filepath.Base(path), architecture: arch}, nil
}

// inspectAll inspects every executable and requires that they agree on the
// architecture and do not overwrite one another.
func inspectAll(paths []string) ([]program, error) {
	if len(paths) == 0 {
		return nil, fmt.Errorf("no binary was named; an image needs at least one")
	}
	found := make([]program, 0, len(paths))
	names := map[string]string{}
	for _, path := range paths {
		one, err := inspect(path)
		if err != nil {
			return nil, err
		}
		if earlier, taken := names[one.name]; taken {
			return nil, fmt.Errorf("the binaries %s and %s would both become /%s in the image; rename one", earlier, path, one.name)
		}
		if first := append(found, one)[0]; first.architecture != one.architecture {
			return nil, fmt.Errorf("the binary %s is for %s but %s is for %s; an image has one architecture",
				first.path, first.architecture, one.path, one.architecture)
		}
		names[one.name] = path
		found = append(found, one)
	}
	return found, nil
}
