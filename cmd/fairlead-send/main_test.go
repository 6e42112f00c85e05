package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/store"
)

// Whatever is wrong with how it is called is told in words that help, and nothing is sent.
func TestCalledWrongly(t *testing.T) {
	url := "sqlite://" + filepath.ToSlash(filepath.Join(t.TempDir(), "crm.db"))
	s, err := store.Open(t.Context(), url, store.Options{Create: true})
	if err == nil {
		_, _, err = s.Migrate(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	t.Setenv("FAIRLEAD_STORE", "")
	empty := t.TempDir()
	for _, test := range []struct {
		want string
		code int
		args []string
	}{
		{"which store? Pass --store URL, or set FAIRLEAD_STORE", exitUsage, []string{"--run-key", "k"}},
		{"which run? Pass --run-key KEY", exitUsage, []string{"--store", url}},
		{"unknown flag: --run", exitUsage, []string{"--run", "k"}},
		{"unknown command", exitUsage, []string{"send", "--run-key", "k"}},
		{`--log-level "loud"`, exitUsage, []string{"--store", url, "--run-key", "k", "--log-level", "loud"}},
		{"there is none of the files username", exitUsage, []string{"--store", url, "--run-key", "k", "--credentials-dir", empty}},
		{"the store has no run under this key: k", exitUsage, []string{"--store", url, "--run-key", "k"}},
		{"opening the store", exitFailed, []string{"--store", "sqlite://" + filepath.ToSlash(empty) + "/none.db", "--run-key", "k"}},
	} {
		var says strings.Builder
		if code := run(t.Context(), test.args, &says); code != test.code || !strings.Contains(says.String(), test.want) {
			t.Errorf("%v ends with %d and says %s", test.args, code, says.String())
		}
	}
	if _, err := os.Stat(filepath.Join(empty, "none.db")); err == nil {
		t.Error("a store was made")
	}
}
