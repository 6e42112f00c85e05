package main

import (
	"os"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach/message"
)

// TestTemplatesPage holds the page to the fields and functions, and its example to
// the check of templates.
func TestTemplatesPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/reference/templates.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != renderTemplates() {
		t.Error("docs/reference/templates.md is not what the fields and functions say: run `make generate`")
	}
	_, example, _ := strings.Cut(templatesHead, "```\n")
	example, _, _ = strings.Cut(example, "```")
	if _, mistakes := message.Compile([]v1alpha1.Message{{Locale: "en", Subject: "x", Text: example}}, message.Catalog{}); len(mistakes) > 0 {
		t.Errorf("the example is not right: %v", mistakes)
	}
}
