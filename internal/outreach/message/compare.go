package message

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
)

// equal is the function eq.
func equal(value any, others ...any) bool {
	return slices.ContainsFunc(others, func(other any) bool { return compare(value, other, 0) })
}

// compare tells whether the order of two values is one of those wanted. What is
// not known has no order.
func compare(a, b any, wanted ...int) bool {
	order, known := orderOf(a, b)
	return known && slices.Contains(wanted, order)
}

func orderOf(a, b any) (order int, known bool) {
	switch a := a.(type) {
	case string:
		b, is := b.(string)
		return strings.Compare(a, b), is
	case bool:
		b, is := b.(bool)
		return cmp.Compare(digit(a), digit(b)), is
	case *Date:
		b, is := b.(*Date)
		if !is || a == nil || b == nil {
			return 0, false
		}
		return a.At.Compare(b.At), true
	}
	return numericOrder(a, b)
}

func digit(truth bool) int {
	if truth {
		return 1
	}
	return 0
}

// numericOrder compares numbers and amounts by value, exactly.
func numericOrder(a, b any) (order int, known bool) {
	first, knownFirst := decimalOf(a)
	second, knownSecond := decimalOf(b)
	if !knownFirst || !knownSecond {
		return 0, false
	}
	x, ok := new(big.Rat).SetString(first)
	y, also := new(big.Rat).SetString(second)
	if !ok || !also {
		return 0, false
	}
	return x.Cmp(y), true
}
