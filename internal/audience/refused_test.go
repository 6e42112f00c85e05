package audience

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// refused are expressions that do not compile: where the mistake begins, and what its
// reader is told.
var refused = []struct {
	name, expression string
	line, column     int
	reason           string
}{
	{"unknown field", "customer.participation > 0", 1, 1, "there is no field participation: did you mean participations?"},
	{"unknown field, nothing near", "has(customer.shoeSize)", 1, 1, "there is no field shoeSize"},
	{"unknown field of a series", "true && customer.series('Fair').missedEdition > 0", 1, 9, "there is no field missedEdition: did you mean missedEditions?"},
	{"unknown field after a line break", "customer.participations > 0 &&\n\n\tcustomer.shoeSize > 3", 3, 2, "there is no field shoeSize"},
	{"unknown field after wide characters", "'日本' == customer.country && customer.shoeSize > 3", 1, 29, "there is no field shoeSize"},
	{"unknown field of a text", "customer.country.size > 3", 1, 1, "text has no fields"},
	{"field without customer", "participations > 0", 1, 1, "there is no participations: did you mean customer.participations?"},
	{"unknown variable", "custmer.participations > 0", 1, 1, "there is no custmer: did you mean customer?; expressions speak of customer"},
	{"unknown function", "customer.participate('Fair')", 1, 1, "there is no function participate: did you mean participated?"},
	{"unknown global function", "today() > customer.firstPurchase", 1, 1, "there is no function today"},
	{"macro with other arguments", "['a'].exists(i, x, x == 'a')", 1, 1, "exists takes other arguments: write has(customer.country), list.exists(x, condition) or"},
	{"has of a variable", "has(customer)", 1, 5, "has asks for a field, such as has(customer.country)"},

	{"code", "customer.code == 'FL-1'", 1, 1, "there is no field code: no expression names a customer. Put those who are meant on a list, and ask for it by customer.onList"},
	{"name", "customer.name == 'Smith'", 1, 1, "there is no field name: no expression names a customer"},
	{"email", "customer.email.endsWith('@example.com')", 1, 1, "there is no field email: no expression names a customer"},
	{"unknown attribute", "customer.attributes.ratin > 1.0", 1, 1, "there is no attribute ratin: did you mean rating?"},
	{"unknown attribute by index", "customer.attributes['ratin'] > 1.0", 1, 1, "there is no attribute ratin: did you mean rating?"},
	{"unknown attribute by in", "true && 'fleet' in customer.attributes", 1, 9, "there is no attribute fleet"},
	{"unknown attribute over lines", `customer.attributes['a\nb'] == 'x'`, 1, 1, "there is no attribute a b"},
	{"attribute whose name is computed", "customer.attributes[customer.country] == 'x'", 1, 1, "[] takes an attribute whose name is written down"},
	{"attributes as a whole", "customer.attributes.exists(a, a == 'x')", 1, 1, "exists and all go through lists and customer.roles, not attributes"},
	{"counted when it is shown", "customer.messages30Days > 3", 1, 1, "messages30Days is counted when it is shown, and cannot be asked"},

	{"text against number", "customer.participations > '3'", 1, 1, "> does not go with (whole number, text)"},
	{"decimal against whole number", "customer.revenue == 5", 1, 1, "== does not go with (decimal, whole number): beside a decimal write a whole number with a point, such as 5.0, or decimal(n)"},
	{"whole number against decimal", "5.0 != customer.participations", 1, 1, "!= does not go with (decimal, whole number): beside a decimal"},
	{"decimal in whole numbers", "customer.revenue in [5, 6]", 1, 1, "such as 5.0, or decimal(n)"},
	{"remainder of a decimal", "customer.revenue % 2 == 0", 1, 1, "only whole numbers have a remainder"},
	{"time against text", "customer.firstPurchase > '2024-01-31'", 1, 1, "> does not go with (time, text): write timestamp('2024-01-31T00:00:00Z')"},
	{"time against duration", "customer.firstPurchase > duration('1h')", 1, 1, "> does not go with (time, duration)"},
	{"number as a condition", "true && customer.participations", 1, 9, "its type is whole number, and truth value is needed"},
	{"branches of two types", "(true ? 1 : 'a') == 1", 1, 2, "?: does not go with (truth value, whole number, text)"},
	{"text times number", "'a' * 2 == 'aa'", 1, 1, "* does not go with (text, whole number)"},
	{"sum of times", "now() + now() > now()", 1, 1, "+ does not go with (time, time)"},
	{"list of two types", "customer.participations in [1, 'a']", 1, 32, "a list is of one type, and this is a text after a whole number"},
	{"no truth value: whole number", "customer.participations + 1", 1, 1, "it gives a whole number, and has to be true or false: compare it with something"},
	{"no truth value: text", "customer.country", 1, 1, "it gives a text, and has to be true or false"},
	{"no truth value: time", "\n  now()", 2, 3, "it gives a time, and has to be true or false"},
	{"no truth value: customer", "customer", 1, 1, "it gives a customer, and has to be true or false"},
	{"no truth value: series", "customer.series('Fair')", 1, 1, "it gives a series, and has to be true or false"},

	{"empty", "", 1, 1, "the expression is empty"},
	{"white space", " \n\t ", 1, 1, "the expression is empty"},
	{"nothing but a remark", "// nothing", 1, 11, "the expression ends before it is complete"},
	{"unfinished", "customer.participations >", 1, 26, "the expression ends before it is complete"},
	{"too long", strings.Repeat("true || ", 1_250) + "true", 1, 1, "the expression has 10004 characters, and 4096 are allowed: split the expression into segments"},
	{"too many parentheses", strings.Repeat("(", 1_000) + "true" + strings.Repeat(")", 1_000), 1, 1, "it is nested too deep: split the expression into segments"},
	{"too many branches", strings.Repeat("true ? (", 40) + "true" + strings.Repeat(") : false", 40), 1, 313, "it is nested 41 deep, and 32 are allowed: split the expression into segments"},
	{"too many lists", strings.Repeat("[", 40) + strings.Repeat("]", 40) + " == []", 1, 40, "it is nested 41 deep, and 32 are allowed"},
	{"chain too long", "customer.participations > 1" + strings.Repeat(" + 1", 40), 1, 27, "it is nested 42 deep, and 32 are allowed"},
	{"too many operations", "customer.roles.exists(a, customer.roles.exists(b, customer.roles.exists(c, customer.roles.exists(d, a == b || c == d))))", 1, 111, "the expression comes to more than 2000 operations, where in, exists and all count once for every element: split the expression into segments"},
	{"too much by repetition", "true" + strings.Repeat(" in [true, true, true, true, true, true, true, true]", 20), 1, 1, "the expression comes to more than 2000 operations"},
	{"too much by variables", "[true].exists(a, [a && a && a && a && a && a && a && a].exists(b, [b && b && b && b && b && b && b && b].exists(c, [c && c && c && c && c && c && c && c].exists(d, d && d))))", 1, 165, "the expression comes to more than 2000 operations"},
	{"too many series", strings.Join(numbered("customer.series('%02d').participations > 0", 33), " || "), 1, 1409, "more than 32 series and roles are asked: split the expression into segments"},

	{"NUL", "customer.country == 'a\x00'", 1, 1, "the expression holds the character NUL, which no database takes"},
	{"NUL, written", `customer.country == 'a\u0000'`, 1, 21, "a text with the character NUL is in no database"},
	{"NUL in a name", `customer.onList('\000')`, 1, 17, "a text with the character NUL is in no database"},
	{"whole number too large", "customer.participations < 9007199254740993", 1, 27, "whole numbers go to 2^53 (9007199254740992) either way"},
	{"whole number too small", "customer.participations > -9007199254740993", 1, 27, "whole numbers go to 2^53 (9007199254740992) either way"},
	{"whole number beyond 64 bits", "customer.participations < 99999999999999999999", 1, 27, "whole numbers go to 2^53 (9007199254740992) either way"},
	{"seven digits after the point", "customer.revenue > 0.1234567 && customer.discount > 0.7654321", 1, 20, "a decimal has at most 6 digits after the point and 12 before it"},
	{"thirteen digits before the point", "customer.revenue > 1234567890123.5", 1, 20, "a decimal has at most 6 digits after the point and 12 before it"},
	{"uint", "customer.participations > 3u", 1, 1, "> does not go with (whole number, number with u): write a whole number without u"},
	{"uint alone", "5u > 3u", 1, 1, "write a whole number without u"},
	{"bytes", "customer.country == b'DE'", 1, 1, "== does not go with (text, bytes): write a text without b"},
	{"bytes alone", "b'a' < b'b'", 1, 1, "write a text without b"},
	{"null", "customer.country == null", 1, 1, "there is no null: has asks whether there is a value, such as has(customer.country)"},
	{"time against null", "customer.firstPurchase != null", 1, 27, "there is no null: has asks whether there is a value"},
	{"map", "customer.country in {'DE': true}", 1, 21, "maps and messages cannot be asked: compare fields of customer"},
	{"message", "google.protobuf.Timestamp{seconds: 1} < now()", 1, 1, "maps and messages cannot be asked"},
	{"message of ours", "fairlead.Customer{}.participations == 0", 1, 1, "maps and messages cannot be asked"},
	{"matches", "customer.country.matches('D.')", 1, 1, "regular expressions are another in each database: use contains, startsWith or endsWith"},
	{"year of a time", "customer.firstPurchase.getFullYear() == 2024", 1, 1, "getFullYear cannot be asked: compare with bounds, such as >= timestamp('2024-01-01T00:00:00Z')"},
	{"month in a zone", "customer.firstPurchase.getMonth('Europe/Berlin') == 2", 1, 1, "getMonth cannot be asked: compare with bounds"},
	{"int()", "int(customer.revenue) > 3", 1, 1, "int cannot be asked: every field of customer has its type; decimal(n) makes a decimal of a whole number"},
	{"string()", "string(customer.participations) == '5'", 1, 1, "string cannot be asked: every field of customer has its type"},
	{"double()", "double(customer.participations) > 3.0", 1, 1, "double cannot be asked: every field of customer has its type"},
	{"type()", "type(customer.country) == string", 1, 1, "type cannot be asked: every field of customer has its type"},
	{"dyn()", "dyn(customer.participations) == 3", 1, 1, "dyn cannot be asked: every field of customer has its type"},
	{"type as a value", "int == int", 1, 1, "types cannot be asked"},
	{"filter", "size(customer.roles.filter(r, r != 'Visitor')) > 0", 1, 6, "of the macros has, exists and all can be asked: filter, map and exists_one cannot"},
	{"map()", "'a' in customer.roles.map(r, r + 'a')", 1, 8, "of the macros has, exists and all can be asked"},
	{"exists_one", "customer.roles.exists_one(r, r.startsWith('V'))", 1, 1, "of the macros has, exists and all can be asked"},
	{"element by number", "customer.roles[0] == 'Visitor'", 1, 1, "of lists ask in, exists or all"},
	{"exists over what can be absent", "[customer.revenue].exists(x, x > 1.0)", 1, 1, "exists and all go through customer.roles and lists of what is written down or never absent"},
	{"size of a list", "size([1, 2]) == 2", 1, 1, "size can be asked of texts and of customer.roles"},

	{"days that are not written down", "customer.lastContact < daysAgo(customer.participations)", 1, 24, "daysAgo takes a number of days that is written down, up to 36525"},
	{"more than a hundred years ago", "customer.lastContact < daysAgo(36526)", 1, 24, "daysAgo takes a number of days that is written down, up to 36525"},
	{"more than a hundred years ahead", "customer.lastContact < daysAgo(-36526)", 1, 24, "daysAgo takes a number of days that is written down, up to 36525"},
	{"parts of days", "customer.lastContact < daysAgo(1.5)", 1, 24, "daysAgo does not go with (decimal): write daysAgo(whole number)"},
	{"no time", "customer.lastContact < timestamp('2024-01-31')", 1, 24, `"2024-01-31" is no time: write it as 2024-01-31T00:00:00Z`},
	{"impossible date", "customer.lastContact < timestamp('2023-02-29T00:00:00Z')", 1, 24, `"2023-02-29T00:00:00Z" is no time`},
	{"less than a millisecond", "customer.lastContact < timestamp('2024-01-31T00:00:00.0001Z')", 1, 24, "times are held to the millisecond"},
	{"before the year 1", "customer.lastContact < timestamp('0000-12-31T23:59:59Z')", 1, 24, "times are in the years 1 to 9999"},
	{"after the year 9999", "customer.lastContact < timestamp('9999-12-31T23:59:59-01:00')", 1, 24, "times are in the years 1 to 9999"},
	{"year 10000", "customer.lastContact < timestamp('10000-01-01T00:00:00Z')", 1, 24, "is no time"},
	{"time of a number", "customer.lastContact < timestamp(5)", 1, 34, "it has to be written down as a text"},
	{"no duration", "now() - customer.lastContact > duration('30d')", 1, 32, `"30d" is no duration: write it in hours, minutes and seconds, such as 720h`},
	{"duration below a millisecond", "now() - customer.lastContact > duration('1us')", 1, 32, "durations are held to the millisecond"},
	{"decimal of a text", "customer.revenue > decimal('5')", 1, 20, "decimal does not go with (text): write decimal(number with a point) or decimal(whole number)"},

	{"unknown role", "'exhibiter' in customer.roles", 1, 1, `there is no role "exhibiter": did you mean Exhibitor? (there are Exhibitor, Visitor,`},
	{"unknown role of a loop", "customer.roles.exists(r, r == 'exhibiter')", 1, 26, `there is no value "exhibiter": did you mean Exhibitor?`},
	{"unknown role in a series", "customer.series('Fair', 'visitor').participations > 0", 1, 1, `there is no role "visitor": did you mean Visitor?`},
	{"unknown role in an edition", "customer.participated('Fair', '2024', 'Guest')", 1, 1, `there is no role "Guest" (there are Exhibitor,`},
	{"unknown status", "customer.participated('Fair', '2024', 'Visitor', 'paid')", 1, 1, `there is no status "paid": did you mean Paid? (there are Enquired,`},
	{"unknown word", "customer.kind == 'organisation'", 1, 1, `there is no value "organisation": did you mean Organization? (there are Organization, Person)`},
	{"unknown word, turned round", "'organisation' != customer.kind", 1, 1, `there is no value "organisation"`},
	{"unknown word in a list", "customer.kind in ['Person', 'organisation']", 1, 1, `there is no value "organisation"`},
	{"unknown status of a series", "customer.series('Fair').nextStatus == 'paid'", 1, 1, `there is no value "paid": did you mean Paid?`},
	{"series that is not written down", "customer.series(customer.country).participations > 0", 1, 17, "it has to be written down as a text, so that it is known beforehand what is asked"},
	{"segment that is not written down", "customer.inSegment('a' + 'b')", 1, 20, "it has to be written down as a text"},
	{"edition that is not written down", "customer.participated('Fair', customer.country)", 1, 31, "it has to be written down as a text"},
	{"arguments missing", "customer.booked('Fair')", 1, 1, "booked does not go with customer.(text): write customer.booked(text, text)"},
	{"function without customer", "inSegment('one')", 1, 1, "write customer.inSegment(text) or customer.inSegment(text, text)"},

	{"lists compared", "[1] == [1]", 1, 1, "a list cannot be compared as a whole: ask for its elements or fields"},
	{"roles compared", "customer.roles == ['Visitor']", 1, 1, "the roles of a customer cannot be compared as a whole"},
	{"customers compared", "customer == customer", 1, 1, "a customer cannot be compared as a whole"},
	{"customer in a list", "customer in [customer]", 1, 1, "a customer cannot be compared as a whole"},
	{"series compared", "customer.series('Fair') == customer.series('Expo')", 1, 1, "a series cannot be compared as a whole"},
	{"order of truth values", "customer.attributes.vip > false", 1, 1, "truth values have no order: use == or !"},
	{"choice of lists", "(true ? [1] : [2]).exists(x, x > 1)", 1, 2, "a branch has to be a value, and this is a list"},

	{"= for ==", "customer.participations = 1", 1, 25, "write == to compare"},
	{"& for &&", "true & true", 1, 6, "write && for and"},
	{"and for &&", "true and true", 1, 6, "write && for and"},
	{"text without its end", "customer.country == 'DE", 1, 21, "a text ends with the quote that it begins with, on the same line"},
	{"text over lines", "customer.country\n == 'D\nE'", 2, 5, "a text ends with the quote that it begins with, on the same line"},
	{"another language", "SELECT 1", 1, 8, "1 cannot stand here"},
	{"a semicolon", "true; true", 1, 5, "; cannot stand here"},
	{"no code point", `customer.country == '\ud800'`, 1, 21, "invalid unicode code point"},
}

