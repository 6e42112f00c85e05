//go:build browser

package browser

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // for London

	"github.com/chromedp/chromedp"

	"github.com/fairlead/fairlead/internal/generate"
	"github.com/fairlead/fairlead/internal/measure"
	"github.com/fairlead/fairlead/internal/report"
	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/chromium"
)

// madeUp is a store of customers that nobody is, as of a day after their last edition.
func madeUp(t *testing.T, now time.Time) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite://"+filepath.ToSlash(filepath.Join(t.TempDir(), "crm.db")), store.Options{Create: true, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.ReportIn(t.Context(), "EUR"); err != nil {
		t.Fatal(err)
	}
	if _, err := generate.Into(t.Context(), s, generate.Options{Seed: 1, Customers: 400}, func(generate.Count) {}); err != nil {
		t.Fatal(err)
	}
	// The rates take effect with a refresh.
	for {
		done, err := s.Refresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !done.More {
			return s
		}
	}
}

// weekly writes the page of a week, and gives the report and the file.
func weekly(t *testing.T, s *store.Store, now time.Time, title, edition, previous, text string, opens time.Time) (report.Weekly, string) {
	t.Helper()
	week, err := measure.ParseWeek(text, now.Location())
	if err != nil {
		t.Fatal(err)
	}
	measured, err := measure.OfWeek(t.Context(), s, store.EditionSpan{Series: "Imaginary Air Show", Edition: edition, Previous: previous}, opens, week, now)
	if err != nil {
		t.Fatal(err)
	}
	r := report.Weekly{Title: title, Series: "Imaginary Air Show", Edition: edition, Venue: "Exhibition Centre, Nowhere", Currency: "EUR", Digits: 2, Measured: measured}
	var html bytes.Buffer
	if err := r.HTML(&html); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "weekly.html")
	if err := os.WriteFile(file, html.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return r, file
}

func TestWeeklyReport(t *testing.T) {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 7, 20, 9, 0, 0, 0, zone)
	s, browser := madeUp(t, now), chromium.Start(t)
	for name, test := range map[string]struct {
		title, edition, previous, week string
		opens                          time.Time
		charts                         int
	}{
		"after the show":  {"Imaginary Air Show 2026", "2026", "2025", "2026-W27", time.Date(2026, 6, 22, 0, 0, 0, 0, zone), 3},
		"months before":   {"Imaginary Air Show 2026", "2026", "2025", "2026-W10", time.Date(2026, 6, 22, 0, 0, 0, 0, zone), 1},
		"a first edition": {"Imaginary Air Show 2019", "2019", "", "2019-W27", time.Date(2019, 6, 22, 0, 0, 0, 0, zone), 3},
		"a hostile title": {`<script>alert(1)</script><img src=x onerror=alert(2)> "'&` + "\x00\u202e" + strings.Repeat("W", 120), "2026", "2025", "2026-W26", time.Date(2026, 6, 22, 0, 0, 0, 0, zone), 3},
	} {
		t.Run(name, func(t *testing.T) {
			r, file := weekly(t, s, now, test.title, test.edition, test.previous, test.week, test.opens)
			for _, width := range []int64{1280, 390} {
				v := chromium.Visit(browser, t, address(file), width, 900)
				expectSame(t, v, r)
				expectLegible(t, v, width)
				if got := chromium.Ask[int](v, `document.querySelectorAll("svg").length`); got != test.charts {
					t.Errorf("at %d pixels there are %d charts, want %d", width, got, test.charts)
				}
				v.Picture(fmt.Sprintf("%d.png", width))
				if width == 1280 {
					expectPages(t, v)
				}
				expectQuiet(t, v, file)
			}
		})
	}
}

