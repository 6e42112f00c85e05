package storetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// generated is a row with a value in every field. Another variant says something
// else in every field that is not part of the key.
func generated(entity *customer.Entity, variant int) *line {
	l := row(entity.Name)
	for i, field := range entity.Fields {
		switch {
		case field.Kind == customer.Party:
			l.who(field.Name)
			describe(l, field.Name, variant*isParty(entity))
		case slices.Contains(entity.Key, field.Name) && !needsKey(entity):
			l.made.Values[i] = generatedValue(field, 0)
		default:
			l.made.Values[i] = generatedValue(field, variant)
		}
	}
	if needsKey(entity) {
		l.keyed("F-1")
	}
	return l
}

// isParty is 1 for the entity whose rows say something of a party and nothing else.
func isParty(entity *customer.Entity) int {
	if entity.Name == "party" {
		return 1
	}
	return 0
}

// needsKey tells whether no field is left that could change under the same key.
func needsKey(entity *customer.Entity) bool {
	if entity.Name == "party" {
		return false
	}
	return len(entity.Key) == 0 || len(entity.Key) == len(entity.Fields)
}

// describe says everything that can be said of a party.
func describe(l *line, name string, variant int) {
	l.under(name + "-1")
	for i, field := range customer.PartyFields {
		switch i {
		case customer.PartyKind:
		case customer.PartyName:
			l.party.Values[i] = customer.String(fmt.Sprintf("%s %d", name, variant))
		case customer.PartyCode:
			l.party.Values[i] = customer.String("CODE-" + name)
		case customer.PartyEmail:
			l.party.Values[i] = customer.String(fmt.Sprintf("%s%d@example.com", name, variant))
		case customer.PartyPhone:
			l.party.Values[i] = customer.String(fmt.Sprintf("+44 20 7946 095%d", variant))
		default:
			l.party.Values[i] = generatedValue(field, variant)
		}
	}
	l.attribute("frequentFlyer", customer.Truth, variant == 0)
	l.attribute("fleet", customer.Decimal, 1_250_000+variant)
	l.attribute("slogan", customer.Text, fmt.Sprintf("slogan %d", variant))
}

func generatedValue(field customer.Field, variant int) customer.Value {
	switch field.Kind {
	case customer.Text:
		return customer.String(fmt.Sprintf("%s %d", field.Name, variant))
	case customer.Word:
		return customer.String(field.Words[variant])
	case customer.Words:
		return customer.Number(1 << variant)
	case customer.Currency:
		return customer.String([]string{"GBP", "EUR"}[variant])
	case customer.Day:
		return customer.Number(day(2024, 7, 22+variant))
	case customer.Instant:
		return customer.Number(day(2024, 7, 22) + int64(1000+variant))
	case customer.Truth:
		return valueOf(variant == 0)
	case customer.Country:
		return customer.String([]string{"GB", "FR"}[variant])
	case customer.Zone:
		return customer.String([]string{"Europe/London", "Europe/Paris"}[variant])
	case customer.Language:
		return customer.String([]string{"en-GB", "fr"}[variant])
	case customer.Edition:
		return customer.String(customer.EditionText("Farnborough", "2024"))
	case customer.Fact:
		return customer.String("F-1")
	case customer.Address, customer.HashedAddress:
		return customer.String("Ada@Example.com")
	default:
		return customer.Number(int64(-7 + 1000*variant))
	}
}

func testEntities(t *testing.T, s *suite) {
	for i := range customer.Entities {
		entity := &customer.Entities[i]
		t.Run(entity.Name, func(t *testing.T) { testEntity(t, s.world(t), entity) })
	}
}

// parties of an entity's rows that an import makes.
func partiesOf(entity *customer.Entity) int64 { return int64(len(entity.Parties())) }

