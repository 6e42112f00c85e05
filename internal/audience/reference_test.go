package audience

import (
	"cmp"
	"errors"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// What cel-go itself needs to evaluate an expression on one customer: values for the
// types of expressions, and bindings of their functions. It is the reference that the
// translation is held to.

// record is a customer, a series or attributes: fields that are not there are absent.
type record struct {
	kind   *types.Type
	fields map[string]ref.Val
	// store is what functions of customer look into.
	store *known
}

// known is what is known of a customer beside its fields.
type known struct {
	series   map[string]map[string]*record // by series, then role; "" is the main one
	segments map[[2]string]bool
	tiers    map[string]string
	// points and missing, by program, are those that can be redeemed, and those to the next tier.
	points, missing map[string]decimal
	lists           map[string]bool
	today           time.Time
}

func (r *record) ConvertToNative(reflect.Type) (any, error) { return nil, errors.New("not needed") }
func (r *record) ConvertToType(ref.Type) ref.Val            { return types.NewErr("not needed") }
func (r *record) Equal(ref.Val) ref.Val                     { return types.NewErr("not needed") }
func (r *record) Type() ref.Type                            { return r.kind }
func (r *record) Value() any                                { return r.fields }

// Get gives a field; an absent one is an error.
func (r *record) Get(name ref.Val) ref.Val {
	if value, has := r.fields[string(name.(types.String))]; has {
		return value
	}
	return types.NewErr("absent: %v", name)
}

// IsSet is what has() asks.
func (r *record) IsSet(name ref.Val) ref.Val {
	_, has := r.fields[string(name.(types.String))]
	return types.Bool(has)
}

var (
	_ traits.Indexer     = &record{}
	_ traits.FieldTester = &record{}
)

// decimal is a value of decimalType.
type decimal int64

func (d decimal) ConvertToNative(reflect.Type) (any, error) { return int64(d), nil }
func (d decimal) ConvertToType(ref.Type) ref.Val            { return types.NewErr("not needed") }
func (d decimal) Equal(other ref.Val) ref.Val               { return types.Bool(other == ref.Val(d)) }
func (d decimal) Type() ref.Type                            { return runtimeDecimal }
func (d decimal) Value() any                                { return int64(d) }

// runtimeDecimal says what can be done with decimals.
var runtimeDecimal = types.NewObjectType("decimal", traits.AdderType, traits.SubtractorType, traits.MultiplierType, traits.DividerType, traits.NegatorType, traits.ComparerType)

func (d decimal) big() *big.Int { return big.NewInt(int64(d)) }

func (d decimal) Add(other ref.Val) ref.Val {
	return decimalResult(new(big.Int).Add(d.big(), other.(decimal).big()))
}

func (d decimal) Subtract(other ref.Val) ref.Val {
	return decimalResult(new(big.Int).Sub(d.big(), other.(decimal).big()))
}

func (d decimal) Negate() ref.Val { return decimalResult(new(big.Int).Neg(d.big())) }

func (d decimal) Multiply(other ref.Val) ref.Val {
	return decimalResult(rounded(new(big.Int).Mul(d.big(), other.(decimal).big()), big.NewInt(decimalUnits)))
}

func (d decimal) Divide(other ref.Val) ref.Val {
	if other.(decimal) == 0 {
		return types.NewErr("division by zero")
	}
	result := rounded(new(big.Int).Mul(d.big(), big.NewInt(decimalUnits)), other.(decimal).big())
	if result.Cmp(big.NewInt(math.MinInt64)) == 0 {
		return types.NewErr("decimal overflow")
	}
	return decimalResult(result)
}

func (d decimal) Compare(other ref.Val) ref.Val { return types.Int(cmp.Compare(d, other.(decimal))) }

func decimalResult(v *big.Int) ref.Val {
	if !v.IsInt64() {
		return types.NewErr("decimal overflow")
	}
	return decimal(v.Int64())
}

// rounded is a/b, half away from zero.
func rounded(a, b *big.Int) *big.Int {
	quotient := new(big.Rat).SetFrac(a, b)
	half := big.NewRat(1, 2)
	if quotient.Sign() < 0 {
		half.Neg(half)
	}
	quotient.Add(quotient, half)
	return new(big.Int).Quo(quotient.Num(), quotient.Denom())
}

// bind gives the functions of expressions their meaning, for a customer of today.
// What operators do with decimals is theirs.
func bind(today time.Time) func(function) []cel.OverloadOpt {
	return func(f function) []cel.OverloadOpt {
		if strings.ContainsAny(f.name, "_") {
			return nil
		}
		return []cel.OverloadOpt{cel.FunctionBinding(func(args ...ref.Val) ref.Val { return called(f, today, args) })}
	}
}

// widen makes decimals of whole numbers beside decimals: cel-go's own operators ask
// the first operand what to do.
func widen(checked *cel.Ast) {
	tree := checked.NativeRep()
	factory, next := ast.NewExprFactory(), ast.MaxID(tree)+1
	ast.PostOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		overloads := tree.GetOverloadIDs(e.ID())
		if e.Kind() != ast.CallKind || len(overloads) != 1 {
			return
		}
		name, isMixed := strings.CutSuffix(overloads[0], "_decimal_int")
		if !isMixed {
			name, isMixed = strings.CutSuffix(overloads[0], "_int_decimal")
		}
		if !isMixed {
			return
		}
		args := slices.Clone(e.AsCall().Args())
		for i, arg := range args {
			if tree.GetType(arg.ID()) == types.IntType {
				args[i] = factory.NewCall(next, "decimal", arg)
				tree.SetReference(next, ast.NewFunctionReference("decimal_of_int"))
				tree.SetType(next, decimalType)
				next++
			}
		}
		e.SetKindCase(factory.NewCall(e.ID(), e.AsCall().FunctionName(), args...))
		tree.SetReference(e.ID(), ast.NewFunctionReference(name+"_decimal"))
	}))
}

