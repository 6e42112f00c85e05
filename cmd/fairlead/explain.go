package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/classify"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// explainOptions say what is explained, and for whom.
type explainOptions struct {
	segment, where, outreach, rule, customer, output string
	files                                            []string
}

func newExplainCommand() *cobra.Command {
	options, explain := &storeOptions{}, &explainOptions{}
	command := &cobra.Command{
		Use:   "explain (--segment NAME | --where EXPRESSION | --outreach NAME | --rule NAME) [-f FILE_OR_FOLDER] --customer CODE",
		Short: "Say why a customer belongs to a segment, or is written to, or why not",
		Long: `Say why a customer belongs to a segment, or why not: clause by clause what is true,
false or absent, with the values. It is worked out by the compiled expression that
decides who belongs. Where the segment is split into classes it says which one the
customer is in, and how it stands on each axis of the model.

The segment is read from the namespace of the CustomerStore, or with -f from
manifests. --where tries an expression that is in no segment yet.

With --outreach it says why somebody at the customer is written to or not, and by which
clause, consent, objection, cap or holdout; and what was sent when, if the run is frozen.
With --rule it is what the Outreach of a CampaignRule would do if it were due now, and what
its runs sent. All that they name is read like the segment. What it prints names persons: it
goes to your terminal only, and nothing is written to the store.

Exit codes of --outreach and --rule: 0 somebody is or was written to, 1 nobody is, or
something failed, 2 called wrongly.`,
		Example: `  fairlead explain --segment lapsed-exhibitors --customer FL-0003305 \
    -n expo --store-name crm
  fairlead explain --segment lapsed-exhibitors -f config/ --customer FL-0003305 \
    --store sqlite:///tmp/crm.db
  fairlead explain --where "customer.participations > 3 && customer.openComplaints == 0" \
    --customer FL-0003305 --store sqlite:///tmp/crm.db
  fairlead explain --outreach opening-notice --customer FL-0003305 \
    -n expo --store-name crm`,
		Args:    cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error { return explain.check(options) },
	}
	flags := command.Flags()
	registerOutput(flags, &explain.output)
	flags.StringVar(&explain.segment, "segment", "", "name of a CustomerSegment")
	flags.StringVar(&explain.where, "where", "", "an expression, instead of a segment's")
	flags.StringVar(&explain.outreach, "outreach", "", "name of an Outreach")
	flags.StringVar(&explain.rule, "rule", "", "name of a CampaignRule")
	flags.StringVar(&explain.customer, "customer", "", "code of the customer")
	flags.StringArrayVarP(&explain.files, "filename", "f", nil, `manifests in YAML or JSON that have it: a file, a folder with all below it, or "-" for the standard input; may be repeated`)
	return onStore(command, options, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		if explain.outreach != "" || explain.rule != "" {
			return explain.tellOutreach(ctx, options, s, command.InOrStdin(), out)
		}
		spec, err := explain.declared(ctx, options, command.InOrStdin())
		if err != nil {
			return err
		}
		lines, placed, err := explainSegment(ctx, s, spec, explain.customer)
		if err != nil {
			return err
		}
		if lines == nil {
			return fmt.Errorf("%s has no profile: nobody without a role or a fact belongs to a segment", explain.customer)
		}
		return explain.tell(out, lines, placed)
	})
}

// check refuses flags that do not go together.
func (e *explainOptions) check(options *storeOptions) error {
	wanted := slices.DeleteFunc([]string{e.segment, e.where, e.outreach, e.rule}, func(name string) bool { return name == "" })
	switch {
	case e.customer == "":
		return usageError{errors.New("for whom? Pass --customer CODE")}
	case len(wanted) != 1:
		return usageError{errors.New("explain what? Pass one of --segment NAME, --where EXPRESSION, --outreach NAME and --rule NAME")}
	case e.where == "" && len(e.files) == 0 && options.storeName == "":
		return usageError{errors.New("where is it? Pass -f FILE_OR_FOLDER, or name the store by -n NAMESPACE --store-name NAME")}
	}
	return nil
}

