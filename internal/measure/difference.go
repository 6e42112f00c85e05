package measure

import "math"

// Difference is by how much one figure is above another, with its interval of 95 %.
type Difference struct {
	Value float64
	Interval
}

// DifferenceOfShares is a share less another one of other observations. Its interval is the
// hybrid of two score intervals, which holds for few observations and near 0 and 1 (Newcombe,
// "Interval Estimation for the Difference between Independent Proportions: Comparison of Eleven
// Methods", Statistics in Medicine 17, 1998: method 10). There is none where a group is empty.
func DifferenceOfShares(a, b Ratio) (difference Difference, present bool) {
	of, first := a.Wilson()
	less, second := b.Wilson()
	if !first || !second {
		return Difference{}, false
	}
	p, _ := a.Value()
	q, _ := b.Value()
	difference.Value = p - q
	difference.Low = difference.Value - math.Hypot(p-of.Low, less.High-q)
	difference.High = difference.Value + math.Hypot(of.High-p, q-less.Low)
	return difference, true
}

// Sample is a number that was observed of so many: the sum of it and of its squares.
type Sample struct {
	Count        int64
	Sum, Squares float64
}

// Mean of the sample; there is none of nothing.
func (s Sample) Mean() (mean float64, present bool) {
	if s.Count == 0 {
		return 0, false
	}
	return s.Sum / float64(s.Count), true
}

// variance of the mean.
func (s Sample) variance() float64 {
	n := float64(s.Count)
	return max(0, s.Squares-s.Sum*s.Sum/n) / (n - 1) / n
}

// DifferenceOfMeans is a mean less another one of other observations. Its interval is that of
// Welch, for groups of different sizes and spreads ("The Generalization of 'Student's' Problem
// when Several Different Population Variances are Involved", Biometrika 34, 1947). There is none
// where a group has fewer than two, nor where all are alike in both: then nothing is known of how
// much they spread.
func DifferenceOfMeans(a, b Sample) (difference Difference, present bool) {
	if a.Count < 2 || b.Count < 2 {
		return Difference{}, false
	}
	first, second := a.variance(), b.variance()
	both := first + second
	if both == 0 {
		return Difference{}, false
	}
	freedom := both * both / (first*first/float64(a.Count-1) + second*second/float64(b.Count-1))
	p, _ := a.Mean()
	q, _ := b.Mean()
	half := student(freedom) * math.Sqrt(both)
	return Difference{p - q, Interval{p - q - half, p - q + half}}, true
}

// quantiles of Student's distribution for an interval of 95 %, with 1 degree of freedom and more
// (Fisher and Yates, "Statistical Tables", table III).
var quantiles = [...]float64{
	12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
	2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
}

// student is the quantile for degrees of freedom: of those in the table the next below, so that
// the interval is rather too wide, and beyond it that of the normal distribution with the first
// term of its expansion (Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.7.5),
// which is off by less than 0.003.
func student(freedom float64) float64 {
	if freedom > float64(len(quantiles)) {
		return z + (z*z*z+z)/(4*freedom)
	}
	return quantiles[max(1, int(freedom))-1]
}
