package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // for Berlin

	"github.com/fairlead/fairlead/internal/measure"
)

func week(t *testing.T, text string) measure.Week {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	of, err := measure.ParseWeek(text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return of
}

// fair is a week of a made-up edition, 51 weeks after that of the last cycle.
func fair(t *testing.T) Weekly {
	t.Helper()
	sum := func(n int64) measure.Sum { return measure.Sum{Int64: n, Valid: true} }
	m := &measure.Weekly{
		Week: week(t, "2026-W13"), Until: week(t, "2026-W13").Ends(), Opens: week(t, "2026-W20"), PreviousOpens: week(t, "2025-W21"), Previous: "2025",
		Contracts: []measure.Point{{Weeks: -8, Contracts: 2}, {Weeks: -7, Contracts: 5}}, LastContracts: []measure.Point{{Weeks: -9, Contracts: 1}, {Weeks: 0, Contracts: 9}},
		Undated: 1, Unconverted: 1_200,
	}
	m.Figures[measure.ThisWeek] = &measure.Figures{
		Enquiries: 1, Booked: 4, Stands: 3, Area: sum(3_550), Revenue: sum(1_234_567_50), Rebooked: sum(1), New: sum(2), Cancelled: 1,
		Standing: 1_005, StandingArea: sum(390_000), StandingRevenue: sum(2_650_00), Responses: 4, Recommendation: measure.Recommendation{Promoters: 1, Detractors: 1, Answers: 2},
		Satisfied: measure.Ratio{Part: 1, Whole: 3}, Gap: measure.Mean{Sum: -150, Count: 2}, Praise: measure.Ratio{Part: 2, Whole: 4},
		Opened: 2, Answered: 2, Resolved: 2, Unresolved: 2, Late: 1, Outcomes: []measure.Count{{Name: "", Count: 1}, {Name: "Solved", Count: 1}},
	}
	m.Figures[measure.WeekBefore] = &measure.Figures{Enquiries: 3, Booked: 4, Area: sum(900), Rebooked: sum(0), New: sum(0), Satisfied: measure.Ratio{Part: 1, Whole: 2}, Visitors: sum(0)}
	m.Figures[measure.LastCycle] = &measure.Figures{}
	so := *m.Figures[measure.ThisWeek]
	so.Dimensions = []measure.Gap{{Name: "service", Customers: 1, Mean: measure.Mean{Sum: -200, Count: 1}}}
	m.Figures[measure.SoFar] = &so
	m.Figures[measure.LastCycleSoFar] = &measure.Figures{Standing: 990, Dimensions: []measure.Gap{{Name: "price", Customers: 2, Mean: measure.Mean{Sum: 50, Count: 2}}}}
	return Weekly{Title: "The Fair", Series: "Fair", Edition: "2026", Venue: "Hall, Town", Currency: "EUR", Digits: 2, Measured: m}
}

// lineOf is the line of a text that has a name, with single spaces.
func lineOf(text, name string) string {
	for line := range strings.Lines(text) {
		if plain := strings.Join(strings.Fields(line), " "); strings.HasPrefix(plain, name+" ") {
			return plain
		}
	}
	return ""
}

func TestText(t *testing.T) {
	text := fair(t).Text()
	for _, want := range []string{
		"The Fair: week 2026-W13\nFair 2026, Hall, Town\n2026-W13, 23 to 29 Mar 2026 (Europe/Berlin), 7 weeks before the opening week\n",
		"Last cycle: 2025-W14, at the same distance from the opening of 2025, 51 weeks earlier.\n",
		"1 participation of a list says no day of booking: in no figure here.\n", "1,200 prices and invoices have no exchange rate: in no sum here.\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	for name, want := range map[string]string{
		"THIS WEEK":           "THIS WEEK WEEK BEFORE LAST CYCLE SO FAR LAST CYCLE SO FAR",
		"23":                  "23 to 29 Mar 2026 16 to 22 Mar 2026 31 Mar to 6 Apr 2025 to 29 Mar 2026 to 6 Apr 2025",
		"Enquiries":           "Enquiries 1 3 (-2) 0 (+1) 1 0 (+1)",
		"Booked":              "Booked 4 4 (=) 0 (+4) 4 0 (+4)",
		"new customers":       "new customers 2 0 (+2) - 2 -",
		"Area booked, m²":     "Area booked, m² 35.5 9 (+26.5) - 35.5 -",
		"Revenue booked, EUR": "Revenue booked, EUR 1,234,568 - - 1,234,568 -",
		"Contracts standing":  "Contracts standing 1,005 0 (+1,005) 0 (+1,005) 1,005 990 (+15)",
		"Visitors":            "Visitors - 0 - - -",
		// 1.75 of 5 each; the variance is 0.7/5, and half the interval z * 0.374.
		"Net promoter score":            "Net promoter score 0 ±73 - - 0 ±73 -",
		"Satisfied":                     "Satisfied 33.3 % of 3 50.0 % of 2 (-16.7) - 33.3 % of 3 -",
		"Satisfaction gap":              "Satisfaction gap -0.75 - - -0.75 -",
		"Praise":                        "Praise 2 of 4 - - 2 of 4 -",
		"solved":                        "solved 1 0 (+1) 0 (+1) 1 0 (+1)",
		"service":                       "service -2.00 -",
		"price":                         "price - 0.25",
		"late":                          "late 1 0 (+1) 0 (+1) 1 0 (+1)",
		"compensated":                   "",
		"Cancelled":                     "Cancelled 1 0 (+1) 0 (+1) 1 0 (+1)",
		"rebooked":                      "rebooked 1 0 (+1) - 1 -",
		"SATISFACTION GAP BY DIMENSION": "SATISFACTION GAP BY DIMENSION SO FAR LAST CYCLE SO FAR",
		"Revenue standing, EUR":         "Revenue standing, EUR 2,650 - - 2,650 -",
	} {
		if got := lineOf(text, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestWithoutLastCycle(t *testing.T) {
	w := fair(t)
	w.Measured.PreviousOpens, w.Measured.Previous, w.Measured.LastContracts = measure.Week{}, "", nil
	w.Measured.Figures[measure.LastCycle], w.Measured.Figures[measure.LastCycleSoFar] = nil, nil
	w.Measured.Until = w.Measured.Week.Begins().Add(60 * time.Hour)
	text := w.Text()
	for name, want := range map[string]string{
		"Booked": "Booked 4 4 (=) - 4 -", "Last cycle: none,": "Last cycle: none, since no previous edition with its dates is known.",
		"2026-W13,": "2026-W13, 23 to 25 Mar 2026 (Europe/Berlin), 7 weeks before the opening week; not over yet: up to Wednesday 12:00",
		"23":        "23 to 25 Mar 2026 16 to 18 Mar 2026 none to 25 Mar 2026 none",
	} {
		if got := lineOf(text, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if page := html(t, w); !strings.Contains(page, "5 contracts stand at the end of the week.") || strings.Contains(page, "last cycle had") {
		t.Error("the chart of contracts says something else")
	}
}

func html(t *testing.T, w Weekly) string {
	t.Helper()
	var out bytes.Buffer
	if err := w.HTML(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// hostile names would break a table, steer a terminal or be a program.
const hostile = "<script>alert(1)</script>|a*b_[c](javascript:d)`e`\n# f \x1b[2J\u202eg & <img src=x onerror=h>"

func TestHostileNames(t *testing.T) {
	w := fair(t)
	w.Title, w.Series, w.Venue, w.Edition, w.Measured.Previous = hostile, hostile, hostile, hostile, hostile
	w.Measured.Figures[measure.SoFar].Dimensions[0].Name = hostile
	for name, text := range map[string]string{"text": w.Text(), "Markdown": w.Markdown(), "HTML": html(t, w)} {
		if strings.ContainsAny(text, "\x1b\u202e") {
			t.Errorf("%s has a control character", name)
		}
		if name != "text" && (strings.Contains(text, "<script") || strings.Contains(text, "<img")) {
			t.Errorf("%s has elements of a name", name)
		}
	}
	if lines := strings.Count(w.Text(), "\n"); lines != strings.Count(fair(t).Text(), "\n") {
		t.Errorf("the text has %d lines", lines)
	}
	markdown := w.Markdown()
	if got, want := strings.Count(markdown, "\n"), strings.Count(fair(t).Markdown(), "\n"); got != want {
		t.Errorf("the Markdown has %d lines, want %d", got, want)
	}
	for _, want := range []string{`\|a\*b\_\[c\](javascript:d)\`, `\# f`, "&lt;script\\>", "&amp; &lt;img"} {
		if !strings.Contains(markdown, want) {
			t.Errorf("the Markdown does not have %q", want)
		}
	}
	for line := range strings.Lines(markdown) {
		bars := strings.Count(line, "|") - strings.Count(line, `\|`)
		if strings.HasPrefix(line, "|") && bars != 7 && bars != 4 {
			t.Errorf("a line of a table has %d bars: %s", bars, line)
		}
	}
}

func TestHTML(t *testing.T) {
	page := html(t, fair(t))
	for _, want := range []string{
		`<html lang="en">`, `<title>The Fair: week 2026-W13</title>`, `<caption>`, `<th scope="col" role="columnheader">Last cycle <span class="dates">31 Mar to 6 Apr 2025</span></th>`,
		`<th scope="row" role="rowheader">Revenue booked, EUR</th><td role="cell"><span class="number">1,234,568</span></td>`,
		`<desc id="contracts-desc">5 contracts stand at the end of the week. At the same distance from the opening the last cycle had 1, and in the end 9.</desc>`,
		`@page { size: A4;`, `<desc id="outcomes-desc">open, and late 1; open, not late 1; solved 1; resolved, no outcome recorded 1.</desc>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	for _, unwanted := range []string{"http://", "https://", "<script", "<link", "src=", "url(", "ZgotmplZ"} {
		if strings.Contains(strings.ReplaceAll(page, `xmlns="http://www.w3.org/2000/svg"`, ""), unwanted) {
			t.Errorf("the page has %q", unwanted)
		}
	}
}

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	if err := fair(t).Write(&out, "json"); err != nil {
		t.Fatal(err)
	}
	var read struct {
		Week      string
		From      time.Time
		LastCycle struct {
			Week         string
			WeeksEarlier int
		}
		Figures []struct {
			Name string
			In   map[string]*struct {
				Value  float64
				Margin *float64
				Of     *int64
			}
		}
		Undated int64
	}
	if err := json.Unmarshal(out.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	if read.Week != "2026-W13" || read.From.Format(time.RFC3339) != "2026-03-23T00:00:00+01:00" || read.LastCycle.Week != "2025-W14" || read.LastCycle.WeeksEarlier != 51 || read.Undated != 1 {
		t.Errorf("it says %+v", read)
	}
	for _, f := range read.Figures {
		this, last := f.In["thisWeek"], f.In["lastCycle"]
		switch {
		case len(f.In) != 5:
			t.Errorf("%s has %d columns", f.Name, len(f.In))
		case f.Name == "revenueBooked" && (this.Value != 1234567.5 || last != nil), f.Name == "areaBooked" && this.Value != 35.5,
			f.Name == "praise" && (this.Value != 2 || *this.Of != 4), f.Name == "visitors" && this != nil:
			t.Errorf("%s is %+v and %+v", f.Name, this, last)
		}
	}
	if len(read.Figures) != len(Figures()) {
		t.Errorf("there are %d figures", len(read.Figures))
	}
}

// TestGuide: the guide defines every figure as it is defined here.
func TestGuide(t *testing.T) {
	guide, err := os.ReadFile("../../docs/guides/weekly-report.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Figures() {
		name := f.Name
		if f.part {
			name = "– " + name
		}
		if want := fmt.Sprintf("| %s | `%s` | %s |", name, f.Key, f.Meaning); !strings.Contains(string(guide), want+"\n") {
			t.Errorf("the guide does not have\n%s", want)
		}
	}
}
