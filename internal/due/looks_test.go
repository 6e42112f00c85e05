package due

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// world is what a controller has beside a rule: the runs that it began, and what it remembers.
type world struct {
	t     *testing.T
	rule  Rule
	begun map[string]time.Time
	// names that plans gave, and what they said of them.
	seen map[string]Occurrence
}

// look makes a plan at a moment, and begins what is due unless it must wait.
func (w *world) look(now time.Time, waits bool) Plan {
	w.t.Helper()
	plan, err := Find(now, w.rule, func(name string) bool { _, has := w.begun[name]; return has })
	if err != nil {
		w.t.Fatal(err)
	}
	if plan.Missed < w.rule.Counted.Missed && w.rule.Trigger.Exhibition == nil {
		w.t.Fatalf("fewer were missed: %d", plan.Missed)
	}
	w.rule.Counted = plan.Counted
	for _, o := range plan.Due {
		if now.Before(o.At) || !now.Before(o.Until) || w.rule.Suspend {
			w.t.Fatalf("%v is due at %v", o, now)
		}
		if !waits {
			w.begun[o.Name] = now
		}
		w.seen[o.Name] = o
	}
	return plan
}

// span of an occurrence, found without the planner.
type span struct {
	name      string
	at, until time.Time
}

// spans are those of a rule up to a moment, found by walking through all minutes or days.
func spans(t *testing.T, rule Rule, upTo time.Time) (all []span) {
	deadline := time.Duration(rule.Trigger.StartingDeadlineSeconds) * time.Second
	switch trigger := rule.Trigger; {
	case trigger.Schedule != nil:
		fires, err := lineOf(*trigger.Schedule)
		if err != nil {
			t.Fatal(err)
		}
		for at := rule.Created.Truncate(time.Minute).Add(time.Minute); !at.After(upTo); at = at.Add(time.Minute) {
			if fires.mismatch(at.In(fires.zone)) != 0 {
				continue
			}
			if n := len(all); n > 0 && at.Before(all[n-1].until) {
				all[n-1].until = at
			}
			all = append(all, span{at.Format("2006-01-02T1504Z"), at, at.Add(deadline)})
		}
	case trigger.Anniversary != nil:
		clock, err := time.Parse("15:04", string(trigger.Anniversary.At))
		if err != nil {
			t.Fatal(err)
		}
		for day := rule.Created.Truncate(24*time.Hour).AddDate(0, 0, -40); day.Before(upTo.AddDate(0, 0, 2)); day = day.AddDate(0, 0, 1) {
			hour := day.Add(time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute)
			if s := (span{day.Format(time.DateOnly), hour.Add(-14 * time.Hour), hour.Add(12*time.Hour + deadline)}); s.until.After(rule.Created) {
				all = append(all, s)
			}
		}
	case trigger.Exhibition != nil:
		clock, err := time.Parse("15:04", string(trigger.Exhibition.At))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range rule.Editions {
			at := time.Date(e.Opens.Year, e.Opens.Month, e.Opens.Day+int(trigger.Exhibition.OffsetDays), clock.Hour(), clock.Minute(), 0, 0, e.Zone)
			all = append(all, span{fmt.Sprintf("%s.Opens%+d", e.Exhibition, trigger.Exhibition.OffsetDays), at, at.Add(deadline)})
		}
	}
	return all
}

func randomRule(t *testing.T, random *rand.Rand) Rule {
	rule := Rule{Created: time.Unix(1_790_000_000+random.Int64N(365*86400), 0).UTC()}
	trigger := &rule.Trigger
	trigger.StartingDeadlineSeconds = 60 + random.Int64N([]int64{600, 7200, 5 * 86400}[random.IntN(3)])
	at := crm.TimeOfDay(fmt.Sprintf("%02d:%02d", 4+random.IntN(20), random.IntN(60)))
	switch random.IntN(3) {
	case 0:
		trigger.Schedule = &crm.ScheduleTrigger{Cron: []string{"*/30 * * * *", "0 9 * * 1-5", "45 1,2 * * *", "0 */6 * * *", "10 10 */3 * *"}[random.IntN(5)],
			TimeZone: []crm.TimeZone{"UTC", "Europe/London", "Australia/Lord_Howe", "America/New_York"}[random.IntN(4)]}
	case 1:
		trigger.Anniversary = &crm.AnniversaryTrigger{At: at}
	case 2:
		trigger.Exhibition = &crm.ExhibitionTrigger{Series: "Farnborough", Anchor: "Opens", OffsetDays: int32(random.IntN(9) - 4), At: at}
		for i := range 1 + random.IntN(8) {
			opens := rule.Created.AddDate(0, 0, 1+random.IntN(30))
			rule.Editions = append(rule.Editions, show(t, fmt.Sprint("show-", i), opens.Format(time.DateOnly), []string{"Europe/London", "Asia/Shanghai"}[random.IntN(2)]))
		}
	}
	return rule
}

