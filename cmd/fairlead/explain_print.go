package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

// whyConsidered says what a reason means for one person: those of whyDropped, and these.
var whyConsidered = map[string]string{
	store.ConsideredOther:         "somebody else there comes first",
	store.ConsideredNotThere:      "the person does not work there now",
	store.ConsideredNotTheirDay:   "it is not the person's birthday",
	store.DroppedNoContactForRole: "no role that deliverTo names, and there is no fallback",
}

// atUTC is an instant as it is told: a day at its beginning.
func atUTC(at time.Time) string {
	if at.Equal(at.Truncate(24 * time.Hour)) {
		return at.Format(time.DateOnly)
	}
	return at.Format(time.DateTime) + " UTC"
}

// print writes an explanation for people. What came with data cannot steer a terminal.
func (w why) print(out io.Writer) error {
	fmt.Fprintf(out, "%s\n\n%s\n", w.headline(), w.audienceTitle())
	for _, segment := range w.Segments {
		if err := segment.print(out); err != nil {
			return err
		}
	}
	if w.Holdout != nil {
		held := "not held out"
		if w.Holdout.Held {
			held = "held out"
		}
		fmt.Fprintf(out, "  holdout: %s. %g %% of customers hear nothing: who does follows from the key %s and the customer alone.\n", held, w.Holdout.Percent, oneLine(w.Holdout.Key))
	}
	if err := w.printPersons(out); err != nil {
		return err
	}
	return w.printMessages(out)
}

// headline says what comes of it.
func (w why) headline() string {
	what := "the Outreach " + w.Outreach
	if w.Rule != "" {
		what = "the CampaignRule " + w.Rule
	}
	switch {
	case w.run != nil && w.Written:
		return fmt.Sprintf("%s is in the run %s of %s, which is %s.", w.Customer, w.RunKey, what, w.RunState)
	case w.run != nil:
		return fmt.Sprintf("%s is not in the run %s of %s, which was frozen %s and is %s: %s.", w.Customer, w.RunKey, what, atUTC(instant(w.run.FrozenAt)), w.RunState, w.WhyNot)
	}
	when := "if it were frozen now"
	if w.Rule != "" {
		when = "if it were due now"
	}
	if w.Written {
		return fmt.Sprintf("%s is written to by %s, %s.", w.Customer, what, when)
	}
	return fmt.Sprintf("%s is not written to by %s, %s: %s.", w.Customer, what, when, w.WhyNot)
}

func (w why) audienceTitle() string {
	is := "not in it"
	if w.Matched {
		is = "in it"
	}
	if w.run != nil {
		return "The audience as it would be frozen now: " + is
	}
	return "The audience: " + is
}

// print writes how the customer stands to a segment.
func (w whySegment) print(out io.Writer) error {
	text := "include "
	if w.Excluded {
		text = "exclude "
	}
	text += w.Name
	if len(w.Classes) > 0 {
		text += " (" + strings.Join(w.Classes, ", ") + ")"
	}
	switch {
	case !w.Member:
		text += ": no member"
	case w.Class != "":
		text += ": member, in the class " + w.Class
	default:
		text += ": member"
	}
	if w.Note != "" {
		text += "; " + w.Note
	}
	fmt.Fprintln(out, "  "+oneLine(text))
	return printLines(out, "    ", w.Clauses, w.Placed)
}

