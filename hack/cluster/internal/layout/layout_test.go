package layout

import (
	"strings"
	"testing"
)

func TestNew(t *testing.T) {
	for name, test := range map[string]struct {
		value, want, problem string
	}{
		"default":       {value: "", want: DefaultFolder},
		"own folder":    {value: "/srv/cluster/", want: "/srv/cluster"},
		"relative":      {value: "cluster", problem: "absolute"},
		"root":          {value: "/", problem: "root folder"},
		"long":          {value: "/" + strings.Repeat("a", 40), problem: "at most"},
		"exact maximum": {value: "/" + strings.Repeat("a", maximumFolder-1), want: "/" + strings.Repeat("a", maximumFolder-1)},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := New(func(string) string { return test.value })
			if test.problem != "" {
				if err == nil || !strings.Contains(err.Error(), test.problem) {
					t.Fatalf("error is %v, want one with %q", err, test.problem)
				}
				return
			}
			if err != nil || got.Folder != test.want {
				t.Fatalf("got %q, %v, want %q", got.Folder, err, test.want)
			}
		})
	}
}
