package measure

import "math"

// z is the quantile of the normal distribution for an interval of 95 %.
const z = 1.959963984540054

// Ratio is a part of a whole. Without a whole there is no ratio, which is not 0.
type Ratio struct{ Part, Whole int64 }

// Value of the ratio, and whether there is one.
func (r Ratio) Value() (value float64, present bool) {
	if r.Whole == 0 {
		return 0, false
	}
	return float64(r.Part) / float64(r.Whole), true
}

// Interval of 95 %.
type Interval struct{ Low, High float64 }

// Wilson is the interval of a ratio by the score of Wilson, which holds for few
// observations and near 0 and 1, where the interval of Wald does not (Wilson, "Probable
// Inference, the Law of Succession, and Statistical Inference", Journal of the American
// Statistical Association 22, 1927; Agresti and Coull, The American Statistician 52,
// 1998). There is none without observations.
func (r Ratio) Wilson() (interval Interval, present bool) {
	p, present := r.Value()
	if !present {
		return Interval{}, false
	}
	n := float64(r.Whole)
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return Interval{max(0, middle-half), min(1, middle+half)}, true
}

// Recommendation counts who would recommend the show: of answers from 0 to 10, promoters
// say 9 or 10 and detractors 6 or less (Reichheld, "The One Number You Need to Grow",
// Harvard Business Review, December 2003).
type Recommendation struct{ Promoters, Detractors, Answers int64 }

// NetPromoterScore is the share of promoters less that of detractors, from -100 to 100;
// there is none without answers.
func (r Recommendation) NetPromoterScore() (score float64, present bool) {
	if r.Answers == 0 {
		return 0, false
	}
	return 100 * float64(r.Promoters-r.Detractors) / float64(r.Answers), true
}

// Interval of the net promoter score, by the adjusted interval of Wald: three answers are
// added, three quarters of one to promoters and to detractors each (Rocks, "Interval
// Estimation for the Net Promoter Score", The American Statistician 70(4), 2016).
func (r Recommendation) Interval() (interval Interval, present bool) {
	if r.Answers == 0 {
		return Interval{}, false
	}
	n := float64(r.Answers) + 3
	promoters, detractors := (float64(r.Promoters)+0.75)/n, (float64(r.Detractors)+0.75)/n
	score := promoters - detractors
	half := z * math.Sqrt((promoters+detractors-score*score)/n)
	return Interval{100 * max(-1, score-half), 100 * min(1, score+half)}, true
}

// Margin is half the interval of the net promoter score, in points.
func (r Recommendation) Margin() (margin float64, present bool) {
	interval, present := r.Interval()
	return (interval.High - interval.Low) / 2, present
}
