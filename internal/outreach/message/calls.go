package message

import (
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
)

// wants demands a value of a group for a function.
func (c *check) wants(node *parse.IdentifierNode, arg argument, wanted ...group) {
	if slices.ContainsFunc(wanted, arg.is) {
		return
	}
	var names []string
	for _, one := range wanted {
		names = append(names, "a "+string(one))
	}
	c.say(arg.at, "%s is for %s, and this is %s", node.Ident, strings.ReplaceAll(strings.Join(names, " or "), "a amount", "an amount"), arg.shape)
}

// literalText demands a text that stands in the template as such: what is taken
// from data could be anything.
func (c *check) literalText(node *parse.IdentifierNode, arg argument, what string) bool {
	if arg.form == unknown {
		return false
	}
	if !arg.isLiteral || !arg.is(texts) {
		c.say(arg.at, "%s of %s is a text in quotes, as in %s", what, node.Ident, use(node.Ident))
		return false
	}
	return true
}

func (c *check) dateCall(node *parse.IdentifierNode, args []argument) shape {
	value := args[len(args)-1]
	c.wants(node, value, dates)
	if len(args) > 1 && c.literalText(node, args[0], "the form") {
		c.form(args[0], value.shape)
	}
	if len(args) > 2 && c.literalText(node, args[1], "the time zone") {
		zone, err := time.LoadLocation(args[1].literal)
		switch {
		case err != nil || args[1].literal == "" || args[1].literal == "Local":
			c.say(args[1].at, "there is no time zone %q: write one such as Europe/London", args[1].literal)
		case value.form == leaf && value.kind == customer.Day:
			c.say(args[1].at, "a day is the same in every time zone: leave the zone out")
		default:
			c.language.zones[args[1].literal] = zone
		}
	}
	return single(customer.Text)
}

// form checks the form of a date.
func (c *check) form(form argument, value shape) {
	named := contains(dateForms, form.literal)
	switch {
	case form.literal == formTime && value.form == leaf && value.kind == customer.Day:
		c.say(form.at, "a day has no time")
	case named && c.language.calendar == nil:
		c.say(form.at, "nobody told us how %s writes dates: write a layout in figures, such as 2006-01-02", c.language.tag)
	case !named && !isLayout(form.literal):
		c.say(form.at, `there is no form %q: write one of %s, or how 2 January 2006 would be written, such as "2.1.2006"`, form.literal, strings.Join(dateForms, ", "))
	case !named && c.language.calendar == nil && hasName(form.literal):
		c.say(form.at, "nobody told us the months and days of %s: write a layout in figures, such as 2006-01-02", c.language.tag)
	}
}

// isLayout tells whether a text is a layout of time.Format: two days must come
// out differently, and it must not be a layout of another system.
func isLayout(layout string) bool {
	const (
		first = 1_000_000_000
		later = 2_123_456_789
	)
	for _, foreign := range []string{"yy", "YY", "dd", "DD", "MM", "%"} {
		if strings.Contains(layout, foreign) {
			return false
		}
	}
	return time.Unix(first, 0).UTC().Format(layout) != time.Unix(later, 0).UTC().Format(layout)
}

func hasName(layout string) bool {
	_, name, _ := cutName(layout)
	return name != ""
}

func (c *check) numberCall(node *parse.IdentifierNode, args []argument) shape {
	c.wants(node, args[len(args)-1], numbers)
	if len(args) > 1 {
		const most = 6
		digits, err := strconv.Atoi(args[0].literal)
		if args[0].form != unknown && (!args[0].is(numbers) || err != nil || digits < 0 || digits > most) {
			c.say(args[0].at, "the digits of number are 0 to %d, as in %s", most, use(node.Ident))
		}
	}
	return single(customer.Text)
}

func (c *check) moneyCall(node *parse.IdentifierNode, args []argument) shape {
	value := args[len(args)-1]
	if len(args) == 1 {
		if !value.is(amounts) {
			c.say(value.at, "money needs a currency for %s, as in %s", value.shape, use(node.Ident))
		}
		return single(customer.Text)
	}
	c.wants(node, value, numbers)
	if c.literalText(node, args[0], "the currency") {
		if _, known := customer.MinorDigits(args[0].literal); !known {
			c.say(args[0].at, "there is no currency %q: write a code of ISO 4217, such as EUR", args[0].literal)
		}
	}
	return single(customer.Text)
}

