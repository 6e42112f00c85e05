package exhibition

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/measure"
)

// mostDimensions are stated in a status: those with the worst gap.
const mostDimensions = 16

// state says in a status what was measured. Amounts are in a currency of so many digits.
func state(measured *measure.Edition, spec crm.ExhibitionSpec, currencyDigits int, status *crm.ExhibitionStatus) {
	targets := map[crm.PartyRole]crm.ParticipationTarget{}
	for _, target := range spec.Targets {
		targets[target.Role] = target
	}
	status.Participation, status.Retention = nil, nil
	for _, p := range measured.Participation {
		status.Participation = append(status.Participation, crm.ParticipationStatus{
			Role: crm.PartyRole(p.Role), Enquired: p.Enquired, Contracted: p.Contracted, Attended: p.Attended, Cancelled: p.Cancelled,
			Returning: p.Returning, Reactivated: p.Reactivated, New: p.New, Rebooked: p.Rebooked, RebookedOnSite: p.OnSite,
			AreaSquareMetres: sum(p.Area, areaDigits), Revenue: sum(p.Net, currencyDigits),
		})
	}
	for _, r := range measured.Retention {
		role := crm.PartyRole(r.Role)
		status.Retention = append(status.Retention, crm.RetentionStatus{
			Role: role, Previous: r.Previous, Eligible: r.Eligible, Returned: r.Returned, MatchedByKey: r.ByKey, Lost: r.Lost(), Target: targets[role].Retention,
			Ratio: crm.Ratio(ratio(r.Customers())), AreaRatio: crm.Decimal(ratio(r.Area)), RevenueRatio: crm.Decimal(ratio(r.Net)), GrossRevenueRatio: crm.Decimal(ratio(r.Gross)),
		})
	}
	status.BookingPace = paceOf(measured.Pace)
	status.Satisfaction = satisfactionOf(measured.Satisfaction)
	status.Stayers, status.Complaints, status.Referrals = nil, nil, nil
	if s := measured.Stayers; s.Satisfied.Whole+s.Unsatisfied.Whole > 0 {
		status.Stayers = &crm.StayersStatus{Satisfied: s.Satisfied.Whole, SatisfiedReturned: s.Satisfied.Part, Unsatisfied: s.Unsatisfied.Whole, UnsatisfiedReturned: s.Unsatisfied.Part}
	}
	if c := measured.Complaints; c.Total > 0 {
		status.Complaints = &crm.ComplaintsStatus{Total: c.Total, Open: c.Open, Late: c.Late, AnsweredInTime: crm.Ratio(ratio(c.Answered)), ResolvedInTime: crm.Ratio(ratio(c.Resolved))}
	}
	if r := measured.Referrals; r.Whole > 0 {
		status.Referrals = &crm.ReferralsStatus{Recommended: r.Whole, Contracted: r.Part}
	}
	status.Promises = nil
	for _, promise := range spec.Promises {
		status.Promises = append(status.Promises, crm.PromiseStatus{Name: promise.Name, Promised: promise.Promised, Actual: actual(promise, measured)})
	}
}

// mostHalls are stated in a status: the largest.
const mostHalls = 16

// paceOf is how booking goes; nil without anybody booked.
func paceOf(pace measure.Pace) *crm.BookingPaceStatus {
	if len(pace.Roles) == 0 {
		return nil
	}
	var status crm.BookingPaceStatus
	for _, b := range pace.Roles {
		status.Roles = append(status.Roles, crm.RolePaceStatus{Role: crm.PartyRole(b.Name), BookedStatus: bookedOf(b)})
	}
	for _, b := range pace.Halls[:min(len(pace.Halls), mostHalls)] {
		name := shortened(b.Name)
		if !slices.ContainsFunc(status.Halls, func(h crm.HallPaceStatus) bool { return h.Name == name }) {
			status.Halls = append(status.Halls, crm.HallPaceStatus{Name: name, BookedStatus: bookedOf(b)})
		}
	}
	return &status
}

func bookedOf(b measure.Booked) crm.BookedStatus {
	return crm.BookedStatus{
		Booked: b.Now, PreviousBooked: b.Then, PreviousBookedInTheEnd: b.InTheEnd,
		AreaSquareMetres: sum(b.AreaNow, areaDigits), PreviousAreaSquareMetres: sum(b.AreaThen, areaDigits),
	}
}

// areaDigits are the digits after the point of areas.
const areaDigits = 2

