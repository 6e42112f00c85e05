package outreach

import (
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer/sensitive"
	"github.com/fairlead/fairlead/internal/gateway/link"
	"github.com/fairlead/fairlead/internal/store"
)

// withLinks has mails with links.
func withLinks(plan *Plan) {
	plan.Links = &LinkSettings{PublicURL: "https://hear.airshow.example/of"}
	plan.Messages[0].Text, plan.Messages[0].HTML = "Stop: {{ .UnsubscribeURL }}\nChoose: {{ .PreferencesURL }}\n", ""
}

var tokenIn = regexp.MustCompile(`https://hear\.airshow\.example/of/([up])/([A-Za-z0-9_-]+)`)

// TestLinks: each recipient gets links of its own, which say who it is and open for what they
// are for.
func TestLinks(t *testing.T) {
	inBoth(t, func(t *testing.T, url string) {
		p := prepare(t, url, 3, withLinks, store.Freeze{})
		keyset, err := sensitive.Generate()
		if err != nil {
			t.Fatal(err)
		}
		w := workerOf(p.Store)
		for _, wrong := range [][]byte{nil, []byte("{}")} {
			w.LinkKeyset = wrong
			if err := w.Work(t.Context()); !errors.Is(err, ErrCredentials) || !strings.Contains(err.Error(), "the run's messages have links") {
				t.Errorf("with the keyset %q a worker says %v", wrong, err)
			}
		}
		w.LinkKeyset = keyset
		if err := w.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		mark, err := p.Mark(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		keys, err := link.Parse(keyset, mark.StoreID)
		if err != nil {
			t.Fatal(err)
		}
		recipients, err := p.RecipientsOf(t.Context(), p.run.ID, []int64{1, 2, 3}, store.RecipientParts{})
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]store.Recipient{}
		for _, r := range recipients {
			ids[r.Address] = r
		}
		messages := p.sink.Messages()
		if len(messages) != 3 {
			t.Fatalf("%d mails came", len(messages))
		}
		for _, m := range messages {
			to := ids[m.To[0]]
			found := tokenIn.FindAllStringSubmatch(strings.ReplaceAll(string(m.Raw), "=\r\n", ""), -1)
			if len(found) != 3 || found[0][0] != found[1][0] || !strings.Contains(string(m.Raw), "List-Unsubscribe-Post: List-Unsubscribe=One-Click") {
				t.Fatalf("the links of a mail are %v, in\n%s", found, m.Raw)
			}
			for _, token := range found {
				got, err := keys.Open(link.ByDoor[token[1]], token[2], time.Now().Add(link.Lifetime-48*time.Hour))
				if err != nil || got.AddressID != to.AddressID || got.RecipientID != to.RecipientID || got.RunID != p.run.ID || got.Medium != "Email" || got.Topic != "service" {
					t.Errorf("a link to %+v says %+v, %v", to, got, err)
				}
			}
		}
	})
}

// TestExampleLinks: who gets a message that is not for them gets no link of who it is for, and
// needs no keys.
func TestExampleLinks(t *testing.T) {
	inBoth(t, func(t *testing.T, url string) {
		p := prepare(t, url, 2, func(plan *Plan) {
			withLinks(plan)
			plan.Channel.Delivery, plan.Channel.RedirectTo = crm.DeliveryRedirect, "test@airshow.example"
		}, store.Freeze{})
		var log strings.Builder
		w := workerOf(p.Store)
		w.Log = slog.New(slog.NewTextHandler(&log, nil))
		if err := w.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		messages := p.sink.Messages()
		if len(messages) != 2 || !strings.Contains(log.String(), "links are examples") {
			t.Fatalf("%d mails came; logged was %s", len(messages), log.String())
		}
		for _, m := range messages {
			for _, token := range tokenIn.FindAllStringSubmatch(string(m.Raw), -1) {
				if token[2] != link.Example {
					t.Errorf("a redirected mail has a link that works: %s", token[0])
				}
			}
		}
		// A preview says the same.
		plan, err := ParsePlan(p.run.Plan)
		if err != nil {
			t.Fatal(err)
		}
		plan.Channel.Delivery, plan.Channel.RedirectTo = crm.DeliveryLive, ""
		_, letters, err := Foresee(t.Context(), p.Store, plan, store.Freeze{Key: "k", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}}, p.run, "C-1", time.Now())
		if err != nil || len(letters) != 1 || letters[0].Text != "Stop: https://hear.airshow.example/of/u/EXAMPLE\nChoose: https://hear.airshow.example/of/p/EXAMPLE\n" {
			t.Errorf("previewed is %+v, %v", letters, err)
		}
	})
}