// expectSame holds headings and cells to the report as text.
func expectSame(t *testing.T, v *chromium.Page, r report.Weekly) {
	t.Helper()
	plain := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	text := plain(r.Text())
	if got := chromium.Ask[string](v, `document.title`); !strings.HasPrefix(text, plain(got)) {
		t.Errorf("the page is called %q", got)
	}
	if got := chromium.Ask[string](v, `document.querySelector("h1").textContent`); !strings.Contains(text, plain(got)) {
		t.Errorf("its heading is %q", got)
	}
	if got := chromium.Ask[int](v, `document.querySelectorAll("script, img, link, iframe").length`); got != 0 {
		t.Errorf("there are %d elements that a report has not", got)
	}
	lines := chromium.Ask[[]string](v, `[...document.querySelectorAll("tbody tr:not(.group)")].map(line =>
		[line.querySelector("th").textContent, ...[...line.querySelectorAll("td")].map(cell => cell.textContent)].join(" "))`)
	if len(lines) < 20 {
		t.Errorf("the table has only %d lines", len(lines))
	}
	for _, line := range lines {
		if !strings.Contains(text, plain(line)) {
			t.Errorf("the text does not have %q", plain(line))
		}
	}
	if got := chromium.Ask[[]string](v, `[...document.querySelectorAll("svg")].filter(svg => svg.getAttribute("role") != "img" ||
		!svg.getAttribute("aria-labelledby").split(" ").every(id => document.getElementById(id).textContent.length > 5)).map(svg => svg.outerHTML)`); len(got) > 0 {
		t.Errorf("nothing is read aloud of %v", got)
	}
}

// expectLegible holds that everything is within the page, and dark enough.
func expectLegible(t *testing.T, v *chromium.Page, width int64) {
	t.Helper()
	if got := chromium.Ask[int64](v, `document.documentElement.scrollWidth`); got > width {
		t.Errorf("at %d pixels the page is %d wide", width, got)
	}
	for what, expression := range map[string]string{
		"without a size": `[...document.querySelectorAll("svg")].filter(svg => { const b = svg.getBoundingClientRect(); return b.width < 200 || b.height < 50 }).map(svg => svg.outerHTML)`,
		"outside of its chart": `[...document.querySelectorAll("svg text")].filter(text => {
			const a = text.getBoundingClientRect(), b = text.ownerSVGElement.getBoundingClientRect()
			return a.left < b.left - 1 || a.right > b.right + 1 || a.top < b.top - 1 || a.bottom > b.bottom + 1 }).map(text => text.textContent)`,
		"smaller than 10 pixels": `[...document.querySelectorAll("svg text")].filter(text => text.getBoundingClientRect().height < 10).map(text => text.textContent)`,
		"outside of the page":    `[...document.querySelectorAll("main *, header *")].filter(e => !e.closest("thead, svg") && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML)`,
		"too pale": `[...document.querySelectorAll("body *")].filter(e => [...e.childNodes].some(n => n.nodeType == 3 && n.textContent.trim())).filter(e => {
			const light = colour => { const [r, g, b] = colour.match(/\d+/g).map(c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4 }); return 0.2126 * r + 0.7152 * g + 0.0722 * b }
			let under = e
			while (under && getComputedStyle(under).backgroundColor == "rgba(0, 0, 0, 0)") under = under.parentElement
			const style = getComputedStyle(e), ink = e.closest("svg") ? style.fill : style.color
			return (light(under ? getComputedStyle(under).backgroundColor : "rgb(255, 255, 255)") + 0.05) / (light(ink) + 0.05) < 4.5 }).map(e => e.textContent)`,
	} {
		if got := chromium.Ask[[]string](v, expression); len(got) > 0 {
			t.Errorf("at %d pixels %d are %s: %s", width, len(got), what, strings.Join(got, "\n"))
		}
	}
}

var pageOfPDF = regexp.MustCompile(`/Type\s*/Page\b`)

// expectPages prints the page.
func expectPages(t *testing.T, v *chromium.Page) {
	t.Helper()
	pdf := chromium.Give(v, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground()))
	chromium.Keep(t, "printed.pdf", pdf)
	if pages := len(pageOfPDF.FindAll(pdf, -1)); pages < 1 || pages > 3 {
		t.Errorf("printed it has %d pages, want 1 to 3", pages)
	}
}
