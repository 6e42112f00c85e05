package binaries

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// toolchain is what of the Go installation decides about the output.
type toolchain struct {
	version, os, arch string
}

// plan is a Binary with everything that was read to build it.
type plan struct {
	Binary
	folder    string
	version   string
	arguments []string
	toolchain toolchain
	key       string
}

// newPlan reads the module's files and computes the key.
func newPlan(one Binary, source string, tools toolchain) (plan, error) {
	folder := filepath.Join(source, one.Module)
	inputs, err := readInputs(folder)
	if err != nil {
		return plan{}, fmt.Errorf("reading how %s is built: %w", one.Name, err)
	}
	version, err := one.version(inputs["go.mod"])
	if err != nil {
		return plan{}, err
	}
	made := plan{Binary: one, folder: folder, version: version, arguments: one.arguments(version), toolchain: tools}
	made.key = key(made, inputs)
	return made, nil
}

// readInputs reads the files of a module that decide about its programs.
func readInputs(folder string) (map[string][]byte, error) {
	inputs := map[string][]byte{}
	for _, pattern := range []string{"go.mod", "go.sum", "*.go"} {
		found, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			return nil, err
		}
		for _, path := range found {
			content, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			inputs[filepath.Base(path)] = content
		}
	}
	if len(inputs["go.mod"]) == 0 {
		return nil, fmt.Errorf("%s has no go.mod", folder)
	}
	return inputs, nil
}

// key names a program by everything that decides about its bytes. Paths are
// left out on purpose: a second checkout must find what the first one built.
func key(made plan, inputs map[string][]byte) string {
	hash := sha256.New()
	// Lengths keep neighbouring fields from running into one another.
	field := func(value string) { fmt.Fprintf(hash, "%d:%s;", len(value), value) }
	field(made.Name)
	field(made.Package)
	field(strings.Join(made.arguments, "\x00"))
	field(fmt.Sprint(made.CGO))
	field(made.toolchain.version)
	field(made.toolchain.os)
	field(made.toolchain.arch)
	names := make([]string, 0, len(inputs))
	for name := range inputs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		field(name)
		field(string(inputs[name]))
	}
	return hex.EncodeToString(hash.Sum(nil))[:16]
}

// setKey names a folder of programs by the programs in it.
func setKey(plans []plan) string {
	hash := sha256.New()
	for _, one := range plans {
		fmt.Fprintf(hash, "%s %s\n", one.Name, one.key)
	}
	return hex.EncodeToString(hash.Sum(nil))[:16]
}
