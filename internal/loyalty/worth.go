package loyalty

import (
	"math/big"

	"github.com/fairlead/fairlead/internal/store"
)

// Worth is what points are worth at so much a point, in units of a currency with so many digits
// after the point, rounded half away from zero. Fewer than none are worth none. "" if the value
// cannot be read.
func Worth(points int64, value string, digits int) string {
	each, is := new(big.Rat).SetString(value)
	if !is {
		return ""
	}
	return new(big.Rat).Mul(big.NewRat(max(0, points), store.PointUnits), each).FloatString(digits)
}
