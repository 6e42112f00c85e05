package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/loyalty"
)

// quoteSays is the price of a booth for a member.
type quoteSays struct {
	Customer        string   `json:"customer"`
	Program         string   `json:"program"`
	Exhibition      string   `json:"exhibition,omitempty"`
	Price           string   `json:"price"`
	DiscountPercent int64    `json:"discountPercent"`
	Discount        string   `json:"discount"`
	Net             string   `json:"net"`
	Currency        string   `json:"currency"`
	Tier            string   `json:"tier,omitempty"`
	TierPoints      string   `json:"tierPoints"`
	Why             string   `json:"why"`
	Benefits        []string `json:"benefits"`
}

func newQuoteCommand() *cobra.Command {
	o := &loyaltyOptions{}
	var exhibition, price, currency string
	command := &cobra.Command{
		Use:   "quote --program NAME --customer CODE --price AMOUNT",
		Short: "Tell what a booth costs a member",
		Long: `Tell what a booth costs a member: the price, the discount that its tier gives, and
why. What else the tier gives is listed as entitlements.

The price is in the store's reporting currency unless --currency says another.
--exhibition goes onto the quote.`,
		Example: `  fairlead loyalty quote --store-name crm -n expo --program exhibitor-club \
    --customer FL-1042 --exhibition farnborough-2028 --price 12000.00`,
		Args: cobra.NoArgs,
		PreRunE: func(command *cobra.Command, args []string) error {
			if price == "" {
				return usageError{errors.New("what is the price? Pass --price AMOUNT, such as 12000.00")}
			}
			return o.checkMember(command, args)
		},
	}
	flags := command.Flags()
	o.member(flags)
	flags.StringVar(&exhibition, "exhibition", "", "name of the Exhibition that the booth is at")
	flags.StringVar(&price, "price", "", "price before discount")
	flags.StringVar(&currency, "currency", "", "currency of the price (default: the store's reporting currency)")
	return onStore(command, &o.storeOptions, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		mark, err := s.Mark(ctx)
		if err != nil {
			return err
		}
		if currency == "" {
			currency = mark.ReportingCurrency
		}
		minor, err := contract.MinorUnits(crm.Money{Amount: crm.Decimal(price), Currency: crm.CurrencyCode(currency)})
		if err != nil || minor < 0 {
			return usageError{fmt.Errorf("--price %q in %q: want an amount such as 12000.00, and --currency where the store reports in none", price, currency)}
		}
		statement, err := s.Statement(ctx, o.program, o.customer)
		if err != nil {
			return err
		}
		member := sayStatement(o.program, statement)
		tier := statement.Terms.Tier(statement.Member.Tier)
		amount := func(minor int64) string {
			return customer.Field{Kind: customer.Money}.Format(customer.Value{Present: true, Number: minor}, currency)
		}
		discount := loyalty.Discount(minor, tier)
		says := quoteSays{
			Customer: statement.Code, Program: o.program, Exhibition: exhibition, Price: amount(minor), Discount: amount(discount), Net: amount(minor - discount), Currency: currency,
			Tier: member.Tier, TierPoints: member.TierPoints, DiscountPercent: member.BoothDiscountPercent, Benefits: append([]string{}, member.Benefits...), Why: whyTier(member),
		}
		if o.output == "json" {
			return writeJSON(out, says)
		}
		return says.print(out)
	})
}

// whyTier says why a member has its tier.
func whyTier(s statementSays) string {
	switch {
	case s.Tier == "":
		return fmt.Sprintf("no tier, by %s points", s.TierPoints)
	case s.GraceUntil != "":
		return fmt.Sprintf("tier %s, kept until %s though %s points do not reach it any more", s.Tier, s.GraceUntil, s.TierPoints)
	default:
		return fmt.Sprintf("tier %s, by %s points that are earned and not expired", s.Tier, s.TierPoints)
	}
}

func (s quoteSays) print(out io.Writer) error {
	at := ""
	if s.Exhibition != "" {
		at = " at " + s.Exhibition
	}
	fmt.Fprintf(out, "A booth%s for %s: %s %s - %d %% (%s) = %s %s\n", at, oneLine(s.Customer), s.Price, s.Currency, s.DiscountPercent, s.Discount, s.Net, s.Currency)
	fmt.Fprintf(out, "Why: %s.\n", s.Why)
	if len(s.Benefits) > 0 {
		fmt.Fprintf(out, "Entitled to: %s.\n", strings.Join(s.Benefits, ", "))
	}
	return nil
}
