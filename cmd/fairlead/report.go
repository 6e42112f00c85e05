package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/measure"
	"github.com/fairlead/fairlead/internal/report"
	"github.com/fairlead/fairlead/internal/scorecard"
	"github.com/fairlead/fairlead/internal/store"
)

// reportOptions say what is reported of which edition, and how it is written.
type reportOptions struct {
	exhibition, week, format, outputFile string
	files                                []string
	// edition that is meant, and what else of its series is declared beside it.
	edition  *crm.Exhibition
	siblings []*crm.Exhibition

	// rule that a scorecard is of, within so many days, and the rule as it is declared.
	rule     string
	days     int
	campaign *crm.CampaignRule
}

func newReportCommand() *cobra.Command {
	options, wanted := &storeOptions{}, &reportOptions{}
	command := &cobra.Command{
		Use:   "report --exhibition NAME | --rule NAME",
		Short: "Report a week of an edition, or the scorecard of a rule",
		Long: `With --exhibition, report a week of an edition: enquiries, bookings, area and revenue, cancellations,
rebookings and new customers, visitors, satisfaction, praise and complaints. Each
figure stands beside the week before and the week of the last cycle that was as far
from the opening, with the sums so far. The report holds counts only, and nobody's
name.

A week begins on Monday in the time zone of the venue; without --week it is the last
one that is over. "-" is what nothing is known of.

With --rule, report the scorecard of a CampaignRule over all its runs: whom it
reached, what became of the messages, who unsubscribed, what it cost, and what those
who were written to did otherwise than those who were held out, within --days after
each run. Runs that are younger are left out.

The Exhibition or rule is read from the cluster, or with -f from manifests. Without --store
and --store-name the store is the one that it names.`,
		Example: `  # the last week, for a terminal
  fairlead report --exhibition farnborough-2026 -n expo

  # a certain week, as a page to print
  fairlead report --exhibition farnborough-2026 -n expo --week 2026-W29 \
    --format html --output-file week-29.html

  # without a cluster
  fairlead report --exhibition farnborough-2026 -f config/ --week 2026-W29 \
    --store sqlite:///tmp/crm.db

  # what a rule brought within half a year
  fairlead report --rule win-back-letter -n expo --days 180`,
		Args: cobra.NoArgs,
		PreRunE: func(command *cobra.Command, _ []string) error {
			if err := wanted.check(command.Flags().Changed); err != nil {
				return err
			}
			return wanted.find(command.Context(), options, command.InOrStdin())
		},
	}
	flags := command.Flags()
	flags.StringVar(&wanted.exhibition, "exhibition", "", "name of an Exhibition")
	flags.StringVar(&wanted.rule, "rule", "", "name of a CampaignRule")
	flags.IntVar(&wanted.days, "days", scorecard.Days, fmt.Sprintf("of a rule: how many days after a run count, 1 to %d", scorecard.MostDays))
	flags.StringVar(&wanted.week, "week", "", "of an edition: a week of ISO 8601, such as 2026-W29 (default: the last one that is over)")
	flags.StringVar(&wanted.format, "format", report.Formats[0], strings.Join(report.Formats, ", ")+"; of a rule "+strings.Join(report.ScorecardFormats, ", "))
	flags.StringVar(&wanted.outputFile, "output-file", "-", `file to write, readable by its owner only; "-" for the standard output`)
	flags.StringArrayVarP(&wanted.files, "filename", "f", nil, `manifests in YAML or JSON that have the Exhibition or rule: a file, a folder with all below it, or "-" for the standard input; may be repeated`)
	// It fails where there is no such flag.
	_ = command.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(report.Formats, cobra.ShellCompDirectiveNoFileComp))
	return onStore(command, options, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		if wanted.rule != "" {
			card, err := wanted.score(ctx, s, time.Now())
			if err != nil {
				return err
			}
			return wanted.write(card, "scorecard of "+wanted.rule, out)
		}
		weekly, err := wanted.measure(ctx, s, time.Now())
		if err != nil {
			return err
		}
		return wanted.write(weekly, "report of "+weekly.Measured.Week.String(), out)
	})
}

