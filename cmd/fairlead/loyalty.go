package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fairlead/fairlead/internal/store"
)

// loyaltyOptions name a member of a program.
type loyaltyOptions struct {
	storeOptions
	program, customer, output string
}

func (o *loyaltyOptions) member(flags *pflag.FlagSet) {
	flags.StringVar(&o.program, "program", "", "name of the LoyaltyProgram")
	flags.StringVar(&o.customer, "customer", "", "code of the customer")
	registerOutput(flags, &o.output)
}

func (o *loyaltyOptions) checkMember(*cobra.Command, []string) error {
	switch {
	case o.program == "":
		return usageError{errors.New("which program? Pass --program NAME")}
	case o.customer == "":
		return usageError{errors.New("which customer? Pass --customer CODE")}
	}
	return nil
}

func newLoyaltyCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "loyalty",
		Short: "Points and tiers: statements, redemptions, booth prices, what-if",
		Long: `Points and tiers of LoyaltyPrograms: what a member earned and used, redemptions
and adjustments, the price of a booth, and what a changed program would do.

The manager keeps the points; these commands read and post to the same ledger.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	command.AddCommand(newStatementCommand(), newRedeemCommand(), newAdjustCommand(), newQuoteCommand(), newSimulateCommand(), newProgramsCommand())
	return command
}

// postOptions say what is posted.
type postOptions struct {
	loyaltyOptions
	actorOptions
	points, reference, reason string
}

func newRedeemCommand() *cobra.Command {
	return newPostCommand(store.PostingRedeemed, &cobra.Command{
		Use:   "redeem --program NAME --customer CODE --points N --reference TEXT --reason TEXT",
		Short: "Redeem points of a member",
		Long: `Redeem points of a member, the oldest first. More than there are is refused, and
then nothing happens. The reference, such as the number of an invoice, is posted once:
who runs the command again redeems nothing more.`,
		Example: `  fairlead loyalty redeem --store-name crm -n expo --program exhibitor-club \
    --customer FL-1042 --points 400 --reference INV-2026-117 --reason "stand 4.210"`,
	})
}

func newAdjustCommand() *cobra.Command {
	return newPostCommand(store.PostingAdjusted, &cobra.Command{
		Use:   "adjust --program NAME --customer CODE --points N --reference TEXT --reason TEXT",
		Short: "Give a member points, or take some",
		Long: `Give a member points by hand, or take some with a negative number. What is given
