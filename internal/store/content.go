package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/customer/match"
)

// content is what one source says of a party: the fields that were given, by
// name, and attributes. Numbers are as the store holds them.
type content map[string]any

// attributesKey stands beside the fields in a content.
const attributesKey = "attributes"

// contentOf writes what a row says of a party as canonical JSON: the same
// fields give the same text.
func contentOf(party *customer.PartyRow) string {
	data := append(make([]byte, 0, 128), '{')
	member := func(name string, kind customer.Kind, value customer.Value) {
		if last := data[len(data)-1]; last != '{' {
			data = append(data, ',')
		}
		data = appendJSON(data, name)
		data = append(data, ':')
		switch {
		case kind == customer.Truth:
			data = strconv.AppendBool(data, value.Number != 0)
		case kind.IsNumber():
			data = strconv.AppendInt(data, value.Number, 10)
		default:
			data = appendJSON(data, value.Text)
		}
	}
	for i, value := range party.Values {
		// The time of saying is not part of what is said.
		if value.Present && i != customer.PartyAt {
			member(customer.PartyFields[i].Name, customer.PartyFields[i].Kind, value)
		}
	}
	attributes := slices.DeleteFunc(slices.Clone(party.Attributes), func(a customer.Attribute) bool { return !a.Value.Present })
	if len(attributes) > 0 {
		slices.SortFunc(attributes, func(a, b customer.Attribute) int { return cmp.Compare(a.Name, b.Name) })
		if len(data) > 1 {
			data = append(data, ',')
		}
		data = append(data, `"`+attributesKey+`":{`...)
		for _, attribute := range attributes {
			member(attribute.Name, attribute.Kind, attribute.Value)
		}
		data = append(data, '}')
	}
	return string(append(data, '}'))
}

func appendJSON(data []byte, value string) []byte {
	for i := range len(value) {
		if value[i] < ' ' || value[i] == '"' || value[i] == '\\' || value[i] >= 0x7f {
			var buffer bytes.Buffer
			encoder := json.NewEncoder(&buffer)
			encoder.SetEscapeHTML(false)
			if err := encoder.Encode(value); err != nil {
				panic(err) // a string can be written as JSON
			}
			return append(data, bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))...)
		}
	}
	data = append(data, '"')
	data = append(data, value...)
	return append(data, '"')
}

func parseContent(data string) (content, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(data)))
	decoder.UseNumber()
	var parsed content
	if err := decoder.Decode(&parsed); err != nil {
		return nil, fmt.Errorf("reading what a source says of a party: %w", err)
	}
	return parsed, nil
}

// record is what one source says of a party, with what decides whose word stands.
type record struct {
	id int64
	// trust in the source, 0 to 100.
	trust int64
	// at is when the source said it.
	at int64
	// kind of the party by the place where its row names it, if it does not say it.
	kind string
	// roles that facts under the record give.
	roles   int64
	content content
	// row that says the content, until somebody takes it from there.
	row *customer.PartyRow
}

// golden is a party as it stands.
type golden struct {
	kind     string
	fields   map[string]any
	zone     string
	inferred bool
	roles    int64
	// attributes as JSON.
	attributes string
}

// survive decides, field by field, whose word stands: the newest of the most
// trusted source; of equals the one that came first (map row B7).
func survive(records []record) (golden, error) {
	records = slices.Clone(records)
	slices.SortFunc(records, func(a, b record) int {
		return cmp.Or(cmp.Compare(b.trust, a.trust), cmp.Compare(b.at, a.at), cmp.Compare(a.id, b.id))
	})
	party := golden{kind: customer.Organization, fields: map[string]any{}}
	attributes := map[string]any{}
	for _, r := range records {
		party.roles |= r.roles
		for name, value := range r.content {
			switch name {
			case attributesKey:
				nested, _ := value.(map[string]any)
				for name, value := range nested {
					if _, known := attributes[name]; !known {
						attributes[name] = value
					}
				}
			case "roles":
				bits, err := integer(value)
				if err != nil {
					return party, err
				}
				party.roles |= bits
			default:
				if _, known := party.fields[name]; !known {
					party.fields[name] = value
				}
			}
		}
	}
	if kind, given := party.fields["kind"].(string); given {
		party.kind = kind
	} else if len(records) > 0 {
		// Nobody says it: it is what it was when it was met first.
		party.kind = slices.MinFunc(records, func(a, b record) int { return cmp.Compare(a.id, b.id) }).kind
	}
	party.zone, _ = party.fields["timeZone"].(string)
	if country, given := party.fields["country"].(string); given && party.zone == "" {
		party.zone = match.TimeZone(country)
		party.inferred = party.zone != ""
	}
	data, err := json.Marshal(attributes)
	if err != nil {
		return party, fmt.Errorf("writing attributes: %w", err)
	}
	party.attributes = string(data)
	return party, nil
}

func integer(value any) (int64, error) {
	number, ok := value.(json.Number)
	if !ok {
		return 0, fmt.Errorf("reading what a source says of a party: %v is not a number", value)
	}
	return number.Int64()
}

// goldenColumns are party's, in the order of goldenRow.
var goldenColumns = []string{
	"id", "kind", "code", "name", "country", "region", "city", "address", "postcode", "industry", "size",
	"locale", "time_zone", "time_zone_inferred", "born", "origin", "roles", "attributes",
}

// goldenRow is a party as a row of its table. Without a code of its own it has
// one that follows from its number.
func goldenRow(id int64, party golden) ([]cell, error) {
	text := func(name string) cell {
		value, _ := party.fields[name].(string)
		return optionalText(value)
	}
	born := cell{}
	if value, given := party.fields["born"]; given {
		day, err := integer(value)
		if err != nil {
			return nil, err
		}
		born = numberCell(day)
	}
	code := text("code")
	if code.kind == null {
		code = textCell(madeUpCode(id))
	}
	return []cell{
		numberCell(id), textCell(party.kind), code, text("name"), text("country"), text("region"), text("city"),
		text("address"), text("postcode"), text("industry"), text("size"), text("locale"),
		optionalText(party.zone), truthCell(party.inferred), born, text("origin"), numberCell(party.roles), textCell(party.attributes),
	}, nil
}

// madeUpCode is the code of a party that no source gives one.
func madeUpCode(id int64) string { return fmt.Sprintf("FL-%07d", id) }

// conflicts are the fields on which records disagree, in order.
func conflicts(records []record) []string {
	said := map[string]any{}
	different := map[string]bool{}
	for _, r := range records {
		for name, value := range r.content {
			if name == attributesKey || name == "roles" {
				continue
			}
			if before, known := said[name]; known && before != value {
				different[name] = true
			}
			said[name] = value
		}
	}
	return slices.Sorted(maps.Keys(different))
}

// contentMap is what a row says, as survive reads it.
func contentMap(party *customer.PartyRow) content {
	said := content{}
	put := func(into map[string]any, name string, kind customer.Kind, value customer.Value) {
		switch {
		case !value.Present:
		case kind == customer.Truth:
			into[name] = value.Number != 0
		case kind.IsNumber():
			into[name] = json.Number(strconv.FormatInt(value.Number, 10))
		default:
			into[name] = value.Text
		}
	}
	for i, value := range party.Values {
		if i != customer.PartyAt {
			put(said, customer.PartyFields[i].Name, customer.PartyFields[i].Kind, value)
		}
	}
	attributes := map[string]any{}
	for _, attribute := range party.Attributes {
		put(attributes, attribute.Name, attribute.Kind, attribute.Value)
	}
	if len(attributes) > 0 {
		said[attributesKey] = attributes
	}
	return said
}