func (o *reportOptions) check(given func(flag string) bool) error {
	switch {
	case (o.exhibition == "") == (o.rule == ""):
		return usageError{errors.New("report what? Pass --exhibition NAME or --rule NAME, one of them")}
	case o.rule != "":
		return o.checkRule(given)
	case given("days"):
		return usageError{errors.New("--days goes with --rule")}
	case !slices.Contains(report.Formats, o.format):
		return usageError{fmt.Errorf("--format %q: want %s", o.format, strings.Join(report.Formats, ", "))}
	case o.week == "":
		return nil
	}
	// What a week looks like does not depend on the zone, which is not known yet.
	if _, err := measure.ParseWeek(o.week, time.UTC); err != nil {
		return usageError{fmt.Errorf("--week %q: %w", o.week, err)}
	}
	return nil
}

// find reads the Exhibition, and takes the store that it names if no other is named.
func (o *reportOptions) find(ctx context.Context, options *storeOptions, stdin io.Reader) error {
	named := options.url != "" || options.storeName != "" || os.Getenv(storeVariable) != ""
	if named {
		if err := options.check(); err != nil {
			return err
		}
	}
	read := o.fromCluster
	if len(o.files) > 0 {
		read = func(ctx context.Context, _ *storeOptions) error { return o.fromFiles(ctx, stdin) }
	}
	if err := read(ctx, options); err != nil {
		return err
	}
	switch {
	case named:
	case o.campaign != nil:
		options.storeName = string(o.campaign.Spec.StoreName)
	default:
		options.storeName = string(o.edition.Spec.StoreName)
	}
	return nil
}

func (o *reportOptions) fromCluster(ctx context.Context, options *storeOptions) error {
	kind, name := o.wanted()
	reader, namespace, err := options.connect()
	if err != nil {
		return fmt.Errorf("looking for the %s: %w, and its manifest by -f FILE", kind, err)
	}
	var object client.Object
	if o.rule != "" {
		o.campaign = &crm.CampaignRule{}
		object = o.campaign
	} else {
		o.edition = &crm.Exhibition{}
		object = o.edition
	}
	switch err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, object); {
	case apierrors.IsNotFound(err):
		return fmt.Errorf("namespace %s has no %s called %s", namespace, kind, name)
	case err != nil:
		return fmt.Errorf("reading the %s: %w", kind, err)
	}
	return nil
}

// wanted is the kind and the name of what is reported of.
func (o *reportOptions) wanted() (kind, name string) {
	if o.rule != "" {
		return "CampaignRule", o.rule
	}
	return "Exhibition", o.exhibition
}

func (o *reportOptions) fromFiles(ctx context.Context, stdin io.Reader) error {
	if slices.Contains(o.files, "-") {
		stdin = interruptible(ctx, stdin)
	}
	kind, name := o.wanted()
	objects, err := readManifests(o.files, []string{kind}, stdin)
	if err != nil {
		return usageError{fmt.Errorf("-f: %w", err)}
	}
	found := 0
	for _, object := range objects {
		is := object.GetName() == name
		if is {
			found++
		}
		switch object := object.(type) {
		case *crm.CampaignRule:
			if is {
				o.campaign = object
			}
		case *crm.Exhibition:
			if is {
				o.edition = object
			} else {
				o.siblings = append(o.siblings, object)
			}
		}
	}
	switch {
	case found == 0:
		return usageError{fmt.Errorf("-f: there is no %s called %s in %s", kind, name, strings.Join(o.files, ", "))}
	case found > 1:
		return usageError{fmt.Errorf("-f: there are two %ss called %s in %s", kind, name, strings.Join(o.files, ", "))}
	}
	return nil
}