counts for the tier and expires as if it had been earned today; no more can be taken than
there are. The reference is posted once.`,
		Example: `  # a gift
  fairlead loyalty adjust --store-name crm -n expo --program exhibitor-club \
    --customer FL-1042 --points 50 --reference goodwill-31 --reason "wet carpet in hall 4"

  # what was given by mistake
  fairlead loyalty adjust --store-name crm -n expo --program exhibitor-club \
    --customer FL-1042 --points=-50 --reference goodwill-31-undo --reason "was another stand"`,
	})
}

func newPostCommand(kind string, command *cobra.Command) *cobra.Command {
	o := &postOptions{}
	var points int64
	command.Args = cobra.NoArgs
	command.PreRunE = func(command *cobra.Command, args []string) error {
		if err := o.checkMember(command, args); err != nil {
			return err
		}
		var err error
		points, err = o.check(kind)
		return err
	}
	flags := command.Flags()
	o.member(flags)
	o.actorOptions.register(flags) //nolint:staticcheck // storeOptions has one, too
	flags.StringVar(&o.points, "points", "", "how many points, with up to six digits after the point")
	flags.StringVar(&o.reference, "reference", "", "what it is for, once within the program")
	flags.StringVar(&o.reason, "reason", "", "why, for the record")
	return onStore(command, &o.storeOptions, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		posted, err := s.Post(ctx, store.Posting{Program: o.program, Customer: o.customer, Kind: kind, Points: points, Reference: o.reference, Reason: o.reason, Actor: o.actor})
		if err != nil {
			return err
		}
		return o.tell(out, kind, points, posted)
	})
}

func (o *postOptions) check(kind string) (int64, error) {
	points, err := parsePoints(o.points)
	switch {
	case err != nil:
		return 0, usageError{fmt.Errorf("--points %q: %w", o.points, err)}
	case points == 0 || kind == store.PostingRedeemed && points < 0:
		return 0, usageError{fmt.Errorf("--points %q: want a number above 0", o.points)}
	case strings.TrimSpace(o.reference) == "":
		return 0, usageError{errors.New("--reference is empty: name what it is for, such as an invoice, so that it is posted once")}
	case strings.TrimSpace(o.reason) == "":
		return 0, usageError{errors.New("--reason is empty: why, for the record?")}
	case kind == store.PostingRedeemed:
		return -points, nil
	}
	return points, nil
}

// parsePoints reads a number of points.
func parsePoints(text string) (int64, error) {
	ratio, is := new(big.Rat).SetString(text)
	if text == "" || !is || strings.ContainsAny(text, "eE/_") {
		return 0, errors.New("want a number such as 400 or 12.5")
	}
	ratio.Mul(ratio, big.NewRat(store.PointUnits, 1))
	if !ratio.IsInt() || ratio.Num().CmpAbs(big.NewInt(1e15)) > 0 {
		return 0, errors.New("want at most six digits after the point, and at most 1000000000 points")
	}
	return ratio.Num().Int64(), nil
}

// postedSays is what is told of a posting.
type postedSays struct {
	Points    string `json:"points"`
	Reference string `json:"reference"`
	// Before says that it was posted earlier, and nothing now.
	Before  bool   `json:"before,omitempty"`
	Balance string `json:"balance"`
	Tier    string `json:"tier,omitempty"`
}

func (o *postOptions) tell(out io.Writer, kind string, points int64, posted store.Posted) error {
	says := postedSays{Points: store.PointsText(points), Reference: o.reference, Before: posted.Before, Balance: store.PointsText(posted.Member.Balance), Tier: posted.Member.Tier}
	verb := "redeemed"
	if kind == store.PostingAdjusted {
		verb = "adjusted by"
	}
	line := fmt.Sprintf("%s: %s %s points; %s are left", o.customer, verb, strings.TrimPrefix(says.Points, map[bool]string{true: "-"}[kind == store.PostingRedeemed]), says.Balance)
	if posted.Before {
		line = fmt.Sprintf("%s: %s was posted before, and nothing now; %s points are left", o.customer, o.reference, says.Balance)
	}
	if says.Tier != "" {
		line += ", in the tier " + says.Tier
	}
	return tell(out, o.output, says, line)
}

func newProgramsCommand() *cobra.Command {
	o := &loyaltyOptions{}
	command := &cobra.Command{
		Use:   "programs",
		Short: "List the programs that a store has points of",
		Long: `List the programs that a store has points of, also those whose LoyaltyProgram was
deleted: their ledgers stay.`,
		Example: `  fairlead loyalty programs --store-name crm -n expo`,
		Args:    cobra.NoArgs,
	}
	registerOutput(command.Flags(), &o.output)
	return onStore(command, &o.storeOptions, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		names, err := s.Programs(ctx)
		if err != nil {
			return err
		}
		type program struct {
			Name        string `json:"name"`
			Members     int64  `json:"members"`
			Outstanding string `json:"outstanding"`
			Redeemed    string `json:"redeemed"`
			Expired     string `json:"expired"`
		}
		all := []program{}
		for _, name := range names {
			f, err := s.LoyaltyFigures(ctx, name)
			if err != nil {
				return err
			}
			all = append(all, program{name, f.Members, store.PointsText(f.Outstanding), store.PointsText(f.Redeemed), store.PointsText(f.Expired)})
		}
		if o.output == "json" {
			return writeJSON(out, all)
		}
		table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "PROGRAM\tMEMBERS\tOUTSTANDING\tREDEEMED\tEXPIRED")
		for _, p := range all {
			fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\n", p.Name, p.Members, p.Outstanding, p.Redeemed, p.Expired)
		}
		return table.Flush()
	})
}

// dayOf writes the day of an instant in milliseconds, in UTC; "" for none.
func dayOf(millis int64) string {
	if millis == 0 {
		return ""
	}
	return time.UnixMilli(millis).UTC().Format(time.DateOnly)
}
