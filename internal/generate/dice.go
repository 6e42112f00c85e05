package generate

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// topic keeps the chances of one thing apart from those of another: a change in
// what is made up of visits leaves bookings as they were.
type topic uint64

const (
	onFirm topic = iota + 1
	onPerson
	onHistory
	onTrail
	onRelations
	onOwner
	onPoints
	onVisits
	onMoney
	onInteractions
	onFeedback
	onComplaint
	onReferral
	onRivals
	onPreferences
	onConsent
	onSuppression
	onRates
	onLists
	onStaff
)

// dice are a sequence of chances. They round nothing by floating point.
type dice struct{ pcg rand.PCG }

// throw begins the chances of one topic, of one customer and a part of it.
func (w *world) throw(about topic, n, part int) dice {
	high := scramble(scramble(scramble(w.seed^uint64(about)<<56)^uint64(n)) ^ uint64(part))
	var d dice
	d.pcg.Seed(high, scramble(high))
	return d
}

// scramble is the finalizer of SplitMix64: neighbouring numbers come far apart.
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below gives a number from 0 to n-1. How it comes from the bits is fixed here,
// so that no release of Go changes it.
func (d *dice) below(n int) int {
	high, _ := bits.Mul64(d.pcg.Uint64(), uint64(n))
	return int(high)
}

// between gives a number from low to high, both included.
func (d *dice) between(low, high int) int { return low + d.below(high-low+1) }

// often is true so many times of a thousand.
func (d *dice) often(permille int) bool { return d.below(1000) < permille }

// pick one of several.
func pick[T any](d *dice, from []T) T { return from[d.below(len(from))] }

// normal gives a normal deviate in thousandths: the sum of twelve uniform ones
// is near enough.
func (d *dice) normal() int64 {
	sum := -6000 + 6
	for range 3 {
		// Four at once: each needs no more than 16 bits.
		x := d.pcg.Uint64()
		for range 4 {
			sum += int(x & 0xffff * 1000 >> 16)
			x >>= 16
		}
	}
	return int64(sum)
}

// powers of two at 64ths, as fractions of 2^16. Rounded so far, every machine
// computes the same.
var powers = func() (table [64]int64) {
	for i := range table {
		table[i] = int64(math.Round(math.Exp2(float64(i)/64) * 65536))
	}
	return table
}()

// logNormal gives a log-normal number by its median and by sigma in thousandths.
func (d *dice) logNormal(median, sigma int64) int64 {
	exponent := d.normal() * sigma / 1000 * 64_000 / 693_147
	value := median * powers[exponent&63]
	if shift := 16 - exponent>>6; shift >= 0 {
		return value >> shift
	}
	return value << (exponent>>6 - 16)
}

// draw gives the position of one of several weights, in proportion to them.
func (d *dice) draw(weights []int) int {
	total := 0
	for _, weight := range weights {
		total += weight
	}
	at := d.below(total)
	for i, weight := range weights {
		if at -= weight; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}