func testEntity(t *testing.T, w *world, entity *customer.Entity) {
	prepare(w, entity, "crm")
	first := from("crm", generated(entity, 0))
	w.load(first).expect(t, store.Tally{Read: 1, New: 1, Parties: partiesOf(entity)})
	w.expectHeld(entity, 0)

	before := w.raw()
	w.load(first).expect(t, store.Tally{Read: 1, Unchanged: 1})
	if after := w.raw(); after != before {
		t.Errorf("a second import of the same file changed (+ after, - before):\n%s", differences(after, before))
	}

	w.load(from("crm", generated(entity, 1))).expect(t, store.Tally{Read: 1, Changed: 1})
	w.expectHeld(entity, 1)
	w.expectCorrection(entity)

	prepare(w, entity, "ledger")
	other := w.load(from("ledger", generated(entity, 0)))
	switch entity.Name {
	case "edition":
		other.expect(t, store.Tally{Read: 1, Changed: 1})
	default:
		// The codes are the same, so are the parties.
		other.expect(t, store.Tally{Read: 1, New: 1})
	}

	w.load(from("crm", least(entity)))
	if entity.Name != "party" {
		w.expectLeast(entity)
	}
}

// prepare imports what rows of an entity refer to.
func prepare(w *world, entity *customer.Entity, source string) {
	w.t.Helper()
	for _, field := range entity.Fields {
		if field.Kind == customer.Fact {
			w.load(from(source, generated(customer.EntityByName(field.Refers), 0)))
		}
	}
}

// least is a row with nothing but what is required, under the same key.
func least(entity *customer.Entity) *line {
	l := generated(entity, 0)
	for i, field := range entity.Fields {
		if !field.Required && !slices.Contains(entity.Key, field.Name) {
			l.made.Values[i] = customer.Value{}
		}
	}
	return l
}

