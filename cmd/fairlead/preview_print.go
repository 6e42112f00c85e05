package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/store"
)

// previewJSON is a preview for programs.
type previewJSON struct {
	Outreach string `json:"outreach"`
	RunKey   string `json:"runKey"`
	// RunState is left out until the run is frozen.
	RunState string `json:"runState,omitempty"`
	Customer string `json:"customer"`
	// Matched says that the customer is in the audience, and Dropped counts by reason who of it
	// is not written to.
	Matched bool             `json:"matched"`
	Dropped map[string]int64 `json:"dropped"`
	Letters []letterJSON     `json:"letters"`
}

// letterJSON is a mail to one person.
type letterJSON struct {
	Name string `json:"name"`
	// To is the address that it goes to.
	To        string `json:"to"`
	Locale    string `json:"locale"`
	MessageID string `json:"messageID"`
	// Skipped says why a recipient of a frozen run is not written to any more.
	Skipped string `json:"skipped,omitempty"`
	Subject string `json:"subject"`
	Text    string `json:"text,omitempty"`
	HTML    string `json:"html,omitempty"`
	// EML are the bytes.
	EML string `json:"eml,omitempty"`
}

// print writes what was asked for: the first mail of those that are sent, or all.
func (p *previewOptions) print(out io.Writer, f foreseen, sendable []outreach.Letter) error {
	switch p.output {
	case "json":
		return writeJSON(out, f.json())
	case "text":
		for i, letter := range sendable {
			if i > 0 {
				fmt.Fprintln(out, "\n========")
			}
			if err := f.printText(out, letter); err != nil {
				return err
			}
		}
		return nil
	}
	if len(sendable) == 0 {
		return nil
	}
	_, err := out.Write(sendable[0].Data)
	return err
}

func (f foreseen) json() previewJSON {
	found := previewJSON{
		Outreach: f.outreach.Name, RunKey: f.freeze.Key, Customer: f.seen.Customer, Matched: f.seen.Matched, Dropped: f.seen.Dropped, Letters: []letterJSON{},
	}
	if f.run != nil {
		found.RunState = string(f.run.State)
	}
	for _, l := range f.letters {
		found.Letters = append(found.Letters, letterJSON{l.Name, l.Envelope, l.Locale, l.MessageID, l.Skipped, l.Subject, l.Text, l.HTML, string(l.Data)})
	}
	return found
}

// printText writes a mail as people read it. What came with data cannot steer a terminal.
func (f foreseen) printText(out io.Writer, letter outreach.Letter) error {
	from := f.plan.Channel.From
	for _, field := range [][2]string{
		{"From", strings.TrimSpace(from.Name + " <" + string(from.Address) + ">")}, {"To", strings.TrimSpace(letter.Name + " <" + letter.Envelope + ">")},
		{"Subject", letter.Subject}, {"Locale", letter.Locale},
	} {
		fmt.Fprintf(out, "%-8s %s\n", field[0]+":", oneLine(field[1]))
	}
	for _, body := range [][2]string{{"", letter.Text}, {"---- html ----\n", letter.HTML}} {
		if body[1] == "" {
			continue
		}
		if _, err := fmt.Fprint(out, "\n", body[0], lineByLine(body[1])); err != nil {
			return err
		}
	}
	return nil
}

func lineByLine(text string) string {
	var out strings.Builder
	for line := range strings.Lines(strings.TrimRight(text, "\r\n")) {
		out.WriteString(oneLine(strings.TrimRight(line, "\r\n")) + "\n")
	}
	return out.String()
}

// note says beside the mail what is not seen in it.
func (f foreseen) note(notes io.Writer, onlyFirst bool) {
	say := func(format string, args ...any) { fmt.Fprintf(notes, format+"\n", args...) }
	if f.run == nil {
		say("The run %s is not frozen yet: its Message-ID, the line between text and html that is made of it, and the date will be others.", f.freeze.Key)
	} else {
		say("The run %s is frozen, and %s: this is what it sends, but for the date.", f.freeze.Key, f.run.State)
	}
	switch f.plan.Channel.Delivery {
	case crm.DeliveryDryRun:
		say("The channel sends nothing: its delivery is DryRun.")
	case crm.DeliveryRedirect:
		say("The channel sends everything to its redirectTo: its delivery is Redirect.")
	}
	if f.plan.Links != nil {
		say("Links end in EXAMPLE and lead nowhere: who gets the message gets links of their own.")
	}
	if len(f.letters) > 1 && onlyFirst {
		say("This is the first of %d mails for the customer: -o json has all.", len(f.letters))
	}
	if len(f.seen.Dropped) > 0 {
		say("Of the customer's contacts some are not written to: %s.", droppedText(f.seen.Dropped))
	}
}

// whyDropped says what a reason means for one customer.
var whyDropped = map[string]string{
	store.DroppedHoldout:          "it is held out, and hears nothing so that the effect can be measured",
	store.DroppedNoContactForRole: "nobody has a role that deliverTo names, and there is no fallback",
	store.DroppedNoAddress:        "there is no address that works",
	store.DroppedNoConsent:        "the topic needs consent, and there is none that holds",
	store.DroppedSuppressed:       "the mailbox must not be written to",
	store.DroppedUnsubscribed:     "whoever reads at the mailbox wants to hear nothing of the topic",
	store.DroppedDuplicateAddress: "the mailbox is written to already, for another customer",
}

func droppedText(dropped map[string]int64) string {
	var texts []string
	for _, reason := range slices.Sorted(maps.Keys(dropped)) {
		texts = append(texts, reason+": "+whyDropped[reason])
	}
	return strings.Join(texts, "; ")
}

// whyNobody says why there is no mail for the customer.
func (f foreseen) whyNobody() string {
	switch {
	case len(f.letters) > 0:
		return fmt.Sprintf("it was when the run was frozen, and is not any more: %s", f.letters[0].Skipped)
	case len(f.seen.Dropped) > 0:
		return droppedText(f.seen.Dropped)
	case f.seen.Matched:
		return "the run was frozen before the customer came into the audience, or could be written to"
	}
	text := f.outsideText()
	if f.run != nil {
		text += ", and was not written to when the run was frozen"
	}
	return text
}

// outsideText says which segments keep a customer out of the audience.
func (f foreseen) outsideText() string {
	member := func(choice store.SegmentChoice) bool {
		class, is := f.seen.Segments[choice.Name]
		return is && (len(choice.Classes) == 0 || slices.Contains(choice.Classes, class))
	}
	name := func(choice store.SegmentChoice) string {
		if len(choice.Classes) == 0 {
			return choice.Name
		}
		return choice.Name + " (" + strings.Join(choice.Classes, ", ") + ")"
	}
	var in, out []string
	for _, choice := range f.freeze.Audience.Exclude {
		if member(choice) {
			in = append(in, name(choice))
		}
	}
	for _, choice := range f.freeze.Audience.Include {
		if !member(choice) {
			out = append(out, name(choice))
		}
	}
	switch {
	case len(out) > 0 && (!f.freeze.Audience.Any || len(out) == len(f.freeze.Audience.Include)):
		return "it is not in the audience: it does not belong to " + strings.Join(out, " and ") + ", which fairlead explain tells more of"
	case len(in) > 0:
		return "it is not in the audience: it belongs to " + strings.Join(in, " and ") + ", which is excluded"
	}
	return "it is not in the audience"
}