// measure measures the week.
func (o *reportOptions) measure(ctx context.Context, s opened, now time.Time) (report.Weekly, error) {
	spec := o.edition.Spec
	zone, err := time.LoadLocation(string(spec.Venue.TimeZone))
	if err != nil || spec.Venue.TimeZone == "" {
		return report.Weekly{}, usageError{fmt.Errorf("the Exhibition %s: spec.venue.timeZone %q is no time zone that is known: want one such as Europe/London", o.exhibition, spec.Venue.TimeZone)}
	}
	opens, err := time.ParseInLocation(time.DateOnly, string(spec.Opens), zone)
	if err != nil {
		return report.Weekly{}, usageError{fmt.Errorf("the Exhibition %s: spec.opens %q: want a day such as 2026-07-20", o.exhibition, spec.Opens)}
	}
	week, err := o.weekOf(now.In(zone))
	if err != nil {
		return report.Weekly{}, err
	}
	previous, err := o.previous(ctx, s, opens)
	if err != nil {
		return report.Weekly{}, err
	}
	span := store.EditionSpan{Series: string(spec.Series), Edition: string(spec.Edition), Previous: previous}
	measured, err := measure.OfWeek(ctx, s.Store, span, opens, week, now)
	if err != nil {
		return report.Weekly{}, err
	}
	if measured == nil {
		return report.Weekly{}, fmt.Errorf("the store knows no edition %q of the series %q: import what there is of it first", spec.Edition, spec.Series)
	}
	mark, err := s.Mark(ctx)
	if err != nil {
		return report.Weekly{}, err
	}
	digits, _ := customer.MinorDigits(mark.ReportingCurrency)
	return report.Weekly{
		Title: spec.Title, Series: span.Series, Edition: span.Edition, Venue: venueOf(spec.Venue), Currency: mark.ReportingCurrency, Digits: digits, Measured: measured,
	}, nil
}

func venueOf(venue crm.Venue) string {
	return strings.Join(slices.DeleteFunc([]string{venue.Name, venue.City}, func(part string) bool { return part == "" }), ", ")
}

// weekOf is the week that is meant: the last one that is over, if none is named.
func (o *reportOptions) weekOf(now time.Time) (measure.Week, error) {
	last := measure.WeekOf(now).Plus(-1)
	if o.week == "" {
		return last, nil
	}
	week, err := measure.ParseWeek(o.week, now.Location())
	if err != nil {
		return week, usageError{fmt.Errorf("--week %q: %w", o.week, err)}
	}
	if week.Begins().After(now) {
		return week, usageError{fmt.Errorf("--week %s has not begun: it begins on %s, and the last one that is over is %s", o.week, week.Begins().Format("Monday, 2 January 2006"), last)}
	}
	return week, nil
}

// previous is the edition before: as the Exhibition declares it or has found it, else the
// last of those declared beside it to close before it opens, else what the store knows.
func (o *reportOptions) previous(ctx context.Context, s opened, opens time.Time) (string, error) {
	for _, edition := range []crm.EditionName{o.edition.Spec.PreviousEdition, o.edition.Status.PreviousEdition} {
		if edition != "" {
			return string(edition), nil
		}
	}
	var before *crm.Exhibition
	for _, sibling := range o.siblings {
		spec := sibling.Spec
		if spec.StoreName == o.edition.Spec.StoreName && spec.Series == o.edition.Spec.Series && spec.Closes < o.edition.Spec.Opens && (before == nil || spec.Closes > before.Spec.Closes) {
			before = sibling
		}
	}
	if before != nil {
		return string(before.Spec.Edition), nil
	}
	year, month, day := opens.Date()
	return s.EditionBefore(ctx, string(o.edition.Spec.Series), time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// written is what can be written in several formats.
type written interface {
	Write(out io.Writer, format string) error
}

// write writes a report where it is wanted.
func (o *reportOptions) write(what written, called string, out io.Writer) error {
	if o.outputFile == "-" {
		return what.Write(out, o.format)
	}
	file, err := os.OpenFile(o.outputFile, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return usageError{fmt.Errorf("--output-file: %w", err)}
	}
	if err := errors.Join(what.Write(file, o.format), file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", o.outputFile, err)
	}
	fmt.Fprintf(out, "The %s was written to %s.\n", called, o.outputFile)
	return nil
}