// explainSegment says what each clause of a segment comes to for a customer, and its class where
// it has one. There are no lines of a customer without a profile.
func explainSegment(ctx context.Context, s opened, spec crm.CustomerSegmentSpec, code string) (lines []audience.Line, placed *classJSON, err error) {
	catalog, err := catalogOf(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	explanation, err := audience.Explain(string(spec.Where), catalog)
	var problem *audience.Problem
	if errors.As(err, &problem) {
		return nil, nil, usageError{fmt.Errorf("the expression cannot be asked: %w", err)}
	}
	if err != nil {
		return nil, nil, err
	}
	values, err := s.Ask(ctx, code, explanation.Segment(), explanation.Selected())
	if err != nil || values == nil {
		return nil, nil, err
	}
	lines = explanation.Lines(values)
	if spec.Classify != nil && lines[0].Came == "true" {
		placed, err = classOf(ctx, s, code, explanation.Segment(), *spec.Classify)
	}
	return lines, placed, err
}

// classJSON is the class of a customer and why, for programs.
type classJSON struct {
	Name    string             `json:"name"`
	Meaning string             `json:"meaning"`
	Model   string             `json:"model"`
	Axes    []classify.Reading `json:"axes"`
}

// classOf asks for the class of a customer who belongs to a segment.
func classOf(ctx context.Context, s opened, code string, segment store.Segment, spec crm.Classification) (*classJSON, error) {
	mark, err := s.Mark(ctx)
	if err != nil {
		return nil, err
	}
	model, err := classify.Compile(spec, mark.ReportingCurrency)
	if err != nil {
		return nil, usageError{fmt.Errorf("the segment cannot be split into classes: %w", err)}
	}
	segment.Classes = model.Prepared()
	name, values, err := s.AskClass(ctx, code, segment, model.Selected())
	if err != nil || values == nil {
		return nil, err
	}
	readings, err := model.Readings(values)
	if err != nil {
		return nil, err
	}
	return &classJSON{name, model.Meaning(name), model.Title(), readings}, nil
}

// declared is what is explained.
func (e *explainOptions) declared(ctx context.Context, options *storeOptions, stdin io.Reader) (spec crm.CustomerSegmentSpec, err error) {
	if e.where != "" {
		return crm.CustomerSegmentSpec{Where: crm.Expression(e.where)}, nil
	}
	if len(e.files) == 0 {
		reader, namespace, err := options.connect()
		if err != nil {
			return spec, err
		}
		segment := &crm.CustomerSegment{}
		switch err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: e.segment}, segment); {
		case apierrors.IsNotFound(err):
			return spec, fmt.Errorf("namespace %s has no CustomerSegment called %s", namespace, e.segment)
		case err != nil:
			return spec, fmt.Errorf("reading the CustomerSegment: %w", err)
		}
		return segment.Spec, nil
	}
	if slices.Contains(e.files, "-") {
		stdin = interruptible(ctx, stdin)
	}
	found, err := readManifests(e.files, []string{"CustomerSegment"}, stdin)
	if err != nil {
		return spec, usageError{fmt.Errorf("-f: %w", err)}
	}
	for _, object := range found {
		if segment, is := object.(*crm.CustomerSegment); is && segment.Name == e.segment {
			return segment.Spec, nil
		}
	}
	return spec, usageError{fmt.Errorf("-f: there is no CustomerSegment called %s in %s", e.segment, strings.Join(e.files, ", "))}
}

// catalogOf is what expressions may name in a store.
func catalogOf(ctx context.Context, s opened) (audience.Catalog, error) {
	kinds, err := s.AttributeKinds(ctx)
	if err != nil {
		return audience.Catalog{}, err
	}
	mark, err := s.Mark(ctx)
	if err != nil {
		return audience.Catalog{}, err
	}
	digits, known := customer.MinorDigits(mark.ReportingCurrency)
	if !known {
		// Without a reporting currency there are no amounts.
		digits = 2
	}
	return audience.Catalog{Attributes: kinds, CurrencyDigits: digits}, nil
}

// explainedJSON is an explanation for programs.
type explainedJSON struct {
	Customer string          `json:"customer"`
	Segment  string          `json:"segment,omitempty"`
	Belongs  bool            `json:"belongs"`
	Clauses  []audience.Line `json:"clauses"`
	// Class is left out where the segment has none, or the customer does not belong.
	Class *classJSON `json:"class,omitempty"`
}

func (e *explainOptions) tell(out io.Writer, lines []audience.Line, placed *classJSON) error {
	belongs := lines[0].Came == "true"
	if e.output == "json" {
		return writeJSON(out, explainedJSON{e.customer, e.segment, belongs, lines, placed})
	}
	what := "to the segment " + e.segment
	if e.segment == "" {
		what = "by the expression"
	}
	verb := "belongs"
	if !belongs {
		verb = "does not belong"
	}
	if placed != nil {
		what += ", in the class " + placed.Name + ": " + placed.Meaning
	}
	fmt.Fprintf(out, "%s %s %s.\n\n", e.customer, verb, what)
	return printLines(out, "", lines, placed)
}

// printLines writes clauses and how a customer stands on the axes of a class, each line after a
// margin.
func printLines(out io.Writer, margin string, lines []audience.Line, placed *classJSON) error {
	for _, line := range lines {
		indent := strings.Repeat("    ", line.Depth)
		switch {
		case line.IsValue:
			fmt.Fprintf(out, "%s        %s    %s = %s\n", margin, indent, oneLine(line.Text), oneLine(line.Came))
		case line.Joined != "":
			fmt.Fprintf(out, "%s%-8s%s%s\n", margin, line.Came, indent, joinedWords[line.Joined])
		default:
			fmt.Fprintf(out, "%s%-8s%s%s\n", margin, line.Came, indent, oneLine(line.Text))
		}
	}
	if placed == nil {
		return nil
	}
	fmt.Fprintf(out, "\n%sBy %s:\n", margin, placed.Model)
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	for _, axis := range placed.Axes {
		value := axis.Value
		if axis.Missing != "" {
			value = "absent"
		}
		fmt.Fprintln(table, strings.TrimRight(margin+"  "+strings.Join([]string{axis.Axis, value, axis.Side, axis.Cut}, "\t"), "\t"))
	}
	return table.Flush()
}

// joinedWords say what has to hold of the clauses below.
var joinedWords = map[string]string{"&&": "all of (&&)", "||": "any of (||)", "!": "not (!)"}
