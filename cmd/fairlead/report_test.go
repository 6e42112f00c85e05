package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/test/apiserver"
)

// airShows are editions that fairlead generate makes up.
const airShows = `apiVersion: crm.fairlead.dev/v1alpha1
kind: Exhibition
metadata: {name: air-2025}
spec:
  storeName: crm
  series: Imaginary Air Show
  edition: "2025"
  title: Imaginary Air Show 2025
  venue: {city: Nowhere, timeZone: Europe/London}
  opens: "2025-06-22"
  closes: "2025-06-26"
---
apiVersion: crm.fairlead.dev/v1alpha1
kind: Exhibition
metadata: {name: air-2024}
spec:
  storeName: crm
  series: Imaginary Air Show
  edition: "2024"
  title: Imaginary Air Show 2024
  venue: {city: Nowhere, timeZone: Europe/London}
  opens: "2024-06-22"
  closes: "2024-06-26"
---
apiVersion: crm.fairlead.dev/v1alpha1
kind: Exhibition
metadata: {name: unknown-2025}
spec:
  storeName: crm
  series: Unknown
  edition: "2025"
  title: Unknown 2025
  venue: {timeZone: Europe/Lodnon}
  opens: "2025-06-22"
  closes: "2025-06-26"
`

// airStore is a store of made-up customers.
func airStore(t *testing.T, newStore func(*testing.T) string) string {
	t.Helper()
	url := newStore(t)
	must(t, exitOK, "migrate", "--store", url, "--reporting-currency", "EUR")
	must(t, exitOK, "generate", "--seed", "1", "--customers", "60", "--store", url)
	must(t, exitOK, "store", "refresh", "--store", url)
	return url
}

func TestReport(t *testing.T) {
	manifests := write(t, "editions.yaml", airShows)
	// Both databases say the same.
	said := ""
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		url := airStore(t, newStore)
		report := func(args ...string) []string {
			return append([]string{"report", "--exhibition", "air-2025", "-f", manifests, "--store", url, "--week", "2025-W27"}, args...)
		}
		text := must(t, exitOK, report()...)
		for _, want := range []string{
			"Imaginary Air Show 2025: week 2025-W27\nNowhere\n2025-W27, 30 Jun to 6 Jul 2025 (Europe/London), 2 weeks after the opening week\n",
			"Last cycle: 2024-W27, at the same distance from the opening of 2024, 52 weeks earlier.\n",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("it does not say %q:\n%s", want, text)
			}
		}
		if said != "" && said != text {
			t.Errorf("it said\n%s\nand the other database\n%s", text, said)
		}
		said = text
		if markdown := must(t, exitOK, report("--format", "markdown")...); !strings.HasPrefix(markdown, "# Imaginary Air Show 2025: week 2025-W27\n") {
			t.Errorf("as Markdown it said\n%s", markdown)
		}
		var read struct{ Week, Edition string }
		if err := json.Unmarshal([]byte(must(t, exitOK, report("--format", "json")...)), &read); err != nil || read.Week != "2025-W27" || read.Edition != "2025" {
			t.Errorf("as JSON it said %+v, %v", read, err)
		}
		file := filepath.Join(t.TempDir(), "week.html")
		if out := must(t, exitOK, report("--format", "html", "--output-file", file)...); out != "The report of 2025-W27 was written to "+file+".\n" {
			t.Errorf("it said %q", out)
		}
		if page, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(page), "<!DOCTYPE html>") {
			t.Errorf("it wrote %.40q, %v", page, err)
		}
		// The last week that is over.
		if out := must(t, exitOK, "report", "--exhibition", "air-2025", "-f", manifests, "--store", url); strings.Contains(out, "not over yet") {
			t.Errorf("it said\n%s", out)
		}
		next := time.Now().AddDate(1, 0, 0).Format("2006") + "-W30"
		for name, test := range map[string]struct {
			args []string
			code int
			want string
		}{
			"no week":              {[]string{"--week", "29"}, exitUsage, `--week "29": want a week of ISO 8601, such as 2026-W29`},
			"a week too many":      {[]string{"--week", "2025-W53"}, exitUsage, `--week "2025-W53": the year 2025 has the weeks W01 to W52`},
			"a week to come":       {[]string{"--week", next}, exitUsage, "--week " + next + " has not begun: it begins on Monday, "},
			"another format":       {[]string{"--format", "pdf"}, exitUsage, `--format "pdf": want text, markdown, html, json`},
			"no exhibition":        {[]string{"--exhibition", ""}, exitUsage, "report what? Pass --exhibition NAME"},
			"another exhibition":   {[]string{"--exhibition", "air-2023"}, exitUsage, "there is no Exhibition called air-2023 in " + manifests},
			"no zone":              {[]string{"--exhibition", "unknown-2025"}, exitUsage, `spec.venue.timeZone "Europe/Lodnon" is no time zone that is known`},
			"twice the same":       {[]string{"-f", manifests}, exitUsage, "there are two Exhibitions called air-2025"},
			"a file in no folder":  {[]string{"--output-file", "/does/not/exist"}, exitUsage, "--output-file: open /does/not/exist"},
			"a namespace too many": {[]string{"-n", "expo"}, exitUsage, "--namespace goes with --store-name"},
		} {
			if code, _, stderr := runCaptured(t, report(test.args...)...); code != test.code || !strings.Contains(stderr, test.want) {
				t.Errorf("%s: it ended with %d and said %q, want %d and %q", name, code, stderr, test.code, test.want)
			}
		}
		empty := newStore(t)
		if code, _, stderr := runCaptured(t, "report", "--exhibition", "air-2025", "-f", manifests, "--store", empty); code != exitFailed || !strings.Contains(stderr, `the store knows no edition "2025" of the series "Imaginary Air Show"`) {
			t.Errorf("of an empty store it ended with %d and said %q", code, stderr)
		}
	})
}

