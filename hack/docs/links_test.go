package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	// notInAnchor is what a heading loses on its way to an anchor.
	notInAnchor = regexp.MustCompile(`[^\pL\pN _-]`)
)

// TestLinks follows every link between the pages of the project, headings
// included.
func TestLinks(t *testing.T) {
	pages := map[string]string{}
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "bin") {
			return filepath.SkipDir
		}
		if err != nil || filepath.Ext(path) != ".md" {
			return err
		}
		content, err := os.ReadFile(path)
		pages[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range pages {
		for _, match := range link.FindAllStringSubmatch(content, -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(match[1], "#")
			target := path
			if file != "" {
				target = filepath.Join(filepath.Dir(path), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: the link %s leads nowhere", path, match[1])
				continue
			}
			if other, ok := pages[target]; ok && anchor != "" && !anchors(other)[anchor] {
				t.Errorf("%s: the link %s leads to no heading", path, match[1])
			}
		}
	}
}

// anchors of a page's headings, as GitHub makes them.
func anchors(page string) map[string]bool {
	found := map[string]bool{}
	for _, match := range heading.FindAllStringSubmatch(page, -1) {
		text := notInAnchor.ReplaceAllString(strings.ToLower(match[1]), "")
		found[strings.ReplaceAll(text, " ", "-")] = true
	}
	return found
}
