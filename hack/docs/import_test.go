package main

import (
	"os"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/intake"
)

// TestImportPage holds the page to the entities, and its example to the reader
// of mappings.
func TestImportPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/reference/import.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != renderImport() {
		t.Error("docs/reference/import.md is not what the entities say: run `make generate`")
	}
	for i := range customer.Entities {
		if !strings.Contains(string(page), "\n### "+customer.Entities[i].Name+"\n") {
			t.Errorf("the page does not speak of %s", customer.Entities[i].Name)
		}
	}
	_, example, _ := strings.Cut(importHead, "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	if _, err := intake.ParseMapping([]byte(example)); err != nil {
		t.Errorf("the example is not right:\n%v", err)
	}
}
