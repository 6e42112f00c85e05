package measure

import (
	"math"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-4 }

// TestIntervals holds intervals to vectors worked by hand.
func TestIntervals(t *testing.T) {
	// 5.75 and 2.75 of 13; the variance is 8.5/13 - (3/13)^2.
	r := Recommendation{Promoters: 5, Detractors: 2, Answers: 10}
	score, _ := r.NetPromoterScore()
	interval, present := r.Interval()
	margin, _ := r.Margin()
	if score != 30 || !present || !near(interval.Low, -19.0506) || !near(interval.High, 65.2045) || !near(margin, 42.1275) {
		t.Errorf("the score is %v, from %v, with a margin of %v", score, interval, margin)
	}
	// 1.75 and 0.75 of 4; the variance is 2.5/4 - (1/4)^2 = 0.75^2, and half the interval z * 0.375.
	if one, _ := (Recommendation{Promoters: 1, Answers: 1}).Interval(); !near(one.Low, -48.4986) || !near(one.High, 98.4986) {
		t.Errorf("of one promoter the score is within %v", one)
	}
	if all, _ := (Recommendation{Promoters: 3, Answers: 3}).Interval(); all.High != 100 {
		t.Errorf("of three promoters the score is within %v", all)
	}
	for what, test := range map[string]struct {
		of        Ratio
		low, high float64
	}{
		"8 of 10": {Ratio{8, 10}, 0.490162, 0.943318},
		"0 of 10": {Ratio{0, 10}, 0, 0.277533},
		"1 of 1":  {Ratio{1, 1}, 0.206549, 1},
	} {
		if got, present := test.of.Wilson(); !present || !near(got.Low, test.low) || !near(got.High, test.high) {
			t.Errorf("%s is within %v, want %v to %v", what, got, test.low, test.high)
		}
	}
}

// TestNoData: what nobody knows is absent.
func TestNoData(t *testing.T) {
	if _, present := (Ratio{}).Value(); present {
		t.Error("nothing of nothing is a ratio")
	}
	if _, present := (Ratio{}).Wilson(); present {
		t.Error("it has an interval")
	}
	if _, present := (Recommendation{}).NetPromoterScore(); present {
		t.Error("without answers there is a score")
	}
	if _, present := (Recommendation{}).Margin(); present {
		t.Error("it has a margin")
	}
	if _, present := (Mean{}).Value(); present {
		t.Error("the mean of nothing is there")
	}
	if value, present := (Mean{Sum: -250, Count: 4}).Value(); !present || value != -0.625 {
		t.Errorf("the mean is %v", value)
	}
}