func (c *check) pluralCall(node *parse.IdentifierNode, args []argument) shape {
	last := len(args) - 1
	if last%2 != 0 {
		c.say(node.Pos, "plural takes categories and texts by turns, and the number last, as in %s", use(node.Ident))
		return single(customer.Text)
	}
	c.wants(node, args[last], numbers)
	needed := c.language.categoriesNeeded()
	for i := 0; i < last; i += 2 {
		c.wants(node, args[i+1], texts)
		if !c.literalText(node, args[i], "a category") {
			return single(customer.Text)
		}
		if names := categoryNames(); !contains(names, args[i].literal) {
			c.say(args[i].at, "there is no category %q: there are %s", args[i].literal, strings.Join(names, ", "))
		}
		delete(needed, args[i].literal)
	}
	for _, category := range categoryNames() {
		if needed[category] {
			c.say(node.Pos, "plural lacks the text for %q, which numbers take in %s", category, c.language.tag)
		}
	}
	return single(customer.Text)
}

func categoryNames() []string { return []string{"zero", "one", "two", "few", "many", "other"} }

func (c *check) defaultCall(_ *parse.IdentifierNode, args []argument) shape {
	for _, arg := range args {
		if arg.form != leaf && arg.form != unknown {
			c.say(arg.at, "default is for single values, and this is %s", arg.shape)
			return shape{}
		}
	}
	if args[1].is(truths) && args[1].form == leaf {
		c.say(args[1].at, "default is for what can be written: ask yes or no with {{ if }}")
	}
	result, _ := either(args[0].shape, args[1].shape)
	return result
}

func (c *check) joinCall(node *parse.IdentifierNode, args []argument) shape {
	c.literalText(node, args[0], "what stands between")
	if args[1].form != list && args[1].form != unknown {
		c.say(args[1].at, "join is for a list, and this is %s", args[1].shape)
	}
	return single(customer.Text)
}

func (c *check) indexCall(node *parse.IdentifierNode, args []argument) shape {
	if args[0].form == unknown {
		return shape{}
	}
	if args[0].form != named {
		c.say(args[0].at, "index takes values by name, and this is %s: write the field with a point", args[0].shape)
		return shape{}
	}
	if !c.literalText(node, args[1], "the name") {
		return shape{}
	}
	return c.byName(args[0].shape, args[1].literal, args[1].at)
}

func (c *check) urlqueryCall(node *parse.IdentifierNode, args []argument) shape {
	if c.part == partHTML {
		c.say(node.Pos, "urlquery is not used in html: what stands in a link is escaped by itself")
	}
	c.wants(node, args[0], texts, numbers)
	return single(customer.Text)
}

func (c *check) negation(_ *parse.IdentifierNode, args []argument) shape {
	c.asked(args[0].at, args[0].shape)
	return single(customer.Truth)
}

// together checks and and or: they come to one of what they are given.
func (c *check) together(_ *parse.IdentifierNode, args []argument) shape {
	result := args[0].shape
	for i, arg := range args {
		if i < len(args)-1 {
			c.asked(arg.at, arg.shape)
		}
		merged, can := either(result, arg.shape)
		if !can || merged.form == leaf && result.group() != arg.group() {
			// As a condition it is good, and as nothing else.
			c.asked(arg.at, arg.shape)
			merged = single(customer.Truth)
		}
		result = merged
	}
	result.isLiteral = false
	return result
}

// comparison checks eq, lt and what is like them.
func (c *check) comparison(node *parse.IdentifierNode, args []argument) shape {
	first := args[0]
	for i, arg := range args {
		switch {
		case arg.form == unknown || first.form == unknown:
		case arg.form != leaf:
			c.say(arg.at, "%s compares single values, and this is %s", node.Ident, arg.shape)
			return single(customer.Truth)
		case (node.Ident != "eq" && node.Ident != "ne") && (arg.is(texts) || arg.is(truths)):
			c.say(arg.at, "%s has an order for numbers, amounts and dates, and this is %s", node.Ident, arg.shape)
			return single(customer.Truth)
		case i > 0 && !alike(first.shape, arg.shape):
			c.say(arg.at, "%s compares %s with %s", node.Ident, first.shape, arg.shape)
			return single(customer.Truth)
		}
	}
	return single(customer.Truth)
}

// alike tells whether values are of one group. Amounts are compared with
// numbers too: a template knows the currency of its store.
func alike(a, b shape) bool {
	isAmount := func(s shape) bool { return s.group() == amounts || s.group() == numbers }
	return a.group() == b.group() || isAmount(a) && isAmount(b)
}
