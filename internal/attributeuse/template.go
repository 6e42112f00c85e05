package attributeuse

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"text/template/parse"
)

// The names by which templates reach attributes. As in expressions, whatever
// `.Attributes` is taken from counts as a party.
const (
	customerName   = "Customer"
	attributesName = "Attributes"
)

// readTemplate finds the attributes that a template names; html/template parses
// as text/template does. Which functions there are is for whoever runs it to say.
func readTemplate(content string) (reading, error) {
	const name = "message"
	tree := parse.New(name)
	tree.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	tree, err := tree.Parse(content, "", "", trees)
	if err != nil {
		if reason, is := strings.CutPrefix(err.Error(), "template: "+name+":"); is {
			return reading{}, errors.New("line " + reason)
		}
		return reading{}, err
	}
	walk := &templateWalk{trees: trees, read: map[handed]bool{}}
	walk.template(tree, value{kind: data})
	// What is defined and not used takes nothing, but it names.
	for _, name := range slices.Sorted(maps.Keys(trees)) {
		if !walk.reached(trees[name]) {
			walk.template(trees[name], value{})
		}
	}
	return walk.reading, nil
}

// valueKind is what is known of a value, as far as attributes go.
type valueKind int

const (
	// other values have no attributes in them, or none that can be known.
	other valueKind = iota
	// data is everything that a template is given.
	data
	// aCustomer is the customer.
	aCustomer
	// allAttributes are the attributes of a party.
	allAttributes
)

// value is what a part of a template comes to.
type value struct {
	kind valueKind
	// literal is a text that stands in the template as such, if isLiteral.
	literal   string
	isLiteral bool
}

// scope is what dot and variables are at a place. A variable has its name with
// the dollar sign; the one that is "$" alone is what the template was given.
type scope struct {
	dot       value
	variables map[string]value
}

// within is the scope of a block: what is declared in it ends with it.
func (s scope) within(dot value) scope { return scope{dot, maps.Clone(s.variables)} }

// handed is a template with what it is given.
type handed struct {
	tree *parse.Tree
	kind valueKind
}

// templateWalk goes through the trees of a template.
type templateWalk struct {
	reading
	trees map[string]*parse.Tree
	// read are the templates that have been gone through: they may call each other.
	read map[handed]bool
}

func (w *templateWalk) reached(tree *parse.Tree) bool {
	for done := range w.read {
		if done.tree == tree {
			return true
		}
	}
	return false
}

// template reads a template that is given dot.
func (w *templateWalk) template(tree *parse.Tree, dot value) {
	if this := (handed{tree, dot.kind}); !w.read[this] {
		w.read[this] = true
		w.list(tree.Root, scope{dot, map[string]value{"$": dot}})
	}
}

func (w *templateWalk) list(list *parse.ListNode, s scope) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		w.statement(node, s)
	}
}

func (w *templateWalk) statement(node parse.Node, s scope) {
	switch node := node.(type) {
	case *parse.ActionNode:
		written := w.pipe(node.Pipe, s)
		if len(node.Pipe.Decl) == 0 {
			w.whole(written)
		}
	case *parse.IfNode:
		inner := s.within(s.dot)
		w.condition(w.pipe(node.Pipe, inner))
		w.list(node.List, inner.within(s.dot))
		w.list(node.ElseList, inner)
	case *parse.WithNode:
		// The block gives the value a name, and says itself what it takes of it.
		inner := s.within(s.dot)
		w.list(node.List, inner.within(w.pipe(node.Pipe, inner)))
		w.list(node.ElseList, inner)
	case *parse.RangeNode:
		inner := s.within(value{})
		w.whole(w.commands(node.Pipe, s))
		for _, variable := range node.Pipe.Decl {
			inner.variables[variable.Ident[0]] = value{}
		}
		w.list(node.List, inner)
		w.list(node.ElseList, s.within(s.dot))
	case *parse.TemplateNode:
		w.templateCall(node, s)
	}
}

// templateCall reads {{ template "name" pipeline }}.
func (w *templateWalk) templateCall(node *parse.TemplateNode, s scope) {
	given := value{}
	if node.Pipe != nil {
		given = w.pipe(node.Pipe, s)
	}
	if called := w.trees[node.Name]; called != nil {
		w.template(called, given)
		return
	}
	// It stands elsewhere, if anywhere.
	w.whole(given)
}