// raw is a dump that leaves out nothing but the record of imports.
func (w *world) raw() string {
	w.t.Helper()
	var all []string
	for _, table := range w.tables() {
		if table == "import_run" || table == "number_block" {
			continue
		}
		for _, row := range w.query("SELECT * FROM " + table) {
			data, err := json.Marshal(row)
			if err != nil {
				w.t.Fatal(err)
			}
			all = append(all, table+" "+string(data))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// only is the one row of a source in an entity's table.
func (w *world) only(entity *customer.Entity) map[string]any {
	w.t.Helper()
	where := "source_id = (SELECT id FROM source WHERE name = 'crm') AND withdrawn_at IS NULL"
	switch entity.Name {
	case "edition":
		where = "1 = 1"
	case "participation":
		where = "customer_record_id IN (SELECT r.id FROM party_record r JOIN source s ON s.id = r.source_id WHERE s.name = 'crm')"
	case "contactPoint":
		// Rows of parties give addresses too.
		where += " AND external_key NOT LIKE '%#%'"
	}
	rows := w.query("SELECT * FROM " + entity.Table + " WHERE " + where)
	if len(rows) != 1 {
		w.t.Fatalf("%s has %d rows, want 1: %v", entity.Table, len(rows), rows)
	}
	return rows[0]
}

// expectHeld compares what the store holds with the generated row, field by field.
func (w *world) expectHeld(entity *customer.Entity, variant int) {
	w.t.Helper()
	if entity.Name == "party" {
		w.expectParty(variant)
		return
	}
	held, want := w.only(entity), generated(entity, variant).made
	for i, field := range entity.Fields {
		got := held[field.Column()]
		switch field.Kind {
		case customer.Party:
			w.expectReference(entity, field, held)
		case customer.Edition, customer.Fact:
			if number, is := got.(int64); (!is || number == 0) && entity.Name != "edition" {
				w.t.Errorf("%s.%s is %v, want a number", entity.Table, field.Column(), got)
			}
		case customer.HashedAddress:
			if text, _ := got.(string); len(text) != 64 || strings.Contains(text, "@") {
				w.t.Errorf("%s.%s is %v, want a hash", entity.Table, field.Column(), got)
			}
		default:
			if fmt.Sprint(got) != said(field.Kind, want.Values[i]) {
				w.t.Errorf("%s.%s is %v, want %v", entity.Table, field.Column(), got, said(field.Kind, want.Values[i]))
			}
		}
	}
}

func said(kind customer.Kind, value customer.Value) string {
	if kind.IsNumber() {
		return fmt.Sprint(value.Number)
	}
	return value.Text
}

// expectReference makes sure that a reference leads to the party it names.
func (w *world) expectReference(entity *customer.Entity, field customer.Field, held map[string]any) {
	w.t.Helper()
	w.expectNumber(1, entity.Name+"."+field.Name+" refers to its party",
		`SELECT count(*) FROM party p JOIN party_record r ON r.party_id = p.id WHERE p.id = $1 AND r.id = $2 AND p.code = $3 AND r.external_key = $4`,
		held[field.Column()+"_id"], held[field.Column()+"_record_id"], "CODE-"+field.Name, field.Name+"-1")
}

// expectParty compares the party, its contact points and attributes.
func (w *world) expectParty(variant int) {
	w.t.Helper()
	want := generated(customer.EntityByName("party"), variant).made.Parties[0]
	held := w.query("SELECT * FROM party")[0]
	for i, field := range customer.PartyFields[:customer.PartyAt] {
		if i == customer.PartyKind {
			continue
		}
		if got := fmt.Sprint(held[field.Column()]); got != said(field.Kind, want.Values[i]) {
			w.t.Errorf("party.%s is %v, want %v", field.Column(), got, said(field.Kind, want.Values[i]))
		}
	}
	attributes := fmt.Sprintf(`{"fleet":%d,"frequentFlyer":%t,"slogan":"slogan %d"}`, 1_250_000+variant, variant == 0, variant)
	if held["attributes"] != attributes {
		w.t.Errorf("attributes are %v, want %s", held["attributes"], attributes)
	}
	for i, medium := range map[int]string{customer.PartyEmail: "Email", customer.PartyPhone: "Phone", customer.PartyWebsite: "Web"} {
		if got := w.text(`SELECT address FROM contact_point WHERE medium = $1 AND withdrawn_at IS NULL`, medium); got != want.Values[i].Text {
			w.t.Errorf("the address for %s is %q, want %q", medium, got, want.Values[i].Text)
		}
	}
}

// expectCorrection makes sure that what the first variant said is kept.
func (w *world) expectCorrection(entity *customer.Entity) {
	w.t.Helper()
	w.expectNumber(1, "corrections of "+entity.Name, `SELECT count(*) FROM correction WHERE entity = $1`, entity.Name)
	var before map[string]any
	if err := json.Unmarshal([]byte(w.text(`SELECT before FROM correction WHERE entity = $1`, entity.Name)), &before); err != nil {
		w.t.Fatal(err)
	}
	if entity.Name == "party" {
		if content := fmt.Sprint(before["content"]); !strings.Contains(content, "slogan 0") {
			w.t.Errorf("the correction holds %s", content)
		}
		return
	}
	for i, field := range entity.Fields {
		if field.Kind == customer.Text && fmt.Sprint(before[field.Column()]) != generated(entity, 0).made.Values[i].Text {
			w.t.Errorf("the correction says that %s was %v", field.Name, before[field.Column()])
		}
	}
}

// expectLeast makes sure that what is not said is absent, and not zero or "".
func (w *world) expectLeast(entity *customer.Entity) {
	w.t.Helper()
	held := w.only(entity)
	for _, field := range entity.Fields {
		if field.Required || slices.Contains(entity.Key, field.Name) || field.Kind == customer.Party {
			continue
		}
		if got := held[field.Column()]; got != nil && (entity.Name != "edition" || field.Kind != customer.Truth) {
			w.t.Errorf("%s.%s is %v though nobody says it", entity.Table, field.Column(), got)
		}
	}
}
