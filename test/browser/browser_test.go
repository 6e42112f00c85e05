//go:build browser

// Package browser looks at pages as people do, in a real browser.
package browser

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/test/chromium"
)

// address is that of a file.
func address(file string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()
}

// expectQuiet holds that nothing was said, and nobody asked but for the file.
func expectQuiet(t *testing.T, page *chromium.Page, file string) {
	t.Helper()
	if said := page.Complaints(); len(said) > 0 {
		t.Errorf("the browser says %s", strings.Join(said, "\n"))
	}
	if asked := page.Asked(); len(asked) != 1 || asked[0] != address(file) {
		t.Errorf("it asked for %v", asked)
	}
}
