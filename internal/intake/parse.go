package intake

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"

	"github.com/fairlead/fairlead/internal/customer"
)

var (
	sourceName    = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	attributeName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)
)

// attributeTypes are the types of attributes: those that expressions have.
var attributeTypes = []struct {
	name    string
	meaning customer.Field
}{
	{"Text", customer.Field{Kind: customer.Text}},
	{"Decimal", customer.Field{Kind: customer.Decimal, Scale: 6}},
	{"Truth", customer.Field{Kind: customer.Truth}},
	{"Day", customer.Field{Kind: customer.Day}},
	{"Time", customer.Field{Kind: customer.Instant}},
}

// ParseMapping reads a mapping file, which is YAML. The error joins everything
// that is wrong with it, each with the path of its place, such as
// `columns[3].field: participation has no field "aera"; did you mean "area"?`.
func ParseMapping(data []byte) (*Mapping, error) {
	top, err := parseYAML(data)
	if err != nil {
		return nil, err
	}
	top.object("source", "trust", "legalBasis", "acquired", "entity", "format", "mode", "snapshotOf",
		"resolveBy", "whenUnknown", "key", "ignore", "columns", "attributes")
	m := &Mapping{
		Source:      top.at("source").required(),
		Trust:       top.at("trust").integer(50, 0, 100),
		LegalBasis:  top.at("legalBasis").text(),
		Acquired:    top.at("acquired").text(),
		Mode:        choice(top.at("mode"), Delta, Snapshot),
		WhenUnknown: choice(top.at("whenUnknown"), Create, Reject),
		ResolveBy:   parseResolveBy(top.at("resolveBy")),
		format:      parseFormat(top.at("format")),
		ignore:      parseIgnore(top.at("ignore")),
		subject:     -1,
	}
	if m.Source != "" && !sourceName.MatchString(m.Source) {
		top.at("source").fail("%q is no name of a source: small letters, digits and hyphens, 63 at most", m.Source)
	}
	m.key = parseNames(top.at("key"))
	if name := top.at("entity").required(); name != "" {
		m.entity = customer.EntityByName(name)
		if m.entity == nil {
			var names []string
			for i := range customer.Entities {
				names = append(names, customer.Entities[i].Name)
			}
			top.at("entity").fail("there is no entity %q%s", name, suggest(name, names))
		}
	}
	if m.entity == nil {
		return nil, top.err()
	}
	m.parseSnapshot(top)
	m.parseColumns(top)
	m.parseAttributes(top.at("attributes"))
	m.checkWhole(top)
	if err := top.err(); err != nil {
		return nil, err
	}
	return m, nil
}

func parseFormat(n node) format {
	f := format{fileType: CSV, delimiter: ",", zone: time.UTC}
	if !n.object("type", "encoding", "delimiter", "decimalComma", "dateFormat", "timeZone", "columnNames") {
		return f
	}
	f.fileType = choice(n.at("type"), CSV, JSONLines)
	f.decimalComma = n.at("decimalComma").truth()
	if f.encoding = n.at("encoding").text(); f.encoding != "" {
		// Replacement stands for those that nobody should decode.
		if found, err := htmlindex.Get(f.encoding); err != nil || found == encoding.Replacement {
			n.at("encoding").fail("there is no encoding %q; there is, for instance, UTF-8, UTF-16, Windows-1252, GB18030, Shift_JIS", f.encoding)
		}
	}
	if text := n.at("delimiter").text(); text != "" {
		f.delimiter = strings.ReplaceAll(text, `\t`, "\t")
		if char, size := utf8.DecodeRuneInString(f.delimiter); size != len(f.delimiter) || strings.ContainsRune("\"\r\n\x00\ufeff\ufffd", char) {
			n.at("delimiter").fail("%q is not one character that can part columns", text)
		}
	}
	if text := n.at("dateFormat").text(); text != "" {
		var err error
		if f.dates, err = parseDateFormat(text); err != nil {
			n.at("dateFormat").fail("%v", err)
		}
	}
	if text := n.at("timeZone").text(); text != "" {
		var ok bool
		if f.zone, ok = loadZone(text); !ok {
			n.at("timeZone").fail("there is no time zone %q; there is, for instance, Europe/London", text)
			f.zone = time.UTC
		}
	}
	f.columnNames = parseNames(n.at("columnNames"))
	if f.fileType == JSONLines {
		for _, key := range []string{"delimiter", "columnNames"} {
			if n.at(key).given() {
				n.at(key).fail("is for CSV: objects name their own columns")
			}
		}
	}
	return f
}

