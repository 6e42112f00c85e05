package audience

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

const dayMillis = 24 * 60 * 60 * 1000

// mostDaysAgo is a hundred years.
const mostDaysAgo = 36_525

// byText finds functions whose arguments have to be written down: they decide what
// is asked of the database, or are read here.
func (t *translator) byText(call ast.CallExpr) (func(ast.Expr) (piece, *Problem), bool) {
	switch call.FunctionName() {
	case "timestamp":
		return t.timestamp, true
	case "duration":
		return t.duration, true
	case "decimal":
		return t.decimal, true
	case "daysAgo":
		return t.daysAgo, true
	case "series", "participated", "booked", "inSegment", "tier", "points", "pointsToNextTier", "onList":
		return t.ofStore, true
	}
	return nil, false
}

// function translates the rest.
func (t *translator) function(e ast.Expr, name string, args []piece) (piece, *Problem) {
	truth := func(format string, values ...any) (piece, *Problem) {
		p := piece{kind: truthKind, sql: fmt.Sprintf(format, values...), present: true}
		for _, arg := range args {
			p.present = p.present && arg.present
		}
		return p, nil
	}
	switch name {
	case "now":
		t.byDay = true
		p := number(instantKind, "@today", big.NewInt(0), mostInstant)
		p.present = true
		return p, nil
	case "contains":
		return truth("text_contains(%s, %s)", args[0].sql, args[1].sql)
	case "startsWith":
		if problem := t.count(e, args[1].weight); problem != nil {
			return piece{}, problem
		}
		return truth("(substr(%[1]s, 1, length(%[2]s)) = %[2]s)", args[0].sql, args[1].sql)
	case "endsWith":
		return truth("text_ends(%s, %s)", args[0].sql, args[1].sql)
	case "lowerAscii":
		return piece{kind: textKind, sql: "lower(" + args[0].sql + ` COLLATE "C")`, present: args[0].present}, nil
	case "size":
		return t.size(e, args[0])
	}
	return piece{}, t.problem(e, "%s", insteadOf(name))
}

// insteadOf says what to write where a function of CEL cannot be asked of a database.
func insteadOf(name string) string {
	switch {
	case name == "matches":
		return "regular expressions are another in each database: use contains, startsWith or endsWith"
	case strings.HasPrefix(name, "get"):
		return name + " cannot be asked: compare with bounds, such as >= timestamp('2024-01-01T00:00:00Z')"
	case slices.Contains(conversions, name):
		return name + " cannot be asked: every field of customer has its type; decimal(n) makes a decimal of a whole number"
	case name == operators.Index:
		return "[] takes an attribute whose name is written down, such as customer.attributes['rating']; of lists ask in, exists or all"
	default:
		return name + " cannot be asked of a customer"
	}
}

func (t *translator) size(e ast.Expr, of piece) (piece, *Problem) {
	switch of.kind {
	case textKind:
		p := number(wholeKind, "length("+of.sql+")", big.NewInt(0), mostWhole)
		p.present = of.present
		return p, nil
	case rolesKind:
		var bits []string
		for _, word := range customer.Roles {
			bits = append(bits, "CASE WHEN "+hasRole(of, word)+" THEN 1 ELSE 0 END")
		}
		p := number(wholeKind, "("+strings.Join(bits, " + ")+")", big.NewInt(0), big.NewInt(int64(len(bits))))
		p.present = true
		return p, nil
	default:
		return piece{}, t.problem(e, "size can be asked of texts and of customer.roles")
	}
}

// texts are the arguments of a call, which have to be written down.
func (t *translator) texts(args []ast.Expr) ([]string, *Problem) {
	var texts []string
	for _, arg := range args {
		p, problem := t.value(arg)
		if problem != nil {
			return nil, problem
		}
		if !p.constant || p.kind != textKind {
			return nil, t.problem(arg, "it has to be written down as a text, so that it is known beforehand what is asked")
		}
		texts = append(texts, p.text)
	}
	return texts, nil
}

func (t *translator) timestamp(e ast.Expr) (piece, *Problem) {
	texts, problem := t.texts(e.AsCall().Args())
	if problem != nil {
		return piece{}, problem
	}
	instant, err := time.Parse(time.RFC3339, texts[0])
	switch {
	case err != nil:
		return piece{}, t.problem(e, "%q is no time: write it as 2024-01-31T00:00:00Z", texts[0])
	case instant.Nanosecond()%int(time.Millisecond) != 0:
		return piece{}, t.problem(e, "times are held to the millisecond")
	case big.NewInt(instant.UnixMilli()).Cmp(leastInstant) < 0 || big.NewInt(instant.UnixMilli()).Cmp(mostInstant) > 0:
		return piece{}, t.problem(e, "times are in the years 1 to 9999")
	}
	return t.constantNumber(instantKind, big.NewInt(instant.UnixMilli())), nil
}

func (t *translator) duration(e ast.Expr) (piece, *Problem) {
	texts, problem := t.texts(e.AsCall().Args())
	if problem != nil {
		return piece{}, problem
	}
	length, err := time.ParseDuration(texts[0])
	switch {
	case err != nil:
		return piece{}, t.problem(e, "%q is no duration: write it in hours, minutes and seconds, such as 720h, up to 2562047h", texts[0])
	case length%time.Millisecond != 0:
		return piece{}, t.problem(e, "durations are held to the millisecond")
	}
	return t.constantNumber(durationKind, big.NewInt(length.Milliseconds())), nil
}

