// Package gateway answers the links in messages: whoever was written to can say stop, by a
// click in the mail program (RFC 8058) or on a page, and choose what to hear about.
//
// The link is all that says who comes. A GET changes nothing, whoever follows it: programs look
// at links before people do. What is said is in the store before the answer goes out, and holds
// for whatever is claimed from then on.
package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/text/language"

	"github.com/fairlead/fairlead/internal/gateway/link"
	"github.com/fairlead/fairlead/internal/store"
)

// Gateway answers links, an http.Handler.
type Gateway struct {
	Store *store.Store
	// Keys are those of the links at this moment.
	Keys func() *link.Keys
	// Requests counts by door and code, as RequestsTotal does; nil for not at all.
	Requests *prometheus.CounterVec
	// Log tells what fails, and of nobody.
	Log *slog.Logger
	// Now tells the time; time.Now if nil.
	Now func() time.Time
}

const (
	// mostBody is more than any form here has.
	mostBody = 8 << 10
	// patience with the store.
	patience = 8 * time.Second
)

// ServeHTTP implements http.Handler.
func (g *Gateway) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	counted := &status{ResponseWriter: response}
	door, token := split(request.URL.Path)
	purpose, is := link.ByDoor[door]
	named := string(purpose)
	if !is {
		named = "other"
	}
	defer func() {
		if failed := recover(); failed != nil {
			g.Log.Error("a request met a fault", "door", named, "fault", failed)
			if counted.code == 0 {
				g.fail(counted, request)
			}
		}
		if g.Requests != nil {
			g.Requests.WithLabelValues(named, counted.text()).Inc()
		}
	}()
	setHeaders(counted.Header())
	switch {
	case request.Method != http.MethodGet && request.Method != http.MethodHead && request.Method != http.MethodPost:
		counted.Header().Set("Allow", "GET, HEAD, POST")
		g.wrong(counted, request, http.StatusMethodNotAllowed)
	case !is:
		g.refuse(counted, request)
	default:
		ctx, cancel := context.WithTimeout(request.Context(), patience)
		defer cancel()
		g.answer(counted, request.WithContext(ctx), purpose, token)
	}
}

// split gives the last two parts of a path: what comes before them is of whoever stands in
// front of the gateway.
func split(path string) (door, token string) {
	rest, token := cutLast(path)
	_, door = cutLast(rest)
	return door, token
}

func cutLast(path string) (before, last string) {
	at := strings.LastIndexByte(path, '/')
	if at < 0 {
		return "", path
	}
	return path[:at], path[at+1:]
}

// answer answers whoever comes with a token.
func (g *Gateway) answer(response http.ResponseWriter, request *http.Request, purpose link.Purpose, token string) {
	now := time.Now
	if g.Now != nil {
		now = g.Now
	}
	l, err := g.Keys().Open(purpose, token, now())
	if err != nil {
		g.refuse(response, request)
		return
	}
	reader := store.Reader{AddressID: l.AddressID, Medium: l.Medium, RecipientID: l.RecipientID, RunID: l.RunID}
	view, err := g.Store.ReaderOf(request.Context(), reader)
	if err != nil {
		g.failed(response, request, err)
		return
	}
	if request.Method != http.MethodPost {
		g.show(response, request, purpose, l, view)
		return
	}
	said, err := formOf(response, request)
	if err != nil {
		g.wrong(response, request, http.StatusBadRequest)
		return
	}
	tags := wanted(view.Locale, request.Header.Get("Accept-Language"))
	switch done, err := g.carryOut(request.Context(), purpose, l, reader, view, said, tags); {
	case err != nil:
		g.failed(response, request, err)
	case !done:
		g.wrong(response, request, http.StatusBadRequest)
	case isOneClick(said):
		// No redirect: nobody is there who would follow it.
		if view, err = g.Store.ReaderOf(request.Context(), reader); err != nil {
			g.failed(response, request, err)
			return
		}
		g.show(response, request, purpose, l, view)
	default:
		// To where the form came from, to be looked at: to load that again posts nothing.
		response.Header().Set("Location", token)
		response.WriteHeader(http.StatusSeeOther)
	}
}

