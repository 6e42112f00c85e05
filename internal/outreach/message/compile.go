package message

import (
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
	"time"
	"unicode/utf8"

	"github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
)

// compiler makes one message ready and gathers what is wrong with it.
type compiler struct {
	locale   string
	known    *Catalog
	language *language
	// used takes the paths of what templates name.
	used     map[string]bool
	mistakes []Mistake
}

func (c *compiler) say(part, source string, at int, message string) {
	line, column := position(source, at)
	c.mistakes = append(c.mistakes, Mistake{c.locale, part, line, column, message})
}

func (c *compiler) sayOfAll(part, message string) {
	c.mistakes = append(c.mistakes, Mistake{Locale: c.locale, Part: part, Message: message})
}

// message compiles the parts of a message.
func (c *compiler) message(plan *v1alpha1.Message) compiled {
	made := compiled{locale: c.locale}
	language, err := languageOf(c.locale)
	if err != nil {
		c.sayOfAll(partLocale, fmt.Sprintf("%q is no language tag: write one such as en, zh or pt-BR", c.locale))
		return made
	}
	c.language = language
	if plan.HTML == "" && plan.Text == "" {
		c.sayOfAll(partText, "a message needs html, text or both")
	}
	made.subject = c.plain(partSubject, plan.Subject)
	if plan.HTML != "" {
		made.html = c.html(plan.HTML)
	}
	switch {
	case plan.Text != "":
		made.text = c.plain(partText, plan.Text)
	case made.html != nil:
		made.text, made.derived = c.derive(plan.HTML), true
	}
	return made
}

// treeName is what errors of the parser call a template.
const treeName = "message"

// tree parses and checks a template; nil if there is a mistake in it.
func (c *compiler) tree(part, source string) *parse.Tree {
	before := len(c.mistakes)
	if utf8.RuneCountInString(source) > MaxTemplate {
		c.sayOfAll(part, fmt.Sprintf("it has more than %d characters", MaxTemplate))
		return nil
	}
	tree := parse.New(treeName)
	// The check knows functions better than the parser.
	tree.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	tree, err := tree.Parse(source, "", "", trees)
	if err != nil {
		line, message := parserMistake(err)
		c.say(part, source, startOfLine(source, line), message)
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(trees)) {
		if defined := trees[name]; defined != tree {
			c.say(part, source, int(defined.Root.Pos), "no templates are defined in a message: write the text where it stands")
		}
	}
	walk := &check{
		part: part, known: c.known, language: c.language, dot: members[""], used: c.used,
		found: func(at int, message string) { c.say(part, source, at, message) },
	}
	walk.block(tree.Root, walk.dot)
	if part == partHTML {
		checkHTML(withoutActions(source, tree), walk.found)
	}
	if len(c.mistakes) > before {
		return nil
	}
	return tree
}

// parserMistake reads the line out of an error of the parser.
func parserMistake(err error) (line int, message string) {
	message = strings.TrimPrefix(err.Error(), "template: "+treeName+":")
	if number, rest, found := strings.Cut(message, ": "); found {
		if n, err := strconv.Atoi(number); err == nil {
			line, message = n, rest
		}
	}
	switch message {
	case "unexpected EOF":
		message = "an {{ if }}, {{ with }} or {{ range }} has no {{ end }}"
	case "unexpected {{end}}":
		message = "there is an {{ end }} too many"
	case "unclosed action", "unclosed left paren":
		message += ": it has to end before the line does"
	}
	return max(1, line), message
}

// plain compiles a subject or a text; nil if there is a mistake in it.
func (c *compiler) plain(part, source string) *compiledPart {
	tree := c.tree(part, source)
	if tree == nil {
		return nil
	}
	made, err := template.New(part).Option("missingkey=zero").Funcs(c.language.callables()).AddParseTree(part, tree)
	if err == nil {
		err = c.try(func(out io.Writer, data *Data) error { return made.Execute(out, data) })
	}
	if err != nil {
		c.sayOfAll(part, err.Error())
		return nil
	}
	return &compiledPart{made, c.language.flatten(made.Tree, plainEscapers)}
}

// html compiles an html; nil if there is a mistake in it.
func (c *compiler) html(source string) *compiledPart {
	tree := c.tree(partHTML, source)
	if tree == nil {
		return nil
	}
	made, err := htmltemplate.New(partHTML).Option("missingkey=zero").Funcs(c.language.callables()).AddParseTree(partHTML, tree)
	if err != nil {
		c.sayOfAll(partHTML, err.Error())
		return nil
	}
	before := len(c.mistakes)
	err = c.try(func(out io.Writer, data *Data) error {
		var rendered strings.Builder
		if err := made.Execute(io.MultiWriter(out, &rendered), data); err != nil {
			return err
		}
		if len(c.mistakes) == before {
			// What is put together of pieces shows only here.
			checkHTML(rendered.String(), func(_ int, message string) { c.say(partHTML, source, 0, message) })
		}
		return nil
	})
	var escaping *htmltemplate.Error
	switch {
	case errors.As(err, &escaping):
		at := startOfLine(source, max(1, escaping.Line))
		if escaping.Node != nil {
			at = int(startOf(escaping.Node))
		}
		c.say(partHTML, source, at, unfinished(escaping))
	case err != nil:
		c.sayOfAll(partHTML, err.Error())
	}
	if len(c.mistakes) > before {
		return nil
	}
	// Since the trial its tree has the escapers.
	return &compiledPart{made, c.language.flatten(made.Tree, htmlEscapers)}
}

// unfinished says in plain words where an html is not closed.
func unfinished(found *htmltemplate.Error) string {
	switch found.ErrorCode {
	case htmltemplate.ErrBranchEnd:
		return "its branches end at different places of the html: close in each branch the tags and quotes that it opens"
	case htmltemplate.ErrEndContext:
		return "the html ends within a tag, a quote or a comment: close it"
	default:
		return found.Description
	}
}

// derive makes the text of a message that has none.
func (c *compiler) derive(html string) *compiledPart {
	tree, err := parseAgain(html)
	if err == nil {
		trial := compiler{locale: c.locale, known: c.known, language: c.language, used: c.used}
		if made := trial.plain(partText, textOf(html, tree)); made != nil {
			return made
		}
	}
	c.sayOfAll(partHTML, "no text can be made of it for those who read no html: write a text beside it")
	return nil
}

// parseAgain parses a template that has been parsed before, for its literals.
func parseAgain(source string) (*parse.Tree, error) {
	tree := parse.New(treeName)
	tree.Mode = parse.SkipFuncCheck
	return tree.Parse(source, "", "", map[string]*parse.Tree{})
}

// try runs a template for somebody of whom everything is known, and for somebody
// of whom nothing is.
func (c *compiler) try(execute func(io.Writer, *Data) error) error {
	for _, data := range []*Data{c.everything(), {}} {
		var out []byte
		if err := execute(bounded{&out}, data); err != nil {
			return err
		}
	}
	return nil
}

// everything is a recipient who has all attributes and milestones.
func (c *compiler) everything() *Data {
	data := Sample()
	for _, name := range c.known.Milestones {
		data.Exhibition.Milestones[name] = data.Exhibition.Opens
	}
	for name, kind := range c.known.Attributes {
		value := customer.Number(1)
		if kind == customer.Text {
			value = customer.String(name)
		}
		data.Customer.Attributes[name] = AttributeValue(customer.Attribute{Name: name, Kind: kind, Value: value}, time.UTC)
	}
	return data
}
