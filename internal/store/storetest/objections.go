package storetest

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/fairlead/fairlead/internal/store"
)

func testObjections(t *testing.T, s *suite) {
	t.Run("Topics", func(t *testing.T) { testTopics(t, s.world(t)) })
	t.Run("Objections", func(t *testing.T) { testObject(t, s.world(t)) })
	t.Run("Frozen", func(t *testing.T) { testObjectionsFrozen(t, s.world(t)) })
	t.Run("TakenBack", func(t *testing.T) { testTakenBack(t, s.world(t)) })
	t.Run("Readers", func(t *testing.T) { testReaders(t, s.world(t)) })
	t.Run("AtOnce", func(t *testing.T) { testObjectAtOnce(t, s.world(t)) })
}

// objects has a mailbox object to a topic of mails.
func (w *world) objects(address int64, topic string) bool {
	w.t.Helper()
	added, err := w.Object(w.t.Context(), store.Reader{AddressID: address, Medium: "Email", RunID: 7}, topic, store.ObjectedByOneClick)
	if err != nil {
		w.t.Fatal(err)
	}
	return added
}

// topics that most tests have.
func (w *world) declareTopics() {
	w.t.Helper()
	if err := w.SetTopics(w.t.Context(), []store.ContactTopic{
		{Name: "fair", LegalBasis: "LegitimateInterest", Titles: []store.TopicTitle{{Locale: "en", Text: "The fair"}, {Locale: "de", Text: "Die Messe"}}},
		{Name: "news", LegalBasis: "Consent", Titles: []store.TopicTitle{{Locale: "en", Text: "News"}}},
		{Name: "safety", LegalBasis: "LegalObligation", Titles: []store.TopicTitle{{Locale: "en", Text: "Safety"}}},
	}); err != nil {
		w.t.Fatal(err)
	}
}

// readers of a run by name.
func (w *world) readers(run *store.Run) map[string]store.Reader {
	w.t.Helper()
	all, err := w.RecipientsOf(w.t.Context(), run.ID, upTo(run.Recipients), store.RecipientParts{})
	if err != nil {
		w.t.Fatal(err)
	}
	readers := map[string]store.Reader{}
	for _, r := range all {
		readers[r.Name] = store.Reader{AddressID: r.AddressID, Medium: "Email", RecipientID: r.RecipientID, RunID: run.ID}
	}
	return readers
}

func (w *world) view(reader store.Reader) *store.ReaderView {
	w.t.Helper()
	view, err := w.ReaderOf(w.t.Context(), reader)
	if err != nil {
		w.t.Fatal(err)
	}
	return view
}

// hears are the topics that a reader may be written to about.
func (w *world) hears(reader store.Reader) string {
	w.t.Helper()
	var heard []string
	view := w.view(reader)
	for _, topic := range view.Topics {
		if view.Hears(topic) {
			heard = append(heard, topic.Name)
		}
	}
	return fmt.Sprint(heard)
}

