package loyalty

import (
	"cmp"
	"math"
	"slices"

	"github.com/fairlead/fairlead/internal/store"
)

// Left is what is left of each lot of a statement to be redeemed, in its order: what was used is
// taken of the lots that expire first. Of a lot that has expired, or was not earned yet, nothing
// is left.
func Left(s store.Statement) []int64 {
	order := make([]int, len(s.Lots))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(expiry(s.Lots[a]), expiry(s.Lots[b])) })
	expired := func(at int64) (sum int64) {
		for _, l := range s.Lots {
			if expiry(l) <= at {
				sum += l.Points
			}
		}
		return sum
	}
	// How far the queue of lots is gone: see internal/store/loyalty_members.go.
	gone := int64(0)
	for _, u := range s.Uses {
		gone = max(gone, expired(u.At)) + u.Points
	}
	gone = max(gone, expired(s.AsOf))
	left := make([]int64, len(s.Lots))
	for _, i := range order {
		taken := min(gone, s.Lots[i].Points)
		gone -= taken
		if left[i] = s.Lots[i].Points - taken; s.Lots[i].EarnedAt > s.AsOf {
			left[i] = 0
		}
	}
	return left
}

// expiry of a lot; the end of time where it has none.
func expiry(l store.Lot) int64 {
	if l.ExpiresAt == 0 {
		return math.MaxInt64
	}
	return l.ExpiresAt
}

// ExpiringBy are the points that will be gone by an instant, in milliseconds, unless they are
// redeemed before.
func ExpiringBy(s store.Statement, until int64) (sum int64) {
	for i, left := range Left(s) {
		if expiry(s.Lots[i]) <= until {
			sum += left
		}
	}
	return sum
}

// Discount is what a tier takes off a price in minor units, rounded half up.
func Discount(price int64, tier *store.Tier) int64 {
	if tier == nil {
		return 0
	}
	return (price*tier.BoothDiscountPercent + 50) / 100
}

// Discounts are what tiers take off prices by tier.
func Discounts(prices map[string]int64, terms *store.Terms) (sum int64) {
	if terms == nil {
		return 0
	}
	for tier, price := range prices {
		sum += Discount(price, terms.Tier(tier))
	}
	return sum
}
