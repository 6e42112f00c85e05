package match

import (
	"encoding/csv"
	"encoding/xml"
	"os"
	"strings"
	"testing"
)

func TestEmail(t *testing.T) {
	tests := map[string]string{
		// What is given, what is compared.
		"anna@firm.example":                    "anna@firm.example",
		"  Anna.Berg@FIRM.Example\t":           "anna.berg@firm.example",
		"\u00a0anna@firm.example\u200b":        "anna@firm.example",
		"anna+fair@firm.example":               "anna+fair@firm.example",
		"o'neil@firm.example":                  "o'neil@firm.example",
		"anna@bücher.example":                  "anna@xn--bcher-kva.example",
		"anna@BÜCHER.example":                  "anna@xn--bcher-kva.example",
		"anna@xn--bcher-kva.example":           "anna@xn--bcher-kva.example",
		"anna@ｆｉｒｍ．example":                    "anna@firm.example",
		"anna@firm。example":                    "anna@firm.example",
		"JOSE\u0301@firm.example":              "josé@firm.example",
		"用户@例子.广告":                             "用户@xn--fsqu00a.xn--4rr70v",
		"anna@straße.example":                  "anna@xn--strae-oqa.example",
		"anna@1und1.example":                   "anna@1und1.example",
		strings.Repeat("a", 64) + "@b.example": strings.Repeat("a", 64) + "@b.example",
		// What is refused.
		"":                                             "",
		"anna":                                         "",
		"@firm.example":                                "",
		"anna@":                                        "",
		"anna@firm":                                    "",
		"anna@@firm.example":                           "",
		"anna berg@firm.example":                       "",
		"anna@firm .example":                           "",
		".anna@firm.example":                           "",
		"anna.@firm.example":                           "",
		"an..na@firm.example":                          "",
		"anna@firm..example":                           "",
		"anna@.firm.example":                           "",
		"anna@firm.example.":                           "",
		"anna@-firm.example":                           "",
		"anna@firm_one.example":                        "",
		"anna@10.0.0.1":                                "",
		"anna@[10.0.0.1]":                              "",
		`"anna berg"@firm.example`:                     "",
		"Anna Berg <anna@firm.example>":                "",
		"anna@firm.example,b@firm.example":             "",
		"anna@firm.example;b@firm.example":             "",
		"anna(work)@firm.example":                      "",
		"mailto:anna@firm.example":                     "",
		"anna@xn--0.example":                           "",
		"anna\x7f@firm.example":                        "",
		"an\u200bna@firm.example":                      "",
		"an\u202ena@firm.example":                      "",
		"anna\xff@firm.example":                        "",
		strings.Repeat("a", 65) + "@b.example":         "",
		"anna@" + strings.Repeat("a", 64) + ".example": "",
		"anna@" + strings.Repeat("aaaaaaa.", 40) + "example": "",
		// What would end a line of a header, wherever it stands.
		"anna@firm.example\r\nBcc: b@firm.example": "",
		"anna@firm.example\n":                      "",
		"\nanna@firm.example":                      "",
		"anna@firm.example\r":                      "",
		"anna\n@firm.example":                      "",
		"anna@firm\x00.example":                    "",
		"anna@firm.example\x00":                    "",
	}
	for address, want := range tests {
		got, err := Email(address)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v, not %q", address, got, err, want)
		}
	}
}

// TestEmailAgainstIsemail holds Email to the cases of isemail. It takes what
// isemail calls valid, and what it only warns of because of the DNS of its day.
// Everything else is refused.
//
// The differences, by what isemail says of a case:
//   - valid, but refused: a domain of one label (5).
//   - white space around the address, which isemail warns of (157, 158) and Email
//     takes away.
func TestEmailAgainstIsemail(t *testing.T) {
	differences := map[string]bool{"5": false, "157": true, "158": true}

	text, err := os.ReadFile("testdata/isemail-tests.xml")
	if err != nil {
		t.Fatal(err)
	}
	var tests struct {
		Tests []struct {
			ID        string `xml:"id,attr"`
			Address   string `xml:"address"`
			Category  string `xml:"category"`
			Diagnosis string `xml:"diagnosis"`
		} `xml:"test"`
	}
	if err := xml.Unmarshal(text, &tests); err != nil {
		t.Fatal(err)
	}
	if len(tests.Tests) < 160 {
		t.Fatalf("there are %d cases only", len(tests.Tests))
	}
	for _, test := range tests.Tests {
		// The file writes control characters as the signs that picture them.
		address := strings.Map(func(character rune) rune {
			if 0x2400 <= character && character < 0x2420 {
				return character - 0x2400
			}
			return character
		}, test.Address)
		want, differs := differences[test.ID]
		if !differs {
			want = test.Category == "ISEMAIL_VALID_CATEGORY" || test.Category == "ISEMAIL_DNSWARN"
		}
		if _, err := Email(address); (err == nil) != want {
			t.Errorf("case %s, %q (%s): %v", test.ID, address, test.Diagnosis, err)
		}
	}
}

// TestEmailAgainstEmailValidator holds Email to the cases of python-email-validator.
//
// The differences, by the group of the case:
//   - quoted names before the @, display names around the address: refused.
//   - domains that are reserved for other ends (RFC 6761), which that library
//     refuses: whether a domain takes mail is not for this package to say.
//   - the group without letters beyond ASCII before the @ (RFC 6531): such letters
//     are taken, though its two cases are refused for a domain of one label and for
//     the quotes.
//   - a top-level domain with a digit at its end (bad.tld-2), which that library
//     refuses: it is a host name.
//   - an address that is too long only until its accents are composed: the length
//     that counts is that of the address as compared.
func TestEmailAgainstEmailValidator(t *testing.T) {
	file, err := os.Open("testdata/email_validator_cases.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	differences := map[string]bool{"me@bad.tld-2": true}
	for _, row := range rows[1:] {
		group, address := row[0], row[1]
		plain := !strings.ContainsAny(address, `"<`)
		want := plain && (group == "test_email_valid" || group == "test_email_valid_intl_local_part")
		if group == "test_email_invalid_reserved_domain" {
			want = true
		}
		if group == "test_email_unsafe_character" {
			// These are names for before the @.
			address += "@firm.example"
		}
		want = want || differences[address] || strings.HasPrefix(address, "my.s\u0323\u0307.address@")
		got, err := Email(address)
		if (err == nil) != want {
			t.Errorf("%s: %q is %q, %v", group, address, got, err)
		}
		if err != nil || !strings.HasPrefix(group, "test_email_valid") {
			continue
		}
		if again, err := Email(row[2]); err != nil || again != got {
			t.Errorf("%s: %q is %q, and what that library makes of it %q, %v", group, address, got, again, err)
		}
	}
}

func FuzzEmail(f *testing.F) {
	for _, seed := range []string{
		"anna@firm.example", " Anna@BÜCHER.example ", "用户@例子.广告", "a@b\r\nBcc: c", `"a b"@c.example`, "Σας@ελ.example", "İ@x.example",
		"a@xn--bcher-kva.example", "a@１.２", "א@ב.example", "a@ß.example", "\u0301a@b.example",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		key, err := Email(address)
		if err != nil {
			if key != "" {
				t.Errorf("%q is refused and is %q", address, key)
			}
			return
		}
		if len(key) > longestAddress || strings.ContainsAny(key, "\r\n\x00 <>\",;") || strings.Count(key, "@") != 1 {
			t.Errorf("%q is %q", address, key)
		}
		if again, err := Email(key); err != nil || again != key {
			t.Errorf("%q is %q, and that is %q, %v", address, key, again, err)
		}
	})
}
