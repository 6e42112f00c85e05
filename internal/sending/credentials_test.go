package sending

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// filesIn makes a folder with files.
func filesIn(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestReadCredentials(t *testing.T) {
	held, err := ReadCredentials(filesIn(t, map[string]string{"username": "desk\n", "password": " of today ", "private.pem": "a key\n", "secret": "whsec_x", "link-keyset": "{}"}))
	if err != nil || held.Username != "desk" || held.Password != " of today " || string(held.DKIMKey) != "a key\n" || string(held.SigningSecret) != "whsec_x" || string(held.LinkKeyset) != "{}" || held.Authorities != nil {
		t.Errorf("held is %+v, %v", held, err)
	}
	if held, err := ReadCredentials(""); err != nil || held.Username != "" {
		t.Errorf("without a folder held is %+v, %v", held, err)
	}
	for want, files := range map[string]map[string]string{
		"there is none of the files username, password": {"other": "x"},
		"username and password are needed together":     {"username": "desk"},
		"ca.crt: there is no certificate in PEM":        {"ca.crt": "of ours"},
	} {
		if _, err := ReadCredentials(filesIn(t, files)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("of %v comes %v, want %q", files, err, want)
		}
	}
}