func called(f function, today time.Time, args []ref.Val) ref.Val {
	text := func(i int) string { return string(args[i].(types.String)) }
	switch f.name {
	case "now":
		return types.Timestamp{Time: today}
	case "daysAgo":
		return types.Timestamp{Time: today.AddDate(0, 0, -int(args[0].(types.Int)))}
	case "decimal":
		if double, is := args[0].(types.Double); is {
			value, _ := decimalOf(float64(double))
			return decimal(value)
		}
		return decimalResult(timesTen(int64(args[0].(types.Int)), decimalDigits))
	case "lowerAscii":
		return types.String(strings.Map(func(r rune) rune {
			if r >= 'A' && r <= 'Z' {
				return r + 'a' - 'A'
			}
			return r
		}, text(0)))
	}
	of := args[0].(*record).store
	second := ""
	if len(args) > 2 {
		second = text(2)
	}
	switch f.name {
	case "series":
		if found := of.series[text(1)][second]; found != nil {
			return found
		}
		return missingSeries
	case "participated":
		for role, series := range of.series[text(1)] {
			if role != "" && series.fields["participations"].(types.Int) > 0 {
				return types.True
			}
		}
		return types.False
	case "inSegment":
		return types.Bool(of.segments[[2]string{text(1), second}])
	case "tier":
		if tier, has := of.tiers[text(1)]; has {
			return types.String(tier)
		}
		return types.NewErr("absent: tier")
	case "points", "pointsToNextTier":
		figures := of.points
		if f.name == "pointsToNextTier" {
			figures = of.missing
		}
		if points, has := figures[text(1)]; has {
			return points
		}
		return types.NewErr("absent: points")
	case "onList":
		return types.Bool(of.lists[text(1)])
	}
	return types.NewErr("%s is not bound", f.name)
}

func timesTen(integer int64, digits int) *big.Int {
	return new(big.Int).Mul(big.NewInt(integer), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
}
