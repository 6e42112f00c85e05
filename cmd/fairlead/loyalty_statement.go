package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/internal/loyalty"
	"github.com/fairlead/fairlead/internal/store"
)

func newStatementCommand() *cobra.Command {
	o := &loyaltyOptions{}
	command := &cobra.Command{
		Use:   "statement --program NAME --customer CODE",
		Short: "Show how the points of a member add up",
		Long: `Show how the points of a member add up: what each fact earned by which rule, what
was given and redeemed by whom, what expired and what is left of each, and the tier.
What was corrected later is shown as it stands now.`,
		Example: `  fairlead loyalty statement --store-name crm -n expo --program exhibitor-club --customer FL-1042`,
		Args:    cobra.NoArgs,
		PreRunE: o.checkMember,
	}
	o.member(command.Flags())
	return onStore(command, &o.storeOptions, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		statement, err := s.Statement(ctx, o.program, o.customer)
		if err != nil {
			return err
		}
		says := sayStatement(o.program, statement)
		if o.output == "json" {
			return writeJSON(out, says)
		}
		return says.print(out)
	})
}

// statementSays is a statement as it is shown.
type statementSays struct {
	Customer   string     `json:"customer"`
	Program    string     `json:"program"`
	AsOf       string     `json:"asOf"`
	Earned     []earnSays `json:"earned"`
	Used       []useSays  `json:"used,omitempty"`
	Sums       sumSays    `json:"sums"`
	Tier       string     `json:"tier,omitempty"`
	TierPoints string     `json:"tierPoints"`
	// GraceUntil the tier is kept though its points are gone.
	GraceUntil string `json:"graceUntil,omitempty"`
	NextTier   string `json:"nextTier,omitempty"`
	// Missing to the next tier.
	Missing              string   `json:"missing,omitempty"`
	BoothDiscountPercent int64    `json:"boothDiscountPercent,omitempty"`
	Benefits             []string `json:"benefits,omitempty"`
	// Unearned facts earn nothing for want of a value or a date.
	Unearned int64 `json:"unearned,omitempty"`
}

type earnSays struct {
	Day     string `json:"day"`
	Rule    string `json:"rule,omitempty"`
	For     string `json:"for"`
	Points  string `json:"points"`
	Expires string `json:"expires,omitempty"`
	Left    string `json:"left"`
}

type useSays struct {
	Day       string `json:"day"`
	What      string `json:"what"`
	Points    string `json:"points"`
	Reference string `json:"reference"`
	Reason    string `json:"reason"`
	Actor     string `json:"actor"`
}

type sumSays struct {
	Earned   string `json:"earned"`
	Adjusted string `json:"adjusted"`
	Redeemed string `json:"redeemed"`
	Expired  string `json:"expired"`
	Balance  string `json:"balance"`
}

func sayStatement(program string, s store.Statement) statementSays {
	m, text := s.Member, store.PointsText
	says := statementSays{
		Customer: s.Code, Program: program, AsOf: moment(s.AsOf), Tier: m.Tier, TierPoints: text(m.TierPoints), GraceUntil: dayOf(m.GraceUntil), Unearned: m.Unearned,
		Sums:   sumSays{text(m.Earned), text(m.Adjusted), text(m.Redeemed), text(m.Expired), text(m.Balance)},
		Earned: []earnSays{},
	}
	left := loyalty.Left(s)
	for i, l := range s.Lots {
		what := strings.Join(strings.Fields(strings.Join([]string{l.Kind, l.Series, l.Edition, l.Role}, " ")), " ")
		if l.Rule == "" {
			what = l.Kind + " by " + l.Actor + ": " + l.Reason
		}
		says.Earned = append(says.Earned, earnSays{dayOf(l.EarnedAt), l.Rule, what, text(l.Points), dayOf(l.ExpiresAt), text(left[i])})
	}
	for _, u := range s.Uses {
		says.Used = append(says.Used, useSays{dayOf(u.At), u.Kind, text(u.Points), u.Reference, u.Reason, u.Actor})
	}
	if next, missing := s.Terms.Next(m.TierPoints); next != nil {
		says.NextTier, says.Missing = next.Name, text(missing)
	}
	if tier := s.Terms.Tier(m.Tier); tier != nil {
		says.BoothDiscountPercent, says.Benefits = tier.BoothDiscountPercent, tier.Benefits
	}
	return says
}

func (s statementSays) print(out io.Writer) error {
	fmt.Fprintf(out, "%s in %s, as of %s\n", oneLine(s.Customer), s.Program, s.AsOf)
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "\nEarned\n  DAY\tRULE\tFOR\tPOINTS\tEXPIRES\tLEFT")
	for _, e := range s.Earned {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\n", e.Day, e.Rule, oneLine(e.For), e.Points, e.Expires, e.Left)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(s.Used) > 0 {
		fmt.Fprintln(table, "\nUsed\n  DAY\tWHAT\tPOINTS\tREFERENCE\tREASON\tBY")
		for _, u := range s.Used {
			fmt.Fprintf(table, "  %s\t%s\t-%s\t%s\t%s\t%s\n", u.Day, u.What, u.Points, oneLine(u.Reference), oneLine(u.Reason), oneLine(u.Actor))
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "\n%s earned + %s by hand - %s redeemed - %s expired = %s points\n", s.Sums.Earned, s.Sums.Adjusted, s.Sums.Redeemed, s.Sums.Expired, s.Sums.Balance)
	tier := "No tier"
	if s.Tier != "" {
		tier = "Tier " + s.Tier
	}
	fmt.Fprintf(out, "%s, by %s points that are earned and not expired", tier, s.TierPoints)
	if s.GraceUntil != "" {
		fmt.Fprintf(out, "; kept until %s, though the points for it are gone", s.GraceUntil)
	}
	if s.NextTier != "" {
		fmt.Fprintf(out, "; %s more to %s", s.Missing, s.NextTier)
	}
	fmt.Fprintln(out, ".")
	if s.Unearned > 0 {
		fmt.Fprintf(out, "%d facts earn nothing, for want of a value or of the dates of their edition.\n", s.Unearned)
	}
	return nil
}
