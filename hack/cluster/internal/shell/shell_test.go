package shell

import (
	"os/exec"
	"testing"
)

func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"/usr/bin/cluster-1.0": "/usr/bin/cluster-1.0",
		"":                     "''",
		"/a b/it's":            `'/a b/it'\''s'`,
		"/a$HOME`id`":          "'/a$HOME`id`'",
		"~user":                "'~user'",
		"/a;b/c":               "'/a;b/c'",
	} {
		if got := Quote(text); got != want {
			t.Errorf("%q gives %s, want %s", text, got, want)
		}
		read, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", "printf %s "+Quote(text)).Output()
		if err != nil || string(read) != text {
			t.Errorf("a shell reads %q as %q (%v)", text, read, err)
		}
	}
}
