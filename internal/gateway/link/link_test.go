package link

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/customer/sensitive"
)

var (
	made = time.Date(2026, time.March, 1, 10, 0, 0, 0, time.UTC)
	some = Link{AddressID: 1_234_567, RecipientID: 7_654_321, RunID: 321, Medium: "Email", Topic: "exhibitor-news", Expires: made.Add(Lifetime)}
)

func generate(t testing.TB) []byte {
	t.Helper()
	keyset, err := sensitive.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return keyset
}

func parse(t testing.TB, keyset []byte, store string) *Keys {
	t.Helper()
	keys, err := Parse(keyset, store)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func seal(t testing.TB, keys *Keys, purpose Purpose, l Link) string {
	t.Helper()
	token, err := keys.Seal(purpose, l)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestRoundTrip(t *testing.T) {
	keys := parse(t, generate(t), "s")
	for _, l := range []Link{some, {}, {AddressID: -1, RunID: 1 << 62, Medium: strings.Repeat("m", 100), Topic: "新闻", Expires: made}} {
		token := seal(t, keys, Preferences, l)
		got, err := keys.Open(Preferences, token, time.Unix(0, 0))
		want := l
		want.Expires = l.Expires.Truncate(24 * time.Hour).Add(24 * time.Hour)
		if l.Expires.IsZero() {
			// Before what can be said.
			if !errors.Is(err, ErrRefused) {
				t.Errorf("a link that expired in the year 1 opens: %+v, %v", got, err)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("%+v became %+v, %v", want, got, err)
		}
	}
	token := seal(t, keys, Unsubscribe, some)
	if len(token) > 100 || strings.ContainsFunc(token, func(r rune) bool {
		return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", r)
	}) {
		t.Errorf("a token is %s, of %d characters", token, len(token))
	}
	if token == seal(t, keys, Unsubscribe, some) {
		t.Error("two tokens of one link are the same: they can be told to be of one person")
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || strings.Contains(string(sealed), some.Topic) {
		t.Errorf("the topic stands in a token in clear: %q, %v", sealed, err)
	}
	if _, err := keys.Seal(Unsubscribe, Link{Topic: strings.Repeat("x", 1000)}); err == nil {
		t.Error("a token is made that would not open")
	}
	if got := URL("https://a.example/x", Unsubscribe, "T"); got != "https://a.example/x/u/T" {
		t.Errorf("the URL is %s", got)
	}
}

func TestRefused(t *testing.T) {
	keyset := generate(t)
	keys := parse(t, keyset, "s")
	token := seal(t, keys, Unsubscribe, some)
	last := some.Expires.Truncate(24 * time.Hour).Add(24*time.Hour - time.Millisecond)
	if _, err := keys.Open(Unsubscribe, token, last); err != nil {
		t.Errorf("at the end of its last day a link is %v", err)
	}
	refused := map[string]func() (Link, error){
		"of another purpose": func() (Link, error) { return keys.Open(Preferences, token, made) },
		"of another store":   func() (Link, error) { return parse(t, keyset, "other").Open(Unsubscribe, token, made) },
		"of other keys":      func() (Link, error) { return parse(t, generate(t), "s").Open(Unsubscribe, token, made) },
		"expired":            func() (Link, error) { return keys.Open(Unsubscribe, token, last.Add(time.Millisecond)) },
	}
	for name, text := range map[string]string{
		"nothing": "", "the example": Example, "cut": token[:len(token)-1], "longer": token + "A", "padded": token + "=", "with a line break": token[:10] + "\n" + token[10:],
		"a part": token[:20], "of other letters": strings.Repeat("é", 60), "endless": strings.Repeat("A", 100_000),
	} {
		refused[name] = func() (Link, error) { return keys.Open(Unsubscribe, text, made) }
	}
	// Each character counts, the stray bits of the last one as well.
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range token {
		other := letters[(strings.IndexByte(letters, token[i])+1)%len(letters)]
		refused["changed at "+token[:i]] = func() (Link, error) { return keys.Open(Unsubscribe, token[:i]+string(other)+token[i+1:], made) }
	}
	for name, open := range refused {
		if l, err := open(); !errors.Is(err, ErrRefused) || l != (Link{}) {
			t.Errorf("%s: it says %+v, %v", name, l, err)
		}
	}
}

// TestRotation: what the old key sealed opens as long as it is there.
func TestRotation(t *testing.T) {
	keyset := generate(t)
	old := seal(t, parse(t, keyset, "s"), Unsubscribe, some)
	rotated, err := sensitive.Rotate(keyset)
	if err != nil {
		t.Fatal(err)
	}
	both := parse(t, rotated, "s")
	fresh := seal(t, both, Unsubscribe, some)
	if _, err := both.Open(Unsubscribe, old, made); err != nil {
		t.Errorf("what the old key sealed is %v", err)
	}
	if _, err := parse(t, keyset, "s").Open(Unsubscribe, fresh, made); !errors.Is(err, ErrRefused) {
		t.Errorf("the old key opens what the new one sealed: %v", err)
	}
	var all map[string]any
	if err := json.Unmarshal(rotated, &all); err != nil {
		t.Fatal(err)
	}
	all["key"] = all["key"].([]any)[1:]
	// Numbers of keys are within what a float can hold.
	without, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	last := parse(t, without, "s")
	if _, err := last.Open(Unsubscribe, old, made); !errors.Is(err, ErrRefused) {
		t.Errorf("without its key an old link is %v", err)
	}
	if _, err := last.Open(Unsubscribe, fresh, made); err != nil {
		t.Errorf("without the old key a fresh link is %v", err)
	}
}

// FuzzOpen shows tokens to the gateway's keys: none opens but what was made for the purpose.
func FuzzOpen(f *testing.F) {
	keys := parse(f, generate(f), "s")
	other := parse(f, generate(f), "s")
	f.Add("")
	f.Add(Example)
	f.Add(seal(f, other, Unsubscribe, some))
	f.Add(seal(f, keys, Preferences, some))
	f.Fuzz(func(t *testing.T, token string) {
		if l, err := keys.Open(Unsubscribe, token, made); !errors.Is(err, ErrRefused) {
			t.Errorf("%q opens: %+v, %v", token, l, err)
		}
	})
}

// FuzzRead reads what might be sealed: what is read can be sealed, and is read again.
func FuzzRead(f *testing.F) {
	keys := parse(f, generate(f), "s")
	f.Add([]byte{})
	f.Add([]byte{version, 2, 4, 6, 8, 5, 'E', 'm', 'a', 'i', 'l', 'x'})
	f.Add([]byte{version, 2, 4, 6, 8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, text []byte) {
		l, ok := read(text)
		if !ok || len(text) > 200 {
			return
		}
		again := l
		again.Expires = l.Expires.Add(-time.Second)
		got, err := keys.Open(Unsubscribe, seal(t, keys, Unsubscribe, again), time.Unix(0, 0))
		if err != nil || got != l {
			t.Errorf("%+v became %+v, %v", l, got, err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	keys := parse(b, generate(b), "s")
	for b.Loop() {
		if _, err := keys.Seal(Unsubscribe, some); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	keys := parse(b, generate(b), "s")
	token := seal(b, keys, Unsubscribe, some)
	for _, each := range []struct{ name, token string }{{"good", token}, {"forged", token[:len(token)-2] + "AA"}} {
		b.Run(each.name, func(b *testing.B) {
			for b.Loop() {
				_, _ = keys.Open(Unsubscribe, each.token, made)
			}
		})
	}
}
