package archive

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// executable writes the smallest file that has an ELF header; a program
// header of the kind given makes it static or not.
func executable(t *testing.T, name string, machine elf.Machine, kind elf.ProgType) string {
	t.Helper()
	header := elf.Header64{
		Ident:     [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:      uint16(elf.ET_EXEC),
		Machine:   uint16(machine),
		Version:   uint32(elf.EV_CURRENT),
		Phoff:     64,
		Ehsize:    64,
		Phentsize: 56,
		Phnum:     1,
	}
	var content bytes.Buffer
	for _, part := range []any{header, elf.Prog64{Type: uint32(kind)}} {
		if err := binary.Write(&content, binary.LittleEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content.Bytes(), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func static(t *testing.T, name string) string {
	return executable(t, name, elf.EM_X86_64, elf.PT_LOAD)
}

// files reads an archive, entry by entry.
func files(t *testing.T, path string) map[string][]byte {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	found := map[string][]byte{}
	reader := tar.NewReader(file)
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		if found[header.Name], err = io.ReadAll(reader); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWriteIsReproducible(t *testing.T) {
	program := static(t, "fairlead")
	var archives [][]byte
	for _, name := range []string{"first.tar", "second.tar"} {
		output := filepath.Join(t.TempDir(), name)
		if _, err := Write(Spec{Name: "fairlead:dev", Binaries: []string{program}, Labels: Labels{Title: "a", Version: "1"}}, output); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(output)
		if err != nil {
			t.Fatal(err)
		}
		archives = append(archives, content)
	}
	if !bytes.Equal(archives[0], archives[1]) {
		t.Error("two archives of the same binary differ")
	}
}

func TestWriteMakesAnImageThatEnginesUnderstand(t *testing.T) {
	output := filepath.Join(t.TempDir(), "new", "image.tar")
	result, err := Write(Spec{
		Name:     "fairlead:dev",
		Binaries: []string{static(t, "fairlead"), static(t, "mailsink")},
		Labels:   Labels{Title: "Fairlead", Version: "v1"},
	}, output)
	if err != nil {
		t.Fatal(err)
	}
	found := files(t, output)

	var index struct {
		Manifests []struct {
			Digest      string
			Annotations map[string]string
			Platform    struct{ OS, Architecture string }
		}
	}
	decode(t, found["index.json"], &index)
	first := index.Manifests[0]
	if first.Digest != result.Digest {
		t.Errorf("the index names %s, the result %s", first.Digest, result.Digest)
	}
	if got := first.Annotations["io.containerd.image.name"]; got != result.Name || !strings.HasSuffix(got, "/fairlead:dev") {
		t.Errorf("containerd would know it as %q, the result says %q", got, result.Name)
	}
	if first.Platform.OS != "linux" || first.Platform.Architecture != "amd64" {
		t.Errorf("platform is %+v", first.Platform)
	}

	var docker []struct {
		Config           string
		RepoTags, Layers []string
	}
	decode(t, found["manifest.json"], &docker)
	if !slices.Equal(docker[0].RepoTags, []string{"fairlead:dev"}) || len(docker[0].Layers) != 1 {
		t.Errorf("Docker's manifest is %+v", docker)
	}
	for _, path := range append(docker[0].Layers, docker[0].Config, "oci-layout") {
		if len(found[path]) == 0 {
			t.Errorf("%s is missing", path)
		}
	}

	var config struct {
		Architecture string
		Config       struct {
			User       string
			Entrypoint []string
			Labels     map[string]string
		}
	}
	decode(t, found[docker[0].Config], &config)
	if config.Config.User != User || !slices.Equal(config.Config.Entrypoint, []string{"/fairlead"}) {
		t.Errorf("runs %v as %s", config.Config.Entrypoint, config.Config.User)
	}
	want := map[string]string{"org.opencontainers.image.title": "Fairlead", "org.opencontainers.image.version": "v1"}
	if len(config.Config.Labels) != len(want) {
		t.Errorf("labels are %v", config.Config.Labels)
	}
	for key, value := range want {
		if config.Config.Labels[key] != value {
			t.Errorf("label %s is %q, want %q", key, config.Config.Labels[key], value)
		}
	}
}

func decode(t *testing.T, content []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(content, into); err != nil {
		t.Fatalf("%v in %s", err, content)
	}
}

func TestWriteRefuses(t *testing.T) {
	text := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(text, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		image    string
		binaries []string
		problem  string
	}{
		"no binary":           {"a:b", nil, "at least one"},
		"a missing one":       {"a:b", []string{"/nonexistent/x"}, "no such file"},
		"a script":            {"a:b", []string{text}, "is it a Linux binary"},
		"a dynamic one":       {"a:b", []string{executable(t, "x", elf.EM_X86_64, elf.PT_INTERP)}, "CGO_ENABLED=0"},
		"an unknown machine":  {"a:b", []string{executable(t, "x", elf.EM_RISCV, elf.PT_LOAD)}, "only amd64 and arm64"},
		"two of one name":     {"a:b", []string{static(t, "x"), static(t, "x")}, "would both become /x"},
		"two of two machines": {"a:b", []string{static(t, "x"), executable(t, "y", elf.EM_AARCH64, elf.PT_LOAD)}, "one architecture"},
		"a bad name":          {"Fair Lead", []string{static(t, "x")}, "not valid"},
		"a digest for a name": {"a@sha256:" + strings.Repeat("0", 64), []string{static(t, "x")}, "must carry a tag"},
	} {
		t.Run(name, func(t *testing.T) {
			output := filepath.Join(t.TempDir(), "image.tar")
			_, err := Write(Spec{Name: test.image, Binaries: test.binaries}, output)
			if err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("error is %v, want one with %q", err, test.problem)
			}
			if _, err := os.Stat(output); err == nil {
				t.Error("an archive was written all the same")
			}
		})
	}
}

func TestFullName(t *testing.T) {
	for short, want := range map[string]string{
		"fairlead":                    "/library/fairlead:latest",
		"fairlead:dev":                "/library/fairlead:dev",
		"registry.example/team/app:1": "registry.example/team/app:1",
	} {
		got, err := fullName(short)
		if err != nil || !strings.HasSuffix(got.String(), want) {
			t.Errorf("%s becomes %v, %v, want the end %s", short, got, err, want)
		}
	}
}
