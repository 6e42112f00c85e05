package audience

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/fairlead/fairlead/internal/customer"
)

func (t *translator) list(e ast.Expr) (piece, *Problem) {
	list := piece{kind: listKind, present: true}
	for _, element := range e.AsList().Elements() {
		p, problem := t.value(element)
		if problem != nil {
			return piece{}, problem
		}
		if len(list.elements) > 0 && list.elements[0].kind != p.kind {
			return piece{}, t.problem(element, "a list is of one type, and this is %s after %s", kindWords[p.kind], kindWords[list.elements[0].kind])
		}
		list.elements = append(list.elements, p)
	}
	return list, nil
}

// oneOf translates `value in list`. An element that is absent makes the list one
// that cannot be made, whatever the value.
func (t *translator) oneOf(e ast.Expr, value, list piece) (piece, *Problem) {
	if list.kind == rolesKind {
		return t.role(e, value, list)
	}
	if list.kind != listKind {
		return piece{}, t.problem(e, "in asks whether something is in a list or in customer.roles, and this is %s", kindWords[list.kind])
	}
	if problem := t.count(e, max(0, len(list.elements)-1)*value.weight); problem != nil {
		return piece{}, problem
	}
	var equal, needed []string
	for _, element := range list.elements {
		same, problem := t.equal(e, value, element)
		if problem != nil {
			return piece{}, problem
		}
		equal = append(equal, same.sql)
		if !element.present {
			if problem := t.count(e, element.weight); problem != nil {
				return piece{}, problem
			}
			needed = append(needed, element.sql+" IS NOT NULL")
		}
	}
	if len(equal) == 0 {
		equal = []string{"FALSE"}
		if !value.present {
			needed = append(needed, value.sql+" IS NOT NULL")
		}
	}
	sql := joined(" OR ", equal)
	if len(needed) > 0 {
		sql = fmt.Sprintf("CASE WHEN %s THEN %s END", joined(" AND ", needed), sql)
	}
	return piece{kind: truthKind, sql: sql, present: value.present && len(needed) == 0}, nil
}

// role translates `role in customer.roles`.
func (t *translator) role(e ast.Expr, value, roles piece) (piece, *Problem) {
	if value.kind != textKind {
		return piece{}, t.problem(e, "a role is a text")
	}
	if value.constant {
		if problem := t.word(e, "role", value.text, customer.Roles); problem != nil {
			return piece{}, problem
		}
		return piece{kind: truthKind, sql: hasRole(roles, value.text), present: true}, nil
	}
	if problem := t.count(e, len(customer.Roles)*value.weight); problem != nil {
		return piece{}, problem
	}
	var each []string
	for _, word := range customer.Roles {
		each = append(each, fmt.Sprintf("(%s = %s AND %s)", value.sql, t.parameter(word), hasRole(roles, word)))
	}
	return piece{kind: truthKind, sql: fmt.Sprintf("CASE WHEN %s IS NOT NULL THEN %s END", value.sql, joined(" OR ", each)), present: value.present}, nil
}

func hasRole(roles piece, word string) string {
	return fmt.Sprintf("((%s & %d) <> 0)", roles.sql, customer.Bit(customer.Roles, word))
}

// word refuses a text that is none of the words it could be.
func (t *translator) word(e ast.Expr, what, text string, words []string) *Problem {
	if slices.Contains(words, text) {
		return nil
	}
	return t.problem(e, "there is no %s %q%s (there are %s)", what, text, nearest(text, words), strings.Join(words, ", "))
}

// comprehension translates exists and all, once for every element.
func (t *translator) comprehension(e ast.Expr) (piece, *Problem) {
	c := e.AsComprehension()
	isExists, is := existsOrAll(c)
	if !is {
		return piece{}, t.problem(e, "of the macros has, exists and all can be asked: filter, map and exists_one cannot, since an absent value makes their result an error")
	}
	elements, guards, problem := t.elements(c.IterRange())
	if problem != nil {
		return piece{}, problem
	}
	// The step is accumulator || condition, or accumulator && condition.
	condition := c.LoopStep().AsCall().Args()[1]
	before, shadowed := t.bound[c.IterVar()]
	defer func() {
		delete(t.bound, c.IterVar())
		if shadowed {
			t.bound[c.IterVar()] = before
		}
	}()
	var parts []string
	for i, element := range elements {
		t.bound[c.IterVar()] = element
		part, problem := t.value(condition)
		if problem != nil {
			return piece{}, problem
		}
		switch {
		case guards[i] == "":
			parts = append(parts, part.sql)
		case isExists:
			parts = append(parts, fmt.Sprintf("(%s AND %s)", guards[i], part.sql))
		default:
			parts = append(parts, fmt.Sprintf("(NOT %s OR %s)", guards[i], part.sql))
		}
	}
	connective, none := " OR ", "FALSE"
	if !isExists {
		connective, none = " AND ", "TRUE"
	}
	if len(parts) == 0 {
		parts = []string{none}
	}
	return piece{kind: truthKind, sql: joined(connective, parts)}, nil
}

// elements are what exists and all go through, and the condition under which each is
// there; "" if it always is.
func (t *translator) elements(e ast.Expr) (elements []piece, guards []string, problem *Problem) {
	over, problem := t.value(e)
	if problem != nil {
		return nil, nil, problem
	}
	switch over.kind {
	case rolesKind:
		for _, word := range customer.Roles {
			role := t.constantText(word)
			role.words = customer.Roles
			elements, guards = append(elements, role), append(guards, hasRole(over, word))
		}
	case listKind:
		for _, element := range over.elements {
			if !element.present {
				return nil, nil, t.problem(e, "exists and all go through customer.roles and lists of what is written down or never absent")
			}
		}
		elements, guards = over.elements, make([]string, len(over.elements))
	default:
		return nil, nil, t.problem(e, "exists and all go through lists and customer.roles, and this is %s", kindWords[over.kind])
	}
	return elements, guards, nil
}

// joined puts conditions together, nested as little as can be: SQLite takes a depth of
// 1000.
func joined(connective string, conditions []string) string {
	if len(conditions) == 1 {
		return conditions[0]
	}
	half := len(conditions) / 2
	return "(" + joined(connective, conditions[:half]) + connective + joined(connective, conditions[half:]) + ")"
}

// existsOrAll tells what macro a comprehension was made of, by its shape.
func existsOrAll(c ast.ComprehensionExpr) (isExists, is bool) {
	if c.HasIterVar2() || c.AccuInit().Kind() != ast.LiteralKind || c.LoopStep().Kind() != ast.CallKind || c.Result().Kind() != ast.IdentKind {
		return false, false
	}
	begins, isTruth := c.AccuInit().AsLiteral().(types.Bool)
	step := c.LoopStep().AsCall().FunctionName()
	switch {
	case !isTruth:
		return false, false
	case step == operators.LogicalOr && !bool(begins):
		return true, true
	case step == operators.LogicalAnd && bool(begins):
		return false, true
	}
	return false, false
}
