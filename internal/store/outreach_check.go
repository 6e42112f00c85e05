package store

import (
	"fmt"
	"strings"
)

// Checks are what is asked of each recipient when its turn comes, beside whether its mailbox is
// suppressed from everything: whether it objects, and what else is asked for.
type Checks struct {
	// Medium and Topic of the messages.
	Medium, Topic string
	// NeedsConsent asks whether the person has agreed to the topic.
	NeedsConsent bool
	// Promotional counts suppressions from what is offered as well.
	Promotional bool
	// OpenComplaint asks whether the customer has a complaint that is not resolved.
	OpenComplaint bool
	// Audience asks whether the customer belongs to it still; nil for not.
	Audience *Audience
}

// RecipientObstacles are what was found, of what Checks ask for.
type RecipientObstacles struct {
	// NoConsent: the person has not agreed to the topic, or not any more.
	NoConsent bool
	// Unsubscribed: whoever reads there wants to hear nothing of the topic, or of anything.
	Unsubscribed bool
	// OpenComplaint: the customer complained, and that is not resolved.
	OpenComplaint bool
	// NotInAudience: the customer belongs to it no more.
	NotInAudience bool
}

// Who was merged since the freeze is asked for under whom it was merged into.
const (
	customerNow  = "coalesce(c.merged_into, m.customer_id)"
	recipientNow = "coalesce(r.merged_into, m.recipient_id)"
)

// lookUp is 1 where a row is found, and otherwise 0.
func lookUp(from string) string { return "coalesce((SELECT 1 FROM " + from + " LIMIT 1), 0)" }

// asking is the question for recipients with what is checked, and its arguments; the first is
// that number.
func (m messageTables) asking(checks *Checks, first int) (question string, args []any) {
	if checks == nil {
		return m.columns + m.of, nil
	}
	parameter := func(value string) string {
		args = append(args, value)
		return fmt.Sprintf("CAST($%d AS TEXT)", first+len(args)-1)
	}
	columns := []string{m.columns}
	if checks.Promotional {
		columns[0] = m.promotional
	}
	topic, medium := parameter(checks.Topic), parameter(checks.Medium)
	if checks.NeedsConsent {
		columns = append(columns, "1 - "+lookUp("consent x WHERE x.person_id = "+recipientNow+" AND x.topic = "+topic+" AND x.medium = "+medium+" AND x.withdrawn_at IS NULL AND x.given <= "+nowParameter+
			" AND (x.withdrawn IS NULL OR x.withdrawn > "+nowParameter+") AND (x.expires IS NULL OR x.expires > "+nowParameter+")"))
	}
	columns = append(columns, lookUp("objection x WHERE x.address_id = "+m.mailbox+" AND x.medium = "+medium+" AND x.topic IN ("+topic+", '') AND x.taken_back_at IS NULL"))
	if checks.OpenComplaint {
		columns = append(columns, lookUp("complaint x WHERE x.customer_id = "+customerNow+" AND x.resolved IS NULL AND x.withdrawn_at IS NULL"))
	}
	if checks.Audience != nil {
		columns = append(columns, "CASE WHEN "+checks.Audience.belongs(parameter)+" THEN 0 ELSE 1 END")
	}
	return strings.Join(columns, ", ") + m.of, args
}

// into is where the columns of a question go.
func (checks *Checks) into(o *RecipientObstacles) (into []any) {
	if checks == nil {
		return nil
	}
	for _, column := range []struct {
		asked bool
		into  *bool
	}{{checks.NeedsConsent, &o.NoConsent}, {true, &o.Unsubscribed}, {checks.OpenComplaint, &o.OpenComplaint}, {checks.Audience != nil, &o.NotInAudience}} {
		if column.asked {
			into = append(into, column.into)
		}
	}
	return into
}

// belongs is the condition that a customer of a message is in the audience's segments, with one
// look-up for each.
func (a Audience) belongs(parameter func(string) string) string {
	member := func(choices []SegmentChoice) (all []string) {
		for _, choice := range choices {
			condition := "segment_member x WHERE x.segment = " + parameter(choice.Name) + " AND x.customer_id = " + customerNow
			if len(choice.Classes) > 0 {
				var classes []string
				for _, class := range choice.Classes {
					classes = append(classes, parameter(class))
				}
				condition += " AND x.class IN (" + strings.Join(classes, ", ") + ")"
			}
			all = append(all, lookUp(condition))
		}
		return all
	}
	least, included := len(a.Include), member(a.Include)
	if a.Any {
		least = 1
	}
	text := fmt.Sprintf("%s >= %d", strings.Join(included, " + "), least)
	if excluded := member(a.Exclude); len(excluded) > 0 {
		text += " AND " + strings.Join(excluded, " + ") + " = 0"
	}
	return text
}
