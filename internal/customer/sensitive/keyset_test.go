package sensitive

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/mac"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
)

func generate(t testing.TB) []byte {
	t.Helper()
	text, err := Generate()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func parsed(t testing.TB, text []byte) *Keyset {
	t.Helper()
	keys, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// ofTemplate is a keyset of one key of the template.
func ofTemplate(t *testing.T, template *tinkpb.KeyTemplate) []byte {
	t.Helper()
	handle, err := keyset.NewHandle(template)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// changed is a keyset in whose JSON something was changed.
func changed(t *testing.T, text []byte, change func(all, first map[string]any)) []byte {
	t.Helper()
	var all map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&all); err != nil {
		t.Fatal(err)
	}
	change(all, all["key"].([]any)[0].(map[string]any))
	made, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestParseRefuses(t *testing.T) {
	good := generate(t)
	material := keyMaterial(t, good)
	for name, test := range map[string]struct {
		text []byte
		want string
	}{
		"nothing":           {nil, "it is empty"},
		"blanks":            {[]byte(" \n"), "it is empty"},
		"not JSON":          {good[:len(good)-2], "it is not JSON"},
		"the key itself":    {[]byte(material), "it is not JSON"},
		"a quoted key":      {[]byte(`"` + material + `"`), "not a Tink keyset"},
		"other JSON":        {[]byte(`{"` + material + `": 1}`), "not a Tink keyset"},
		"encrypted":         {[]byte(`{"encryptedKeyset": "` + material + `", "keysetInfo": {}}`), "encrypted with a key of a KMS"},
		"no keys":           {[]byte(`{}`), "it has no keys"},
		"another primary":   {changed(t, good, func(all, _ map[string]any) { all["primaryKeyId"] = 1 }), "it has no primary key: primaryKeyId is 1"},
		"no primary":        {changed(t, good, func(all, _ map[string]any) { delete(all, "primaryKeyId") }), "it has no primary key: primaryKeyId is 0"},
		"primary disabled":  {changed(t, good, func(_, key map[string]any) { key["status"] = "DISABLED" }), "is not enabled"},
		"status of its own": {changed(t, good, func(_, key map[string]any) { key["status"] = material }), "not a Tink keyset"},
		"key twice": {changed(t, good, func(all, key map[string]any) {
			all["key"] = []any{key, key}
		}), "stands there twice"},
		"key cut short": {changed(t, good, func(_, key map[string]any) {
			key["keyData"].(map[string]any)["value"] = "GhA="
		}), "a key in it is damaged"},
		"kind of its own": {changed(t, good, func(_, key map[string]any) {
			key["keyData"].(map[string]any)["typeUrl"] = material
		}), "its keys are not for AEAD"},
		"not AEAD":            {ofTemplate(t, mac.HMACSHA256Tag256KeyTemplate()), "its keys are not for AEAD"},
		"no prefix":           {ofTemplate(t, aead.AES256GCMNoPrefixKeyTemplate()), "has the output prefix RAW"},
		"hashes not possible": {ofTemplate(t, aead.AES256CTRHMACSHA256KeyTemplate()), "is of a kind that hashes cannot be derived from"},
	} {
		t.Run(name, func(t *testing.T) {
			for what, try := range map[string]func([]byte) error{
				"Parse":  func(text []byte) error { _, err := Parse(text); return err },
				"Rotate": func(text []byte) error { _, err := Rotate(text); return err },
			} {
				err := try(test.text)
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s: error is %v, want one with %q", what, err, test.want)
				} else if strings.Contains(err.Error(), material[:8]) {
					t.Errorf("%s: the error repeats a key", what)
				}
			}
		})
	}
}

func TestParseAcceptsOtherKinds(t *testing.T) {
	for name, template := range map[string]*tinkpb.KeyTemplate{
		"AES128_GCM":         aead.AES128GCMKeyTemplate(),
		"AES256_GCM_SIV":     aead.AES256GCMSIVKeyTemplate(),
		"XCHACHA20_POLY1305": aead.XChaCha20Poly1305KeyTemplate(),
	} {
		t.Run(name, func(t *testing.T) {
			text := ofTemplate(t, template)
			old := parsed(t, text)
			sealed := seal(t, old, 7, "bankAccount", "a value")
			if !old.Current(sealed) {
				t.Error("what was just sealed is not current")
			}
			rotated, err := Rotate(text)
			if err != nil {
				t.Fatal(err)
			}
			expectOpens(t, parsed(t, rotated), 7, "bankAccount", sealed, "a value")
		})
	}
}

func TestRotation(t *testing.T) {
	const party, field, value = 42, "bankAccount", "DE89370400440532013000"
	text := generate(t)
	old := parsed(t, text)
	sealed, hash := seal(t, old, party, field, value), old.Hash(field, value)

	rotated, err := Rotate(text)
	if err != nil {
		t.Fatal(err)
	}
	keys := parsed(t, rotated)
	expectOpens(t, keys, party, field, sealed, value)
	if keys.Current(sealed) {
		t.Error("what the old key sealed is current after the rotation")
	}
	if keys.Hash(field, value) == hash {
		t.Error("the hash does not change with the key")
	}
	if hashes := keys.Hashes(field, value); len(hashes) != 2 || hashes[0] != keys.Hash(field, value) || hashes[1] != hash {
		t.Errorf("a value from before the rotation is not found by %v", hashes)
	}

	again := seal(t, keys, party, field, value)
	if !keys.Current(again) {
		t.Error("what was sealed anew is not current")
	}
	// The old key is taken out, as tinkey does.
	without := changed(t, rotated, func(all, _ map[string]any) { all["key"] = all["key"].([]any)[1:] })
	last := parsed(t, without)
	expectOpens(t, last, party, field, again, value)
	expectRefused(t, last, party, field, sealed, ErrUnknownKey)
	expectRefused(t, old, party, field, again, ErrUnknownKey)
	if last.Hash(field, value) != keys.Hash(field, value) || len(last.Hashes(field, value)) != 1 {
		t.Error("the hash changes when the old key goes")
	}
}

func TestDisabledKeyIsOutOfUse(t *testing.T) {
	text := generate(t)
	sealed := seal(t, parsed(t, text), 1, "bankAccount", "a value")
	rotated, err := Rotate(text)
	if err != nil {
		t.Fatal(err)
	}
	keys := parsed(t, changed(t, rotated, func(_, old map[string]any) { old["status"] = "DISABLED" }))
	expectRefused(t, keys, 1, "bankAccount", sealed, ErrUnknownKey)
	if len(keys.Hashes("bankAccount", "a value")) != 1 {
		t.Error("a disabled key still hashes")
	}
}

func TestKeysetPrintsNothing(t *testing.T) {
	keys := parsed(t, generate(t))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		for _, what := range []any{keys, *keys, struct{ Keys *Keyset }{keys}} {
			got := fmt.Sprintf(verb, what)
			if bare := strings.Trim(got, "{}"); bare != "keyset" && !strings.HasSuffix(bare, "Keys:keyset") {
				t.Errorf("%s prints %s", verb, got)
			}
		}
	}
	if text, err := json.Marshal(struct{ Keys *Keyset }{keys}); err != nil || string(text) != `{"Keys":{}}` {
		t.Errorf("as JSON it is %s, %v", text, err)
	}
}

// keyMaterial is the first key of a keyset, in base64.
func keyMaterial(t testing.TB, text []byte) string {
	t.Helper()
	content, err := keyset.NewJSONReader(bytes.NewReader(text)).Read()
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(content.GetKey()[0].GetKeyData().GetValue())
}

func FuzzParse(f *testing.F) {
	good := generate(f)
	rotated, err := Rotate(good)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(rotated)
	f.Add([]byte(`{"primaryKeyId": 1, "key": [{"keyData": null, "status": "ENABLED", "keyId": 1, "outputPrefixType": "TINK"}]}`))
	f.Add([]byte(`{"key": [null]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := Parse(text)
		if err != nil {
			return
		}
		expectOpens(t, keys, 1, "field", seal(t, keys, 1, "field", "a value"), "a value")
		again, err := Rotate(text)
		if err != nil {
			t.Fatal(err)
		}
		expectOpens(t, parsed(t, again), 1, "field", seal(t, keys, 1, "field", "a value"), "a value")
	})
}
