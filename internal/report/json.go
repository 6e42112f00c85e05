package report

import (
	"encoding/json"
	"io"
	"math"
	"time"

	"github.com/fairlead/fairlead/internal/measure"
)

// JSON is the report for programs: numbers in the units of Figures, amounts in whole and
// parts of the reporting currency, null where nothing is known.
func (w Weekly) JSON(out io.Writer) error {
	m := w.Measured
	type span struct {
		Week  string    `json:"week"`
		From  time.Time `json:"from"`
		Until time.Time `json:"until"`
	}
	type lastCycle struct {
		Edition      string `json:"edition"`
		WeeksEarlier int    `json:"weeksEarlier"`
		span
	}
	type number struct {
		Value  float64  `json:"value"`
		Margin *float64 `json:"margin,omitempty"`
		Of     *int64   `json:"of,omitempty"`
	}
	type figure struct {
		Name  string             `json:"name"`
		Unit  string             `json:"unit"`
		Means string             `json:"means"`
		In    map[string]*number `json:"in"`
	}
	all := struct {
		Series  string `json:"series"`
		Edition string `json:"edition"`
		Title   string `json:"title"`
		span
		LastCycle   *lastCycle  `json:"lastCycle"`
		Currency    string      `json:"currency,omitempty"`
		Figures     []figure    `json:"figures"`
		Dimensions  []dimension `json:"dimensions"`
		Undated     int64       `json:"undated"`
		Unconverted int64       `json:"unconverted"`
	}{
		Series: w.Series, Edition: w.Edition, Title: w.Title, span: span{m.Week.String(), m.Week.Begins(), m.Until}, Currency: w.Currency,
		Dimensions: append([]dimension{}, w.dimensions()...), Undated: m.Undated, Unconverted: m.Unconverted,
	}
	if shift, cycle := m.Shift(); cycle {
		week := m.At(measure.LastCycle)
		all.LastCycle = &lastCycle{m.Previous, shift, span{week.String(), week.Begins(), m.UntilOf(measure.LastCycle)}}
	}
	columns := w.columns()
	for _, f := range Figures() {
		one := figure{Name: f.Key, Unit: f.Unit, Means: f.Meaning, In: map[string]*number{}}
		for at, c := range w.line(f).Cells {
			one.In[columns[at].key] = nil
			if c.value != nil {
				value := c.value.number
				if f.Unit == "reporting currency" {
					value /= math.Pow10(w.Digits)
				}
				one.In[columns[at].key] = &number{value, c.value.margin, c.value.whole}
			}
		}
		all.Figures = append(all.Figures, one)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(all)
}
