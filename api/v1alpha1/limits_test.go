package v1alpha1_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// maxResourceBytes of a generated resource type: it stays readable, and small
// enough for a client-side apply.
const maxResourceBytes = 64 << 10

func TestResourceTypesAreSmall(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(server.Root, "config", "crd", "bases", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(kinds) {
		t.Errorf("there are %d files of resource types, want one for each of %d kinds", len(files), len(kinds))
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > maxResourceBytes {
			t.Errorf("%s has %d bytes, want at most %d", filepath.Base(file), info.Size(), maxResourceBytes)
		}
	}
}

// kinds and how kubectl knows and shows them: the short name, then the columns.
var kinds = map[string][]string{
	"CustomerStore":    {"cstore", "Customers", "Contacts", "Schema", "Ready", "Reason", "Age"},
	"ContactPolicy":    {"cpol", "Quiet From", "Quiet To", "Ready", "Reason", "Age"},
	"Exhibition":       {"exh", "Series", "Edition", "Phase", "Opens", "Previous", "Retention", "Ready", "Reason", "Age"},
	"CustomerSegment":  {"cseg", "Members", "Classes", "Ready", "Reason", "Description", "Age"},
	"LoyaltyProgram":   {"loyal", "Members", "Points", "Tiers", "Ready", "Reason", "Age"},
	"OutreachChannel":  {"och", "Medium", "Delivery", "Rate", "Suspended", "Ready", "Reason", "Age"},
	"CampaignRule":     {"crule", "Objective", "Suspended", "Next", "Last Outreach", "Sent", "Ready", "Reason", "Age"},
	"Outreach":         {"out", "Rule", "Phase", "Recipients", "Sent", "Failed", "Deferred", "Unknown", "Digest", "Ready", "Reason", "Age"},
	"OutreachApproval": {"oapp", "Outreach", "Decision", "By", "Ready", "Reason", "Age"},
}

func TestKindsAreShown(t *testing.T) {
	for kind, definition := range definitions(t) {
		t.Run(kind, func(t *testing.T) {
			want := kinds[kind]
			if want == nil {
				t.Fatal("a kind that this test does not know")
			}
			var definitionSpec struct {
				Scope string `json:"scope"`
				Names struct {
					ShortNames []string `json:"shortNames"`
					Categories []string `json:"categories"`
				} `json:"names"`
				Versions []struct {
					Subresources struct {
						Status *struct{} `json:"status"`
					} `json:"subresources"`
					Columns []struct {
						Name string `json:"name"`
						Path string `json:"jsonPath"`
					} `json:"additionalPrinterColumns"`
				} `json:"versions"`
			}
			convert(t, definition.Object["spec"], &definitionSpec)
			names := definitionSpec.Names
			if !slices.Equal(names.ShortNames, want[:1]) {
				t.Errorf("its short names are %v, want %v", names.ShortNames, want[:1])
			}
			if !slices.Equal(names.Categories, []string{"fairlead"}) {
				t.Errorf("its categories are %v, want fairlead alone", names.Categories)
			}
			if definitionSpec.Scope != "Namespaced" {
				t.Errorf("its scope is %s: a namespace is a tenant", definitionSpec.Scope)
			}
			for _, version := range definitionSpec.Versions {
				if version.Subresources.Status == nil {
					t.Error("it has no subresource status: whoever writes the spec could write the status")
				}
				var columns []string
				for _, column := range version.Columns {
					columns = append(columns, column.Name)
					if ready := `.status.conditions[?(@.type=="Ready")].status`; column.Name == "Ready" && column.Path != ready {
						t.Errorf("the column Ready shows %s, want %s", column.Path, ready)
					}
				}
				if !slices.Equal(columns, want[1:]) {
					t.Errorf("its columns are %q, want %q", columns, want[1:])
				}
			}
		})
	}
}

// definitions reads the generated resource types by kind.
func definitions(t *testing.T) map[string]*unstructured.Unstructured {
	t.Helper()
	objects, err := server.Manifests("config/crd/bases/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	byKind := map[string]*unstructured.Unstructured{}
	for _, object := range objects {
		kind, _, err := unstructured.NestedString(object.Object, "spec", "names", "kind")
		if err != nil {
			t.Fatal(err)
		}
		byKind[kind] = object
	}
	if missing := len(kinds) - len(byKind); missing != 0 {
		t.Errorf("%d resource types are missing; there are %v", missing, slices.Sorted(maps.Keys(byKind)))
	}
	return byKind
}

// convert reads what was decoded without types into typed values.
func convert(t *testing.T, from, into any) {
	t.Helper()
	data, err := json.Marshal(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// entries writes n entries of a list in YAML, each with its number where the
// format asks for it.
func entries(n int, format string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(format, i)
	}
	return "[" + strings.Join(list, ", ") + "]"
}