// pipe reads a pipeline and sets its variables.
func (w *templateWalk) pipe(pipe *parse.PipeNode, s scope) value {
	result := w.commands(pipe, s)
	for _, variable := range pipe.Decl {
		if pipe.IsAssign {
			// From here on, only running it tells what the variable is.
			w.whole(result)
			continue
		}
		s.variables[variable.Ident[0]] = value{kind: result.kind}
	}
	return result
}

// commands reads the commands of a pipeline: each is handed what the one before
// it came to.
func (w *templateWalk) commands(pipe *parse.PipeNode, s scope) value {
	var last []value
	for _, command := range pipe.Cmds {
		last = []value{w.command(command, last, s)}
	}
	if len(last) == 0 {
		return value{}
	}
	return last[0]
}

func (w *templateWalk) command(command *parse.CommandNode, piped []value, s scope) value {
	first := command.Args[0]
	var args []value
	for _, arg := range command.Args[1:] {
		args = append(args, w.operand(arg, s))
	}
	args = append(args, piped...)
	if function, is := first.(*parse.IdentifierNode); is {
		return w.function(function.Ident, args)
	}
	// What a method is given, it may use.
	w.whole(args...)
	return w.operand(first, s)
}

// function reads a call: of a function that is not known, it takes what it is
// given as a whole.
func (w *templateWalk) function(name string, args []value) value {
	switch {
	case name == "index" && len(args) > 0:
		result := args[0]
		for _, key := range args[1:] {
			if key.isLiteral {
				result = w.step(result, key.literal)
				continue
			}
			w.whole(key)
			w.byUnknownKey(result)
			result = value{}
		}
		return result
	case name == "and", name == "or":
		// They come to one of what they are given.
		var result value
		for _, arg := range args {
			if arg.kind > result.kind {
				result = value{kind: arg.kind}
			}
		}
		return result
	case name == "not":
		w.condition(args...)
	default:
		w.whole(args...)
	}
	return value{}
}

// operand reads what stands alone or as an argument.
func (w *templateWalk) operand(node parse.Node, s scope) value {
	switch node := node.(type) {
	case *parse.DotNode:
		return s.dot
	case *parse.FieldNode:
		return w.steps(s.dot, node.Ident)
	case *parse.VariableNode:
		return w.steps(s.variables[node.Ident[0]], node.Ident[1:])
	case *parse.ChainNode:
		return w.steps(w.operand(node.Node, s), node.Field)
	case *parse.PipeNode:
		return w.pipe(node, s)
	case *parse.IdentifierNode:
		return w.function(node.Ident, nil)
	case *parse.StringNode:
		return value{literal: node.Text, isLiteral: true}
	default:
		return value{}
	}
}

// steps goes from a value by the names of fields.
func (w *templateWalk) steps(from value, names []string) value {
	for _, name := range names {
		from = w.step(from, name)
	}
	return from
}

func (w *templateWalk) step(from value, name string) value {
	switch {
	case from.kind == allAttributes:
		w.name(name)
		return value{}
	case name == attributesName:
		return value{kind: allAttributes}
	case from.kind == data && name == customerName:
		return value{kind: aCustomer}
	default:
		return value{}
	}
}

// whole notes that values are used as they are.
func (w *templateWalk) whole(values ...value) {
	for _, used := range values {
		switch used.kind {
		case data:
			w.any(takesData)
		case aCustomer:
			w.any(takesCustomer)
		case allAttributes:
			w.any(takesAttributes)
		case other:
		}
	}
}

// condition notes that values are asked whether they are empty: of attributes,
// each may decide that.
func (w *templateWalk) condition(values ...value) {
	for _, asked := range values {
		if asked.kind == allAttributes {
			w.whole(asked)
		}
	}
}

// byUnknownKey notes that something is taken of a value by a name that only
// running the template tells.
func (w *templateWalk) byUnknownKey(of value) {
	if of.kind == allAttributes {
		w.any(takesWorkedOut)
		return
	}
	w.whole(of)
}