// decimal makes one of a number that was written with a point, or of a whole number.
func (t *translator) decimal(e ast.Expr) (piece, *Problem) {
	arg := e.AsCall().Args()[0]
	if arg.Kind() == ast.LiteralKind {
		if written, is := arg.AsLiteral().(types.Double); is {
			units, _ := decimalOf(float64(written))
			return t.constantNumber(decimalKind, big.NewInt(units)), nil
		}
	}
	p, problem := t.value(arg)
	if problem != nil {
		return piece{}, problem
	}
	if p.kind != wholeKind {
		return piece{}, t.problem(e, "decimal makes a decimal of a whole number, and this is %s", kindWords[p.kind])
	}
	return asDecimal(p), nil
}

// daysAgo is the midnight so many days before today's.
func (t *translator) daysAgo(e ast.Expr) (piece, *Problem) {
	p, problem := t.value(e.AsCall().Args()[0])
	if problem != nil {
		return piece{}, problem
	}
	if !p.constant || new(big.Int).Abs(p.least).Cmp(big.NewInt(mostDaysAgo)) > 0 {
		return piece{}, t.problem(e, "daysAgo takes a number of days that is written down, up to %d", mostDaysAgo)
	}
	t.byDay = true
	ago := new(big.Int).Mul(p.least, big.NewInt(dayMillis))
	result := number(instantKind, "(@today - "+t.parameter(ago.Int64())+")", leastInstant, mostInstant)
	result.present = true
	return result, nil
}

// ofStore translates functions of customer that name something of the store.
func (t *translator) ofStore(e ast.Expr) (piece, *Problem) {
	call := e.AsCall()
	base, problem := t.value(call.Target())
	if problem != nil {
		return piece{}, problem
	}
	if base.kind != customerKind {
		return piece{}, t.problem(e, "%s is asked of customer", call.FunctionName())
	}
	names, problem := t.texts(call.Args())
	if problem != nil {
		return piece{}, problem
	}
	exists := func(format string, values ...any) (piece, *Problem) {
		return piece{kind: truthKind, sql: "EXISTS (SELECT 1 FROM " + fmt.Sprintf(format, values...) + ")", present: true}, nil
	}
	switch call.FunctionName() {
	case "series":
		role := ""
		if len(names) > 1 {
			role = names[1]
			if problem := t.word(e, "role", role, customer.Roles); problem != nil {
				return piece{}, problem
			}
		}
		row, problem := t.fromSeries(e, names[0], role)
		return piece{kind: seriesKind, series: row, present: true}, problem
	case "participated":
		return t.participated(e, names)
	case "booked":
		return exists("segment_took k WHERE k.customer_id = p.customer_id AND %s AND k.booked = 1", t.edition(names[0], names[1]))
	case "inSegment":
		t.segments[names[0]] = true
		class := ""
		if len(names) > 1 {
			class = " AND m.class = " + t.parameter(names[1])
		}
		return exists("segment_member m WHERE m.segment = %s AND m.customer_id = p.customer_id%s", t.parameter(names[0]), class)
	case "onList":
		return exists("list_member l WHERE l.list = %s AND l.party_id = p.customer_id AND l.withdrawn_at IS NULL", t.parameter(names[0]))
	default:
		return t.ofProgram(call.FunctionName(), names[0]), nil
	}
}

// ofProgram is how the customer stands in a loyalty program; absent for who is no member. Who ceases
// to be one leaves its tiers, so that whoever asks for points asks for these too.
func (t *translator) ofProgram(function, program string) piece {
	tiers := store.TiersOf(program)
	t.segments[tiers] = true
	if function == "tier" {
		return piece{kind: textKind, sql: fmt.Sprintf("(SELECT nullif(m.class, %s) FROM segment_member m WHERE m.segment = %s AND m.customer_id = p.customer_id)", t.parameter(""), t.parameter(tiers))}
	}
	t.programs[program] = true
	member := fmt.Sprintf("m.program_id = (SELECT g.id FROM loyalty_program g WHERE g.name = %s) AND m.customer_id = p.customer_id", t.parameter(program))
	if function == "points" {
		return number(decimalKind, "(SELECT m.balance FROM loyalty_member m WHERE "+member+")", leastInteger, mostInteger)
	}
	return number(decimalKind, "(SELECT min(whole_difference(r.from_points, m.tier_points)) FROM loyalty_member m JOIN segment_tier r ON r.program_id = m.program_id AND r.from_points > m.tier_points WHERE "+member+")", big.NewInt(0), mostInteger)
}

// participated is whether somebody took part in a series or an edition, in a role,
// or came as far as a status.
func (t *translator) participated(e ast.Expr, names []string) (piece, *Problem) {
	truth := func(sql string) piece { return piece{kind: truthKind, sql: sql, present: true} }
	if len(names) == 1 {
		return truth(fmt.Sprintf("EXISTS (SELECT 1 FROM customer_series_profile e WHERE e.customer_id = p.customer_id AND e.series = %s AND e.participations > 0)", t.parameter(names[0]))), nil
	}
	condition := t.edition(names[0], names[1])
	if len(names) > 2 {
		if problem := t.word(e, "role", names[2], customer.Roles); problem != nil {
			return piece{}, problem
		}
		condition += " AND k.role = " + t.parameter(names[2])
	}
	if len(names) > 3 {
		if problem := t.word(e, "status", names[3], customer.BookingStatuses); problem != nil {
			return piece{}, problem
		}
		condition += " AND k.status = " + t.parameter(names[3])
	} else {
		condition += " AND k.took_part = 1"
	}
	return truth("EXISTS (SELECT 1 FROM segment_took k WHERE k.customer_id = p.customer_id AND " + condition + ")"), nil
}

func (t *translator) edition(series, edition string) string {
	t.editions[store.NamedEdition{Series: series, Edition: edition}] = true
	return fmt.Sprintf("k.series = %s AND k.edition = %s", t.parameter(series), t.parameter(edition))
}