// formOf reads what a form or a mail program posted.
func formOf(response http.ResponseWriter, request *http.Request) (url.Values, error) {
	request.Body = http.MaxBytesReader(response, request.Body, mostBody)
	// By itself the other one is silent about a form that is cut or damaged.
	if err := request.ParseForm(); err != nil {
		return nil, err
	}
	if err := request.ParseMultipartForm(mostBody); err != nil && !errors.Is(err, http.ErrNotMultipart) { //nolint:gosec // The body is bounded above.
		return nil, err
	}
	return request.PostForm, nil
}

func isOneClick(said url.Values) bool { return strings.EqualFold(said.Get(fieldOneClick), oneClick) }

// carryOut does what was said, and tells whether it was understood.
func (g *Gateway) carryOut(ctx context.Context, purpose link.Purpose, l link.Link, reader store.Reader, view *store.ReaderView, said url.Values, tags []language.Tag) (done bool, err error) {
	stop, again := said.Get(fieldStop), said.Get(fieldAgain)
	declared := func(name string) bool { return topicNamed(view.Topics, name) != nil }
	switch {
	case purpose == link.Unsubscribe && isOneClick(said):
		_, err = g.Store.Object(ctx, reader, l.Topic, store.ObjectedByOneClick)
	case said.Has(fieldStopAll):
		_, err = g.Store.Object(ctx, reader, store.AllTopics, store.ObjectedByPage)
	// A topic that is not declared any more can still be objected to by a link of it.
	case purpose == link.Unsubscribe && stop == l.Topic && stop != "", purpose == link.Preferences && declared(stop):
		_, err = g.Store.Object(ctx, reader, stop, store.ObjectedByPage)
	case purpose == link.Preferences && declared(again):
		err = g.Store.TakeBack(ctx, reader, again, agreement(topicNamed(view.Topics, again), tags))
	default:
		return false, nil
	}
	return true, err
}

// show shows how things stand.
func (g *Gateway) show(response http.ResponseWriter, request *http.Request, purpose link.Purpose, l link.Link, view *store.ReaderView) {
	tags := wanted(view.Locale, request.Header.Get("Accept-Language"))
	if purpose == link.Preferences {
		g.page(response, request, preferencesPage(view, tags), http.StatusOK)
		return
	}
	preferences, err := g.Keys().Seal(link.Preferences, l)
	if err != nil {
		g.failed(response, request, err)
		return
	}
	g.page(response, request, unsubscribePage(l, view, tags, preferences), http.StatusOK)
}

// refuse answers a link that is none, whatever is wrong with it.
func (g *Gateway) refuse(response http.ResponseWriter, request *http.Request) {
	w := wordsFor(wanted("", request.Header.Get("Accept-Language")))
	g.page(response, request, page{words: w, Notices: []string{w.Refused}, Help: w.RefusedHelp}, http.StatusNotFound)
}

// wrong answers what is no form of ours.
func (g *Gateway) wrong(response http.ResponseWriter, request *http.Request, code int) {
	w := wordsFor(wanted("", request.Header.Get("Accept-Language")))
	g.page(response, request, page{words: w, Notices: []string{w.Wrong}}, code)
}

// failed tells of a fault of ours. Nothing of the request is logged: its URL is somebody's key.
func (g *Gateway) failed(response http.ResponseWriter, request *http.Request, err error) {
	g.Log.Error("a request could not be answered", "error", err)
	g.fail(response, request)
}

func (g *Gateway) fail(response http.ResponseWriter, request *http.Request) {
	w := wordsFor(wanted("", request.Header.Get("Accept-Language")))
	response.Header().Set("Retry-After", "120")
	g.page(response, request, page{words: w, Notices: []string{w.Later}}, http.StatusServiceUnavailable)
}

func (g *Gateway) page(response http.ResponseWriter, request *http.Request, p page, code int) {
	if err := p.write(response, code, request.Method != http.MethodHead); err != nil {
		g.Log.Error("a page could not be made", "error", err)
		response.WriteHeader(http.StatusInternalServerError)
	}
}
