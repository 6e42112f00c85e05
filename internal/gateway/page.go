package gateway

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/fairlead/fairlead/internal/customer/sensitive"
	"github.com/fairlead/fairlead/internal/gateway/link"
	"github.com/fairlead/fairlead/internal/store"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// page is what a page shows.
type page struct {
	*words
	Style template.CSS
	// To whom the messages go; "" where that is not known.
	To string
	// Notices are what is so.
	Notices []string
	// Help comes after them, in small.
	Help    string
	Buttons []button
	// ChooseURL leads to all topics; "" for nowhere.
	ChooseURL string
	Topics    []topicLine
}

// button posts a field.
type button struct{ Text, Field, Value string }

// topicLine is a topic, and what can be done about it.
type topicLine struct {
	Title, State string
	Button       button
}

// Fields of the forms.
const (
	fieldStop    = "stop"
	fieldStopAll = "stop-all"
	fieldAgain   = "again"
	// fieldOneClick is what mail programs post (RFC 8058), with oneClick.
	fieldOneClick = "List-Unsubscribe"
	oneClick      = "One-Click"
)

// unsubscribePage offers to end messages about one topic, or all of them.
func unsubscribePage(l link.Link, view *store.ReaderView, tags []language.Tag, preferences string) page {
	w := wordsFor(tags)
	title := w.These
	if topic := topicNamed(view.Topics, l.Topic); topic != nil {
		title = titleFor(topic.Titles, tags)
	}
	p := page{words: w, To: maskedTo(w, view.Address), Help: w.Kept, ChooseURL: "../" + link.Preferences.Door() + "/" + preferences}
	switch {
	case view.StoppedAll:
		p.Notices = []string{w.StoppedAll}
	case view.Stopped[l.Topic]:
		p.Notices = []string{fmt.Sprintf(w.Stopped, title)}
	default:
		p.Buttons = []button{{fmt.Sprintf(w.StopTopic, title), fieldStop, l.Topic}}
	}
	if !view.StoppedAll {
		p.Buttons = append(p.Buttons, button{w.StopAll, fieldStopAll, "yes"})
	}
	return p
}

// preferencesPage offers all topics.
func preferencesPage(view *store.ReaderView, tags []language.Tag) page {
	w := wordsFor(tags)
	p := page{words: w, To: maskedTo(w, view.Address), Notices: []string{w.Choices}, Help: w.Kept}
	if view.StoppedAll {
		p.Notices = []string{w.StoppedAll, w.Choices}
	} else {
		p.Buttons = []button{{w.StopAll, fieldStopAll, "yes"}}
	}
	for _, topic := range view.Topics {
		title := titleFor(topic.Titles, tags)
		line := topicLine{Title: title, State: w.Silent, Button: button{fmt.Sprintf(w.Again, title), fieldAgain, topic.Name}}
		if view.Hears(topic) {
			line.State, line.Button = w.Hears, button{fmt.Sprintf(w.StopTopic, title), fieldStop, topic.Name}
		}
		p.Topics = append(p.Topics, line)
	}
	return p
}

// agreement is what a person reads who agrees to a topic.
func agreement(topic *store.ContactTopic, tags []language.Tag) string {
	w := wordsFor(tags)
	return fmt.Sprintf(w.Again, titleFor(topic.Titles, tags)) + " (" + w.Tag.String() + ")"
}

// maskedTo says to whom messages go, so that the person knows the mailbox, and nobody else does.
func maskedTo(w *words, address string) string {
	if address == "" {
		return ""
	}
	return fmt.Sprintf(w.To, mask(address))
}

// mask shows the first letter and the domain of a mail address, as o***@airshow.example, and of
// others the end.
func mask(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return sensitive.Mask(address)
	}
	first, size := utf8.DecodeRuneInString(address)
	if size >= at {
		// One letter is all there is.
		return "***" + address[at:]
	}
	return string(first) + "***" + address[at:]
}

// policy of a page's contents: nothing but its own style, which is known by its hash, and forms
// to where it came from.
var policy = func() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}()

// setHeaders keeps an answer from being kept, framed, found or told about: the URL is the
// person's key.
func setHeaders(header http.Header) {
	header.Set("Content-Security-Policy", policy)
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Robots-Tag", "noindex, nofollow")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// write answers with a page. What cannot be written is the reader's who went away.
func (p page) write(response http.ResponseWriter, status int, withBody bool) error {
	p.Style = template.CSS(pageStyle) //nolint:gosec // Our own, and embedded.
	var body bytes.Buffer
	if err := pageTemplate.Execute(&body, p); err != nil {
		return fmt.Errorf("making a page: %w", err)
	}
	header := response.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", p.Tag.String())
	header.Set("Content-Length", strconv.Itoa(body.Len()))
	response.WriteHeader(status)
	if withBody {
		_, _ = response.Write(body.Bytes())
	}
	return nil
}
