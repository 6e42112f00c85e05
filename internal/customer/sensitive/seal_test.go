package sensitive

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"testing/quick"
)

func seal(t testing.TB, keys *Keyset, party int64, field, value string) string {
	t.Helper()
	sealed, err := keys.Seal(party, field, value)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func expectOpens(t testing.TB, keys *Keyset, party int64, field, sealed, want string) {
	t.Helper()
	if got, err := keys.Open(party, field, sealed); err != nil || got != want {
		t.Errorf("opens as %q, %v, want %q", got, err, want)
	}
}

func expectRefused(t testing.TB, keys *Keyset, party int64, field, sealed string, want error) {
	t.Helper()
	if got, err := keys.Open(party, field, sealed); !errors.Is(err, want) || got != "" {
		t.Errorf("%q for party %d, field %q gives %q, %v, want %v", sealed, party, field, got, err, want)
	}
}

// place turns any number and name into such as there may be.
func place(party int64, field string) (int64, string) {
	return max(party&(1<<62-1), 1), "f" + field
}

func TestRoundTrip(t *testing.T) {
	keys := parsed(t, generate(t))
	property := func(party int64, field, value string, raw []byte) bool {
		party, field = place(party, field)
		for _, one := range []string{value, string(raw), ""} {
			sealed := seal(t, keys, party, field, one)
			opened, err := keys.Open(party, field, sealed)
			if err != nil || opened != one || !keys.Current(sealed) || sealed == seal(t, keys, party, field, one) {
				return false
			}
		}
		return true
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
}

func TestOpensOnlyInItsPlace(t *testing.T) {
	keys := parsed(t, generate(t))
	property := func(party, other int64, field, otherField, value string) bool {
		party, field = place(party, field)
		other, otherField = place(other, otherField)
		sealed := seal(t, keys, party, field, value)
		_, wrongParty := keys.Open(other, field, sealed)
		_, wrongField := keys.Open(party, otherField, sealed)
		return (party == other) == (wrongParty == nil) && (field == otherField) == (wrongField == nil)
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
	// Party and field must not run into each other.
	sealed := seal(t, keys, 1, "1bankAccount", "a value")
	for _, one := range []struct {
		party int64
		field string
	}{{11, "bankAccount"}, {1, "bankAccount"}, {1, "\n1bankAccount"}, {1, "1bankaccount"}, {1, "1bankAccount\x00"}} {
		expectRefused(t, keys, one.party, one.field, sealed, ErrNotSealedHere)
	}
}

func TestChangedIsRefused(t *testing.T) {
	keys := parsed(t, generate(t))
	const value = "DE89370400440532013000"
	sealed := seal(t, keys, 7, "bankAccount", value)
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		for bit := range 8 {
			raw[i] ^= 1 << bit
			_, err := keys.Open(7, "bankAccount", base64.StdEncoding.EncodeToString(raw))
			raw[i] ^= 1 << bit
			want := ErrNotSealedHere
			// The first five bytes name the key.
			if i < 5 {
				want = ErrUnknownKey
			}
			if !errors.Is(err, want) {
				t.Fatalf("bit %d of byte %d changed: %v, want %v", bit, i, err, want)
			}
		}
	}
	for name, one := range map[string]string{
		"line break":     sealed + "\n",
		"break in it":    sealed[:8] + "\r\n" + sealed[8:],
		"blank":          " " + sealed,
		"without end":    strings.TrimRight(sealed, "="),
		"cut by a group": sealed[:len(sealed)-4],
		"more":           sealed + "AAAA",
		"in clear":       value,
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := keys.Open(7, "bankAccount", one); err == nil || strings.Contains(err.Error(), value) {
				t.Errorf("gives %q, %v", got, err)
			}
		})
	}
	for _, one := range []string{"", "AQ==", base64.StdEncoding.EncodeToString(raw[:4])} {
		expectRefused(t, keys, 7, "bankAccount", one, ErrUnknownKey)
		if keys.Current(one) {
			t.Errorf("%q is current", one)
		}
	}
	expectRefused(t, keys, 7, "bankAccount", base64.StdEncoding.EncodeToString(raw[:5]), ErrNotSealedHere)
	expectRefused(t, parsed(t, generate(t)), 7, "bankAccount", sealed, ErrUnknownKey)
}

