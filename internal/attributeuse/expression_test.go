package attributeuse

import (
	"slices"
	"strings"
	"testing"
)

// expectReading compares what a text says with what it should.
func expectReading(t *testing.T, got reading, err error, names []string, because string) {
	t.Helper()
	if err != nil {
		t.Fatalf("it cannot be read: %v", err)
	}
	slices.Sort(got.names)
	if !slices.Equal(got.names, names) {
		t.Errorf("it names %q, want %q", got.names, names)
	}
	if why := strings.Join(got.anyBecause, ", and "); why != because {
		t.Errorf("it may take any because it %q, want %q", why, because)
	}
}

func TestExpressions(t *testing.T) {
	tests := map[string]struct {
		names   []string
		because string
	}{
		// By name.
		`customer.attributes.fleet > 3.0`:                         {[]string{"fleet"}, ""},
		`customer.attributes['fleet'] > 3.0`:                      {[]string{"fleet"}, ""},
		`customer.attributes["fleet"] > 3.0`:                      {[]string{"fleet"}, ""},
		`customer.attributes[r'fleet'] > 3.0`:                     {[]string{"fleet"}, ""},
		"customer.attributes.`fleet` > 3.0":                       {[]string{"fleet"}, ""},
		`customer['attributes'].fleet > 3.0`:                      {[]string{"fleet"}, ""},
		`.customer.attributes.fleet > 3.0`:                        {[]string{"fleet"}, ""},
		"customer // of course\n  .attributes\n  .fleet > 3.0":    {[]string{"fleet"}, ""},
		`has(customer.attributes.fleet)`:                          {[]string{"fleet"}, ""},
		`!('fleet' in customer.attributes)`:                       {[]string{"fleet"}, ""},
		`customer.?attributes.?fleet.orValue(0.0) > 3.0`:          {[]string{"fleet"}, ""},
		`customer.attributes[?'fleet'].hasValue()`:                {[]string{"fleet"}, ""},
		`customer.attributes.slogan.startsWith('Fly')`:            {[]string{"slogan"}, ""},
		`customer.attributes.slogan.matches(customer.name)`:       {[]string{"slogan"}, ""},
		`'x'.matches(customer.attributes.slogan)`:                 {[]string{"slogan"}, ""},
		`[1.0, 2.0].exists(n, n == customer.attributes.fleet)`:    {[]string{"fleet"}, ""},
		`customer.people.exists(p, p.attributes.diet == 'Vegan')`: {[]string{"diet"}, ""},
		`customer.roles.exists(r, r == 'Exhibitor') && (customer.attributes.a == 1 || customer.attributes.b ? true : customer.attributes.c)`: {[]string{"a", "b", "c"}, ""},
		`{'a': customer.attributes.a}[customer.attributes.b]`:                                                                                {[]string{"a", "b"}, ""},
		`Thing{of: customer.attributes.a}.of`:                                                                                                {[]string{"a"}, ""},
		`[1].map(x, x > 0, [customer.attributes.a]).filter(l, l[0] in [2]).size() > 0`:                                                       {[]string{"a"}, ""},
		// A macro's variable of the name is not the customer.
		`['a'].exists(customer, customer == 'a')`: {nil, ""},
		// Nothing.
		`true`: {nil, ""},
		`customer.series('Farnborough').participations > 0 && 'Exhibitor' in customer.roles`: {nil, ""},
		`customer.inSegment('attributes.fleet', 'customer.attributes.fleet')`:                {nil, ""},
		`fact.boothArea * 2.0`:                  {nil, ""},
		`fact.words[customer.country] == 'yes'`: {nil, ""},
		// Perhaps any.
		`customer.attributes[customer.industry] == 'x'`:         {nil, takesWorkedOut},
		`customer.attributes['fl' + 'eet'] == 3.0`:              {nil, takesWorkedOut},
		`customer.attributes[customer.attributes.key] == 'x'`:   {[]string{"key"}, takesWorkedOut},
		`customer.industry in customer.attributes`:              {nil, takesWorkedOut},
		`['a', 'b'].all(n, n in customer.attributes)`:           {nil, takesWorkedOut},
		`customer.attributes.exists(n, n == 'fleet')`:           {nil, takesAttributes},
		`customer.attributes.size() > 2`:                        {nil, takesAttributes},
		`size(customer.attributes) > 2`:                         {nil, takesAttributes},
		`has(customer.attributes)`:                              {nil, takesAttributes},
		`customer.attributes == {'a': 1}`:                       {nil, takesAttributes},
		`(true ? customer.attributes : {}).fleet == 3.0`:        {nil, takesAttributes},
		`dyn(customer).attributes.fleet == 3.0`:                 {[]string{"fleet"}, takesCustomer},
		`[customer].exists(c, c.attributes.fleet > 3.0)`:        {[]string{"fleet"}, takesCustomer},
		`customer[customer.name] == 1`:                          {nil, takesCustomer},
		`['a'].exists(customer, .customer == customer)`:         {nil, takesCustomer},
		`['a'].exists(customer, true) && customer == customer`:  {nil, takesCustomer},
		`customer == null || size(customer.attributes) > 2`:     {nil, takesCustomer + ", and " + takesAttributes},
		`[1].all(x, customer.attributes[string(x)] == 1.0)`:     {nil, takesWorkedOut},
		`customer.attributes.a == customer.attributes[fact.of]`: {[]string{"a"}, takesWorkedOut},
	}
	for expression, test := range tests {
		t.Run(expression, func(t *testing.T) {
			got, err := readExpression(expression)
			expectReading(t, got, err, test.names, test.because)
		})
	}
}

func TestUnreadableExpressions(t *testing.T) {
	for expression, want := range map[string]string{
		"":                                 "it is empty",
		"  ":                               "line 1, column 3: Syntax error: mismatched input '<EOF>'",
		"customer.attributes.fleet >":      "line 1, column 28: Syntax error",
		"true &&\n  customer.attributes..": "line 2, column 23: Syntax error",
		"customer.attributes.fleet = 3":    "line 1, column 27: Syntax error",
		"has(customer)":                    "line 1, column 5: invalid argument to has() macro",
		strings.Repeat("(", 3000):          "line ",
	} {
		got, err := readExpression(expression)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("of %.40q it says %+v, %v; want %q", expression, got, err, want)
		}
	}
}

// FuzzExpressions: whatever stands in a resource, reading it ends, and says the
// same each time.
func FuzzExpressions(f *testing.F) {
	for _, seed := range []string{"customer.attributes.fleet > 3.0", "customer.?a[?'b'].c(d){e: f}", "[1].exists(x, x in customer.attributes)", "`"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expression string) { sameTwice(t, readExpression, expression) })
}

func sameTwice(t *testing.T, read func(string) (reading, error), content string) {
	t.Helper()
	one, err := read(content)
	other, again := read(content)
	if (err == nil) != (again == nil) || !slices.Equal(one.names, other.names) || !slices.Equal(one.anyBecause, other.anyBecause) {
		t.Errorf("it says %+v, %v, and then %+v, %v", one, err, other, again)
	}
}