// The Exhibition of a cluster names the store, and its status the edition before.
func TestReportOfCluster(t *testing.T) {
	server := apiserver.New(t)
	url := airStore(t, newPostgres)
	edition := &crm.Exhibition{}
	if err := yaml.Unmarshal([]byte(strings.Split(airShows, "---\n")[0]), edition); err != nil {
		t.Fatal(err)
	}
	edition.Namespace = expo
	create(t, server, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: expo}}, secret("db", true, "uri", url), declared("crm", "db", ""), edition)
	edition.Status.PreviousEdition = "2023"
	if err := server.Client.Status().Update(t.Context(), edition); err != nil {
		t.Fatal(err)
	}
	admin := kubeconfigAs(t, server, "")
	out := must(t, exitOK, "report", "--exhibition", "air-2025", "-n", expo, "--kubeconfig", admin, "--week", "2025-W20")
	if !strings.Contains(out, "at the same distance from the opening of 2023, 104 weeks earlier.") {
		t.Errorf("it said\n%s", out)
	}
	for _, test := range []struct {
		kubeconfig, exhibition, want string
		code                         int
	}{
		{admin, "air-2026", "namespace expo has no Exhibition called air-2026", exitFailed},
		{kubeconfigAs(t, server, "nobody"), "air-2025", `reading the Exhibition: exhibitions.crm.fairlead.dev "air-2025" is forbidden`, exitFailed},
		{"/does/not/exist", "air-2025", "and its manifest by -f FILE", exitUsage},
	} {
		if code, _, stderr := runCaptured(t, "report", "--exhibition", test.exhibition, "-n", expo, "--kubeconfig", test.kubeconfig); code != test.code || !strings.Contains(stderr, test.want) {
			t.Errorf("it ended with %d and said %q, want %d and %q", code, stderr, test.code, test.want)
		}
	}
}

// TestReportEveryWeek: an API server takes the example of the guide, and its command does
// what the guide says.
func TestReportEveryWeek(t *testing.T) {
	guide, err := os.ReadFile("../../docs/guides/weekly-report.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(guide), "```yaml\n")
	example, _, _ := strings.Cut(rest, "```")
	first, second, found := strings.Cut(example, "---\n")
	if !found {
		t.Fatalf("the guide has no example of two resources, but %s", example)
	}
	config, job := &corev1.ConfigMap{}, &batchv1.CronJob{}
	for text, object := range map[string]client.Object{first: config, second: job} {
		if err := yaml.UnmarshalStrict([]byte(text), object); err != nil {
			t.Fatal(err)
		}
	}
	server := apiserver.New(t)
	create(t, server, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: config.Namespace}}, config, job)
	container := job.Spec.JobTemplate.Spec.Template.Spec.Containers[0]
	if container.VolumeMounts[1].MountPath != "/exhibition" {
		t.Fatalf("volumes are %+v", container.VolumeMounts)
	}
	folder := filepath.Dir(write(t, "exhibition.yaml", config.Data["exhibition.yaml"]))
	url := newSQLite(t)
	imported(t, exitOK, url, write(t, "lists.yaml", participations), write(t, "list.csv", participationsHeader+"Farnborough,2026,1,Acme Ltd.,GB,,10\n"))
	args := container.Args
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "/exhibition/", folder+"/")
		if strings.HasPrefix(args[i], "sqlite://") {
			args[i] = url
		}
	}
	if page := must(t, exitOK, args...); !strings.HasPrefix(page, "<!DOCTYPE html>") || !strings.Contains(page, "<h1>Farnborough International Airshow 2026</h1>") {
		t.Errorf("it wrote\n%s", page)
	}
}
