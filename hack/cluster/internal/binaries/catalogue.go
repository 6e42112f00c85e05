// Package binaries builds the programs of a Kubernetes cluster from Go modules
// and keeps them in a cache folder, so that they are built once.
package binaries

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// Binary says how one program is built.
type Binary struct {
	// Name is the file's name in the cache.
	Name string
	// Module is the folder beneath the binaries folder that pins the versions.
	Module string
	// Package is the main package; "." is a program of our own.
	Package string
	// Source is the module whose version the program has; empty for our own.
	Source string
	// Tags are the build tags.
	Tags []string
	// CGO tells that the program needs a C compiler.
	CGO bool
	// stamp gives the linker flags that tell the program its version.
	stamp func(version string) []string
}

// catalogue lists every program, those that take longest first, so that a
// failure to build shows early.
func catalogue() []Binary {
	kubernetes := func(name string) Binary {
		return Binary{
			Name: name, Module: "kubernetes", Package: "k8s.io/kubernetes/cmd/" + name,
			Source: "k8s.io/kubernetes", stamp: stampKubernetes,
		}
	}
	containerd := func(name string) Binary {
		return Binary{
			Name: name, Module: "containerd", Package: "github.com/containerd/containerd/v2/cmd/" + name,
			Source: "github.com/containerd/containerd/v2",
			Tags:   []string{"no_btrfs", "no_devmapper", "no_zfs"},
			stamp:  stampVariable("github.com/containerd/containerd/v2/version.Version"),
		}
	}
	plugin := func(name, folder string) Binary {
		return Binary{
			Name: name, Module: "cni", Package: "github.com/containernetworking/plugins/plugins/" + folder + "/" + name,
			Source: "github.com/containernetworking/plugins",
			stamp:  stampVariable("github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion"),
		}
	}
	return []Binary{
		kubernetes("kube-apiserver"),
		kubernetes("kube-controller-manager"),
		kubernetes("kube-scheduler"),
		kubernetes("kubelet"),
		kubernetes("kube-proxy"),
		kubernetes("kubectl"),
		{Name: "etcd", Module: "etcd", Package: "go.etcd.io/etcd/server/v3", Source: "go.etcd.io/etcd/server/v3"},
		{Name: "coredns", Module: "coredns", Package: ".", Source: "github.com/coredns/coredns"},
		containerd("containerd"),
		containerd("containerd-shim-runc-v2"),
		containerd("ctr"),
		plugin("ptp", "main"),
		plugin("host-local", "ipam"),
		// Without seccomp the restricted pod security profile cannot be met.
		{
			Name: "runc", Module: "runc", Package: "github.com/opencontainers/runc",
			Source: "github.com/opencontainers/runc", Tags: []string{"seccomp"}, CGO: true,
		},
		{Name: "pause", Module: "pause", Package: "."},
	}
}

// All lists every program of the cluster.
func All() []Binary { return catalogue() }

// APIServerTests lists what tests against an API server need, as envtest
// expects it.
func APIServerTests() []Binary {
	needed := []string{"kube-apiserver", "etcd", "kubectl"}
	return slices.DeleteFunc(catalogue(), func(one Binary) bool { return !slices.Contains(needed, one.Name) })
}

// stampVariable sets one variable to the version.
func stampVariable(variable string) func(string) []string {
	return func(version string) []string { return []string{"-X", variable + "=" + version} }
}

// stampKubernetes sets what kubectl version and the version skew checks read.
// Left alone, Kubernetes reports v0.0.0-master, and clients refuse it.
func stampKubernetes(version string) []string {
	const folder = "k8s.io/component-base/version."
	parts := strings.SplitN(strings.TrimPrefix(semver.MajorMinor(version), "v"), ".", 2)
	flags := []string{"-X", folder + "gitVersion=" + version, "-X", folder + "gitTreeState=clean"}
	if len(parts) == 2 {
		flags = append(flags, "-X", folder+"gitMajor="+parts[0], "-X", folder+"gitMinor="+parts[1])
	}
	return flags
}

// version reads from the module file which version of its source the program
// is built from.
func (b Binary) version(moduleFile []byte) (string, error) {
	if b.Source == "" {
		return "", nil
	}
	parsed, err := modfile.Parse("go.mod", moduleFile, nil)
	if err != nil {
		return "", fmt.Errorf("parsing the module file of %s: %w", b.Name, err)
	}
	for _, required := range parsed.Require {
		if required.Mod.Path == b.Source {
			return required.Mod.Version, nil
		}
	}
	return "", fmt.Errorf("the module file of %s does not require %s", b.Name, b.Source)
}

// arguments are those of go build, without the output.
func (b Binary) arguments(version string) []string {
	linker := []string{"-s", "-w"}
	if b.stamp != nil {
		linker = append(linker, b.stamp(version)...)
	}
	arguments := []string{"build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", strings.Join(linker, " ")}
	if len(b.Tags) > 0 {
		arguments = append(arguments, "-tags", strings.Join(b.Tags, ","))
	}
	return arguments
}

// FindSource returns the folder that holds the programs' modules. It looks
// upwards from each of the starting folders; override, when set, is taken as
// it is.
func FindSource(override string, from ...string) (string, error) {
	const inTree = "hack/cluster/binaries"
	if override != "" {
		if !isSource(override) {
			return "", fmt.Errorf("FAIRLEAD_CLUSTER_SOURCE is %s, which has no kubernetes/go.mod; point it at %s of a checkout", override, inTree)
		}
		return filepath.Abs(override)
	}
	for _, start := range from {
		for folder := filepath.Clean(start); ; folder = filepath.Dir(folder) {
			for _, candidate := range []string{filepath.Join(folder, inTree), filepath.Join(folder, "binaries")} {
				if isSource(candidate) {
					return candidate, nil
				}
			}
			if folder == filepath.Dir(folder) {
				break
			}
		}
	}
	return "", fmt.Errorf("the folder %s was found neither above the program nor above the current folder; run inside a checkout or set FAIRLEAD_CLUSTER_SOURCE", inTree)
}

func isSource(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "kubernetes", "go.mod"))
	return err == nil
}
