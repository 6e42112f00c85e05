package message

import (
	"fmt"
	"slices"
	"strings"
	"text/template/parse"
	"unicode"

	"github.com/fairlead/fairlead/internal/customer"
)

// check goes through the tree of a template before it ever runs. It knows what
// every value will be, so it finds what would be wrong for any recipient, in
// branches that no trial run takes too; it refuses what could run without end;
// and it puts in how values are written and what stands in for absent records.
type check struct {
	part     string
	known    *Catalog
	language *language
	// used takes the paths of what is named.
	used map[string]bool
	// dot is what "." is, variables what "$" names are.
	dot       shape
	variables *variable
	// ranges is how many ranges are around a place.
	ranges int
	found  func(at int, message string)
}

// variable is a name in a template, before those of the blocks around it.
type variable struct {
	outer *variable
	name  string
	shape shape
}

func (c *check) say(at parse.Pos, format string, args ...any) {
	c.found(int(at), fmt.Sprintf(format, args...))
}

// block checks a list of which what is declared in it ends with it.
func (c *check) block(list *parse.ListNode, dot shape) {
	if list == nil {
		return
	}
	around, variables := c.dot, c.variables
	c.dot = dot
	for _, node := range list.Nodes {
		c.statement(node)
	}
	c.dot, c.variables = around, variables
}

func (c *check) statement(node parse.Node) {
	switch node := node.(type) {
	case *parse.TextNode:
		c.literal(node)
	case *parse.ActionNode:
		if written := c.pipe(node.Pipe); len(node.Pipe.Decl) == 0 {
			c.written(node.Pipe, written)
		}
	case *parse.IfNode:
		variables := c.variables
		c.asked(node.Pipe.Pos, c.pipe(node.Pipe))
		c.block(node.List, c.dot)
		c.block(node.ElseList, c.dot)
		c.variables = variables
	case *parse.WithNode:
		variables := c.variables
		given := c.pipe(node.Pipe)
		c.asked(node.Pipe.Pos, given)
		given.optional = false
		c.block(node.List, given)
		c.block(node.ElseList, c.dot)
		c.variables = variables
	case *parse.RangeNode:
		c.rangeOver(node)
	case *parse.TemplateNode:
		c.say(node.Pos, "no other templates are called: write the text where it stands")
	case *parse.BreakNode, *parse.ContinueNode, *parse.CommentNode:
	default:
		c.say(node.Position(), "%s cannot stand here", node)
	}
}

// literal checks what the template says itself.
func (c *check) literal(node *parse.TextNode) {
	if c.part != partSubject {
		return
	}
	if i := strings.IndexFunc(string(node.Text), breaksLine); i >= 0 {
		c.say(node.Pos+parse.Pos(i), "a subject is one line: it has no line breaks and no control characters")
	}
}

