package store

import (
	"database/sql/driver"
	"math"
	"math/big"
	"strings"

	sqlitedriver "modernc.org/sqlite"
)

// What expressions are computed with, for SQLite; PostgreSQL has the same from a
// migration. They give nothing where CEL has an error.

func init() {
	for name, compute := range map[string]func(a, b int64) (int64, bool){
		"whole_sum": wholeSum, "whole_difference": wholeDifference, "whole_product": wholeProduct, "whole_quotient": wholeQuotient, "whole_remainder": wholeRemainder,
		"decimal_product": decimalProduct, "decimal_quotient": decimalQuotient, "converted": converted,
	} {
		register(name, 2, func(args []driver.Value) driver.Value {
			a, hasA := args[0].(int64)
			b, hasB := args[1].(int64)
			if !hasA || !hasB {
				return nil
			}
			if result, is := compute(a, b); is {
				return result
			}
			return nil
		})
	}
	for name, tell := range map[string]func(a, b string) bool{"text_contains": strings.Contains, "text_ends": strings.HasSuffix} {
		register(name, 2, func(args []driver.Value) driver.Value {
			a, hasA := args[0].(string)
			b, hasB := args[1].(string)
			if !hasA || !hasB {
				return nil
			}
			return tell(a, b)
		})
	}
	register("within", 3, func(args []driver.Value) driver.Value {
		a, has := args[0].(int64)
		least, hasLeast := args[1].(int64)
		most, hasMost := args[2].(int64)
		if !has || !hasLeast || !hasMost || a < least || a > most {
			return nil
		}
		return a
	})
}

func register(name string, args int32, compute func(args []driver.Value) driver.Value) {
	sqlitedriver.MustRegisterDeterministicScalarFunction(name, args, func(_ *sqlitedriver.FunctionContext, args []driver.Value) (driver.Value, error) {
		return compute(args), nil
	})
}

// decimalUnits are the units of a decimal of expressions in 1.
const decimalUnits = 1_000_000

func exact(a, b int64, compute func(result, a, b *big.Int) *big.Int) (int64, bool) {
	result := compute(new(big.Int), big.NewInt(a), big.NewInt(b))
	return result.Int64(), result.IsInt64()
}

func wholeSum(a, b int64) (int64, bool)        { return exact(a, b, (*big.Int).Add) }
func wholeDifference(a, b int64) (int64, bool) { return exact(a, b, (*big.Int).Sub) }
func wholeProduct(a, b int64) (int64, bool)    { return exact(a, b, (*big.Int).Mul) }

func wholeQuotient(a, b int64) (int64, bool) {
	if b == 0 || a == math.MinInt64 && b == -1 {
		return 0, false
	}
	return a / b, true
}

func wholeRemainder(a, b int64) (int64, bool) {
	if b == 0 || a == math.MinInt64 && b == -1 {
		return 0, false
	}
	return a % b, true
}

func decimalProduct(a, b int64) (int64, bool) {
	result := divided(new(big.Int).Mul(big.NewInt(a), big.NewInt(b)), big.NewInt(decimalUnits))
	return result.Int64(), result.IsInt64()
}

// decimalQuotient has no result that PostgreSQL's function does not have: it keeps to
// what has a negative, too.
func decimalQuotient(a, b int64) (int64, bool) {
	if b == 0 {
		return 0, false
	}
	result := divided(new(big.Int).Mul(big.NewInt(a), big.NewInt(decimalUnits)), big.NewInt(b))
	return result.Int64(), result.IsInt64() && result.Int64() != math.MinInt64
}

// divided is rounded half away from zero.
func divided(a, b *big.Int) *big.Int {
	half := new(big.Int).Abs(b)
	doubled := new(big.Int).Abs(a)
	doubled.Add(doubled.Lsh(doubled, 1), half)
	result := doubled.Quo(doubled, half.Lsh(half, 1))
	if a.Sign()*b.Sign() < 0 {
		result.Neg(result)
	}
	return result
}
