package outreach

import (
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/mailsink"
)

// TestTroubled: a channel that lets nothing through for long pauses the run, and nobody fails;
// once it is well again and the run is let go, everybody gets one mail.
func TestTroubled(t *testing.T) {
	for name, trouble := range map[string]func(t *testing.T, p *post, plan *Plan) (over func(), want string){
		"refused": func(t *testing.T, p *post, _ *Plan) (func(), string) {
			if err := p.sink.SetFault(mailsink.Fault{Kind: mailsink.RejectRecipient, Code: 421, Enhanced: "4.3.2"}); err != nil {
				t.Fatal(err)
			}
			return func() {
				if err := p.sink.SetFault(); err != nil {
					t.Error(err)
				}
			}, "its server says 421 4.3.2"
		},
		"away": func(_ *testing.T, p *post, plan *Plan) (func(), string) {
			there := plan.Channel.SMTP.Port
			plan.Channel.SMTP.Port = 1
			p.changePlan(plan)
			return func() { plan.Channel.SMTP.Port = there; p.changePlan(plan) }, "no connection to its server"
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, url string) {
				p := prepare(t, url, 50, nil, store.Freeze{})
				plan, err := ParsePlan(p.run.Plan)
				if err != nil {
					t.Fatal(err)
				}
				over, want := trouble(t, p, plan)
				w := workerOf(p.Store)
				w.Patience = time.Millisecond
				if err := w.Work(t.Context()); err != nil {
					t.Fatal(err)
				}
				run, err := p.RunByKey(t.Context(), "k")
				if err != nil || run.State != store.RunPaused || !strings.Contains(run.Reason, want) {
					t.Fatalf("the run is %+v, %v", run, err)
				}
				if c := p.counts(); c.Pending+c.Waiting != 50 || p.sink.Total() != 0 {
					t.Errorf("the counts are %+v, and %d mails came", c, p.sink.Total())
				}
				over()
				p.ahead.Add(int64(time.Minute))
				p.bring(store.RunPaused, store.RunSending)
				p.work()
				p.expectCounts(store.MessageCounts{Sent: 50})
			})
		})
	}
}

// changePlan has the run send by another plan.
func (p *post) changePlan(plan *Plan) {
	p.t.Helper()
	text, err := plan.Text()
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := connect(p.t, p.url).ExecContext(p.t.Context(), `UPDATE outreach_run SET plan = $1`, text); err != nil {
		p.t.Fatal(err)
	}
}