// TestOnceWheneverTheLooksAre lets random rules be looked at at random times, with waits for
// earlier runs, and with suspensions: every occurrence is begun or missed, exactly once, and those
// that were over when the rule was resumed are neither.
func TestOnceWheneverTheLooksAre(t *testing.T) {
	begun, missed, neither := 0, 0, 0
	for seed := range uint64(600) {
		random := rand.New(rand.NewPCG(seed, 5))
		w := &world{t: t, rule: randomRule(t, random), begun: map[string]time.Time{}, seen: map[string]Occurrence{}}
		now, excused := w.rule.Created, map[string]bool{}
		var plan Plan
		var looked, suspended time.Time
		for range 40 {
			now = now.Add(time.Duration(random.Int64N(int64([]time.Duration{time.Minute, 5 * time.Hour, 40 * time.Hour}[random.IntN(3)]))))
			// A controller looks when it was told to, mostly.
			if random.IntN(3) > 0 && plan.Look.After(looked) && plan.Look.Before(now) {
				now = plan.Look
			}
			was := w.rule.Suspend
			if w.rule.Suspend = random.IntN(10) == 0 || was && random.IntN(3) > 0; w.rule.Suspend && !was {
				suspended = looked
				if w.rule.Trigger.Exhibition != nil && !looked.IsZero() {
					suspended = now
				}
			}
			if was && !w.rule.Suspend {
				for _, s := range spans(t, w.rule, now) {
					_, has := w.begun[s.name]
					if !has && s.until.After(suspended) && !s.until.After(now) {
						excused[s.name] = true
					}
				}
			}
			plan = w.look(now, random.IntN(6) == 0)
			looked = now
		}
		w.rule.Suspend = false
		if w.rule.Counted.Until.Equal(Suspended) {
			continue
		}
		plan = w.look(now, true)
		want := int64(0)
		for _, s := range spans(t, w.rule, now) {
			if s.at.After(now) {
				continue
			}
			at, has := w.begun[s.name]
			switch {
			case has && (at.Before(s.at) || !at.Before(s.until)):
				t.Fatalf("seed %d: %s was begun at %v, and not from %v until %v", seed, s.name, at, s.at, s.until)
			case has:
				begun++
			case excused[s.name]:
				neither++
			case !now.Before(s.until):
				want++
			case !slices.ContainsFunc(plan.Due, func(o Occurrence) bool { return o.Name == s.name && o.At.Equal(s.at) && !o.Until.After(s.until) }):
				t.Fatalf("seed %d: %+v is not due at %v: %v", seed, s, now, plan.Due)
			}
		}
		if plan.Missed != want {
			t.Fatalf("seed %d: %d were missed, and not %d, of %+v", seed, plan.Missed, want, w.rule)
		}
		missed += int(want)
		all := spans(t, w.rule, now.AddDate(0, 0, 5))
		for name := range w.begun {
			if !slices.ContainsFunc(all, func(s span) bool { return s.name == name }) {
				t.Fatalf("seed %d: %s was begun, and is none", seed, name)
			}
		}
	}
	t.Logf("%d begun, %d missed, %d neither", begun, missed, neither)
	if begun < 2000 || missed < 1000 || neither < 100 {
		t.Errorf("that is little to go by: %d begun, %d missed, %d neither", begun, missed, neither)
	}
}

// TestLooksAgain looks only when the plan says so: everything is begun at the moment at which it
// is due.
func TestLooksAgain(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 6))
		w := &world{t: t, rule: randomRule(t, random), begun: map[string]time.Time{}, seen: map[string]Occurrence{}}
		begins := w.rule.Created
		plan := w.look(begins, false)
		for range 100 {
			if plan = w.look(begins, false); plan.Look.IsZero() {
				break
			}
			if !plan.Look.After(begins) {
				t.Fatalf("seed %d: a look at %v wants the next at %v", seed, begins, plan.Look)
			}
			begins = plan.Look
		}
		for _, s := range spans(t, w.rule, begins) {
			if at := w.begun[s.name]; s.at.After(w.rule.Created) && s.at.Before(begins) && !at.Equal(s.at) {
				t.Fatalf("seed %d: %s is due at %v, and was begun at %v", seed, s.name, s.at, at)
			}
		}
	}
}