func testTopics(t *testing.T, w *world) {
	if topics, err := w.Topics(t.Context()); err != nil || len(topics) != 0 {
		t.Errorf("a new store has the topics %v, %v", topics, err)
	}
	w.declareTopics()
	topics, err := w.Topics(t.Context())
	if err != nil || len(topics) != 3 || topics[0].Name != "fair" || topics[0].LegalBasis != "LegitimateInterest" || fmt.Sprint(topics[0].Titles) != "[{en The fair} {de Die Messe}]" {
		t.Errorf("the topics are %+v, %v", topics, err)
	}
	before := w.everything()
	w.declareTopics()
	if w.everything() != before {
		t.Error("the same topics again changed something")
	}
	if err := w.SetTopics(t.Context(), topics[1:]); err != nil {
		t.Fatal(err)
	}
	if left, err := w.Topics(t.Context()); err != nil || fmt.Sprint(left) != fmt.Sprint(topics[1:]) {
		t.Errorf("left are %+v, %v", left, err)
	}
	if err := w.SetTopics(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	w.expectNumber(0, "topics after all were taken away", `SELECT count(*) FROM contact_topic`)
}

func testObject(t *testing.T, w *world) {
	if !w.objects(1, "news") || w.objects(1, "news") || !w.objects(1, store.AllTopics) || !w.objects(2, "news") {
		t.Error("what is said once is news, and what is said again is not")
	}
	got, err := json.Marshal(w.query(`SELECT id, address_id, medium, topic, at, method, run_id, taken_back_at FROM objection ORDER BY id`))
	if err != nil {
		t.Fatal(err)
	}
	at := begins.UnixMilli()
	row := `{"address_id":%d,"at":%d,"id":%d,"medium":"Email","method":"OneClick","run_id":7,"taken_back_at":null,"topic":"%s"}`
	if want := fmt.Sprintf("["+row+","+row+","+row+"]", 1, at, 1, "news", 1, at, 2, "", 2, at, 3, "news"); string(got) != want {
		t.Errorf("kept is\n%s, want\n%s", got, want)
	}
	w.later()
	before := w.everything()
	w.objects(1, "news")
	if w.everything() != before {
		t.Error("to say it again changed something")
	}
}

// testObjectionsFrozen: who objects is not written to, of the topic, by the medium.
func testObjectionsFrozen(t *testing.T, w *world) {
	w.manyRecipients()
	audience := store.Audience{Include: []store.SegmentChoice{{Name: "split"}}, AllPersons: true}
	freeze := func(key, topic, medium string) *store.Run {
		return w.freeze(store.Freeze{Key: key, Medium: medium, Topic: topic, Audience: audience})
	}
	readers := w.readers(freeze("first", "news", "Email"))
	w.objects(readers["Ann"].AddressID, "news")
	w.objects(readers["Bob"].AddressID, store.AllTopics)
	w.objects(readers["C"].AddressID, "fair")
	if _, err := w.Object(t.Context(), store.Reader{AddressID: readers["B"].AddressID, Medium: "Task"}, "news", store.ObjectedByPage); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ topic, want, dropped string }{
		{"news", "B>B 0, C>C 0", "map[Unsubscribed:2]"}, {"fair", "A>Ann 0, B>B 0", "map[Unsubscribed:2]"}, {"other", "A>Ann 0, B>B 0, C>C 0", "map[Unsubscribed:1]"},
	} {
		if run := freeze("of "+test.topic, test.topic, "Email"); w.recipients(run) != test.want || fmt.Sprint(run.Dropped) != test.dropped {
			t.Errorf("about %s are written to %s, dropped %v; want %s and %s", test.topic, w.recipients(run), run.Dropped, test.want, test.dropped)
		}
	}
	// A preview, whose mailboxes have other numbers, says the same.
	if p := w.preview(store.Freeze{Key: "preview", Medium: "Email", Topic: "news", Audience: audience}, nil, "A"); len(p.Recipients) != 0 || fmt.Sprint(p.Dropped) != "map[Unsubscribed:2]" {
		t.Errorf("previewed is %+v", p)
	}
	if err := w.TakeBack(t.Context(), readers["Ann"], "news", "Yes"); err != nil {
		t.Fatal(err)
	}
	if got := w.recipients(freeze("again", "news", "Email")); got != "A>Ann 0, B>B 0, C>C 0" {
		t.Errorf("after it was taken back %s are written to", got)
	}
}

// testTakenBack: what was said stays as proof, and consents are given anew.
func testTakenBack(t *testing.T, w *world) {
	w.manyRecipients()
	w.declareTopics()
	run := w.freeze(store.Freeze{Key: "k", Medium: "Email", Topic: "fair", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "split"}}, AllPersons: true}})
	ann := w.readers(run)["Ann"]
	back := func(topic string) {
		t.Helper()
		w.later()
		if err := w.TakeBack(t.Context(), ann, topic, "Yes, write to me about News"); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(what, hears string, consents, open, all int64) {
		t.Helper()
		if got := w.hears(ann); got != hears {
			t.Errorf("%s: the reader hears of %s, want %s", what, got, hears)
		}
		w.expectNumber(consents, what+": consents", `SELECT count(*) FROM consent`)
		w.expectNumber(open, what+": open objections", `SELECT count(*) FROM objection WHERE taken_back_at IS NULL`)
		w.expectNumber(all, what+": objections", `SELECT count(*) FROM objection`)
	}
	expect("at first", "[fair safety]", 0, 0, 0)
	w.objects(ann.AddressID, "fair")
	expect("without the fair", "[safety]", 0, 1, 1)
	back("fair")
	expect("with the fair again", "[fair safety]", 0, 0, 1)
	back("news")
	expect("with news", "[fair news safety]", 1, 0, 1)
	before := w.everything()
	back("news")
	back("fair")
	if w.everything() != before {
		t.Error("what stands already was taken down again")
	}
	w.objects(ann.AddressID, "news")
	expect("without news", "[fair safety]", 1, 1, 2)
	back("news")
	expect("with news again", "[fair news safety]", 2, 0, 2)
	w.objects(ann.AddressID, store.AllTopics)
	expect("without anything", "[]", 2, 1, 3)
	back("news")
	// The rest stays as it was said: nothing else.
	expect("with news only", "[news]", 3, 2, 5)

	given := w.query(`SELECT c.topic, c.medium, c.legal_basis, c.wording, c.proof, s.name AS source, r.name AS person FROM consent c JOIN source s ON s.id = c.source_id JOIN party r ON r.id = c.person_id ORDER BY c.id`)
	if want := fmt.Sprintf("map[legal_basis:Consent medium:Email person:Ann proof:on the gateway's page, by a link in a message of run %d to mailbox %d source:fairlead-gateway topic:news wording:Yes, write to me about News]", run.ID, ann.AddressID); fmt.Sprint(given[0]) != want {
		t.Errorf("the consent is\n%v, want\n%s", given[0], want)
	}
	// A freeze takes it for one.
	agreed := w.freeze(store.Freeze{Key: "agreed", Medium: "Email", Topic: "news", NeedsConsent: true, Audience: store.Audience{Include: []store.SegmentChoice{{Name: "split"}}, AllPersons: true}})
	if got := w.recipients(agreed); got != "A>Ann 0" {
		t.Errorf("who agreed on the page is not written to: %s", got)
	}
	// What a page gave is as any consent when the person is erased.
	w.erase(w.codeOf("crm", "Ann"))
	w.expectNumber(0, "consents of an erased person", `SELECT count(*) FROM consent`)
}

