package main

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fairlead/fairlead/test/mailsink"
)

// shown is how many messages a page lists.
const shown = 100

const (
	// pagePolicy lets a page of ours show our own style and frames, and nothing else.
	pagePolicy = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	// letterPolicy lets a message show itself: it loads nothing, runs nothing, sends
	// nothing and leads nowhere, in our frame as in a window of its own.
	letterPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)

//go:embed page.css *.html.tmpl
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"when":  func(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05") },
	"exact": func(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) },
	"size":  size,
	"few":   few,
}).ParseFS(files, "*.html.tmpl"))

// web is the page and what programs ask for.
type web struct {
	sink *mailsink.Sink
}

// newWeb serves everything there is. Other sites cannot make a browser set faults.
func newWeb(sink *mailsink.Sink) http.Handler {
	w := &web{sink: sink}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", w.list)
	mux.HandleFunc("GET /page.css", w.style)
	mux.HandleFunc("GET /healthz", func(answer http.ResponseWriter, _ *http.Request) { fmt.Fprintln(answer, "ok") })
	mux.HandleFunc("GET /messages/{number}", w.message(w.show))
	mux.HandleFunc("GET /messages/{number}/html", w.message(w.html))
	mux.HandleFunc("GET /messages/{number}/raw", w.message(w.raw))
	mux.HandleFunc("POST /faults", w.faultForm)
	mux.HandleFunc("GET /api/counts", w.counts)
	mux.HandleFunc("GET /api/messages", w.messages)
	mux.HandleFunc("GET /api/messages/{number}/raw", w.message(w.raw))
	mux.HandleFunc("GET /api/faults", w.faults)
	mux.HandleFunc("POST /api/faults", w.setFaults)
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		header := answer.Header()
		header.Set("Content-Security-Policy", pagePolicy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		mux.ServeHTTP(answer, request)
	}))
}

// row is a message in a list.
type row struct {
	mailsink.Message
	Letter letter
}

// listPage is what the first page shows.
type listPage struct {
	Total, Recipients int
	Rows              []row
	// Older is the number below which the next page begins; 0 if there is none.
	Older   int
	Newest  bool
	Faults  []fault
	Kinds   []mailsink.Kind
	Problem string
}

func (w *web) list(answer http.ResponseWriter, request *http.Request) {
	w.renderList(answer, request, http.StatusOK, "")
}

// renderList shows the list, with what was wrong with a form, if anything.
func (w *web) renderList(answer http.ResponseWriter, request *http.Request, status int, problem string) {
	page := listPage{
		Total:      w.sink.Total(),
		Recipients: len(w.sink.Recipients()),
		Newest:     true,
		Faults:     describe(w.sink.Faults()),
		Kinds:      mailsink.Kinds,
		Problem:    problem,
	}
	messages := w.sink.Messages()
	if before, err := strconv.Atoi(request.URL.Query().Get("before")); err == nil {
		page.Newest = false
		messages = slices.DeleteFunc(messages, func(message mailsink.Message) bool { return message.Number >= before })
	}
	if len(messages) > shown {
		messages = messages[len(messages)-shown:]
		page.Older = messages[0].Number
	}
	for _, message := range slices.Backward(messages) {
		page.Rows = append(page.Rows, row{message, readHeader(message.Raw)})
	}
	render(answer, status, "list.html.tmpl", page)
}

func (*web) style(answer http.ResponseWriter, request *http.Request) {
	http.ServeFileFS(answer, request, files, "page.css")
}

// message finds the message that a path names.
func (w *web) message(serve func(http.ResponseWriter, mailsink.Message)) http.HandlerFunc {
	return func(answer http.ResponseWriter, request *http.Request) {
		number, err := strconv.Atoi(request.PathValue("number"))
		message, found := w.sink.Message(number)
		if err != nil || !found {
			http.Error(answer, "There is no such message, or it is no longer kept.", http.StatusNotFound)
			return
		}
		serve(answer, message)
	}
}

func (*web) show(answer http.ResponseWriter, message mailsink.Message) {
	render(answer, http.StatusOK, "message.html.tmpl", row{message, readLetter(message.Raw)})
}

// html gives the HTML of a message as it came, under a policy that tames it.
func (*web) html(answer http.ResponseWriter, message mailsink.Message) {
	answer.Header().Set("Content-Security-Policy", letterPolicy)
	answer.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = answer.Write([]byte(readLetter(message.Raw).HTML))
}

func (*web) raw(answer http.ResponseWriter, message mailsink.Message) {
	answer.Header().Set("Content-Type", "message/rfc822")
	answer.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="message-%d.eml"`, message.Number))
	_, _ = answer.Write(message.Raw)
}

// render writes a page that is whole, or says why there is none.
func render(answer http.ResponseWriter, status int, name string, page any) {
	var content bytes.Buffer
	if err := pages.ExecuteTemplate(&content, name, page); err != nil {
		http.Error(answer, "The page could not be made: "+err.Error(), http.StatusInternalServerError)
		return
	}
	answer.Header().Set("Content-Type", "text/html; charset=utf-8")
	answer.WriteHeader(status)
	// Whoever has gone away needs no page.
	_, _ = content.WriteTo(answer)
}

func size(bytes int) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1e6:
		return fmt.Sprintf("%.1f kB", float64(bytes)/1e3)
	default:
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	}
}

// few names the first recipients of a message.
func few(recipients []string) string {
	if len(recipients) <= 3 {
		return strings.Join(recipients, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(recipients[:2], ", "), len(recipients)-2)
}