// breaksLine tells characters that have no place in a line.
func breaksLine(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// written checks what an action writes, and has it written as the language
// writes it.
func (c *check) written(pipe *parse.PipeNode, value shape) {
	switch {
	case value.form == unknown:
	case value.form == list:
		c.say(pipe.Pos, `a list is written with join, such as {{ join ", " .%s }}`, value.path)
	case value.form != leaf:
		c.say(pipe.Pos, "this is %s: name what to write of it%s", value, example(value))
	case value.group() == truths:
		c.say(pipe.Pos, "yes or no has no words of its own: write {{ if }} ... {{ end }}")
	case value.group() != texts || value.loose:
		pipe.Cmds = append(pipe.Cmds, commandOf(pipe.Pos, callWrite))
	}
}

// example names a field of a record, to show how it is written.
func example(of shape) string {
	for _, field := range Fields() {
		if inside, is := strings.CutPrefix(field.Path, of.path+"."); is && of.path != "" && inside != anyName {
			return ", such as ." + field.Path
		}
	}
	return ""
}

// asked checks what a condition asks.
func (c *check) asked(at parse.Pos, asked shape) {
	if asked.form == leaf && (asked.group() == numbers || asked.group() == amounts) {
		c.say(at, "%s may be known and be 0, so it is no condition: compare it, such as {{ if gt %s 0 }}", asked, orSome(asked.path))
	}
}

func orSome(path string) string {
	if path == "" {
		return ".Series.MissedEditions"
	}
	return "." + path
}

// rangeOver checks a range: it goes over a list of the data and is in no other,
// so that what it writes is bounded.
func (c *check) rangeOver(node *parse.RangeNode) {
	variables := c.variables
	declared := node.Pipe.Decl
	node.Pipe.Decl = nil
	over := c.pipe(node.Pipe)
	node.Pipe.Decl = declared
	if over.form != list && over.form != unknown {
		c.say(node.Pipe.Pos, "range goes over a list of the data, such as .%s, and this is %s", benefitsPath, over)
	}
	if c.ranges > 0 {
		c.say(node.Pos, "a range stands in no other: what it writes would have no bound")
	}
	element := single(over.kind)
	if node.Pipe.IsAssign {
		c.say(node.Pipe.Pos, "range declares its variables with := and sets none")
	}
	for i, name := range declared {
		is := element
		if i == 0 && len(declared) > 1 {
			is = single(customer.Whole)
		}
		c.variables = &variable{c.variables, name.Ident[0], is}
	}
	c.ranges++
	c.block(node.List, element)
	c.ranges--
	c.variables = variables
	c.block(node.ElseList, c.dot)
}

// pipe checks a pipeline and sets its variables.
func (c *check) pipe(pipe *parse.PipeNode) shape {
	var last []argument
	for _, command := range pipe.Cmds {
		last = []argument{{c.command(command, last), command.Pos}}
	}
	if len(last) == 0 {
		return shape{}
	}
	result := last[0].shape
	for _, declared := range pipe.Decl {
		c.assign(declared, result, pipe.IsAssign)
	}
	return result
}

// assign sets a variable. Whatever is in it now, it may be set to something absent
// before it is read the next time.
func (c *check) assign(node *parse.VariableNode, value shape, again bool) {
	value.loose, value.isLiteral = true, false
	value.optional = value.form == record && members[value.path].optional
	if !again {
		c.variables = &variable{c.variables, node.Ident[0], value}
		return
	}
	set := c.variable(node.Ident[0])
	if set == nil {
		c.say(node.Pos, "%s cannot be set", node.Ident[0])
		return
	}
	merged, can := either(set.shape, value)
	if !can || merged.form == leaf && set.shape.group() != value.group() {
		c.say(node.Pos, "%s was %s before and cannot become %s", node.Ident[0], set.shape, value)
		return
	}
	set.shape = merged
}

func (c *check) variable(name string) *variable {
	for v := c.variables; v != nil; v = v.outer {
		if v.name == name {
			return v
		}
	}
	return nil
}

// argument is what a function is given.
type argument struct {
	shape
	at parse.Pos
}

// command checks one command of a pipeline; piped is what the one before it came
// to.
func (c *check) command(command *parse.CommandNode, piped []argument) shape {
	if function, is := command.Args[0].(*parse.IdentifierNode); is {
		var args []argument
		for i := range command.Args[1:] {
			slot := &command.Args[i+1]
			at := startOf(*slot)
			args = append(args, argument{c.operand(slot), at})
		}
		return c.call(function, append(args, piped...))
	}
	if len(command.Args) > 1 || len(piped) > 0 {
		at := command.Pos
		if len(command.Args) > 1 {
			at = startOf(command.Args[1])
		}
		c.say(at, "only functions take values, and %s is none: there are %s", command.Args[0], strings.Join(functionNames(), ", "))
		return shape{}
	}
	return c.operand(&command.Args[0])
}

// call checks the call of a function.
func (c *check) call(node *parse.IdentifierNode, args []argument) shape {
	if why := refusedFunctions[node.Ident]; why != "" {
		c.say(node.Pos, "%s is not used here: %s", node.Ident, why)
		return shape{}
	}
	signature, known := signatures[node.Ident]
	if !known {
		c.say(node.Pos, "there is no function %s: %s", node.Ident, wayOut(node.Ident, functionNames()))
		return shape{}
	}
	if len(args) < signature.least || len(args) > signature.most {
		c.say(node.Pos, "%s takes %s, as in %s", node.Ident, counted(signature.least, signature.most), use(node.Ident))
		return shape{}
	}
	return signature.check(c, node, args)
}

func counted(least, most int) string {
	switch {
	case least == most && least == 1:
		return "one value"
	case least == most:
		return fmt.Sprintf("%d values", least)
	case most == many:
		return fmt.Sprintf("%d values or more", least)
	}
	return fmt.Sprintf("%d to %d values", least, most)
}

func use(name string) string {
	functions := Functions()
	i := slices.IndexFunc(functions, func(f Function) bool { return slices.Contains(strings.Fields(f.Name), name) })
	return functions[i].Example
}

// commandOf is a call of a function that the check puts in.
func commandOf(at parse.Pos, name string, args ...parse.Node) *parse.CommandNode {
	return &parse.CommandNode{
		NodeType: parse.NodeCommand, Pos: at,
		Args: append([]parse.Node{parse.NewIdentifier(name).SetPos(at)}, args...),
	}
}
