package outreach

import (
	"bytes"
	"strings"
	"testing"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

// letterOfClub tells all that there is of a membership.
func letterOfClub(plan *Plan) {
	plan.LoyaltyProgram = "club"
	plan.Messages = []crm.Message{{
		Locale: "en", Subject: "Your points",
		Text: `{{ with .Loyalty }}{{ .Program }} {{ default "no tier" .Tier }}, {{ .Points }} points, {{ number 0 .PointsToNextTier }} to {{ default "none" .NextTier }}.
Soon gone {{ .ExpiringSoon }}, {{ .BoothDiscountPercent }} % off: {{ join ", " .Benefits }}.{{ else }}No member.{{ end }}`,
	}}
}

// enlist makes members of the first three customers of four.
func (p *post) enlist() {
	p.t.Helper()
	const day = 24 * time.Hour
	now := time.Now()
	for _, statement := range []struct {
		text string
		args []any
	}{
		{`INSERT INTO loyalty_program (id, name, terms) VALUES (1, 'club', $1)`, []any{
			`{"expireAfterMonths":12,"tiers":[{"name":"Silver","from":150000000,"boothDiscountPercent":5,"benefits":["Lounge","PrioritySelection"]},{"name":"Gold","from":400000000}]}`}},
		{`INSERT INTO loyalty_program (id, name, terms) VALUES (2, 'other', '{"tiers":[]}')`, nil},
		{`INSERT INTO loyalty_member (program_id, customer_id, tier, tier_points, balance, earned, adjusted, redeemed, expired, unearned) VALUES
			(1, 1, 'Silver', 170500000, 130500000, 170500000, 0, 40000000, 0, 0), (1, 2, 'Gold', 500000000, 500000000, 500000000, 0, 0, 0, 0), (1, 3, '', 0, 0, 0, 0, 0, 0, 0), (2, 4, '', 7, 7, 7, 0, 0, 0, 0)`, nil},
		{`INSERT INTO points_entry (program_id, customer_id, rule, kind, fact_id, points, earned_at, expires_at, posted_at) VALUES
			(1, 1, 'spent', 'Transaction', 1, 100500000, 0, $1, 0), (1, 1, 'spent', 'Transaction', 2, 70000000, 0, $2, 0), (1, 2, 'spent', 'Transaction', 3, 500000000, 0, $2, 0)`,
			[]any{now.Add(30 * day).UnixMilli(), now.Add(200 * day).UnixMilli()}},
		{`INSERT INTO points_posting (id, program_id, customer_id, customer_record_id, kind, points, at, reference, reason, actor) VALUES (1, 1, 1, 1, 'Redeemed', -40000000, $1, 'a', '', '')`, []any{now.UnixMilli()}},
	} {
		if _, err := connect(p.t, p.url).ExecContext(p.t.Context(), statement.text, statement.args...); err != nil {
			p.t.Fatal(err)
		}
	}
}

// TestLoyalty: a worker, with no more than the rights of one, tells members how they stand, and
// what was foreseen is what is sent.
func TestLoyalty(t *testing.T) {
	inBoth(t, func(t *testing.T, url string) {
		p := prepare(t, url, 4, letterOfClub, store.Freeze{})
		p.enlist()
		foreseen := p.foresee("C-1", "C-2", "C-3", "C-4")
		if !p.IsSQLite() {
			p.asWorker()
		}
		p.work()
		want := map[string]string{
			addressOf(1): "club Silver, 130.5 points, 230 to Gold.\r\nSoon gone 60.5, 5 % off: Lounge, PrioritySelection.",
			addressOf(2): "club Gold, 500 points,  to none.\r\nSoon gone 0,  % off: .",
			addressOf(3): "club no tier, 0 points, 150 to Silver.\r\nSoon gone 0,  % off: .",
			addressOf(4): "No member.",
		}
		for _, m := range p.sink.Messages() {
			raw := string(m.Raw)
			if !strings.Contains(raw, want[mailbox(raw)]) {
				t.Errorf("a mail is\n%s\nand lacks\n%s", raw, want[mailbox(raw)])
			}
			if found := withoutDate(m.Raw); !bytes.Equal(found, foreseen[mailbox(raw)]) {
				t.Errorf("sent was\n%s\nand foreseen\n%s", found, foreseen[mailbox(raw)])
			}
		}
		p.expectCounts(store.MessageCounts{Sent: 4})
	})
}

// asWorker connects as a role that may do what a worker needs.
func (p *post) asWorker() {
	p.t.Helper()
	url := server.NewRole(p.t, p.url, "worker")
	worker, err := store.Open(p.t.Context(), url, store.Options{MaxConnections: 8})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { worker.Close() })
	role, err := worker.Role(p.t.Context())
	if err == nil {
		err = p.GrantWorker(p.t.Context(), role.Name)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.Store = worker
}