// parseNames reads a list of different names of columns.
func parseNames(n node) []string {
	var names []string
	for _, item := range n.list() {
		name := trim(item.required())
		if name != "" && slices.Contains(names, name) {
			item.fail("%q is there twice", name)
		}
		names = append(names, name)
	}
	return names
}

func parseResolveBy(n node) []Resolution {
	all := []Resolution{ByExternalKey, ByEmail, ByMatchKey}
	if !n.given() {
		return all
	}
	var ways []Resolution
	for _, item := range n.list() {
		way := choice(item, all...)
		if slices.Contains(ways, way) {
			item.fail("%s is there twice", way)
		}
		ways = append(ways, way)
	}
	if len(ways) == 0 {
		n.fail("needs at least one way to find a party")
	}
	return ways
}

func parseIgnore(n node) []ignoreRule {
	var rules []ignoreRule
	for _, item := range n.list() {
		if !item.object("column", "values") {
			continue
		}
		rule := ignoreRule{column: trim(item.at("column").required())}
		for _, value := range item.at("values").list() {
			rule.values = append(rule.values, trim(value.text()))
		}
		if !item.at("values").given() {
			item.at("values").fail(`is required: the values of the rows to leave out; [""] for those that have none`)
		}
		rules = append(rules, rule)
	}
	return rules
}

func (m *Mapping) parseSnapshot(top node) {
	n := top.at("snapshotOf")
	hasEdition := slices.ContainsFunc(m.entity.Fields, func(f customer.Field) bool { return f.Kind == customer.Edition })
	switch {
	case m.Mode == Delta && n.given():
		n.fail("is for `mode: Snapshot`")
	case m.Mode == Delta:
	case hasEdition:
		m.SnapshotOf = choice(n, ScopeEdition, ScopeSource)
	default:
		if m.SnapshotOf = choice(n, ScopeSource, ScopeEdition); m.SnapshotOf == ScopeEdition {
			n.fail("%s has no edition: its snapshots are of the Source", m.entity.Name)
		}
	}
}

// parseAttributes reads what is said of the subject beside the fixed fields.
func (m *Mapping) parseAttributes(n node) {
	names := make([]string, 0, len(attributeTypes))
	for _, one := range attributeTypes {
		names = append(names, one.name)
	}
	items := n.list()
	if len(items) > 0 && m.subject < 0 {
		n.fail("%s is about no party: it has no attributes", m.entity.Name)
		return
	}
	var known []string
	for _, item := range items {
		if !item.object("column", "value", "name", "type", "words") {
			continue
		}
		s := step{target: toAttribute, party: m.subject, name: item.at("name").required()}
		s.field = s.name
		if s.name != "" && !attributeName.MatchString(s.name) {
			item.at("name").fail("%q is no name of an attribute: letters, digits and underscores, beginning with no digit", s.name)
		}
		if s.name != "" && slices.Contains(known, s.name) {
			item.at("name").fail("there are two attributes %q", s.name)
		}
		known = append(known, s.name)
		if item.at("type").required() != "" {
			chosen := choice(item.at("type"), names...)
			s.meaning = attributeTypes[slices.Index(names, chosen)].meaning
		}
		s.meaning.Name = s.name
		m.parseOrigin(item, &s)
		m.steps = append(m.steps, s)
	}
}
