package cluster

import (
	"archive/tar"
	"bytes"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
	"github.com/fairlead/fairlead/hack/cluster/internal/process"
)

func TestMountsUnder(t *testing.T) {
	const table = `22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:25 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw
40 22 0:50 / /state/kubelet/pods/a/volumes/secret rw shared:1 master:2 - tmpfs tmpfs rw
41 40 254:0 /home /state/kubelet/pods/a/volume\040one rw - ext4 /dev/vda rw
42 22 0:60 / /stateless rw - tmpfs tmpfs rw
43 22 0:61 / /state rw - overlay overlay rw,lowerdir=/x
`
	mounts, err := parseMounts(strings.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	if mounts[1].filesystem != "cgroup2" {
		t.Errorf("the file system is %q", mounts[1].filesystem)
	}
	want := []string{"/state", "/state/kubelet/pods/a/volume one", "/state/kubelet/pods/a/volumes/secret"}
	if got := mountsUnder(mounts, "/state"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := parseMounts(strings.NewReader("nonsense\n")); err == nil {
		t.Error("nonsense was understood")
	}
}

func TestParseTables(t *testing.T) {
	const listing = "table ip filter\ntable ip kube-proxy\ntable ip6 kube-proxy\ntable inet kube-proxy-other\n"
	want := []table{{"ip", "kube-proxy"}, {"ip6", "kube-proxy"}}
	if got := parseTables(listing, "kube-proxy"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestPickDevicesTakesOnlyOurs(t *testing.T) {
	carrying := func(name, address string) device {
		return device{name, []net.Addr{&net.IPNet{IP: net.ParseIP(address), Mask: net.CIDRMask(32, 32)}}}
	}
	pod, bridge := carrying("veth1", "10.218.0.1"), carrying(layout.Bridge, layout.NodeAddress)
	others := []device{carrying("eth0", "10.218.0.9"), carrying("veth2", "10.244.0.1"), {name: "veth3"}}
	for name, test := range map[string]struct {
		all      []device
		recorded bool
		want     []string
	}{
		"a cluster":                    {[]device{bridge, pod}, true, []string{"veth1", layout.Bridge}},
		"the bridge is gone":           {[]device{pod}, true, []string{"veth1"}},
		"the record is gone":           {[]device{bridge, pod}, false, []string{"veth1", layout.Bridge}},
		"never a cluster":              {[]device{pod}, false, nil},
		"others' devices, our cluster": {nil, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := pickDevices(append(test.all, others...), test.recorded); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestDropsPods(t *testing.T) {
	const chain = "table ip filter {\n\tchain FORWARD {\n\t\ttype filter hook forward priority filter; policy %;\n%\t}\n}\n"
	listing := func(policy, rules string) string {
		return strings.Replace(strings.Replace(chain, "%", policy, 1), "%", rules, 1)
	}
	for name, test := range map[string]struct {
		listing string
		want    bool
	}{
		"accepts":              {listing("accept", ""), false},
		"drops":                {listing("drop", ""), true},
		"drops others, not us": {listing("drop", "\t\tip saddr 10.218.0.0/24 accept\n"), false},
		"no such chain":        {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := dropsPods(test.listing); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

func TestParseNode(t *testing.T) {
	for name, test := range map[string]struct {
		content string
		ready   bool
		message string
	}{
		"ready":     {`{"status":{"conditions":[{"type":"DiskPressure","status":"False"},{"type":"Ready","status":"True","message":"fine"}]}}`, true, "fine"},
		"not ready": {`{"status":{"conditions":[{"type":"Ready","status":"False","message":"no network"}]}}`, false, "no network"},
		"new":       {`{"metadata":{"name":"fairlead"}}`, false, "the kubelet has not reported yet"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseNode([]byte(test.content))
			if err != nil || got.Ready != test.ready || got.Message != test.message {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestComponentsNamesTheFirstThatIsDown(t *testing.T) {
	var records []process.Record
	for i, name := range Components() {
		records = append(records, process.Record{Name: name, Identity: process.Identity{PID: i + 1}, Since: time.Unix(0, 0)})
	}
	all, problem := components(records, func(process.Identity) bool { return true })
	if problem != "" || len(all) != len(Components()) || !all[0].Up {
		t.Errorf("got %+v, %q", all, problem)
	}
	_, problem = components(records, func(who process.Identity) bool { return who.PID < 3 })
	if !strings.Contains(problem, Components()[2]+" is not running") {
		t.Errorf("the problem is %q", problem)
	}
	all, _ = components(nil, func(process.Identity) bool { return false })
	if all[0].Up || all[0].Since != nil {
		t.Errorf("got %+v", all[0])
	}
}

func TestEveryComponentIsDescribed(t *testing.T) {
	one := New(layout.Layout{Folder: "/state"}, &bytes.Buffer{})
	for _, name := range Components() {
		made := one.component(name)
		if made.ready == nil || len(made.arguments) == 0 {
			t.Errorf("%s has no arguments or no probe", name)
		}
	}
}

func TestCheckFolder(t *testing.T) {
	for name, test := range map[string]struct {
		files   []string
		refused bool
	}{
		"empty":       {nil, false},
		"other files": {[]string{"photo.jpg"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			where := folder(t, test.files...)
			if err := New(where, &bytes.Buffer{}).CheckFolder(); (err != nil) != test.refused {
				t.Errorf("error is %v", err)
			}
		})
	}
	if err := New(layout.Layout{Folder: "/nonexistent/x"}, &bytes.Buffer{}).CheckFolder(); err != nil {
		t.Errorf("a folder that is not there yet: %v", err)
	}
}

func folder(t *testing.T, files ...string) layout.Layout {
	t.Helper()
	where := layout.Layout{Folder: filepath.Join(t.TempDir(), "state")}
	if err := os.Mkdir(where.Folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if err := os.WriteFile(where.Path(name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return where
}

func TestRemoveFolderRemovesOnlyACluster(t *testing.T) {
	for name, test := range map[string]struct {
		files []string
		kept  bool
	}{
		"a cluster":              {[]string{"cluster.json", "pause.tar"}, false},
		"killed before a record": {[]string{".cluster.json.new"}, false},
		"empty":                  {nil, false},
		"somebody's folder":      {[]string{"photo.jpg"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			where := folder(t, test.files...)
			one := New(where, &bytes.Buffer{})
			left, err := one.folderLeft()
			if err != nil || (left == "") != test.kept {
				t.Errorf("described as %q, %v", left, err)
			}
			if err := one.removeFolder(); err != nil {
				t.Fatal(err)
			}
			entries, err := os.ReadDir(where.Folder)
			if kept := err == nil && len(entries) == len(test.files); kept != test.kept {
				t.Errorf("kept is %t, want %t (%v, %v)", kept, test.kept, entries, err)
			}
		})
	}
}

func TestRestoreIgnoresUnknownSettings(t *testing.T) {
	if err := restoreSettings(process.Machine{Settings: map[string]string{"no/such/setting": "1"}}); err != nil {
		t.Error(err)
	}
}

func TestImageNames(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"OCI layout": {map[string]string{"index.json": `{"manifests":[{"annotations":{"io.containerd.image.name":"example/a:1"}}]}`}, "example/a:1"},
		"Docker":     {map[string]string{"manifest.json": `[{"RepoTags":["a:1"]}]`}, "a:1"},
		"both": {map[string]string{
			"index.json": `{"manifests":[{"annotations":{"io.containerd.image.name":"example/a:1"}}]}`, "manifest.json": `[{"RepoTags":["a:1"]}]`,
		}, "example/a:1"},
		"neither": {map[string]string{"readme": "x"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "image.tar")
			var content bytes.Buffer
			writer := tar.NewWriter(&content)
			for file, text := range test.files {
				if err := writer.WriteHeader(&tar.Header{Name: file, Size: int64(len(text)), Mode: 0o644}); err != nil {
					t.Fatal(err)
				}
				if _, err := writer.Write([]byte(text)); err != nil {
					t.Fatal(err)
				}
			}
			if err := writer.Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, content.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := imageNames(path)
			if test.want == "" {
				if err == nil {
					t.Errorf("found %v", got)
				}
				return
			}
			if err != nil || !slices.Equal(got, []string{test.want}) {
				t.Errorf("got %v, %v, want %s", got, err, test.want)
			}
		})
	}
}