// printPersons writes who was considered, each with what is known of them.
func (w why) printPersons(out io.Writer) error {
	if len(w.Persons) == 0 {
		return nil
	}
	var aligned strings.Builder
	table := tabwriter.NewWriter(&aligned, 0, 0, 3, ' ', 0)
	for _, p := range w.Persons {
		who := strings.Join(p.Roles, ", ")
		if p.Itself {
			who = "the customer"
		}
		outcome := "is written to"
		if p.Reason != "" {
			outcome = p.Reason + ": " + cmp.Or(whyConsidered[p.Reason], whyDropped[p.Reason])
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", p.Code, oneLine(p.Name), cmp.Or(who, oneLine(p.Title), "no role"), outcome)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nWho was considered:")
	lines := strings.Split(aligned.String(), "\n")
	for i, p := range w.Persons {
		fmt.Fprintln(out, lines[i])
		for _, detail := range w.details(p) {
			fmt.Fprintln(out, "      "+oneLine(detail))
		}
	}
	if w.CapsOff != "" {
		fmt.Fprintf(out, "  No cap holds: %s.\n", w.CapsOff)
	}
	return nil
}

// details are what is known of one who was considered, a line each.
func (w why) details(p whyPerson) (lines []string) {
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if p.Mailbox != nil {
		say("the mailbox is that of %s, written to for %s", p.Mailbox.Reader, p.Mailbox.Customer)
	}
	if len(p.BadAddresses) > 0 {
		say("addresses that do not work: %s", strings.Join(p.BadAddresses, ", "))
	}
	if p.Reason == store.DroppedNoConsent && len(p.Consents) == 0 {
		say("no consent to %s by %s was ever recorded", w.freeze.Topic, w.freeze.Medium)
	}
	for _, c := range p.Consents {
		say("consent to %s given %s%s", w.freeze.Topic, atUTC(c.Given), w.ends(c))
	}
	for _, s := range p.Suppressions {
		say("suppressed (%s)%s%s", s.Scope, reasonOf(s), w.isOver(s))
	}
	for _, o := range p.Objections {
		taken := ""
		if !o.TakenBack.IsZero() {
			taken = ", taken back " + atUTC(o.TakenBack)
		}
		say("wants to hear nothing of %s since %s, said by %s%s", cmp.Or(o.Topic, "anything"), atUTC(o.At), o.Method, taken)
	}
	for _, c := range p.Contacts {
		var at []string
		for _, one := range c.At {
			at = append(at, atUTC(one))
		}
		say("the mailbox was written to by %s: %s", c.Medium, strings.Join(at, ", "))
	}
	for _, c := range p.Caps {
		opens := "open"
		if !c.Opens.IsZero() {
			opens = "opens " + atUTC(c.Opens)
		}
		say("cap of %s, %d in %d days: had %d, %s", c.Policy, c.Messages, c.PerDays, c.Had, opens)
	}
	return lines
}

// ends says of a consent when it ended, or will.
func (w why) ends(c whyConsent) (text string) {
	if !c.Withdrawn.IsZero() {
		text += ", withdrawn " + atUTC(c.Withdrawn)
	}
	switch {
	case c.Expires.IsZero():
	case c.Expires.After(w.now):
		text += ", expires " + atUTC(c.Expires)
	default:
		text += ", expired " + atUTC(c.Expires)
	}
	return text
}

func reasonOf(s whySuppression) (text string) {
	if !s.At.IsZero() {
		text += " since " + atUTC(s.At)
	}
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	return text
}

// isOver says of a suppression that does not stand in the way why it does not.
func (w why) isOver(s whySuppression) string {
	switch {
	case s.Holds && !s.Expires.IsZero():
		return ", until " + atUTC(s.Expires)
	case s.Holds:
		return ""
	case !s.Expires.IsZero() && !s.Expires.After(w.now):
		return ", over since " + atUTC(s.Expires)
	}
	return ", which does not count for this topic"
}

// printMessages writes what became of messages.
func (w why) printMessages(out io.Writer) error {
	if len(w.Messages)+len(w.HeldFrom) == 0 {
		return nil
	}
	fmt.Fprintln(out, "\nWhat was sent:")
	for _, key := range w.HeldFrom {
		fmt.Fprintf(out, "  run %s: nothing, the customer was held out\n", oneLine(key))
	}
	for i, m := range w.Messages {
		if i == 0 || m.RunKey != w.Messages[i-1].RunKey {
			fmt.Fprintf(out, "  run %s, frozen %s, %s\n", oneLine(m.RunKey), atUTC(m.Frozen), m.RunState)
		}
		fmt.Fprintf(out, "    to %s %s: %s%s\n", m.Code, oneLine(m.Name), m.State, m.bounds())
		for _, a := range m.Attempts {
			fmt.Fprintf(out, "      attempt %d, %s: %s\n", a.Attempt, atUTC(a.At), oneLine(strings.TrimSpace(a.State+" "+a.Code)))
		}
		if !m.Waits.IsZero() {
			fmt.Fprintf(out, "      after %d attempts it waits until %s: %s\n", m.WaitsAttempts, atUTC(m.Waits), oneLine(m.WaitsCode))
		}
		fmt.Fprintf(out, "      Message-ID %s\n", m.MessageID)
	}
	if w.run == nil || len(w.Messages) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(out, "  Texts are not kept. What the run sends is made again by: fairlead preview --outreach %s --customer %s -o text\n", w.Outreach, w.Customer)
	return err
}

// bounds say when a message that was not tried may be.
func (m whyMessage) bounds() (text string) {
	if m.State != messagePending && m.State != messageWaiting {
		return ""
	}
	if !m.NotBefore.IsZero() {
		text += ", not before " + atUTC(m.NotBefore)
	}
	if !m.NotAfter.IsZero() {
		text += ", not after " + atUTC(m.NotAfter)
	}
	return text
}