// testReaders: what is shown of whom.
func testReaders(t *testing.T, w *world) {
	w.manyRecipients()
	w.declareTopics()
	run := w.freeze(store.Freeze{Key: "k", Medium: "Email", Topic: "fair", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "split"}}, AllPersons: true}})
	readers := w.readers(run)
	ann, bob := readers["Ann"], readers["Bob"]
	if view := w.view(ann); view.Address != "ann@a.example" || view.Locale != "de" || len(view.Topics) != 3 {
		t.Errorf("of Ann is shown %+v", view)
	}
	// A number that belongs to another mailbox shows none.
	if view := w.view(store.Reader{AddressID: bob.AddressID, RecipientID: ann.RecipientID, Medium: "Email"}); view.Address != "" {
		t.Errorf("at another's mailbox is shown %+v", view)
	}
	w.objects(bob.AddressID, "gone")
	if view := w.view(bob); !view.Stopped["gone"] || view.StoppedAll {
		t.Errorf("of Bob is shown %+v", view)
	}
	// Whoever was merged is read as the one that stands.
	w.merge(w.codeOf("crm", "Ann"), w.codeOf("crm", "Bob"))
	if view := w.view(bob); view.Address != "bob@a.example" || view.Locale != "de" || !view.Stopped["gone"] {
		t.Errorf("of who was merged is shown %+v", view)
	}
	if err := w.TakeBack(t.Context(), bob, "news", "Yes"); err != nil {
		t.Fatal(err)
	}
	w.expectNumber(1, "consents of who stands", `SELECT count(*) FROM consent c JOIN party p ON p.id = c.person_id WHERE p.name = 'Ann'`)
	w.erase(w.codeOf("crm", "Ann"))
	if view := w.view(bob); view.Address != "" || view.Locale != "" || !view.Stopped["gone"] {
		t.Errorf("of who was erased is shown %+v", view)
	}
	// Nobody may be kept from objecting, and nothing is recorded of who is gone.
	w.objects(ann.AddressID, store.AllTopics)
	for _, reader := range []store.Reader{ann, {AddressID: 999, RecipientID: 999, Medium: "Email"}} {
		if err := w.TakeBack(t.Context(), reader, "news", "Yes"); err != nil {
			t.Error(err)
		}
	}
	w.expectNumber(0, "consents of nobody", `SELECT count(*) FROM consent`)
}

// testObjectAtOnce: who presses the button in many places at once has said it once.
func testObjectAtOnce(t *testing.T, w *world) {
	var wait sync.WaitGroup
	added := make([]bool, 8)
	for i := range added {
		other := w.another()
		wait.Go(func() {
			var err error
			if added[i], err = other.Object(t.Context(), store.Reader{AddressID: 1, Medium: "Email"}, "news", store.ObjectedByPage); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	count := 0
	for _, is := range added {
		if is {
			count++
		}
	}
	if count != 1 {
		t.Errorf("%d of them were news", count)
	}
	w.expectNumber(1, "objections", `SELECT count(*) FROM objection`)
}