// satisfactionOf is what answers came to; nil without any.
func satisfactionOf(s measure.Satisfaction) *crm.SatisfactionStatus {
	if s.Responses == 0 {
		return nil
	}
	status := &crm.SatisfactionStatus{Responses: s.Responses, SatisfiedRatio: crm.Ratio(ratio(s.Satisfied)), Gap: mean(s.Gap)}
	if score, present := s.Recommendation.NetPromoterScore(); present {
		margin, _ := s.Recommendation.Margin()
		status.NetPromoterScore, status.Margin = crm.Decimal(fmt.Sprintf("%.1f", score)), crm.Decimal(fmt.Sprintf("%.1f", margin))
	}
	if interval, present := s.Satisfied.Wilson(); present {
		status.SatisfiedFrom, status.SatisfiedTo = crm.Ratio(fmt.Sprintf("%.4f", interval.Low)), crm.Ratio(fmt.Sprintf("%.4f", interval.High))
	}
	for _, gap := range s.Dimensions[:min(len(s.Dimensions), mostDimensions)] {
		name := shortened(gap.Name)
		if !slices.ContainsFunc(status.Dimensions, func(d crm.DimensionStatus) bool { return d.Name == name }) {
			status.Dimensions = append(status.Dimensions, crm.DimensionStatus{Name: name, Responses: gap.Customers, Gap: mean(gap.Mean)})
		}
	}
	return status
}

// longestName of a dimension or a hall in a status, in bytes at most as many as characters.
const longestName = 63

func shortened(name string) string {
	return strings.ToValidUTF8(name[:min(len(name), longestName)], "")
}

// actual is what became of a promise (map row E11).
func actual(promise crm.Promise, measured *measure.Edition) int64 {
	for _, p := range measured.Participation {
		if crm.PartyRole(p.Role) != promise.Role {
			continue
		}
		switch promise.Measure {
		case crm.PromiseContracted:
			return p.Contracted
		case crm.PromiseAttended:
			return p.Attended
		case crm.PromiseAreaSquareMetres:
			return p.Area.Int64 / 100
		}
	}
	return 0
}

// mostRatio bounds what is stated: beyond, next to nothing was there before, and the ratio
// says nothing.
const mostRatio = 1_000_000

// ratio with four digits after the point; "" if there is none, or none that says anything.
func ratio(r measure.Ratio) string {
	if r.Whole <= 0 {
		return ""
	}
	value := big.NewRat(r.Part, r.Whole)
	if new(big.Rat).Abs(value).Cmp(big.NewRat(mostRatio, 1)) > 0 {
		return ""
	}
	return value.FloatString(4)
}

// mean with two digits after the point; "" if there is none.
func mean(m measure.Mean) crm.Decimal {
	if m.Count == 0 {
		return ""
	}
	return crm.Decimal(big.NewRat(m.Sum, 100*m.Count).FloatString(2))
}

// sum of scaled integers; "" if there is none, or it is beyond what a status has.
func sum(s measure.Sum, digits int) crm.Decimal {
	const most = 1_000_000_000_000
	text := customer.Field{Kind: customer.Decimal, Scale: digits}.Format(customer.Value{Present: s.Valid, Number: s.Int64}, "")
	whole, _, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if len(whole) >= len(fmt.Sprint(most)) {
		return ""
	}
	return crm.Decimal(text)
}

// target is one that is declared, with the figure that it is compared with.
type target struct {
	name    string
	reached bool
	// figure in words; "" where there is none yet.
	figure, wanted string
}

// targetsOf compares what is declared with a status.
func targetsOf(spec crm.ExhibitionSpec, status *crm.ExhibitionStatus) (targets []target) {
	for _, declared := range spec.Targets {
		participation := find(status.Participation, func(p crm.ParticipationStatus) bool { return p.Role == declared.Role })
		retention := find(status.Retention, func(r crm.RetentionStatus) bool { return r.Role == declared.Role })
		name := strings.ToLower(string(declared.Role)) + " "
		if declared.Participants != nil {
			targets = append(targets, target{name + "participants", participation.Contracted >= *declared.Participants, fmt.Sprint(participation.Contracted), fmt.Sprint(*declared.Participants)})
		}
		if declared.AreaSquareMetres != nil {
			wanted := fmt.Sprint(*declared.AreaSquareMetres)
			targets = append(targets, compared(name+"area", string(cmp.Or(participation.AreaSquareMetres, "0")), wanted))
		}
		if declared.Retention != "" {
			targets = append(targets, compared(name+"retention", string(retention.Ratio), string(declared.Retention)))
		}
	}
	if declared := spec.Satisfaction; declared != nil {
		var s crm.SatisfactionStatus
		if status.Satisfaction != nil {
			s = *status.Satisfaction
		}
		if declared.NetPromoterScore != nil {
			targets = append(targets, compared("net promoter score", string(s.NetPromoterScore), fmt.Sprint(*declared.NetPromoterScore)))
		}
		if declared.MinimumGap != "" {
			targets = append(targets, compared("satisfaction gap", string(s.Gap), string(declared.MinimumGap)))
		}
	}
	return targets
}

// compared is a target of decimals.
func compared(name, figure, wanted string) target {
	value, is := new(big.Rat).SetString(figure)
	least, declared := new(big.Rat).SetString(wanted)
	return target{name, is && declared && value.Cmp(least) >= 0, figure, wanted}
}

func find[T any](all []T, is func(T) bool) (found T) {
	if at := slices.IndexFunc(all, is); at >= 0 {
		found = all[at]
	}
	return found
}