func TestNoPlaceNoSeal(t *testing.T) {
	keys := parsed(t, generate(t))
	for name, one := range map[string]struct {
		party int64
		field string
	}{"no party": {0, "bankAccount"}, "below none": {-1, "bankAccount"}, "no field": {1, ""}} {
		t.Run(name, func(t *testing.T) {
			if _, err := keys.Seal(one.party, one.field, "secret"); err == nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("sealing gives %v", err)
			}
			if _, err := keys.Open(one.party, one.field, "secret"); err == nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("opening gives %v", err)
			}
		})
	}
}

func TestHash(t *testing.T) {
	text := generate(t)
	keys, same, other := parsed(t, text), parsed(t, text), parsed(t, generate(t))
	property := func(field, value, otherField, otherValue string) bool {
		hash := keys.Hash(field, value)
		return hash == same.Hash(field, value) && hash != other.Hash(field, value) && len(hash) == 43 &&
			(hash == keys.Hash(otherField, otherValue)) == (field == otherField && value == otherValue)
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
	if keys.Hash("ab", "c") == keys.Hash("a", "bc") || keys.Hash("1", "\n") == keys.Hash("", "1\n") {
		t.Error("field and value run into each other")
	}
}

// What is stored must be readable by every later release.
func TestStoredValuesStayReadable(t *testing.T) {
	keys := parsed(t, []byte(`{"primaryKeyId": 305419896, "key": [{"keyId": 305419896, "status": "ENABLED", "outputPrefixType": "TINK", "keyData": {
		"typeUrl": "type.googleapis.com/google.crypto.tink.AesGcmKey", "keyMaterialType": "SYMMETRIC", "value": "GiAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw=="}}]}`))
	expectOpens(t, keys, 4711, "bankAccount", storedSealed, "DE89 3704 0044 0532 0130 00")
	if hash := keys.Hash("bankAccount", "DE89370400440532013000"); hash != storedHash {
		t.Errorf("the hash is %s, was %s", hash, storedHash)
	}
}

const (
	storedSealed = "ARI0Vnh3ICVsggXemPpLi3FI5xgGK3FsUmsW+7ZrqDdV8sHcEpoBbm+koBnjSOVGYadk/WVWlqWgnchw"
	storedHash   = "jdpUolWRNqdAQCw06vEBT7jCss9xwlNHhbLm9pjHctU"
)

func TestMask(t *testing.T) {
	for value, want := range map[string]string{
		"":                            "••••",
		"7":                           "••••",
		"1234567":                     "••••",
		"12 34-56 7":                  "••••",
		"12345678":                    "•••• 78",
		"12345678901":                 "•••• 01",
		"123456789012":                "•••• 9012",
		"DE89370400440532013000":      "•••• 3000",
		"DE89 3704 0044 0532 0130 00": "•••• 3000",
		"6222 0212 3456 7890 123\n":   "•••• 0123",
		"张三李四王五赵六":                    "•••• 赵六",
		"12345678\x1b[31m":            "•••• 1m",
		"\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe": "••••",
	} {
		if got := Mask(value); got != want {
			t.Errorf("%q is shown as %q, want %q", value, got, want)
		}
	}
}

func FuzzOpen(f *testing.F) {
	keys := parsed(f, generate(f))
	sealed := seal(f, keys, 7, "bankAccount", "a value")
	f.Add(int64(7), "bankAccount", sealed)
	f.Add(int64(7), "bankAccount", sealed+"\n")
	f.Add(int64(0), "", "")
	f.Add(int64(8), "bankAccount", sealed[:12])
	f.Fuzz(func(t *testing.T, party int64, field, text string) {
		value, err := keys.Open(party, field, text)
		if opens := party == 7 && field == "bankAccount" && text == sealed; opens != (err == nil) {
			t.Errorf("party %d, field %q, %q opens as %q, %v", party, field, text, value, err)
		}
	})
}