// TestShowsThatMove moves shows to and fro, over the present as well: none is told of twice or
// missed twice, and what is over in the end is begun or missed.
func TestShowsThatMove(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 7))
		w := &world{t: t, begun: map[string]time.Time{}, seen: map[string]Occurrence{}, rule: Rule{Created: moment(t, "2026-01-01T00:00:00Z"), Trigger: before("Opens", 10, 86400)}}
		for i := range 5 {
			w.rule.Editions = append(w.rule.Editions, show(t, fmt.Sprint("show-", i), "2026-03-01", "Europe/London"))
		}
		now := w.rule.Created
		for range 60 {
			now = now.Add(time.Duration(random.Int64N(int64(60 * time.Hour))))
			if random.IntN(2) == 0 {
				e := &w.rule.Editions[random.IntN(5)]
				e.Opens = e.Opens.Plus(random.IntN(60) - 30)
				e.Closes, e.EvaluateUntil = e.Opens, e.Opens.Plus(90)
			}
			if plan := w.look(now, random.IntN(2) == 0); plan.Missed+int64(len(w.begun)) > 5 {
				t.Fatalf("seed %d: of 5 shows %d are begun and %d missed", seed, len(w.begun), plan.Missed)
			}
		}
		want := int64(0)
		for _, s := range spans(t, w.rule, now) {
			if _, has := w.begun[s.name]; !has && !now.Before(s.until) {
				want++
			}
		}
		if plan := w.look(now, true); plan.Missed != want {
			t.Fatalf("seed %d: %d are missed, and not %d", seed, plan.Missed, want)
		}
	}
}

// TestBatches lets things be recorded and batches be looked at at random times: each thing is
// taken exactly once, within its time by a run, or too late by what counts as missed.
func TestBatches(t *testing.T) {
	const collects, deadline = 300 * time.Second, 3600 * time.Second
	ran, late := 0, 0
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 8))
		w := &world{t: t, begun: map[string]time.Time{}, seen: map[string]Occurrence{}, rule: Rule{Created: moment(t, "2026-01-01T00:00:00Z"), Trigger: complaints(0)}}
		now, lates := w.rule.Created, int64(0)
		var open []time.Time
		for range 80 {
			then := now.Add(time.Duration(random.Int64N(int64([]time.Duration{10 * time.Minute, 3 * time.Hour}[random.IntN(2)]))))
			for range random.IntN(4) {
				open = append(open, now.Add(time.Duration(random.Int64N(int64(then.Sub(now))+1))).Truncate(time.Second))
			}
			now = then
			slices.SortFunc(open, time.Time.Compare)
			waits := random.IntN(4) == 0
			for again := true; again; {
				if w.rule.Oldest = (time.Time{}); len(open) > 0 {
					w.rule.Oldest = open[0]
				}
				count := len(w.begun)
				plan := w.look(now, waits)
				again = plan.Late != nil
				if again {
					lates++
					open = slices.DeleteFunc(open, func(at time.Time) bool {
						if at.After(plan.Late.Through) {
							return false
						}
						if now.Before(at.Add(collects + deadline)) {
							t.Fatalf("seed %d: what came at %v is dropped at %v", seed, at, now)
						}
						late++
						return true
					})
				}
				if len(plan.Due) > 0 && !waits {
					if len(w.begun) != count+1 {
						t.Fatalf("seed %d: the name %s was there already", seed, plan.Due[0].Name)
					}
					open = slices.DeleteFunc(open, func(at time.Time) bool {
						if !now.Before(at.Add(collects + deadline)) {
							t.Fatalf("seed %d: what came at %v is told of at %v", seed, at, now)
						}
						return !at.After(plan.Due[0].Through)
					})
					ran++
				}
				if plan.Missed != lates {
					t.Fatalf("seed %d: %d batches are missed, and not %d", seed, plan.Missed, lates)
				}
			}
			if len(open) > 0 && !now.Before(open[0].Add(collects)) && !waits {
				t.Fatalf("seed %d: at %v nobody took what came at %v", seed, now, open[0])
			}
		}
	}
	if ran < 1000 || late < 1000 {
		t.Errorf("that is little to go by: %d runs, %d late", ran, late)
	}
}
