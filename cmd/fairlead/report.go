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
	"github.com/fairlead/fairlead/internal/store"
)

// reportOptions say what is reported of which edition, and how it is written.
type reportOptions struct {
	exhibition, week, format, outputFile string
	files                                []string
	// edition that is meant, and what else of its series is declared beside it.
	edition  *crm.Exhibition
	siblings []*crm.Exhibition
}

func newReportCommand() *cobra.Command {
	options, wanted := &storeOptions{}, &reportOptions{}
	command := &cobra.Command{
		Use:   "report --exhibition NAME",
		Short: "Report a week of an edition: bookings, satisfaction, complaints",
		Long: `Report a week of an edition: enquiries, bookings, area and revenue, cancellations,
rebookings and new customers, visitors, satisfaction, praise and complaints. Each
figure stands beside the week before and the week of the last cycle that was as far
from the opening, with the sums so far. The report holds counts only, and nobody's
name.

A week begins on Monday in the time zone of the venue; without --week it is the last
one that is over. "-" is what nothing is known of.

The Exhibition is read from the cluster, or with -f from manifests. Without --store
and --store-name the store is the one that it names.`,
		Example: `  # the last week, for a terminal
  fairlead report --exhibition farnborough-2026 -n expo

  # a certain week, as a page to print
  fairlead report --exhibition farnborough-2026 -n expo --week 2026-W29 \
    --format html --output-file week-29.html

  # without a cluster
  fairlead report --exhibition farnborough-2026 -f config/ --week 2026-W29 \
    --store sqlite:///tmp/crm.db`,
		Args: cobra.NoArgs,
		PreRunE: func(command *cobra.Command, _ []string) error {
			if err := wanted.check(); err != nil {
				return err
			}
			return wanted.find(command.Context(), options, command.InOrStdin())
		},
	}
	flags := command.Flags()
	flags.StringVar(&wanted.exhibition, "exhibition", "", "name of an Exhibition")
	flags.StringVar(&wanted.week, "week", "", "a week of ISO 8601, such as 2026-W29 (default: the last one that is over)")
	flags.StringVar(&wanted.format, "format", report.Formats[0], strings.Join(report.Formats, ", "))
	flags.StringVar(&wanted.outputFile, "output-file", "-", `file to write, readable by its owner only; "-" for the standard output`)
	flags.StringArrayVarP(&wanted.files, "filename", "f", nil, `manifests in YAML or JSON that have the Exhibition: a file, a folder with all below it, or "-" for the standard input; may be repeated`)
	// It fails where there is no such flag.
	_ = command.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(report.Formats, cobra.ShellCompDirectiveNoFileComp))
	return onStore(command, options, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		weekly, err := wanted.measure(ctx, s, time.Now())
		if err != nil {
			return err
		}
		return wanted.write(weekly, out)
	})
}

func (o *reportOptions) check() error {
	switch {
	case o.exhibition == "":
		return usageError{errors.New("report what? Pass --exhibition NAME")}
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
	if !named {
		options.storeName = string(o.edition.Spec.StoreName)
	}
	return nil
}

func (o *reportOptions) fromCluster(ctx context.Context, options *storeOptions) error {
	reader, namespace, err := options.connect()
	if err != nil {
		return fmt.Errorf("looking for the Exhibition: %w, and its manifest by -f FILE", err)
	}
	o.edition = &crm.Exhibition{}
	switch err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: o.exhibition}, o.edition); {
	case apierrors.IsNotFound(err):
		return fmt.Errorf("namespace %s has no Exhibition called %s", namespace, o.exhibition)
	case err != nil:
		return fmt.Errorf("reading the Exhibition: %w", err)
	}
	return nil
}

func (o *reportOptions) fromFiles(ctx context.Context, stdin io.Reader) error {
	if slices.Contains(o.files, "-") {
		stdin = interruptible(ctx, stdin)
	}
	found, err := readManifests(o.files, []string{"Exhibition"}, stdin)
	if err != nil {
		return usageError{fmt.Errorf("-f: %w", err)}
	}
	for _, object := range found {
		edition, is := object.(*crm.Exhibition)
		switch {
		case !is:
		case edition.Name == o.exhibition && o.edition == nil:
			o.edition = edition
		case edition.Name == o.exhibition:
			return usageError{fmt.Errorf("-f: there are two Exhibitions called %s in %s", o.exhibition, strings.Join(o.files, ", "))}
		default:
			o.siblings = append(o.siblings, edition)
		}
	}
	if o.edition == nil {
		return usageError{fmt.Errorf("-f: there is no Exhibition called %s in %s", o.exhibition, strings.Join(o.files, ", "))}
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

// write writes the report where it is wanted.
func (o *reportOptions) write(weekly report.Weekly, out io.Writer) error {
	if o.outputFile == "-" {
		return weekly.Write(out, o.format)
	}
	file, err := os.OpenFile(o.outputFile, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return usageError{fmt.Errorf("--output-file: %w", err)}
	}
	if err := errors.Join(weekly.Write(file, o.format), file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", o.outputFile, err)
	}
	fmt.Fprintf(out, "The report of %s was written to %s.\n", weekly.Measured.Week, o.outputFile)
	return nil
}
