package message

import (
	"strings"
	"text/template/parse"

	"github.com/fairlead/fairlead/internal/customer"
)

// operand checks what stands alone or as an argument, and puts in its place what
// is to run.
func (c *check) operand(slot *parse.Node) shape {
	switch node := (*slot).(type) {
	case *parse.DotNode:
		return c.dot
	case *parse.FieldNode:
		return c.steps(slot, c.dot, node.Ident, 0)
	case *parse.VariableNode:
		if node.Ident[0] == "$" {
			return c.steps(slot, members[""], node.Ident, 1)
		}
		if variable := c.variable(node.Ident[0]); variable != nil {
			return c.steps(slot, variable.shape, node.Ident, 1)
		}
		return shape{}
	case *parse.ChainNode:
		return c.steps(slot, c.operand(&node.Node), node.Field, 0)
	case *parse.PipeNode:
		if len(node.Decl) > 0 {
			c.say(node.Pos, "a variable is declared in an action of its own")
			return shape{}
		}
		return c.pipe(node)
	case *parse.IdentifierNode:
		return c.call(node, nil)
	case *parse.StringNode:
		return shape{form: leaf, kind: customer.Text, literal: node.Text, isLiteral: true}
	case *parse.NumberNode:
		return c.figure(node)
	case *parse.BoolNode:
		return single(customer.Truth)
	default:
		c.say(node.Position(), "%s cannot stand here", node)
		return shape{}
	}
}

// figure checks a number that stands in the template.
func (c *check) figure(node *parse.NumberNode) shape {
	// Beyond that a computer no longer counts one by one.
	const most = 1 << 53
	switch {
	case node.Text[0] == '\'' || !node.IsInt && !node.IsFloat || node.IsUint && !node.IsInt:
		c.say(node.Pos, "%s is no number", node.Text)
		return shape{}
	case node.IsFloat && (node.Float64 > most || node.Float64 < -most):
		c.say(node.Pos, "%s is too large", node.Text)
		return shape{}
	case !node.IsInt:
		return shape{form: leaf, kind: customer.Decimal, literal: node.Text, isLiteral: true}
	}
	return shape{form: leaf, kind: customer.Whole, literal: node.Text, isLiteral: true}
}

// startOf is where a node begins. The position that a chain of fields has is that
// of its second name.
func startOf(node parse.Node) parse.Pos {
	at := node.Position()
	switch node := node.(type) {
	case *parse.FieldNode:
		if len(node.Ident) > 1 {
			return at - parse.Pos(len(node.Ident[0])+1)
		}
	case *parse.VariableNode:
		if len(node.Ident) > 1 {
			return at - parse.Pos(len(node.Ident[0]))
		}
	case *parse.ChainNode:
		return startOf(node.Node)
	case *parse.PipeNode:
		if len(node.Cmds) > 0 {
			return startOf(node.Cmds[0].Args[0])
		}
	}
	return at
}

// steps goes from a value by the names of fields, from the name skip on.
func (c *check) steps(slot *parse.Node, from shape, names []string, skip int) shape {
	node := *slot
	at := startOf(node)
	if chain, is := node.(*parse.ChainNode); is {
		at = chain.Pos
	} else if skip > 0 {
		at += parse.Pos(len(names[0]))
	}
	for i := skip; i < len(names); i++ {
		if from.form == record && from.optional {
			*slot = standIn(node, from.path, names, i)
		}
		from = c.step(from, names[i], at)
		at += parse.Pos(len(names[i]) + 1)
	}
	return from
}

// standIn takes a field of a record that may be nil: of the record itself, or of
// an empty one in its place.
func standIn(node parse.Node, path string, names []string, i int) parse.Node {
	var of parse.Node
	switch node := node.(type) {
	case *parse.FieldNode:
		of = &parse.FieldNode{NodeType: parse.NodeField, Pos: node.Pos, Ident: names[:i]}
	case *parse.VariableNode:
		of = &parse.VariableNode{NodeType: parse.NodeVariable, Pos: node.Pos, Ident: names[:i]}
	case *parse.ChainNode:
		of = node.Node
		if i > 0 {
			of = &parse.ChainNode{NodeType: parse.NodeChain, Pos: node.Pos, Node: node.Node, Field: names[:i]}
		}
	}
	at := node.Position()
	return &parse.ChainNode{NodeType: parse.NodeChain, Pos: at, Field: names[i:], Node: &parse.PipeNode{
		NodeType: parse.NodePipe, Pos: at, Cmds: []*parse.CommandNode{commandOf(at, callOr+path, of)},
	}}
}

// step goes from a value by the name of a field.
func (c *check) step(from shape, name string, at parse.Pos) shape {
	switch from.form {
	case unknown:
		return from
	case named:
		return c.byName(from, name, at)
	case record:
		path := strings.TrimPrefix(from.path+"."+name, ".")
		found, is := members[path]
		if !is {
			c.say(at, "there is no .%s: %s", path, c.meant(from.path, name))
			return shape{}
		}
		if why := c.known.Missing[path]; why != "" {
			c.say(at, "there is no .%s here: %s", path, why)
			return shape{}
		}
		c.used[path] = true
		return found
	default:
		c.say(at, "%s has no field %s", from, name)
		return shape{}
	}
}

// byName takes the value of a declared name.
func (c *check) byName(from shape, name string, at parse.Pos) shape {
	found := shape{form: leaf, kind: from.kind, path: from.path + "." + name, loose: true}
	c.used[found.path] = true
	if from.path == milestonesPath {
		if c.known.Milestones != nil && !contains(c.known.Milestones, name) {
			c.say(at, "the exhibition declares no milestone %s: %s", name, wayOut(name, c.known.Milestones))
			return shape{}
		}
		return found
	}
	kind, declared := c.known.Attributes[name]
	switch {
	case declared:
	case c.known.AnyAttribute:
		return shape{}
	default:
		c.say(at, "no attribute %s is declared that a message may tell: %s", name, wayOut(name, c.known.attributeNames()))
		return shape{}
	}
	found.kind = kind
	return found
}

// meant is what somebody perhaps meant who named a field that is not there.
func (c *check) meant(path, name string) string {
	var siblings, elsewhere []string
	within := strings.TrimPrefix(path+".", ".")
	for _, field := range Fields() {
		if inside, below := strings.CutPrefix(field.Path, within); below {
			if sibling, _, _ := strings.Cut(inside, "."); !contains(siblings, sibling) {
				siblings = append(siblings, sibling)
			}
		}
		if end := field.Path[strings.LastIndexByte(field.Path, '.')+1:]; strings.EqualFold(end, name) && end != anyName {
			elsewhere = append(elsewhere, "."+field.Path)
		}
	}
	switch best := nearest(name, siblings); {
	case best != "":
		return "did you mean ." + within + best + "?"
	case len(elsewhere) > 0:
		return "did you mean " + strings.Join(elsewhere, " or ") + "?"
	}
	return "there are ." + within + strings.Join(siblings, ", ."+within)
}
