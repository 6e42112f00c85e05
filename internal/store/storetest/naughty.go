package storetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// naughty are texts that went wrong somewhere.
var naughty = []string{
	`\`, `\\`, `\.`, `\N`, `\n`, `\t`, `\x41`, `a\`, "\\\t", "tab\there", "line\nbreak", "carriage\r\nreturn", "\\.\n", "\n\\.\n", "vertical\vtab\fand\bbell\a",
	`'`, `''`, `"`, `"; DROP TABLE party; --`, `$1`, `?1`, `{}`, `{"a":1}`, `[null]`, `null`, `NULL`, `%`, `_`, `<b>&amp;</b>`,
	"😀👩‍🚀🇫🇷", "שלום עולם", "مرحبا", "\u202eright to left", "e\u0301 and é", "日本航空電子工業", "\u2028 \u2029", "\ufeffmark", "\ufffd", "\U0010ffff", "\u007f\u0080",
	strings.Repeat(`ä\`+"\t", 3334),
}

// testNaughtyStrings: what goes in comes back, byte for byte, from every column
// that text gets into.
func testNaughtyStrings(t *testing.T, s *suite) {
	w := s.world(t)
	var parties, held, preferences []*line
	for i, text := range naughty {
		key := fmt.Sprint(i)
		parties = append(parties, organization(text, "FR").under(key+text).says("city", text).says("code", key+text).attribute("text", customer.Text, text).attribute(text, customer.Truth, true))
		held = append(held, attended(text, text).who("customer").under(key+text).set("hall", text))
		preferences = append(preferences, row("preference").who("party").under(key+text).set("name", text).set("value", text))
	}
	for _, lines := range [][]*line{parties, held, preferences} {
		w.load(from("crm", lines...).by(store.ByExternalKey))
		w.load(from("crm", lines...).by(store.ByExternalKey)).expect(t, store.Tally{Read: int64(len(lines)), Unchanged: int64(len(lines))})
	}
	for i, text := range naughty {
		key := fmt.Sprint(i)
		found := w.query(`SELECT p.name, p.code, p.city, p.attributes, r.external_key FROM party p JOIN party_record r ON r.party_id = p.id WHERE r.external_key = $1`, key+text)
		if len(found) != 1 {
			t.Errorf("under the key %.40q are %d parties", key+text, len(found))
			continue
		}
		for column, want := range map[string]string{"name": text, "city": text, "code": key + text, "external_key": key + text} {
			if found[0][column] != want {
				t.Errorf("%s came back as %.60q, want %.60q", column, found[0][column], want)
			}
		}
		var attributes map[string]any
		if data, _ := found[0]["attributes"].(string); json.Unmarshal([]byte(data), &attributes) != nil || attributes["text"] != text && text != "text" || attributes[text] != true {
			t.Errorf("attributes came back as %.80v, want %.60q", attributes, text)
		}
		w.expectNumber(1, fmt.Sprintf("participations of %.40q", text),
			`SELECT count(*) FROM participation f JOIN edition e ON e.id = f.edition_id WHERE f.hall = $1 AND e.series = $1 AND e.edition = $1`, text)
		w.expectNumber(1, fmt.Sprintf("preferences of %.40q", text), `SELECT count(*) FROM preference WHERE name = $1 AND value = $1`, text)
		shown, err := w.Show(t.Context(), key+text, store.ShowOptions{})
		if err != nil || shown.Code != key+text {
			t.Errorf("showing %.40q: %v", key+text, err)
		}
		if _, err := w.Search(t.Context(), text, 5); err != nil {
			t.Errorf("searching %.40q: %v", text, err)
		}
	}
	// And by the way of a correction, which holds rows as JSON.
	for _, l := range held {
		l.set("stand", "1")
	}
	w.load(from("crm", held...)).expect(t, store.Tally{Read: int64(len(held)), Changed: int64(len(held))})
	kept := map[string]bool{}
	for _, row := range w.query(`SELECT before FROM correction WHERE entity = 'participation'`) {
		var before map[string]any
		if data, _ := row["before"].(string); json.Unmarshal([]byte(data), &before) != nil {
			t.Fatalf("a correction is no JSON: %v", row["before"])
		}
		kept[fmt.Sprint(before["hall"])] = true
	}
	for _, text := range naughty {
		if !kept[text] {
			t.Errorf("no correction holds %.60q", text)
		}
	}
}
