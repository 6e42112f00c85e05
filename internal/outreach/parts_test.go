package outreach

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach/webhook"
	"github.com/fairlead/fairlead/internal/store"
)

// about makes a plan tell all that not every message does.
func about(plan *Plan) {
	plan.Series = "Fair"
	plan.Exhibition = &Exhibition{
		Series: "Fair", Edition: "2026", Title: "Fair 2026", Venue: "Hall", City: "Farnborough", Country: "GB", TimeZone: "Europe/London", Opens: "2026-07-20", Closes: "2026-07-24",
		Milestones: map[string]string{"EarlyBirdEnds": "2026-02-28"},
	}
	plan.Messages = []crm.Message{{
		Locale: "en", Subject: "{{ .Exhibition.Title }}",
		Text: `fleet {{ .Customer.Attributes.fleet }}, craft {{ default "none" .Customer.Attributes.craft }}, since {{ date "2006-01-02 15:04" .Customer.Attributes.since }}.
{{ .Series.Name }}: {{ .Series.Participations }} times, missed {{ .Series.MissedEditions }}, {{ .Series.BoothArea }} m2, next {{ .Series.NextEdition }} {{ .Series.NextStatus }}.
{{ date "2006-01-02" .Exhibition.Opens }} to {{ date "2006-01-02" .Exhibition.Closes }} in {{ .Exhibition.City }}, early {{ date "2006-01-02" .Exhibition.Milestones.EarlyBirdEnds }}`,
	}}
}

// tell records what the store knows of two customers, of whom the second has nothing.
func (p *post) tell() {
	p.t.Helper()
	for _, statement := range []string{
		`INSERT INTO attribute (name, kind) VALUES ('fleet', 'decimal'), ('craft', 'text'), ('since', 'time'), ('iban', 'text')`,
		`UPDATE party SET time_zone = 'Asia/Shanghai', attributes = '{"craft":"rotor","fleet":2500000,"iban":"XX00","since":1700000000000}' WHERE id = 1`,
		`INSERT INTO customer_series_profile (customer_id, series, role, generation, participations, missed_editions, co_exhibitions, no_shows, cancellations, unconverted_amounts, complaints, open_complaints, booth_area, next_edition, next_status, main)
			VALUES (1, 'Fair', 'Exhibitor', 1, 4, 1, 0, 0, 0, 0, 0, 0, 3650, '2026', 'Option', TRUE), (1, 'Fair', 'Speaker', 1, 9, 9, 0, 0, 0, 0, 0, 0, NULL, '2026', NULL, FALSE), (1, 'Show', 'Exhibitor', 1, 7, 7, 0, 0, 0, 0, 0, 0, 1, 'x', NULL, TRUE)`,
	} {
		if _, err := connect(p.t, p.url).ExecContext(p.t.Context(), statement); err != nil {
			p.t.Fatal(err)
		}
	}
}

// TestParts: what templates name of attributes, exhibition and series is told, in the zone of
// whoever reads it.
func TestParts(t *testing.T) {
	inBoth(t, func(t *testing.T, url string) {
		p := prepare(t, url, 2, about, store.Freeze{})
		p.tell()
		foreseen := p.foresee("C-1", "C-2")
		p.work()
		const first = "fleet 2.5, craft rotor, since 2023-11-15 06:13.\r\nFair: 4 times, missed 1, 36.5 m2, next 2026 Option.\r\n2026-07-20 to 2026-07-24 in Farnborough, early 2026-02-28"
		const second = "fleet , craft none, since .\r\nFair: 0 times, missed ,  m2, next  .\r\n2026-07-20"
		for _, m := range p.sink.Messages() {
			want, raw := first, string(m.Raw)
			if strings.Contains(raw, addressOf(2)) {
				want = second
			}
			if !strings.Contains(raw, want) || !strings.Contains(raw, "Subject: Fair 2026\r\n") {
				t.Errorf("a mail is\n%s\nand lacks\n%s", raw, want)
			}
			// What was foreseen of the frozen run are these bytes.
			if found := withoutDate(m.Raw); !bytes.Equal(found, foreseen[mailbox(raw)]) {
				t.Errorf("sent was\n%s\nand foreseen\n%s", found, foreseen[mailbox(raw)])
			}
		}
		p.expectCounts(store.MessageCounts{Sent: 2})
	})
}

// mailbox is the address that a mail is to.
func mailbox(raw string) string { return regexp.MustCompile(`office\d+@firm\.example`).FindString(raw) }

var date = regexp.MustCompile(`Date: [^\r]*\r\n`)

func withoutDate(mail []byte) []byte { return date.ReplaceAll(mail, nil) }

// foresee is what is foreseen of the run for customers, by address, without dates.
func (p *post) foresee(codes ...string) map[string][]byte {
	p.t.Helper()
	plan, err := ParsePlan(p.run.Plan)
	if err != nil {
		p.t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, code := range codes {
		seen, letters, err := Foresee(p.t.Context(), p.Store, plan, store.Freeze{Key: "k", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}}, p.run, code, time.Now())
		if err != nil || !seen.Matched || len(letters) != 1 {
			p.t.Fatalf("of %s is foreseen %+v, %v", code, letters, err)
		}
		all[letters[0].Envelope] = withoutDate(letters[0].Data)
	}
	return all
}

// TestForeseeSkipped: who is not written to any more gets no letter, with the reason.
func TestForeseeSkipped(t *testing.T) {
	p := prepare(t, server.NewDatabase(t), 2, nil, store.Freeze{})
	if _, err := connect(t, p.url).ExecContext(t.Context(), `UPDATE contact_point SET withdrawn_at = 1 WHERE id = 1`); err != nil {
		t.Fatal(err)
	}
	plan, err := ParsePlan(p.run.Plan)
	if err != nil {
		t.Fatal(err)
	}
	freeze := store.Freeze{Key: "k", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}}
	_, letters, err := Foresee(t.Context(), p.Store, plan, freeze, p.run, "C-1", time.Now())
	if err != nil || len(letters) != 1 || letters[0].Skipped != codeNoAddress || letters[0].Data != nil {
		t.Errorf("foreseen is %+v, %v", letters, err)
	}
	// To a webhook goes the payload.
	plan.Channel.SMTP, plan.Channel.From, plan.Channel.Webhook = nil, nil, &crm.Webhook{URL: "https://desk.example"}
	_, letters, err = Foresee(t.Context(), p.Store, plan, freeze, p.run, "C-2", time.Now())
	if err != nil || len(letters) != 1 {
		t.Fatalf("foreseen is %+v, %v", letters, err)
	}
	var payload webhook.Payload
	if err := json.Unmarshal(letters[0].Data, &payload); err != nil || payload.Data.MessageID != letters[0].MessageID || !strings.HasPrefix(letters[0].MessageID, "msg_") || payload.Data.Recipient.Address != letters[0].Address {
		t.Errorf("foreseen is %s, %v", letters[0].Data, err)
	}
}
