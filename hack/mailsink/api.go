package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fairlead/fairlead/test/mailsink"
)

// maxRequest bounds what is posted: faults may name many recipients.
const maxRequest = 4 << 20

// fault is a fault as programs write it: with a delay such as "1.5s".
type fault struct {
	mailsink.Fault
	Delay string `json:"delay,omitempty"`
}

func (w *web) counts(answer http.ResponseWriter, _ *http.Request) {
	repeated := map[string]int{}
	messageIDs := w.sink.MessageIDs()
	for id, count := range messageIDs {
		if count > 1 {
			repeated[id] = count
		}
	}
	reply(answer, http.StatusOK, map[string]any{
		"total":      w.sink.Total(),
		"recipients": w.sink.Recipients(),
		"messageIDs": len(messageIDs),
		"repeated":   repeated,
	})
}

func (w *web) messages(answer http.ResponseWriter, _ *http.Request) {
	type message struct {
		Number    int       `json:"number"`
		Time      time.Time `json:"time"`
		From      string    `json:"from"`
		To        []string  `json:"to"`
		Subject   string    `json:"subject"`
		MessageID string    `json:"messageID"`
		Size      int       `json:"size"`
	}
	list := []message{}
	for _, m := range slices.Backward(w.sink.Messages()) {
		header := readHeader(m.Raw)
		list = append(list, message{m.Number, m.Time.UTC(), m.From, m.To, header.Subject, header.MessageID, len(m.Raw)})
	}
	reply(answer, http.StatusOK, list)
}

func (w *web) faults(answer http.ResponseWriter, _ *http.Request) {
	reply(answer, http.StatusOK, describe(w.sink.Faults()))
}

// setFaults takes a list: all the faults there are from now on.
func (w *web) setFaults(answer http.ResponseWriter, request *http.Request) {
	decoder := json.NewDecoder(http.MaxBytesReader(answer, request.Body, maxRequest))
	decoder.DisallowUnknownFields()
	var wanted []fault
	err := decoder.Decode(&wanted)
	if err == nil {
		if _, more := decoder.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the list")
		}
	}
	if err == nil {
		err = w.set(wanted)
	}
	if err != nil {
		reply(answer, http.StatusBadRequest, map[string]string{"error": fmt.Sprintf("want a list of faults: %v", err)})
		return
	}
	w.faults(answer, request)
}

// set reads delays, and hands the faults to the sink.
func (w *web) set(wanted []fault) error {
	var set []mailsink.Fault
	for _, f := range wanted {
		if f.Delay != "" {
			delay, err := time.ParseDuration(f.Delay)
			if err != nil {
				return fmt.Errorf("%s: %q is no delay, such as 1.5s", f.Kind, f.Delay)
			}
			f.Fault.Delay = delay
		}
		set = append(set, f.Fault)
	}
	return w.sink.SetFault(set...)
}

// describe gives faults as programs write them.
func describe(set []mailsink.Fault) []fault {
	list := []fault{}
	for _, f := range set {
		described := fault{Fault: f}
		if f.Delay > 0 {
			described.Delay = f.Delay.String()
		}
		list = append(list, described)
	}
	return list
}

// faultForm adds a fault to those there are, or ends all.
func (w *web) faultForm(answer http.ResponseWriter, request *http.Request) {
	request.Body = http.MaxBytesReader(answer, request.Body, maxRequest)
	err := request.ParseForm()
	switch {
	case err != nil:
	case request.PostForm.Get("action") == "end":
		err = w.sink.SetFault()
	default:
		var added fault
		if added, err = readForm(request); err == nil {
			err = w.set(append(describe(w.sink.Faults()), added))
		}
	}
	if err != nil {
		w.renderList(answer, request, http.StatusBadRequest, err.Error())
		return
	}
	http.Redirect(answer, request, "/#faults", http.StatusSeeOther)
}

// readForm reads a fault from the page's form. What is left empty is left out.
func readForm(request *http.Request) (fault, error) {
	value := func(name string) string { return strings.TrimSpace(request.PostForm.Get(name)) }
	var problems []error
	number := func(name string) float64 {
		if value(name) == "" {
			return 0
		}
		read, err := strconv.ParseFloat(value(name), 64)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %q is no number", name, value(name)))
		}
		return read
	}
	f := fault{
		Fault: mailsink.Fault{
			Kind:       mailsink.Kind(value("kind")),
			Code:       int(number("code")),
			Enhanced:   value("enhanced"),
			Text:       value("text"),
			Recipients: strings.FieldsFunc(value("recipients"), func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) }),
			Share:      number("percent") / 100,
			Times:      int(number("times")),
		},
		Delay: value("delay"),
	}
	return f, errors.Join(problems...)
}

// reply writes JSON.
func reply(answer http.ResponseWriter, status int, content any) {
	encoded, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		http.Error(answer, err.Error(), http.StatusInternalServerError)
		return
	}
	answer.Header().Set("Content-Type", "application/json")
	answer.WriteHeader(status)
	// Whoever has gone away needs no answer.
	_, _ = answer.Write(append(encoded, '\n'))
}