// numbered repeats a text with numbers from 0 on.
func numbered(format string, times int) []string {
	var all []string
	for n := range times {
		all = append(all, fmt.Sprintf(format, n))
	}
	return all
}

func TestRefused(t *testing.T) {
	for _, test := range refused {
		t.Run(test.name, func(t *testing.T) {
			isRefused(t, test.expression, testCatalog, test.line, test.column, test.reason)
		})
	}
}

// TestRefusedWithoutCatalog is where no store says which attributes there are.
func TestRefusedWithoutCatalog(t *testing.T) {
	for _, test := range []struct {
		expression   string
		line, column int
		reason       string
	}{
		{"customer.attributes.fleet > 2.0", 1, 1, "the type of attribute fleet is not known here: only has can ask for it"},
		{"customer.attributes.vip", 1, 1, "the type of attribute vip is not known here"},
		{"true || customer.attributes['fleet'] == 'large'", 1, 9, "the type of attribute fleet is not known here"},
		{"[customer.attributes.fleet].exists(x, x)", 1, 2, "the type of attribute fleet is not known here"},
		{"customer.attributes['$erased'] == 'a'", 1, 1, "an attribute whose name begins with $ cannot be asked for"},
		{"true && '$erased' in customer.attributes", 1, 9, "an attribute whose name begins with $ cannot be asked for"},
		{`'a\u0000' in customer.attributes`, 1, 1, "a text with the character NUL is in no database"},
	} {
		t.Run(test.expression, func(t *testing.T) {
			isRefused(t, test.expression, Catalog{}, test.line, test.column, test.reason)
		})
	}
}

func isRefused(t *testing.T, expression string, catalog Catalog, line, column int, reason string) {
	t.Helper()
	program, err := Compile(expression, catalog)
	if err == nil {
		t.Fatalf("it compiles to %s", program.Predicate().Condition)
	}
	var problem *Problem
	if !errors.As(err, &problem) {
		t.Fatalf("%v is a %[1]T, and no Problem", err)
	}
	if problem.Line != line || problem.Column != column {
		t.Errorf("line %d, column %d: want line %d, column %d", problem.Line, problem.Column, line, column)
	}
	if !strings.Contains(problem.Reason, reason) {
		t.Errorf("got  %s\nwant %s", problem.Reason, reason)
	}
	if problem.NeedsStore != strings.Contains(reason, "is not known here") {
		t.Errorf("a store is needed: %t", problem.NeedsStore)
	}
	if strings.ContainsAny(problem.Error(), "\x00\n") || len(problem.Error()) > 600 {
		t.Errorf("it is not said on one line: %q", problem.Error())
	}
}
