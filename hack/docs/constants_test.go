package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const shared = `package v1alpha1

const (
	// ConditionReady is True when all is well.
	ConditionReady = "Ready"
)

const (
	// ReasonWaiting says that a | b is missing.
	// Wait.
	ReasonWaiting = "Waiting"
)

// AnnotationAsk forces a pass.
const AnnotationAsk = "example.dev/ask"

const (
	// LabelSecret must be "true".
	LabelSecret = "example.dev/secret"
	// LabelPaused is spec.suspend as a label.
	LabelPaused = "example.dev/paused"
	// Reasonable is not a reason.
	Reasonable = "yes"
)
`

const kind = `package v1alpha1

const (
	// ReasonBroken says that a fair has no booth.
	ReasonBroken = "Broken"
)

type Choice string

const ReasonOfChoice Choice = "Left out: it has a type"

// Fair is a kind.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
type Fair struct{}
`

// folderOf writes files and gives their folder.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestConditionsPage(t *testing.T) {
	folder := folderOf(t, map[string]string{
		"conditions.go": shared, "fair_types.go": kind,
		"fair_test.go": "package v1alpha1\n\nconst ReasonOfTest = \"Left out: it is a test\"\n",
	})
	constants, err := readConstants(folder)
	if err != nil {
		t.Fatal(err)
	}
	page := renderConditions(constants)
	for _, want := range []string{
		"## Every kind\n\n| Condition | Meaning |\n| --- | --- |\n| `Ready` | True when all is well. |\n",
		"| Reason | Meaning |\n| --- | --- |\n| `Waiting` | A \\| b is missing. Wait. |\n",
		"## Fair\n\n| Reason | Meaning |\n| --- | --- |\n| `Broken` | A fair has no booth. |\n",
		"## Annotations\n\n| Annotation | Meaning |\n| --- | --- |\n| `example.dev/ask` | Forces a pass. |\n",
		"## Labels\n\n| Label | Meaning |\n| --- | --- |\n| `example.dev/secret` | Must be \"true\". |\n| `example.dev/paused` | `spec.suspend` as a label. |\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks\n%s\nit is\n%s", want, page)
		}
	}
	for _, unwanted := range []string{"Left out", "Reasonable"} {
		if strings.Contains(page, unwanted) {
			t.Errorf("the page has %q:\n%s", unwanted, page)
		}
	}
}

func TestMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"a constant without a doc comment": {
			map[string]string{"conditions.go": "package v1alpha1\n\nconst (\n\tReasonBare = \"Bare\"\n)\n"},
			"conditions.go:4:2: ReasonBare has no doc comment",
		},
		"a doc comment of the block does not count": {
			map[string]string{"conditions.go": "package v1alpha1\n\n// ReasonBare says nothing.\nconst (\n\tReasonBare = \"Bare\"\n)\n"},
			"ReasonBare has no doc comment",
		},
		"a doc comment of another constant": {
			map[string]string{"conditions.go": "package v1alpha1\n\n// ReasonOther says nothing.\nconst ReasonBare = \"Bare\"\n"},
			"the doc comment of ReasonBare does not begin with its name",
		},
		"a value that is no string": {
			map[string]string{"conditions.go": "package v1alpha1\n\n// ReasonBare says nothing.\nconst ReasonBare = 1\n"},
			"ReasonBare is not a plain string",
		},
		"a reason beside no kind": {
			map[string]string{"trigger.go": "package v1alpha1\n\n// ReasonLate says nothing.\nconst ReasonLate = \"Late\"\n"},
			"trigger.go: declares conditions or reasons, but no kind",
		},
		"source that does not parse":    {map[string]string{"conditions.go": "package"}, "parsing a file of the API"},
		"a package without any of them": {map[string]string{"doc.go": "package v1alpha1\n"}, "declares no conditions"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readConstants(folderOf(t, c.files))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}
