package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const account = "DE89370400440532013000"

// newKeyset makes a keyset as a person does.
func newKeyset(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keyset.json")
	must(t, exitOK, "keyset", "create", path)
	return path
}

func TestKeysetFiles(t *testing.T) {
	first := newKeyset(t)
	second := filepath.Join(t.TempDir(), "keyset-2.json")
	if out := must(t, exitOK, "keyset", "rotate", first, second); out != second+" was written, for its owner only.\n" {
		t.Errorf("it printed %q", out)
	}
	for _, path := range []string{first, second} {
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s has the mode %v (%v)", path, info.Mode(), err)
		}
		for _, args := range [][]string{{"keyset", "create", path}, {"keyset", "rotate", first, path}} {
			if code, _, said := runCaptured(t, args...); code != exitUsage || !strings.Contains(said, "file exists") {
				t.Errorf("fairlead %v: exit code %d, it said %q", args, code, said)
			}
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
			t.Errorf("%s was overwritten (%v)", path, err)
		}
	}
}

// onlyPrimary is a keyset without the keys that were rotated out.
func onlyPrimary(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var keyset struct {
		PrimaryKeyID json.Number       `json:"primaryKeyId"`
		Key          []json.RawMessage `json:"key"`
	}
	if err := json.Unmarshal(data, &keyset); err != nil {
		t.Fatal(err)
	}
	keyset.Key = slices.DeleteFunc(keyset.Key, func(key json.RawMessage) bool {
		var one struct {
			KeyID json.Number `json:"keyId"`
		}
		return json.Unmarshal(key, &one) != nil || one.KeyID != keyset.PrimaryKeyID
	})
	if len(keyset.Key) != 1 {
		t.Fatalf("there are %d primary keys", len(keyset.Key))
	}
	if data, err = json.Marshal(keyset); err != nil {
		t.Fatal(err)
	}
	return write(t, "primary.json", string(data))
}

// Sensitive fields are never stored in clear, shown masked, revealed on record,
// and encrypted again when keys are rotated.
func TestSensitiveFields(t *testing.T) {
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		url := newStore(t)
		t.Chdir(t.TempDir())
		keyset := newKeyset(t)
		mapping := write(t, "parties.yaml", parties+"- {column: iban, field: sensitive.bankAccount}\n")
		file := write(t, "parties.csv", "number,name,country,email,iban\n1,Aero GmbH,DE,,"+account+"\n2,Wings SA,FR,,\n")

		if report := imported(t, exitRejected, url, mapping, file); report.Rejected != 1 || report.New != 1 {
			t.Errorf("without a keyset it says %+v", report)
		}
		if rejects := readCSV(t, "parties.csv.rejects.csv"); rejects[1][1] != "iban" || !strings.Contains(rejects[1][2], "stored encrypted only, and no keyset was given") {
			t.Errorf("the rejects are %q", rejects)
		}
		if report := imported(t, exitOK, url, mapping, file, "--keyset-file", keyset); report.New != 1 || report.Unchanged != 1 {
			t.Errorf("with a keyset it says %+v", report)
		}
		if report := imported(t, exitOK, url, mapping, file, "--keyset-file", keyset); report.Unchanged != 2 {
			t.Errorf("again it says %+v", report)
		}
		wantSealed(t, url)
		code := search(t, url, "Aero GmbH")[0].Code

		if text, party := show(t, url, code); len(party.Sensitive) != 1 || party.Sensitive[0].Value != "" || !strings.Contains(text, "encrypted; no keyset was given") {
			t.Errorf("without the keyset it shows\n%s", text)
		}
		if text, party := show(t, url, code, "--keyset-file", keyset); strings.Contains(text, account) || party.Sensitive[0].Note != "masked" || !strings.HasSuffix(party.Sensitive[0].Value, account[18:]) {
			t.Errorf("masked it shows\n%s", text)
		}
		text := must(t, exitOK, "customer", "show", code, "--store", url, "--keyset-file", keyset, "--reveal", "--purpose", "refund of 4711", "--actor", "otto")
		if !strings.Contains(text, account) || !strings.Contains(text, "revealed, and recorded") {
			t.Errorf("revealed it shows\n%s", text)
		}
		export := filepath.Join(t.TempDir(), "export.json")
		if err := os.WriteFile(export, []byte("of another"), 0o644); err != nil {
			t.Fatal(err)
		}
		must(t, exitOK, "customer", "export", code, "--store", url, "--keyset-file", keyset, "--output-file", export, "--actor", "vera")
		if data, err := os.ReadFile(export); err != nil || !bytes.Contains(data, []byte(account)) {
			t.Errorf("the export is %s (%v)", data, err)
		}
		if info, err := os.Stat(export); err != nil || info.Mode() != 0o600 {
			t.Errorf("the export has the mode %v (%v)", info.Mode(), err)
		}
		_, party := show(t, url, code)
		var accesses []string
		for _, access := range party.Accesses {
			accesses = append(accesses, access.Field+" "+access.Actor+" "+access.Purpose)
		}
		if want := []string{"bankAccount otto refund of 4711", "bankAccount vera subject access request"}; !slices.Equal(accesses, want) {
			t.Errorf("the accesses are %q, want %q", accesses, want)
		}

		rotated := filepath.Join(t.TempDir(), "rotated.json")
		must(t, exitOK, "keyset", "rotate", keyset, rotated)
		primary := onlyPrimary(t, rotated)
		if _, _, said := runCaptured(t, "customer", "show", code, "--store", url, "--keyset-file", primary); !strings.Contains(said, "decrypting bankAccount") {
			t.Errorf("before it is encrypted again, the new key alone says %q", said)
		}
		if out := must(t, exitOK, "keyset", "reencrypt", "--store", url, "--keyset-file", rotated); out != "1 of 1 sensitive fields were encrypted anew.\n" {
			t.Errorf("it printed %q", out)
		}
		if out := must(t, exitOK, "keyset", "reencrypt", "--store", url, "--keyset-file", rotated); out != "0 of 1 sensitive fields were encrypted anew.\n" {
			t.Errorf("again it printed %q", out)
		}
		text = must(t, exitOK, "customer", "show", code, "--store", url, "--keyset-file", primary, "--reveal", "--purpose", "refund")
		if !strings.Contains(text, account) {
			t.Errorf("the new key alone shows\n%s", text)
		}
		if report := imported(t, exitOK, url, mapping, file, "--keyset-file", primary); report.Unchanged != 2 {
			t.Errorf("after the rotation an import says %+v", report)
		}
		wantSealed(t, url)
	})
}

// wantSealed fails the test if an account stands anywhere in clear.
func wantSealed(t *testing.T, url string) {
	t.Helper()
	path, isFile := strings.CutPrefix(url, "sqlite://")
	if !isFile {
		for table, rows := range dump(t, url) {
			if strings.Contains(strings.Join(rows, "\n"), account) {
				t.Errorf("%s has the account in clear", table)
			}
		}
		return
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no files (%v)", err)
	}
	for _, file := range files {
		if data, err := os.ReadFile(file); err != nil || bytes.Contains(data, []byte(account)) {
			t.Errorf("%s has the account in clear (%v)", file, err)
		}
	}
}
