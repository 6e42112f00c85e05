package storetest

import (
	"testing"

	"github.com/fairlead/fairlead/internal/customer/sensitive"
	"github.com/fairlead/fairlead/internal/store"
)

const account = "GB29NWBK60161331926819"

// keyset makes keys, and gives them as they are written too.
func keyset(t *testing.T, text []byte, err error) (*sensitive.Keyset, []byte) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := sensitive.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys, text
}

func testSensitive(t *testing.T, s *suite) {
	airbus := func() *line {
		return organization("Airbus SE", "FR").under("1").says("code", "A").secret("bankAccount", account)
	}
	text, err := sensitive.Generate()
	keys, text := keyset(t, text, err)
	t.Run("NeverWithoutKeys", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", airbus())).expectRejected(t, "sensitive.bankAccount", "sensitive fields are stored encrypted only, and no keyset was given")
		w.load(from("crm", attended("Farnborough", "2024").customer("Airbus SE", "FR").secret("bankAccount", account))).
			expectRejected(t, "customer.sensitive.bankAccount", "sensitive fields are stored encrypted only, and no keyset was given")
		w.expectNowhere(account)
		w.expectParties(0)
	})
	t.Run("OnlyWhatIsDeclared", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", organization("Airbus SE", "FR").secret("passport", "X1234567")).with(keys)).
			expectRejected(t, "sensitive.passport", `the store does not declare "passport" as sensitive: add it to spec.sensitiveFields`)
		w.expectNowhere("X1234567")
	})
	t.Run("Shown", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", airbus()).with(keys))
		w.expectNowhere(account)
		masked := showSensitive(t, w, store.ShowOptions{Keys: keys, Mask: sensitive.Mask})
		if masked.Value != sensitive.Mask(account) {
			t.Errorf("masked it is %+v", masked)
		}
		if closed := showSensitive(t, w, store.ShowOptions{}); closed.Value != "" || closed.Note == "" {
			t.Errorf("without keys is shown %+v", closed)
		}
		w.expectNumber(0, "accesses", `SELECT count(*) FROM access_log`)
		revealed := showSensitive(t, w, store.ShowOptions{Keys: keys, Actor: "tester", Purpose: "refund"})
		if revealed.Value != account {
			t.Errorf("revealed it is %+v", revealed)
		}
		w.expectNumber(1, "accesses", `SELECT count(*) FROM access_log a JOIN party p ON p.id = a.party_id
			WHERE p.code = 'A' AND a.field = 'bankAccount' AND a.actor = 'tester' AND a.purpose = 'refund'`)
		if accesses := w.show("A").Accesses; len(accesses) != 1 || accesses[0].Purpose != "refund" {
			t.Errorf("the accesses shown are %+v", accesses)
		}
		w.expectNowhere(account)
	})
	t.Run("ReplacedAndMerged", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", airbus()).with(keys))
		w.load(from("crm", organization("Airbus", "FR").under("1").says("code", "A").secret("bankAccount", "FR7630006000011234567890189")).with(keys))
		if got := showSensitive(t, w, store.ShowOptions{Keys: keys}); got.Value != "FR7630006000011234567890189" {
			t.Errorf("replaced it is %+v", got)
		}
		w.load(from("crm", organization("Boeing", "US").under("2").says("code", "B")))
		id := w.merge("B", "A")
		party, err := w.Show(t.Context(), "B", store.ShowOptions{Keys: keys, Actor: "tester"})
		if err != nil || len(party.Sensitive) != 1 || party.Sensitive[0].Value != "FR7630006000011234567890189" {
			t.Errorf("after a merge: %+v, %v", party, err)
		}
		w.unmerge(id)
		w.erase("A")
		w.expectNumber(0, "sensitive fields of the erased", `SELECT count(*) FROM sensitive_field`)
	})
	t.Run("SecretChanges", func(t *testing.T) {
		// The same row with another account, and nothing else.
		w := s.world(t)
		w.load(from("crm", airbus()).with(keys))
		w.load(from("crm", organization("Airbus SE", "FR").under("1").says("code", "A").secret("bankAccount", "FR7630006000011234567890189")).with(keys))
		if got := showSensitive(t, w, store.ShowOptions{Keys: keys}); got.Value != "FR7630006000011234567890189" {
			t.Errorf("the account is %+v, want the new one", got)
		}
	})
	t.Run("Resealed", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", airbus(), organization("Boeing", "US").under("2").secret("bankAccount", account)).with(keys))
		w.expectNumber(1, "hashes of two equal accounts", `SELECT count(DISTINCT equal_hash) FROM sensitive_field`)
		newer, err := sensitive.Rotate(text)
		rotated, _ := keyset(t, newer, err)
		before := w.text(`SELECT min(ciphertext) FROM sensitive_field`)
		for _, want := range []int64{2, 0} {
			steps := 0
			looked, changed, err := w.Reseal(t.Context(), rotated, func(int64, int64) { steps++ })
			if err != nil || looked != 2 || changed != want || steps != 1 {
				t.Errorf("resealed: %d looked at, %d changed, %d steps, %v; want 2 and %d", looked, changed, steps, err, want)
			}
		}
		w.expectNumber(0, "values sealed with the old key", `SELECT count(*) FROM sensitive_field WHERE ciphertext = $1`, before)
		w.expectNumber(1, "hashes of two equal accounts", `SELECT count(DISTINCT equal_hash) FROM sensitive_field`)
		if got := showSensitive(t, w, store.ShowOptions{Keys: rotated}); got.Value != account {
			t.Errorf("resealed it is %+v", got)
		}
		if _, err := w.Show(t.Context(), "A", store.ShowOptions{Keys: keys}); err == nil {
			t.Error("the old keyset opens what the new key sealed")
		}
	})
}

// showSensitive gives the one sensitive field of the party A.
func showSensitive(t *testing.T, w *world, options store.ShowOptions) store.NamedText {
	t.Helper()
	party, err := w.Show(t.Context(), "A", options)
	if err != nil {
		t.Fatal(err)
	}
	if len(party.Sensitive) != 1 {
		t.Fatalf("sensitive fields are %+v, want one", party.Sensitive)
	}
	return party.Sensitive[0]
}
