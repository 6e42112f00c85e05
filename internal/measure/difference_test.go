package measure

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestDifferenceOfShares holds it to table II of Newcombe (1998), method 10.
func TestDifferenceOfShares(t *testing.T) {
	for _, test := range []struct {
		a, b      Ratio
		low, high float64
	}{
		{Ratio{56, 70}, Ratio{48, 80}, 0.0524, 0.3339},
		{Ratio{9, 10}, Ratio{3, 10}, 0.1705, 0.8090},
		{Ratio{6, 7}, Ratio{2, 7}, 0.0582, 0.8062},
		{Ratio{5, 56}, Ratio{0, 29}, -0.0381, 0.1926},
		{Ratio{0, 10}, Ratio{0, 20}, -0.1611, 0.2775},
		{Ratio{0, 10}, Ratio{0, 10}, -0.2775, 0.2775},
		{Ratio{10, 10}, Ratio{0, 20}, 0.6791, 1.0000},
		{Ratio{10, 10}, Ratio{0, 10}, 0.6075, 1.0000},
	} {
		got, present := DifferenceOfShares(test.a, test.b)
		if !present || math.Abs(got.Low-test.low) > 6e-5 || math.Abs(got.High-test.high) > 6e-5 {
			t.Errorf("%v less %v is within %v, want %v to %v", test.a, test.b, got, test.low, test.high)
		}
	}
}

// TestDifferenceOfMeans holds it to two samples worked by hand: 1 to 5, and 2 to 12 by twos. The
// variances of the means are 2.5/5 and 14/6, so that there are 2.8333^2 / (0.25/4 + 5.4444/5) =
// 6.97 degrees of freedom, of which 6 count.
func TestDifferenceOfMeans(t *testing.T) {
	got, present := DifferenceOfMeans(Sample{5, 15, 55}, Sample{6, 42, 364})
	if half := 2.447 * math.Sqrt(2.5/5+14.0/6); !present || !near(got.Value, -4) || !near(got.Low, -4-half) || !near(got.High, -4+half) {
		t.Errorf("it is %v", got)
	}
	if table := student(30); math.Abs(table-student(30.01)) > 0.004 || math.Abs(student(1e9)-z) > 1e-6 || student(0.5) != 12.706 || student(60) < 1.999 || student(60) > 2.001 {
		t.Errorf("quantiles are %v, %v, %v", table, student(30.01), student(60))
	}
}

// TestNoDifference: of nobody nothing is said, nor of means where nothing spreads.
func TestNoDifference(t *testing.T) {
	for _, test := range [][2]Ratio{{{}, {1, 2}}, {{1, 2}, {}}, {}} {
		if got, present := DifferenceOfShares(test[0], test[1]); present {
			t.Errorf("%v are %v apart", test, got)
		}
	}
	some := Sample{9, 18, 40}
	for _, test := range [][2]Sample{{{}, some}, {some, {}}, {some, {1, 5, 25}}, {{4, 0, 0}, {9, 0, 0}}} {
		if got, present := DifferenceOfMeans(test[0], test[1]); present {
			t.Errorf("%v are %v apart", test, got)
		}
	}
	if _, present := (Sample{}).Mean(); present {
		t.Error("nothing has a mean")
	}
}

// TestDifferenceWithinItsInterval: whatever is compared, and the other way round it is the same.
func TestDifferenceWithinItsInterval(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 4_000 {
		share := func() Ratio {
			n := 1 + random.Int64N(1+random.Int64N(5_000))
			return Ratio{random.Int64N(n + 1), n}
		}
		a, b := share(), share()
		d, present := DifferenceOfShares(a, b)
		if !present || d.Value < d.Low || d.Value > d.High || d.Low < -1-1e-9 || d.High > 1+1e-9 {
			t.Fatalf("%v less %v is %v", a, b, d)
		}
		if back, _ := DifferenceOfShares(b, a); math.Abs(back.Low+d.High) > 1e-12 || math.Abs(back.High+d.Low) > 1e-12 {
			t.Fatalf("%v less %v is %v, and the other way round %v", a, b, d, back)
		}
		x, y := sampleOf(random, 2+random.IntN(40), 1), sampleOf(random, 2+random.IntN(40), 3)
		if m, present := DifferenceOfMeans(x, y); !present || !(m.Low < m.Value && m.Value < m.High) {
			t.Fatalf("%v less %v is %v", x, y, m)
		}
	}
}

// sampleOf observes so many of a normal distribution about 0.
func sampleOf(random *rand.Rand, n int, spread float64) Sample {
	s := Sample{Count: int64(n)}
	for range n {
		x := spread * random.NormFloat64()
		s.Sum, s.Squares = s.Sum+x, s.Squares+x*x
	}
	return s
}

// TestCoverage: of a hundred intervals 95 hold what is true, or of small shares a few more.
func TestCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const times = 4_000
	draw := func(n int, p float64) Ratio {
		part := int64(0)
		for range n {
			if random.Float64() < p {
				part++
			}
		}
		return Ratio{part, int64(n)}
	}
	for _, test := range []struct {
		n, m int
		p, q float64
	}{{180, 20, 0.12, 0.08}, {90, 10, 0.3, 0.3}, {40, 40, 0.05, 0.02}} {
		holds := 0
		for range times {
			if d, _ := DifferenceOfShares(draw(test.n, test.p), draw(test.m, test.q)); d.Low <= test.p-test.q && test.p-test.q <= d.High {
				holds++
			}
		}
		if share := float64(holds) / times; share < 0.94 || share > 0.99 {
			t.Errorf("of shares %+v %.4f hold", test, share)
		}
	}
	for _, test := range []struct {
		n, m   int
		spread float64
	}{{90, 10, 1}, {8, 5, 4}, {200, 50, 0.2}} {
		holds := 0
		for range times {
			if d, _ := DifferenceOfMeans(sampleOf(random, test.n, 1), sampleOf(random, test.m, test.spread)); d.Low <= 0 && 0 <= d.High {
				holds++
			}
		}
		if share := float64(holds) / times; share < 0.94 || share > 0.965 {
			t.Errorf("of means %+v %.4f hold", test, share)
		}
	}
}
